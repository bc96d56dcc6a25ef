"""How well the guardrails do on labelled texts."""
