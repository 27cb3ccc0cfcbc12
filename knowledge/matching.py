"""Which guides a question is about, with the evidence, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge import confidence
from knowledge.corpus import COLUMNS, Comparison, Corpus, Entry
from knowledge.index import Floats
from knowledge.phrasebook import Question
from knowledge.weights import Weights, fitted
from knowledge.words import Words

MOST_CANDIDATES = 10
LONGEST_QUESTION = 500
"""Characters of a question that are read; a longer one is cut there."""
_NEXT = 5.0  # what being asked for next is worth: the usual lead of a right candidate


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a candidate was found, for staff and for a citizen who asks.

    ``words`` of the question are in the entry, itself or in official wording; ``official`` are
    the lexicon's (everyday, official) pairs that helped; ``phrasing`` is the title or phrasing
    most like the question and ``similarity`` how like (0 to 1); ``covered`` is the share of the
    question that the quoted passage holds.
    """

    words: tuple[str, ...]
    official: tuple[tuple[str, str], ...]
    phrasing: str | None
    similarity: float
    covered: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer: its best passage and a score that ranks within one question."""

    id: str
    passage: int
    score: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a question.

    ``candidates`` are best first, at most ten, ties by id; ``probability`` is that of the first
    being right (0 if there is none); ``known`` is the weighed share of the question's words that
    the entries use.
    """

    normal: str
    candidates: tuple[Candidate, ...]
    probability: float
    known: float


NO_MATCH = Match(normal="", candidates=(), probability=0.0, known=0.0)


class Matcher:
    """Finds the entries that a question is about, with the numbers fitted for their kind.

    Built once, then only read: the same question always gives the same match, from any thread.
    """

    def __init__(
        self, entries: Sequence[Entry], *, words: Words, weights: Weights | None = None
    ) -> None:
        self.corpus = Corpus(entries, words=words)
        phrased = sum(bool(entry.phrasings) for entry in entries) * 2 > len(entries)
        self.weights = weights or fitted(phrased=phrased)
        columns = self.weights.ranking
        by_name = dict(zip(columns.names, range(len(columns.names)), strict=True))
        order = [by_name[name] for name in COLUMNS]
        self._centres = np.array(columns.centres)[order]
        self._weighed = np.array(columns.weights)[order] / np.array(columns.scales)[order]
        self._related = {entry.id: entry.related for entry in entries}
        self._titles = {entry.id: entry.title for entry in entries}

    def match(self, text: str, *, about: str | None = None) -> Match:
        """The entries that the text asks for.

        ``about`` is the id of the entry that was talked about before: a follow-up that names no
        topic of its own (“那要多久？”) is read together with that entry's title, and the entries
        related to it gain. An id that is not among the entries is ignored.
        """
        context = self._titles.get(about, "") if about else ""
        question = self.corpus.question(text[:LONGEST_QUESTION], context=context)
        comparison = self.corpus.compare(question)
        known = self.corpus.known(question)
        if not comparison.numbers:
            return Match(normal=question.normal, candidates=(), probability=0.0, known=known)
        scores = self.scores(comparison)
        if about is not None:
            scores = scores + _NEXT * self._follows(comparison, about=about)
        order = self.ranked(comparison, scores=scores)
        measured = confidence.measures(comparison, scores=scores, order=order, known=known)
        certainty = self.weights.confidence.score(measured, limit=confidence.LIMIT)
        return Match(
            normal=question.normal,
            candidates=tuple(
                self._candidate(comparison, row=row, score=float(scores[row]))
                for row in order[:MOST_CANDIDATES]
            ),
            probability=1 / (1 + math.exp(-max(-30.0, min(30.0, certainty)))),
            known=known,
        )

    def scores(self, comparison: Comparison) -> Floats:
        """A ranking score for each row of a comparison."""
        result: Floats = (comparison.rows - self._centres) @ self._weighed
        return result

    def ranked(self, comparison: Comparison, *, scores: Floats) -> list[int]:
        """The comparison's rows from best to worst, ties by the entry's id."""
        entries = self.corpus.entries
        return sorted(
            range(len(comparison.numbers)),
            key=lambda row: (-round(float(scores[row]), 9), entries[comparison.numbers[row]].id),
        )

    def _follows(self, comparison: Comparison, *, about: str) -> Floats:
        """1 for the rows of entries that are asked for after this one, else 0."""
        entries, next_ones = self.corpus.entries, self._related.get(about, ())
        return np.array([float(entries[n].id in next_ones) for n in comparison.numbers])

    def _candidate(self, comparison: Comparison, *, row: int, score: float) -> Candidate:
        question, number = comparison.question, comparison.numbers[row]
        passage, covered = self.corpus.passage(comparison, number)
        phrasing, similarity = self.corpus.nearest_phrasing(question, number)
        return Candidate(
            id=self.corpus.entries[number].id,
            passage=passage,
            score=round(score, 6),
            evidence=Evidence(
                words=self.corpus.shared_words(question, number),
                official=self._official(question, number),
                phrasing=phrasing if similarity else None,
                similarity=similarity,
                covered=covered,
            ),
        )

    def _official(self, question: Question, number: int) -> tuple[tuple[str, str], ...]:
        text = self.corpus.wordings(number)
        return tuple(
            (hit.everyday, official)
            for hit in question.hits
            for official in hit.official
            if official in text
        )
