"""How near in meaning a question is to the entries, by an encoder's vectors."""

from collections.abc import Sequence

import numpy as np

from knowledge.encoder import Encoder, Vectors
from knowledge.index import Floats

MEANING_COLUMNS = ("meaning_title", "meaning_asked", "meaning_several")
"""What an encoder says of a candidate, each the cosine of two vectors.

``meaning_title`` to the title, ``meaning_asked`` to the nearest of title and phrasings,
``meaning_several`` to all of these together, the nearest counting most. (The vectors of the
bodies gained nothing beside these, and take most of the time.)
"""
NEAREST = 20
_STEEPNESS = 30.0


class Meanings:
    """The vectors of all entries; built once, then only read."""

    def __init__(self, asked: Sequence[Sequence[str]], *, encoder: Encoder) -> None:
        """``asked`` holds each entry's normalised title and phrasings, the title first."""
        self._sizes = np.array([len(own) for own in asked], dtype=np.int64)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._vectors = encoder.encode([text for own in asked for text in own], asked=True)

    def near(self, vector: Vectors) -> Floats:
        """A row of ``MEANING_COLUMNS`` for every entry, for a question's vector."""
        near = (self._vectors @ vector).astype(np.float64)
        likely = np.add.reduceat(np.exp(_STEEPNESS * (near - 1)), self._starts) / self._sizes
        return np.column_stack(
            [
                near[self._starts],
                np.maximum.reduceat(near, self._starts),
                np.log(likely) / _STEEPNESS + 1,
            ]
        )


def nearest(rows: Floats) -> list[int]:
    """The entries of which a wording is nearest in meaning, at most ``NEAREST``."""
    asked = rows[:, MEANING_COLUMNS.index("meaning_asked")]
    count = min(NEAREST, len(asked))
    found: list[int] = np.argpartition(-asked, count - 1)[:count].tolist()
    return found
