"""The driver and its workers in one process: everything is done once, whoever is lost on the way."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from dialogue.whole_png import whole_png
from evaluate.answering import Answering, benchmark_of, outcome, settings_of
from evaluate.cluster.here import Here
from rollout.recording import live
from turnwise.benchmarks import open_benchmark
from turnwise.dialogue import Dialogue, Image
from turnwise.errors import DataError, EndpointDown, UsageError
from turnwise.evaluate import Machinery, RunSettings, Silent, Stop
from turnwise.evaluate.agenda import Listed, draw
from turnwise.evaluate.cluster.desk import Desk
from turnwise.evaluate.cluster.driver import drive
from turnwise.evaluate.cluster.order import Order
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.opening import Brief, open_endpoints, open_engine
from turnwise.evaluate.prepare import prepare
from turnwise.metrics import headlines_of_run
from turnwise.models import PacingLimits
from turnwise.rollout import Budget, BudgetSpent, Caps, ResponseCache
from turnwise.runfile import Reader, Writer

MACHINERY = Machinery(concurrency=6, timeout_s=10.0, max_attempts=1, ray="auto")


class Notes(Silent):
    """A listener that keeps what is noted and what is finished."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.done: Counter[str] = Counter()

    def noted(self, words: str) -> None:
        """Keep the words."""
        self.words.append(words)

    def finished(self, dialogue: Dialogue) -> None:
        """Keep the name."""
        self.done[dialogue.id] += 1


def many(count: int, *, images: tuple[Image, ...] = ()) -> list[Dialogue]:
    """Live dialogues of two turns, two to a group, each with words of its own."""
    return [
        msgspec.structs.replace(
            dialogue,
            group=f"g{number // 2}",
            turns=tuple(msgspec.structs.replace(turn, user=f"{turn.user} ({number})") for turn in dialogue.turns),
        )
        for number in range(count)
        for dialogue in [live(2, images=images, name=f"d{number}")]
    ]


async def driven(
    run: Path,
    settings: RunSettings,
    machinery: Machinery = MACHINERY,
    *,
    kills: int = 0,
    seed: int = 0,
    far: bool = False,
    at_once: bool = False,
    poison: str | None = None,
    desk_answers: int | None = None,
    die_after_end: bool = False,
    stop: Stop | None = None,
    before_ready: Callable[[], object] = lambda: None,
) -> tuple[Notes, Here]:
    """Drive a run of these settings in workers of this process; at most `kills` of them are lost."""
    notes, stop = Notes(), stop or Stop()
    brief = Brief(
        target=settings.target,
        judges=settings.judges,
        judge_sees=settings.judge_sees,
        conduct=settings.conduct(),
        asking=settings.asking(),
        seed=settings.seed,
        repeat=settings.repeat,
    )
    cache = None if machinery.cache is None else ResponseCache(machinery.cache)
    limits = PacingLimits(machinery.concurrency, machinery.rpm, machinery.tpm)
    here = Here(
        Desk(Budget(machinery.caps), limits, cache),
        kills=kills,
        seed=seed,
        far=far,
        at_once=at_once,
        poison=poison,
        desk_answers=desk_answers,
        die_after_end=die_after_end,
        before_ready=before_ready,
    )
    async with (
        open_endpoints(machinery, brief) as (endpoints, commons),
        open_engine(brief, endpoints, stop) as engine,
    ):
        with Writer(run) as writer:
            benchmarks = [open_benchmark(spelling) for spelling in settings.benchmarks]
            prepare(writer, settings, benchmarks=benchmarks, judges=engine.judges)
            with Reader(run) as reader:
                names = [judge.card.name for judge in engine.judges]
                ledger = Ledger(reader=reader, writer=writer, judges=names, listener=notes)
                try:
                    pending, until = ledger.begin(brief.asking), settings.until()
                    cards = [judge.card for judge in engine.judges]
                    agenda = Listed(pending) if until is None else draw(reader, cards, until, pending)
                    await drive(ledger, engine, agenda, Order(brief, machinery, commons), here)
                finally:
                    if cache is not None:
                        cache.close()
    return notes, here


def check_whole(run: Path, dialogues: Sequence[Dialogue], *, judges: int = 1) -> None:
    """Every dialogue is answered at both turns and judged by every judge."""
    came = outcome(run)
    assert came.keys() == {dialogue.id for dialogue in dialogues}
    assert all([reply.state for reply in replies] == ["ok", "ok"] for replies, _ in came.values())
    assert all(len(verdicts) == judges for _, verdicts in came.values())


async def test_every_dialogue_is_done_once(server: Answering, run: Path, tmp_path: Path) -> None:
    """Two workers, forty dialogues, two judges: a request each, all told to be finished, nothing noted."""
    dialogues = many(40)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=("rules", server.judge))
    notes, here = await driven(run, settings)
    check_whole(run, dialogues, judges=2)
    assert len(server.asked) == 40 * 3
    assert notes.done == Counter(dialogue.id for dialogue in dialogues)
    assert not notes.words
    assert len(here.started) == len(here.given_up) == 2
    assert 4 <= server.most_in_flight <= 6


