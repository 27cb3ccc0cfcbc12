"""How near a question is to the ways of asking that the entries give: words, order, likeness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
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
        bodies: Sequence[str],
        *,
        words: Words,
        rarity: Callable[[str], float],
    ) -> None:
        self.asked = tuple(asked)
        self._said = [tuple(with_official(text, words=words) for text in own) for own in asked]
        self._bodies = [
            " ".join([*said, body]) for said, body in zip(self._said, bodies, strict=True)
        ]
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

        held = self._held(question, [said for number in numbers for said in self._said[number]])
        whole = self._held(question, [self._bodies[number] for number in numbers])
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

    def shared_words(self, question: Question, number: int) -> tuple[str, ...]:
        """The question's words that the entry uses, itself or in official wording."""
        text = self._bodies[number]
        return tuple(
            word
            for word, official in zip(question.words, question.official, strict=True)
            if word in text or any(other in text for other in official)
        )

    def _held(self, question: Question, texts: Sequence[str]) -> Floats:
        """For each word and text 1 if it is there, 0.85 if an official wording is, else 0."""
        joined = "\n".join(texts)
        ends = np.cumsum([len(text) + 1 for text in texts])
        held = np.zeros((len(question.words), len(texts)))
        for row, word, official in zip(held, question.words, question.official, strict=True):
            for other in official:
                row[_texts_with(other, joined, ends)] = _OFFICIAL_WORD
            row[_texts_with(word, joined, ends)] = 1.0
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


def _texts_with(word: str, joined: str, ends: Ints) -> Ints:
    """The numbers of the texts, joined by line ends, in which the word is."""
    found, at = [], joined.find(word)
    while at >= 0:
        found.append(at)
        at = joined.find(word, at + 1)
    return np.searchsorted(ends, found, side="right")
