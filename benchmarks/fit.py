"""Fits ``knowledge/weights.json`` on labelled questions and says how well that does.

    python benchmarks/fit.py --sets DIR… [--strangers DIR…] [--output knowledge/weights.json]

Each DIR holds ``kb.jsonl``, ``queries.jsonl`` and ``oos.jsonl`` as ``zixun evaluate`` reads them.
The embedded guides are a set of their own: each phrasing is asked of guides that do not have it,
and all that is out of scope elsewhere, or asked in ``--strangers``, is out of scope for them.
Every figure printed is of questions on which neither the ranking nor the confidence was fitted.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge import confidence
from knowledge.corpus import COLUMNS, Comparison, Corpus, Entry
from knowledge.evaluation import read_entries, read_outside, read_questions
from knowledge.guides import load_guides
from knowledge.understanding import entry_of
from knowledge.weights import WEIGHTS_FILE
from knowledge.words import Words

Floats = NDArray[np.float64]

EMBEDDED, SEEN = "embedded", "seen"
SHARES = {EMBEDDED: 1.5, SEEN: 0.4, "foi": 1.0, "gov": 1.0, "ncp": 0.7, "qm_lcqmc": 0.4}
FOLDS = 5
ANSWER_AT, CLARIFY_AT = 0.02, 0.30  # shares of the out-of-scope questions that pass the steps
NEAR = 2.5
STEPS, RATE = 300, 0.06
RANKING_DECAY, CONFIDENCE_DECAY = 0.002, 10.0


@dataclass(frozen=True, slots=True)
class Case:
    """One question put to one set: its rows, which of them are right, and what is known of it."""

    group: str
    text: str
    comparison: Comparison
    right: NDArray[np.bool_]
    known: float
    in_scope: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--strangers", type=Path, nargs="*", default=[])
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args()
    words = Words()
    cases = [case for folder in options.sets for case in set_cases(folder, words=words)]
    outside = [case.text for case in cases if not case.in_scope]
    for folder in options.strangers:
        outside += [text for text, _ in read_questions(folder / "queries.jsonl", ids=None)]
    cases += embedded_cases(outside, words=words)
    folds = np.random.default_rng(7).permutation(len(cases)) % FOLDS
    scores: list[Floats] = [np.zeros(0)] * len(cases)
    for fold in range(FOLDS):
        ranking = fit_ranking([one for one, at in zip(cases, folds, strict=True) if at != fold])
        for number in np.flatnonzero(folds == fold):
            scores[number] = ranking.scores(cases[number].comparison.rows)
    table = np.array([measured(case, scores=own) for case, own in zip(cases, scores, strict=True)])
    right = np.array([is_right(case, scores=own) for case, own in zip(cases, scores, strict=True)])
    shares = balanced(cases)
    held_out = np.zeros(len(cases))
    for fold in range(FOLDS):
        others = folds != fold
        judge = fit_confidence(table[others], right=right[others], shares=shares[others])
        held_out[~others] = judge.probabilities(table[~others])
    report(cases, scores=scores, right=right, probabilities=held_out)
    own = np.array([case.group == EMBEDDED and not case.in_scope for case in cases])
    weights = {
        "ranking": fit_ranking(cases).as_json(),
        "confidence": fit_confidence(table, right=right, shares=shares).as_json(),
        "thresholds": {
            "answer": round(float(np.quantile(held_out[own], 1 - ANSWER_AT)), 4),
            "clarify": round(float(np.quantile(held_out[own], 1 - CLARIFY_AT)), 4),
            "near": NEAR,
        },
    }
    given = held_out >= weights["thresholds"]["answer"]
    for group in (EMBEDDED, SEEN):
        inside = np.array([case.group == group and case.in_scope for case in cases])
        print(
            f"{group}: answered rightly {np.mean(given[inside] & right[inside]):.3f}, "
            f"wrongly {np.mean(given[inside] & ~right[inside]):.3f}; "
            f"out of scope answered {np.mean(given[own]):.3f} of {own.sum()}"
        )
    options.output.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def set_cases(folder: Path, *, words: Words) -> Iterator[Case]:
    """The questions of a folder, put to its own entries."""
    entries = read_entries(folder / "kb.jsonl")
    corpus = Corpus(entries, words=words)
    ids = {entry.id for entry in entries}
    for text, relevant in read_questions(folder / "queries.jsonl", ids=ids):
        yield asked(text, corpus=corpus, relevant=relevant, group=folder.name)
    for text in read_outside(folder / "oos.jsonl"):
        yield asked(text, corpus=corpus, relevant=(), group=folder.name)


def embedded_cases(outside: Sequence[str], *, words: Words) -> Iterator[Case]:
    """Each guide's phrasings, put to guides without them; then what no guide answers."""
    entries = [entry_of(guide) for guide in load_guides()]
    for number in range(max(len(entry.phrasings) for entry in entries)):
        corpus = Corpus([_without(entry, number) for entry in entries], words=words)
        for entry in entries:
            for text in entry.phrasings[number : number + 1]:
                yield asked(text, corpus=corpus, relevant=(entry.id,), group=EMBEDDED)
    corpus = Corpus(entries, words=words)
    for entry in entries:
        for number, text in enumerate(entry.phrasings):
            yield asked(_spoilt(text, number), corpus=corpus, relevant=(entry.id,), group=SEEN)
    for text in dict.fromkeys(outside):
        yield asked(text, corpus=corpus, relevant=(), group=EMBEDDED)


