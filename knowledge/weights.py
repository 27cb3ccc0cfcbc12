"""The fitted numbers: what each measure counts for, and where the ladder's steps are."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of weighed measures, after each was centred and scaled as when it was fitted."""

    names: tuple[str, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float = 0.0

    def score(self, measures: Mapping[str, float], *, limit: float = math.inf) -> float:
        """The sum for one row of measures by name; each is kept within ±``limit`` once scaled."""
        total = self.intercept
        for name, centre, scale, weight in zip(
            self.names, self.centres, self.scales, self.weights, strict=True
        ):
            total += weight * max(-limit, min(limit, (measures[name] - centre) / scale))
        return total


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The ladder's steps, as probabilities that the first candidate is right.

    From ``answer`` on it is given as the answer, from ``clarify`` on the asker is given a choice
    among candidates whose score is within ``near`` of the first one's. From ``refer`` on, if that
    is lower than ``answer``, a guide that sends the asker elsewhere is given: a wrong channel
    costs a citizen less than a wrong rule. From ``settled`` on, and below ``hopeless``, an
    encoder is not asked: its answer would be the same.
    """

    answer: float
    clarify: float
    near: float
    refer: float = 1.0
    settled: float = 1.0
    hopeless: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """All the numbers that matching a kind of entries needs."""

    ranking: Linear
    confidence: Linear
    thresholds: Thresholds


class Kind(StrEnum):
    """Kinds of entries; what tells a right match is not the same in all of them.

    A confidence fitted on one says little about another: where phrasings are given, being unlike
    all of them means much, and a long document holds some of every word.
    """

    PHRASED = "phrased"
    SHORT = "short"
    LONG = "long"


@cache
def fitted(kind: Kind, *, encoded: bool = False) -> Weights:
    """The shipped numbers for a kind of entries, for matching with an encoder or without."""
    return read_weights(WEIGHTS_FILE, kind, encoded=encoded)


def read_weights(path: Path, kind: Kind, *, encoded: bool = False) -> Weights:
    """The numbers of a file for that kind of entries; KeyError or ValueError if it has none."""
    name = f"{kind}_encoded" if encoded else str(kind)
    content = json.loads(path.read_text(encoding="utf-8"))[name]
    return Weights(
        ranking=_linear(content["ranking"]),
        confidence=_linear(content["confidence"]),
        thresholds=Thresholds(**content["thresholds"]),
    )


def _linear(content: Mapping[str, Mapping[str, float]]) -> Linear:
    rows = {name: row for name, row in content.items() if name != "intercept"}
    return Linear(
        names=tuple(rows),
        centres=tuple(row["centre"] for row in rows.values()),
        scales=tuple(row["scale"] for row in rows.values()),
        weights=tuple(row["weight"] for row in rows.values()),
        intercept=content.get("intercept", {}).get("weight", 0.0),
    )
