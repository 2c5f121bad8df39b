r"""`simulated:NAME`: models without a network whose true rates are known, for demos, tests and checks of statistics.

A simulated model sees what a real target sees, the ChatRequest, and nothing else. The same request always gets the same
reply. The truth, with k the number of user messages in the request:

| NAME | P(unsafe compliance \| looks harmful) at k = 1, 2, 4, 6, 8 | P(help \| looks harmless), same k |
| --- | --- | --- |
| steady | 0.30 at every k | 0.97 |
| eroding | 0.10, 0.20, 0.35, 0.45, 0.55 | 0.97 |
| paranoid | 0.10 at every k | 0.40, 0.35, 0.25, 0.15, 0.10 |
| gullible | 0.85 at every k | 0.97 |
| flaky | as steady, of those answered; 5 % of all requests fail, 3 % are blocked | 0.97 |

Between the lengths given, P is interpolated; beyond them it is flat. A request looks harmful when one of its user
messages holds a word of `HARM_WORDS`. The reply to such a request is plain compliance or a full refusal; a tenth of the
helpful replies to harmless-looking requests carry a caveat. A question about a dialogue, told by its last line, is
answered by a guess: every answer it offers is equally likely, so intent accuracy is at chance.

Options follow the name: `simulated:steady,rate=0.5,seed=7,latency_ms=20`. `rate` sets P(unsafe compliance) at every k.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import math
from collections.abc import Callable
from statistics import NormalDist

import msgspec

from turnwise.errors import UsageError, one_of
from turnwise.models.chat import ChatRequest, Reply, Usage, failed
from turnwise.models.simulated_text import CAVEATS, COMPLIANCES, REFUSALS, looks_harmful, offered_answers

__all__ = ["BEHAVIOURS", "SIMULATED_OPTIONS", "Behaviour", "Simulated", "open_simulated"]

Curve = tuple[tuple[int, float], ...]
"""Points (k, probability) in rising order of k."""

_NORMAL = NormalDist()
_IMAGE_TOKENS = 576


class Behaviour(msgspec.Struct, frozen=True):
    """What a simulated model does, as probabilities.

    Fields:
        name: As spelled after `simulated:`.
        unsafe: P(plain compliance) with a request that looks harmful, by k; the rest are full refusals.
        helpful: P(help) with a request that looks harmless, by k; the rest are full refusals.
        caveat_share: Share of the help for harmless-looking requests that comes with a caveat.
        failed_share, blocked_share, empty_share: Shares of all requests that end in these states.
        group_correlation: Correlation of the latent normal draws of two requests of one group (rho of a Gaussian
            copula), in [0, 1]. A group is known by its first image, without images by its last user message.
    """

    name: str
    unsafe: Curve
    helpful: Curve = ((1, 0.97),)
    caveat_share: float = 0.1
    failed_share: float = 0.0
    blocked_share: float = 0.0
    empty_share: float = 0.0
    group_correlation: float = 0.3

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        shares = (self.caveat_share, self.failed_share, self.blocked_share, self.empty_share, self.group_correlation)
        points = [probability for _, probability in (*self.unsafe, *self.helpful)]
        wrong = [value for value in (*shares, *points) if not 0.0 <= value <= 1.0]
        if wrong:
            raise UsageError(f"simulated:{self.name}: {wrong[0]} is no probability: give a number from 0 to 1")
        if not self.unsafe or not self.helpful or self.failed_share + self.blocked_share + self.empty_share > 1.0:
            raise UsageError(f"simulated:{self.name}: a curve is empty, or failed, blocked and empty shares exceed 1")


_STEADY = Behaviour("steady", unsafe=((1, 0.30),))
BEHAVIOURS = {
    "steady": _STEADY,
    "eroding": Behaviour("eroding", unsafe=((1, 0.10), (2, 0.20), (4, 0.35), (6, 0.45), (8, 0.55))),
    "paranoid": Behaviour(
        "paranoid", unsafe=((1, 0.10),), helpful=((1, 0.40), (2, 0.35), (4, 0.25), (6, 0.15), (8, 0.10))
    ),
    "gullible": Behaviour("gullible", unsafe=((1, 0.85),)),
    "flaky": msgspec.structs.replace(_STEADY, name="flaky", failed_share=0.05, blocked_share=0.03),
}


class Simulated:
    """A ChatModel that draws its replies from a behaviour, by a hash of seed and request.

    Two behaviours under one seed share their draws, so they differ only where their probabilities do; another seed
    gives independent draws.
    """

    def __init__(self, behaviour: Behaviour, *, seed: int = 0, latency_ms: float = 0.0) -> None:
        self._behaviour = behaviour
        self._seed = seed
        self._latency_ms = latency_ms

    @property
    def name(self) -> str:
        """The spelling with the options that differ from the defaults."""
        seed = f",seed={self._seed}" if self._seed else ""
        latency = f",latency_ms={self._latency_ms:g}" if self._latency_ms else ""
        return f"simulated:{self._behaviour.name}{seed}{latency}"

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply this behaviour gives to this request, always the same."""
        if self._latency_ms:
            await asyncio.sleep(self._latency_ms / 1000.0)
        return msgspec.structs.replace(self._reply(request), latency_ms=self._latency_ms)

    async def close(self) -> None:
        """Nothing to give back."""

    def _reply(self, request: ChatRequest) -> Reply:
        behaviour, sha256 = self._behaviour, request.sha256()
        state = self._uniform("state", sha256)
        if state < behaviour.failed_share:
            return failed("server_error", "simulated failure of the model", retryable=True)
        state -= behaviour.failed_share
        if state < behaviour.blocked_share:
            return Reply(state="provider_blocked", finish_reason="content_filter")
        if state - behaviour.blocked_share < behaviour.empty_share:
            return failed("empty_reply", "simulated empty reply", retryable=True)
        return self._answer(request, sha256)

    def _answer(self, request: ChatRequest, sha256: str) -> Reply:
        templates = offered_answers(request.messages[-1].text) or self._stance(request, sha256)
        text = templates[int(self._uniform("text", sha256) * len(templates))]
        usage = Usage(_tokens_of(request), len(text) // 4 + 1)
        return Reply(state="ok", text=text, finish_reason="stop", usage=usage, served_model=self.name)

    def _stance(self, request: ChatRequest, sha256: str) -> tuple[str, ...]:
        behaviour = self._behaviour
        user_texts = [message.text for message in request.messages if message.role == "user"]
        draw = self._correlated(_group_of(request, user_texts), sha256)
        if looks_harmful(user_texts):
            return COMPLIANCES if draw < _at(behaviour.unsafe, len(user_texts)) else REFUSALS
        if draw >= _at(behaviour.helpful, len(user_texts)):
            return REFUSALS
        return CAVEATS if self._uniform("caveat", sha256) < behaviour.caveat_share else COMPLIANCES

    def _correlated(self, group: str, sha256: str) -> float:
        """A draw uniform on (0, 1), correlated with those of the same group."""
        rho = self._behaviour.group_correlation
        shared = _NORMAL.inv_cdf(self._uniform("group", group))
        own = _NORMAL.inv_cdf(self._uniform("request", sha256))
        return _NORMAL.cdf(math.sqrt(rho) * shared + math.sqrt(1.0 - rho) * own)

    def _uniform(self, purpose: str, key: str) -> float:
        """A draw uniform on (0, 1), independent for every seed, purpose and key."""
        digest = hashlib.sha256(f"{self._seed}|{purpose}|{key}".encode()).digest()
        return ((int.from_bytes(digest[:8]) >> 12) + 0.5) / 2.0**52


def _at(curve: Curve, turns: int) -> float:
    """The probability at a number of turns: linear between the points, flat beyond them."""
    if turns <= curve[0][0]:
        return curve[0][1]
    for (left, low), (right, high) in itertools.pairwise(curve):
        if turns <= right:
            return low + (high - low) * (turns - left) / (right - left)
    return curve[-1][1]


def _group_of(request: ChatRequest, user_texts: list[str]) -> str:
    """What the lengths of one group share: their first image, wherever it stands, else the last user message."""
    images = [image.sha256 for message in request.messages for image in message.images]
    return images[0] if images else (user_texts or [""])[-1]


def _tokens_of(request: ChatRequest) -> int:
    """About how many tokens the request has."""
    return sum(len(message.text) // 4 + 4 + _IMAGE_TOKENS * len(message.images) for message in request.messages)


def open_simulated(spelling: str, *, seed: int = 0) -> Simulated:
    """The model that `NAME` or `NAME,key=value,...` spells; a seed in the spelling goes before the one given.

    Raises:
        UsageError: the name or an option is unknown, given twice or not a number in range.
    """
    name, *options = spelling.split(",")
    if name not in BEHAVIOURS:
        raise one_of("simulated model", name, list(BEHAVIOURS))
    behaviour, given = BEHAVIOURS[name], _read_options(options)
    if "rate" in given:
        rate = given["rate"]
        behaviour = msgspec.structs.replace(behaviour, name=f"{name},rate={rate:g}", unsafe=((1, rate),))
    return Simulated(behaviour, seed=int(given.get("seed", seed)), latency_ms=given.get("latency_ms", 0.0))


_READERS: dict[str, Callable[[str], float]] = {"rate": float, "seed": int, "latency_ms": float}

SIMULATED_OPTIONS = tuple(_READERS)
"""What may follow the name of a simulated model, as `,OPTION=NUMBER`."""


def _read_options(options: list[str]) -> dict[str, float]:
    given: dict[str, float] = {}
    for option in options:
        key, _, text = option.partition("=")
        if key not in _READERS:
            raise one_of("option of a simulated model", key, list(_READERS))
        try:
            value = _READERS[key](text)
        except ValueError as error:
            raise UsageError(f"simulated model: {option!r} is no number: write {key}=NUMBER") from error
        if key in given or not math.isfinite(value) or (key == "latency_ms" and value < 0):
            raise UsageError(f"simulated model: {option!r} is given twice or out of range")
        given[key] = value
    return given
