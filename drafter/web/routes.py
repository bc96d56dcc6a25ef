"""Which route asks what of whom, as the code says it: docs/roles.md is made of this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi.routing import APIRoute

from drafter.domain import RIGHTS, Role
from drafter.web.api import routers as api_routers
from drafter.web.callers import Needs, conditions
from drafter.web.pages import routers as page_routers

PUBLIC: Final = frozenset(
    {
        "/sign-in",
        "/sign-in/link/{token}",
        "/sign-in/provider",
        "/sign-in/provider/back",
        "/language",
        "/healthz",
        "/api/v1/healthz",
        "/readyz",
        "/api/v1/readyz",
        "/metrics",
        "/api/v1/metrics",
    }
)
"""What answers without a session: nothing of a case is behind it."""


@dataclass(frozen=True)
class Declared:
    """A route and its condition; None for a public one."""

    method: str
    path: str
    needs: Needs | None

    def open_to(self, role: Role) -> bool:
        return self.needs is None or not self.needs.rights.isdisjoint(RIGHTS[role])


def declared() -> Iterator[Declared]:
    """Yield every route of the application with its condition, in the order in which they are matched."""
    for route in routes():
        needs = next(conditions(route.dependant), None)
        for method in sorted(route.methods or ()):
            yield Declared(method, route.path, needs)


def allowed(path: str) -> str:
    """Return the methods that a path takes, as the header `Allow` lists them."""
    return ", ".join(
        sorted({method for route in routes() if route.path_regex.match(path) for method in route.methods or ()})
    )


def table() -> str:
    """Return the table of routes and roles as Markdown."""
    heads = ["route", "asks for", *(role.value for role in Role), "API key"]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for one in declared():
        asks = "nothing" if one.needs is None else " or ".join(filter(None, (one.needs.right, one.needs.or_right)))
        key = one.needs is None or (not one.needs.by_person and one.needs.right not in ("approve", "administer"))
        marks = ["yes" if one.open_to(role) else "" for role in Role]
        lines.append(_line([f"`{one.method} {one.path}`", asks, *marks, "yes" if key else ""]))
    return "\n".join(lines) + "\n"


def routes() -> Iterator[APIRoute]:
    """Yield every route of the application, in the order in which they are matched."""
    for router in (*api_routers(), *page_routers()):
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
