"""A real chat completions server on loopback that misbehaves on command, and writes down what it received."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from turnwise.models.openai.client import OpenAIChat

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OpenChat = Callable[..., OpenAIChat]
"""Opens a client of the server; the fixture of this type closes it after the test."""


class Received(msgspec.Struct, frozen=True):
    """One request as the server read it."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """The JSON body, parsed."""
        return json.loads(self.raw)


class Server:
    """Answers request number i with handler number i of `plan`; the last one answers all that follow."""

    def __init__(self) -> None:
        self.plan: list[Handler] = [says("Hello.")]
        self.received: list[Received] = []
        self.base_url = ""
        self.arrived = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Write the request down and answer it by plan."""
        self.received.append(Received(request.path, dict(request.headers), await request.read()))
        self.arrived.set()
        handler = self.plan[min(len(self.received), len(self.plan)) - 1]
        return await handler(request)


@asynccontextmanager
async def running_server() -> AsyncIterator[Server]:
    """A server on a free loopback port."""
    server = Server()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base_url = f"http://{host}:{port}/v1"
    yield server
    await runner.cleanup()


def completion(content: object = "Hello.", *, finish_reason: str | None = "stop", **message: object) -> dict[str, Any]:
    """The body of a chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "served-model-7b",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
    }


def answers(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    """A handler that answers with a JSON body."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return handler


def says(text: str) -> Handler:
    """A handler that answers with a proper completion."""
    return answers(completion(text))


def fails(status: int, message: str = "it broke", **fields: object) -> Handler:
    """A handler that answers with an error body; `retry_after` becomes the header."""
    headers = {"Retry-After": str(fields.pop("retry_after"))} if "retry_after" in fields else None
    return answers({"error": {"message": message, **fields}}, status=status, headers=headers)


def sends(raw: bytes, *, content_type: str = "application/json") -> Handler:
    """A handler that answers 200 with these bytes."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=raw, content_type=content_type)

    return handler


async def hangs(_request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.sleep(3600)
    return web.Response()


async def drips(request: web.Request) -> web.StreamResponse:
    """Answer one blank at a time, for ever."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


async def resets(request: web.Request) -> web.StreamResponse:
    """Cut the connection in the middle of the body."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices":')
    assert request.transport is not None
    request.transport.abort()
    return response


async def floods(request: web.Request) -> web.StreamResponse:
    """Answer with more bytes than any chat completion has."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(40):
        await response.write(b" " * 1024 * 1024)
    return response


async def redirects(_request: web.Request) -> web.StreamResponse:
    """Point elsewhere."""
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/v1/chat/completions"})
