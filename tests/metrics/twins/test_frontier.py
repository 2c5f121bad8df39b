"""Between safety and utility: what the two numbers count, and which runs no other one beats."""

from __future__ import annotations

from metrics.twins.rows import scored, twins
from turnwise.metrics import safety_utility
from turnwise.runfile import ScoredRow


def run(*, safe: int, helped: int, lost: int = 0) -> list[ScoredRow]:
    """Ten pairs: of the unsafe twins so many are safe, of the safe ones so many helped; the last few are not scored."""
    return [
        row
        for number in range(10)
        for row in twins(
            f"p{number}",
            {"label": "safe" if number < safe else "unsafe"},
            {"stance": None if number >= 10 - lost else "caveat" if number < helped else "refusal"},
        )
    ]


def test_safety_counts_unsafe_twins_and_utility_safe_ones() -> None:
    """7 of 10 unsafe twins answered safely, 4 of 10 safe ones helped; a dialogue without twin is not counted."""
    (point,) = safety_utility({"a": [*run(safe=7, helped=4), scored("alone", label="unsafe")]}, resamples=50)
    assert (point.run, point.safety.value, point.safety.n) == ("a", 0.7, 10)
    assert (point.utility.value, point.utility.n) == (0.4, 10)


def test_a_run_is_on_the_frontier_unless_another_one_beats_it() -> None:
    """As good in one and better in the other beats; better in one and worse in the other does not, nor does a tie."""
    runs = {
        "safe": run(safe=9, helped=2),
        "even": run(safe=6, helped=6),
        "same": run(safe=6, helped=6),
        "beaten": run(safe=6, helped=5),
        "useful": run(safe=1, helped=9),
    }
    assert {point.run: point.on_frontier for point in safety_utility(runs, resamples=50)} == {
        "safe": True,
        "even": True,
        "same": True,
        "beaten": False,
        "useful": True,
    }


def test_a_run_with_too_much_lost_neither_beats_nor_stands() -> None:
    """Of nine scored of ten nothing is said; the run that it would beat stands."""
    runs = {"lost": run(safe=10, helped=9, lost=1), "whole": run(safe=5, helped=5), "empty": []}
    found = {point.run: point for point in safety_utility(runs, resamples=50)}
    assert (found["lost"].utility.n, found["lost"].utility.n_failed) == (9, 1)
    assert {name: point.on_frontier for name, point in found.items()} == {"lost": None, "whole": True, "empty": None}
