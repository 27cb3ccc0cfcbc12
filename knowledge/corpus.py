"""The entries made ready for comparing: what each of them has in common with a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import numpy as np
from rapidfuzz.distance import LCSseq

from knowledge.index import Floats, Index, counted
from knowledge.text import normalise
from knowledge.spelling import Speller
from knowledge.words import Hit, Words

CANDIDATES = 40
COLUMNS = (
    "title", "title_relative", "asked", "asked_relative", "whole", "whole_relative",
    "segment", "segment_relative", "official_asked", "official_asked_relative",
    "official_whole", "official_whole_relative", "words_asked", "words_whole",
    "telling_asked", "telling_whole", "common_of_question", "common_of_title", "alike", "nearly",
    "same_words",
)  # fmt: skip
"""What is measured of a candidate, in the order of a row; all from 0 to about 1.5.

``title``, ``asked`` (title or a phrasing), ``whole`` and ``segment`` say how much of the question
those texts cover; ``official_…`` the same with the lexicon's official wordings added;
``…_relative`` the share of the best candidate's. ``words_…`` is the weighed share of the
question's words that are there to the letter, ``telling_…`` the same with words counting for more
the fewer entries use them; ``common_…`` is the longest common subsequence with the title. Of the
nearest title or phrasing, ``alike`` says how like it is as one string, ``nearly`` the same from
``NEARLY`` on, since a question in almost a guide's own words leaves no doubt, and ``same_words``
how far it says the same in whatever order.
"""

NEARLY = 0.6

_SEGMENT = 90
_HEAD = 40
_BODY = 1500
_OFFICIAL_GRAM = 0.35
_OFFICIAL_WORD = 0.85
_CONTEXT = 0.35
_MEANINGS = 3
_SENTENCE_END = re.compile(r"[。；！？\n;!?]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: its title, how people ask for it, what it says.

    ``related`` are the ids of entries that whoever asked for this one is likely to ask for next.
    """

    id: str
    title: str
    phrasings: tuple[str, ...]
    passages: tuple[str, ...]
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart: normalised, in weighed grams, in words, with lexicon hits.

    For each of the ``words``: ``weights`` is what it tells in the language, ``telling`` what it
    tells among these entries, ``official`` the wordings that may stand for it.
    """

    normal: str
    grams: dict[str, float]
    words: tuple[str, ...]
    weights: tuple[float, ...]
    telling: tuple[float, ...]
    hits: tuple[Hit, ...]
    official: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidates of a question by entry number, and a row of ``COLUMNS`` for each of them."""

    question: Question
    numbers: tuple[int, ...]
    rows: Floats
    segments: Floats


