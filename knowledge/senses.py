"""What a text is about, as a short vector that its characters and their pairs add up to.

The vectors were fitted once so that their sum comes near what a model of meaning says of the text
(``benchmarks/distil.py``), after Wieting et al. 2016, "Charagram"; they need no model to be read.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files

import numpy as np

from knowledge.encoder import Vectors
from knowledge.index import Ints, occurrences

SENSES_FILE = "senses.npz"
_AT_ONCE = 2000  # texts, so that a large index does not take memory for all of them together


class Senses:
    """The vectors of grams; read once, then only read."""

    def __init__(self, codes: Ints, vectors: Vectors) -> None:
        self._codes, self._vectors = codes, vectors

    def of(self, normal_texts: Sequence[str]) -> Vectors:
        """A row of length 1 for each normalised text; of zeros where no gram of it is known."""
        if not normal_texts:
            return np.zeros((0, self._vectors.shape[1]), dtype=np.float32)
        parts = [
            self._added_up(normal_texts[start : start + _AT_ONCE])
            for start in range(0, len(normal_texts), _AT_ONCE)
        ]
        rows = np.concatenate(parts)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        result: Vectors = rows / np.maximum(lengths, 1e-9)
        return result

    def _added_up(self, texts: Sequence[str]) -> Vectors:
        wanted, owners = occurrences(texts)
        rows = np.zeros((len(texts), self._vectors.shape[1]), dtype=np.float32)
        if not len(wanted):
            return rows
        at = np.minimum(np.searchsorted(self._codes, wanted), len(self._codes) - 1)
        known = self._codes[at] == wanted
        at, owners = at[known], owners[known]
        if len(at):
            starts = np.flatnonzero(np.diff(owners, prepend=-1))
            rows[owners[starts]] = np.add.reduceat(self._vectors[at], starts, axis=0)
        return rows


@cache
def shipped() -> Senses:
    """The vectors that come with the package."""
    with (
        as_file(files("knowledge") / "lexicon" / SENSES_FILE) as path,
        np.load(path, allow_pickle=False) as content,
    ):
        vectors = content["vectors"].astype(np.float32) * content["scales"].astype(np.float32)
        return Senses(content["codes"], vectors)
