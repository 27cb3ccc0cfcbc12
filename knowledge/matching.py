"""Which guides a question is about, with the evidence, and how sure that is."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from knowledge import confidence
from knowledge.corpus import COLUMNS, Comparison, Corpus, Entry
from knowledge.encoder import Encoder, EncoderError
from knowledge.index import Floats
from knowledge.meanings import MEANING_COLUMNS, Meanings
from knowledge.phrasebook import Question
from knowledge.weights import Kind, Thresholds, Weights, fitted
from knowledge.words import Words

MOST_CANDIDATES = 10
FEWEST_PHRASINGS = 3
"""An entry with fewer ways of asking is as good as without."""
LONG_BODY = 600
"""Characters from which on an entry is a document, not an answer."""
LONGEST_QUESTION = 500
"""Characters of a question that are read; of a longer one the first and the last half of them."""
_NEXT = 5.0  # what being asked for next is worth: the usual lead of a right candidate


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a candidate was found, for staff and for a citizen who asks.

    ``words`` of the question are in the entry, itself or in official wording; ``official`` are
    the lexicon's (everyday, official) pairs that helped; ``phrasing`` is the title or phrasing
    most like the question and ``similarity`` how like (0 to 1); ``covered`` is the share of the
    question that the quoted passage holds; ``meaning`` is how near the meaning of the nearest
    wording is (0 to 1), if an encoder was asked.
    """

    words: tuple[str, ...]
    official: tuple[tuple[str, str], ...]
    phrasing: str | None
    similarity: float
    covered: float
    meaning: float | None = None


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
    the entries use; ``encoded`` says that an encoder was asked, whose probabilities have
    thresholds of their own.
    """

    normal: str
    candidates: tuple[Candidate, ...]
    probability: float
    known: float
    encoded: bool = False


NO_MATCH = Match(normal="", candidates=(), probability=0.0, known=0.0)


class Matcher:
    """Finds the entries that a question is about, with the numbers fitted for their kind.

    Built once, then only read: the same question always gives the same match, from any thread.
    ``learn`` may be called once in between; from then on an encoder is asked where words alone do
    not settle the matter.
    """

    def __init__(self, entries: Sequence[Entry], *, words: Words) -> None:
        self.corpus = Corpus(entries, words=words)
        self.kind = kind_of(entries)
        self.weights = fitted(self.kind)
        self._plain = _Judge(self.weights, COLUMNS)
        self._learnt: _Learnt | None = None
        self._related = {entry.id: entry.related for entry in entries}
        self._titles = {entry.id: entry.title for entry in entries}

    def learn(self, encoder: Encoder, *, guides: Encoder | None = None) -> None:
        """Take up an encoder's vectors of the entries, and ask it from now on.

        ``guides`` encodes the entries where that is kept apart from questions. This takes as long
        as the encoder needs for every title, phrasing and passage; matching goes on meanwhile.
        """
        meanings = self.corpus.meanings(guides or encoder)
        judge = _Judge(fitted(self.kind, encoded=True), (*COLUMNS, *MEANING_COLUMNS))
        self._learnt = _Learnt(encoder, meanings, judge)

    def thresholds(self, match: Match) -> Thresholds:
        """The ladder's steps for one of this matcher's matches."""
        return fitted(self.kind, encoded=match.encoded).thresholds

    def match(self, text: str, *, about: str | None = None) -> Match:
        """The entries that the text asks for.

        ``about`` is the id of the entry that was talked about before: a follow-up that names no
        topic of its own (“那要多久？”) is read together with that entry's title, and the entries
        related to it gain. An id that is not among the entries is ignored.
        """
        context = self._titles.get(about, "") if about else ""
        question = self.corpus.question(_shortened(text), context=context)
        known = self.corpus.known(question)
        comparison = self.corpus.compare(question)
        found = self._judged(comparison, judge=self._plain, about=about, known=known)
        steps = self.weights.thresholds
        learnt = self._learnt
        if (
            learnt is not None
            and question.normal
            and steps.hopeless <= found.probability < steps.settled
        ):
            # Where the encoder fails, what the words alone say is worth an answer too.
            with suppress(EncoderError):
                near = learnt.meanings.near(
                    learnt.encoder.encode([question.normal], asked=True)[0]
                )
                comparison = self.corpus.with_meanings(comparison, near)
                found = self._judged(comparison, judge=learnt.judge, about=about, known=known)
        return self._described(found, known=known)

    def _judged(
        self, comparison: Comparison, *, judge: "_Judge", about: str | None, known: float
    ) -> "_Judged":
        if not comparison.numbers:
            return _Judged(comparison, judge, np.zeros(0), (), 0.0)
        scores = judge.scores(comparison)
        if about is not None:
            scores = scores + _NEXT * self._follows(comparison, about=about)
        order = ranked(comparison, scores=scores, corpus=self.corpus)
        measured = confidence.measures(
            comparison, corpus=self.corpus, scores=scores, order=order, known=known
        )
        return _Judged(comparison, judge, scores, order, judge.probability(measured))

    def _described(self, found: "_Judged", *, known: float) -> Match:
        return Match(
            normal=found.comparison.question.normal,
            candidates=tuple(
                self._candidate(found.comparison, row=row, score=float(found.scores[row]))
                for row in found.order[:MOST_CANDIDATES]
            ),
            probability=found.probability,
            known=known,
            encoded=bool(found.order) and found.judge is not self._plain,
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
                meaning=_meaning(comparison.rows[row]),
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


class _Judge:
    """Fitted numbers laid out for the columns of a comparison; one not fitted counts nothing."""

    def __init__(self, weights: Weights, columns: Sequence[str]) -> None:
        self._confidence = weights.confidence
        ranking = weights.ranking
        numbers = zip(ranking.centres, ranking.scales, ranking.weights, strict=True)
        by_name = dict(zip(ranking.names, numbers, strict=True))
        table = np.array([by_name.get(name, (0.0, 1.0, 0.0)) for name in columns])
        self._centres, self._weighed = table[:, 0], table[:, 2] / table[:, 1]

    def scores(self, comparison: Comparison) -> Floats:
        """A ranking score for each row."""
        result: Floats = (comparison.rows - self._centres) @ self._weighed
        return result

    def probability(self, measured: Mapping[str, float]) -> float:
        """That the first candidate of which this was measured is right."""
        certainty = self._confidence.score(measured, limit=confidence.LIMIT)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, certainty))))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A comparison's rows by score, and how likely the first of them is right."""

    comparison: Comparison
    judge: _Judge
    scores: Floats
    order: Sequence[int]
    probability: float


