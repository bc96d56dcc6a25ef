"""A linear classifier of whole replies, for what no pattern names: threats by hint, by story, by kindness."""