def _without(entry: Entry, number: int) -> Entry:
    phrasings = entry.phrasings
    return replace(entry, phrasings=phrasings[:number] + phrasings[number + 1 :])


def _spoilt(text: str, number: int) -> str:
    """The text as someone else might put it: a few characters of it are missing."""
    kept = [one for at, one in enumerate(text) if (at * 7 + number * 3) % 10 < 7 + number % 3]
    return "".join(kept)


def asked(text: str, *, corpus: Corpus, relevant: Sequence[str], group: str) -> Case:
    question = corpus.question(text)
    comparison = corpus.compare(question)
    ids = [corpus.entries[number].id for number in comparison.numbers]
    return Case(
        group=group,
        text=text,
        comparison=comparison,
        right=np.array([key in relevant for key in ids], dtype=bool),
        known=corpus.known(question),
        in_scope=bool(relevant),
    )


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
                "scale": round(float(scale), 5),
                "weight": round(float(weight), 5),
            }
            for name, centre, scale, weight in zip(
                self.names, self.centres, self.scales, self.weights, strict=True
            )
        }
        return found | {"intercept": {"weight": round(self.intercept, 5)}}


def fit_ranking(cases: Sequence[Case]) -> Fit:
    """Listwise softmax by Adam: the right candidates of each question together against all."""
    useful = [case for case in cases if case.right.any()]
    counts: dict[str, int] = {}
    for case in useful:
        counts[case.group] = counts.get(case.group, 0) + 1
    rows = np.concatenate([case.comparison.rows for case in useful])
    centres, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    rows = (rows - centres) / scales
    right = np.concatenate([case.right for case in useful])
    sizes = np.array([len(case.right) for case in useful])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    shares = np.array([SHARES.get(case.group, 0.5) / counts[case.group] for case in useful])
    shares = np.repeat(shares / shares.sum(), sizes)

    def share_of(odds: Floats) -> Floats:
        return odds / np.repeat(np.add.reduceat(odds, starts), sizes)

    def gradient(weights: Floats) -> Floats:
        logits = rows @ weights
        logits -= np.repeat(np.maximum.reduceat(logits, starts), sizes)
        odds = np.exp(np.maximum(logits, -30))
        push = (share_of(odds) - share_of(odds * right + 1e-30)) * shares
        return rows.T @ push + RANKING_DECAY * weights

    weights = _adam(gradient, size=rows.shape[1])
    return Fit(COLUMNS, centres, scales, weights)


def fit_confidence(table: Floats, *, right: NDArray[np.bool_], shares: Floats) -> Fit:
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
    return Fit(confidence.MEASURES, centres, scales, weights[:-1], float(weights[-1]))


def _adam(gradient, *, size: int) -> Floats:  # type: ignore[no-untyped-def]
    weights, mean, spread = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, STEPS + 1):
        slope = gradient(weights)
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope**2
        weights = weights - RATE * (mean / (1 - 0.9**step)) / (
            np.sqrt(spread / (1 - 0.999**step)) + 1e-8
        )
    return weights


def order_of(scores: Floats) -> list[int]:
    return [int(row) for row in np.argsort(-scores, kind="stable")]


def measured(case: Case, *, scores: Floats) -> list[float]:
    if not len(scores):
        return [0.0] * len(confidence.MEASURES)
    found = confidence.measures(
        case.comparison, scores=scores, order=order_of(scores), known=case.known
    )
    return [found[name] for name in confidence.MEASURES]


def is_right(case: Case, *, scores: Floats) -> bool:
    return bool(len(scores) and case.right[order_of(scores)[0]])


def balanced(cases: Sequence[Case]) -> Floats:
    """Weights under which in scope and out of scope count alike in every set."""
    sides = [(case.group, case.in_scope) for case in cases]
    counts = {side: sides.count(side) for side in set(sides)}
    raw = np.array([SHARES.get(side[0], 0.5) / counts[side] for side in sides])
    return raw * len(cases) / raw.sum()


def report(
    cases: Sequence[Case],
    *,
    scores: Sequence[Floats],
    right: NDArray[np.bool_],
    probabilities: Floats,
) -> None:
    print(f"{'set':10} {'asked':>6} {'R@1':>6} {'R@3':>6} {'S5':>6} {'S2':>6}")
    for group in dict.fromkeys(case.group for case in cases):
        inside = np.array([case.group == group and case.in_scope for case in cases])
        outside = np.array([case.group == group and not case.in_scope for case in cases])
        third = np.mean(
            [
                case.right[order_of(own)[:3]].any() if len(own) else False
                for case, own, chosen in zip(cases, scores, inside, strict=True)
                if chosen
            ]
        )
        threshold = [
            np.quantile(probabilities[outside], q) if outside.any() else 0 for q in (0.95, 0.98)
        ]
        passed = [np.mean(right[inside] & (probabilities[inside] > at)) for at in threshold]
        print(
            f"{group:10} {inside.sum():6} {right[inside].mean():6.3f} {third:6.3f} "
            f"{passed[0]:6.3f} {passed[1]:6.3f}"
        )


if __name__ == "__main__":
    main()
