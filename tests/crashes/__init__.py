"""Real processes crash under live clients, over HTTP, and a model says who must have what.

``python -m tests.crashes`` runs the whole matrix and prints its figures. The short form is
``test_crashes.py``. ``matrix.py`` says what happens when, ``faults.py`` what breaks.
"""