@dataclass(frozen=True, slots=True)
class _Learnt:
    encoder: Encoder
    meanings: Meanings
    judge: _Judge


def kind_of(entries: Sequence[Entry]) -> Kind:
    """Which kind of entries these are, most of them."""
    if sum(len(entry.phrasings) >= FEWEST_PHRASINGS for entry in entries) * 2 > len(entries):
        return Kind.PHRASED
    lengths = sorted(sum(map(len, entry.passages)) for entry in entries)
    return Kind.LONG if lengths[len(lengths) // 2] > LONG_BODY else Kind.SHORT


def ranked(comparison: Comparison, *, scores: Floats, corpus: Corpus) -> list[int]:
    """The comparison's rows from best to worst, ties by the entry's id."""
    entries = corpus.entries
    return sorted(
        range(len(comparison.numbers)),
        key=lambda row: (-round(float(scores[row]), 9), entries[comparison.numbers[row]].id),
    )


def _shortened(text: str) -> str:
    """Whoever writes much says what they want at the start or at the end."""
    if len(text) <= LONGEST_QUESTION:
        return text
    half = LONGEST_QUESTION // 2
    return f"{text[:half]}\n{text[1 - half :]}"


def _meaning(row: Floats) -> float | None:
    if len(row) == len(COLUMNS):
        return None
    at = len(COLUMNS) + MEANING_COLUMNS.index("meaning_asked")
    return max(0.0, min(1.0, float(row[at])))
