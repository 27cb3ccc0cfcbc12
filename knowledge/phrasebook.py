"""How near a question is to the ways of asking that the entries give: words, order, likeness."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from knowledge.index import Floats, Ints
from knowledge.words import Hit, Words

CLOSE_COLUMNS = (
    "words_asked", "words_whole", "telling_asked", "telling_whole", "common_of_question",
    "common_of_title", "alike", "nearly", "same_words", "several",
)  # fmt: skip
"""What ``near`` measures of an entry.

``words_…`` is the weighed share of the question's words that are there to the letter,
``telling_…`` the same with words counting for more the fewer entries use them; ``common_…`` is the
longest common subsequence with the title. Of the nearest title or phrasing, ``alike`` says how
like it is as one string, ``nearly`` the same from ``NEARLY`` on, since a question in almost a
guide's own words leaves no doubt, and ``same_words`` how far it says the same in whatever order;
``several`` is that of all of them, the nearest counting most.
"""
NEARLY = 0.6

_OFFICIAL_WORD = 0.85
_MEANINGS = 3
_STEEPNESS = 4
_SEARCHED = 300_000  # characters that are searched at once, if a word's finds are then kept
_KEPT = 1 << 11  # words


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart: normalised, in weighed grams, in words, with lexicon hits.

    For each of the ``words``: ``weights`` is what it tells in the language, ``telling`` what it
    tells among these entries, ``official`` the wordings that may stand for it. ``respelt`` is the
    share of its characters that were corrected.
    """

    normal: str
    grams: dict[str, float]
    words: tuple[str, ...]
    weights: tuple[float, ...]
    telling: tuple[float, ...]
    hits: tuple[Hit, ...]
    official: tuple[tuple[str, ...], ...]
    respelt: float = 0.0


class Phrasebook:
    """The normalised titles and phrasings of all entries, the title first, and their bodies."""

    def __init__(
        self,
        asked: Sequence[tuple[str, ...]],
        said: Sequence[tuple[str, ...]],
        bodies: Sequence[str],
        *,
        words: Words,
        rarity: Callable[[str], float],
    ) -> None:
        """``said`` holds the same as ``asked``, with the official wordings."""
        self.asked = tuple(asked)
        self._bodies = [" ".join([*own, body]) for own, body in zip(said, bodies, strict=True)]
        self._firsts = np.cumsum([0, *map(len, asked)])
        self._said = _Texts([text for own in said for text in own])
        self._whole = _Texts(self._bodies)
        told: dict[str, float] = {}
        self._told = [
            tuple(self._telling(text, words, rarity, told) for text in own) for own in asked
        ]

    def near(self, question: Question, numbers: Sequence[int]) -> Floats:
        """A row of ``CLOSE_COLUMNS`` for each of these entries."""
        if not numbers:
            return np.zeros((0, len(CLOSE_COLUMNS)))
        texts = [text for number in numbers for text in self.asked[number]]
        sizes = np.array([len(self.asked[number]) for number in numbers])
        starts = np.cumsum(sizes) - sizes
        alike = cdist(
            [question.normal], texts, scorer=Indel.normalized_similarity, dtype=np.float64
        )[0]
        nearest = np.maximum.reduceat(alike, starts)
        titles = np.array([len(self.asked[number][0]) for number in numbers])
        common = alike[starts] * (titles + len(question.normal)) / 2

        rows = np.arange(sizes.sum()) + np.repeat(self._firsts[list(numbers)] - starts, sizes)
        held = self._held(question, self._said, rows)
        whole = self._held(question, self._whole, np.array(numbers))
        in_asked = np.maximum.reduceat(held, starts, axis=1)
        weights, telling = np.array(question.weights), np.array(question.telling)
        told = np.array([value for number in numbers for value in self._told[number]])
        same = np.minimum(2 * (telling @ held) / (telling.sum() + told + 1e-9), 1.0)
        several = (np.add.reduceat(same**_STEEPNESS, starts) / sizes) ** (1 / _STEEPNESS)
        return np.column_stack(
            [
                weights @ in_asked / (weights.sum() or 1.0),
                weights @ whole / (weights.sum() or 1.0),
                telling @ in_asked / (telling.sum() or 1.0),
                telling @ whole / (telling.sum() or 1.0),
                common / max(len(question.normal), 1),
                common / np.maximum(titles, 1),
                nearest,
                np.maximum(0.0, nearest - NEARLY) / (1 - NEARLY),
                np.maximum.reduceat(same, starts),
                several,
            ]
        )

    def nearest(self, question: Question, number: int) -> tuple[int, float]:
        """Which of an entry's title (0) and phrasings is most like the question, and how like."""
        likeness = [
            Indel.normalized_similarity(question.normal, one) for one in self.asked[number]
        ]
        at = max(range(len(likeness)), key=likeness.__getitem__)
        return at, likeness[at]

    def text_of(self, number: int) -> str:
        """An entry's titles and phrasings with their official wordings, and its body, as one."""
        return self._bodies[number]

    def shared_words(self, question: Question, number: int) -> tuple[str, ...]:
        """The question's words that the entry uses, itself or in official wording."""
        text = self._bodies[number]
        return tuple(
            word
            for word, official in zip(question.words, question.official, strict=True)
            if word in text or any(other in text for other in official)
        )

    def _held(self, question: Question, texts: "_Texts", numbers: Ints) -> Floats:
        """For each word and text 1 if it is there, 0.85 if an official wording is, else 0."""
        holding = texts.finder(numbers)
        held = np.zeros((len(question.words), len(numbers)))
        for row, word, official in zip(held, question.words, question.official, strict=True):
            for other in official:
                row[holding(other)] = _OFFICIAL_WORD
            row[holding(word)] = 1.0
        return held

    def _telling(
        self, normal: str, words: Words, rarity: Callable[[str], float], told: dict[str, float]
    ) -> float:
        """What the words of a title or phrasing tell among these entries, together."""
        own = words.content(normal)
        for word in own:
            if word not in told:
                told[word] = words.weight(word) * rarity(word)
        return sum(told[word] for word in own)


def with_official(text: str, *, words: Words) -> str:
    """A title or phrasing followed by the official wordings for what it says."""
    official = dict.fromkeys(word for hit in words.hits(text) for word in hit.official[:_MEANINGS])
    return " ".join([text, *official])


class _Texts:
    """Texts of which it is asked which hold a word.

    What was found is kept where the texts are few: all of them are then searched for a word once,
    instead of some of them again for each question.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._all = _Joined(texts) if sum(map(len, texts)) <= _SEARCHED else None
        self._flags = lru_cache(maxsize=_KEPT)(self._find)

    def finder(self, numbers: Ints) -> Callable[[str], Ints]:
        """A function that says which of the texts with these numbers hold a word, by place."""
        if self._all is None:
            return _Joined([self._texts[number] for number in numbers.tolist()]).holding
        return lambda word: np.flatnonzero(self._flags(word)[numbers])

    def _find(self, word: str) -> NDArray[np.bool_]:
        flags = np.zeros(len(self._texts), dtype=bool)
        if self._all is not None:
            flags[self._all.holding(word)] = True
        return flags


class _Joined:
    """Texts as one, so that all are searched by one call."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._text = "\n".join(texts)
        self._ends = list(accumulate(len(text) + 1 for text in texts))

    def holding(self, word: str) -> Ints:
        """The numbers of the texts in which the word is."""
        found, at = [], self._text.find(word)
        while at >= 0:
            number = bisect_right(self._ends, at)
            found.append(number)
            at = self._text.find(word, self._ends[number])
        return np.array(found, dtype=np.int64)
