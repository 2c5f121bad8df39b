"""A chat completions server on loopback that counts, holds back, refuses and goes away as a test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from turnwise.dialogue import Dialogue, write_jsonl
from turnwise.evaluate import Machinery, RunSettings
from turnwise.judge import Verdict
from turnwise.models import Reply
from turnwise.runfile import Reader

QUICK = Machinery(concurrency=4, timeout_s=10.0, max_attempts=1)
RULING = '{"verdict": "unsafe", "reason": "it helps"}'


class Asked(msgspec.Struct, frozen=True):
    """One request: the model asked, and role and text of each message."""

    model: str
    messages: list[tuple[str, str]]

    @property
    def last(self) -> str:
        """The text of the last message."""
        return self.messages[-1][1]


Answer = str | int | None
"""Words; an HTTP status; None for a block by the content filter."""


class Answering:
    """Answers every request by `answer`; `stop` and `start` are a crash and a restart on the same port."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Answer] = lambda asked: RULING if asked.model == "judge" else "Of course."
        self.hold = asyncio.Event()
        self.hold.set()
        self.arrived = asyncio.Condition()
        self.in_flight = self.most_in_flight = 0
        self.latency_s = 0.005
        self.port = 0
        self._runner: web.AppRunner | None = None

    def of(self, model: str) -> list[Asked]:
        """What one model was asked."""
        return [asked for asked in self.asked if asked.model == model]

    def target(self, model: str = "target") -> str:
        """The spelling of a model here."""
        return f"openai:{model}@http://127.0.0.1:{self.port}/v1"

    @property
    def judge(self) -> str:
        """The spelling of a judge here."""
        return f"safemt:{self.target('judge')}"

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def until_asked(self, count: int) -> None:
        """Wait until that many requests have come in."""
        async with asyncio.timeout(20), self.arrived:
            await self.arrived.wait_for(lambda: len(self.asked) >= count)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        asked = Asked(body["model"], [(message["role"], _text(message["content"])) for message in body["messages"]])
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            async with self.arrived:
                self.asked.append(asked)
                self.arrived.notify_all()
            await self.hold.wait()
            await asyncio.sleep(self.latency_s)
            return _response(self.answer(asked))
        finally:
            self.in_flight -= 1


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _response(answer: Answer) -> web.Response:
    if isinstance(answer, int):
        return web.json_response({"error": {"message": "it broke"}}, status=answer)
    choice = {
        "finish_reason": "content_filter" if answer is None else "stop",
        "message": {"role": "assistant", "content": answer},
    }
    usage = {"prompt_tokens": 10, "completion_tokens": 2}
    return web.json_response({"model": "served-7b", "choices": [choice], "usage": usage})


def benchmark_of(path: Path, *dialogues: Dialogue) -> str:
    """Write dialogues as a benchmark file; its spelling."""
    write_jsonl(path, dialogues)
    return f"jsonl:{path}"


def settings_of(server: Answering, *benchmarks: str, **fields: Any) -> RunSettings:
    """The settings of a run against the server's target; every dialogue is asked for itself, however alike they are."""
    return RunSettings(
        **{"benchmarks": benchmarks, "target": server.target(), "judges": ("rules",), "share": False, **fields}
    )


def outcome(path: Path) -> dict[str, tuple[list[Reply], dict[str, Verdict]]]:
    """The replies and verdicts of each dialogue of a run."""
    with Reader(path) as reader:
        return {
            reader.dialogue(number).id: (
                [exchange.reply for exchange in reader.exchanges(number)],
                dict(reader.verdicts(number)),
            )
            for number in range(1, reader.count() + 1)
        }


def states(path: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The states alone, judges by the first word of their names."""
    return {
        name: (
            [reply.state for reply in replies],
            {judge.split(":")[0]: verdict.state for judge, verdict in verdicts.items()},
        )
        for name, (replies, verdicts) in outcome(path).items()
    }


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
