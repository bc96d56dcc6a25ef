"""Signing in at an identity provider: who is let in, and by which way."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Person, Role, at_provider
from drafter.errors import SettingsError
from drafter.settings import Settings
from tests.web import provider as providers
from tests.web.provided import BACK, START, english, lin, provider, sent, sentence, served, signed_in
from tests.web.provider import CLIENT, SECRET, Provider
from tests.web.served import Served, application
from tests.web.test_signing import ELSEWHERE, leads_elsewhere

__all__ = ["lin", "provider", "served"]


def test_whoever_is_linked_signs_in_and_sees_the_page_they_wanted(served: Served, lin: Person) -> None:
    browser = english(served)
    answer = signed_in(browser, "/queue?tab=mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?tab=mine")
    assert "<bdi>Lin</bdi>" in browser.get("/queue").text
    opened = [entry for entry in served.services.store.journal.entries() if entry.action == "session.open"]
    assert [(entry.actor, entry.detail) for entry in opened] == [(lin.id, {"how": "provider"})]


def test_the_provider_is_told_where_to_send_back_and_given_a_challenge_that_only_this_browser_meets(
    served: Served,
) -> None:
    away = served.browser().get(START)
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    assert asked["redirect_uri"] == [providers.BACK]
    assert asked["code_challenge_method"] == ["S256"]
    assert len({asked[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    cookie = away.headers["set-cookie"]
    assert not any(asked[name][0] in cookie for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_the_browser_brings_back_is_short_lived_and_kept_from_scripts_and_other_pages(
    served: Served, scheme: str
) -> None:
    cookie = served.browser(base_url=f"{scheme}://testserver").get(START).headers["set-cookie"]
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/sign-in/provider", "max-age=600"} <= flags
    assert ("secure" in flags) == (scheme == "https")


def test_another_process_of_the_desk_takes_up_what_one_has_begun(
    served: Served, lin: Person, provider: Provider, tmp_path: Path
) -> None:
    del lin
    browser = served.browser()
    back = sent(browser)
    made = application(tmp_path, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    with TestClient(made.app, follow_redirects=False, cookies=browser.cookies) as other:
        assert other.get(back).headers["location"] == "/"


def test_a_key_that_the_provider_has_changed_counts_at_once(served: Served, lin: Person, provider: Provider) -> None:
    del lin
    assert signed_in(served.browser()).headers["location"] == "/"
    provider.signs_with, provider.publishes = "second", ["first", "second"]
    assert signed_in(served.browser()).headers["location"] == "/"
    provider.signs_with, provider.publishes = "first", ["second"]
    assert signed_in(served.browser()).status_code == 401


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    served: Served, lin: Person, provider: Provider
) -> None:
    del lin
    provider.described["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert signed_in(served.browser()).headers["location"] == "/"


def test_somebody_unknown_is_shown_their_own_subject_and_let_in_once_it_is_linked(
    served: Served, provider: Provider
) -> None:
    person = served.person(Role.QA, "wang")
    provider.subject = "auth0|<b>7"
    answer = signed_in(english(served))
    assert answer.status_code == 403
    assert "administrator" in sentence(answer)
    assert "<code>auth0|&lt;b&gt;7</code>" in answer.text
    served.services.accounts.set_subject(person, at_provider(provider.issuer, "auth0|<b>7"))
    browser = served.browser()
    assert signed_in(browser).headers["location"] == "/"
    assert browser.get("/").headers["location"] == "/review"


def test_the_same_subject_at_another_provider_is_somebody_else(served: Served, provider: Provider) -> None:
    person = served.person(Role.AGENT)
    served.services.accounts.set_subject(person, at_provider("https://other.example", provider.subject))
    assert signed_in(served.browser()).status_code == 403


@pytest.mark.parametrize("subject", ["x" * 256, "a\0b", "a\nb"])
def test_a_subject_that_cannot_be_kept_opens_nothing_and_breaks_nothing(
    served: Served, provider: Provider, subject: str
) -> None:
    provider.subject = subject
    assert signed_in(english(served)).status_code == 422


def test_a_disabled_person_stays_out_and_so_does_one_whose_link_was_taken_away(served: Served, lin: Person) -> None:
    accounts = served.services.accounts
    browser = english(served)
    signed_in(browser)
    accounts.disable(lin)
    out = signed_in(english(served))
    assert (out.status_code, "disabled" in sentence(out)) == (403, True)
    assert "<code>" not in out.text
    accounts.enable(lin)
    signed_in(browser)
    assert browser.get("/queue").status_code == 200
    accounts.set_subject(lin, None)
    assert browser.get("/queue").headers["location"] == "/sign-in?next=/queue"
    assert signed_in(english(served)).status_code == 403


@pytest.mark.parametrize("where", [*ELSEWHERE, "/" + "x" * 3000])
def test_signing_in_never_leads_to_another_site(served: Served, lin: Person, where: str) -> None:
    del lin
    location = signed_in(served.browser(), where).headers["location"]
    assert not leads_elsewhere(location), location


def test_the_page_offers_the_provider_only_where_one_is_set(served: Served, tmp_path: Path) -> None:
    page = english(served).get("/sign-in", params={"next": "/queue?tab=mine"}).text
    assert 'href="/sign-in/provider?next=/queue%3Ftab%3Dmine"' in page
    assert "Sign in with your organisation" in page
    with TestClient(application(tmp_path).app, follow_redirects=False, headers={"accept-language": "en"}) as without:
        assert START not in without.get("/sign-in").text
        assert without.get(START).status_code == 404
        assert without.get(BACK, params={"code": "x", "state": "y"}).status_code == 404


def test_the_button_says_what_the_provider_is_called(provider: Provider, tmp_path: Path) -> None:
    given = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    made = application(tmp_path, oidc_name="青禾 <SSO>", **given)
    with TestClient(made.app, headers={"accept-language": "en"}) as client:
        assert "Sign in with 青禾 &lt;SSO&gt;" in client.get("/sign-in").text


def test_the_page_of_a_failed_sign_in_can_be_read_in_another_language(served: Served, provider: Provider) -> None:
    provider.refuses = "access_denied"
    browser = english(served)
    assert signed_in(browser).status_code == 401
    switched = browser.post("/language", data={"lang": "zh", "back": BACK})
    assert browser.get(switched.headers["location"]).headers["location"] == "/sign-in"


@pytest.mark.parametrize("missing", ["oidc_issuer", "oidc_client_id", "oidc_client_secret"])
def test_a_provider_of_which_a_part_is_missing_keeps_the_desk_from_starting(tmp_path: Path, missing: str) -> None:
    given = {"oidc_issuer": "https://id.example", "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    del given[missing]
    with (
        pytest.raises(SettingsError, match=f"DRAFTER_{missing.upper()} is not set"),
        TestClient(application(tmp_path, **given).app),
    ):
        pass


@pytest.mark.parametrize(
    "issuer", ["http://id.example", "ftp://id.example", "https://", "https://id.example?x", "https://i d.example"]
)
def test_an_issuer_that_others_could_listen_to_or_that_is_none_is_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match="oidc_issuer"):
        Settings(oidc_issuer=issuer)
