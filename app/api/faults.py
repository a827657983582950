"""What was wrong with which field, in words its sender can act on."""

import difflib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from fastapi import UploadFile
from pydantic import BaseModel
from starlette.datastructures import UploadFile as UploadedFile

from app.fields import WRITTEN_AS

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
    errors: Iterable[Mapping[str, Any]],
    endpoint: Callable[..., Any],
    withheld: Collection[str] = (),
) -> list[FieldFault]:
    """Turn pydantic's errors in a request to `endpoint` into faults.

    Words `withheld` are known but not served here: they are not told as accepted.
    """
    hints = get_type_hints(endpoint)
    return [_fault(error, hints, withheld) for error in errors]


def field_path(location: Sequence[int | str]) -> str:
    """Write a location in a body as people do: `vehicles[3].status`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".") or "body"


def as_sent(value: object) -> str:
    """Write a value as its sender would: null, NaN, a file by its name."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float() if not math.isfinite(value):
            return str(value).replace("nan", "NaN").replace("inf", "Infinity")
        case UploadedFile():
            return f"the file {value.filename}"
    return repr(value)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Suggest the nearest known word, as a sentence with a leading space, or nothing."""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""


_TIME: Final = "RFC 3339 with an offset, such as 2021-01-17T18:42:05Z"

_Said = tuple[str, Any]
"""What is wrong, and what would be accepted."""


def _fault(
    error: Mapping[str, Any], hints: Mapping[str, Any], withheld: Collection[str]
) -> FieldFault:
    source, *inner = error["loc"]
    location = tuple(inner) if source == "body" else (source, *inner)
    value = None if error["type"] == "missing" else error["input"]
    message, accepted = (
        _of_names(error, hints, withheld)
        or _of_forms(error, hints)
        or _of_values(error, hints)
        or _as_reported(error)
    )
    return FieldFault(field_path(location), value, message, accepted)


def _of_names(
    error: Mapping[str, Any], hints: Mapping[str, Any], withheld: Collection[str]
) -> _Said | None:
    """What to say when a field or a word is missing or not known."""
    source, *inner = error["loc"]
    match error["type"]:
        case "extra_forbidden":
            known = _fields_of(_annotation_at(hints.get(source), tuple(inner[:-1])))
            what = "field" if source == "body" else "parameter"
            return f"There is no such {what}.{did_you_mean(inner[-1], known)}", known
        case "enum":
            value = error["input"]
            known = _words_of(_annotation_at(hints.get(source), tuple(inner)))
            words = [word for word in known if word not in withheld]
            hint = did_you_mean(value, words)
            return f"{as_sent(value):.80} is not one of the words known here.{hint}", words
        case "missing":
            wanted = _wanted(_annotation_at(hints.get(source), tuple(inner)))
            return "This is required and was not sent.", wanted
    return None


def _of_values(error: Mapping[str, Any], hints: Mapping[str, Any]) -> _Said | None:
    """What to say of times, counts, patterns and numbers."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "finite_number":
        return f"{as_sent(value)} is not a finite number.", "a finite number"
    if kind.startswith(("timezone", "datetime")):
        return f"{_TIME_MESSAGES.get(kind, error['msg'])}.", _TIME
    if kind in _COUNTS:
        wanted = _COUNTS[kind].format(**context)
        return f"There must be {wanted}; {len(value)} were sent.", wanted
    if kind == "string_pattern_mismatch":
        words = WRITTEN_AS[context["pattern"]]
        return f"This must be {words}.", words
    if kind in _NUMBERS:
        source, *inner = error["loc"]
        limits = _limits(_annotation_at(hints.get(source), tuple(inner[:-1])), inner[-1])
        return f"{error['msg']}.", " ".join(filter(None, (_NUMBERS[kind], limits)))
    return None


def _as_reported(error: Mapping[str, Any]) -> _Said:
    message, context = error["msg"], error.get("ctx", {})
    sentence = message if message.endswith((".", "?")) else f"{message}."
    return sentence, context.get("accepted") or _range(context)


def _of_forms(error: Mapping[str, Any], hints: Mapping[str, Any]) -> _Said | None:
    """What to say of something of another kind than is wanted: an object, a list, text, a file."""
    source, *inner = error["loc"]
    annotation = _annotation_at(hints.get(source), tuple(inner))
    if error["type"] in _OBJECTS:
        wanted = _object_with(annotation)
    elif error["type"] in _LISTS:
        item = _without_none(next(iter(get_args(annotation)), Any))
        words = " | ".join(_words_of(item))
        wanted = f"a list of {words or ('objects' if _fields_of(item) else 'values')}"
    elif error["type"] in _PLAIN:
        wanted = _PLAIN[error["type"]]
    elif error["type"] == "value_error" and annotation is UploadFile:
        wanted = "a file"
    else:
        return None
    return f"This must be {wanted}.", wanted


def _wanted(annotation: Any) -> Any:
    """What would be accepted where nothing was sent: words, or an object; None for other values."""
    return _words_of(annotation) or (_object_with(annotation) if _fields_of(annotation) else None)


def _object_with(annotation: Any) -> str:
    fields = ", ".join(_fields_of(annotation))
    return f"an object with {fields}" if fields else "an object"


_OBJECTS: Final = {"model_type", "model_attributes_type", "dict_type"}
_LISTS: Final = {"list_type", "frozen_set_type", "set_type", "tuple_type"}

_TIME_MESSAGES: Final = {
    "timezone_aware": "A time needs an offset from UTC: 2021-01-17T18:42:05Z, "
    "or 2021-07-17T19:42:05+01:00 in British summer",
    "datetime_from_date_parsing": "This is not a date and time in RFC 3339",
    "datetime_parsing": "This is not a date and time in RFC 3339",
}

_PLAIN: Final = {
    "string_type": "text",
    "string_unicode": "text in Unicode",
    "bool_type": "true or false",
}

_COUNTS: Final = {
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} item",
}

_NUMBERS: Final = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}

_LIMITS: Final = {
    "minimum": "from {:.10g}",
    "exclusiveMinimum": "above {:.10g}",
    "maximum": "to {:.10g}",
    "exclusiveMaximum": "to less than {:.10g}",
}


@cache
def _limits(model: Any, name: str) -> str:
    """Between what a number of a model lies, by its JSON schema: "from 0 to less than 360"."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return ""
    schema = model.model_json_schema()
    said = {
        key: value
        for alternative in (schema, *schema.get("oneOf", ()))
        for field in [alternative.get("properties", {}).get(name, {})]
        for form in (field, *field.get("anyOf", ()))
        for key, value in form.items()
    }
    return " ".join(words.format(said[key]) for key, words in _LIMITS.items() if key in said)


_BOUNDS: Final = {
    "ge": "at least {:g}",
    "gt": "more than {:g}",
    "le": "at most {:g}",
    "lt": "less than {:g}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
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
