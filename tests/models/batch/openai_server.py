"""A server on loopback that speaks the files and batches of the OpenAI API, with its states and result files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from models.batch.faulty import FaultyServer
from models.misbehaving import completion

Answer = Callable[[str, dict[str, Any]], list[dict[str, Any]]]
"""The rows that a request gets, from its text and its line; none, or several."""

WAY = ("validating", "in_progress", "finalizing", "completed")


class OpenAIServer(FaultyServer):
    """Files and batches, kept on disk and in memory.

    A batch goes one state on with each poll. Rows are written in the reverse of the order of requests.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.files: dict[str, Path] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.way: tuple[str, ...] = WAY
        self.answer: Answer = lambda text, line: [answered(line, completion(f"You said {text}."))]
        self.errors: list[dict[str, Any]] = []
        self.page = 100
        self.uploads: list[dict[str, str]] = []
        self.clock = time.time

    def routes(self) -> list[web.RouteDef]:
        """The protocol."""
        return [
            web.post("/v1/files", self._upload),
            web.get("/v1/files/{id}/content", self._content),
            web.post("/v1/batches", self._create),
            web.get("/v1/batches", self._list),
            web.get("/v1/batches/{id}", self._retrieve),
            web.post("/v1/batches/{id}/cancel", self._cancel),
        ]

    def lines(self, batch_id: str) -> list[dict[str, Any]]:
        """The requests of a batch."""
        path = self.files[self.batches[batch_id]["input_file_id"]]
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    async def _upload(self, request: web.Request) -> web.Response:
        fields: dict[str, str] = {}
        file_id, path = self._new_file()
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name == "file":
                fields["filename"] = part.filename or ""
                with path.open("wb") as out:
                    while chunk := await part.read_chunk():
                        out.write(chunk)
            else:
                fields[part.name or ""] = await part.text()
        self.uploads.append(fields)
        return web.json_response({"id": file_id, "object": "file", "bytes": path.stat().st_size, "purpose": "batch"})

    async def _content(self, request: web.Request) -> web.Response:
        path = self.files.get(request.match_info["id"])
        if path is None:
            return web.json_response({"error": {"message": "No such File object"}}, status=404)
        return web.Response(body=path.read_bytes(), content_type="application/octet-stream")

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        batch_id = f"batch_{len(self.batches):03}"
        with self.files[body["input_file_id"]].open("rb") as lines:
            n_items = sum(1 for _ in lines)
        self.batches[batch_id] = {
            "id": batch_id,
            "object": "batch",
            **body,
            "status": self.way[0],
            "created_at": int(self.clock()),
            "output_file_id": None,
            "error_file_id": None,
            "errors": None,
            "request_counts": {"total": n_items, "completed": 0, "failed": 0},
        }
        return web.json_response(self.batches[batch_id])

    async def _retrieve(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return web.json_response({"error": {"message": "No batch found"}}, status=404)
        self._step(batch)
        return web.json_response(batch)

    async def _list(self, request: web.Request) -> web.Response:
        newest_first = list(reversed(self.batches.values()))
        ids = [batch["id"] for batch in newest_first]
        start = ids.index(request.query["after"]) + 1 if "after" in request.query else 0
        page = newest_first[start : start + min(self.page, int(request.query.get("limit", 20)))]
        has_more = start + len(page) < len(ids)
        return web.json_response({"object": "list", "data": page, "has_more": has_more})

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self.batches[request.match_info["id"]]
        if batch["status"] not in WAY[:3]:
            return web.json_response({"error": {"message": "Cannot cancel a batch that has ended"}}, status=409)
        self.way = ("cancelling", "cancelled")
        batch["status"] = "cancelling"
        return web.json_response(batch)

    def _step(self, batch: dict[str, Any]) -> None:
        at = self.way.index(batch["status"]) if batch["status"] in self.way else len(self.way) - 1
        if at == len(self.way) - 1:
            return
        batch["status"] = self.way[at + 1]
        if at + 1 == len(self.way) - 1:
            self._end(batch)

    def _end(self, batch: dict[str, Any]) -> None:
        batch["errors"] = {"object": "list", "data": self.errors} if self.errors else None
        if batch["status"] == "failed":
            return
        rows = [row for line in reversed(self.lines(batch["id"])) for row in self.answer(_text(line), line)]
        good = [row for row in rows if (row.get("response") or {}).get("status_code") == 200]
        bad = [row for row in rows if row not in good]
        batch["output_file_id"] = self._written(good)
        batch["error_file_id"] = self._written(bad)
        batch["request_counts"].update(completed=len(good), failed=len(bad))

    def _written(self, rows: list[dict[str, Any]]) -> str | None:
        if not rows:
            return None
        file_id, path = self._new_file()
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return file_id

    def _new_file(self) -> tuple[str, Path]:
        file_id = f"file-{len(self.files):03}"
        self.files[file_id] = self.folder / file_id
        return file_id, self.files[file_id]


def answered(line: dict[str, Any], body: object, status: int = 200) -> dict[str, Any]:
    """The row of a request that was run."""
    response = {"status_code": status, "request_id": "req-1", "body": body}
    return {"id": "batch_req_1", "custom_id": line["custom_id"], "response": response, "error": None}


def not_run(line: dict[str, Any], code: str, message: str = "It was not run.") -> dict[str, Any]:
    """The row of a request that was not run."""
    error = {"code": code, "message": message}
    return {"id": "batch_req_1", "custom_id": line["custom_id"], "response": None, "error": error}


def _text(line: dict[str, Any]) -> str:
    content = line["body"]["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content[-1]["text"])
