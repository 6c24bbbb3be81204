"""Integration tests use the fixtures of ``tests/conftest.py``: ``postgres``, ``database_url``."""
