"""What a run may cost: requests, dollars, minutes. A cap stops the run cleanly before it is passed."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from turnwise.errors import TurnwiseError, UsageError
from turnwise.models import ChatModel, ChatRequest, Reply, Usage

__all__ = ["Budget", "BudgetSpent", "Budgeted", "Caps", "Price", "price_of", "read_prices"]

_SHIPPED = Path(__file__).parent / "prices.toml"
_CHARACTERS_A_TOKEN = 4
_IMAGE_TOKENS = 1_000
_REPLY_TOKENS = 1_024
_A_MILLION = 1e6


class BudgetSpent(TurnwiseError):
    """A cap was reached; what was answered is kept, and the same command with a higher cap goes on."""

    exit_code = 1


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dollars per million tokens, and when that was read from the provider's list."""

    input: float
    output: float
    seen: str

    def cost_usd(self, usage: Usage) -> float:
        """What a call cost; tokens the provider did not count are free, so this is then a lower bound."""
        return ((usage.input_tokens or 0) * self.input + (usage.output_tokens or 0) * self.output) / _A_MILLION


class Caps(msgspec.Struct, frozen=True):
    """What one invocation may spend; None is no cap."""

    max_requests: int | None = None
    max_cost_usd: float | None = None
    max_minutes: float | None = None


def read_prices(own: Path | None = None) -> dict[str, Price]:
    """The shipped price table, with the entries of an own file before it.

    Raises:
        UsageError: the own file cannot be read or breaks the format.
    """
    prices = _read(_SHIPPED)
    return {**prices, **_read(own)} if own is not None else prices


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model by its spelling: the longest entry its name begins with; None when there is none.

    Local, simulated and scripted models are not in the table: they cost nothing that could be counted here.
    """
    name = model.partition(":")[2].partition("@")[0]
    bare = name.rsplit("/", 1)[-1]
    matching = [key for key in prices if bare.startswith(key) or name.startswith(key)]
    return prices[max(matching, key=len)] if matching else None


class Budget:
    """Counts what a run spends, over all its models, and says when a cap is reached.

    Requests under way count with what they may cost at most, so that a cap is not passed by those in flight.
    """

    def __init__(self, caps: Caps, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.caps = caps
        self.requests = 0
        self.spent_usd = 0.0
        self._reserved_usd = 0.0
        self._clock = clock
        self._started = clock()

    def reserve(self, cost_usd: float) -> None:
        """Take a request and what it may cost out of the budget.

        Raises:
            BudgetSpent: that would pass a cap.
        """
        caps = self.caps
        if caps.max_requests is not None and self.requests >= caps.max_requests:
            raise BudgetSpent(f"stopped at --max-requests {caps.max_requests:,}; {_GO_ON}")
        if caps.max_cost_usd is not None and self.spent_usd + self._reserved_usd + cost_usd > caps.max_cost_usd:
            raise BudgetSpent(f"stopped at --max-cost-usd {caps.max_cost_usd:g}, {self.spent_usd:.4f} spent; {_GO_ON}")
        if caps.max_minutes is not None and self._clock() - self._started >= caps.max_minutes * 60.0:
            raise BudgetSpent(f"stopped at --max-minutes {caps.max_minutes:g}; {_GO_ON}")
        self.requests += 1
        self._reserved_usd += cost_usd

    def settle(self, reserved_usd: float, cost_usd: float) -> None:
        """Put what a finished request really cost in the place of what was reserved for it."""
        self._reserved_usd -= reserved_usd
        self.spent_usd += cost_usd


class Budgeted:
    """A ChatModel whose every request to a provider is taken out of a budget.

    Stands before the provider, below retries and cache: each attempt counts, a cached reply does not.
    """

    def __init__(self, model: ChatModel, budget: Budget, price: Price | None) -> None:
        self._model = model
        self._budget = budget
        self._price = price

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside.

        Raises:
            BudgetSpent: a cap is reached; nothing was sent.
        """
        reserved = 0.0 if self._price is None else self._price.cost_usd(_at_most(request))
        self._budget.reserve(reserved)
        cost = 0.0
        try:
            reply = await self._model.reply(request)
            cost = 0.0 if self._price is None else self._price.cost_usd(reply.usage)
        finally:
            self._budget.settle(reserved, cost)
        return reply

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()


_GO_ON = "what was answered is kept, the same command with a higher cap goes on"


def _at_most(request: ChatRequest) -> Usage:
    text = sum(len(message.text) for message in request.messages)
    images = sum(len(message.images) for message in request.messages)
    return Usage(text // _CHARACTERS_A_TOKEN + images * _IMAGE_TOKENS, request.parameters.max_tokens or _REPLY_TOKENS)


def _read(path: Path) -> dict[str, Price]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(table, dict[str, Price])
    except OSError as error:
        raise UsageError(f"{path}: the price table cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: not a price table ({error}); wanted [model] with input, output and seen") from error
