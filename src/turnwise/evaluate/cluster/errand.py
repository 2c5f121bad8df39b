"""A worker's way to the desk: the commons of its engine, with every question of one moment in one message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from turnwise.errors import EndpointDown
from turnwise.evaluate.cluster.desk import Answer, Ask, Correct, Keep, Recall, Recalled, Settle, Slot, Take, Taken
from turnwise.evaluate.cluster.order import encode
from turnwise.evaluate.commons import address_of
from turnwise.models import ChatModel, ChatRequest, Gate, Paced, PacingLimits, Reply, estimated_tokens
from turnwise.rollout import BudgetSpent, RunStopped, Spending, request_key

__all__ = ["DeskCommons", "Errands"]

_AGAIN_AFTER_S = 0.05
_BUNDLES_UNDER_WAY = 4
_STOPPED = "the run was asked to end"

Send = Callable[[bytes], Awaitable[bytes]]
"""Takes an encoded list of questions to the desk, and brings back the encoded answers."""

_decode = msgspec.msgpack.Decoder(list[Answer]).decode


class Errands:
    """Bundles questions: those of one moment go together; while several bundles are under way the next one grows."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: list[tuple[Ask, asyncio.Future[Answer]]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._scheduled = False

    def ask(self, ask: Ask) -> asyncio.Future[Answer]:
        """The answer to a question; who does not need it need not wait for it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((ask, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._go)
        return future

    async def settled(self) -> None:
        """Wait until every question is answered."""
        while self._waiting or self._under_way:
            await asyncio.sleep(0)
            if self._under_way:
                await asyncio.wait(self._under_way)

    def _go(self) -> None:
        self._scheduled = False
        if not self._waiting or len(self._under_way) >= _BUNDLES_UNDER_WAY:
            return
        bundle, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._carry(bundle))
        self._under_way.add(task)
        task.add_done_callback(self._back)

    def _back(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._go()

    async def _carry(self, bundle: list[tuple[Ask, asyncio.Future[Answer]]]) -> None:
        try:
            answers = _decode(await self._send(encode([ask for ask, _ in bundle])))
        except Exception as error:  # noqa: BLE001 - without the desk nothing may be spent: whoever asked has to know
            lines = str(error).strip().splitlines() or [type(error).__name__]
            gone = EndpointDown(
                f"the driver's desk cannot be reached ({lines[0]}); run the same command again to go on"
            )
            for _, future in bundle:
                if not future.done():
                    future.set_exception(gone)
                    future.exception()  # looked at, so that nobody is told of one that no one waited for
            return
        for (_, future), answer in zip(bundle, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class DeskCommons:
    """What all models of a run have in common, kept at the desk; only places in flight are counted here.

    Args:
        limits: This worker's share of requests in flight, and the rates that the desk keeps.
        cached: Whether the desk has a response cache.
        capped: Whether the desk has a budget with a cap; without one nobody asks it.
    """

    def __init__(self, errands: Errands, limits: PacingLimits, *, cached: bool, capped: bool) -> None:
        self.budget: Spending = _DeskBudget(errands) if capped else _NoBudget()
        self._errands = errands
        self._limits = limits
        self._cached = cached
        self._gates: dict[str, Gate] = {}

    def paced(self, model: ChatModel) -> ChatModel:
        """The model behind this worker's gate, and behind it the rates of the whole run."""
        if self._limits.rpm is not None or self._limits.tpm is not None:
            model = _Rated(model, self._errands, counts_tokens=self._limits.tpm is not None)
        here = PacingLimits(self._limits.in_flight)
        return Paced(model, self._gates.setdefault(address_of(model.name), Gate(here)))

    def cached(self, model: ChatModel) -> ChatModel:
        """The model behind the desk's cache, where it has one."""
        return _Recalled(model, self._errands) if self._cached else model


class _NoBudget:
    """Spending without caps."""

    def __init__(self) -> None:
        self._closed = False

    def close(self) -> None:
        self._closed = True

    async def reserve(self, cost_usd: float) -> None:
        if self._closed:
            raise RunStopped(_STOPPED)

    def settle(self, reserved_usd: float, cost_usd: float, *, extra_requests: int = 0) -> None:
        pass


class _DeskBudget:
    """Spending out of the desk's budget."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._closed = False

    def close(self) -> None:
        self._closed = True

    async def reserve(self, cost_usd: float) -> None:
        while True:
            if self._closed:
                raise RunStopped(_STOPPED)
            taken = await self._errands.ask(Take(cost_usd))
            assert isinstance(taken, Taken), "the desk answers a Take with a Taken"
            if taken.spent is not None:
                raise BudgetSpent(taken.spent)
            if taken.fits:
                return
            await asyncio.sleep(_AGAIN_AFTER_S)

    def settle(self, reserved_usd: float, cost_usd: float, *, extra_requests: int = 0) -> None:
        self._errands.ask(Settle(reserved_usd, cost_usd, extra_requests))


class _Wrapped:
    """A ChatModel around another one."""

    def __init__(self, model: ChatModel, errands: Errands) -> None:
        self._model = model
        self._errands = errands

    @property
    def name(self) -> str:
        return self._model.name

    async def close(self) -> None:
        await self._model.close()


class _Rated(_Wrapped):
    """A ChatModel that keeps within rates that are counted over all workers."""

    def __init__(self, model: ChatModel, errands: Errands, *, counts_tokens: bool) -> None:
        super().__init__(model, errands)
        self._address = address_of(model.name)
        self._counts_tokens = counts_tokens

    async def reply(self, request: ChatRequest) -> Reply:
        tokens = estimated_tokens(request) if self._counts_tokens else 0
        wait_s = await self._errands.ask(Slot(self._address, tokens))
        assert isinstance(wait_s, float | int), "the desk answers a Slot with seconds"
        await asyncio.sleep(wait_s)
        reply = await self._model.reply(request)
        used = (reply.usage.input_tokens or 0) + (reply.usage.output_tokens or 0)
        if self._counts_tokens and used:
            self._errands.ask(Correct(self._address, used - tokens))
        return reply


class _Recalled(_Wrapped):
    """A ChatModel that looks into the desk's cache before it asks."""

    async def reply(self, request: ChatRequest) -> Reply:
        key = request_key(self._model.name, request)
        kept = await self._errands.ask(Recall(key))
        if isinstance(kept, Recalled) and kept.reply is not None:
            return kept.reply
        reply = await self._model.reply(request)
        if reply.state != "failed":
            self._errands.ask(Keep(key, reply))
        return reply
