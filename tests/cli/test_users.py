from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from drafter.bootstrap import SystemClock, open_store
from drafter.desk.people import Accounts
from drafter.domain import at_provider
from drafter.errors import SignInError
from drafter.settings import load_settings
from tests.cli.conftest import Drafter

PASSWORD = "a-long-enough-one"
TYPED = f"{PASSWORD}\n".encode()


def may_sign_in(name: str, password: str = PASSWORD) -> bool:
    with open_store(load_settings()) as store:
        try:
            Accounts(store=store.people, clock=SystemClock()).sign_in(name, password, "127.0.0.1")
        except SignInError:
            return False
        return True


def test_an_account_takes_its_password_from_standard_input(drafter: Drafter) -> None:
    added = drafter("users", "add", "li", "--role", "agent", "--shown-as", "Li Ming", "--lang", "zh", stdin=TYPED)
    assert (added.code, added.out) == (0, "li  agent  Li Ming  zh\n")
    assert may_sign_in("li")
    listed = drafter("users", "list", "--json").lines
    assert [(one["name"], one["role"], one["disabled"]) for one in listed] == [("li", "agent", False)]
    assert PASSWORD not in str(listed)


@pytest.mark.parametrize(
    ("told", "role"),
    [("坐席", "agent"), ("坐席主管", "agent-lead"), ("质检员", "qa"), ("质检主管", "qa-lead"), ("管理员", "admin")],
)
def test_a_role_is_told_and_shown_in_chinese_too(drafter: Drafter, told: str, role: str) -> None:
    assert drafter("users", "add", "li", "--role", told, "--link").code == 0
    assert drafter("users", "list").out == f"li  {role}  li  en\n"
    assert drafter("users", "list", lang="zh").out == f"li  {told}  li  en\n"


def test_an_account_of_a_chinese_terminal_reads_chinese(drafter: Drafter) -> None:
    drafter("users", "add", "li", "--role", "坐席", "--link", lang="zh")
    assert drafter("users", "list").out == "li  agent  li  zh\n"


def test_a_link_is_printed_alone_and_opens_the_desk_once(drafter: Drafter) -> None:
    path = drafter("users", "add", "li", "--role", "qa", "--link").out.strip()
    again = drafter("users", "link", "li").out.strip()
    assert path.startswith("/sign-in/link/")
    assert path != again
    with open_store(load_settings()) as store:
        accounts = Accounts(store=store.people, clock=SystemClock())
        assert accounts.sign_in_by_link(path.rpartition("/")[2])[2].name == "li"
        with pytest.raises(SignInError):
            accounts.sign_in_by_link(path.rpartition("/")[2])


def test_a_disabled_person_stays_out_until_enabled(drafter: Drafter) -> None:
    drafter("users", "add", "li", "--role", "agent", stdin=TYPED)
    assert drafter("users", "disable", "li").out == "li  agent  li  en  disabled\n"
    assert not may_sign_in("li")
    assert drafter("users", "link", "li").code == 2
    assert drafter("users", "enable", "li").out == "li  agent  li  en\n"
    assert may_sign_in("li")


