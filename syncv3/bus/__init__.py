"""Wake-ups between workers: hints that the stream has moved, never the data itself."""
