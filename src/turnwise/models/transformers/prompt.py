"""Requests as tensors: roles, texts and pictures through the model's own chat template and processor."""

from __future__ import annotations

import inspect
import io
import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import PIL.Image
import PIL.ImageOps
from jinja2 import TemplateError

from turnwise.dialogue import Image
from turnwise.errors import UsageError
from turnwise.models.chat import ChatRequest, Message
from turnwise.models.transformers.worker import NotAnswerable

__all__ = ["MAX_PIXELS", "Prompter", "open_prompter", "picture_of"]

MAX_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_SANITIZE = "sanitize_control_tokens"
_log = logging.getLogger(__name__)


class Prompter:
    """The processor of a vision-language model, or the tokenizer of a text model.

    Args:
        processor: Either of the two.
        sees: Whether it takes images.
    """

    def __init__(self, processor: Any, *, sees: bool) -> None:
        self.sees = sees
        self.tokenizer: Any = processor.tokenizer if sees else processor
        self._processor = processor
        self.tokenizer.padding_side = "left"  # what is generated must stand right behind the prompt
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self._options: dict[str, Any] = {"processor_kwargs": {"padding": True}} if sees else {"padding": True}
        if _SANITIZE in inspect.signature(processor.apply_chat_template).parameters:
            self._options[_SANITIZE] = True

    def inputs(self, requests: Sequence[ChatRequest]) -> Any:
        """Tensors by name, padded on the left: input_ids and attention_mask (n_requests, n_tokens), and the pixels.

        Control tokens and image marks that a text spells out are encoded as plain text, so that it forges no role.

        Raises:
            NotAnswerable: an image cannot be decoded, or the template refuses the conversation.
            DataError: an image file is gone or changed.
        """
        conversations = [[self._shown(message) for message in request.messages] for request in requests]
        try:
            return self._encode(conversations)
        except NotImplementedError:
            if not self._options.pop(_SANITIZE, False):
                raise
            _log.warning("this model's template cannot keep control tokens of texts apart: they are read as such")
            return self._encode(conversations)

    def decode(self, tokens: list[int]) -> str:
        """The words of generated tokens, without special ones."""
        text: str = self.tokenizer.decode(tokens, skip_special_tokens=True)
        return text

    def _encode(self, conversations: list[list[dict[str, Any]]]) -> Any:
        try:
            return self._processor.apply_chat_template(
                conversations,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                **self._options,
            )
        except TemplateError as error:
            raise NotAnswerable("rejected", f"the model's chat template refuses the conversation: {error}") from error

    def _shown(self, message: Message) -> dict[str, Any]:
        if not self.sees:
            return {"role": message.role, "content": message.text}
        parts: list[dict[str, Any]] = [{"type": "image", "image": picture_of(image)} for image in message.images]
        if message.text or not parts:
            parts.append({"type": "text", "text": message.text})
        return {"role": message.role, "content": parts}


def open_prompter(name: str, source: str, config: Any) -> Prompter:
    """The prompter of a model, from its folder or the hub; no weights are read.

    Raises:
        UsageError: it cannot be read, or has no chat template.
    """
    transformers: Any = import_module("transformers")
    maps_images = type(config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    opener = transformers.AutoProcessor if maps_images else transformers.AutoTokenizer
    try:
        processor = opener.from_pretrained(source)
    except Exception as error:  # the library raises nearly every class for what a folder may lack
        said = " ".join(str(error).split())[:300]
        raise UsageError(f"{name}: the processor or tokenizer cannot be loaded ({said})") from error
    sees = getattr(processor, "image_processor", None) is not None
    tokenizer = processor.tokenizer if sees else processor
    if not (getattr(processor, "chat_template", None) or tokenizer.chat_template):
        raise UsageError(f"{name} has no chat template, so it cannot hold a conversation: take its chat version")
    return Prompter(processor, sees=sees)


def picture_of(image: Image) -> PIL.Image.Image:
    """The decoded picture: upright, in RGB, what is transparent on white.

    Raises:
        NotAnswerable: the bytes are no picture, or have more than `MAX_PIXELS` pixels.
        DataError: the file is gone or changed.
    """
    data = image.read_bytes()
    try:
        with PIL.Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height <= MAX_PIXELS:
                return _on_white(PIL.ImageOps.exif_transpose(opened))
            sentence = f"{opened.width} x {opened.height} pixels are more than {MAX_PIXELS}: make the image smaller"
    except Exception as error:  # noqa: BLE001 - on a broken file a decoder may raise anything
        sentence = f"the image cannot be decoded ({' '.join(str(error).split())[:200]})"
    raise NotAnswerable("rejected", f"image {image.sha256[:12]}: {sentence}")


def _on_white(picture: PIL.Image.Image) -> PIL.Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    shown = picture.convert("RGBA")
    page = PIL.Image.new("RGB", shown.size, "white")
    page.paste(shown, mask=shown.getchannel("A"))
    return page
