"""From the bytes or columns of one record to a typed value, with every fault told in one sentence.

Loaders decode through here only, so that no file, however broken or hostile, ends in anything but a DataError.
"""

from __future__ import annotations

import re
import reprlib
from typing import Any, TypeVar

import msgspec

from turnwise.errors import DataError

__all__ = ["decoded"]

T = TypeVar("T")

_PATH = re.compile(r"at `\$((?:\.\w+|\[\d+\])+)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
# A high surrogate that no low one follows. msgspec reports it as a cut or malformed file, which misleads.
_LONE_SURROGATE = re.compile(rb"(?<!\\)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|invalid utf-16")


def decoded(data: msgspec.Raw | bytes | dict[str, Any], shape: type[T], where: str) -> T:
    """The record as `shape`; `where` opens every error sentence.

    Raises:
        DataError: not JSON in UTF-8, nested too deeply, or a field is missing or of the wrong type; the sentence
            names place, field and value.
    """
    try:
        if isinstance(data, dict):
            return msgspec.convert(data, shape)
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise DataError(f"{where}: {error}{_value(data, str(error))}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{where}: {_syntax(data, error)}") from error
    except RecursionError as error:
        raise DataError(f"{where}: nested too deeply to be read") from error


def _syntax(data: msgspec.Raw | bytes | dict[str, Any], error: Exception) -> str:
    text = b"" if isinstance(data, dict) else bytes(data)
    if _LONE_SURROGATE.search(text + str(error).encode()):
        return r"half of a surrogate pair (such as \ud800 alone) stands in a text; it is no character"
    return str(error)


def _value(data: msgspec.Raw | bytes | dict[str, Any], message: str) -> str:
    """The value a message about a wrong type speaks of, shortened; "" where the message has it or there is none."""
    path = _PATH.search(message)
    if path is None or not message.startswith("Expected"):
        return ""
    try:
        value: Any = data if isinstance(data, dict) else msgspec.json.decode(data)
        for name, index in _STEP.findall(path[1]):
            value = value[name] if name else value[int(index)]
    except (ValueError, LookupError, TypeError, RecursionError):  # the rest of the record is broken as well
        return ""
    return f"; the value is {reprlib.repr(value)}"