@pytest.mark.parametrize("kills", [0, 2])
async def test_a_run_stops_when_its_headline_is_known(server: Answering, run: Path, tmp_path: Path, kills: int) -> None:
    """Every reply of 400 dialogues complies: before half of them are asked ASR is known, from whole groups."""
    dialogues = many(400)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), until_half_width=0.1)
    await driven(run, settings, kills=kills)
    with Reader(run) as reader:
        (asr,) = headlines_of_run(reader)
        rows = list(reader.scored_rows("rules"))
    assert asr.known
    assert asr.value == pytest.approx(1.0)
    assert len(rows) <= 200
    assert all(row.label == "unsafe" for row in rows)
    assert set(Counter(row.group for row in rows).values()) == {2}


async def test_workers_repeat_judges_past_the_desks_cache(server: Answering, run: Path, tmp_path: Path) -> None:
    """Ten dialogues, three rulings on each: every ruling is a call, though the desk keeps what was answered before."""
    dialogues = many(10)
    benchmark = benchmark_of(tmp_path / "b.jsonl", *dialogues)
    settings = settings_of(server, benchmark, judges=(server.judge,), repeat=3)
    await driven(run, settings, replace(MACHINERY, cache=tmp_path / "cache.sqlite"))
    check_whole(run, dialogues, judges=3)
    assert len(server.of("judge")) == 30


@pytest.mark.parametrize("seed", range(12))
async def test_lost_workers_cost_nothing_but_calls_made_again(
    server: Answering, run: Path, tmp_path: Path, seed: int
) -> None:
    """Four workers die at random moments; what they had is leased again, and stored rows stand as they are."""
    dialogues = many(30)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    notes, here = await driven(run, settings, kills=4, seed=seed)
    check_whole(run, dialogues)
    assert notes.done == Counter(dialogue.id for dialogue in dialogues)
    lost = [words for words in notes.words if "a worker was lost (it was killed)" in words]
    assert lost
    # One lost at the very end is not replaced any more.
    assert 1 + len(lost) <= len(here.started) <= 2 + len(lost)
    asked = Counter(asked.last for asked in server.asked)
    assert len(asked) == 60
    assert sum(asked.values()) - 60 <= len(lost) * 2 * 3 * 4


async def test_dialogue_that_kills_its_workers_is_left(server: Answering, run: Path, tmp_path: Path) -> None:
    """The run ends, says so, and the same command asks for it again."""
    dialogues = many(2)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    notes, here = await driven(run, settings, kills=50, at_once=True)
    assert any("2 dialogues are left undone: over each, 5 workers" in words for words in notes.words)
    assert len(here.started) <= 12
    assert not notes.done
    await driven(run, settings)
    check_whole(run, dialogues)


async def test_dialogue_that_kills_its_workers_takes_no_others_with_it(
    server: Answering, run: Path, tmp_path: Path
) -> None:
    """What lost its worker is leased singly afterwards, also inside one large group: all but one are done."""
    dialogues = [replace(dialogue, group="one") for dialogue in many(30)]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    notes, _ = await driven(run, settings, poison="(7)")
    assert any(
        "1 dialogue is left undone: over it, 5 workers were lost; the same command tries it again" in words
        for words in notes.words
    )
    assert notes.done == Counter(dialogue.id for dialogue in dialogues if dialogue.id != "d7")


async def test_stop_is_heard_by_those_who_wait_to_send(server: Answering, run: Path, tmp_path: Path) -> None:
    """At one request a second nobody waits for a turn any more once the run was asked to end."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(20)))
    stop = Stop()
    going = asyncio.create_task(driven(run, settings, replace(MACHINERY, rpm=60.0), stop=stop))
    await server.until_asked(1)
    stop.ask()
    await asyncio.sleep(0.5)
    asked = len(server.asked)
    await asyncio.wait_for(going, 20)
    assert len(server.asked) == asked <= 2


async def test_only_the_keys_a_run_needs_reach_workers(
    server: Answering, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target's provider is asked with its key; keys of providers that are not asked stay at home."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, f"secret-{name}")
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(2)))
    _, here = await driven(run, settings)
    assert here.keys == {"OPENAI_API_KEY": "secret-OPENAI_API_KEY"}


async def test_images_are_sent_along_to_workers_that_do_not_have_them(
    server: Answering, run: Path, tmp_path: Path
) -> None:
    """A machine without the benchmark's folder asks with the same bytes, and keeps none of them."""
    (tmp_path / "one.png").write_bytes(whole_png(b"a picture"))
    dialogues = many(6, images=(Image.from_file(tmp_path / "one.png"),))
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    before = set(Path(tempfile.gettempdir()).glob("turnwise-images-*"))
    _, here = await driven(run, settings, far=True)
    check_whole(run, dialogues)
    assert here.sent_along == {dialogues[0].images[0].sha256: whole_png(b"a picture")}
    assert set(Path(tempfile.gettempdir()).glob("turnwise-images-*")) <= before


