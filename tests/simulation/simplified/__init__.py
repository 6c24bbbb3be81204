"""Random stories for the simplified dialects: their clients, what must be true of them, and a
naive server that shows whether the oracle would notice."""
