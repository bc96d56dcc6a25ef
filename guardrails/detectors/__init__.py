"""A file in this folder is a detector: it exposes `find(check)` and yields hits; its file name is its id."""

from guardrails.checks import Check, Detector, Hit, Reasons

__all__ = ["Check", "Detector", "Hit", "Reasons"]