async def test_cap_holds_over_all_workers(server: Answering, run: Path, tmp_path: Path) -> None:
    """Eleven requests may be sent, and eleven are; with a higher cap the rest is."""
    dialogues = many(20)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    with pytest.raises(BudgetSpent, match="stopped at --max-requests 11"):
        await driven(run, settings, replace(MACHINERY, caps=Caps(max_requests=11)))
    assert len(server.asked) == 11
    await driven(run, settings)
    assert len(server.asked) == 40
    check_whole(run, dialogues)


async def test_rate_holds_over_all_workers(server: Answering, run: Path, tmp_path: Path) -> None:
    """Sixteen requests at twenty a second take three quarters of a second, whoever sends them."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(8)))
    started = asyncio.get_running_loop().time()
    await driven(run, settings, replace(MACHINERY, rpm=1200.0, tpm=1e9))
    assert asyncio.get_running_loop().time() - started >= 15 * 0.05


async def test_replies_are_kept_for_the_next_run(server: Answering, run: Path, tmp_path: Path) -> None:
    """Workers read and write the project's cache at the desk; a second run sends nothing."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(8)))
    cached = replace(MACHINERY, cache=tmp_path / "cache.sqlite")
    await driven(run, settings, cached)
    await driven(tmp_path / "again.sqlite", settings, cached)
    assert len(server.asked) == 16
    origins = {reply.origin for replies, _ in outcome(tmp_path / "again.sqlite").values() for reply in replies}
    assert origins == {"cache"}


async def test_dead_endpoint_ends_the_run(server: Answering, run: Path, tmp_path: Path) -> None:
    """What a worker gives up, the run gives up, in the worker's words; later it goes on."""
    dialogues = many(40)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    server.answer = lambda asked: 500
    with pytest.raises(EndpointDown, match="5 times in a row"):
        await driven(run, settings)
    server.answer = lambda asked: "Of course."
    await driven(run, settings)
    check_whole(run, dialogues)


async def test_stop_lets_calls_in_flight_finish(server: Answering, run: Path, tmp_path: Path) -> None:
    """Every call made when the run was asked to stop is stored, and no other one was made."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(40)))
    server.hold.clear()
    stop = Stop()
    going = asyncio.create_task(driven(run, settings, stop=stop))
    await server.until_asked(6)
    stop.ask()
    await asyncio.sleep(0.5)
    server.hold.set()
    await going
    assert len(server.asked) == 6
    assert sum(len(replies) for replies, _ in outcome(run).values()) == 6


async def test_worker_with_another_version_is_refused(
    server: Answering, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would measure something else."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(2)))
    monkeypatch.setattr("turnwise.evaluate.cluster.driver.__version__", "99.0")
    with pytest.raises(UsageError, match=r"worker on \S+: turnwise \S+, but 99\.0 here"):
        await driven(run, settings)
    assert not server.asked


async def test_worker_that_cannot_open_the_engine_is_a_sentence(
    server: Answering, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that only the driver has is sent along; a judge's file that only the driver has is named."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(2)))
    file = tmp_path / "replies.jsonl"
    file.write_text('{"reply": "Of course."}\n')
    with pytest.raises(UsageError, match=r"worker on .*replies\.jsonl"):
        await driven(
            run, replace(settings, target=f"scripted:{file}"), before_ready=lambda: file.unlink(missing_ok=True)
        )


async def test_image_that_is_gone_ends_the_run_with_its_name(
    server: Answering, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in one process: the sentence names the file."""
    monkeypatch.chdir(tmp_path)
    picture = tmp_path / "one.png"
    picture.write_bytes(whole_png(b"a picture"))
    dialogues = many(2, images=(Image.from_file(picture),))
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))

    def lose() -> None:
        """The file, and what the project keeps of it."""
        picture.unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "runs", ignore_errors=True)

    with pytest.raises(DataError, match=r"one\.png"):
        await driven(run, settings, before_ready=lose)


async def test_desk_that_is_gone_ends_the_run_with_a_sentence(server: Answering, run: Path, tmp_path: Path) -> None:
    """Without it nothing may be spent: workers stop asking, and what was answered is kept."""
    dialogues = many(20)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    capped = replace(MACHINERY, caps=Caps(max_requests=1000))
    with pytest.raises(EndpointDown, match=r"the driver's desk cannot be reached \(it is gone\)"):
        await driven(run, settings, capped, desk_answers=5)
    assert len(server.asked) < 40
    await driven(run, settings)
    check_whole(run, dialogues)


async def test_first_cause_is_told_when_the_last_workers_are_lost(server: Answering, run: Path, tmp_path: Path) -> None:
    """A dead endpoint ends the run at once, although the workers that found it die and nobody takes their place."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(40)))
    server.answer = lambda asked: 500
    with pytest.raises(EndpointDown, match="5 times in a row"):
        await asyncio.wait_for(driven(run, settings, die_after_end=True), 20)
