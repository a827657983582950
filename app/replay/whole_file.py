"""Files that appear whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".unfinished"
"""Ends the name of a file that is not whole."""


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Write a file so that it is there only once all of it is on disk."""
    unfinished = file.with_name(file.name + UNFINISHED)
    write(unfinished)
    with unfinished.open("rb") as stream:
        os.fsync(stream.fileno())
    unfinished.replace(file)


def write_whole_text(file: Path, text: str) -> None:
    """Write text in UTF-8 likewise."""
    write_whole(file, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
