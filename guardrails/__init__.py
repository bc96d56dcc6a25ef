"""What may never be said to a person in debt: text and facts in, verdict out."""

from guardrails.engine import Guard
from guardrails.errors import GuardrailsError, PolicyError
from guardrails.model import Facts, Finding, Severity, Verdict
from guardrails.stream import Stream

__all__ = ["Facts", "Finding", "Guard", "GuardrailsError", "PolicyError", "Severity", "Stream", "Verdict"]
