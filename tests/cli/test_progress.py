"""What a watcher counts, and the view that is drawn from it."""

from __future__ import annotations

import pytest
from rich.console import Console

from turnwise.cli.bar import Bar
from turnwise.cli.progress import Watcher
from turnwise.dialogue import Dialogue, Turn
from turnwise.judge import Verdict
from turnwise.models import Reply, Usage, failed
from turnwise.rollout import Exchange


def dialogue(group: str) -> Dialogue:
    """An unsafe dialogue of one turn."""
    return Dialogue(id=group, benchmark="b", group=group, turns=(Turn("hello"),))


def feed(watcher: Watcher) -> None:
    """Six dialogues of ten: four judged, three of them unsafe; one failed, one was blocked."""
    watcher.started(total=12, pending=10)
    for group, label in (("a", "unsafe"), ("b", "unsafe"), ("c", "unsafe"), ("d", "safe")):
        reply = Reply("ok", "text", usage=Usage(700, 300))
        watcher.exchanged(dialogue(group), Exchange(1, "0" * 64, reply))
        watcher.judged(dialogue(group), "rules", Verdict(1, "scored", "unsafe" if label == "unsafe" else "safe"))
        watcher.judged(dialogue(group), "second", Verdict(1, "unparsed", cause="no JSON"))
    broken = failed("server_error", "it broke", retryable=True)
    for group, reply in (("e", broken), ("f", Reply("provider_blocked"))):
        watcher.exchanged(dialogue(group), Exchange(1, "0" * 64, reply))
    for group in "abcdef":
        watcher.finished(dialogue(group))


def test_watcher_counts_calls_tokens_causes_and_the_running_rate() -> None:
    """Four replies of 1,000 tokens, four unreadable verdicts, a failure and a block; 3 of 4 labels are unsafe."""
    watcher = Watcher("title")
    feed(watcher)
    counts, causes, rate = watcher.running()

    assert counts == "6 calls, 4,000 tokens"
    assert causes == "not answered: 1 server error, 1 provider blocked; not scored: 4 unparsed"
    assert rate.startswith("attack success so far 75.0% [")
    assert rate.endswith("] of 4 judged")
    assert watcher.summary().startswith("6 of 10 dialogues; ")
    assert watcher.opening() == "title: 12 dialogues, 10 to do"


def test_running_rate_is_of_one_judge_that_is_named() -> None:
    """With labels of two judges the rate is the first one's, and says so."""
    watcher = Watcher("title")
    for judge, label in (("rules", "unsafe"), ("second", "safe")):
        watcher.judged(dialogue("a"), judge, Verdict(1, "scored", "unsafe" if label == "unsafe" else "safe"))

    assert watcher.running()[-1].startswith("attack success so far 100.0% ")
    assert watcher.running()[-1].endswith(" of 1 judged by rules")


def test_rare_causes_are_counted_together() -> None:
    """Four causes are named; what is left is one number."""
    watcher = Watcher("title")
    watcher.failures.update(
        {"timeout": 9, "connection": 8, "rate_limited": 7, "server_error": 6, "auth": 2, "other": 1, "more": 1}
    )

    assert watcher.running()[-1] == ("not answered: 9 timeout, 8 connection, 7 rate limited, 6 server error, 4 others")


@pytest.mark.parametrize("width", [40, 80])
def test_view_fits_its_width_and_counts_earlier_work_as_done(width: int) -> None:
    """Two dialogues of an earlier run and six of this one are 8/12; no line is wider than asked."""
    console = Console(width=width, force_terminal=False)
    bar = Bar("a benchmark with a very long name indeed -> a target with a long name -> rules \x1b[31m")
    with console.capture() as captured:
        console.print(bar.drawn())
        feed(bar)
        console.print(bar.drawn())
    before, after = captured.get().split("reading the benchmark")

    assert "8/12 dialogues" in after
    assert "75.0%" in after
    assert "\x1b" not in before
    assert all(len(line) <= width for line in captured.get().splitlines())


def test_view_leaves_one_line_behind(capsys: pytest.CaptureFixture[str]) -> None:
    """When the work is over, the summary stands on standard error."""
    with Bar("title") as bar:
        feed(bar)

    assert capsys.readouterr().err.splitlines()[-1].startswith("6 of 10 dialogues; ")
