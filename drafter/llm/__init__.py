"""One file a provider of language models."""
