from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from drafter.bootstrap import embedded_model_path, open_model
from drafter.desk.prompting import PromptBook
from drafter.domain import ChatMessage, Prompt
from drafter.llm.embedded import EmbeddedServer
from drafter.llm.prefixes import KEPT_FILES, PrefixShelf
from drafter.settings import Settings, load_settings

TOKENS = tuple(range(100, 140))
RULES = ChatMessage(role="system", content="You answer people in debt kindly, in one short sentence. " * 6)
GUIZE = ChatMessage(role="system", content="你用一句简短的话，温和地回复欠款的客户，不写任何数字。" * 6)


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "any.gguf"
    path.write_bytes(b"GGUF" + bytes(range(256)) * 100)
    return path


@pytest.fixture
def shelf(tmp_path: Path, model_path: Path) -> PrefixShelf:
    return opened(tmp_path / "prefixes", model_path)


@pytest.fixture
def real_model() -> Path:
    return embedded_model_path(load_settings())


def opened(folder: Path, model_path: Path, context_tokens: int = 512) -> PrefixShelf:
    shelf = PrefixShelf.of(folder, model_path=model_path, context_tokens=context_tokens)
    assert shelf is not None
    return shelf


def written(shelf: PrefixShelf, tokens: Sequence[int]) -> Path:
    path = shelf.new_file()
    path.write_bytes(b"a head" + struct.pack(f"={len(tokens)}i", *tokens) + b"state" * 1000)
    return path


def kept(shelf: PrefixShelf, tokens: Sequence[int] = TOKENS) -> Path:
    path = shelf.keep(written(shelf, tokens), tokens, saved=len(tokens))
    assert path is not None
    return path


def files(folder: Path) -> set[Path]:
    return set(folder.iterdir())


def posted(server: EmbeddedServer, path: str, asked: dict[str, Any], *, key: str | None) -> tuple[int, dict[str, Any]]:
    connection = HTTPConnection(urlsplit(server.base_url).netloc)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    connection.request("POST", path, json.dumps(asked), headers)
    response = connection.getresponse()
    answer: dict[str, Any] = json.load(response)
    connection.close()
    return response.status, answer


def replied(server: EmbeddedServer, system: ChatMessage, words: str) -> tuple[str, int]:
    """Return the reply and how much of its prompt was cached."""
    messages = [system.model_dump(), {"role": "user", "content": words}]
    asked = {"messages": messages, "max_tokens": 12, "temperature": 0}
    _, answer = posted(server, "/v1/chat/completions", asked, key=server.api_key)
    return answer["choices"][0]["message"]["content"], answer["usage"]["prompt_tokens_details"]["cached_tokens"]


def test_a_kept_prefix_is_found_by_the_next_process(shelf: PrefixShelf, model_path: Path) -> None:
    path = kept(shelf)
    assert opened(shelf.folder, model_path).find(TOKENS) == path
    assert files(shelf.folder) == {path}


