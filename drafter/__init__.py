"""The reply desk: a debtor's message in, a reply that a named human approved out."""

from __future__ import annotations

__version__ = "0.1.0"
