"""The dashboards: charts, tables and CSV of the same numbers, for those who may, and nothing of a person's in them."""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from drafter.desk.figures import Figure, Measure, Series
from drafter.domain import Judgement, Role
from drafter.web.charts import MOST_LINES, Told, drawn
from drafter.web.sheets import sheet
from tests.measured import KIND, LIN, THREAT, approve, suggest
from tests.reviewed import ANNA, BEN, FACTS, enrol
from tests.web.served import Served, served
from tests.web.test_pages import opened

__all__ = ["served"]
NAMES = (
    "rejection",
    "rejection-by-rule",
    "false-alarms",
    "false-alarms-by-rule",
    "acceptance",
    "edit-distance",
    "time-to-approve",
)
SVG = "{http://www.w3.org/2000/svg}"


def with_numbers(served: Served, *, model: str = "m1") -> TestClient:
    """Return a QA lead's browser at a desk that has suggested, approved and ruled."""
    now = served.services.clock.now()
    store = served.services.store
    enrol(store, LIN)
    suggest(store, "a", THREAT, KIND, at=now - timedelta(minutes=9), model=model)
    approve(
        store, suggest(store, "b", KIND, at=now - timedelta(minutes=8), model="m2"), after=90, edited=f"{KIND}请保重。"
    )
    for reviewer in (ANNA, BEN):
        replace(served.services.reviews, double=1).rule("a-1", Judgement(outcome="upheld"), by=reviewer)
    return served.signed_in(Role.QA_LEAD)


def rows(answer_text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer_text.decode("utf-8-sig"))))


def test_the_page_shows_every_measure_with_its_chart_and_the_same_numbers_as_a_table(served: Served) -> None:
    lead = with_numbers(served)
    page = opened(lead, "/dashboards")
    raw = lead.get("/dashboards").text
    for name in NAMES:
        source = re.search(rf'<img class="chart" src="(/dashboards/chart/{name}\.svg[^"]*)" alt="([^"]+)"', raw)
        assert source is not None, name
        answer = lead.get(source[1].replace("&amp;", "&"))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert ET.fromstring(answer.content).tag == f"{SVG}svg"  # noqa: S314 - our own
    assert raw.count('<table class="figures">') == len(NAMES)
    assert "50.0% (1/2)" in page.text  # of first drafts
    assert "33.3% (1/3)" in page.text  # of all attempts
    assert 'href="/dashboards"' in lead.get("/queue").text


def test_a_chart_loads_nothing_runs_nothing_and_has_colours_for_dark_pages(served: Served) -> None:
    lead = with_numbers(served)
    for name in NAMES:
        for narrow in ("false", "true"):
            told = lead.get(f"/dashboards/chart/{name}.svg", params={"narrow": narrow}).text
            without_namespaces = re.sub(r'xmlns(:\w+)?="[^"]*"', "", told)
            assert not re.search(r"https?:|//|@import|url\(|<script|\bon\w+=|javascript:", without_namespaces), name
            assert "prefers-color-scheme:dark" in told
            assert "PingFang SC" in told


