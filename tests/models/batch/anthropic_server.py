"""A server on loopback that speaks the message batches of the Anthropic API, as far as a client of them can tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from models.batch.faulty import FaultyServer, error_body

Result = Callable[[str], list[dict[str, Any]]]
"""The results that a request gets, from its text; none, or several."""

_PATH = "/v1/messages/batches"


def message(text: str) -> dict[str, Any]:
    """A message of the model."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-served",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 3},
    }


def succeeded(text: str) -> dict[str, Any]:
    """The result of a request that was answered."""
    return {"type": "succeeded", "message": message(text)}


def errored(kind: str, words: str) -> dict[str, Any]:
    """The result of a request that was refused."""
    return {"type": "errored", "error": {**error_body(kind, words), "request_id": "req_1"}}


class AnthropicServer(FaultyServer):
    """Message batches, kept in memory; a batch ends at a poll, and shows its results only then, in reverse order."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, list[dict[str, Any]]] = {}
        self.polls_to_end = 2
        self.result: Result = lambda text: [succeeded(f"You said {text}.")]
        self.page = 100
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._polls: dict[str, int] = {}

    def routes(self) -> list[web.RouteDef]:
        """The protocol."""
        return [
            web.post(_PATH, self._create),
            web.get(_PATH, self._list),
            web.get(_PATH + "/{id}", self._retrieve),
            web.get(_PATH + "/{id}/results", self._results),
            web.post(_PATH + "/{id}/cancel", self._cancel),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        batch_id = f"msgbatch_{len(self.batches):03}"
        created = self.clock().isoformat()
        self.requests[batch_id] = body["requests"]
        self._polls[batch_id] = 0
        counts = dict.fromkeys(("succeeded", "errored", "canceled", "expired"), 0)
        self.batches[batch_id] = {
            "id": batch_id,
            "type": "message_batch",
            "processing_status": "in_progress",
            "request_counts": {"processing": len(body["requests"]), **counts},
            "created_at": created,
            "expires_at": created,
            "ended_at": None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": None,
        }
        return web.json_response(self.batches[batch_id])

    async def _retrieve(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return web.json_response(error_body("not_found_error", "No batch"), status=404)
        self._polls[batch["id"]] += 1
        if batch["processing_status"] != "ended" and self._polls[batch["id"]] >= self.polls_to_end:
            self._end(batch)
        return web.json_response(batch)

    async def _list(self, request: web.Request) -> web.Response:
        newest_first = list(reversed(self.batches.values()))
        ids = [batch["id"] for batch in newest_first]
        start = ids.index(request.query["after_id"]) + 1 if "after_id" in request.query else 0
        page = newest_first[start : start + min(self.page, int(request.query.get("limit", 20)))]
        ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
        return web.json_response({"data": page, "has_more": start + len(page) < len(ids), **ends})

    async def _results(self, request: web.Request) -> web.Response:
        rows = self._rows(request.match_info["id"])
        return web.Response(body="".join(json.dumps(row) + "\n" for row in rows).encode())

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self.batches[request.match_info["id"]]
        batch.update(processing_status="canceling", cancel_initiated_at=self.clock().isoformat())
        self.result = lambda _text: [{"type": "canceled"}]
        return web.json_response(batch)

    def _end(self, batch: dict[str, Any]) -> None:
        counts = batch["request_counts"]
        counts["processing"] = 0
        for request in self.requests[batch["id"]]:
            results = self.result(_text(request))
            counts[results[0]["type"] if results else "errored"] += 1
        results_url = f"{self.base_url}{_PATH}/{batch['id']}/results"
        batch.update(processing_status="ended", ended_at=self.clock().isoformat(), results_url=results_url)

    def _rows(self, batch_id: str) -> list[dict[str, Any]]:
        return [
            {"custom_id": request["custom_id"], "result": result}
            for request in reversed(self.requests[batch_id])
            for result in self.result(_text(request))
        ]


def _text(request: dict[str, Any]) -> str:
    content = request["params"]["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content[-1]["text"])
