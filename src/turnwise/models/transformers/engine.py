"""The model itself: weights loaded at the first batch, one left-padded batch generated at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import msgspec

from turnwise.errors import UsageError
from turnwise.models.chat import ChatRequest, Reply, Usage, failed
from turnwise.models.transformers.prompt import Prompter, open_prompter
from turnwise.models.transformers.sampling import RowNoise, StopDropped, seed_of
from turnwise.models.transformers.settings import TransformersSettings
from turnwise.models.transformers.worker import NotAnswerable, OutOfMemory

__all__ = ["TransformersEngine", "open_engine"]

_DEFAULT_MAX_TOKENS = 1024


class _Habits(msgspec.Struct, frozen=True):
    """What the model's authors say of sampling, for all that a request leaves open."""

    temperature: float
    top_k: int
    top_p: float
    max_tokens: int


class TransformersEngine:
    """An `Engine` over a Hugging Face model.

    Args:
        settings: Which model, and the device.
        config: Its configuration.
        prompter: Makes its inputs.
    """

    def __init__(self, settings: TransformersSettings, config: Any, prompter: Prompter) -> None:
        self.prompter = prompter
        self._settings = settings
        self._config = config
        self._torch: Any = import_module("torch")
        self._model: Any = None
        self._habits = _Habits(0.0, 0, 1.0, _DEFAULT_MAX_TOKENS)
        self._ends: frozenset[int] = frozenset()
        self._cannot_load: str | None = None

    @property
    def served_model(self) -> str:
        """The model's name, with the commit of the hub where it came from there."""
        commit = getattr(self._config, "_commit_hash", None)
        return f"{self._settings.model}@{commit}" if commit else self._settings.model

    def answer(self, requests: Sequence[ChatRequest], dropped: Callable[[], list[bool]]) -> list[Reply]:
        """One reply for each request; the batch changes neither its words nor its draws, but for rounding."""
        model = self._loaded()
        inputs = self.prompter.inputs(requests)
        lengths: list[int] = inputs["attention_mask"].sum(1).tolist()
        limits = [self._limit(request, length) for request, length in zip(requests, lengths, strict=True)]
        rows = self._generate(model, inputs, requests, max_new_tokens=max(limits), dropped=dropped)
        return [self._reply(row[:limit], length) for row, limit, length in zip(rows, limits, lengths, strict=True)]

    def free(self) -> None:
        """Drop the weights and give the device's memory back."""
        self._model = None
        gc.collect()
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def _loaded(self) -> Any:
        if self._model is None and self._cannot_load is None:
            try:
                self._model = self._load()
            except Exception as error:  # noqa: BLE001 - whatever it is, loading again would end the same way
                self._cannot_load = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        if self._cannot_load is not None:
            raise NotAnswerable("model_error", f"the weights cannot be loaded: {self._cannot_load}")
        return self._model

    def _load(self) -> Any:
        transformers: Any = import_module("transformers")
        sees = type(self._config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
        loader = transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM
        spread = {"device_map": "auto"} if self._settings.device == "spread" else {}
        model = loader.from_pretrained(self._settings.source, dtype="auto", **spread).eval()
        if not spread:
            model = model.to(self._device())
        self._habits, self._ends = self._read_habits(model)
        return model

    def _device(self) -> str:
        if self._settings.device != "auto":
            return self._settings.device
        return "cuda" if self._torch.cuda.is_available() else "cpu"

    def _read_habits(self, model: Any) -> tuple[_Habits, frozenset[int]]:
        """The authors' habits, taken out of the model's settings: from here on it decodes greedily."""
        own, tokenizer = model.generation_config, self.prompter.tokenizer
        temperature = (1.0 if own.temperature is None else own.temperature) if own.do_sample else 0.0
        top_p = 1.0 if own.top_p is None else own.top_p
        habits = _Habits(temperature, own.top_k or 0, top_p, own.max_new_tokens or _DEFAULT_MAX_TOKENS)
        own.do_sample, own.num_beams = False, 1
        own.temperature = own.top_k = own.top_p = own.min_p = own.typical_p = own.max_length = None
        ends = tokenizer.eos_token_id if own.eos_token_id is None else own.eos_token_id
        own.eos_token_id, own.pad_token_id = ends, tokenizer.pad_token_id
        known = ends if isinstance(ends, list) else [ends]
        return habits, frozenset(end for end in known if end is not None)

    def _limit(self, request: ChatRequest, length: int) -> int:
        """New tokens the request may have: as it asks, within what the model's context leaves."""
        asked = request.parameters.max_tokens
        wanted = self._habits.max_tokens if asked is None else asked
        context: int | None = getattr(self._config.get_text_config(), "max_position_embeddings", None)
        if context is None:
            return wanted
        if length >= context:
            sentence = f"the conversation has {length} tokens and the model takes {context}, its reply included"
            raise NotAnswerable("rejected", sentence)
        return min(wanted, context - length)

    def _generate(
        self,
        model: Any,
        inputs: Any,
        requests: Sequence[ChatRequest],
        *,
        max_new_tokens: int,
        dropped: Callable[[], list[bool]],
    ) -> list[list[int]]:
        """The new tokens of each request, whatever follows an end included."""
        transformers: Any = import_module("transformers")
        width = inputs["input_ids"].shape[1]
        try:
            with self._torch.inference_mode():
                tokens = model.generate(
                    **{name: _placed(value, model) for name, value in inputs.items()},
                    max_new_tokens=max_new_tokens,
                    logits_processor=transformers.LogitsProcessorList(self._warpers(model, requests)),
                    stopping_criteria=transformers.StoppingCriteriaList([StopDropped(self._torch, dropped)]),
                )
        except self._torch.OutOfMemoryError as error:
            sentence = str(error)
        else:
            rows: list[list[int]] = tokens[:, width:].tolist()
            return rows
        # Raised out here, where no traceback holds on to the tensors that did not fit.
        self._torch.cuda.empty_cache()
        raise OutOfMemory(sentence)

    def _warpers(self, model: Any, requests: Sequence[ChatRequest]) -> list[Any]:
        """What turns scores into draws; nothing at temperature 0."""
        transformers: Any = import_module("transformers")
        asked = requests[0].parameters.temperature
        temperature = self._habits.temperature if asked is None else asked
        if temperature == 0.0:
            return []
        warpers = [transformers.TemperatureLogitsWarper(float(temperature))]
        if self._habits.top_k:
            warpers.append(transformers.TopKLogitsWarper(self._habits.top_k))
        if self._habits.top_p < 1.0:
            warpers.append(transformers.TopPLogitsWarper(self._habits.top_p))
        return [*warpers, RowNoise(self._torch, [seed_of(request) for request in requests], model.device)]

    def _reply(self, tokens: list[int], prompt_length: int) -> Reply:
        end = next((place for place, token in enumerate(tokens) if token in self._ends), None)
        said, finish = (tokens, "length") if end is None else (tokens[:end], "stop")
        usage = Usage(prompt_length, len(said) + (end is not None))
        text = self.prompter.decode(said)
        if text.strip():
            return Reply(state="ok", text=text, finish_reason=finish, usage=usage)
        empty = failed("empty_reply", f"the reply is empty (finish reason {finish})", retryable=False)
        return msgspec.structs.replace(empty, finish_reason=finish, usage=usage)


def open_engine(settings: TransformersSettings) -> TransformersEngine:
    """The engine of a model whose configuration and processor can be read; its weights wait for the first batch.

    Raises:
        UsageError: the model is not there, or is none that can hold a conversation.
    """
    transformers: Any = import_module("transformers")
    transformers.utils.logging.disable_progress_bar()
    try:
        config = transformers.AutoConfig.from_pretrained(settings.source)
    except Exception as error:  # the library raises OSError, ValueError and what its transport raises
        said = " ".join(str(error).split())[:300]
        raise UsageError(f"{settings.name} cannot be opened: give a folder or a model of the hub ({said})") from error
    return TransformersEngine(settings, config, open_prompter(settings.name, settings.source, config))


def _placed(value: Any, model: Any) -> Any:
    """An input on the model's device, pixels in the model's precision; what is no tensor stays as it is."""
    if not hasattr(value, "is_floating_point"):
        return value
    return value.to(model.device, model.dtype) if value.is_floating_point() else value.to(model.device)
