"""The page ``/client/`` in a real Chromium: run by ``make browser``."""
