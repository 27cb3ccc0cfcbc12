"""Measures how cost grows from 1,000 entries to 100,000, beside what others search with.

    make bench [BENCH="--kb KB.jsonl --queries QUESTIONS.jsonl"]
    python -m benchmarks.growth --queries QUESTIONS.jsonl [--kb KB.jsonl] [--chart FILE.svg]

A KB is one that ``zixun evaluate`` reads, else the embedded guides. A smaller size than it has is
a sample of it, a larger one is all of it and entries made of halves of two titles and sentences
of two bodies. What the systems are, ``benchmarks.systems`` says; each has a process of its own,
with one thread, at each size.

Build is the time from entries to an index, for all but the Reader without the dictionary of the
word cutter. Memory is what is resident after the questions beyond what the process had with the
entries read, dictionary included; peak is the most that it was meanwhile (both from Linux's
/proc). A question's cost begins with its text and ends with ten candidates; caches of whole texts
are emptied before each round, and a first round is not counted. A system that takes longer than
``--seconds`` for its questions is asked fewer of them; the table says how many.
"""

import argparse
import gc
import itertools
import math
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random

from benchmarks.systems import SYSTEMS, Ask
from knowledge.corpus import Entry
from knowledge.evaluation import read_entries, read_questions
from knowledge.guides import load_guides
from knowledge.text import normalise, tidy
from knowledge.understanding import entry_of

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
FEWEST = 20
"""Questions that are put to however slow a system."""
MOST_MISSED = 10_000
"""Mixtures in a row that say nothing new."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
_SENTENCE_START = re.compile(r"(?<=[。；！？\n])")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _EDGE = 720, 420, 60, 110, 34


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process measures: a system on so many entries."""

    system: str
    size: int
    kb: Path | None
    queries: Path
    rounds: int
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a system costs at a size: seconds, megabytes, and milliseconds a question.

    Of ``cpu`` (the asking thread's) and ``wall`` the median and the 99th percentile.
    """

    system: str
    size: int
    asked: int
    build: float
    memory: float
    peak: float
    cpu: tuple[float, float]
    wall: tuple[float, float]


def main(arguments: Sequence[str] | None = None) -> None:
    summary = __doc__.splitlines()[0] if __doc__ else ""
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--kb", type=Path, help="JSON lines of {id, title, body, variants}")
    parser.add_argument("--queries", type=Path, required=True, help="of {query, relevant}")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=3, help="that each question is asked")
    parser.add_argument("--seconds", type=float, default=60.0, help="for a system's questions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="for the table, else it is printed")
    parser.add_argument("--chart", type=Path, help="an SVG of the medians")
    options = parser.parse_args(arguments)
    plans = [
        Plan(
            system=system,
            size=size,
            kb=options.kb,
            queries=options.queries,
            rounds=options.rounds,
            seconds=options.seconds,
            seed=options.seed,
        )
        for size in options.sizes
        for system in options.systems
    ]
    found = list(measured(plans))
    if options.output:
        options.output.write_text(table(found), encoding="utf-8")
    else:
        print(table(found), end="")
    if options.chart:
        options.chart.write_text(chart(found), encoding="utf-8")


def measured(plans: Sequence[Plan]) -> Iterator[Figures]:
    """The figures of each plan whose system is installed, with progress on stderr."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    for number, plan in enumerate(plans, start=1):
        say(f"[{number}/{len(plans)}] {plan.size:,} entries, {plan.system}: ")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process_of_its_own:
            try:
                figures = process_of_its_own.submit(measure, plan).result()
            except ModuleNotFoundError as error:
                say(f"{error}\n")
                continue
        say(f"built in {figures.build:.1f} s, {figures.cpu[0]:.2f} ms a question\n")
        yield figures


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(text, end="", file=sys.stderr, flush=True)


def measure(plan: Plan) -> Figures:
    """Build and ask, in this process. ModuleNotFoundError if the system is not installed."""
    known = [entry_of(guide) for guide in load_guides()] if plan.kb is None else []
    entries = grown(known or read_entries(plan.kb or Path()), size=plan.size, seed=plan.seed)
    questions = [text for text, _ in read_questions(plan.queries, ids=None)]
    before = resident()
    build = SYSTEMS[plan.system]()
    began = time.perf_counter()
    ask = build(entries)
    built = time.perf_counter() - began
    asked(ask, questions, rounds=1, seconds=plan.seconds / 4)  # what first ones make is made
    cpu, wall = asked(ask, questions, rounds=plan.rounds, seconds=plan.seconds)
    peak, after = resident(most=True), resident()
    return Figures(
        system=plan.system,
        size=len(entries),
        asked=len(cpu),
        build=built,
        memory=(after - before) / 1e6,
        peak=(peak - before) / 1e6,
        cpu=(percentile(cpu, 0.5), percentile(cpu, 0.99)),
        wall=(percentile(wall, 0.5), percentile(wall, 0.99)),
    )


def asked(
    ask: Ask, questions: Sequence[str], *, rounds: int, seconds: float
) -> tuple[list[float], list[float]]:
    """Milliseconds that each question took, of this thread's CPU and by the clock."""
    cpu, wall = list[float](), list[float]()
    until = time.perf_counter() + seconds
    for _ in range(rounds):
        normalise.cache_clear()
        tidy.cache_clear()
        for question in questions:
            if len(cpu) >= FEWEST and time.perf_counter() > until:
                break
            worked, began = time.thread_time_ns(), time.perf_counter_ns()
            ask(question)
            wall.append((time.perf_counter_ns() - began) / 1e6)
            cpu.append((time.thread_time_ns() - worked) / 1e6)
    return cpu, wall


def grown(entries: Sequence[Entry], *, size: int, seed: int) -> list[Entry]:
    """So many entries, no two of which say the same: these, then mixtures of two of them.

    The same seed gives the same entries. A mixture is about as long as what it is made of.
    Raises ValueError if these are too few to make so many of.
    """
    random = Random(seed)  # noqa: S311
    if size <= len(entries):
        return random.sample(entries, size)
    found = list(entries)
    said = {(entry.title, entry.passages) for entry in entries}
    missed = 0
    while len(found) < size:
        if missed > MOST_MISSED:
            raise ValueError(f"{len(entries)} entries are too few to make {size} of")
        one, other = random.choice(entries), random.choice(entries)
        mixed = mixture(one, other, id=f"made-{len(found)}", random=random)
        if not mixed.title.strip() or (mixed.title, mixed.passages) in said:
            missed += 1
            continue
        missed = 0
        said.add((mixed.title, mixed.passages))
        found.append(mixed)
    return found


MOST_PHRASINGS = 4
"""Of a made entry: thirty each would be three million texts at 100,000 entries."""


def mixture(one: Entry, other: Entry, *, id: str, random: Random) -> Entry:
    """A title of two halves, and about half of the sentences of either entry."""
    phrasings = [
        front[: len(front) // 2] + back[len(back) // 2 :]
        for front, back in zip(one.phrasings[:MOST_PHRASINGS], other.phrasings, strict=False)
    ]
    sentences = [
        sentence
        for text in itertools.chain(one.passages, other.passages)
        for sentence in _SENTENCE_START.split(text)
        if random.random() < 0.5
    ]
    passages = max(len(one.passages), 1)
    cuts = [len(sentences) * number // passages for number in range(passages + 1)]
    return replace(
        one,
        id=id,
        title=one.title[: len(one.title) // 2] + other.title[len(other.title) // 2 :],
        phrasings=tuple(phrasings),
        passages=tuple("".join(sentences[a:b]) for a, b in itertools.pairwise(cuts)),
        related=(),
    )


def resident(*, most: bool = False) -> int:
    """Bytes of this process in memory now, or the most since this was last asked without it."""
    gc.collect()
    field = "VmHWM:" if most else "VmRSS:"
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith(field)]
    if not most:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return int(kilobytes) * 1024


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so great a share of the values does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def table(found: Sequence[Figures]) -> str:
    """All figures in Markdown, then how much a median question costs more on ten times as much."""
    lines = [
        "| system | entries | build s | memory MB | peak MB | CPU p50 ms | CPU p99 ms "
        "| wall p50 ms | wall p99 ms | asked |",
        "| --- |" + " ---: |" * 9,
    ]
    for name in dict.fromkeys(one.system for one in found):
        for one in (one for one in found if one.system == name):
            cells = [name, f"{one.size:,}", f"{one.build:.2f}", f"{one.memory:,.0f}"]
            cells += [f"{one.peak:,.0f}", *(f"{each:.2f}" for each in (*one.cpu, *one.wall))]
            lines.append(f"| {' | '.join(cells)} | {one.asked} |")
    lines += [
        "",
        "| system | from | to | CPU p50 × | for 10 × entries × |",
        "| --- |" + " ---: |" * 4,
    ]
    for name in dict.fromkeys(one.system for one in found):
        own = sorted((one for one in found if one.system == name), key=lambda one: one.size)
        first, last = own[0], own[-1]
        if last.size > first.size:
            grew = last.cpu[0] / first.cpu[0]
            tenfold = grew ** (1 / math.log10(last.size / first.size))
            lines.append(
                f"| {name} | {first.size:,} | {last.size:,} | {grew:.1f} | {tenfold:.1f} |"
            )
    return "\n".join(lines) + "\n"


def chart(found: Sequence[Figures]) -> str:
    """The median CPU time of a question against the number of entries, both by tens, as SVG."""
    sizes, times = [one.size for one in found], [max(one.cpu[0], 1e-3) for one in found]
    left, right = math.log10(min(sizes)), math.log10(max(sizes) + 1)
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times) * 1.001))

    def across(size: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(size) - left) / (right - left)

    def down(time: float) -> float:
        return _EDGE + (_HEIGHT - 2 * _EDGE) * (high - math.log10(time)) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="16">ms of CPU for a median question, by number of entries</text>',
    ]
    for power in range(low, high + 1):
        y = down(10.0**power)
        parts.append(f'<path d="M{_LEFT} {y:.0f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for size in sorted(set(sizes)):
        label = f'<text x="{across(size):.0f}" y="{_HEIGHT - 12}" text-anchor="middle">'
        parts.append(f"{label}{size:,}</text>")
    names = list(dict.fromkeys(one.system for one in found))
    lowest = math.inf
    last = {one.system: one for one in sorted(found, key=lambda one: one.size)}
    for name in sorted(names, key=lambda name: last[name].cpu[0]):
        own = sorted((one for one in found if one.system == name), key=lambda one: one.size)
        points = [(across(one.size), down(max(one.cpu[0], 1e-3))) for one in own]
        colour = f"hsl({360 * names.index(name) // len(names)}, 70%, 40%)"
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = points[-1]
        lowest = min(y, lowest - 14)  # names that end side by side do not lie on each other
        parts.append(f'<text x="{x + 8:.0f}" y="{lowest + 4:.0f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    main()
