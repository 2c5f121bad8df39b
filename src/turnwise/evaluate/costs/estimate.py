"""What a run would take, before anything is sent: calls, tokens and dollars, from the dialogues themselves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import get_args

import msgspec

from turnwise.dialogue import Dialogue, QuestionKind
from turnwise.judge import Judge
from turnwise.models import Usage
from turnwise.rollout import Asking, Conduct, Price
from turnwise.runfile import Reader, Writer

__all__ = ["RoleEstimate", "RunEstimate", "estimate", "planned_calls"]

_CHARACTERS_A_TOKEN = 4
_IMAGE_TOKENS = 600
# A usual reply of a chat model to such questions; what it may be at most is the run's token limit.
_REPLY_TOKENS = 250
_VERDICT_TOKENS = 60
_ANSWER_TOKENS = 4
_RUBRIC_TOKENS = 450


class RoleEstimate(msgspec.Struct, frozen=True):
    """What one model would be asked; `cost_usd` is None where its price is not known."""

    role: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


class RunEstimate(msgspec.Struct, frozen=True):
    """What a run would take. Retries, repair calls and cached replies are not in it.

    Fields:
        pending: Dialogues that need work, of `total`.
        rounds: Calls one after the other if `concurrency` are always in flight; times a call's latency, the time.
            Those in batch jobs are not in it.
    """

    total: int
    pending: int
    roles: list[RoleEstimate]
    rounds: float


def estimate(
    path: Path,
    *,
    fill: Callable[[Writer], None],
    target: tuple[str, Price | None],
    judges: Sequence[tuple[Judge, Price | None]],
    conduct: Conduct,
    asking: Asking | None,
    concurrency: int,
    reply_limit: int | None,
) -> RunEstimate:
    """Count what is pending in the run file at `path`, or, where there is none, in one that `fill` makes for a moment.

    Raises:
        UsageError: as filling raises it: settings, records and images are checked.
        RunFileError: the run file cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        if not path.exists():
            path = Path(folder) / "run.sqlite"
            with Writer(path, image_store=None) as writer:
                fill(writer)
        with Reader(path) as reader:
            kinds = () if asking is None else get_args(QuestionKind)
            numbers = reader.pending([judge.card.name for judge, _ in judges], kinds)
            asked = _Asked(conduct, min(reply_limit or _REPLY_TOKENS, _REPLY_TOKENS), asks=kinds)
            for number in numbers:
                asked.add(reader.dialogue(number))
            total = reader.count()
    name, price = target
    roles = [_role("target", name, price, asked.calls, Usage(asked.input_tokens, asked.output_tokens))]
    for judge, judge_price in judges:
        if judge.card.model is not None:
            used = Usage(asked.judged_tokens + len(numbers) * _RUBRIC_TOKENS, len(numbers) * _VERDICT_TOKENS)
            roles.append(_role(judge.card.name, judge.card.model, judge_price, len(numbers), used))
    calls = sum(role.calls for role in roles)
    return RunEstimate(total, len(numbers), roles, calls / concurrency)


def planned_calls(dialogues: Iterable[Dialogue], *, conduct: Conduct, asking: Asking | None, n_judges: int) -> int:
    """Calls for dialogues of which nothing was asked yet: turns, questions and verdicts; a shared prefix counts once.

    `n_judges` counts the judges that ask a model.
    """
    asked, count = _Asked(conduct, _REPLY_TOKENS, asks=() if asking is None else get_args(QuestionKind)), 0
    for dialogue in dialogues:
        asked.add(dialogue)
        count += 1
    return asked.calls + count * n_judges


class _Asked:
    """Adds up what a target would be asked; a prefix that dialogues share is asked once.

    Args:
        asks: The kinds of questions that are asked about a dialogue.
    """

    def __init__(self, conduct: Conduct, reply_tokens: int, *, asks: tuple[QuestionKind, ...]) -> None:
        self.conduct = conduct
        self.asks = asks
        self.reply_tokens = reply_tokens
        self.calls = self.input_tokens = self.output_tokens = self.judged_tokens = 0
        self._seen: set[int] = set()

    def add(self, dialogue: Dialogue) -> None:
        live = self.conduct.history_of(dialogue) == "live"
        before = 0
        for number, turn in enumerate(dialogue.turns, 1):
            before += _tokens(turn.user) + _IMAGE_TOKENS * len(turn.images)
            before += _IMAGE_TOKENS * len(dialogue.images) if number == 1 else 0
            if (live or number == dialogue.length) and self._is_new(dialogue, number):
                self.calls += 1
                self.input_tokens += before
                self.output_tokens += self.reply_tokens
            before += self.reply_tokens if live else _tokens(turn.reply or "")
        self.judged_tokens += before
        for question in dialogue.questions:
            if question.kind in self.asks:
                self.calls += 1
                self.input_tokens += before + _tokens("".join((question.text, *question.options)))
                self.output_tokens += _ANSWER_TOKENS

    def _is_new(self, dialogue: Dialogue, number: int) -> bool:
        if not self.conduct.share:
            return True
        said = tuple((turn.user, turn.reply) for turn in dialogue.turns[:number])
        key = hash((said, _names(dialogue)))
        new = key not in self._seen
        self._seen.add(key)
        return new


def _role(role: str, model: str, price: Price | None, calls: int, usage: Usage) -> RoleEstimate:
    cost = None if price is None else price.cost_usd(usage)
    return RoleEstimate(role, model, calls, usage.input_tokens or 0, usage.output_tokens or 0, cost)


def _tokens(text: str) -> int:
    return len(text) // _CHARACTERS_A_TOKEN + 4


def _names(dialogue: Dialogue) -> Iterable[str]:
    return tuple(image.sha256 for image in dialogue.all_images())
