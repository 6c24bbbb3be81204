"""Hostile values in every place of an answer to ``/sync``: each costs at most itself.

A *case* is a value (``values``) in a place (``places``, ``sections``), in a user's first
answer or in a later one, in a small answer or in one so large that it is spooled. Many cases
run at once, a *house* of two users for some dozens of them (``house``): real HTTP, real
PostgreSQL, and a restart in the middle. ``python -m tests.integration.hostile N``
runs as many as you like; a case that fails prints its place and its value.
"""
