"""Checked values out of TOML files: what is wrong is said with its place, value and what fits."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from routing.errors import ProfileError

_Kind = TypeVar("_Kind")


def toml_tables(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ProfileError
        When it cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise ProfileError(msg) from error


@dataclass(frozen=True, slots=True)
class TomlReader:
    """Takes checked values out of TOML tables; `place` begins every message.

    Every method raises `ProfileError` for a value that is missing or does not fit.
    """

    place: str

    def value(self, table: Mapping[str, Any], key: str, kind: type[_Kind]) -> _Kind:
        """A value of one kind."""
        found = table.get(key)
        if not isinstance(found, kind):
            what = (
                "is missing" if key not in table else f"is {found!r}; it must be a {kind.__name__}"
            )
            msg = f"{self.place}: {key} {what}"
            raise ProfileError(msg)
        return found

    def table(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        """A table within."""
        return self.value(table, key, dict)

    def strings(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of strings."""
        found = self.value(table, key, list)
        if not all(isinstance(one, str) for one in found):
            msg = f"{self.place}: {key} is {found!r}; it must be a list of strings"
            raise ProfileError(msg)
        return tuple(found)

    def numbers(
        self, table: Mapping[str, Any], key: str, *, at_least_zero: bool = False
    ) -> dict[str, float]:
        """A table of numbers above 0, or from 0 on."""
        found = self.table(table, key)
        return {
            name: self.number(found, name, within=f"{key}.", at_least_zero=at_least_zero)
            for name in found
        }

    def row(self, table: Mapping[str, Any], key: str, length: int) -> tuple[float, ...]:
        """A list of so many numbers above 0."""
        found = self.value(table, key, list)
        if len(found) != length:
            msg = f"{self.place}: {key} has {len(found)} numbers; it must have {length}"
            raise ProfileError(msg)
        numbered = {f"[{i}]": one for i, one in enumerate(found)}
        return tuple(self.number(numbered, name, within=key) for name in numbered)

    def number(
        self, table: Mapping[str, Any], key: str, *, within: str = "", at_least_zero: bool = False
    ) -> float:
        """A number above 0, or from 0 on."""
        number: Any = table.get(key)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not (0 < number < math.inf or (at_least_zero and number == 0)):
            accepted = "0 or more" if at_least_zero else "above 0"
            msg = f"{self.place}: {within}{key} is {number!r}; it must be a number {accepted}"
            raise ProfileError(msg)
        return float(number)
