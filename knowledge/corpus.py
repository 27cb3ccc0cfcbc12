"""The entries made ready for comparing: what each of them has in common with a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import ne

import numpy as np
from rapidfuzz.distance import Indel

from knowledge.encoder import Encoder
from knowledge.index import Field, Floats, Index, Ints, Scores, Total, counted
from knowledge.meanings import Meanings, nearest
from knowledge.phrasebook import CLOSE_COLUMNS, Phrasebook, Question, with_official
from knowledge.senses import shipped
from knowledge.spelling import Speller
from knowledge.text import normalise
from knowledge.words import Words

CANDIDATES = 40
COLUMNS = (
    "said", "said_relative", "asked", "asked_relative", "whole", "whole_relative",
    "segment", "segment_relative", "official_said", "official_said_relative",
    "official_asked", "official_asked_relative", "official_whole", "official_whole_relative",
    *CLOSE_COLUMNS, "sense_title", "sense_asked",
)  # fmt: skip
"""What is measured of a candidate, in the order of a row; all from 0 to about 1.5.

``said`` (title and phrasings together), ``asked`` (title or one phrasing), ``whole`` (with the
body) and ``segment`` (some sentences) say how much of the question those texts cover;
``official_…`` the same with the lexicon's official wordings added; ``…_relative`` the share of the
best candidate's. ``sense_…`` is how near what the question is about is to what the title, or the
nearest of title and phrasings, is about. The others are those of ``knowledge.phrasebook``.
"""

_SEGMENT = 90
_BLOCK = 64
_FIELDS = _SAID, _ASKED, _WHOLE, _SEGMENTS = range(4)
_HEAD = 40
_BODY = 1500
_OFFICIAL_GRAM = 0.35
_CONTEXT = 0.35
_REMEMBERED = 1 << 16  # words of which it is kept whether the entries use them
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
class Comparison:
    """Candidates of a question by entry number, and a row of ``COLUMNS`` for each of them."""

    question: Question
    numbers: tuple[int, ...]
    rows: Floats
    segments: Total


class Corpus:
    """Entries with their indexes. Built once, then only read: safe to share between threads."""

    def __init__(self, entries: Sequence[Entry], *, words: Words) -> None:
        if not entries:
            raise ValueError("a corpus needs at least one entry")
        self.entries = tuple(entries)
        self._words = words
        asked = [wordings_of(entry) for entry in entries]
        bodies = [normalise(" ".join(entry.passages)) for entry in entries]
        each_said = [tuple(with_official(text, words=words) for text in own) for own in asked]
        said = [" ".join(own) for own in each_said]
        segments = [
            (number, passage, f"{own[0][:_HEAD]} {piece}".strip())
            for number, (entry, own) in enumerate(zip(entries, asked, strict=True))
            for passage, text in enumerate(entry.passages or ("",))
            for piece in _segments(text)
        ]
        everyone = range(len(said))
        self._index = Index(
            [
                Field(said, owners=everyone, b=0.6),
                Field(
                    [text for own in asked for text in own],
                    owners=[number for number, own in enumerate(asked) for _ in own],
                    b=0.6,
                ),
                Field(
                    [f"{spoken} {body}" for spoken, body in zip(said, bodies, strict=True)],
                    owners=everyone,
                    b=0.5,
                ),
                Field(
                    [text for _, _, text in segments],
                    owners=[number for number, _, _ in segments],
                    b=0.5,
                ),
            ]
        )
        self._passages = [passage for _, passage, _ in segments]
        self._rarity = lru_cache(maxsize=_REMEMBERED)(self._find_rarity)
        self._holds = lru_cache(maxsize=_REMEMBERED)(self._find)
        self._phrasebook = Phrasebook(
            asked,
            each_said,
            [body[:_BODY] for body in bodies],
            words=words,
            rarity=self._rarity,
        )
        self._speller = Speller(words, holds=self._holds)
        self._senses = shipped()
        sizes = np.array([len(own) for own in asked])
        self._sense_starts = np.cumsum(sizes) - sizes
        self._sense_rows = self._senses.of([text for own in asked for text in own])

    def spelt_out(self, text: str) -> str:
        """The text with pinyin and initials (“gk”) written in characters."""
        return self._speller.spelt_out(text)

    def meanings(self, encoder: Encoder) -> Meanings:
        """The entries' vectors by this encoder; takes as long as the encoder does."""
        return Meanings(self._phrasebook.asked, encoder=encoder)

    def question(self, text: str, *, context: str = "") -> Question:
        """A question taken apart as ``compare`` wants it.

        ``context`` is what was talked about before: its words count too, but for less.
        """
        written = normalise(self.spelt_out(text))
        normal = self._speller.corrected(written)
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
            respelt=sum(map(ne, written, normal)) / max(len(normal), 1),
        )

    def compare(self, question: Question, *, more: Sequence[int] = ()) -> Comparison:
        """The entries that share most with the question, at most 40, in order of entry.

        ``more`` are numbers of entries that are compared too.
        """
        official: dict[str, float] = {}
        for hit in question.hits:
            weight = _OFFICIAL_GRAM / len(hit.official) ** 0.5
            for wording in hit.official:
                for gram, count in counted(wording, weight=weight).items():
                    official[gram] = official.get(gram, 0.0) + count
        own = self._index.total(question.grams)
        channels = [self._index.channel(field, own) for field in _FIELDS]
        if official:
            other = self._index.total(official, fields=_SEGMENTS)
            channels += [
                self._index.channel(field, own, other) for field in (_SAID, _ASKED, _WHOLE)
            ]
        else:
            channels += channels[:3]
        total = channels[0].relative()
        for channel in channels[1:]:
            total += channel.relative()
        best = _greatest(total, count=min(CANDIDATES, len(total)))
        chosen = np.union1d(best[total[best] > 0], np.array(more, dtype=np.int64))
        columns = []
        for channel in channels:
            covered = channel.cover(chosen)
            columns += [covered, covered / max(channel.most, 1e-9)]
        numbers = tuple(chosen.tolist())
        return Comparison(
            question=question,
            numbers=numbers,
            rows=np.column_stack(
                [*columns, self._phrasebook.near(question, numbers), *self._near(question, chosen)]
            ),
            segments=own,
        )

    def with_meanings(self, comparison: Comparison, near: Floats) -> Comparison:
        """The comparison, its question's nearest in meaning compared too, and their columns.

        ``near`` has a row of ``MEANING_COLUMNS`` for every entry.
        """
        more = nearest(near)
        if not set(more).issubset(comparison.numbers):
            comparison = self.compare(comparison.question, more=more)
        own = near[list(comparison.numbers)]
        return replace(comparison, rows=np.column_stack([comparison.rows, own]))

    def known(self, question: Question) -> float:
        """The weighed share of the question's words that the entries use, from 0 to 1.

        A word counts as used if each of its character pairs is somewhere in the entries, or if an
        official wording for it is. A question of none but small words is known if the lexicon has
        it (哪些不给看).
        """
        total = sum(question.weights)
        if not total:
            return float(bool(question.hits))
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
        texts = self._index.texts_of(_SEGMENTS, number)
        covers = self._index.covers(_SEGMENTS, number, comparison.segments)
        for text, covered in zip(texts, covers, strict=True):
            passage = self._passages[text]
            if covered > best[1]:
                best = (passage, covered)
            if passage == 0 and covered > lead[1]:
                lead = (0, covered)
        return best if best[1] > 1.3 * lead[1] and best[1] > 0.25 else lead

    def nearest_phrasing(self, question: Question, number: int) -> tuple[str, float]:
        """The entry's title or phrasing that is most like the question, and how like (0 to 1)."""
        entry = self.entries[number]
        at, likeness = self._phrasebook.nearest(question, number)
        return (entry.title, *entry.phrasings)[at], likeness

    def shared_words(self, question: Question, number: int) -> tuple[str, ...]:
        """The question's words that the entry uses, itself or in official wording."""
        return self._phrasebook.shared_words(question, number)

    def wordings(self, number: int) -> str:
        """The entry's normalised title and phrasings, as one text."""
        return " ".join(self._phrasebook.asked[number])

    def text_of(self, number: int) -> str:
        """All that the entry says and is asked by, normalised."""
        return self._phrasebook.text_of(number)

    def same_matter(self, number: int, other: int, *, least: float) -> bool:
        """Whether the titles of two entries are as like as that."""
        titles = self._phrasebook.asked[number][0], self._phrasebook.asked[other][0]
        return Indel.normalized_similarity(*titles, score_cutoff=least) > 0

    def heaviest_missing(self, question: Question, number: int) -> float:
        """What the most telling of the question's words that the entry does not use tells."""
        shared = set(self.shared_words(question, number))
        return max(
            (
                telling
                for word, telling in zip(question.words, question.telling, strict=True)
                if word not in shared
            ),
            default=0.0,
        )

    def _near(self, question: Question, numbers: Ints) -> tuple[Floats, Floats]:
        """How near in sense the question is to these entries' titles, and to their wordings."""
        sense = self._senses.of([question.normal])[0]
        starts = self._sense_starts[numbers]
        titles = (self._sense_rows[starts] @ sense).astype(np.float64)
        sizes = np.diff(self._sense_starts, append=len(self._sense_rows))[numbers]
        if not len(numbers) or sizes.max() == 1:
            return titles, titles
        firsts = np.cumsum(sizes) - sizes
        rows = np.repeat(starts - firsts, sizes) + np.arange(sizes.sum())
        asked = np.maximum.reduceat((self._sense_rows[rows] @ sense).astype(np.float64), firsts)
        return titles, asked

    def _find_rarity(self, word: str) -> float:
        """From 0 for a word of every entry to 1 for one of a single entry or of none."""
        return self._index.rarity(_pairs(word), field=_WHOLE)

    def _find(self, word: str) -> bool:
        """Whether each pair of the word's characters is somewhere in the entries."""
        return self._index.holds(_pairs(word), field=_WHOLE)


def wordings_of(entry: Entry) -> tuple[str, ...]:
    """The entry's title and phrasings as they are matched, the title first."""
    return tuple(normalise(text) for text in (entry.title, *entry.phrasings))


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def _segments(text: str) -> list[str]:
    """A passage in pieces of whole sentences, normalised, of up to about 90 characters."""
    pieces: list[str] = []
    for sentence in filter(None, map(normalise, _SENTENCE_END.split(text))):
        if pieces and len(pieces[-1]) + len(sentence) < _SEGMENT:
            pieces[-1] += f" {sentence}"
        else:
            pieces.append(sentence)
    return pieces or [""]


def _greatest(values: Scores, *, count: int) -> Ints:
    """Where so many of the greatest values are, in no order."""
    blocks = len(values) // _BLOCK
    if blocks < 2 * count:
        return np.argpartition(-values, count - 1)[:count]
    # Blocks with so many of the highest peaks hold as many values that no lower one can beat.
    peaks = values[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    among = np.flatnonzero(values >= np.partition(peaks, blocks - count)[blocks - count])
    return among[np.argpartition(-values[among], count - 1)[:count]]
