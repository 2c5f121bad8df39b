"""How an in-process model is spelled, `PATH_OR_ID[,batch=N][,device=D]`, read before anything heavy is imported."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from turnwise.errors import UsageError, one_of

__all__ = ["TRANSFORMERS_OPTIONS", "TransformersSettings", "parse_settings"]

TRANSFORMERS_OPTIONS = ("batch", "device")
_BATCH = 8
_DEVICE = "auto"
_DEVICES = re.compile(r"auto|cpu|mps|cuda|cuda:\d+|spread")
_LOOKS_LOCAL = re.compile(r"[./~\\]|[A-Za-z]:\\|[^/]+/[^/]+/")


class TransformersSettings(msgspec.Struct, frozen=True):
    """Which model, and how it runs here.

    Fields:
        model: A folder, or an id of the Hugging Face hub.
        batch: Requests generated together at most.
        device: "auto" is cuda where there is one, else cpu; "spread" lays the layers over all devices.
    """

    model: str
    batch: int = _BATCH
    device: str = _DEVICE

    @property
    def name(self) -> str:
        """The canonical spelling: the options that differ from the defaults follow the model."""
        batch = "" if self.batch == _BATCH else f",batch={self.batch}"
        device = "" if self.device == _DEVICE else f",device={self.device}"
        return f"transformers:{self.model}{batch}{device}"

    @property
    def source(self) -> str:
        """What the library is given: the folder with its `~` resolved, or the id."""
        folder = Path(self.model).expanduser()
        return str(folder) if folder.is_dir() else self.model


def parse_settings(spelling: str) -> TransformersSettings:
    """The settings that `PATH_OR_ID[,key=value...]` spells.

    Raises:
        UsageError: an option is unknown, given twice or out of range, or a folder is not there or holds no model.
    """
    model, *options = spelling.split(",")
    given = _read_options(options)
    batch, device = given.get("batch", str(_BATCH)), given.get("device", _DEVICE)
    if not batch.isdecimal() or int(batch) < 1:
        raise UsageError(f"transformers model: batch is {batch!r}: give a whole number from 1")
    if not _DEVICES.fullmatch(device):
        raise UsageError(f"transformers model: device {device!r} is not known: auto, cpu, cuda, cuda:N, mps or spread")
    _check_folder(model)
    return TransformersSettings(model, int(batch), device)


def _read_options(options: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for option in options:
        key, _, value = option.partition("=")
        if key not in TRANSFORMERS_OPTIONS:
            raise one_of("option of a transformers model", key, TRANSFORMERS_OPTIONS)
        if key in given:
            raise UsageError(f"transformers model: {key} is given twice")
        given[key] = value
    return given


def _check_folder(model: str) -> None:
    if not model.strip():
        raise UsageError("the model is missing: write transformers:FOLDER or transformers:OWNER/NAME")
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UsageError(f"transformers:{model}: the folder holds no config.json, so it is no saved model")
    elif folder.exists() or _LOOKS_LOCAL.match(model):
        raise UsageError(f"transformers:{model}: there is no such folder: give a saved model, or OWNER/NAME of the hub")
