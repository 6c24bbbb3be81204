"""Traces: what a request, and an answer of the homeserver, cost on their way through the parts.

Nothing of the rest knows of this package. When ``SYNCV3_OTLP_URL`` is set, ``starting.py`` is
loaded, and puts its own functions in the place of those that ``seams.py`` names; they measure,
and call the original. When it is not set, nothing of it is loaded, and no request or answer
makes a single call more.
"""
