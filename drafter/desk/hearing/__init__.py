"""What words miss in a debtor's message: a linear model over sentence embeddings, letter sequences and signals seen."""