class Corpus:
    """Entries with their indexes. Built once, then only read: safe to share between threads."""

    def __init__(self, entries: Sequence[Entry], *, words: Words) -> None:
        if not entries:
            raise ValueError("a corpus needs at least one entry")
        self.entries = tuple(entries)
        self._words = words
        self._asked: list[tuple[str, ...]] = []
        self._titles_said: list[str] = []
        self._bodies: list[str] = []
        segments: list[tuple[int, int, str]] = []
        whole: list[str] = []
        said: list[tuple[str, ...]] = []
        for number, entry in enumerate(entries):
            asked = tuple(normalise(text) for text in (entry.title, *entry.phrasings))
            body = normalise(" ".join(entry.passages))
            self._asked.append(asked)
            said.append(tuple(map(self._with_official, asked)))
            self._titles_said.append(" ".join(said[-1]))
            self._bodies.append(f"{self._titles_said[-1]} {body[:_BODY]}")
            whole.append(f"{self._titles_said[-1]} {body}")
            head = asked[0][:_HEAD]
            for passage, text in enumerate(entry.passages or ("",)):
                segments += [
                    (number, passage, f"{head} {piece}".strip()) for piece in _segments(text)
                ]
        self._titles = Index([a[0] for a in self._asked], owners=range(len(whole)), b=0.6)
        self._phrasings = Index(
            [text for asked in self._asked for text in asked],
            owners=[number for number, asked in enumerate(self._asked) for _ in asked],
            b=0.6,
        )
        self._whole = Index(whole, owners=range(len(whole)), b=0.5)
        self._segments = Index(
            [text for _, _, text in segments], owners=[number for number, _, _ in segments], b=0.5
        )
        told: dict[str, float] = {}
        self._said = [
            tuple(
                (text, self._told(own, told=told)) for text, own in zip(texts, asked, strict=True)
            )
            for texts, asked in zip(said, self._asked, strict=True)
        ]
        self._passages = [passage for _, passage, _ in segments]
        self._speller = Speller(words, holds=self._holds)

    def spelt_out(self, text: str) -> str:
        """The text with pinyin and initials (“gk”) written in characters."""
        return self._speller.spelt_out(text)

    def question(self, text: str, *, context: str = "") -> Question:
        """A question taken apart as ``compare`` wants it.

        ``context`` is what was talked about before: its words count too, but for less.
        """
        normal = self._speller.corrected(normalise(self.spelt_out(text)))
        before = normalise(context)
        grams = counted(normal)
        for gram, count in counted(before, weight=_CONTEXT).items():
            grams.setdefault(gram, count)
        weights = {word: self._words.weight(word) for word in self._words.content(normal)}
        for word in self._words.content(before):
            weights.setdefault(word, self._words.weight(word) * _CONTEXT)
        hits = self._words.hits(normal)
        return Question(
            normal=normal,
            grams=grams,
            words=tuple(weights),
            weights=tuple(weights.values()),
            telling=tuple(weight * self._rarity(word) for word, weight in weights.items()),
            hits=hits,
            official=tuple(
                tuple(
                    official
                    for hit in hits
                    if word in hit.everyday or hit.everyday in word
                    for official in hit.official
                )
                for word in weights
            ),
        )

    def compare(self, question: Question) -> Comparison:
        """The entries that share most with the question, at most 40, in order of entry."""
        expanded = dict(question.grams)
        for hit in question.hits:
            weight = _OFFICIAL_GRAM / len(hit.official) ** 0.5
            for official in hit.official:
                for gram, count in counted(official, weight=weight).items():
                    expanded[gram] = expanded.get(gram, 0.0) + count
        segments = self._segments.scores(question.grams)
        channels = [
            self._titles.scores(question.grams),
            self._phrasings.best_of_owner(self._phrasings.scores(question.grams)),
            self._whole.scores(question.grams),
            self._segments.best_of_owner(segments),
            self._phrasings.best_of_owner(self._phrasings.scores(expanded)),
            self._whole.scores(expanded),
        ]
        relative = [channel / max(float(channel.max()), 1e-9) for channel in channels]
        total = np.sum(relative, axis=0)
        count = min(CANDIDATES, len(total))
        best = np.argpartition(-total, count - 1)[:count]
        chosen = np.sort(best[total[best] > 0])
        columns = [
            column[chosen] for pair in zip(channels, relative, strict=True) for column in pair
        ]
        numbers = tuple(int(number) for number in chosen)
        closer = np.array([self._closer(question, number) for number in numbers])
        closer = closer.reshape(len(numbers), len(COLUMNS) - len(columns))
        return Comparison(
            question=question,
            numbers=numbers,
            rows=np.column_stack([*columns, closer]),
            segments=segments,
        )

    def known(self, question: Question) -> float:
        """The weighed share of the question's words that the entries use, from 0 to 1.

        A word counts as used if each of its character pairs is somewhere in the entries, or if an
        official wording for it is.
        """
        total = sum(question.weights)
        if not total:
            return 0.0
        held = sum(
            weight
            for word, weight, official in zip(
                question.words, question.weights, question.official, strict=True
            )
            if self._holds(word) or any(map(self._holds, official))
        )
        return held / total

    def passage(self, comparison: Comparison, number: int) -> tuple[int, float]:
        """The passage of an entry that covers most of the question, and how much it covers.

        The lead passage is taken unless another covers clearly more.
        """
        lead = (0, 0.0)
        best = (0, 0.0)
        for text in self._segments.texts_of(number):
            covered, passage = float(comparison.segments[text]), self._passages[text]
            if covered > best[1]:
                best = (passage, covered)
            if passage == 0 and covered > lead[1]:
                lead = (0, covered)
        return best if best[1] > 1.3 * lead[1] and best[1] > 0.25 else lead

    def nearest_phrasing(self, question: Question, number: int) -> tuple[str, float]:
        """The entry's title or phrasing that is most like the question, and how like (0 to 1)."""
        entry = self.entries[number]
        likeness = [_alike(question.normal, text) for text in self._asked[number]]
        at = max(range(len(likeness)), key=likeness.__getitem__)
        return (entry.title, *entry.phrasings)[at], likeness[at]

    def shared_words(self, question: Question, number: int) -> tuple[str, ...]:
        """The question's words that the entry uses, itself or in official wording."""
        text = self._bodies[number]
        held = _held(question, text=text)
        return tuple(word for word, there in zip(question.words, held, strict=True) if there)

    def _with_official(self, text: str) -> str:
        """A title or phrasing followed by the official wordings for what it says."""
        hits = self._words.hits(text)
        official = dict.fromkeys(word for hit in hits for word in hit.official[:_MEANINGS])
        return " ".join([text, *official])

    def _closer(self, question: Question, number: int) -> list[float]:
        asked, body = self._asked[number], self._bodies[number]
        in_asked = _held(question, text=self._titles_said[number])
        in_whole = _held(question, text=body)
        common = LCSseq.similarity(question.normal, asked[0])
        alike = max(_alike(question.normal, text) for text in asked)
        total = sum(question.telling)
        same_words = max(
            2 * _sum_of(_held(question, text=text), question.telling) / (total + told + 1e-9)
            for text, told in self._said[number]
        )
        return [
            _weighed(in_asked, question.weights),
            _weighed(in_whole, question.weights),
            _weighed(in_asked, question.telling),
            _weighed(in_whole, question.telling),
            common / max(len(question.normal), 1),
            common / max(len(asked[0]), 1),
            alike,
            max(0.0, alike - NEARLY) / (1 - NEARLY),
            min(same_words, 1.0),
        ]

    def _told(self, normal: str, *, told: dict[str, float]) -> float:
        """What the words of a title or phrasing tell among these entries, together.

        ``told`` keeps what each word tells from one text to the next.
        """
        words = self._words.content(normal)
        for word in words:
            if word not in told:
                told[word] = self._words.weight(word) * self._rarity(word)
        return sum(told[word] for word in words)

    def _rarity(self, word: str) -> float:
        """From 0 for a word of every entry to 1 for one of a single entry or of none."""
        places = self._whole.places(_pairs(word))
        if min(places) < 0:
            return 1.0
        return max(float(self._whole.idf[place]) for place in places) / self._whole.rarest

    def _holds(self, word: str) -> bool:
        return min(self._whole.places(_pairs(word))) >= 0


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def _weighed(held: Sequence[float], weights: Sequence[float]) -> float:
    return _sum_of(held, weights) / (sum(weights) or 1.0)


def _sum_of(held: Sequence[float], weights: Sequence[float]) -> float:
    total: float = sum(map(mul, held, weights))
    return total


def _held(question: Question, *, text: str) -> list[float]:
    """For each word 1 if the text holds it, 0.85 if it holds an official wording for it, or 0."""
    return [
        1.0
        if word in text
        else _OFFICIAL_WORD
        if official and any(other in text for other in official)
        else 0.0
        for word, official in zip(question.words, question.official, strict=True)
    ]


def _alike(one: str, other: str) -> float:
    return 2 * LCSseq.similarity(one, other) / max(len(one) + len(other), 1)


def _segments(text: str) -> list[str]:
    """A passage in pieces of whole sentences, normalised, of up to about 90 characters."""
    pieces: list[str] = []
    for sentence in filter(None, map(normalise, _SENTENCE_END.split(text))):
        if pieces and len(pieces[-1]) + len(sentence) < _SEGMENT:
            pieces[-1] += f" {sentence}"
        else:
            pieces.append(sentence)
    return pieces or [""]
