"""Runs side by side: which dialogues count, which columns there are, what is ranked, and which runs are refused."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import pytest

from metrics.stored import RULES, Row, attacks, store
from report.sample_run import attack, make_run
from turnwise.dialogue import Question
from turnwise.errors import NotMeasurable, UsageError
from turnwise.judge import JudgeCard
from turnwise.metrics import safety_utility
from turnwise.metrics.comparing import Column, Leaderboard, LeaderboardTable, leaderboard
from turnwise.metrics.comparing.columns import SharedRows, columns_of
from turnwise.metrics.twins import Drawing
from turnwise.models import Reply
from turnwise.runfile import AnswerRow, Reader

TWELVE = [f"g{place:02}" for place in range(12)]


def board_of(*paths: Path, **options: Any) -> Leaderboard:
    """The leaderboard of run files."""
    with ExitStack() as opened:
        return leaderboard([opened.enter_context(Reader(path)) for path in paths], resamples=100, **options)


def table_of(*paths: Path, **options: Any) -> LeaderboardTable:
    """The only table of a leaderboard."""
    (table,) = board_of(*paths, **options).tables
    return table


def column_of(table: LeaderboardTable, name: str) -> Column:
    """One column by name."""
    (column,) = [column for column in table.columns if column.name == name]
    return column


def unsafe(folder: Path, name: str, n_unsafe: int, **settings: Any) -> Path:
    """A run of twelve groups of one dialogue, so many of them unsafe."""
    labels = {group: "U" if place < n_unsafe else "S" for place, group in enumerate(TWELVE)}
    return store(folder / f"{name}.sqlite", attacks(labels), **settings)


def test_numbers_are_over_the_dialogues_that_all_runs_have(tmp_path: Path) -> None:
    """Groups a, b and c have two dialogues each; run B lacks one of b, C all of c: three of six are in all."""
    first = store(tmp_path / "a.sqlite", attacks({"a": "UU", "b": "SU", "c": "UU"}))
    second = store(tmp_path / "b.sqlite", attacks({"a": "SS", "b": "U-", "c": "SS"}))
    third = store(tmp_path / "c.sqlite", attacks({"a": "US", "b": "SS"}))

    table = table_of(first, second, third)

    assert (table.n_shared, table.n_any, table.n_dialogues) == (3, 6, [6, 5, 4])
    (column,) = table.columns
    assert [cell.value for cell in column.cells] == [2 / 3, 1 / 3, 1 / 3]
    assert [(cell.n, cell.n_failed) for cell in column.cells] == [(3, 0)] * 3


def test_ranks_stand_in_the_order_of_the_runs_and_rows_in_that_of_the_column(tmp_path: Path) -> None:
    """With 12, 0 and 6 of 12 unsafe the last run is second, and the table begins with the second run."""
    table = table_of(*(unsafe(tmp_path, name, count) for name, count in (("a", 12), ("b", 0), ("c", 6))))

    ranks = [cell.rank for cell in table.columns[0].cells]

    assert [(rank.first, rank.low, rank.high) for rank in ranks if rank] == [(3, 3, 3), (1, 1, 1), (2, 2, 2)]
    assert (table.sorted_by, table.order) == ("attack_success_rate", [1, 2, 0])


def _twins(name: str, unsafe: Literal["refusal", "compliance"], safe: Literal["refusal", "compliance"]) -> list[Row]:
    label: Literal["safe", "unsafe"] = "safe" if unsafe == "refusal" else "unsafe"
    return [
        Row(f"{name}/u", name, label, unsafe, twin=f"{name}/s"),
        Row(f"{name}/s", name, "safe", safe, 4, intent="safe", twin=f"{name}/u"),
    ]


def twins(folder: Path, name: str, *, refused: int, helped: int) -> Path:
    """Ten pairs: of the unsafe twins so many are refused, of the safe ones so many helped."""
    rows = [
        row
        for place in range(10)
        for row in _twins(
            f"p{place}", "refusal" if place < refused else "compliance", "compliance" if place < helped else "refusal"
        )
    ]
    return store(folder / f"{name}.sqlite", rows)


def test_a_judge_of_refusal_adds_pairs_and_the_frontier(tmp_path: Path) -> None:
    """Nine refused and two helped, six and six, six and five: 2, 6 and 5 pairs are right, and the last is beaten."""
    paths = [
        twins(tmp_path, name, refused=refused, helped=helped)
        for name, refused, helped in (("safe", 9, 2), ("even", 6, 6), ("beaten", 6, 5))
    ]

    table = table_of(*paths)

    assert [column.name for column in table.columns] == [
        "attack_success_rate",
        "refusal_rate",
        "over_refusal_rate",
        "helpfulness",
        "pair_accuracy",
    ]
    pairs = column_of(table, "pair_accuracy")
    assert [(cell.value, cell.n) for cell in pairs.cells] == [(0.2, 10), (0.6, 10), (0.5, 10)]
    assert (pairs.unit, column_of(table, "helpfulness").scale) == ("pair", (1, 5))
    assert [(point.safety.value, point.utility.value, point.on_frontier) for point in table.frontier] == [
        (0.9, 0.2, True),
        (0.6, 0.6, True),
        (0.6, 0.5, False),
    ]


def test_the_frontier_is_that_of_the_shared_rows(tmp_path: Path) -> None:
    """Points are those of `safety_utility` on the rows of each run, under the names of the table."""
    paths = [twins(tmp_path, "a", refused=9, helped=2), twins(tmp_path, "b", refused=3, helped=8)]
    with ExitStack() as opened:
        rows = {
            f"scripted:{path.stem}": list(opened.enter_context(Reader(path)).scored_rows("rules")) for path in paths
        }

    assert table_of(*paths).frontier == safety_utility(rows, resamples=100)


def test_rows_are_sorted_by_the_column_that_is_named(tmp_path: Path) -> None:
    """More pair accuracy is better, so that 0.6 comes first, though its attack success rate is the worse one."""
    paths = [twins(tmp_path, "a", refused=9, helped=2), twins(tmp_path, "b", refused=6, helped=6)]

    assert table_of(*paths).order == [0, 1]
    assert table_of(*paths, sort_by="pair_accuracy").order == [1, 0]
    with pytest.raises(UsageError, match="measure 'asr' is not known; known: attack_success_rate, refusal_rate, "):
        table_of(*paths, sort_by="asr")


def test_what_is_withheld_has_no_rank_and_stands_last(tmp_path: Path) -> None:
    """The first of three runs lost one of twelve: two are ranked, until it is asked for."""
    lost = store(tmp_path / "lost.sqlite", attacks({**dict.fromkeys(TWELVE, "S"), "g00": "?"}))
    paths = [lost, unsafe(tmp_path, "a", 12), unsafe(tmp_path, "b", 0)]

    withheld, shown = table_of(*paths), table_of(*paths, show_incomplete=True)

    first, *others = withheld.columns[0].cells
    assert (first.value, first.low, first.rank, first.n, first.n_failed) == (None, None, None, 11, 1)
    assert [cell.rank.n_runs for cell in others if cell.rank] == [2, 2]
    assert withheld.order == [2, 1, 0]
    assert [cell.rank.n_runs for cell in shown.columns[0].cells if cell.rank] == [3, 3, 3]
    assert shown.columns[0].cells[0].value == 0
    assert board_of(*paths).withheld


def test_one_run_is_a_table_without_ranks(tmp_path: Path) -> None:
    """Its numbers are there; it is ahead of nobody, and on no frontier."""
    table = table_of(twins(tmp_path, "a", refused=9, helped=2))

    assert [cell.rank for column in table.columns for cell in column.cells] == [None] * 5
    assert [point.on_frontier for point in table.frontier] == [None]
    assert column_of(table, "pair_accuracy").cells[0].value == 0.2


def test_runs_are_called_by_their_target_or_their_path(tmp_path: Path) -> None:
    """Two runs of one target have their paths for names, the third its target."""
    paths = [unsafe(tmp_path, name, 1, target="m") for name in "ab"] + [unsafe(tmp_path, "c", 1)]

    assert [run.name for run in board_of(*paths).runs] == [str(paths[0]), str(paths[1]), "scripted:c"]


def test_other_settings_are_said(tmp_path: Path) -> None:
    """What differs from the first run stands with the run, as in a comparison."""
    paths = [unsafe(tmp_path, "a", 1, temperature=0.0), unsafe(tmp_path, "b", 1, temperature=1.0)]

    assert [run.differs for run in board_of(*paths).runs] == [(), ("temperature: 0.0 and 1.0",)]


def test_each_judge_that_all_have_has_a_table_for_each_benchmark(tmp_path: Path) -> None:
    """Two judges in common of three, two benchmarks: four tables; with a judge named, its two."""
    second, third = JudgeCard("second", "11" * 32), JudgeCard("third", "22" * 32)
    rows = [*attacks({"a": "US"}), Row("o", "o", "safe", benchmark="other")]
    paths = [
        store(tmp_path / "a.sqlite", rows, judges=[RULES, second]),
        store(tmp_path / "b.sqlite", rows, judges=[third, second, RULES]),
    ]

    whole, chosen = board_of(*paths), board_of(*paths, judges=["second"])

    assert [(table.judge, table.benchmark) for table in whole.tables] == [
        (judge, benchmark) for judge in ("rules", "second") for benchmark in ("test", "other")
    ]
    assert [table.judge for table in chosen.tables] == ["second", "second"]


def test_a_benchmark_without_a_shared_dialogue_is_there_with_nothing(tmp_path: Path) -> None:
    """Nothing is dropped in silence: the table says that none of two dialogues is in all runs."""
    first = store(tmp_path / "a.sqlite", [*attacks({"a": "U"}), Row("o", "o", "safe", benchmark="other")])
    second = store(tmp_path / "b.sqlite", [*attacks({"a": "U"}), Row("p", "p", "safe", benchmark="other")])

    other = board_of(first, second).tables[1]

    assert (other.benchmark, other.n_shared, other.n_any, other.columns, other.sorted_by) == ("other", 0, 2, [], None)


def test_runs_that_cannot_stand_side_by_side_are_refused(tmp_path: Path) -> None:
    """A run twice, other files, another rubric, no judge at all: one sentence each, naming what is wrong."""
    first = unsafe(tmp_path, "a", 1)
    files = store(tmp_path / "b.sqlite", attacks({"g00": "U"}), files={"test": "ee" * 32})
    rubric = store(tmp_path / "c.sqlite", attacks({"g00": "U"}), judges=[JudgeCard("rules", "ff" * 32)])
    nobody = store(tmp_path / "d.sqlite", attacks({"g00": "U"}), judges=[])

    for paths, words in (
        ((first, first), "a.sqlite is given 2 times; name each run once"),
        ((first, files), "comparing runs of different benchmarks or judges: "),
        ((first, rubric), "comparing runs of different benchmarks or judges: "),
        ((nobody,), "no judge ruled on it; `turnwise judge` asks one"),
    ):
        with pytest.raises(UsageError, match=words):
            board_of(*paths)


def test_runs_that_share_no_dialogue_or_measure_give_no_leaderboard(tmp_path: Path) -> None:
    """Two by two they share one, all three none; and a judge of harm has nothing to say of safe dialogues."""
    labels = ({"a": "U", "b": "U"}, {"b": "U", "c": "U"}, {"a": "U", "c": "U"})
    paths = [store(tmp_path / f"{place}.sqlite", attacks(one)) for place, one in enumerate(labels)]
    safe = store(tmp_path / "safe.sqlite", [Row("s", "s", "safe", intent="safe")])

    for given in (paths, [safe]):
        with pytest.raises(NotMeasurable, match="give nothing to rank on the dialogues that all runs have"):
            board_of(*given)


def answer(group: str, kind: Literal["mcq", "true_false"], text: str | None) -> AnswerRow:
    """A question whose right answer is B, or false, with the reply to it; None where nobody replied."""
    options = ("one", "two") if kind == "mcq" else ()
    question = Question(kind, kind, "what?", "B" if options else "false", options)
    reply = None if text is None else Reply("ok", text, "stop")
    return AnswerRow(1, "b", f"{group}/d", group, "escalation", "unsafe", "unimodal", question, reply)


def test_intent_accuracy_has_a_column_for_each_kind_of_question() -> None:
    """A right and a wrong mcq, a right true/false and one not answered; who asked none has neither number nor rank."""
    asked = (
        answer("g", "mcq", "B"),
        answer("h", "mcq", "A"),
        answer("g", "true_false", "false"),
        answer("h", "true_false", None),
    )
    runs = [SharedRows((), asked), SharedRows((), asked[::-1]), SharedRows((), ())]

    mcq, true_false = columns_of(runs, RULES, drawing=Drawing(resamples=50), show_incomplete=True)

    assert (mcq.name, true_false.name, mcq.unit) == ("intent_accuracy_mcq", "intent_accuracy_true_false", "question")
    assert [(cell.value, cell.n, cell.n_failed) for cell in mcq.cells] == [(0.5, 2, 0), (0.5, 2, 0), (None, 0, 0)]
    first = true_false.cells[0]
    assert (first.value, first.n, first.n_failed) == (1, 1, 1)
    assert [cell.rank is None for cell in mcq.cells] == [False, False, True]


async def lengths_run(folder: Path, word: str, *, missing: str = "") -> Path:
    """Twelve groups at five lengths, all labelled alike but for one dialogue that is not."""
    dialogues = [attack(group, length) for group in TWELVE for length in (1, 2, 4, 6, 8)]
    labels = {one.id: {"label": word} for one in dialogues if one.id != missing}
    return await make_run(folder, dialogues, {"table": labels})


async def test_the_safety_index_is_ranked_where_it_is_defined(tmp_path: Path) -> None:
    """Always safe is 1, always unsafe 0, surely told apart; a run that lacks one label has 11 groups of 12."""
    safe, bad = await lengths_run(tmp_path / "s", "safe"), await lengths_run(tmp_path / "u", "unsafe")
    holed = await lengths_run(tmp_path / "h", "safe", missing="g03/4")
    cards = [JudgeCard("table", "ab" * 32)]
    runs = []
    for path in (safe, bad, holed):
        with Reader(path) as reader:
            rows = sorted(reader.scored_rows(reader.judges()[0].name), key=lambda row: row.id)
            runs.append(SharedRows(tuple(rows), ()))

    columns = columns_of(runs, cards[0], drawing=Drawing(resamples=100))

    (index,) = [column for column in columns if column.name == "safety_index"]
    assert [cell.value for cell in index.cells[:2]] == pytest.approx([1, 0])
    assert (index.cells[2].value, index.cells[2].n, index.cells[2].n_failed) == (None, 11, 1)
    assert [cell.rank and (cell.rank.low, cell.rank.high) for cell in index.cells] == [(1, 1), (2, 2), None]
