"""Files that a job reads: those among the server's inputs may be named, and no others."""

from pathlib import Path


class InputPathError(ValueError):
    """A file that may not be read, or is not there; the message says which and why."""


def server_file(root: Path | None, name: str) -> Path:
    """
    A file of the server's by its path below the directory of inputs.

    Raises
    ------
    InputPathError
        There is no such directory or file, or the path leads out of it.
    """
    if root is None:
        msg = "this service lets no files of its own be named; send the file along"
        raise InputPathError(msg)
    within = root.resolve()
    msg = f"{name!r:.200} is no file among the inputs of this service"
    try:
        # A link is followed first: where it leads is what counts.
        file = (within / name).resolve()
        found = file.is_relative_to(within) and file.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputPathError(msg) from error
    if not found:
        raise InputPathError(msg)
    return file


def kept_name(name: str, given: str | None) -> str:
    """The name under which an uploaded file is kept: ours, with the endings of the one given."""
    endings = [one.lower() for one in Path(given or "").suffixes[-2:]]
    return name + "".join(one for one in endings if one[1:].isascii() and one[1:].isalnum())
