"""Labelled questions put to the entries that they are about, ready for fitting."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.linear import Flags, Floats
from knowledge import confidence
from knowledge.corpus import Comparison, Corpus, Entry
from knowledge.encoder import Encoder
from knowledge.evaluation import read_entries, read_outside, read_questions
from knowledge.guides import load_guides
from knowledge.index import Total
from knowledge.ladder import REFERRING, channels
from knowledge.matching import kind_of
from knowledge.text import normalise
from knowledge.understanding import entry_of, lent
from knowledge.weights import Kind
from knowledge.words import Words

OWN, EMBEDDED, SEEN = "own", "embedded", "seen"
SHARES = {OWN: 2.0, EMBEDDED: 0.8, SEEN: 0.5, "foi": 0.5, "gov": 1.0, "ncp": 0.7, "qm_lcqmc": 0.4}
LEFT_OUT = 6
"""The guides' phrasings are asked in so many turns of guides without them."""
_NO_SEGMENTS = Total(np.zeros(0, dtype=np.float32), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Case:
    """One question put to one set: its rows, which of them are right, and what is known of it.

    An out-of-scope question may have right candidates: guides that send the asker on. ``sends``
    are the candidates that are such guides.
    """

    group: str
    text: str
    corpus: Corpus
    comparison: Comparison
    right: Flags
    sends: Flags
    known: float
    in_scope: bool

    def measured(self, scores: Floats, names: Sequence[str]) -> list[float]:
        """What the confidence rests on, given the rows' scores."""
        if not len(scores):
            return [0.0] * len(names)
        found = confidence.measures(
            self.comparison,
            corpus=self.corpus,
            scores=scores,
            order=order_of(scores),
            known=self.known,
        )
        return [found[name] for name in names]

    def is_right(self, scores: Floats) -> bool:
        return bool(len(scores) and self.right[order_of(scores)[0]])

    def sends_on(self, scores: Floats) -> bool:
        return bool(len(scores) and self.sends[order_of(scores)[0]])


class Asker:
    """Puts questions to the entries of one set, with an encoder or without."""

    def __init__(self, entries: Sequence[Entry], *, words: Words, encoder: Encoder | None) -> None:
        self.kind = kind_of(entries)
        self._corpus = Corpus(entries, words=words)
        self._encoder = encoder
        self._meanings = None if encoder is None else self._corpus.meanings(encoder)

    def ask(
        self,
        text: str,
        *,
        relevant: Sequence[str],
        group: str,
        sending: frozenset[str] = frozenset(),
        in_scope: bool | None = None,
    ) -> Case:
        corpus = self._corpus
        question = corpus.question(corpus.spelt_out(text))
        comparison = corpus.compare(question)
        if self._encoder is not None and self._meanings is not None:
            near = self._meanings.near(self._encoder.encode([question.normal], asked=True)[0])
            comparison = corpus.with_meanings(comparison, near)
        ids = [corpus.entries[number].id for number in comparison.numbers]
        return Case(
            group=group,
            text=text,
            corpus=corpus,
            comparison=replace(comparison, segments=_NO_SEGMENTS),
            right=np.array([key in relevant for key in ids], dtype=bool),
            sends=np.array([key in sending for key in ids], dtype=bool),
            known=corpus.known(question),
            in_scope=bool(relevant) if in_scope is None else in_scope,
        )


def set_cases(folder: Path, *, words: Words, encoder: Encoder | None) -> tuple[Kind, list[Case]]:
    """The questions of a folder, put to its own entries, and of which kind these are."""
    entries: Sequence[Entry] = read_entries(folder / "kb.jsonl")
    ids = {entry.id for entry in entries}
    asker = Asker(lent(entries, words=words), words=words, encoder=encoder)
    cases = [
        asker.ask(text, relevant=relevant, group=folder.name)
        for text, relevant in read_questions(folder / "queries.jsonl", ids=ids)
    ]
    cases += [
        asker.ask(text, relevant=(), group=folder.name)
        for text in read_outside(folder / "oos.jsonl")
    ]
    return asker.kind, cases


def embedded_cases(
    outside: Sequence[str], *, words: Words, encoder: Encoder | None
) -> Iterator[Case]:
    """The guides' phrasings, put to guides without them; then what no guide answers."""
    guides = load_guides()
    sending = frozenset(guide.id for guide in guides if guide.outcome in REFERRING)
    entries = [entry_of(guide) for guide in guides]
    for turn in range(LEFT_OUT):
        asker = Asker([_without(entry, turn) for entry in entries], words=words, encoder=encoder)
        for entry in entries:
            for text in entry.phrasings[turn::LEFT_OUT]:
                yield asker.ask(text, relevant=(entry.id,), group=EMBEDDED, sending=sending)
    asker = Asker(entries, words=words, encoder=encoder)
    for entry in entries:
        for number, text in enumerate(entry.phrasings[:8]):
            told = _spoilt(text, number) if number % 2 else _formal(text, words=words)
            yield asker.ask(told, relevant=(entry.id,), group=SEEN, sending=sending)
    for text in dict.fromkeys(outside):
        yield asker.ask(text, relevant=(), group=EMBEDDED, sending=sending)


def own_cases(folder: Path, *, words: Words, encoder: Encoder | None) -> Iterator[Case]:
    """Our own questions for development, put to the embedded guides.

    A narrower referral guide is as right as the general one that it is related to.
    """
    guides = load_guides()
    sending = frozenset(guide.id for guide in guides if guide.outcome in REFERRING)
    under = channels(guides)
    asker = Asker([entry_of(guide) for guide in guides], words=words, encoder=encoder)
    for name in ("in_scope", "out_of_scope"):
        lines = (folder / f"{name}_development.jsonl").read_text(encoding="utf-8").splitlines()
        for row in map(json.loads, lines):
            yield asker.ask(
                row["query"],
                relevant=_wanted(row, under=under),
                group=OWN,
                sending=sending,
                in_scope=name == "in_scope",
            )


def order_of(scores: Floats) -> list[int]:
    return [int(row) for row in np.argsort(-scores, kind="stable")]


def balanced(cases: Sequence[Case]) -> Floats:
    """Weights under which in scope and out of scope count alike in every set."""
    sides = [(case.group, case.in_scope) for case in cases]
    counts = {side: sides.count(side) for side in set(sides)}
    raw = np.array([SHARES.get(side[0], 0.5) / counts[side] for side in sides])
    result: Floats = raw * len(cases) / raw.sum()
    return result


def _wanted(row: Mapping[str, object], *, under: Mapping[str, tuple[str, ...]]) -> list[str]:
    relevant = row["relevant"]
    named = [*(relevant if isinstance(relevant, list) else []), row.get("refer_to")]
    return [key for one in named if isinstance(one, str) for key in under.get(one, (one,))]


def _without(entry: Entry, turn: int) -> Entry:
    kept = [text for at, text in enumerate(entry.phrasings) if at % LEFT_OUT != turn]
    return replace(entry, phrasings=tuple(kept))


def _spoilt(text: str, number: int) -> str:
    """The text as someone else might put it: a few characters of it are missing."""
    kept = [one for at, one in enumerate(text) if (at * 7 + number * 3) % 10 < 5 + number % 3]
    return "".join(kept)


def _formal(text: str, *, words: Words) -> str:
    """The text as someone else might put it: everyday wordings have become official ones."""
    for hit in words.hits(normalise(text)):
        text = text.replace(hit.everyday, hit.official[0])
    return text
