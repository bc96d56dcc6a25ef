"""A file is a revision."""
