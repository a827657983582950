"""Replays of past calls, on the code that answers live ones."""
