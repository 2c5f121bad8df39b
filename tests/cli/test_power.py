"""`turnwise power`: how many groups, with and without a pilot."""

from __future__ import annotations

from pathlib import Path

from cli.conftest import Call
from metrics.stored import attacks, store


def test_groups_are_said_with_what_is_assumed(call: Call) -> None:
    """0.2 and 0.3 apart, nothing shared: 1.720^2 / 0.01 = 295.9, so 296 groups, which JSON has too."""
    told, found = (call("power", "--difference", "0.1", "--rate", "0.2", *more) for more in ((), ("--json",)))

    assert (told.code, found.code) == (0, 0), told.err
    assert told.out.splitlines() == [
        "to see     20.0% and 30.0% apart (+10.0 percentage points) with a chance of 80%, p at most 0.05",
        "assumed    the runs disagree on 38.0% of dialogues; 1 dialogue a group, whose differences correlate by 0.00",
        "it takes   296 groups, about 296 dialogues",
    ]
    assert (found.json["n_groups"], found.json["pilot"]) == (296, None)


def test_a_pilot_says_what_it_could_have_seen(call: Call) -> None:
    """Rate, group size and correlation come from the run; the last line says how far its groups reach."""
    store(Path("run.sqlite"), attacks({"a": "UU", "b": "US", "c": "SS"}))

    done = call("power", "run.sqlite", "--difference", "-0.2")

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("to see     50.0% and 30.0% apart (-20.0 percentage points)")
    assert "2 dialogues a group, whose differences correlate by 0.50" in lines[1]
    assert lines[3].startswith("the pilot  has 3 groups; as many see it with a chance of ")


def test_wrong_use_is_one_sentence(call: Call) -> None:
    """Without a rate there is nothing to plan by; without a difference nothing to plan for."""
    unknown, nothing = call("power", "--difference", "0.1"), call("power", "--rate", "0.1")

    assert (unknown.code, nothing.code) == (2, 2)
    assert unknown.err == "turnwise: the first rate is not known; give --rate, as in --rate 0.2, or a pilot RUN\n"
    assert "--difference" in nothing.err


def test_a_small_difference_is_told_with_as_many_digits_as_it_takes(call: Call) -> None:
    """A hundredth of a percentage point below 20 % is not 20.0 % twice."""
    told = call("power", "--difference", "-0.0001", "--rate", "0.2")

    assert told.out.startswith("to see     20.000% and 19.990% apart (-0.010 percentage points) with a chance of 80%")
