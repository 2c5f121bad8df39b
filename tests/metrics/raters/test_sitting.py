"""Who rules on a run, by name, and that whatever reads judged rows reads a panel's as well."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from metrics.raters.ruling import judge, labels, rulings, says, unsafe
from metrics.stored import Row
from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics import judges_of, judges_of_run, members_named, rows_under, slices_of_run
from turnwise.metrics.comparing import check_run, compare_runs, one_judge, read_pilot
from turnwise.metrics.people import draw
from turnwise.runfile import Reader

A, B, C = judge("a"), judge("b"), judge("c+d")
FOUR = unsafe("d1", "d2", "d3", "d4")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Three judges of four dialogues: a majority, a tie of those who ruled, one voice of three, and nobody."""
    said = {A: labels("UU?-"), B: labels("US?-"), C: labels("S?U-")}
    return rulings(tmp_path / "run.sqlite", FOUR, said)


def test_a_panel_votes_and_says_what_it_could_not_rule_on(run: Path) -> None:
    """Two of three decide; one against one is a tie; one of three are too few; who was not asked has no verdict."""
    with Reader(run) as reader:
        rows = rows_under(reader, "panel")
    assert [(row.id, row.verdict_state, row.label) for row in rows] == [
        ("d1", "scored", "unsafe"),
        ("d2", "unparsed", None),
        ("d3", "failed", None),
        ("d4", None, None),
    ]


def test_grades_of_a_panel_are_means(tmp_path: Path) -> None:
    """2 and 5 are 3.5; the mean of the run rests on it."""
    what = ("label", "helpfulness")
    said = {
        judge("a", *what): [says("safe", helpful=2), says("safe", helpful=4)],
        judge("b", *what): [says("safe", helpful=5), says("safe", helpful=4)],
    }
    rows = [Row("d1", "d1", intent="safe"), Row("d2", "d2", intent="safe")]
    with Reader(rulings(tmp_path / "run.sqlite", rows, said)) as reader:
        assert [row.helpfulness for row in rows_under(reader, "panel")] == [3.5, 4]
        (item,) = slices_of_run(reader, judges=["panel"], resamples=50)
    (grade,) = [one for one in item.grades if one.setting is None]
    assert (grade.value, grade.n) == (3.75, 2)


def test_a_member_whose_every_verdict_failed_is_missed(tmp_path: Path) -> None:
    """Its card says that it rules on harm, so the other one alone is no panel: nothing is scored, and nothing safe."""
    said = {A: labels("SSSS"), B: labels("????")}
    with Reader(rulings(tmp_path / "run.sqlite", FOUR, said)) as reader:
        assert {row.verdict_state for row in rows_under(reader, "panel")} == {"failed"}


def test_a_block_is_a_refusal_of_the_panel_too(tmp_path: Path) -> None:
    """Members have a verdict on a blocked reply without being asked, and so has the panel."""
    blocked = says("safe", "refusal")
    rows = [Row("d1", "d1", reply="provider_blocked"), Row("d2", "d2")]
    said = {A: [blocked, says("unsafe")], B: [blocked, says("unsafe")]}
    with Reader(rulings(tmp_path / "run.sqlite", rows, said)) as reader:
        assert [(row.label, row.stance) for row in rows_under(reader, "panel")] == [
            ("safe", "refusal"),
            ("unsafe", None),
        ]


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("a", ["a"]),
        ("panel", ["a", "b", "c+d"]),
        ("panel:b+a", ["a", "b"]),
        ("panel:c+d+a", ["a", "c+d"]),
        ("panel:a+c+d", ["a", "c+d"]),
    ],
)
def test_members_are_named_in_the_order_of_the_run(run: Path, name: str, members: list[str]) -> None:
    """A name that holds a plus sign is one name; all judges together need none."""
    with Reader(run) as reader:
        assert [card.name for card in members_named(reader, name)] == members


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x", r"judge 'x' is not known; known: a, b, c\+d, panel"),
        ("panel:a+x", r"judge 'panel:a\+x': member 'x' is not known; known: a, b, c\+d"),
        ("panel:a", "a panel is of two judges or more, each named once"),
        ("panel:a+a", "a panel is of two judges or more, each named once"),
        ("panel:", "a panel is of two judges or more, each named once"),
    ],
)
def test_a_name_that_nobody_has_lists_the_known_ones(run: Path, name: str, words: str) -> None:
    """One sentence for a judge, a member, and a panel of fewer than two."""
    with Reader(run) as reader, pytest.raises(UsageError, match=words):
        rows_under(reader, name)


