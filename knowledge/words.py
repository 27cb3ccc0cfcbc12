"""Words of a question: cut apart, weighed, and translated from everyday to official wording."""

import logging
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import jieba

from knowledge.lexicon import installed_text, longest_first, read_list
from knowledge.text import normalise

MOST_WORDS = 14
_LIGHTEST, _HEAVIEST = 0.3, 9.0
_COUNTED = re.compile(r"^(\S{1,8}) (\d\d+) ", re.MULTILINE)
_PIECE = re.compile(r"[a-z0-9]+|[^a-z0-9\s]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """An everyday wording found in a question, and the official wordings that may stand for it."""

    everyday: str
    official: tuple[str, ...]


class Words:
    """Cuts and weighs words; one instance is shared by all threads once it is built.

    The cutter is jieba's (https://github.com/fxsjy/jieba), with its dictionary less the words that
    it counted fewer than ten times, which halves what a start costs; no cache is kept on disk.
    """

    def __init__(self) -> None:
        dictionary = installed_text("jieba", "dict.txt")
        self._counts = {word: int(count) for word, count in _COUNTED.findall(dictionary)}
        self._total = sum(self._counts.values())
        self._unseen = -math.log(self._total)
        self._likely = {
            word: math.log(count) + self._unseen for word, count in self._counts.items()
        }
        jieba.default_logger.setLevel(logging.WARNING)  # it tells stderr of its dictionary
        # An own one: the module's would change for everybody, and keeps a cache on disk.
        self._cutter = jieba.Tokenizer()
        self._load(self._counts)
        for word in read_list("words"):
            self._cutter.add_word(word, freq=self._cutter.suggest_freq(word))
        for word in read_list("words"):
            apart = sum(self._likely.get(piece, self._unseen) for piece in self.cut(word))
            self._likely[word] = max(self._likely.get(word, apart), apart) + 1e-6
        self._stop = frozenset(read_list("stop"))
        self._everyday = everyday_wordings()
        # By first character: one pattern of thousands of words is slow at every place of a text.
        self._starting: dict[str, list[str]] = {}
        for term in longest_first(tuple(self._everyday)):
            self._starting.setdefault(term[0], []).append(term)

    def cut(self, normal: str) -> list[str]:
        """The words of a normalised text in their order, spaces left out."""
        words: list[str] = []
        for piece in _PIECE.findall(normal):
            words += [piece] if piece.isascii() else self._cutter.lcut(piece, HMM=False)
        return words

    def likelihood(self, word: str) -> float:
        """The logarithm of how often the word is written, of one never seen as of one once."""
        return self._likely.get(word, self._unseen)

    def is_word(self, text: str) -> bool:
        """Whether the dictionary or the field has this word."""
        return text in self._likely

    def every_word(self) -> Iterable[str]:
        """All words of the dictionary and of the field."""
        return self._likely

    def content(self, normal: str) -> tuple[str, ...]:
        """The first words that say what the question is about, each once."""
        words = dict.fromkeys(word for word in self.cut(normal) if word not in self._stop)
        return tuple(words)[:MOST_WORDS]

    def weight(self, word: str) -> float:
        """How much a word tells: about 0.3 for the commonest to 9 for one that is never seen."""
        frequency = self._counts.get(word, 1)
        told = math.log(self._total / (50 * frequency + 1))
        return min(max(told, _LIGHTEST), _HEAVIEST)

    def hits(self, normal: str) -> tuple[Hit, ...]:
        """Everyday wordings in a normalised text, longest first where they overlap.

        An official wording that the text already uses is left out, and so is a hit of which
        nothing remains.
        """
        found: dict[str, Hit] = {}
        place = 0
        while place < len(normal):
            for term in self._starting.get(normal[place], ()):
                if normal.startswith(term, place):
                    official = tuple(word for word in self._everyday[term] if word not in normal)
                    if official:
                        found.setdefault(term, Hit(term, official))
                    place += len(term)
                    break
            else:
                place += 1
        return tuple(found.values())

    def _load(self, counts: Mapping[str, int]) -> None:
        """Give the cutter these words, as its own reading of a dictionary would.

        It needs every beginning of a word to be there, with a count of 0 where it is no word.
        """
        known = dict(counts)
        for word in counts:
            for end in range(1, len(word)):
                known.setdefault(word[:end], 0)
        self._cutter.FREQ, self._cutter.total = known, self._total
        self._cutter.initialized = True


@cache
def everyday_wordings() -> dict[str, tuple[str, ...]]:
    """Everyday wording → official wordings, from ``everyday.txt`` (``a,b=c,d`` a line)."""
    found: dict[str, tuple[str, ...]] = {}
    for line in read_list("everyday"):
        everyday, _, official = line.partition("=")
        meanings = _terms(official)
        for term in _terms(everyday):
            known = found.get(term, ())
            found[term] = known + tuple(
                word for word in meanings if word not in known and word != term
            )
    return {term: meanings for term, meanings in found.items() if meanings}


def _terms(listed: str) -> Iterable[str]:
    return [normalise(term) for term in listed.split(",") if term.strip()]
