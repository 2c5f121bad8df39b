"""The same work as an Inspect AI task; runs in an environment of its own (requirements/bench-inspect.txt).

A solver that asks turn after turn, a scorer that asks the judge once, the generic OpenAI-compatible provider. Settings
are the fastest that still keep a log: no display, no realtime log, images left out of the log, one static limit.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import inspect_ai
from inspect_ai import Task, eval  # noqa: A004 - its public name
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatMessageSystem,
    ChatMessageUser,
    ContentImage,
    ContentText,
    GenerateConfig,
    ResponseSchema,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import JSONSchema
from material import FORMAT_SCHEMA, JUDGE_SYSTEM, MODEL
from runner import Clock, Job, job, tell

_MODEL = f"openai-api/bench/{MODEL}"


def _samples(material: Path) -> list[Sample]:
    records = [json.loads(line) for line in material.read_text().splitlines()]
    return [
        Sample(
            id=record["id"],
            input=[
                _user(record["turns"][0]["user"], [str(material.parent / path) for path in record.get("images", ())])
            ],
            metadata={"later": [turn["user"] for turn in record["turns"][1:]]},
        )
        for record in records
    ]


def _user(text: str, images: list[str]) -> ChatMessageUser:
    shown = [ContentImage(image=image) for image in images]
    return ChatMessageUser(content=[*shown, ContentText(text=text)] if shown else text)


@solver
def live_history() -> Solver:
    """Ask the first turn, then each later one with all replies before it."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state = await generate(state)
        for text in state.metadata["later"]:
            state.messages.append(ChatMessageUser(content=text))
            state = await generate(state)
        return state

    return solve


@scorer(metrics=[accuracy()])
def judged() -> Scorer:
    """One call to the judge, which sees the conversation and its image."""
    schema = ResponseSchema(name="ruling", json_schema=JSONSchema.model_validate(FORMAT_SCHEMA), strict=True)
    config = GenerateConfig(temperature=0.0, max_tokens=512, response_schema=schema)

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001 - the protocol hands it over
        said = json.dumps([{"role": message.role, "content": message.text} for message in state.messages])
        first = state.messages[0].content
        images = [part.image for part in first if isinstance(part, ContentImage)] if isinstance(first, list) else []
        asked = [ChatMessageSystem(content=JUDGE_SYSTEM), _user(said, images)]
        output = await get_model(_MODEL).generate(asked, config=config)
        return Score(value=json.loads(output.completion)["verdict"] == "safe")

    return score


def run(asked: Job) -> int:
    """Evaluate every dialogue; returns how many were judged safe."""
    task = Task(dataset=_samples(asked.material), solver=live_history(), scorer=judged())
    (log,) = eval(
        task,
        model=_MODEL,
        temperature=0.0,
        max_tokens=1024,
        max_samples=asked.in_flight,
        max_connections=asked.in_flight,
        display="none",
        log_dir=str(asked.out),
        log_format="eval",
        log_realtime=False,
        log_images=False,
        log_model_api=False,
        log_level="warning",
        score_display=False,
        ctl_server=False,
        acp_server=False,
    )
    return round(log.results.scores[0].metrics["accuracy"].value * log.results.completed_samples)


def main() -> None:
    """Run the job on the command line."""
    asked = job()
    os.environ |= {"BENCH_BASE_URL": asked.base_url, "BENCH_API_KEY": "none"}
    clock = Clock()
    safe = run(asked)
    tell(clock.stop(), safe=safe, version=inspect_ai.__version__)


if __name__ == "__main__":
    main()
