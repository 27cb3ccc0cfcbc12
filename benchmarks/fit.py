"""Fits ``knowledge/weights.json`` on labelled questions and says how well that does.

    python -m benchmarks.fit --sets DIR… [--questions DIR] [--output knowledge/weights.json]

Each set's DIR holds ``kb.jsonl``, ``queries.jsonl`` and ``oos.jsonl`` as ``zixun evaluate`` reads
them, that of the questions ``in_scope_development.jsonl`` and ``out_of_scope_development.jsonl``;
what is held back is not read. The ``plain`` numbers are fitted on the sets, the ``phrased`` ones
on the embedded guides: on our own questions (``own``), on each phrasing asked of guides that do
not have it (``embedded``), and in other words of guides that do (``seen``); what is out of scope
for the sets is out of scope for the guides too.

The first two tables are of questions on which neither the ranking nor the confidence was fitted
(five folds). In the third each set in turn was left out of everything, the thresholds included.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge import confidence
from knowledge.corpus import COLUMNS, Comparison, Corpus, Entry
from knowledge.evaluation import read_entries, read_outside, read_questions
from knowledge.guides import load_guides
from knowledge.ladder import REFERRING, channels
from knowledge.text import normalise
from knowledge.understanding import entry_of
from knowledge.weights import WEIGHTS_FILE
from knowledge.words import Words

Floats = NDArray[np.float64]

OWN, EMBEDDED, SEEN = "own", "embedded", "seen"
SHARES = {OWN: 2.0, EMBEDDED: 0.8, SEEN: 0.5, "foi": 1.0, "gov": 1.0, "ncp": 0.7, "qm_lcqmc": 0.4}
FOLDS = 5
ANSWER_AT, CLARIFY_AT = 0.02, 0.20  # shares of the out-of-scope questions that pass the steps
WRONG_AT, MISREFERRED_AT = 0.04, 0.12  # shares of what is given that may be wrong
NEAR = 2.5
STEPS, SMALLEST_STEP = 40, 1e-4
RANKING_DECAY, CONFIDENCE_DECAY = 0.002, 10.0
QUESTIONS = Path(__file__).parents[1] / "tests" / "questions"


@dataclass(frozen=True, slots=True)
class Case:
    """One question put to one set: its rows, which of them are right, and what is known of it.

    An out-of-scope question may have right candidates: guides that send the asker on. ``sends``
    are the candidates that are such guides.
    """

    group: str
    text: str
    comparison: Comparison
    right: NDArray[np.bool_]
    sends: NDArray[np.bool_]
    known: float
    in_scope: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """Cases with what a model that was not fitted on them says of each."""

    cases: Sequence[Case]
    scores: Sequence[Floats]
    right: NDArray[np.bool_]
    probabilities: Floats

    def only(self, chosen: NDArray[np.bool_]) -> "Judged":
        """Those of the cases that are chosen."""
        places = [int(place) for place in np.flatnonzero(chosen)]
        return Judged(
            [self.cases[place] for place in places],
            [self.scores[place] for place in places],
            self.right[places],
            self.probabilities[places],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the matching's numbers.")
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args()
    words = Words()
    plain = [case for folder in options.sets for case in set_cases(folder, words=words)]
    outside = [case.text for case in plain if not case.in_scope]
    phrased = list(embedded_cases(outside, words=words))
    phrased += own_cases(options.questions, words=words)
    weights = {"plain": fit(plain), "phrased": fit(phrased)}
    left_out(plain)
    options.output.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def fit(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """The numbers for these cases, as they are written; prints what they are worth."""
    ranking, judge, judged = crossed(cases)
    steps = thresholds(judged)
    report(judged, steps=steps)
    return {"ranking": ranking.as_json(), "confidence": judge.as_json(), "thresholds": steps}


def crossed(cases: Sequence[Case]) -> tuple["Fit", "Fit", Judged]:
    """Ranking and confidence fitted on all cases, and what those fitted on four fifths say."""
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
    return (
        fit_ranking(cases),
        fit_confidence(table, right=right, shares=shares),
        Judged(cases, scores, right, held_out),
    )


def thresholds(judged: Judged) -> dict[str, float]:
    """The ladder's steps for the stated risks, on cases that the model was not fitted on.

    Where there are questions of our own, these decide: the others are asked as nobody asks.
    """
    own = np.array([case.group == OWN for case in judged.cases])
    if own.any():
        judged = judged.only(own)
    cases, shares = judged.cases, balanced(judged.cases)
    inside = np.array([case.in_scope for case in cases])
    sends = np.array(
        [sends_on(case, scores=own) for case, own in zip(cases, judged.scores, strict=True)]
    )
    outside = ~inside
    told = np.where(sends, 0.0, judged.probabilities)  # what would be answered
    answer = max(
        passed_by(ANSWER_AT, probabilities=told[outside], shares=shares[outside]),
        lowest_with(WRONG_AT, judged=judged.only(inside & ~sends)),
    )
    clarify = passed_by(CLARIFY_AT, probabilities=told[outside], shares=shares[outside])
    refer = (
        min(answer, lowest_with(MISREFERRED_AT, judged=judged.only(sends))) if any(sends) else 1.0
    )
    return {"answer": answer, "clarify": min(clarify, answer), "near": NEAR, "refer": refer}


def lowest_with(wrong: float, *, judged: Judged) -> float:
    """The lowest probability from which on no greater share of the first candidates is wrong."""
    shares = balanced(judged.cases)
    order = np.argsort(-judged.probabilities, kind="stable")
    missed = np.cumsum((shares * ~judged.right)[order]) / np.cumsum(shares[order])
    good = np.flatnonzero(missed <= wrong)
    if not len(good):
        return 1.0
    return round(float(judged.probabilities[order][good[-1]]), 4)


def left_out(cases: Sequence[Case]) -> None:
    """Prints how each set does with everything fitted on the others."""
    print("each set with everything fitted on the others:")
    for group in dict.fromkeys(case.group for case in cases):
        own = [case for case in cases if case.group == group]
        ranking, judge, judged = crossed([case for case in cases if case.group != group])
        scores = [ranking.scores(case.comparison.rows) for case in own]
        table = np.array(
            [measured(case, scores=one) for case, one in zip(own, scores, strict=True)]
        )
        right = np.array(
            [is_right(case, scores=one) for case, one in zip(own, scores, strict=True)]
        )
        report(Judged(own, scores, right, judge.probabilities(table)), steps=thresholds(judged))


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
    guides = load_guides()
    sending = frozenset(guide.id for guide in guides if guide.outcome in REFERRING)
    entries = [entry_of(guide) for guide in guides]
    for number in range(max(len(entry.phrasings) for entry in entries)):
        corpus = Corpus([_without(entry, number) for entry in entries], words=words)
        for entry in entries:
            for text in entry.phrasings[number : number + 1]:
                yield asked(
                    text, corpus=corpus, relevant=(entry.id,), group=EMBEDDED, sending=sending
                )
    corpus = Corpus(entries, words=words)
    for entry in entries:
        for number, text in enumerate(entry.phrasings):
            told = _spoilt(text, number) if number % 2 else _formal(text, words=words)
            yield asked(told, corpus=corpus, relevant=(entry.id,), group=SEEN, sending=sending)
    for text in dict.fromkeys(outside):
        yield asked(text, corpus=corpus, relevant=(), group=EMBEDDED, sending=sending)


def own_cases(folder: Path, *, words: Words) -> Iterator[Case]:
    """Our own questions for development, put to the embedded guides.

    A narrower referral guide is as right as the general one that it is related to.
    """
    guides = load_guides()
    sending = frozenset(guide.id for guide in guides if guide.outcome in REFERRING)
    under = channels(guides)
    corpus = Corpus([entry_of(guide) for guide in guides], words=words)
    for name in ("in_scope", "out_of_scope"):
        lines = (folder / f"{name}_development.jsonl").read_text(encoding="utf-8").splitlines()
        for row in map(json.loads, lines):
            wanted = [*row["relevant"], *([row["refer_to"]] if row.get("refer_to") else [])]
            yield asked(
                row["query"],
                corpus=corpus,
                relevant=[key for one in wanted for key in under.get(one, (one,))],
                group=OWN,
                sending=sending,
                in_scope=name == "in_scope",
            )


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


def asked(
    text: str,
    *,
    corpus: Corpus,
    relevant: Sequence[str],
    group: str,
    sending: frozenset[str] = frozenset(),
    in_scope: bool | None = None,
) -> Case:
    question = corpus.question(text)
    comparison = corpus.compare(question)
    ids = [corpus.entries[number].id for number in comparison.numbers]
    return Case(
        group=group,
        text=text,
        comparison=comparison,
        right=np.array([key in relevant for key in ids], dtype=bool),
        sends=np.array([key in sending for key in ids], dtype=bool),
        known=corpus.known(question),
        in_scope=bool(relevant) if in_scope is None else in_scope,
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
    """Listwise softmax: the right candidates of each question together against all.

    The weights are not negative: what two texts share never speaks against them. They are found
    by Newton's method on those that stay above 0.
    """
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
    shares /= shares.sum()
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
        found = np.add.reduceat(odds * right, starts) / np.add.reduceat(odds, starts)
        return float(-shares @ np.log(found + 1e-30) + RANKING_DECAY / 2 * weights @ weights)

    weights: Floats = np.zeros(rows.shape[1])
    lost = loss(weights)
    for _ in range(STEPS):
        odds = odds_of(weights)
        chance = share_of(odds)
        slope = rows.T @ ((chance - share_of(odds * right + 1e-30)) * spread)
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


def sends_on(case: Case, *, scores: Floats) -> bool:
    return bool(len(scores) and case.sends[order_of(scores)[0]])


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


def report(judged: Judged, *, steps: Mapping[str, float]) -> None:
    """Prints a line a set; right, wrong and outside are the shares answered at these steps."""
    print(f"{'set':10} asked   R@1   R@3    S5 right wrong outside")
    cases, scores = judged.cases, judged.scores
    first_three = np.array(
        [
            bool(len(own)) and bool(case.right[order_of(own)[:3]].any())
            for case, own in zip(cases, scores, strict=True)
        ]
    )
    in_scope = np.array([case.in_scope for case in cases])
    groups = np.array([case.group for case in cases])
    sends = np.array([sends_on(case, scores=own) for case, own in zip(cases, scores, strict=True)])
    told = np.where(sends, 0.0, judged.probabilities)
    for group in dict.fromkeys(groups):
        inside = (groups == group) & in_scope
        outside = (groups == (EMBEDDED if group == SEEN else group)) & ~in_scope
        sure = judged.probabilities > np.quantile(told[outside], 0.95)
        given = judged.probabilities >= steps["answer"]
        figures = (
            judged.right[inside].mean(),
            first_three[inside].mean(),
            (judged.right & sure)[inside].mean(),
            (judged.right & given)[inside].mean(),
            (~judged.right & given)[inside].mean(),
            (told >= steps["answer"])[outside].mean(),
        )
        print(f"{group:10} {inside.sum():5}", *(f"{figure:5.3f}" for figure in figures))
        referred = outside & sends & (judged.probabilities >= steps["refer"])
        wanted = outside & np.array([bool(case.right.any()) for case in cases])
        if wanted.any():
            print(
                f"{'':16} sent on rightly {(referred & judged.right).sum()} of {wanted.sum()},"
                f" wrongly {(referred & ~judged.right).sum()}"
            )
    print({name: round(value, 4) for name, value in steps.items()})


if __name__ == "__main__":
    main()
