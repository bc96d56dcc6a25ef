"""An evaluation as one HTML page that needs nothing else."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from drafter.evaluation.scoring import Evaluation


def html(evaluation: Evaluation) -> str:
    """Return the page; every text on it is escaped, since the texts are material."""
    pages = Environment(loader=PackageLoader("drafter.evaluation"), undefined=StrictUndefined, autoescape=True)
    return pages.get_template("report.html").render(evaluation=evaluation)
