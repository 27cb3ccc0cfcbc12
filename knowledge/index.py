"""An inverted index over characters and their pairs: which texts share what with a question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.text import STOP_CHARACTERS, grams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

K1 = 1.2
UNKNOWN = 0.5
"""What a gram that no text holds weighs in the ideal score, as a share of the rarest gram's."""
_IDEAL = 1.6
_MOST = 1.5
_SHIFT = 21  # bits of a Unicode code point
_SPACE = ord(" ")


@dataclass(frozen=True, slots=True)
class Total:
    """Each text's score for some grams, and the most that a text could score."""

    scores: Floats
    ideal: float


class Index:
    """BM25 over the characters and character pairs of normalised texts.

    ``owners[n]`` numbers the entry that text *n* belongs to, in ascending order and without
    gaps, so that an entry's score can be that of its best text. ``b`` is BM25's share of length
    normalisation.

    Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and
    Beyond", with Lucene's idf, ln(1 + (N - n + 0.5) / (n + 0.5)).
    """

    def __init__(self, texts: Sequence[str], *, owners: Sequence[int], b: float) -> None:
        if not texts or len(texts) != len(owners):
            raise ValueError("an index needs texts, and one owner a text")
        codes, numbers = _occurrences(texts)
        pairs, counts = _count_pairs(codes, numbers, texts=len(texts))
        terms, numbers = pairs
        self._codes, starts = np.unique(terms, return_index=True)
        bounds = np.append(starts, len(terms))
        found_in = np.diff(bounds)
        self.idf: Floats = np.log(1 + (len(texts) - found_in + 0.5) / (found_in + 0.5))
        lengths = np.bincount(numbers, weights=counts, minlength=len(texts))
        crowded = K1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
        impact = counts * (1 + K1) / (counts + crowded[numbers])
        self._impact = impact * np.repeat(self.idf, found_in)
        self._texts = numbers
        self._size = len(texts)
        self._first = np.flatnonzero(np.diff(np.asarray(owners), prepend=-1))
        self.rarest = float(self.idf.max()) if len(self.idf) else 1.0
        self._starts: list[int] = bounds.tolist()
        self._idf: list[float] = self.idf.tolist()

    def scores(self, weights: Mapping[str, float]) -> Floats:
        """How much of the weighed grams each text covers, from 0 to 1.5."""
        return self.cover(self.total(weights))

    def total(self, weights: Mapping[str, float], *, codes: Ints | None = None) -> Total:
        """The texts' scores for these grams, and the score of a text that holds all of them.

        ``codes`` are those of the grams, for who asks several indexes.
        """
        ideal, slices, impacts = 0.0, [], []
        places = self._found(codes_of(weights) if codes is None else codes)
        for place, weight in zip(places, weights.values(), strict=True):
            if place < 0:
                ideal += weight * UNKNOWN * self.rarest
                continue
            ideal += weight * self._idf[place]
            start, end = self._starts[place], self._starts[place + 1]
            slices.append(self._texts[start:end])
            impacts.append(self._impact[start:end] * weight)
        if not slices:
            return Total(np.zeros(self._size), ideal)
        scores = np.bincount(
            np.concatenate(slices), weights=np.concatenate(impacts), minlength=self._size
        )
        return Total(scores.astype(np.float64, copy=False), ideal)

    def cover(self, *totals: Total) -> Floats:
        """How much of the grams of these totals together each text covers, from 0 to 1.5."""
        ideal = sum(total.ideal for total in totals)
        if not ideal:
            return np.zeros(self._size)
        scores = totals[0].scores
        for total in totals[1:]:
            scores = scores + total.scores
        return np.minimum(scores / (_IDEAL * ideal), _MOST)

    def best_of_owner(self, scores: Floats) -> Floats:
        """Each entry's score: that of its best text."""
        if len(self._first) == self._size:
            return scores
        return np.maximum.reduceat(scores, self._first)

    def texts_of(self, owner: int) -> range:
        """The numbers of an entry's texts."""
        after = self._first[owner + 1] if owner + 1 < len(self._first) else self._size
        return range(int(self._first[owner]), int(after))

    def places(self, terms: Iterable[str]) -> list[int]:
        """Where each gram stands among those of the index, -1 for one that no text holds."""
        return self._found(codes_of(terms))

    def _found(self, wanted: Ints) -> list[int]:
        if not len(self._codes):
            return [-1] * len(wanted)
        at = np.minimum(np.searchsorted(self._codes, wanted), len(self._codes) - 1)
        found: list[int] = np.where(self._codes[at] == wanted, at, -1).tolist()
        return found


def codes_of(terms: Iterable[str]) -> Ints:
    """The terms' codes, in their order."""
    return np.array([code(term) for term in terms], dtype=np.int64)


def code(gram: str) -> int:
    """A character or a pair of characters as one number."""
    return ord(gram) if len(gram) == 1 else (ord(gram[0]) + 1 << _SHIFT) | ord(gram[1])


def counted(normal: str, *, weight: float = 1.0) -> dict[str, float]:
    """A text's grams, each weighed by how often it occurs."""
    found: dict[str, float] = {}
    for gram in grams(normal):
        found[gram] = found.get(gram, 0.0) + weight
    return found


def _occurrences(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Every occurrence of a gram in the texts, as its code and the text's number."""
    joined = "\n".join(texts)
    letters = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    breaks = letters == ord("\n")
    numbers = np.cumsum(breaks)
    blank = breaks | (letters == _SPACE)
    silent = np.isin(letters, [ord(one) for one in STOP_CHARACTERS])
    single = ~blank & ~silent
    paired = ~blank[:-1] & ~blank[1:]
    pairs = (letters[:-1] + 1 << _SHIFT) | letters[1:]
    return (
        np.concatenate([letters[single], pairs[paired]]),
        np.concatenate([numbers[single], numbers[:-1][paired]]),
    )


def _count_pairs(codes: Ints, numbers: Ints, *, texts: int) -> tuple[tuple[Ints, Ints], Floats]:
    """Each (gram, text) once, in order of gram, with how often the one is in the other."""
    terms, dense = np.unique(codes, return_inverse=True)
    keys, counts = np.unique(dense * texts + numbers, return_counts=True)
    return (terms[keys // texts], keys % texts), counts.astype(np.float64)
