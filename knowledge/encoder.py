"""What turns a text into a vector of its meaning: optional, and passed in by the service."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EncoderError(RuntimeError):
    """The encoder cannot be used here, or no longer; the message says why."""


class Encoder(Protocol):
    """A model of meaning: texts in, a row of length 1 for each of them out.

    ``name`` names the vectors in a cache and changes when they do; ``asked`` tells questions,
    titles and phrasings from passages that answer. Texts that mean the like have rows whose
    product is near 1.
    """

    name: str

    def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        """A row for each text, in their order; EncoderError if that cannot be done."""
        ...
