"""An evaluation as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from drafter.evaluation.drafts import DraftRun
from drafter.evaluation.scoring import Evaluation


def html(evaluation: Evaluation) -> str:
    """Return the page; every text on it is escaped, since the texts are material."""
    return _page("report.html", evaluation=evaluation)


def drafts_html(columns: Mapping[str, Sequence[DraftRun]], table: Mapping[str, Sequence[str]]) -> str:
    """Return a page with the table of several runs, and every draft of them beside each other.

    Args:
        columns: run name -> its suggestions.
        table: row name -> what is shown for each run.
    """
    runs: dict[str, dict[str, DraftRun]] = {}
    for column, ran in columns.items():
        for run in ran:
            runs.setdefault(run.id, {})[column] = run
    return _page("drafts.html", columns=list(columns), table=table, runs=runs)


def _page(template: str, **values: object) -> str:
    pages = Environment(loader=PackageLoader("drafter.evaluation"), undefined=StrictUndefined, autoescape=True)
    return pages.get_template(template).render(**values)
