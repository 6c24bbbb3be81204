"""Everything that is said to the homeserver, and how its answers are read."""
