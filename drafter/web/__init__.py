"""The console and the HTTP API: the same desk for people and for machines."""
