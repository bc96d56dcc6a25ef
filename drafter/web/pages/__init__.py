"""The console: a file is a group of pages."""

from __future__ import annotations

from fastapi import APIRouter

from drafter.web.pages import case, drafts, queue, review, signing


def routers() -> tuple[APIRouter, ...]:
    """Return the routers of the console."""
    return signing.router, queue.router, case.router, drafts.router, review.router
