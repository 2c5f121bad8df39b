"""The one error tree. Every error carries one sentence for people, with the fix in it.

TurnwiseError             anything turnwise raises on purpose
├── UsageError            a setting, option, file, record or key is wrong; raised before the first request (exit 2)
│   ├── DataError         a benchmark, label or image file breaks its format
│   └── SettingsChanged   a run file was made under other settings; carries the differences
├── EndpointDown          a model endpoint stopped answering; what was answered is kept (exit 1)
├── RunFileError          the run file cannot be read or written: locked, full disk, not ours (exit 2)
└── NotMeasurable         a number is not defined on the rows there are (exit 1)
"""

from __future__ import annotations

__all__ = [
    "DataError",
    "EndpointDown",
    "NotMeasurable",
    "RunFileError",
    "SettingsChanged",
    "TurnwiseError",
    "UsageError",
    "missing_extra",
    "one_of",
]


class TurnwiseError(Exception):
    """Anything turnwise raises on purpose; `exit_code` is what the command line returns for it."""

    exit_code = 2


class UsageError(TurnwiseError):
    """A setting, option, file, record or key is wrong; raised before the first request is sent."""


class DataError(UsageError):
    """A benchmark, label or image file breaks its format; the sentence names file, record, field and value."""


class SettingsChanged(UsageError):
    """A run file was made under other settings; the sentence lists each difference."""


class EndpointDown(TurnwiseError):
    """A model endpoint stopped answering, so the run stopped early; what was answered is kept."""

    exit_code = 1


class RunFileError(TurnwiseError):
    """The run file cannot be opened, read or written."""


class NotMeasurable(TurnwiseError):
    """A number is not defined on the rows there are; the sentence says which rows are missing."""

    exit_code = 1


def one_of(what: str, value: str, known: list[str] | tuple[str, ...]) -> UsageError:
    """An error for an unknown option value that lists the known ones."""
    return UsageError(f"{what} {value!r} is not known; known: {', '.join(known)}")


def missing_extra(feature: str, extra: str) -> UsageError:
    """An error for a feature whose optional packages are not installed, with the command that installs them."""
    return UsageError(f"{feature} needs the extra {extra!r}: pip install 'turnwise[{extra}]'")
