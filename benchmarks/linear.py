"""Linear models over named measures: a listwise ranking and a logistic confidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge import confidence

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS, SMALLEST_STEP = 40, 1e-4
SMALLEST_SCALE = 1e-5  # of a measure that never varies, so that it can still be divided by
RANKING_DECAY, CONFIDENCE_DECAY = 0.002, 10.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted linear model over named measures."""

    names: Sequence[str]
    centres: Floats
    scales: Floats
    weights: Floats
    intercept: float = 0.0

    def scores(self, rows: Floats) -> Floats:
        result: Floats = (rows - self.centres) / self.scales @ self.weights
        return result

    def probabilities(self, rows: Floats) -> Floats:
        scaled = np.clip((rows - self.centres) / self.scales, -confidence.LIMIT, confidence.LIMIT)
        result: Floats = 1 / (1 + np.exp(-(scaled @ self.weights + self.intercept)))
        return result

    def as_json(self) -> dict[str, dict[str, float]]:
        found = {
            name: {
                "centre": round(float(centre), 5),
                "scale": max(round(float(scale), 5), SMALLEST_SCALE),
                "weight": round(float(weight), 5),
            }
            for name, centre, scale, weight in zip(
                self.names, self.centres, self.scales, self.weights, strict=True
            )
        }
        return found | {"intercept": {"weight": round(self.intercept, 5)}}


def fit_ranking(
    tables: Sequence[Floats], right: Sequence[Flags], shares: Floats, *, names: Sequence[str]
) -> Fit:
    """Listwise softmax: the right rows of each table together against all of its rows.

    The weights are not negative: what two texts share never speaks against them. They are found
    by Newton's method on those that stay above 0. ``shares`` says what each table counts for.
    """
    rows = np.concatenate(tables)
    centres, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    rows = (rows - centres) / scales
    wanted = np.concatenate(right)
    sizes = np.array([len(own) for own in right])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    shares = shares / shares.sum()
    spread = np.repeat(shares, sizes)

    def share_of(odds: Floats) -> Floats:
        result: Floats = odds / np.repeat(np.add.reduceat(odds, starts), sizes)
        return result

    def odds_of(weights: Floats) -> Floats:
        logits = rows @ weights
        result: Floats = np.exp(
            np.maximum(logits - np.repeat(np.maximum.reduceat(logits, starts), sizes), -30)
        )
        return result

    def loss(weights: Floats) -> float:
        odds = odds_of(weights)
        found = np.add.reduceat(odds * wanted, starts) / np.add.reduceat(odds, starts)
        return float(-shares @ np.log(found + 1e-30) + RANKING_DECAY / 2 * weights @ weights)

    weights: Floats = np.zeros(rows.shape[1])
    lost = loss(weights)
    for _ in range(STEPS):
        odds = odds_of(weights)
        chance = share_of(odds)
        slope = rows.T @ ((chance - share_of(odds * wanted + 1e-30)) * spread)
        slope += RANKING_DECAY * weights
        used = (weights > 0) | (slope < 0)
        own = rows[:, used]
        means = np.add.reduceat(own * chance[:, None], starts)
        bend = (own * (chance * spread)[:, None]).T @ own - (means * shares[:, None]).T @ means
        bend += np.diag(np.full(used.sum(), RANKING_DECAY + 1e-4))
        step = np.zeros(len(weights))
        step[used] = np.linalg.solve(bend, slope[used])
        size, better, less = 1.0, weights, lost
        while size > SMALLEST_STEP and less >= lost:
            better = np.maximum(weights - size * step, 0)
            less = loss(better)
            size /= 2
        if lost - less < SMALLEST_STEP**2:
            break
        weights, lost = better, less
    return Fit(names, centres, scales, weights)


def fit_confidence(table: Floats, *, right: Flags, shares: Floats, names: Sequence[str]) -> Fit:
    """Logistic regression by Newton's method; ``right`` is whether the first candidate was."""
    centres, scales = table.mean(axis=0), table.std(axis=0) + 1e-6
    rows = np.clip((table - centres) / scales, -confidence.LIMIT, confidence.LIMIT)
    rows = np.column_stack([rows, np.ones(len(rows))])
    decay = np.full(rows.shape[1], CONFIDENCE_DECAY)
    decay[-1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-(rows @ weights)))
        slope = rows.T @ (shares * (chance - right)) + decay * weights
        bend = (rows * (shares * chance * (1 - chance))[:, None]).T @ rows + np.diag(decay)
        weights = weights - np.linalg.solve(bend, slope)
    return Fit(names, centres, scales, weights[:-1], float(weights[-1]))
