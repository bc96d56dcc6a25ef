"""The only place that knows both sides: settings in, a working desk out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from drafter.desk.briefing import Brief
from drafter.desk.drafting import Desk
from drafter.desk.hearing import hearing
from drafter.desk.house import House
from drafter.desk.likeness import embeddings
from drafter.desk.prompting import PromptBook
from drafter.desk.triage import Triager
from drafter.domain import Case, Prompt, Writing
from drafter.errors import SettingsError
from drafter.ports import ChatModel
from drafter.settings import Settings
from guardrails import Guard
from guardrails.amending import read_amendments
from guardrails.model import Language

if TYPE_CHECKING:
    from drafter.llm.chat import ChatClient
    from drafter.store.repository import SqlStore

OPENAI = "https://api.openai.com/v1"


class SystemClock:
    """The machine's own clock, in its own zone: "today" is the agent's today."""

    def now(self) -> datetime:
        return datetime.now().astimezone()


guard_for = cache(Guard.load)


def guards(settings: Settings) -> Callable[[str], Guard]:
    """Return what gives the guard of a jurisdiction with the rule changes that people approved.

    A change that is published while the desk runs counts from the next text on; its policy version tells.
    """
    folder = amendments_folder(settings)

    @lru_cache(maxsize=8)
    def loaded(jurisdiction: str, _published: tuple[tuple[str, int], ...]) -> Guard:
        return Guard.load(jurisdiction, amendments=read_amendments(folder))

    def guard(jurisdiction: str) -> Guard:
        published = tuple(sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("*.yaml")))
        return loaded(jurisdiction, published) if published else guard_for(jurisdiction)

    return guard


def amendments_folder(settings: Settings) -> Path:
    """Return where approved changes of rules are published."""
    return settings.data_dir / "rules"


@cache
def triager() -> Triager:
    """Return what reads messages: the signals' words, and the model that hears what they miss where it is installed.

    Raises:
        PolicyError: a signal cannot be used.
    """
    return Triager.load(hear=hearing)


@cache
def house_for(lang: Language) -> House:
    """Return the house's phrases in a language.

    Raises:
        PromptError: they cannot be used.
    """
    return House.of(PromptBook.installed().house(lang), likeness=embeddings())


@contextmanager
def open_store(settings: Settings) -> Iterator[SqlStore]:
    """Give the store that the settings name, and close it at the end.

    Raises:
        StorageError: the database cannot be opened.
    """
    from drafter.store.repository import SqlStore  # noqa: PLC0415 - SQLAlchemy is slow to import

    store = SqlStore.open(settings.database)
    try:
        yield store
    finally:
        store.close()


@asynccontextmanager
async def open_desk(
    settings: Settings, *, warm: tuple[Language, ...] = (), store: SqlStore | None = None
) -> AsyncIterator[Desk]:
    """Give a desk as the settings describe it; the model is opened by the first case that needs it.

    Args:
        settings: where the model and the database are.
        warm: languages whose prompt the embedded model has in its cache once it is open.
        store: an open one; opened, and closed at the end, when not given.

    Raises:
        SettingsError: a setting cannot be used.
        StorageError: the database cannot be opened.
        PolicyError: a signal cannot be used.
    """
    if not settings.embedded:
        settings.endpoint_model()  # a missing name is told before anything is written
    prompts = PromptBook.installed()
    async with AsyncExitStack() as stack:
        kept = store or stack.enter_context(open_store(settings))
        opened: list[ChatModel] = []

        async def model() -> ChatModel:
            if not opened:
                opened.append(await stack.enter_async_context(open_model(settings, prompts=prompts, warm=warm)))
            return opened[0]

        yield Desk(
            triager=triager(),
            prompts=prompts,
            model=model,
            guard=guards(settings),
            house=house_for,
            writing=settings.how_written,
            store=kept,
            clock=SystemClock(),
        )


@asynccontextmanager
async def open_model(
    settings: Settings, *, prompts: PromptBook, warm: tuple[Language, ...] = ()
) -> AsyncIterator[ChatModel]:
    """Give the model that the settings name; without a key and a URL it is the embedded one.

    The embedded one keeps the prompts it has read in the data folder, so that only the first start reads them.

    Raises:
        SettingsError: an endpoint is named but no model.
        EmbeddedModelError: the embedded model cannot be started.
    """
    from drafter.llm.chat import open_chat  # noqa: PLC0415 - openai takes over a second to import

    if not settings.embedded:
        key = settings.api_key.get_secret_value() if settings.api_key else None
        url = settings.base_url or OPENAI
        model = settings.endpoint_model()
        async with open_chat(url, api_key=key, model=model, deadline_s=settings.model_deadline_s) as chat:
            yield chat
        return
    from drafter.llm.embedded import EmbeddedServer  # noqa: PLC0415 - only where it is used

    path = embedded_model_path(settings)
    prefixes = settings.data_dir / "prefixes"
    async with EmbeddedServer(path, threads=settings.threads, prefix_folder=prefixes) as server:
        for lang in warm:
            static = prompts.static(lang, woven=settings.how_written == "woven")
            await asyncio.to_thread(server.warm_up, static)
        async with open_chat(
            server.base_url, api_key=server.api_key, model=server.model_name, deadline_s=settings.model_deadline_s
        ) as chat:
            yield chat


@asynccontextmanager
async def open_judge(settings: Settings) -> AsyncIterator[ChatClient]:
    """Give the model that rates drafts.

    Raises:
        SettingsError: none is set.
    """
    from drafter.llm.chat import open_chat  # noqa: PLC0415 - openai takes over a second to import

    if settings.judge_base_url is None or settings.judge_model is None:
        raise SettingsError("DRAFTER_JUDGE_BASE_URL and DRAFTER_JUDGE_MODEL are not set; name the model that judges.")
    key = settings.judge_api_key.get_secret_value() if settings.judge_api_key else None
    url, model = settings.judge_base_url, settings.judge_model
    async with open_chat(url, api_key=key, model=model, deadline_s=settings.model_deadline_s) as judge:
        yield judge


def embedded_model_path(settings: Settings) -> Path:
    """Return the file that the embedded server reads: the operator's own, or the fetched one."""
    from drafter.llm.model_file import embedded_model, model_folder  # noqa: PLC0415 - only where it is used

    return settings.model_path or embedded_model().path_in(model_folder(settings.data_dir))


def prompt_for(case: Case, writing: Writing) -> Prompt:
    """Return what the model would be told about a case.

    Raises:
        PromptError: a template cannot be used.
    """
    return Brief.of(
        case,
        triager().triage(case.message),
        prompts=PromptBook.installed(),
        house=house_for(case.message.lang),
        guard=guard_for(case.jurisdiction),
        today=SystemClock().now().date(),
        writing=writing,
    ).prompt()
