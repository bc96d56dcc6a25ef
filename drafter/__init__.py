"""The reply desk: a debtor's message in, a reply that a named human approved out."""