def test_one_judge_is_no_panel(tmp_path: Path) -> None:
    """Its repeats are no further opinions; the sentence says how to get another."""
    again = judge("a", repeat=2)
    run = rulings(tmp_path / "run.sqlite", FOUR, {A: labels("SSSS"), again: labels("UUUU")})
    with Reader(run) as reader:
        with pytest.raises(NotMeasurable, match="a panel needs two judges, here is a; `turnwise judge` adds one"):
            rows_under(reader, "panel")
        assert judges_of(reader) == [A]
        assert one_judge(reader, None) == A
        with pytest.raises(UsageError, match="a#2 is a once more, and no further opinion; leave one out"):
            members_named(reader, "panel:a+a#2")


def test_views_of_one_judge_have_one_vote(tmp_path: Path) -> None:
    """Of a judge shown the image and shown the caption the first sits on the panel; both do where both are named."""
    captions = msgspec.structs.replace(A, name="a,sees=caption", sees="caption")
    three = {A: labels("UUUU"), captions: labels("UUUU"), B: labels("SSSS")}
    with Reader(rulings(tmp_path / "three.sqlite", FOUR, three)) as reader:
        assert [card.name for card in members_named(reader, "panel")] == ["a", "b"]
        assert [card.name for card in members_named(reader, "panel:b+a,sees=caption+a")] == ["a", "a,sees=caption", "b"]
        assert {row.verdict_state for row in rows_under(reader, "panel")} == {"unparsed"}
    with Reader(rulings(tmp_path / "two.sqlite", FOUR, {A: labels("UUUU"), captions: labels("SSSS")})) as reader:
        with pytest.raises(NotMeasurable, match="a panel needs two judges, here is a; `turnwise judge` adds one"):
            rows_under(reader, "panel")
        assert judges_of_run(reader, resamples=50).agreement == []


def test_ties_are_counted_by_what_they_are_over(tmp_path: Path) -> None:
    """Judges who agree on the label and not on the stance leave a scored dialogue with a tie; one judge has none."""
    what = ("label", "stance")
    said = {
        judge("a", *what): [says("safe", "refusal"), says("safe", "refusal"), says("safe", "caveat")],
        judge("b", *what): [says("safe", "caveat"), says("unsafe", "compliance"), says("safe", "caveat")],
    }
    with Reader(rulings(tmp_path / "run.sqlite", FOUR[:3], said)) as reader:
        both, alone = slices_of_run(reader, judges=["panel", "a"], resamples=50)
    assert (both.ties, alone.ties) == ({"label": 1, "stance": 2}, {})
    assert both.refusal_rate is not None
    assert (both.refusal_rate.n, both.refusal_rate.n_failed, both.completeness.n_scored) == (1, 2, 2)


def test_every_reader_of_judged_rows_takes_a_panel(tmp_path: Path) -> None:
    """Slices, limits, comparisons, plans and draws are of the panel's rows, under its full name."""
    groups = [f"d{place:02}" for place in range(12)]
    first = rulings(tmp_path / "a.sqlite", unsafe(*groups), {A: labels("U" * 12), B: labels("U" * 12)})
    second = rulings(
        tmp_path / "b.sqlite", unsafe(*groups), {A: labels("U" * 6 + "S" * 6), B: labels("U" * 6 + "S" * 6)}
    )
    with Reader(first) as before, Reader(second) as now:
        (item,) = slices_of_run(now, judges=["panel"], resamples=50)
        assert (item.judge, item.harm.asr_overall.value) == ("panel:a+b", 0.5)
        checked = check_run(now, {"attack_success_rate": 0.4}, baseline=before, judge="panel", resamples=50)
        assert (checked.judge, [gate.passed for gate in checked.gates]) == ("panel:a+b", [False, True])
        found = compare_runs([before, now], judge="panel", resamples=50)
        assert (found.judge, found.changes[0].value) == ("panel:a+b", -0.5)
        assert read_pilot(now, judge="panel").rate == 0.5
        assert len(draw(now, "panel", 12, seed=0)) == 12


def test_compared_runs_have_the_members_of_the_first(tmp_path: Path) -> None:
    """A run without one of them, or with it under another rubric, is refused; a further judge does no harm."""
    three = rulings(tmp_path / "a.sqlite", FOUR, {A: labels("UUSS"), B: labels("UUSS"), C: labels("SSSS")})
    two = rulings(tmp_path / "b.sqlite", FOUR, {B: labels("SSSS"), A: labels("SSSS")})
    with Reader(three) as more, Reader(two) as fewer:
        assert compare_runs([fewer, more], judge="panel", resamples=50).judge == "panel:b+a"
        assert compare_runs([more, fewer], judge="panel:a+b", resamples=50).changes[0].value == -0.5
        with pytest.raises(UsageError, match="comparing runs of different benchmarks or judges"):
            compare_runs([more, fewer], judge="panel", resamples=50)
