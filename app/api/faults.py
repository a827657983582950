"""What was wrong with which field, in words its sender can act on."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from pydantic import BaseModel

Location = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that cannot be accepted.

    Attributes
    ----------
    field
        Its path: `call.location.lat`, `vehicles[3].status`.
    accepted
        What would be accepted: a list of words, a range in words, or None where neither helps.
    """

    field: str
    value: Any
    message: str
    accepted: Any = None


def faults_in(
    errors: Iterable[Mapping[str, Any]], endpoint: Callable[..., Any]
) -> list[FieldFault]:
    """Turn pydantic's errors in a request to `endpoint` into faults."""
    hints = get_type_hints(endpoint)
    return [_fault(error, hints) for error in errors]


def field_path(location: Sequence[int | str]) -> str:
    """Write a location in a body as people do: `vehicles[3].status`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".") or "body"


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Suggest the nearest known word, as a sentence with a leading space, or nothing."""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""


_TIME: Final = "RFC 3339 with an offset, such as 2021-01-17T18:42:05Z"


def _fault(error: Mapping[str, Any], hints: Mapping[str, Any]) -> FieldFault:
    source, *inner = error["loc"]
    location = tuple(inner) if source == "body" else (source, *inner)
    field, value, kind = field_path(location), error["input"], error["type"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "extra_forbidden":
        known = _fields_of(_annotation_at(hints.get("body"), tuple(inner[:-1])))
        message = f"There is no such field.{did_you_mean(inner[-1], known)}"
        return FieldFault(field, value, message, known)
    if kind == "enum":
        words = _words_of(
            _annotation_at(hints.get("body"), tuple(inner))
            if source == "body"
            else _without_none(hints[str(inner[-1])])
        )
        message = f"{value!r:.80} is not one of the words known here.{did_you_mean(value, words)}"
        return FieldFault(field, value, message, words)
    if kind == "missing":
        return FieldFault(field, None, "This is required and was not sent.")
    if kind == "finite_number":
        return FieldFault(field, value, f"{value} is not a finite number.", "a finite number")
    if kind.startswith(("timezone", "datetime")):
        return FieldFault(field, value, f"{error['msg']}.", _TIME)
    message = error["msg"]
    return FieldFault(
        field,
        value,
        message if message.endswith((".", "?")) else f"{message}.",
        context.get("accepted") or _range(context),
    )


_BOUNDS: Final = {
    "ge": "at least {:g}",
    "gt": "more than {:g}",
    "le": "at most {:g}",
    "lt": "less than {:g}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "pattern": "text that matches {}",
}


def _range(context: Mapping[str, Any]) -> str | None:
    said = [words.format(context[key]) for key, words in _BOUNDS.items() if key in context]
    return ", ".join(said) or None


def _annotation_at(annotation: Any, location: Location) -> Any:
    """The declared type at a location within a declared type."""
    for step in location:
        annotation = _without_none(annotation)
        if isinstance(step, int):
            annotation = next(iter(get_args(annotation)), Any)
        else:
            annotation = dict(_fields(annotation)).get(step, Any)
    return _without_none(annotation)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    others = [arg for arg in get_args(annotation) if arg is not NoneType]
    if NoneType in get_args(annotation) and len(others) == 1:
        return _without_none(others[0])
    return annotation


def _fields(annotation: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield field.alias or name, field.annotation


def _fields_of(annotation: Any) -> list[str]:
    return [name for name, _ in _fields(annotation)]


def _words_of(annotation: Any) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []
