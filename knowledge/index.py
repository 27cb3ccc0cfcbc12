"""An inverted index over characters and their pairs: which texts share what with a question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.text import STOP_CHARACTERS, grams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Scores = NDArray[np.float32]
"""Exact to about a millionth, in half the memory."""

K1 = 1.2
UNKNOWN = 0.5
"""What a gram that no text holds weighs in the ideal score, as a share of the rarest gram's."""
_IDEAL = 1.6
_SHIFT = 21  # bits of a Unicode code point, and of a text's number
_SPACE = ord(" ")


@dataclass(frozen=True, slots=True)
class Field:
    """Texts of one kind, at least one of each entry.

    ``owners[n]`` numbers the entry that text *n* belongs to, in ascending order and without
    gaps. ``b`` is BM25's share of length normalisation.
    """

    texts: Sequence[str]
    owners: Sequence[int]
    b: float


@dataclass(frozen=True, slots=True)
class Total:
    """Each text's score for some grams, and for each field the most that a text could score."""

    scores: Scores
    ideals: Floats


@dataclass(frozen=True, slots=True)
class Channel:
    """What the best text of each entry in one field scores, and what would be full cover."""

    scores: Scores
    full: float

    @property
    def most(self) -> float:
        """The cover of the best entry."""
        return float(self.scores.max()) / self.full if self.full else 0.0

    def cover(self, entries: Ints) -> Floats:
        """How much of the grams these entries cover, from 0 to 1.4."""
        if not self.full:
            return np.zeros(len(entries))
        result: Floats = self.scores[entries].astype(np.float64) / self.full
        return result

    def relative(self) -> Scores:
        """Each entry's share of what the best one covers; zeros if none covers anything."""
        most = float(self.scores.max())
        result: Scores = self.scores * np.float32(1 / most if most else 0.0)
        return result


class Index:
    """BM25 over the characters and character pairs of normalised texts, of several fields at once.

    Each gram's texts lie side by side, field after field, so that a question is looked up once.

    Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and
    Beyond", with Lucene's idf, ln(1 + (N - n + 0.5) / (n + 0.5)).
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        if not all(field.texts and len(field.texts) == len(field.owners) for field in fields):
            raise ValueError("an index needs texts, and one owner a text")
        if max(len(field.texts) for field in fields) > 1 << _SHIFT:
            raise ValueError(f"a field has at most {1 << _SHIFT:,} texts")
        lists = [_postings(field) for field in fields]
        self._codes: Ints = np.unique(np.concatenate([own.codes for own in lists]))
        places = [np.searchsorted(self._codes, own.codes) for own in lists]
        sizes = np.array([len(field.texts) for field in fields])
        self._bases = np.concatenate([[0], np.cumsum(sizes)])
        self._rarest = [float(own.idf.max(initial=0.0)) or 1.0 for own in lists]
        # What a gram is worth at most, in each field.
        self.idf: Floats = np.repeat(UNKNOWN * np.array([self._rarest]), len(self._codes), axis=0)
        found_in = np.zeros((len(self._codes), len(fields)), dtype=np.int64)
        for number, (own, at) in enumerate(zip(lists, places, strict=True)):
            found_in[at, number] = own.found_in
            self.idf[at, number] = own.idf
        self._found_in = found_in.astype(np.int32)
        self._ends: Ints = np.cumsum(found_in).reshape(found_in.shape)
        count = int(self._ends[-1, -1]) if len(self._codes) else 0
        self._texts = np.empty(count, dtype=np.int32)
        self._impact = np.empty(count, dtype=np.float32)
        for number, at in enumerate(places):
            own = lists[number]
            starts = self._ends[at, number] - own.found_in
            into = np.arange(len(own.texts)) + np.repeat(
                starts - np.cumsum(own.found_in) + own.found_in, own.found_in
            )
            self._texts[into] = own.texts + self._bases[number]
            self._impact[into] = own.impact
            lists[number] = own.without_postings()
        self._first = [
            np.flatnonzero(np.diff(np.asarray(one.owners), prepend=-1)) for one in fields
        ]
        self._further = [
            _further(first, size=int(size)) for first, size in zip(self._first, sizes, strict=True)
        ]

    def total(self, weights: Mapping[str, float], *, fields: int | None = None) -> Total:
        """The texts' scores for these grams, and the scores of texts that hold all of them.

        Of the first so many ``fields``, or of all.
        """
        last = (fields or len(self._bases) - 1) - 1
        scores = np.zeros(int(self._bases[last + 1]), dtype=np.float32)
        if not weights:
            return Total(scores, np.zeros(last + 1))
        heavy = np.fromiter(weights.values(), dtype=np.float64, count=len(weights))
        at = self._found(codes_of(weights))
        known = at >= 0
        worth = np.where(known[:, None], self.idf[at], UNKNOWN * np.array(self._rarest))
        at, heavy_known = at[known], heavy[known]
        starts = (self._ends[at, 0] - self._found_in[at, 0]).tolist()
        ends = self._ends[at, last].tolist()
        texts, impacts = [], []
        for start, end, weight in zip(starts, ends, heavy_known.tolist(), strict=True):
            impact = self._impact[start:end]
            texts.append(self._texts[start:end])
            impacts.append(impact if weight == 1.0 else impact * weight)
        if texts:
            np.add.at(scores, np.concatenate(texts), np.concatenate(impacts))
        return Total(scores, heavy @ worth[:, : last + 1])

    def channel(self, field: int, *totals: Total) -> Channel:
        """How well each entry's best text of a field does by these totals together."""
        own = slice(int(self._bases[field]), int(self._bases[field + 1]))
        scores = totals[0].scores[own]
        for total in totals[1:]:
            scores = scores + total.scores[own]
        if len(self._first[field]) < len(scores):
            best = scores[self._first[field]]
            for owners, texts in self._further[field]:
                best[owners] = np.maximum(best[owners], scores[texts])
            scores = best
        return Channel(scores, _IDEAL * float(sum(total.ideals[field] for total in totals)))

    def covers(self, field: int, owner: int, total: Total) -> list[float]:
        """How much each text that an entry has in a field covers, from 0 to 1.4."""
        own = self.texts_of(field, owner)
        base, full = int(self._bases[field]), _IDEAL * float(total.ideals[field])
        if not full:
            return [0.0] * len(own)
        scores = total.scores[base + own.start : base + own.stop]
        found: list[float] = (scores.astype(np.float64) / full).tolist()
        return found

    def texts_of(self, field: int, owner: int) -> range:
        """The numbers of an entry's texts in a field."""
        first = self._first[field]
        size = self._bases[field + 1] - self._bases[field]
        return range(int(first[owner]), int(first[owner + 1] if owner + 1 < len(first) else size))

    def holds(self, terms: Iterable[str], *, field: int) -> bool:
        """Whether each of the grams is in some text of a field."""
        places = self._found(codes_of(terms))
        return bool((places >= 0).all() and self._found_in[places, field].all())

    def rarity(self, terms: Sequence[str], *, field: int) -> float:
        """From 0 for grams of all texts of a field to 1 if one is in a single one or in none."""
        if not self.holds(terms, field=field):
            return 1.0
        places = self._found(codes_of(terms))
        return float(self.idf[places, field].max()) / self._rarest[field]

    def _found(self, wanted: Ints) -> Ints:
        """Where each gram stands among those of the index, -1 for one that no text holds."""
        if not len(self._codes):
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self._codes, wanted), len(self._codes) - 1)
        return np.where(self._codes[at] == wanted, at, -1)


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


@dataclass(frozen=True, slots=True)
class _Postings:
    """Of one field: its grams, in how many texts each is, in which, and for how much."""

    codes: Ints
    found_in: Ints
    idf: Floats
    texts: NDArray[np.int32]
    impact: NDArray[np.float32]

    def without_postings(self) -> "_Postings":
        return _Postings(self.codes, self.found_in, self.idf, self.texts[:0], self.impact[:0])


def _postings(field: Field) -> _Postings:
    size = len(field.texts)
    keys = _occurrences(field.texts)
    keys.sort()
    new = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.diff(new, append=len(keys)).astype(np.float64)
    keys = keys[new]
    texts = (keys & ((1 << _SHIFT) - 1)).astype(np.int32)
    keys >>= _SHIFT
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    found_in = np.diff(starts, append=len(keys))
    idf: Floats = np.log(1 + (size - found_in + 0.5) / (found_in + 0.5))
    lengths = np.bincount(texts, weights=counts, minlength=size)
    crowded = K1 * (1 - field.b + field.b * lengths / max(lengths.mean(), 1e-9))
    impact = counts * (1 + K1) / (counts + crowded[texts]) * np.repeat(idf, found_in)
    return _Postings(keys[starts], found_in, idf, texts, impact.astype(np.float32))


def occurrences(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Every occurrence of a gram in the texts: its code and its text's number, text by text."""
    keys = _occurrences(texts)
    numbers = keys & ((1 << _SHIFT) - 1)
    order = np.argsort(numbers, kind="stable")
    codes: Ints = keys[order] >> _SHIFT
    return codes, numbers[order]


def _occurrences(texts: Sequence[str]) -> Ints:
    """Every occurrence of a gram in the texts, as its code followed by the text's number."""
    letters = np.frombuffer("\n".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    breaks = letters == ord("\n")
    numbers = np.cumsum(breaks)
    blank = breaks | (letters == _SPACE)
    single = ~blank & ~np.isin(letters, [ord(one) for one in STOP_CHARACTERS])
    paired = ~blank[:-1] & ~blank[1:]
    singles = letters[single] << _SHIFT | numbers[single]
    pairs = (letters[:-1][paired] + 1 << _SHIFT) | letters[1:][paired]
    pairs <<= _SHIFT
    pairs |= numbers[:-1][paired]
    return np.concatenate([singles, pairs])


def _further(first: Ints, *, size: int) -> list[tuple[Ints, Ints]]:
    """For the second text of those entries that have one, the third and so on: whose and which."""
    sizes = np.diff(first, append=size)
    return [
        (np.flatnonzero(sizes > place), first[sizes > place] + place)
        for place in range(1, int(sizes.max()))
    ]
