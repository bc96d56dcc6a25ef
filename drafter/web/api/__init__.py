"""The HTTP API, `/api/v1`: a file is a group of calls."""

from __future__ import annotations

from fastapi import APIRouter

from drafter.web.api import cases, checking, drafts, health, review, suggestions


def routers() -> tuple[APIRouter, ...]:
    """Return the routers of the API."""
    return checking.router, cases.router, suggestions.router, drafts.router, review.router, health.router
