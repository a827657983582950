"""How long work tells whoever waits for it how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called with a stage in plain English, units done and units in all (0 when unknown)."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report how far a stage is."""
        ...


def silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""
