"""A model that writes down what it is asked, and dialogues to ask it: shared by the tests of several rooms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from turnwise.dialogue import Dialogue, Image, Turn
from turnwise.models import ChatRequest, Reply, failed

FAILURE_TEXT = "HTTP 500: the server fell over"
PNG = b"\x89PNG\r\n\x1a\n"


class Recording:
    """A ChatModel that keeps its requests; `answer` makes a reply of the request's number, from 1."""

    def __init__(self, answer: Callable[[int], Reply] | None = None, *, name: str = "recording:one") -> None:
        self.requests: list[ChatRequest] = []
        self.closed = 0
        self._name = name
        self._answer = answer or (lambda number: ok(f"own reply {number}"))

    @property
    def name(self) -> str:
        """A spelling that nothing else has."""
        return self._name

    async def reply(self, request: ChatRequest) -> Reply:
        """Note the request and answer it."""
        self.requests.append(request)
        return self._answer(len(self.requests))

    async def close(self) -> None:
        """Count that it was closed."""
        self.closed += 1


def ok(text: str) -> Reply:
    """An answered turn."""
    return Reply("ok", text, "stop")


def broken() -> Reply:
    """A turn nobody answered."""
    return failed("server_error", FAILURE_TEXT, retryable=True)


def blocked() -> Reply:
    """A turn the service's filter stopped."""
    return Reply("provider_blocked", finish_reason="content_filter")


def says(*texts: str) -> Callable[[int], Reply]:
    """Answers in order; the last one goes on."""
    return lambda number: ok(texts[min(number, len(texts)) - 1])


def replies(*given: Reply) -> Callable[[int], Reply]:
    """Replies in order; the last one goes on."""
    return lambda number: given[min(number, len(given)) - 1]


def image(name: str) -> Image:
    """An image known by its name alone; nothing reads its bytes."""
    return Image(hashlib.sha256(name.encode()).hexdigest(), "image/png", len(PNG), f"{name}.png")


def scripted(
    turns: int = 3, *, images: Sequence[Image] = (), pinned: Sequence[Image] = (), name: str = "d1"
) -> Dialogue:
    """A dialogue with scripted replies; `pinned` images stand on turn 2."""
    return Dialogue(
        id=name,
        benchmark="test",
        group=f"group of {name}",
        turns=tuple(
            Turn(
                f"question {number}",
                tuple(pinned) if number == 2 else (),
                reply=None if number == turns else f"scripted reply {number}",
            )
            for number in range(1, turns + 1)
        ),
        images=tuple(images),
        modality="multimodal" if images or pinned else "unimodal",
    )


def live(turns: int = 3, *, images: Sequence[Image] = (), pinned: Sequence[Image] = (), name: str = "d1") -> Dialogue:
    """A dialogue without scripted replies; `pinned` images stand on turn 2."""
    return Dialogue(
        id=name,
        benchmark="test",
        group=f"group of {name}",
        history="live",
        turns=tuple(Turn(f"question {number}", tuple(pinned) if number == 2 else ()) for number in range(1, turns + 1)),
        images=tuple(images),
        modality="multimodal" if images or pinned else "unimodal",
    )
