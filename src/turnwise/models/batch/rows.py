"""Rows of a results file as replies: read as the live provider reads its answers, each id of the caller's once.

What a server does not take of a request is known only when the rows come back, so it is learned here and left out of
the next job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from turnwise.models.batch.job import BatchJob, wire_id
from turnwise.models.chat import ChatRequest, Failure, Parameters, Reply, ResponseFormat
from turnwise.models.http.answer import Answer
from turnwise.models.http.dialect import Dialect, dropped, simpler_dialect

__all__ = ["CANCELLED", "EXPIRED", "MISSING", "RowReader", "decoded", "each_once", "row_answer"]

_Row = TypeVar("_Row")
_log = logging.getLogger(__name__)

MISSING = Failure("invalid_reply", "the results of the batch job have no row for this request", retryable=True)
EXPIRED = Failure("timeout", "the batch job ended before this request was run", retryable=True)
CANCELLED = Failure("timeout", "the batch job was cancelled before this request was run", retryable=True)

# The request of a row is not at hand; one that has all that can be left out stands for it.
_HAS_ALL = ChatRequest((), Parameters(temperature=0.0, max_tokens=1), ResponseFormat("any", {}))


class RowReader:
    """Reads rows, and knows the dialect to write the next job in.

    Args:
        name: The model, for the log.
        dialect: What the server is believed to take until rows say otherwise.
        read: The live provider's reading of an answer.
    """

    def __init__(self, name: str, dialect: Dialect, read: Callable[[Answer], Reply]) -> None:
        self._name = name
        self._read = read
        self._believed = self.dialect = dialect

    def reply(self, answer: Answer, job: BatchJob) -> Reply:
        """The reply a row amounts to; retryable where the next job will leave out what was refused."""
        reply = self._read(answer)
        if reply.failure is None:
            return msgspec.structs.replace(reply, dropped=dropped(_HAS_ALL, job.dialect, self._believed))
        simpler = simpler_dialect(answer, _HAS_ALL, job.dialect)
        if simpler is None:
            return reply
        self.learn(simpler)
        return msgspec.structs.replace(reply, failure=msgspec.structs.replace(reply.failure, retryable=True))

    def learn(self, dialect: Dialect) -> None:
        """Write the next jobs without what this dialect is without."""
        known = self.dialect
        for part in sorted(dialect.without - known.without):
            _log.warning("%s does not take %s: sent without it from the next batch job on", self._name, part)
        limit = known.max_tokens if dialect.max_tokens == "max_tokens" else dialect.max_tokens
        self.dialect = Dialect(limit, known.without | dialect.without)


def each_once(
    rows: Iterable[tuple[str, Reply]], job: BatchJob, custom_ids: Sequence[str], absent: Failure
) -> Iterator[tuple[str, Reply]]:
    """Each id with the reply of its first row, then those without a row with the failure of absence."""
    waiting = {wire_id(job.key, custom_id): custom_id for custom_id in custom_ids}
    for wire, reply in rows:
        custom_id = waiting.pop(wire, None)
        if custom_id is not None:
            yield custom_id, reply
    if waiting:
        _log.warning("batch job %s: %d of %d requests have no row", job.id, len(waiting), len(custom_ids))
    for custom_id in waiting.values():
        yield custom_id, Reply(state="failed", failure=absent)


def decoded(lines: Iterable[bytes], decoder: msgspec.json.Decoder[_Row]) -> Iterator[_Row]:
    """The rows that can be read; whose a broken one is, is unknown, so its request comes up as missing."""
    n_broken = 0
    for line in lines:
        try:
            row = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            n_broken, why = n_broken + 1, error
        else:
            yield row
    if n_broken:
        _log.warning("%d rows of a results file cannot be read (%s)", n_broken, why)


def row_answer(status: int, body: bytes) -> Answer:
    """A row as the HTTP answer it stands for."""
    return Answer(status=status, content_type="application/json", body=body, latency_ms=0.0)
