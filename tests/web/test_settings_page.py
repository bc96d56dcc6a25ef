"""What an administrator sets is in force at once, is told in the journal, and gives no secret away."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fastapi.testclient import TestClient

from drafter.domain import Role
from drafter.settings import Chosen
from drafter.web.inforce import kept_in_force
from drafter.web.services import Services
from tests.llm.fake_upstream import FakeUpstream, Reply, fails, fake_upstream, hangs, says
from tests.web.asking import a_case
from tests.web.served import KIND, Served, application
from tests.web.test_pages import Page, opened

KEY = "sk-of-the-environment-0000"


def in_force(served: Served) -> Services:
    services: Services = served.client.app.state.services  # type: ignore[attr-defined] # the client's app is untyped
    return services


def save(admin: TestClient, *, version: int = 0, **form: str) -> Any:
    return admin.post("/settings", data={"version": str(version), **form})


@contextmanager
def upstream(served: Served, *replies: Reply) -> Iterator[FakeUpstream]:
    assert served.client.portal is not None
    with served.client.portal.wrap_async_context_manager(fake_upstream(*replies)) as running:
        yield running


def changes(served: Served, action: str = "settings.change") -> list[tuple[str, str, dict[str, Any]]]:
    found = [entry for entry in served.services.store.journal.entries() if entry.action == action]
    return [(entry.actor, entry.subject, dict(entry.detail)) for entry in found]


def marked(text: str) -> list[str]:
    return [line.split('id="')[1].split('"')[0] for line in text.splitlines() if "aria-invalid" in line]


@pytest.fixture
def admin(served: Served) -> TestClient:
    return served.signed_in(Role.ADMIN)


@pytest.fixture
def with_key(tmp_path: Path, upgraded_file: Path) -> Iterator[Served]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    made = application(tmp_path, OPENAI_API_KEY=KEY, judge_api_key=KEY)
    with TestClient(made.app, follow_redirects=False) as client:
        yield Served(client, made.services, made.upstream)


def test_the_page_tells_what_is_in_force_and_where_it_comes_from(served: Served, admin: TestClient) -> None:
    page = opened(admin, "/settings")
    assert page.forms.count("/settings") == 1
    assert {"from the environment", "by default"} <= said(admin)
    save(admin, review_sample="7.5")
    assert "from this page" in said(admin)
    assert Page(admin.get("/settings").text).fields["review_sample"] == "7.5"
    assert "http://127.0.0.1:9/v1" in opened(admin, "/settings").text
    assert served.services.choice.version == 0  # a request under way sees what it began with


def said(admin: TestClient) -> set[str]:
    admin.post("/language", data={"lang": "en"})
    return set(Page(admin.get("/settings").text).texts)


def test_what_is_set_counts_for_the_next_request_without_a_restart(served: Served, admin: TestClient) -> None:
    form = {"undo_s": "30", "four_eyes": "amount", "four_eyes_from": "1000", "review_sample": "50"}
    answer = save(admin, **form, review_double="0", appeal_days="3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?told=saved")
    services = in_force(served)
    assert services.approvals.undo == timedelta(seconds=30)
    assert services.approvals.four_eyes.amount == Decimal(1000)
    assert (services.reviews.sample, services.reviews.double) == (0.5, 0.0)
    assert services.reviews.appeal == timedelta(days=3)

    agent = served.signed_in()
    draft = agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions").json()
    text = agent.get(f"/api/v1/drafts/{draft['draft_id']}").json()
    edited = agent.patch(f"/api/v1/drafts/{draft['draft_id']}", json={"text": text["draft"]["text"], "version": 1})
    approval = {"version": 2, "text_sha256": edited.json()["text_sha256"]}
    assert agent.post(f"/api/v1/drafts/{draft['draft_id']}/approval", json=approval).status_code == 403


def test_an_empty_field_leaves_its_value_to_the_environment_again(served: Served, admin: TestClient) -> None:
    save(admin, undo_s="30", four_eyes="off")
    assert in_force(served).choice.chosen.model_fields_set == {"undo_s", "four_eyes_from"}
    save(admin, version=1)
    assert in_force(served).choice.chosen == Chosen()
    assert in_force(served).approvals.undo == timedelta()
    assert [detail["set"] for _, subject, detail in changes(served) if subject == "settings:undo_s"] == [True, False]


def test_the_journal_tells_who_changed_what_from_what_to_what(served: Served, admin: TestClient) -> None:
    save(admin, undo_s="30", review_sample="5")
    (actor,) = {entry.actor for entry in served.services.store.journal.entries() if entry.action == "session.open"}
    assert changes(served) == [
        (actor, "settings:undo_s", {"old": "0", "new": "30", "set": True, "version": 1}),
        (actor, "settings:review_sample", {"old": "0.05", "new": "0.05", "set": True, "version": 1}),
    ]
    assert served.services.store.journal.first_fault() is None


def test_saving_what_is_set_already_changes_nothing(served: Served, admin: TestClient) -> None:
    save(admin, undo_s="30")
    assert save(admin, version=1, undo_s="30.0").headers["location"] == "/settings?told=same"
    assert in_force(served).choice.version == 1
    assert len(changes(served)) == 1


def test_a_form_that_was_opened_before_a_colleague_saved_changes_nothing(served: Served, admin: TestClient) -> None:
    other = served.signed_in(Role.ADMIN)
    save(other, undo_s="30")
    answer = save(admin, undo_s="5")
    assert answer.status_code == 409
    assert Page(answer.text).fields["undo_s"] == "5"
    assert Page(answer.text).fields["version"] == "0"
    assert in_force(served).choice.chosen.undo_s == 30


OUT_OF_BOUNDS = [
    ("undo_s", "-1"),
    ("undo_s", "3601"),
    ("undo_s", "nan"),
    ("undo_s", "ten"),
    ("model_deadline_s", "0"),
    ("judge_deadline_s", "inf"),
    ("review_sample", "101"),
    ("review_double", "-0.1"),
    ("review_sample", "NaN"),
    ("review_double", "1e999999999"),
    ("appeal_days", "1.5"),
    ("appeal_days", "366"),
]


def test_what_the_environment_would_not_take_is_marked_and_not_kept(served: Served, admin: TestClient) -> None:
    for field, value in OUT_OF_BOUNDS:
        answer = save(admin, **{field: value})
        page = Page(answer.text)
        assert (answer.status_code, marked(answer.text), page.faults) == (422, [field], []), (field, value)
        assert page.fields[field] == value
    for sum_due in ("", "-1", "many", "1e20", "1.001", "NaN"):
        answer = save(admin, four_eyes="amount", four_eyes_from=sum_due)
        assert (answer.status_code, marked(answer.text)) == (422, ["four_eyes_from"]), sum_due
    assert in_force(served).choice.version == 0


UNFIT = [
    "http://models.example/v1",
    "http://10.0.0.7:8000/v1",
    "http://169.254.169.254/latest/meta-data",
    "http://127.1/v1",
    "http://localhost.evil.example/v1",
    "ftp://models.example/v1",
    "file:///etc/passwd",
    "https://user:secret@models.example/v1",
    "https://models.example/v1?key=secret",
    "https://models.example:99999/v1",
    "https://models.example/v1 /x",
    "https://",
    "//models.example/v1",
    "",
]


@pytest.mark.parametrize(("prefix", "task"), [("", "drafting"), ("judge_", "judging")])
def test_an_address_that_others_could_read_or_that_holds_a_secret_is_neither_kept_nor_asked(
    served: Served, admin: TestClient, prefix: str, task: str
) -> None:
    for url in UNFIT:
        form = {f"{prefix}where": "endpoint", f"{prefix}base_url": url, f"{prefix}model": "m"}
        for path in ("/settings", f"/settings/test/{task}"):
            answer = admin.post(path, data={"version": "0", **form})
            assert (answer.status_code, marked(answer.text)) == (422, [f"{prefix}base_url"]), (path, url)
            assert Page(answer.text).faults == []
    assert in_force(served).choice.version == 0
    assert changes(served) == changes(served, "settings.test") == []


def test_an_endpoint_needs_the_name_of_a_model(served: Served, admin: TestClient) -> None:
    answer = save(admin, where="endpoint", base_url="https://models.example/v1", model=" ")
    assert answer.status_code == 422
    assert marked(answer.text) == ["model"]
    assert in_force(served).choice.version == 0


def test_the_next_draft_is_written_at_the_endpoint_that_was_set(served: Served, admin: TestClient) -> None:
    agent = served.signed_in()
    with upstream(served, says(KIND)) as there:
        save(admin, where="endpoint", base_url=there.base_url, model="m-of-the-page", model_deadline_s="7")
        answer = agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions")
        assert answer.status_code == 201, answer.text
        assert [asked["model"] for asked in there.asked] == ["m-of-the-page"] * len(there.asked)
        assert there.asked
        agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions")
    assert in_force(served).settings.model_deadline_s == 7
    with upstream(served, says(KIND)) as elsewhere:
        save(admin, version=1, where="endpoint", base_url=elsewhere.base_url, model="m-2")
        assert agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions").status_code == 201
        assert elsewhere.asked[0]["model"] == "m-2"


def test_the_keys_stay_in_the_environment_and_go_elsewhere_only_where_an_administrator_lets_them(
    with_key: Served,
) -> None:
    admin = with_key.signed_in(Role.ADMIN)
    agent = with_key.signed_in()
    with upstream(with_key, says(KIND)) as there:
        form = {"where": "endpoint", "base_url": there.base_url, "model": "m"}
        sent: list[str | None] = []
        for version, ticked in enumerate([{}, {"send_key": "yes"}, {}]):
            admin.post("/settings/test/drafting", data={"version": str(version), **form, **ticked})
            sent.append(there.headers[-1].get("authorization"))
            save(admin, version=version, **form, **ticked)
            assert agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions").status_code == 201
            sent.append(there.headers[-1].get("authorization"))
        judging = {"judge_where": "endpoint", "judge_base_url": there.base_url, "judge_model": "j"}
        admin.post("/settings/test/judging", data=judging)
        sent.append(there.headers[-1].get("authorization"))
    assert [KEY in str(header) for header in sent] == [False, False, True, True, False, False, False]
    assert KEY not in admin.get("/settings").text
    assert KEY not in "".join(str(entry) for entry in with_key.services.store.journal.entries())
    assert [detail["key"] for _, _, detail in changes(with_key, "settings.test")] == [False, True, False, False]


def test_the_key_goes_along_to_the_place_that_the_environment_names(with_key: Served) -> None:
    settings = in_force(with_key).adjusting.environment
    assert settings.overlaid(Chosen(base_url="http://127.0.0.1:9/v2", model="m")).api_key == settings.api_key
    for elsewhere in ("http://127.0.0.1:10/v1", "https://127.0.0.1:9/v1", "http://localhost:9/v1", None):
        assert settings.overlaid(Chosen(base_url=elsewhere, model="m")).api_key is None
    assert settings.overlaid(Chosen(base_url=None)).embedded


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (says("ready"), ["fake-1", "ms"]),
        (says("", finish="length"), ["asked-for", "ms"]),
        (fails(401), ["HTTP 401", "does not accept the key"]),
        (fails(404, body={"error": {"code": "model_not_found", "message": "m"}}), ["model_not_found", "asked-for"]),
        (fails(503), ["HTTP 503"]),
        (hangs(), ["did not answer in time"]),
    ],
    ids=["answers", "thinks-too-long", "refuses-the-key", "knows-no-such-model", "overloaded", "silent"],
)
def test_a_connection_test_tells_in_plain_words_what_came_of_it(
    served: Served, admin: TestClient, reply: Reply, words: list[str]
) -> None:
    admin.post("/language", data={"lang": "en"})
    with upstream(served, reply) as there:
        form = {"where": "endpoint", "base_url": there.base_url, "model": "asked-for", "model_deadline_s": "0.5"}
        answer = admin.post("/settings/test/drafting", data=form)
        assert len(there.asked) == 1  # once, whatever came of it
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.faults == []
    assert [word for word in words if word not in page.text] == []
    assert page.fields["base_url"] == there.base_url
    assert in_force(served).choice.version == 0


def test_a_connection_test_says_nothing_of_any_case(served: Served, admin: TestClient) -> None:
    a_case(served.signed_in())
    with upstream(served, says("ready")) as there:
        form = {"judge_where": "endpoint", "judge_base_url": there.base_url, "judge_model": "j"}
        admin.post("/settings/test/judging", data=form)
        (asked,) = there.asked
    assert asked["messages"] == [{"role": "user", "content": "Answer with the one word: ready"}]
    assert asked["max_tokens"] <= 16


def test_a_connection_test_of_an_address_where_nothing_listens_says_so(
    served: Served, admin: TestClient, unused_tcp_port: int
) -> None:
    admin.post("/language", data={"lang": "en"})
    form = {"where": "endpoint", "base_url": f"http://127.0.0.1:{unused_tcp_port}/v1", "model": "m"}
    answer = admin.post("/settings/test/drafting", data=form)
    assert "nothing listens there" in Page(answer.text).text
    assert changes(served, "settings.test")[0][2] == {
        "endpoint": form["base_url"],
        "key": False,
        "outcome": "model-unavailable",
    }


def test_nobody_is_sent_on_to_another_address(served: Served, admin: TestClient) -> None:
    with upstream(served, says("ready")) as behind:

        async def away(_: FakeUpstream, __: web.Request) -> web.StreamResponse:
            return web.Response(status=307, headers={"location": f"{behind.base_url}/chat/completions"})

        with upstream(served, away) as there:
            form = {"where": "endpoint", "base_url": there.base_url, "model": "m"}
            answer = admin.post("/settings/test/drafting", data=form)
            assert "307" in Page(answer.text).text
        assert behind.asked == []


def test_a_judge_that_is_not_set_is_told_and_not_asked(served: Served, admin: TestClient) -> None:
    answer = admin.post("/settings/test/judging", data={"judge_where": "environment"})
    assert answer.status_code == 200
    assert "DRAFTER_JUDGE_BASE_URL" in Page(answer.text).text
    assert admin.post("/settings/test/cooking", data={}).status_code == 404
    assert served.services.choice.version == 0


def test_what_another_process_was_told_of_comes_into_force_here_too(served: Served, admin: TestClient) -> None:
    before = in_force(served)
    person = served.person(Role.ADMIN)
    before.adjusting.change(Chosen(undo_s=42), version=0, by=person)
    assert in_force(served).approvals.undo == timedelta()

    async def look() -> None:
        app: Any = served.client.app
        async with kept_in_force(app, every_s=0), asyncio.timeout(10):
            while in_force(served).choice.version == 0:  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0)

    assert served.client.portal is not None
    served.client.portal.call(look)
    assert in_force(served).approvals.undo == timedelta(seconds=42)
    assert Page(admin.get("/settings").text).fields["undo_s"] == "42"


def test_what_was_set_is_in_force_after_a_restart(tmp_path: Path, upgraded_file: Path) -> None:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    for started in range(2):
        made = application(tmp_path)
        with TestClient(made.app, follow_redirects=False) as client:
            served = Served(client, made.services, made.upstream)
            if not started:
                save(served.signed_in(Role.ADMIN), undo_s="33", judge_where="environment")
            else:
                assert in_force(served).approvals.undo == timedelta(seconds=33)


def test_settings_are_set_on_either_database(either_served: Served) -> None:
    admin = either_served.signed_in(Role.ADMIN)
    assert save(admin, undo_s="30", four_eyes="amount", four_eyes_from="0.5").status_code == 303
    assert save(admin, undo_s="31").status_code == 409
    assert Page(admin.get("/settings").text).fields["four_eyes_from"] == "0.5"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_see_or_set_them(served: Served, role: Role) -> None:
    person = served.signed_in(role)
    assert person.get("/settings").status_code == 403
    assert save(person, undo_s="1").status_code == 403
    assert person.post("/settings/test/drafting", data={}).status_code == 403
    assert 'href="/settings"' not in person.get("/queue").text
