"""Passes on to the homeserver what clients ask of it: one address for everything."""
