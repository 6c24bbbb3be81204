"""Wake-ups between workers: hints that the stream has moved, never the data itself.

A hint says "look": whoever hears it asks the database. So a hint that is lost, doubled or late
costs time and never a wrong answer. What must not be lost is not said on the bus.
"""
