"""Fits ``knowledge/weights.json`` on labelled questions and says how well that does.

    python benchmarks/fit.py --sets DIR… [--output knowledge/weights.json]

Each DIR holds ``kb.jsonl``, ``queries.jsonl`` and ``oos.jsonl`` as ``zixun evaluate`` reads them.
The ``plain`` numbers are fitted on these, the ``phrased`` ones on the embedded guides: each
phrasing is asked of guides that do not have it (``embedded``), and in other words of guides that
do (``seen``), and all that is out of scope for the sets is out of scope for the guides. Every
figure printed is of questions on which neither the ranking nor the confidence was fitted.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge import confidence
from knowledge.corpus import COLUMNS, Comparison, Corpus, Entry
from knowledge.evaluation import read_entries, read_outside, read_questions
from knowledge.guides import load_guides
from knowledge.text import normalise
from knowledge.understanding import entry_of
from knowledge.weights import WEIGHTS_FILE
from knowledge.words import Words

Floats = NDArray[np.float64]

EMBEDDED, SEEN = "embedded", "seen"
SHARES = {EMBEDDED: 1.5, SEEN: 0.8, "foi": 1.0, "gov": 1.0, "ncp": 0.7, "qm_lcqmc": 0.4}
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
    parser = argparse.ArgumentParser(description="Fit the matching's numbers.")
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args()
    words = Words()
    plain = [case for folder in options.sets for case in set_cases(folder, words=words)]
    outside = [case.text for case in plain if not case.in_scope]
    phrased = list(embedded_cases(outside, words=words))
    weights = {"plain": fit(plain), "phrased": fit(phrased)}
    options.output.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def fit(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """The numbers for these cases, as they are written; prints what they are worth."""
    folds = np.random.default_rng(7).permutation(len(cases)) % FOLDS
    scores: list[Floats] = [np.zeros(0)] * len(cases)
    for fold in range(FOLDS):
        ranking = fit_ranking([one for one, at in zip(cases, folds, strict=True) if at != fold])
        for number in np.flatnonzero(folds == fold):
            scores[number] = ranking.scores(cases[int(number)].comparison.rows)
    table = np.array([measured(case, scores=own) for case, own in zip(cases, scores, strict=True)])
    right = np.array([is_right(case, scores=own) for case, own in zip(cases, scores, strict=True)])
    shares = balanced(cases)
    held_out = np.zeros(len(cases))
    for fold in range(FOLDS):
        others = folds != fold
        judge = fit_confidence(table[others], right=right[others], shares=shares[others])
        held_out[~others] = judge.probabilities(table[~others])
    outside = np.array([not case.in_scope for case in cases])
    answer, clarify = (
        passed_by(share, probabilities=held_out[outside], shares=shares[outside])
        for share in (ANSWER_AT, CLARIFY_AT)
    )
    report(cases, scores=scores, right=right, probabilities=held_out, answer=answer)
    return {
        "ranking": fit_ranking(cases).as_json(),
        "confidence": fit_confidence(table, right=right, shares=shares).as_json(),
        "thresholds": {"answer": answer, "clarify": clarify, "near": NEAR},
    }


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
            told = _spoilt(text, number) if number % 2 else _formal(text, words=words)
            yield asked(told, corpus=corpus, relevant=(entry.id,), group=SEEN)
    for text in dict.fromkeys(outside):
        yield asked(text, corpus=corpus, relevant=(), group=EMBEDDED)


def _without(entry: Entry, number: int) -> Entry:
    phrasings = entry.phrasings
    return replace(entry, phrasings=phrasings[:number] + phrasings[number + 1 :])


def _spoilt(text: str, number: int) -> str:
    """The text as someone else might put it: a few characters of it are missing."""
    kept = [one for at, one in enumerate(text) if (at * 7 + number * 3) % 10 < 5 + number % 3]
    return "".join(kept)


def _formal(text: str, *, words: Words) -> str:
    """The text as someone else might put it: everyday wordings have become official ones."""
    for hit in words.hits(normalise(text)):
        text = text.replace(hit.everyday, hit.official[0])
    return text


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
        result: Floats = odds / np.repeat(np.add.reduceat(odds, starts), sizes)
        return result

    def gradient(weights: Floats) -> Floats:
        logits = rows @ weights
        logits -= np.repeat(np.maximum.reduceat(logits, starts), sizes)
        odds = np.exp(np.maximum(logits, -30))
        push = (share_of(odds) - share_of(odds * right + 1e-30)) * shares
        result: Floats = rows.T @ push + RANKING_DECAY * weights
        return result

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


def _adam(gradient: Callable[[Floats], Floats], *, size: int) -> Floats:
    """The non-negative weights to which Adam's steps (Kingma and Ba 2015) lead from 0."""
    weights: Floats = np.zeros(size)
    mean, spread = np.zeros(size), np.zeros(size)
    for step in range(1, STEPS + 1):
        slope = gradient(weights)
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope**2
        weights = weights - RATE * (mean / (1 - 0.9**step)) / (
            np.sqrt(spread / (1 - 0.999**step)) + 1e-8
        )
        weights = np.maximum(weights, 0)  # what two texts share never speaks against them
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
    result: Floats = raw * len(cases) / raw.sum()
    return result


def passed_by(share: float, *, probabilities: Floats, shares: Floats) -> float:
    """The probability that this share of the questions reaches, the sets counting as weighed."""
    order = np.argsort(-probabilities)
    at = np.searchsorted(np.cumsum(shares[order]) / shares.sum(), share)
    return round(float(probabilities[order][at]), 4)


def report(
    cases: Sequence[Case],
    *,
    scores: Sequence[Floats],
    right: NDArray[np.bool_],
    probabilities: Floats,
    answer: float,
) -> None:
    """Prints a line a set; right, wrong and outside are the shares answered at ``answer``."""
    print(f"{'set':10} asked   R@1   R@3    S5 right wrong outside")
    first_three = np.array(
        [
            bool(len(own)) and bool(case.right[order_of(own)[:3]].any())
            for case, own in zip(cases, scores, strict=True)
        ]
    )
    in_scope = np.array([case.in_scope for case in cases])
    groups = np.array([case.group for case in cases])
    for group in dict.fromkeys(groups):
        inside = (groups == group) & in_scope
        outside = (groups == (EMBEDDED if group == SEEN else group)) & ~in_scope
        sure = probabilities > np.quantile(probabilities[outside], 0.95)
        given = probabilities >= answer
        figures = (
            right[inside].mean(),
            first_three[inside].mean(),
            (right & sure)[inside].mean(),
            (right & given)[inside].mean(),
            (~right & given)[inside].mean(),
            given[outside].mean(),
        )
        print(f"{group:10} {inside.sum():5}", *(f"{figure:5.3f}" for figure in figures))


if __name__ == "__main__":
    main()
