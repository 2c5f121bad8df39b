"""What the two batch servers of the tests share: they run on loopback, and fail a chosen call in a chosen way, once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiohttp import web

from models.batch.making import NAPS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


class FaultyServer:
    """Answers calls by the handlers of a subclass, or by a fault that was planned for the next such call."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, Fault]] = []
        self.calls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.base_url = ""

    def fail(self, call: str, *faults: Fault) -> None:
        """Answer the next calls that begin with "METHOD /path" by these faults, one each."""
        self.faults += [(call, fault) for fault in faults]

    def count(self, call: str) -> int:
        """How often a call was made; the path is compared whole."""
        return self.calls.count(call)

    def routes(self) -> list[web.RouteDef]:
        """The protocol; a subclass says."""
        raise NotImplementedError

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write the call down and let it fail when that is planned."""
        call = f"{request.method} {request.path}"
        self.calls.append(call)
        self.headers.append(dict(request.headers))
        for at, (begins, fault) in enumerate(self.faults):
            if call.startswith(begins):
                del self.faults[at]
                return await fault(request, handler)
        return await handler(request)


_Server = TypeVar("_Server", bound=FaultyServer)


@asynccontextmanager
async def serving(server: _Server, path: str = "") -> AsyncIterator[_Server]:
    """The server on a free loopback port."""
    NAPS.clear()
    app = web.Application(client_max_size=1 << 30, middlewares=[server.watch])
    app.add_routes(server.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.base_url = f"http://{host}:{port}{path}"
    yield server
    await runner.cleanup()


def says_status(status: int, **error: object) -> Fault:
    """The call is refused with this status."""

    async def fault(request: web.Request, _handler: Handler) -> web.StreamResponse:
        await request.read()
        return web.json_response({"error": {"message": "it broke", **error}}, status=status)

    return fault


async def loses_the_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The call is done, and the connection breaks before the answer is sent."""
    await handler(request)
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def cuts_off_after(size_bytes: int) -> Fault:
    """The connection breaks after so many bytes of a body that said it was longer."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        whole = await handler(request)
        assert isinstance(whole, web.Response)
        assert isinstance(whole.body, bytes)
        response = web.StreamResponse(headers={"Content-Length": str(len(whole.body))})
        await response.prepare(request)
        await response.write(whole.body[:size_bytes])
        assert request.transport is not None
        request.transport.close()
        return response

    return fault


def ends_early_after(size_bytes: int) -> Fault:
    """The body ends in the middle of a row, and the server thinks that this was all."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        whole = await handler(request)
        assert isinstance(whole, web.Response)
        assert isinstance(whole.body, bytes)
        return web.Response(body=whole.body[:size_bytes])

    return fault


def error_body(kind: str, message: str) -> dict[str, Any]:
    """An error as both providers write it."""
    return {"type": "error", "error": {"type": kind, "message": message}}
