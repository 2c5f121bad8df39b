"""How much of MTMCS-Bench is taken: `PATH[,images=..][,split=..][,modality=..][,captions=FILE]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar, get_args

import msgspec

from turnwise.benchmarks.mtmcs.row import Split
from turnwise.dialogue import Modality
from turnwise.errors import UsageError, one_of

__all__ = ["Form", "MtmcsOptions", "read_options"]

Pictures = Literal["base", "variants", "all"]

_OPTIONS = ("images", "split", "modality", "captions")
_OPTION = re.compile(r",(?=\w+=)")

T = TypeVar("T", bound=str)


class Form(msgspec.Struct, frozen=True):
    """One form that the dialogues of a row take.

    Fields:
        name: As dialogue ids say it.
        picture: 0 is the photograph, 1 to 3 are its variants; None is no picture, so the text-only dialogues.
    """

    name: str
    picture: int | None

    @property
    def modality(self) -> Modality:
        """With or without a picture."""
        return "unimodal" if self.picture is None else "multimodal"


_BASE = Form("multimodal", 0)
_VARIANTS = tuple(Form(f"multimodal/variant_{number}", number) for number in (1, 2, 3))
_SHOWN: dict[Pictures, tuple[Form, ...]] = {"base": (_BASE,), "variants": _VARIANTS, "all": (_BASE, *_VARIANTS)}
_TOLD = Form("unimodal", None)


class MtmcsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken of the data.

    Fields:
        images: The pictures that multimodal dialogues are held about; the official runner knows "base" only.
        split, modality: None takes both.
        captions: The captions file; None looks for one beside the data.
    """

    images: Pictures = "base"
    split: Split | None = None
    modality: Modality | None = None
    captions: Path | None = None

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms in which each row is held, multimodal ones first."""
        shown = _SHOWN[self.images]
        return {None: (*shown, _TOLD), "multimodal": shown, "unimodal": (_TOLD,)}[self.modality]

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """The image columns that no form shows: most of the data's bytes."""
        pictures = {form.picture for form in self.forms} - {None}
        return (*(() if 0 in pictures else ("image",)), *(() if pictures - {0} else ("variant_images",)))


def read_options(where: str) -> tuple[str, MtmcsOptions]:
    """The path or hub id that `PATH[,key=value...]` begins with, and the options that follow it.

    Raises:
        UsageError: an option is unknown or given twice, its value is not known, or the captions file is not there.
    """
    path, *options = _OPTION.split(where)
    given: dict[str, str] = {}
    for option in options:
        key, _, value = option.partition("=")
        if key not in _OPTIONS:
            raise one_of("option of mtmcs", key, _OPTIONS)
        if key in given:
            raise UsageError(f"mtmcs: {key} is given twice")
        given[key] = value
    return path, MtmcsOptions(
        images=_choice(given, "images", get_args(Pictures)) or "base",
        split=_choice(given, "split", get_args(Split)),
        modality=_choice(given, "modality", get_args(Modality)),
        captions=_captions(given),
    )


def _choice(given: Mapping[str, str], key: str, known: tuple[T, ...]) -> T | None:
    value = given.get(key)
    found = next((choice for choice in known if choice == value), None)
    if value is not None and found is None:
        raise one_of(f"mtmcs: {key}", value, known)
    return found


def _captions(given: Mapping[str, str]) -> Path | None:
    if "captions" not in given:
        return None
    path = Path(given["captions"]).expanduser()
    if not path.is_file():
        raise UsageError(f"mtmcs: captions: {given['captions']!r} is no file")
    return path
