"""Administrators keep accounts and keys; what opens the desk is shown once, and an administrator always stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Person, Role
from tests.web.asking import a_draft, sha256
from tests.web.served import Served
from tests.web.test_pages import Page, opened


@pytest.fixture
def admin(served: Served) -> TestClient:
    return served.signed_in(Role.ADMIN)


def me(served: Served) -> Person:
    return next(one for one in served.services.store.people.all() if one.role is Role.ADMIN)


def told(served: Served, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    found = [entry for entry in served.services.store.journal.entries() if entry.action == action]
    return [(entry.actor, entry.subject, dict(entry.detail)) for entry in found]


def shown_once(text: str) -> str:
    (secret,) = re.findall(r"<code[^>]*>([^<]+)</code>", text)
    return secret


def test_somebody_is_added_and_comes_in_by_the_link_that_is_shown_once(served: Served, admin: TestClient) -> None:
    form = {"name": "lin", "shown_as": "林溪", "role": "agent-lead", "lang": "en"}
    answer = admin.post("/people", data=form)
    assert answer.status_code == 200
    assert Page(answer.text).faults == []
    link = shown_once(answer.text)
    assert link.startswith("http://testserver/sign-in/link/")
    assert link not in admin.get("/people").text
    assert answer.headers["cache-control"] == "no-store"

    browser = served.browser()
    assert browser.post(link).status_code == 303
    assert "林溪" in opened(browser, "/queue").text
    assert browser.post(link).status_code == 401
    person = served.services.accounts.named("lin")
    assert (person.shown_as, person.role, person.lang) == ("林溪", Role.LEAD, "en")
    assert told(served, "person.add")[-1] == (me(served).id, person.id, {"role": "agent-lead"})
    assert told(served, "link.add")[-1][:2] == (me(served).id, person.id)
    token = link.rpartition("/")[2]
    assert token not in "".join(str(entry) for entry in served.services.store.journal.entries())


def test_the_list_tells_role_and_state_and_holds_no_secret(served: Served, admin: TestClient) -> None:
    served.signed_in(Role.QA)
    gone = served.person(Role.AGENT, "gone")
    served.services.accounts.disable(gone)
    admin.post("/language", data={"lang": "en"})
    page = opened(admin, "/people")
    for words in ("disabled", "QA reviewer", "Last seen", "ago", "you"):
        assert words in page.text
    assert f"/people/{gone.id}/enable" in page.forms
    assert f"/people/{me(served).id}/role" not in page.forms
    assert "argon2" not in admin.get("/people").text


@pytest.mark.parametrize("name", ["", "two words", "<b>", "x" * 65])
def test_a_name_that_is_none_adds_nobody_and_what_was_typed_stays(served: Served, admin: TestClient, name: str) -> None:
    before = served.services.store.people.all()
    answer = admin.post("/people", data={"name": name, "shown_as": '"李"', "role": "qa"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.faults == []
    assert page.fields["shown_as"] == '"李"'
    assert served.services.store.people.all() == before


def test_a_name_that_is_taken_adds_nobody(served: Served, admin: TestClient) -> None:
    admin.post("/people", data={"name": "lin", "role": "agent"})
    assert admin.post("/people", data={"name": "lin", "role": "admin"}).status_code == 409
    assert served.services.accounts.named("lin").role is Role.AGENT


def test_another_role_counts_in_the_sessions_that_are_open(served: Served, admin: TestClient) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    person = next(one for one in served.services.store.people.all() if one.role is Role.AGENT)
    assert admin.post(f"/people/{person.id}/role", data={"role": "qa"}).headers["location"] == "/people?told=role"

    read = {"version": draft["version"], "text_sha256": sha256(str(draft["text"]))}
    assert agent.post(f"/api/v1/drafts/{draft['id']}/approval", json=read).status_code == 403
    assert agent.get("/review").status_code == 200
    assert 'href="/people"' not in agent.get("/queue").text
    assert told(served, "person.role") == [(me(served).id, person.id, {"old": "agent", "new": "qa"})]
    admin.post(f"/people/{person.id}/role", data={"role": "admin"})
    assert agent.get("/people").status_code == 200


def test_whoever_is_disabled_is_out_at_once_and_comes_in_anew_once_enabled(served: Served, admin: TestClient) -> None:
    agent = served.signed_in()
    person = next(one for one in served.services.store.people.all() if one.role is Role.AGENT)
    link = shown_once(admin.post(f"/people/{person.id}/link").text)
    assert admin.post(f"/people/{person.id}/disable").status_code == 303
    assert agent.get("/api/v1/cases").status_code == 401
    assert served.browser().post(link).status_code == 401
    assert admin.post(f"/people/{person.id}/link").status_code == 409
    assert admin.post(f"/people/{person.id}/enable").status_code == 303
    assert agent.get("/api/v1/cases").status_code == 401
    assert served.browser().post(shown_once(admin.post(f"/people/{person.id}/link").text)).status_code == 303


def test_nobody_takes_their_own_right_to_administer_nor_disables_themselves(served: Served, admin: TestClient) -> None:
    served.person(Role.ADMIN, "other-admin")
    mine = next(one for one in served.services.store.people.all() if one.name != "other-admin")
    assert admin.post(f"/people/{mine.id}/role", data={"role": "agent"}).status_code == 409
    assert admin.post(f"/people/{mine.id}/disable").status_code == 409
    assert admin.get("/people").status_code == 200


def test_an_api_key_is_shown_once_opens_what_it_may_and_is_revoked(served: Served, admin: TestClient) -> None:
    answer = admin.post("/people/keys", data={"name": "催收系统", "right": ["read", "draft"]})
    assert answer.status_code == 200
    secret = shown_once(answer.text)
    assert secret not in admin.get("/people").text
    program = served.browser(headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/cases").status_code == 200
    assert program.get("/api/v1/review").status_code == 403
    (key,) = served.services.store.people.api_keys()
    assert (key.name, key.rights, key.created_by) == ("催收系统", {"read", "draft"}, me(served).id)

    assert admin.post(f"/people/keys/{key.id}/revoke").headers["location"] == "/people?told=revoked"
    assert program.get("/api/v1/cases").status_code == 401
    assert [actor for actor, _, _ in told(served, "key.add") + told(served, "key.revoke")] == [me(served).id] * 2
    assert admin.post("/people/keys/none/revoke").status_code == 404


@pytest.mark.parametrize("rights", [["approve"], ["administer"], ["read", "approve"], ["everything"]])
def test_no_key_is_made_that_could_do_what_only_people_do(served: Served, admin: TestClient, rights: list[str]) -> None:
    answer = admin.post("/people/keys", data={"name": "bot", "right": rights})
    assert answer.status_code == 422
    assert served.services.store.people.api_keys() == []


def test_somebody_who_is_not_there_is_not_found(admin: TestClient) -> None:
    for what in ("role", "disable", "enable", "link"):
        assert admin.post(f"/people/none/{what}", data={"role": "qa"}).status_code == 404
    assert admin.post("/people/none/role", data={"role": "emperor"}).status_code == 422


def test_people_are_kept_on_either_database(either_served: Served) -> None:
    admin = either_served.signed_in(Role.ADMIN)
    other = either_served.person(Role.ADMIN, "other-admin")
    assert admin.post(f"/people/{other.id}/role", data={"role": "qa-lead"}).status_code == 303
    assert either_served.services.accounts.named("other-admin").role is Role.QA_LEAD
    assert "other-admin" in opened(admin, "/people").text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_see_or_change_people(served: Served, role: Role) -> None:
    person = served.signed_in(role)
    assert person.get("/people").status_code == 403
    assert person.post("/people", data={"name": "x", "role": "admin"}).status_code == 403
    assert person.post("/people/keys", data={"name": "x"}).status_code == 403
    assert 'href="/people"' not in person.get("/queue").text
