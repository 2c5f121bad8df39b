"""What is sent between the driver of a run and its workers; bytes of MessagePack, so that versions can be compared."""

from __future__ import annotations

import msgspec

from turnwise.errors import DataError, EndpointDown, RunFileError, TurnwiseError, UsageError
from turnwise.evaluate.commons import LocalCommons
from turnwise.evaluate.endpoints import Machinery
from turnwise.evaluate.engine import Answered, Exchanged, Finished, Judged, Work
from turnwise.evaluate.opening import Brief
from turnwise.judge import JudgeCard
from turnwise.rollout import BudgetSpent, Price

__all__ = ["Ended", "Equipment", "Hello", "Order", "Sent", "decode_sent", "decode_works", "encode", "error_of"]


class Order(msgspec.Struct, frozen=True):
    """A run that is to be done: what, how, and what its models have in common."""

    brief: Brief
    machinery: Machinery
    commons: LocalCommons


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is given to open its engine.

    Fields:
        machinery: With the worker's share of the concurrency; files of the driver's machine are not named in it.
        cached: Whether the desk has a response cache.
        prices: What tokens cost, by model.
    """

    brief: Brief
    machinery: Machinery
    cached: bool
    prices: dict[str, Price]


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker says when it is ready, or why it cannot be."""

    version: str
    host: str
    cards: tuple[JudgeCard, ...] = ()
    trouble: str | None = None


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A worker can ask no more: the class and the words of the error."""

    kind: str
    message: str


Sent = Exchanged | Judged | Answered | Finished | Ended

encode = msgspec.msgpack.Encoder().encode
decode_sent = msgspec.msgpack.Decoder(list[Sent]).decode
decode_works = msgspec.msgpack.Decoder(list[Work]).decode

_ERRORS: dict[str, type[TurnwiseError]] = {
    error.__name__: error for error in (BudgetSpent, DataError, EndpointDown, RunFileError, UsageError)
}


def error_of(ended: Ended) -> TurnwiseError:
    """The error that ended a worker, as the driver raises it."""
    return _ERRORS.get(ended.kind, TurnwiseError)(ended.message)
