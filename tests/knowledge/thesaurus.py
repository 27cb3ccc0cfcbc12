"""An encoder for tests, small enough to know what it says of a text."""

from collections.abc import Sequence

import numpy as np

from knowledge.encoder import EncoderError, Vectors

BUCKETS = 97
SPELLING = 0.1
ALIKE = 0.75
"""The product of texts that have nothing in common, as of a real encoder's."""


class Thesaurus:
    """Words of one group mean the same; of other words only the characters count, for little.

    It remembers what it was asked to encode, and fails from then on when ``broken`` is set.
    """

    name = "thesaurus"

    def __init__(self, *groups: Sequence[str]) -> None:
        self._groups = groups
        self.asked: list[str] = []
        self.passages: list[str] = []
        self.broken = False

    def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        if self.broken:
            raise EncoderError("the thesaurus is shut")
        (self.asked if asked else self.passages).extend(texts)
        rows = np.zeros((len(texts), len(self._groups) + BUCKETS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place, group in enumerate(self._groups):
                row[place] = any(word in text for word in group)
            for character in text:
                row[len(self._groups) + ord(character) % BUCKETS] += SPELLING
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        rows *= np.float32(np.sqrt(1 - ALIKE))
        shared = np.full((len(texts), 1), np.sqrt(ALIKE), dtype=np.float32)
        return np.hstack([rows, shared])
