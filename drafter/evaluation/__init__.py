"""How well the guardrails and the triage do, with honest intervals."""
