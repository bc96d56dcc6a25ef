"""Who is let in, by what, for how long; and what another site can make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from itsdangerous import Signer
from pydantic import SecretStr, ValidationError

from drafter.domain import Role
from drafter.errors import StorageError
from drafter.settings import Settings
from drafter.web.cookies import secret_of
from tests.web.asking import a_case
from tests.web.served import Served

PASSWORD = "kindness is fast"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
FORM = {"name": "lin", "password": PASSWORD}
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n//evil.example",
    "https://evil.example/queue",
    "javascript:alert(1)",
    "evil.example",
    " //evil.example",
    "",
]


@pytest.fixture
def lin(served: Served) -> Served:
    """Give the application with an agent `lin` whose password costs little to check."""
    accounts = replace(served.services.accounts, hasher=CHEAP)
    running = replace(served.services, accounts=accounts)
    served.client.app.state.services = served.services = running
    accounts.add("lin", shown_as="Lin", role=Role.AGENT, lang="zh", password=PASSWORD, by="test")
    return served


def session_of(browser: TestClient) -> str:
    return str(browser.cookies["drafter_session"]).strip('"')


def test_a_name_and_its_password_open_a_session(lin: Served) -> None:
    browser = lin.browser()
    answer = browser.post("/sign-in", data={**FORM, "next": "/cases/new?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/new?x=1")
    assert browser.get("/queue").status_code == 200


def test_a_wrong_password_tells_no_more_than_a_wrong_name(lin: Served) -> None:
    pages = []
    for name in ("lin", "nobody"):
        answer = lin.browser().post("/sign-in", data={"name": name, "password": "wrong-password"})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        pages.append(answer.text.replace(f'value="{name}"', ""))
    assert pages[0] == pages[1]


def test_too_many_wrong_passwords_are_throttled_even_when_the_next_is_right(lin: Served) -> None:
    browser = lin.browser()
    tries = [browser.post("/sign-in", data={**FORM, "password": f"wrong-{n}"}).status_code for n in range(6)]
    assert tries == [401] * 5 + [429]
    assert browser.post("/sign-in", data=FORM).status_code == 429


def test_more_requests_than_one_caller_may_send_in_a_minute_are_refused(served: Served) -> None:
    agent = served.signed_in()
    most = served.services.settings.requests_a_minute
    answers = [agent.get("/language") for _ in range(most + 1)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert served.signed_in().get("/queue").status_code == 200
    assert agent.get("/healthz").status_code == 200


def test_a_link_signs_in_once_and_never_after_it_was_used_or_made_up(served: Served) -> None:
    link = served.services.accounts.link_for(served.person(Role.QA))
    browser = served.browser()
    assert browser.post(f"/sign-in/link/{link}").headers["location"] == "/"
    assert browser.get("/").headers["location"] == "/review"
    for token in (link, "made-up", f"{link}x"):
        other = served.browser()
        assert other.post(f"/sign-in/link/{token}").status_code == 401
        assert "drafter_session" not in other.cookies


def test_looking_at_a_link_uses_nothing_up_and_another_site_cannot_use_it(served: Served) -> None:
    link = served.services.accounts.link_for(served.person(Role.AGENT))
    browser = served.browser()
    for token in (link, link, "made-up"):
        page = browser.get(f"/sign-in/link/{token}")
        assert page.status_code == 200
        assert f'action="/sign-in/link/{token}"' in page.text
    assert browser.post(f"/sign-in/link/{link}", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert "drafter_session" not in browser.cookies
    assert browser.post(f"/sign-in/link/{link}").status_code == 303


def test_somebody_who_was_disabled_is_out_at_once_and_their_link_is_dead(served: Served) -> None:
    person = served.person(Role.AGENT)
    first, second = (served.services.accounts.link_for(person) for _ in range(2))
    browser = served.browser()
    browser.post(f"/sign-in/link/{first}")
    assert browser.get("/queue").status_code == 200
    served.services.accounts.disable(person)
    assert browser.get("/api/v1/cases").status_code == 401
    assert served.browser().post(f"/sign-in/link/{second}").status_code == 401


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_kept_from_scripts_from_other_sites_and_from_plain_http(served: Served, scheme: str) -> None:
    link = served.services.accounts.link_for(served.person(Role.AGENT))
    browser = served.browser(base_url=f"{scheme}://testserver")
    answer = browser.post(f"/sign-in/link/{link}")
    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert ("secure" in flags) == (scheme == "https")
    assert not any(flag.startswith(("expires", "max-age", "domain")) for flag in flags)
    assert ("strict-transport-security" in answer.headers) == (scheme == "https")


def test_signing_out_ends_the_session_for_whoever_copied_its_cookie(served: Served) -> None:
    agent = served.signed_in()
    thief = served.browser(cookies={"drafter_session": session_of(agent)})
    assert thief.get("/api/v1/cases").status_code == 200
    out = agent.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert "drafter_session" not in agent.cookies
    assert thief.get("/api/v1/cases").status_code == 401


def test_only_the_desk_can_have_written_a_cookie(served: Served) -> None:
    agent = served.signed_in()
    good = session_of(agent)
    token, _, signature = good.rpartition(".")
    forged = [
        token,
        f"{token}.",
        f"{token}.{signature[:-2]}",
        f"{token}x.{signature}",
        Signer(b"another secret", salt="session").sign(token).decode(),
        Signer(served.services.cookies._signer.secret_keys[-1], salt="other").sign(token).decode(),
        "a.b",
    ]
    for cookie in forged:
        assert served.browser(cookies={"drafter_session": cookie}).get("/api/v1/cases").status_code == 401, cookie
    raw = {b"cookie": b"drafter_session=\xe9\xff.\xfe"}
    assert served.browser(headers=raw).get("/api/v1/cases").status_code == 401
    assert served.browser(cookies={"drafter_session": good}).get("/api/v1/cases").status_code == 200


@pytest.mark.parametrize("token", [None, "", "guessed", "\xe9"])
def test_nothing_changes_without_the_pages_token(served: Served, token: str | None) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    browser = served.browser(cookies={"drafter_session": session_of(agent)})
    for path in (f"/cases/{case}/message", f"/cases/{case}/take", "/sign-out"):
        form = {"message": "hello", **({} if token is None else {"csrf": token})}
        assert browser.post(path, data=form).status_code == 403
    headers = {} if token is None else {"x-csrf-token": token.encode("latin-1")}
    assert browser.post(f"/api/v1/cases/{case}/messages", json={"message": "x"}, headers=headers).status_code == 403
    assert agent.get(f"/api/v1/cases/{case}").json()["case"]["message_number"] == 1


def test_another_sessions_token_does_not_open_a_form(served: Served) -> None:
    agent, other = served.signed_in(), served.signed_in()
    case = a_case(agent)
    form = {"message": "hello", "csrf": other.headers["x-csrf-token"]}
    browser = served.browser(cookies={"drafter_session": session_of(agent)})
    assert browser.post(f"/cases/{case}/message", data=form).status_code == 403
    form["csrf"] = agent.headers["x-csrf-token"]
    assert browser.post(f"/cases/{case}/message", data=form).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/language"])
@pytest.mark.parametrize(
    "foreign",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(lin: Served, path: str, foreign: dict[str, str]) -> None:
    browser = lin.browser()
    answer = browser.post(path, data={**FORM, "lang": "en"}, headers=foreign)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_form_of_the_desks_own_page_is_taken_also_behind_a_proxy_that_ends_tls(lin: Served) -> None:
    own = {"sec-fetch-site": "same-origin", "origin": "https://testserver"}
    assert lin.browser().post("/sign-in", data=FORM, headers=own).status_code == 303


def leads_elsewhere(location: str) -> bool:
    """Tell whether a browser, which drops tabs and line ends and reads backslashes as slashes, leaves the desk."""
    read = location.strip().translate({ord(char): None for char in "\t\n\r"}).replace("\\", "/")
    return bool(urlsplit(read).scheme or urlsplit(read).netloc) or read.startswith("//") or not read.startswith("/")


@pytest.mark.parametrize("where", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(lin: Served, where: str) -> None:
    location = lin.browser().post("/sign-in", data={**FORM, "next": where}).headers["location"]
    assert not leads_elsewhere(location), location
    back = lin.browser().post("/language", data={"lang": "en", "back": where}).headers["location"]
    assert not leads_elsewhere(back), back
    page = lin.browser().get("/sign-in", params={"next": where}).text
    assert "javascript:" not in page


def test_whoever_is_not_signed_in_comes_back_to_the_page_they_asked_for(lin: Served) -> None:
    browser = lin.browser(headers={"accept": "text/html"})
    location = browser.get("/cases/new?draft=a&told=b").headers["location"]
    assert location == "/sign-in?next=/cases/new%3Fdraft%3Da%26told%3Db"
    assert 'name="next" value="/cases/new?draft=a&amp;told=b"' in browser.get(location).text


def test_the_secret_is_made_once_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    made = secret_of(Settings(data_dir=tmp_path, secret=None))
    assert len(made) > 32
    assert secret_of(Settings(data_dir=tmp_path, secret=None)) == made
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_empty_secret_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with pytest.raises(StorageError, match="holds no secret"):
        secret_of(Settings(data_dir=tmp_path, secret=None))
    with pytest.raises(ValidationError):
        Settings(data_dir=tmp_path, secret=SecretStr(""))