def test_the_sheet_has_the_numbers_of_the_page_and_opens_in_a_spreadsheet_in_chinese(served: Served) -> None:
    lead = with_numbers(served)
    answer = lead.get("/dashboards.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="dashboards-[\d-]{10}-[\d-]{10}\.csv"', answer.headers["content-disposition"]
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    told = rows(answer.content)
    assert {row["measure"] for row in told} == set(NAMES)
    whole = {(row["measure"], row["line"]): row for row in told if row["from"] != row["to"] and row["group"] == ""}
    first, median = whole["rejection", "first"], whole["time-to-approve", "median"]
    assert (first["value"], first["hits"], first["n"], first["unit"]) == ("0.5", "1", "2", "share")
    assert 0 < float(first["low"]) < 0.5 < float(first["high"]) < 1
    assert (median["value"], median["unit"]) == ("90.0", "seconds")
    assert len([row for row in told if (row["measure"], row["line"]) == ("rejection", "first")]) == 30 + 1


def test_filters_and_comparison_go_from_the_address_into_page_chart_and_sheet(served: Served) -> None:
    lead = with_numbers(served)
    page = lead.get("/dashboards", params={"split": "model", "tier": "general"}).text
    assert "split=model&amp;tier=general" in page
    assert '<th scope="row">m2</th>' in page
    chart = lead.get("/dashboards/chart/rejection.svg", params={"split": "model"}).text
    assert "m1" in chart
    assert "m2" in chart
    only = rows(lead.get("/dashboards.csv", params={"model": "m2", "split": "agent"}).content)
    assert {(row["group"], row["group_name"]) for row in only if row["measure"] == "acceptance"} == {(LIN.id, "lin")}
    assert {row["n"] for row in only if row["measure"] == "rejection" and row["from"] != row["to"]} == {"1"}
    assert rows(lead.get("/dashboards.csv", params={"tier": "premium"}).content) == []


def test_days_are_bounded_put_in_order_and_what_cannot_be_read_is_not_asked(served: Served) -> None:
    lead = with_numbers(served)
    today = served.services.clock.now().date()
    for asked, first, last in (
        ({}, today - timedelta(days=29), today),
        ({"from": "never", "to": "9999-12-31", "by": "hour", "split": "debtor"}, today - timedelta(days=29), today),
        ({"from": "0001-01-01"}, today - timedelta(days=29), today),
        ({"from": "2001-01-01"}, today - timedelta(days=365), today),
        ({"from": str(today), "to": str(today - timedelta(days=2))}, today - timedelta(days=2), today),
        ({"from": "9999-01-01", "to": "9999-02-01"}, today, today),
    ):
        page = lead.get("/dashboards", params=asked)
        assert page.status_code == 200
        assert f'name="from" value="{first}"' in page.text, asked
        assert f'name="to" value="{last}"' in page.text, asked
    steps = rows(lead.get("/dashboards.csv", params={"from": str(today - timedelta(days=99)), "by": "day"}).content)
    spans = sorted({(row["from"], row["to"]) for row in steps if row["measure"] == "rejection"})
    assert len(spans) == 15 + 1  # weeks, the last of them not whole, and the whole time
    assert spans[-1] == (str(today - timedelta(days=1)), str(today))


def test_nothing_of_a_person_in_debt_and_no_text_is_in_page_chart_or_sheet(served: Served) -> None:
    lead = with_numbers(served)
    paths = ["/dashboards", "/dashboards.csv", *(f"/dashboards/chart/{name}.svg" for name in NAMES)]
    for path in paths:
        told = lead.get(path).content.decode()
        for secret in (str(FACTS.debtor_name), str(FACTS.contact_phone), KIND[:8], THREAT[-8:], "case-a", "a-1"):
            assert secret not in told, (path, secret)


def test_before_there_is_anything_the_page_says_what_will_appear_and_when(served: Served) -> None:
    lead = served.signed_in(Role.QA_LEAD)
    lead.post("/language", data={"lang": "en"})
    page = opened(lead, "/dashboards").text
    assert "The rejection rate appears with the first suggested reply" in page
    assert "/dashboards/chart/" not in lead.get("/dashboards").text
    for name in NAMES:
        assert lead.get(f"/dashboards/chart/{name}.svg").status_code == 200
    assert rows(lead.get("/dashboards.csv").content) == []


def test_who_watches_over_agents_or_rules_sees_it_and_agents_do_not(served: Served) -> None:
    for role in Role:
        person = served.signed_in(role)
        expected = 403 if role is Role.AGENT else 200
        for path in ("/dashboards", "/dashboards.csv", "/dashboards/chart/rejection.svg"):
            assert person.get(path).status_code == expected, (role, path)
        assert ('href="/dashboards"' in person.get("/queue").text) == (role is not Role.AGENT)


def test_a_chart_that_is_none_is_told(served: Served) -> None:
    assert served.signed_in(Role.QA).get("/dashboards/chart/none.svg").status_code == 404


@pytest.mark.parametrize("evil", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", " =1", "＝1", "|x", "%0A"])
def test_no_cell_is_a_formula_and_numbers_stay_numbers(evil: str) -> None:
    told = list(csv.reader(io.StringIO(sheet(["a"], [[evil, -1.5, None, 'x"y,z\n', "好"]]).decode("utf-8-sig"))))
    assert told[1] == [f"'{evil}", "-1.5", "", 'x"y,z\n', "好"]


def test_a_model_s_name_reaches_the_sheet_as_a_text(served: Served) -> None:
    lead = with_numbers(served, model='=HYPERLINK("x")<b>')
    told = rows(lead.get("/dashboards.csv", params={"split": "model"}).content)
    assert '\'=HYPERLINK("x")<b>' in {row["group"] for row in told}
    assert all(not cell.startswith("=") for row in told for cell in row.values())
    assert "<b>" not in lead.get("/dashboards", params={"split": "model"}).text
    ET.fromstring(lead.get("/dashboards/chart/rejection.svg", params={"split": "model"}).content)  # noqa: S314 - our own


def test_the_library_of_charts_leaves_nothing_in_the_way_of_imports() -> None:
    assert [finder for finder in sys.meta_path if type(finder).__module__ == "pygal"] == []


def test_a_chart_draws_as_many_lines_as_can_be_told_apart_and_breaks_where_nothing_is_known() -> None:
    figures = (Figure(value=0.2, n=5), Figure(), Figure(value=0.4, n=5))
    series = tuple(Series(kind="first", group=f"m{n}", figures=figures, whole=figures[0]) for n in range(9))
    measure = Measure(name="rejection", unit="share", by_rule=False, series=series)
    told = Told(
        title="拒绝率",
        steps=["1", "2", "3"],
        line=lambda one: one.group,
        axis=lambda value, _top: f"{value:.0%}",
        unit=lambda _top: 1,
    )
    root = ET.fromstring(drawn(measure, told))  # noqa: S314 - our own
    legends = [one.text for one in root.iter(f"{SVG}text") if (one.text or "").startswith("m")]
    assert legends == [f"m{n}" for n in range(MOST_LINES)]
    assert len(list(root.iter(f"{SVG}circle"))) == 2 * MOST_LINES
    assert root.findtext(f"{SVG}title") == "拒绝率"
