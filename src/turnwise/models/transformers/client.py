"""A Hugging Face model as a ChatModel: what the rollout and the judges talk to."""

from __future__ import annotations

import time
from importlib.util import find_spec

import msgspec

from turnwise.errors import missing_extra
from turnwise.models.chat import ChatRequest, Reply, failed
from turnwise.models.transformers.engine import TransformersEngine, open_engine
from turnwise.models.transformers.settings import TransformersSettings, parse_settings
from turnwise.models.transformers.worker import Worker

__all__ = ["TransformersChat", "open_transformers"]


class TransformersChat:
    """A ChatModel in this process; concurrent requests are generated in batches.

    Temperature 0 is greedy; above it, every request draws from a generator seeded by its own content, so the same
    request gets the same reply in any batch. A response format is not followed: there is no constrained decoding here.
    """

    def __init__(self, settings: TransformersSettings, engine: TransformersEngine) -> None:
        self._settings = settings
        self._served_model = engine.served_model
        self._sees = engine.prompter.sees
        self._worker = Worker(engine, size=settings.batch)

    @property
    def name(self) -> str:
        """The canonical spelling, with the options that differ from the defaults."""
        return self._settings.name

    async def reply(self, request: ChatRequest) -> Reply:
        """Answer a request with others that are waiting.

        Raises:
            DataError: an image file is gone or changed.
        """
        if not self._sees and any(message.images for message in request.messages):
            sentence = f"{self._settings.model} reads text only, and the conversation shows an image"
            return failed("rejected", sentence, retryable=False)
        started = time.perf_counter()
        reply = await self._worker.answer(request)
        latency_ms = (time.perf_counter() - started) * 1000.0
        return msgspec.structs.replace(reply, latency_ms=latency_ms, served_model=self._served_model)

    async def close(self) -> None:
        """Stop generating and free the memory; closing twice is fine."""
        await self._worker.close()


def open_transformers(spelling: str) -> TransformersChat:
    """The model that `PATH_OR_ID[,batch=N][,device=D]` spells; its weights are loaded at the first request.

    Raises:
        UsageError: the extra is absent, an option is wrong, or the model cannot be opened.
    """
    settings = parse_settings(spelling)
    if find_spec("torch") is None or find_spec("transformers") is None or find_spec("accelerate") is None:
        raise missing_extra(f"transformers:{settings.model}", "transformers")
    return TransformersChat(settings, open_engine(settings))
