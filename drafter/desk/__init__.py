"""The verbs of the trip, in its order: intake, triage, masking, prompting, drafting."""