def test_a_password_is_changed(drafter: Drafter) -> None:
    drafter("users", "add", "li", "--role", "agent", stdin=TYPED)
    assert drafter("users", "password", "li", stdin=b"\xef\xbb\xbfanother-password\r\n").code == 0
    assert may_sign_in("li", "another-password")
    assert not may_sign_in("li")


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (("users", "add", "li", "--role", "boss"), TYPED, "'boss' is no role of this desk"),
        (("users", "add", "li", "--role", "qa"), b"short\n", "10 to 200 characters"),
        (("users", "add", "li", "--role", "qa"), b"", "10 to 200 characters"),
        (("users", "add", "li", "--role", "qa"), b"\xff" * 12, "UTF-8"),
        (("users", "add", "li ming", "--role", "qa"), TYPED, "1 to 64 letters"),
        (("users", "add", "li", "--role", "qa", "--lang", "fr"), TYPED, "choose zh or en"),
        (("users", "disable", "nobody"), b"", "There is nobody 'nobody' here"),
        (("keys", "add", "crm", "--right", "approve"), b"", "left to people"),
        (("keys", "add", "crm", "--right", "fly"), b"", "'fly' is no right"),
        (("keys", "revoke", "k9"), b"", "There is no key 'k9'"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence_and_changes_nothing(
    drafter: Drafter, words: tuple[str, ...], stdin: bytes, told: str
) -> None:
    outcome = drafter(*words, stdin=stdin)
    assert outcome.code == 2
    assert told in outcome.err
    assert drafter("users", "list").out == ""
    assert drafter("keys", "list").out == ""


def test_a_key_is_printed_once_and_can_be_revoked(drafter: Drafter) -> None:
    made = drafter("keys", "add", "crm", "--right", "read", "--right", "draft")
    secret = made.out.strip()
    assert secret.startswith("drafter_")
    listed = drafter("keys", "list", "--json")
    assert secret not in listed.out
    key_id = str(listed.lines[0]["id"])
    assert key_id in made.err
    with open_store(load_settings()) as store:
        accounts = Accounts(store=store.people, clock=SystemClock())
        key = accounts.by_key(secret)
        assert key is not None
        assert key.rights == {"read", "draft"}
        assert drafter("keys", "revoke", key_id).out.endswith(f"crm  draft,read  {key.created_at:%Y-%m-%d}  revoked\n")
        assert accounts.by_key(secret) is None


def test_a_password_typed_at_a_terminal_is_not_shown(drafter: Drafter) -> None:
    terminal, slave = pty.openpty()
    command = [sys.executable, "-m", "drafter", "users", "add", "li", "--role", "agent"]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    shown = b""
    for prompt in (b"Password", b"Once more"):
        while prompt not in shown or not shown.endswith(b": "):
            shown += os.read(terminal, 1024)
        os.write(terminal, TYPED)
        shown += os.read(terminal, 1)
    assert process.wait(30) == 0
    shown += os.read(terminal, 4096)
    os.close(terminal)
    assert PASSWORD.encode() not in shown
    assert b"li  agent  li  en" in shown
    assert drafter("users", "list").out == "li  agent  li  en\n"
    assert may_sign_in("li")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> str:
    """Set an identity provider and return its address."""
    for name, value in (("ISSUER", "https://id.example/"), ("CLIENT_ID", "desk"), ("CLIENT_SECRET", "hidden-from-all")):
        monkeypatch.setenv(f"DRAFTER_OIDC_{name}", value)
    return "https://id.example"


def is_let_in(issuer: str, subject: str) -> bool:
    with open_store(load_settings()) as store:
        try:
            Accounts(store=store.people, clock=SystemClock()).sign_in_by_subject(at_provider(issuer, subject))
        except SignInError:
            return False
        return True


def test_an_account_of_the_identity_provider_needs_no_password(drafter: Drafter, provider: str) -> None:
    added = drafter("users", "add", "li", "--role", "agent", "--subject", "auth0|4711")
    assert (added.code, added.out) == (0, "li  agent  li  en\n")
    assert is_let_in(provider, "auth0|4711")
    assert not is_let_in(provider, "4711")
    taken = drafter("users", "add", "wang", "--role", "agent", "--subject", "auth0|4711")
    assert (taken.code, drafter("users", "list").out) == (2, "li  agent  li  en\n")


def test_an_account_is_linked_and_the_link_taken_away(drafter: Drafter, provider: str) -> None:
    drafter("users", "add", "li", "--role", "agent", stdin=TYPED)
    assert drafter("users", "subject", "li", "4711").out == "li  agent  li  en\n"
    assert is_let_in(provider, "4711")
    assert drafter("users", "subject", "li", "--nobody").code == 0
    assert not is_let_in(provider, "4711")
    assert may_sign_in("li")
    with open_store(load_settings()) as store:
        told = [entry.detail for entry in store.journal.entries() if entry.action == "person.subject"]
    assert told == [{"at_provider": "https://id.example 4711"}, {}]


@pytest.mark.parametrize("words", [(), ("4711", "--nobody"), ("a\nb",), ("",)])
def test_a_link_to_nobody_in_particular_changes_nothing(
    drafter: Drafter, provider: str, words: tuple[str, ...]
) -> None:
    drafter("users", "add", "li", "--role", "agent", "--subject", "1")
    assert drafter("users", "subject", "li", *words).code == 2
    assert is_let_in(provider, "1")


def test_without_an_identity_provider_nobody_is_linked(drafter: Drafter) -> None:
    drafter("users", "add", "li", "--role", "agent", stdin=TYPED)
    refused = drafter("users", "subject", "li", "4711")
    assert (refused.code, "DRAFTER_OIDC_ISSUER" in refused.err) == (2, True)


def test_a_part_of_an_identity_provider_is_told_by_what_is_missing(
    drafter: Drafter, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del provider
    monkeypatch.delenv("DRAFTER_OIDC_CLIENT_ID")
    refused = drafter("users", "add", "li", "--role", "agent", "--subject", "1")
    assert (refused.code, "DRAFTER_OIDC_CLIENT_ID is not set" in refused.err) == (2, True)
    assert "hidden-from-all" not in refused.err
