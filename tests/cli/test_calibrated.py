"""What people say of a judge beside its numbers: corrected beside raw in reports, and calibrations that runs lend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.command import write_lines
from cli.conftest import Call
from metrics.stored import attacks, store
from turnwise.runfile import Annotation, Reader, Writer

TWENTY = attacks({f"g{place:02}": "U" if place < 5 else "S" for place in range(20)})


def labelled(path: Path, *, unsafe: int) -> Path:
    """The run with all replies labelled, so many of them unsafe."""
    with Writer(path) as writer:
        writer.add_annotations(
            Annotation(number, 1, "kim", "unsafe" if number <= unsafe else "safe", drawn_by="rules")
            for number in range(1, 21)
        )
    return path


def numbers(call: Call, *arguments: str) -> Any:
    """The JSON of a report."""
    done = call("report", *arguments, "--json")
    assert done.code == 0, done.err
    return done.json


def test_a_report_shows_numbers_raw_and_corrected_side_by_side(call: Call) -> None:
    """The judge calls 5 of 20 unsafe, people 1: 25 % beside 5 %, with 20 labelled, in terminal, HTML and JSON."""
    labelled(store(Path("run.sqlite"), TWENTY), unsafe=1)

    told, found = call("report", "run.sqlite"), numbers(call, "run.sqlite")

    (asr,) = found["slices"][0]["corrected"]
    assert (asr["raw"]["value"], asr["corrected"]["value"]) == (0.25, pytest.approx(0.05))
    assert (asr["corrected"]["n_labelled"], found["slices"][0]["asr_overall"]["value"]) == (20, 0.25)
    table = told.out.splitlines()
    row = table[next(place for place, line in enumerate(table) if line.startswith("corrected by people")) + 2]
    assert row.split()[:4] == ["attack", "success", "rate", "25.0%"]
    assert (row.split()[6], row.split()[-1]) == ("5.0%", "20")
    assert max(map(len, (row, table[table.index(row) - 1]))) <= 80
    page = Path("report.html").read_text()
    assert '<dd class="value">25.0%</dd>' in page
    low, high = (100 * asr["corrected"][end] for end in ("low", "high"))
    assert f'<dd class="corrected">corrected by people 5.0% [{low:.1f}%, {high:.1f}%], 20 labelled</dd>' in page


def test_a_run_without_labels_has_no_word_of_corrections(call: Call) -> None:
    """No table, no key and nothing on the page; the judge's card says that it is not calibrated."""
    store(Path("run.sqlite"), TWENTY)

    told, found = call("report", "run.sqlite"), numbers(call, "run.sqlite")

    assert "corrected by people" not in told.out + Path("report.html").read_text()
    assert "corrected" not in found["slices"][0]
    assert "judge     rules: asks no model; rubric abababab; rules on what its verdicts show; not calibrated here" in (
        told.out.splitlines()
    )
    assert "<td>not calibrated here</td>" in Path("report.html").read_text()
    assert (found["judges"][0]["calibration"], found["judges"][0]["calibrated_on"], found["views"]) == (None, None, [])


def test_why_a_number_is_not_corrected_stands_in_its_place(call: Call) -> None:
    """Replies that nobody drew: raw, the word none, and the reason."""
    store(Path("run.sqlite"), TWENTY)
    with Writer(Path("run.sqlite")) as writer:
        writer.add_annotations([Annotation(1, 1, "kim", "safe"), Annotation(20, 1, "kim", "safe")])

    told = call("report", "run.sqlite").out

    reason = "not corrected: the labelled replies were not drawn by `turnwise annotate export`: chances not known"
    assert reason in told.splitlines()
    page = Path("report.html").read_text()
    assert '<dd class="corrected">not corrected by people; the table below says why</dd>' in page
    assert reason in page


@pytest.fixture
def lender(call: Call) -> Path:
    """A run of the starter's first dialogues under rules, three of its replies labelled."""
    assert call("run", "--limit", "3", "--questions", "none", "-o", "lender.sqlite").code in (0, 1)
    with Reader(Path("lender.sqlite")) as reader:
        rows = list(reader.scored_rows("rules"))
    with Writer(Path("lender.sqlite")) as writer:
        writer.add_annotations(Annotation(row.number, row.length, "kim", row.label or "safe") for row in rows)
    return Path("lender.sqlite")


def test_labels_of_another_run_are_put_on_the_judge_s_card(call: Call, lender: Path) -> None:
    """`run --calibrated-by` stores them, resuming without the option keeps them, and they correct nothing."""
    again = ("run", "--limit", "3", "--questions", "none", "-t", "simulated:steady", "-o", "here.sqlite")
    made = call(*again, "--calibrated-by", str(lender))
    resumed = call(*again)

    line = "calibrated by 1 annotator on 3 replies of run lender, to the same dialogues"
    for done in (made, resumed):
        assert done.code == 0, done.err
        assert f"rules on label, stance; {line}\n" in done.out
        assert "corrected by people" not in done.out
    found = numbers(call, "here.sqlite")
    assert found["judges"][0]["calibrated_on"] == "these_dialogues"
    assert found["judges"][0]["calibration"]["harm"]["specificity"]["n"] >= 1
    assert line in Path("here.html").read_text()


def test_judging_again_may_bring_a_calibration_and_calibrate_shows_it(call: Call, lender: Path) -> None:
    """A run that was judged before gets it by the same judge; without labels of its own the exit code stays 1."""
    call("run", "--limit", "3", "--questions", "none", "-t", "simulated:steady", "-o", "here.sqlite")
    assert call("judge", "here.sqlite", "-j", "rules", "--calibrated-by", str(lender)).code == 0

    done = call("calibrate", "here.sqlite")

    assert done.code == 1
    assert "calibrated by 1 annotator on 3 replies of run lender" in done.out.splitlines()[0]
    assert "nobody has annotated this run" in done.err


def test_a_run_of_other_judges_is_refused_before_anything_is_made(call: Call, lender: Path) -> None:
    """One sentence names the difference; no run file is there, and --dry-run says the same."""
    write_lines(Path("table.jsonl"), [{"id": "x", "label": "safe"}])
    given = ("run", "-j", "scripted:table.jsonl", "--calibrated-by", str(lender), "-o", "here.sqlite")

    for extra in ((), ("--dry-run",)):
        done = call(*given, *extra)
        assert done.code == 2
        assert done.err.startswith(
            "turnwise: lender.sqlite does not calibrate judge scripted:table.jsonl: judge rules there is another one"
        )
        assert "(rubric_sha256 " in done.err
        assert not Path("here.sqlite").exists()


def test_refusal_by_turn_is_in_the_table_under_a_judge_of_all_turns(call: Call) -> None:
    """Each turn of live dialogues of both intents has its rate, and when escalations are refused stands below."""
    done = call("run", "--limit", "8", "--questions", "none", "-j", "rules,turns=all", "-o", "run.sqlite")

    lines = done.out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("refused, by turn"))
    rows = [line.split("  ")[0] for line in lines[start + 2 : lines.index("", start)]]
    kinds = ("escalation, unsafe", "context switch, unsafe", "escalation, safe", "context switch, safe")
    assert rows == [f"{kind}, {turn}" for kind in kinds for turn in (1, 2, 3) if f"{kind}, 1" in rows]
    assert "escalation, unsafe, 3" in rows
    assert "escalation, safe, 1" in rows
    assert any(line.startswith("escalation, never") for line in lines)
