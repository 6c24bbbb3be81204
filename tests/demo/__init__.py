"""``make demo``: a homeserver, people who talk on it, and this service in front of it."""