def test_a_prefix_is_found_only_for_what_it_was_read_from(shelf: PrefixShelf, model_path: Path) -> None:
    kept(shelf)
    assert shelf.find(TOKENS[:-1]) is None
    assert opened(shelf.folder, model_path, context_tokens=1024).find(TOKENS) is None
    before = model_path.stat()
    model_path.write_bytes(model_path.read_bytes()[:-1] + b"!")
    os.utime(model_path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert opened(shelf.folder, model_path).find(TOKENS) is None


def test_another_version_of_llama_cpp_finds_nothing(
    shelf: PrefixShelf, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(shelf)
    monkeypatch.setattr("drafter.llm.prefixes.version", lambda _: "another")
    assert opened(shelf.folder, model_path).find(TOKENS) is None


def turn_one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [turn_one_bit, cut_off, empty])
def test_a_damaged_prefix_is_deleted_and_never_used(shelf: PrefixShelf, damage: Any) -> None:
    path = kept(shelf)
    damage(path)
    assert shelf.find(TOKENS) is None
    assert files(shelf.folder) == set()


def test_a_half_written_prefix_is_never_used(shelf: PrefixShelf) -> None:
    written(shelf, TOKENS)
    assert shelf.find(TOKENS) is None


def test_a_file_that_holds_more_than_the_prompt_is_not_kept(shelf: PrefixShelf) -> None:
    longer = (*TOKENS, 7)
    assert shelf.keep(written(shelf, longer), TOKENS, saved=len(longer)) is None
    assert shelf.keep(written(shelf, longer[1:]), TOKENS, saved=len(TOKENS)) is None
    assert shelf.keep(shelf.new_file(), TOKENS, saved=len(TOKENS)) is None  # nothing was written
    assert files(shelf.folder) == set()


def test_the_files_that_were_not_used_for_longest_are_deleted(shelf: PrefixShelf) -> None:
    paths = [kept(shelf, range(start, start + 40)) for start in range(KEPT_FILES)]
    for age, path in enumerate(reversed(paths)):
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert shelf.find(range(40)) == paths[0]
    newest = kept(shelf)
    assert files(shelf.folder) == {paths[0], newest, *paths[2:]}


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path, model_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert PrefixShelf.of(tmp_path / "file" / "prefixes", model_path=model_path, context_tokens=512) is None


def test_only_a_server_that_keeps_prefixes_asks_for_a_key_and_for_another_one_each_time(tmp_path: Path) -> None:
    path = tmp_path / "any.gguf"
    keys = {EmbeddedServer(path, prefix_folder=tmp_path).api_key for _ in range(3)}
    assert len(keys) == 3
    assert all(key and len(key) > 30 for key in keys)
    assert EmbeddedServer(path).api_key is None


@pytest.fixture
def serving(real_model: Path, tmp_path: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(real_model, context_tokens=1024, prefix_folder=tmp_path / "prefixes") as server:
        yield server


@pytest.mark.model
def test_the_next_process_reads_no_prompt_and_replies_the_same(real_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "prefixes"
    told = []
    for damaged in (False, False, True):
        for path in folder.glob("*"):
            if damaged:
                turn_one_bit(path)
        with EmbeddedServer(real_model, context_tokens=1024, prefix_folder=folder) as server:
            read = server.warm_up([RULES])
            told.append((read, replied(server, RULES, "I lost my job.")))
        assert len(files(folder)) == 1
    (first, (reply, cached)), second, third = told
    assert cached >= first > 60
    assert second == (0, (reply, cached))
    assert third == (first, (reply, cached))


@pytest.mark.model
def test_prompts_of_two_languages_stay_in_the_cache_read_or_restored(serving: EmbeddedServer) -> None:
    read = {system: serving.warm_up([system]) for system in (RULES, GUIZE)}
    assert min(read.values()) > 60
    for _ in range(2):
        for system in read:
            assert replied(serving, system, "I was ill.")[1] > 60
        assert [serving.warm_up([system]) for system in read] == [0, 0]


@pytest.mark.model
def test_a_kept_file_that_llama_cpp_refuses_is_read_anew_and_replaced(serving: EmbeddedServer) -> None:
    shelf = serving._shelf
    assert shelf is not None
    tokens = serving._shared_tokens([RULES])
    refused = kept(shelf, tokens)
    assert serving.warm_up([RULES]) == len(tokens)
    assert not refused.exists()
    assert serving.warm_up([RULES]) == 0


@pytest.mark.model
def test_what_a_debtor_wrote_is_not_kept_even_if_it_comes_first(serving: EmbeddedServer, tmp_path: Path) -> None:
    replied(serving, RULES, "I lost my job.")
    serving._keep(serving._shared_tokens([RULES]))
    assert files(tmp_path / "prefixes") == set()


@pytest.mark.model
def test_the_endpoint_asks_for_a_key_that_no_list_of_processes_shows(serving: EmbeddedServer) -> None:
    asked = {"messages": [RULES.model_dump()], "max_tokens": 1}
    for key in (None, "wrong"):
        assert posted(serving, "/v1/chat/completions", asked, key=key)[0] == 401
        assert posted(serving, "/slots/0?action=save", {"filename": "mine"}, key=key)[0] == 401
    assert serving._child is not None
    assert str(serving.api_key) not in str(serving._child.args)


@pytest.mark.model
async def test_the_desk_opens_its_model_with_the_key_and_keeps_the_prompt_in_its_data(
    real_model: Path, tmp_path: Path
) -> None:
    settings = Settings(
        data_dir=tmp_path, model_path=real_model, writing="whole", OPENAI_API_KEY=None, OPENAI_BASE_URL=None
    )
    book = PromptBook(tmp_path / "prompts")
    (book.folder / "zh").mkdir(parents=True)
    (book.folder / "zh" / "system.j2").write_text(GUIZE.content, encoding="utf-8")
    messages = (GUIZE, ChatMessage(role="user", content="只回复“好”。"))
    async with open_model(settings, prompts=book, warm=("zh",)) as model:
        completion = await model.complete(Prompt(messages=messages, version="zh@test"))
    assert completion.text
    assert len(files(tmp_path / "prefixes")) == 1
