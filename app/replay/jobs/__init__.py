"""Replays that the service runs beside live calls, each in a process of its own."""
