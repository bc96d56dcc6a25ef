"""The only place that knows both sides: settings in, a working desk out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from functools import cache, lru_cache, partial
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
from drafter.settings import OPENAI, Settings, Task
from guardrails import Guard
from guardrails.amending import read_amendments
from guardrails.model import Language

if TYPE_CHECKING:
    from drafter.llm.chat import ChatClient
    from drafter.llm.embedded import EmbeddedServer
    from drafter.llm.probing import Answered
    from drafter.store.repository import SqlStore


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


def in_force(settings: Settings) -> Settings:
    """Return the environment's settings with what an administrator has set in place of them.

    Raises:
        StorageError: the database cannot be opened.
    """
    if settings.database_url is None and not settings.own_database.exists():
        return settings
    with open_store(settings) as store:
        return settings.overlaid(store.choices.newest().chosen)


class Models:
    """The models that write drafts, each opened by the first case that needs it.

    They stay open to the end, also when the settings name another by then: a draft may still be read from one.

    Args:
        stack: closes them.
        prompts: what they are told.
        warm: languages whose prompt the embedded model has in its cache once it is open.
    """

    def __init__(self, stack: AsyncExitStack, *, prompts: PromptBook, warm: tuple[Language, ...] = ()) -> None:
        self._stack = stack
        self._prompts = prompts
        self._warm = warm
        self._opened: dict[tuple[object, ...], ChatModel] = {}
        self._server: EmbeddedServer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def drafting(self, settings: Settings) -> ChatModel:
        """Return the model of the settings; what it raises `open_model` says."""
        named = (settings.endpoint, settings.api_key, settings.model, settings.model_deadline_s)
        async with self._one_at_a_time:
            if named not in self._opened:
                if settings.embedded and self._server is None:
                    opening = _embedded(settings, prompts=self._prompts, warm=self._warm)
                    self._server = await self._stack.enter_async_context(opening)
                chat = _chat(settings, self._server if settings.embedded else None)
                self._opened[named] = await self._stack.enter_async_context(chat)
            return self._opened[named]

    async def probe(self, settings: Settings, task: Task) -> Answered:
        """Ask the model of a task whether it is there, with nothing of any case.

        Raises:
            SettingsError: the settings name none.
            ModelError: it does not answer; the subclass says why.
        """
        from drafter.llm.probing import ask, probe  # noqa: PLC0415 - openai takes over a second to import

        url, secret = settings.asked_of(task)
        key = secret.get_secret_value() if secret else None
        if task == "judging":
            url, model = judge_of(settings)
            return await probe(url, api_key=key, model=model, deadline_s=settings.judge_deadline_s)
        if url is None:
            return await ask(await self.drafting(settings))
        return await probe(url, api_key=key, model=settings.endpoint_model(), deadline_s=settings.model_deadline_s)


@asynccontextmanager
async def open_models(*, warm: tuple[Language, ...] = ()) -> AsyncIterator[Models]:
    """Give what opens models, and close them at the end."""
    async with AsyncExitStack() as stack:
        yield Models(stack, prompts=PromptBook.installed(), warm=warm)


@asynccontextmanager
async def open_desk(
    settings: Settings,
    *,
    warm: tuple[Language, ...] = (),
    store: SqlStore | None = None,
    models: Models | None = None,
) -> AsyncIterator[Desk]:
    """Give a desk as the settings describe it; the model is opened by the first case that needs it.

    Args:
        settings: where the model and the database are.
        warm: languages whose prompt the embedded model has in its cache once it is open.
        store: an open one; opened, and closed at the end, when not given.
        models: opens the model; made, and closed at the end, when not given.

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
        if models is None:
            models = await stack.enter_async_context(open_models(warm=warm))
        yield Desk(
            triager=triager(),
            prompts=prompts,
            model=partial(models.drafting, settings),
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
    async with AsyncExitStack() as stack:
        yield await Models(stack, prompts=prompts, warm=warm).drafting(settings)


@asynccontextmanager
async def _embedded(
    settings: Settings, *, prompts: PromptBook, warm: tuple[Language, ...]
) -> AsyncIterator[EmbeddedServer]:
    from drafter.llm.embedded import EmbeddedServer  # noqa: PLC0415 - only where it is used

    path = embedded_model_path(settings)
    prefixes = settings.data_dir / "prefixes"
    async with EmbeddedServer(path, threads=settings.threads, prefix_folder=prefixes) as server:
        for lang in warm:
            static = prompts.static(lang, woven=settings.how_written == "woven")
            await asyncio.to_thread(server.warm_up, static)
        yield server


def _chat(settings: Settings, server: EmbeddedServer | None) -> AbstractAsyncContextManager[ChatClient]:
    from drafter.llm.chat import open_chat  # noqa: PLC0415 - openai takes over a second to import

    if server is not None:
        url, key, model = server.base_url, server.api_key, server.model_name
    else:
        url, model = settings.base_url or OPENAI, settings.endpoint_model()
        key = settings.api_key.get_secret_value() if settings.api_key else None
    return open_chat(url, api_key=key, model=model, deadline_s=settings.model_deadline_s)


def judge_of(settings: Settings) -> tuple[str, str]:
    """Return address and name of the model that rates drafts.

    Raises:
        SettingsError: none is set.
    """
    if settings.judge_base_url is None or settings.judge_model is None:
        raise SettingsError("DRAFTER_JUDGE_BASE_URL and DRAFTER_JUDGE_MODEL are not set; name the model that judges.")
    return settings.judge_base_url, settings.judge_model


@asynccontextmanager
async def open_judge(settings: Settings) -> AsyncIterator[ChatClient]:
    """Give the model that rates drafts.

    Raises:
        SettingsError: none is set.
    """
    from drafter.llm.chat import open_chat  # noqa: PLC0415 - openai takes over a second to import

    url, model = judge_of(settings)
    key = settings.judge_api_key.get_secret_value() if settings.judge_api_key else None
    async with open_chat(url, api_key=key, model=model, deadline_s=settings.judge_deadline_s) as judge:
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
