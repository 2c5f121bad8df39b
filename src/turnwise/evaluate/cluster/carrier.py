"""Ray itself, and nothing else: reaching a cluster, actors for the workers and the desk, and calls between them.

Needs the extra `ray`. The cluster's machines have the same turnwise installed.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import msgspec

from turnwise.errors import UsageError, missing_extra
from turnwise.evaluate.cluster.desk import Ask, Desk
from turnwise.evaluate.cluster.driver import RemoteWorker, WorkerLost
from turnwise.evaluate.cluster.order import Order, encode
from turnwise.evaluate.cluster.worker import Worker
from turnwise.evaluate.endpoints import Machinery
from turnwise.models import PacingLimits
from turnwise.rollout import Budget, Caps, ResponseCache

__all__ = ["connected"]

_CONNECT_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 5.0
_Made = TypeVar("_Made")

_decode_asks = msgspec.msgpack.Decoder(list[Ask]).decode


class DeskActor:
    """The desk, as an actor on the driver's machine, where the response cache lies.

    Args:
        caps: Encoded `Caps` of the run.
        limits: Encoded `PacingLimits` of each address.
        cache: Where the response cache lies; None where there is none.
    """

    def __init__(self, caps: bytes, limits: bytes, cache: str | None) -> None:
        self._cache = None if cache is None else ResponseCache(Path(cache))
        budget = Budget(msgspec.msgpack.decode(caps, type=Caps))
        self._desk = Desk(budget, msgspec.msgpack.decode(limits, type=PacingLimits), self._cache)

    async def serve(self, worker: str, asks: bytes) -> bytes:
        """Answer a bundle of questions."""
        return encode(self._desk.serve(worker, _decode_asks(asks)))

    async def forget(self, worker: str) -> None:
        """Give up a worker."""
        self._desk.forget(worker)

    async def flush(self) -> None:
        """Put the cached replies on disk."""
        if self._cache is not None:
            self._cache.flush()


class WorkerActor(Worker):
    """A worker, as an actor that knows where the desk is."""

    def __init__(self, equipment: bytes, keys: Mapping[str, str], desk: Any, name: str) -> None:
        super().__init__(equipment, keys, partial(desk.serve.remote, name))


class _Calls:
    """A worker that is an actor."""

    def __init__(self, ray: ModuleType, actor: Any) -> None:
        self._ray = ray
        self.actor = actor

    async def ready(self) -> bytes:
        """See `Worker.ready`."""
        return await self._called(self.actor.ready.remote())

    async def missing(self, images: bytes) -> list[str]:
        """See `Worker.missing`."""
        return await self._called(self.actor.missing.remote(images))

    async def work(self, lease: bytes, contents: Mapping[str, bytes]) -> AsyncIterator[bytes]:
        """See `Worker.work`."""
        rows = aiter(self.actor.work.remote(lease, dict(contents)))
        with suppress(StopAsyncIteration):
            while True:
                yield await self._called(await self._called(anext(rows)))

    async def stop(self) -> None:
        """See `Worker.stop`; one that is gone has stopped."""
        with suppress(WorkerLost):
            await self._called(self.actor.stop.remote())

    async def close(self) -> None:
        """See `Worker.close`; one that takes too long is ended without."""
        with suppress(WorkerLost, TimeoutError):
            await asyncio.wait_for(self._called(self.actor.close.remote()), _CLOSE_TIMEOUT_S)

    async def _called(self, call: Awaitable[_Made]) -> _Made:
        try:
            return await call
        except self._ray.exceptions.RayTaskError:  # the worker is there, and something in it is wrong
            raise
        except self._ray.exceptions.RayError as error:
            raise WorkerLost(_first_line(error)) from error


class _RayCluster:
    """A Ray cluster that was reached, with the desk of one run on it."""

    def __init__(self, ray: ModuleType, desk: Any, order: Order) -> None:
        self._ray = ray
        self._desk = desk
        self.n_workers = order.machinery.ray_workers or _default_workers(ray)
        on_gpu = (order.brief.target or "").startswith("transformers:") and ray.cluster_resources().get("GPU", 0) > 0
        self._start = ray.remote(WorkerActor).options(
            num_cpus=1, num_gpus=int(on_gpu), scheduling_strategy="SPREAD", max_restarts=0, max_task_retries=0
        )

    def start(self, name: str, equipment: bytes, keys: Mapping[str, str]) -> RemoteWorker:
        """A new worker; it is ready when a machine has room for it."""
        return _Calls(self._ray, self._start.remote(equipment, dict(keys), self._desk, name))

    async def give_up(self, name: str, worker: RemoteWorker) -> None:
        """End a worker, lost or not, and settle what it had under way."""
        assert isinstance(worker, _Calls), "it was started here"
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(worker.actor, no_restart=True)
            await self._desk.forget.remote(name)


@asynccontextmanager
async def connected(order: Order) -> AsyncIterator[_RayCluster]:
    """The cluster of an order, with a desk; a cluster that was started here ends with the block.

    Raises:
        UsageError: the extra is absent, or the cluster cannot be reached.
    """
    address = order.machinery.ray or "local"
    ray = _imported(address)
    ours = not ray.is_initialized()
    if ours:
        # In a thread: in the main one Ray takes SIGTERM for itself, and the run could not end gracefully.
        await asyncio.to_thread(_join, ray, address)
    try:
        desk = _start_desk(ray, order.machinery)
        try:
            yield _RayCluster(ray, desk, order)
        finally:
            with suppress(ray.exceptions.RayError):
                await desk.flush.remote()
            ray.kill(desk)
    finally:
        if ours:
            await asyncio.to_thread(ray.shutdown)


def _imported(address: str) -> ModuleType:
    """Ray, with the settings that it reads when it is imported; none changes a cluster that is there already."""
    if address == "local":
        # It listens on every interface of the machine: without the token others could run code here and read keys.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    # Only for clusters started here; nothing is sent to anybody about them.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Else SIGTERM ends the process with a stack trace instead of a graceful stop.
    os.environ.setdefault("RAY_DISABLE_FAILURE_SIGNAL_HANDLER", "1")
    # Else the command's own environment would be made anew on every machine by its package manager.
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    try:
        return importlib.import_module("ray")  # an extra, imported only where it is needed
    except ImportError as error:
        raise missing_extra("running on a Ray cluster", "ray") from error


def _join(ray: ModuleType, address: str) -> None:
    if "://" in address:
        raise UsageError(
            f"ray address {address!r}: give HOST:PORT of the head, auto, or local, on a machine of the cluster"
        )
    host, colon, port = address.rpartition(":")
    try:
        if colon:  # Ray itself would try for minutes
            socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_TIMEOUT_S).close()
        options = {"include_dashboard": False} if address == "local" else {}
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except (OSError, ValueError, RuntimeError) as error:
        # What Ray says when it is refused for want of a token does not tell.
        hint = "; one with a token wants RAY_AUTH_MODE=token here too" if type(error) is ConnectionError else ""
        raise UsageError(f"the Ray cluster at {address!r} cannot be reached: {_first_line(error)}{hint}") from error


def _start_desk(ray: ModuleType, machinery: Machinery) -> Any:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415 - as for ray

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    limits = PacingLimits(machinery.concurrency, machinery.rpm, machinery.tpm)
    cache = None if machinery.cache is None else str(machinery.cache.absolute())
    desk = ray.remote(DeskActor).options(num_cpus=0, scheduling_strategy=here)
    return desk.remote(encode(machinery.caps), encode(limits), cache)


def _default_workers(ray: ModuleType) -> int:
    nodes = len([node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1])
    processors = int(ray.cluster_resources().get("CPU", 0))
    return max(1, nodes, min(2, processors))


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
