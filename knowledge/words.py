"""Words of a question: cut apart, weighed, and translated from everyday to official wording."""

import logging
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jieba

from knowledge.lexicon import longest_first, read_list
from knowledge.text import tidy

MOST_WORDS = 14
_LIGHTEST, _HEAVIEST = 0.3, 9.0


@dataclass(frozen=True, slots=True)
class Hit:
    """An everyday wording found in a question, and the official wordings that may stand for it."""

    everyday: str
    official: tuple[str, ...]


class Words:
    """Cuts and weighs words; one instance is shared by all threads once it is built.

    ``tmp_dir`` is a private folder in which the dictionary, once read, is kept for a faster
    start; without it nothing is written and no cache is read (the cutter's own habit, the
    machine's shared temporary folder, could be filled by anyone).
    """

    def __init__(self, *, tmp_dir: Path | None = None) -> None:
        jieba.default_logger.setLevel(logging.WARNING)  # it tells stderr of its dictionary
        self._cutter = jieba.Tokenizer()
        if tmp_dir is None:
            found = self._cutter.gen_pfdict(self._cutter.get_dict_file())
            self._cutter.FREQ, self._cutter.total = found
            self._cutter.initialized = True
        else:
            tmp_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._cutter.tmp_dir = str(tmp_dir)
            self._cutter.initialize()
        self._total = self._cutter.total
        for word in read_list("words"):
            self._cutter.add_word(word, freq=self._cutter.suggest_freq(word))
        self._stop = frozenset(read_list("stop"))
        self._everyday = everyday_wordings()
        terms = longest_first(tuple(self._everyday))
        self._pattern = re.compile("|".join(map(re.escape, terms)))

    def cut(self, normal: str) -> list[str]:
        """The words of a normalised text in their order, spaces left out."""
        return [word for word in self._cutter.cut(normal) if not word.isspace()]

    def content(self, normal: str) -> tuple[str, ...]:
        """The first words that say what the question is about, each once."""
        words = dict.fromkeys(word for word in self.cut(normal) if word not in self._stop)
        return tuple(words)[:MOST_WORDS]

    def weight(self, word: str) -> float:
        """How much a word tells: about 0.3 for the commonest to 9 for one that is never seen."""
        frequency = max(self._cutter.FREQ.get(word, 0), 1)
        told = math.log(self._total / (50 * frequency + 1))
        return min(max(told, _LIGHTEST), _HEAVIEST)

    def hits(self, normal: str) -> tuple[Hit, ...]:
        """Everyday wordings in a normalised text, longest first where they overlap.

        An official wording that the text already uses is left out, and so is a hit of which
        nothing remains.
        """
        found: dict[str, Hit] = {}
        for match in self._pattern.finditer(normal):
            term = match.group()
            official = tuple(word for word in self._everyday[term] if word not in normal)
            if official:
                found.setdefault(term, Hit(term, official))
        return tuple(found.values())


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
    return [tidy(term) for term in listed.split(",") if term.strip()]
