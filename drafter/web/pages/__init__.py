"""The console: a file is a group of pages."""

from __future__ import annotations

from fastapi import APIRouter

from drafter.web.pages import (
    account,
    case,
    dashboards,
    drafts,
    people,
    proposals,
    provider,
    queue,
    review,
    review_item,
    review_lead,
    settings,
    signing,
    undelivered,
)


def routers() -> tuple[APIRouter, ...]:
    """Return the routers of the console."""
    return (
        signing.router,
        account.router,
        provider.router,
        queue.router,
        case.router,
        drafts.router,
        review.router,
        proposals.router,
        review_lead.router,
        review_item.router,
        dashboards.router,
        undelivered.router,
        people.router,
        settings.router,
    )
