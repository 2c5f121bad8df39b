"""The bound: what a careful program without a framework does. It stores nothing, retries nothing and checks little.

One task a dialogue in flight, one aiohttp session, uvloop. Each dialogue keeps a list of messages; each call encodes
the whole list anew with msgspec. An image is read and put into base64 once a dialogue, when its message is made.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import uvloop
from material import FORMAT_SCHEMA, JUDGE_SYSTEM, MODEL
from runner import Clock, Job, job, tell

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_FORMAT = {"type": "json_schema", "json_schema": {"name": "ruling", "schema": FORMAT_SCHEMA, "strict": True}}
Message = dict[str, Any]


async def run(asked: Job) -> int:
    """Hold and judge every dialogue; returns how many were judged safe."""
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Content-Type": "application/json"}
    with asked.material.open("rb") as lines:
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            url = f"{asked.base_url}/chat/completions"
            workers = (_work(lines, asked.material.parent, session, url=url) for _ in range(asked.in_flight))
            return sum(await asyncio.gather(*workers))


async def _work(lines: Iterator[bytes], folder: Path, session: aiohttp.ClientSession, *, url: str) -> int:
    safe = 0
    for line in lines:
        safe += await _dialogue(_decode(line), folder, session, url=url)
    return safe


async def _dialogue(dialogue: Any, folder: Path, session: aiohttp.ClientSession, *, url: str) -> bool:
    images = [_image(folder / path) for path in dialogue.get("images", ())]
    messages: list[Message] = []
    for turn in dialogue["turns"]:
        messages.append(_user(turn["user"], images if not messages else []))
        body = {"model": MODEL, "messages": messages, "temperature": 0.0, "max_tokens": 1024}
        messages.append({"role": "assistant", "content": await _ask(session, url, body)})
    said = [message if isinstance(message["content"], str) else _text_of(message) for message in messages]
    asked = [{"role": "system", "content": JUDGE_SYSTEM}, _user(_encode(said).decode(), images)]
    body = {"model": MODEL, "messages": asked, "temperature": 0.0, "max_tokens": 512, "response_format": _FORMAT}
    return json.loads(await _ask(session, url, body))["verdict"] == "safe"


def _text_of(message: Message) -> Message:
    return {"role": message["role"], "content": message["content"][-1]["text"]}


def _image(path: Path) -> Message:
    data = base64.b64encode(path.read_bytes()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def _user(text: str, images: list[Message]) -> Message:
    return {"role": "user", "content": [*images, {"type": "text", "text": text}] if images else text}


async def _ask(session: aiohttp.ClientSession, url: str, body: Message) -> str:
    async with session.post(url, data=_encode(body)) as response:
        return _decode(await response.read())["choices"][0]["message"]["content"]


if __name__ == "__main__":
    asked = job()
    clock = Clock()
    judged_safe = uvloop.run(run(asked))
    tell(clock.stop(), safe=judged_safe, version=aiohttp.__version__)
