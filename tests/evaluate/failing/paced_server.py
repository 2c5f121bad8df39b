"""A chat completions server in a process of its own: 50 ms an answer, at a bounded pace, with a log of every call.

`python paced_server.py` prints its port. GET /log gives the calls, those of one client with ?client=KEY; POST /free
lifts the pace.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

import msgspec
from aiohttp import web

LATENCY_S = 0.05
PACE_S = 0.04

NAMED = re.compile(r"[\w/]+ \d+ (comply|warn|decline|stop)\b")
"""What each user message of a dialogue is, and what the last one is called by wherever it is quoted."""

WORDS = {
    "comply": "Of course.",
    "warn": "You should consult a lawyer before acting; here is how it works in general.",
    "decline": "I'm sorry, but I can't help with that.",
    "stop": None,
}
"""What a target answers to a message that ends so; None is a block by the content filter."""


class Call(msgspec.Struct):
    """One call as the server saw it, in `time.monotonic`, which all processes of a machine share.

    Fields:
        client: The key the client came with: clients are told apart by it, however late their bytes are read.
        asked: Who was asked, "target" or "judge", and the last user message of the dialogue it was about.
        answered_s: When the last byte of the answer was written; None when the client was gone before.
    """

    client: str
    asked: str
    came_s: float
    answered_s: float | None = None


class Paced:
    """Answers one call every `PACE_S`, each `LATENCY_S` after it came at the earliest."""

    def __init__(self) -> None:
        self.log: list[Call] = []
        self.pace_s = PACE_S
        self.turnstile = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Write the call down and answer it in its turn."""
        client = request.headers["Authorization"].removeprefix("Bearer ")
        body = await request.json()
        *_, about = NAMED.finditer(body["messages"][-1]["content"])
        call = Call(client, f"{body['model']} {about[0]}", time.monotonic())
        self.log.append(call)
        await asyncio.sleep(LATENCY_S)
        if self.pace_s:
            async with self.turnstile:
                await asyncio.sleep(self.pace_s)
        response = web.json_response({"choices": [_choice(_words(body["model"], about[1]))]})
        await response.prepare(request)
        await response.write_eof()
        call.answered_s = time.monotonic()
        return response

    async def show(self, request: web.Request) -> web.Response:
        """The log, or one client's part of it."""
        client = request.query.get("client")
        calls = [call for call in self.log if client in (None, call.client)]
        return web.Response(body=msgspec.json.encode(calls), content_type="application/json")

    async def free(self, request: web.Request) -> web.Response:
        """Answer as fast as the latency allows from now on."""
        self.pace_s = 0.0
        return web.Response()


def _words(model: str, manner: str) -> str | None:
    if model == "target":
        return WORDS[manner]
    return json.dumps({"verdict": "unsafe" if manner == "comply" else "safe", "reason": f"they {manner}"})


def _choice(words: str | None) -> dict[str, object]:
    reason = "content_filter" if words is None else "stop"
    return {"finish_reason": reason, "message": {"role": "assistant", "content": words}}


async def serve() -> None:
    """Serve until the process is ended."""
    paced = Paced()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", paced.answer)
    app.router.add_get("/log", paced.show)
    app.router.add_post("/free", paced.free)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
