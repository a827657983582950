"""Whether files can be written to a place, found out before the work."""

import tempfile
from pathlib import Path


def require_writable(directory: Path, *, prefix: str = ".") -> None:
    """
    Write to a directory and leave nothing; to the nearest one above it where it is yet to be made.

    Parameters
    ----------
    prefix
        How the name of what is written begins.

    Raises
    ------
    OSError
        It cannot be written to.
    """
    place = directory.resolve()
    above = next(one for one in (place, *place.parents) if one.exists())
    with tempfile.TemporaryDirectory(dir=above, prefix=prefix):
        pass
