"""A chat completions server in a process of its own: 50 ms an answer, at a bounded pace, with a log of every call.

`python paced_server.py` prints its port. GET /log gives the calls; POST /free lifts the pace.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from aiohttp import web

LATENCY_S = 0.05
PACE_S = 0.04


class Paced:
    """Answers one call every `PACE_S`, each `LATENCY_S` after it came at the earliest.

    The log holds [text of the last message, when it came, when it was answered or None], in `time.monotonic`, which
    all processes of a machine share.
    """

    def __init__(self) -> None:
        self.log: list[tuple[str, float, list[float]]] = []
        self.pace_s = PACE_S
        self.turnstile = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        """Write the call down and answer it in its turn."""
        body = json.loads(await request.read())
        answered: list[float] = []
        self.log.append((body["messages"][-1]["content"], time.monotonic(), answered))
        await asyncio.sleep(LATENCY_S)
        if self.pace_s:
            async with self.turnstile:
                await asyncio.sleep(self.pace_s)
        answered.append(time.monotonic())
        choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": "Of course."}}
        return web.json_response({"choices": [choice]})

    async def show(self, request: web.Request) -> web.Response:
        """The log from the call number in the query on."""
        return web.json_response(self.log[int(request.query.get("from", "0")) :])

    async def free(self, request: web.Request) -> web.Response:
        """Answer as fast as the latency allows from now on."""
        self.pace_s = 0.0
        return web.Response()


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
