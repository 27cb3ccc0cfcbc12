"""Fits ``knowledge/weights.json`` on labelled questions and says how well that does.

    python -m benchmarks.fit --sets DIR… [--questions DIR] [--encoder] [--vectors DIR]
                             [--output knowledge/weights.json]

Each set's DIR holds ``kb.jsonl``, ``queries.jsonl`` and ``oos.jsonl`` as ``zixun evaluate`` reads
them, that of the questions ``in_scope_development.jsonl`` and ``out_of_scope_development.jsonl``;
what is held back is not read. Each kind of entries (``knowledge.weights.Kind``) has numbers of
its own: ``short`` and ``long`` are fitted on the sets of that kind, ``phrased`` on the embedded
guides and on sets that borrow from them: on our own questions (``own``), on phrasings asked of
guides that do not have them (``embedded``), and in other words of guides that do (``seen``); what
is out of scope for the sets is out of scope for the guides too. With ``--encoder`` the numbers
for matching with it are fitted as well, which takes as long as it needs for all texts once;
``--vectors`` keeps what it said.

The tables are of questions on which neither the ranking nor the confidence was fitted (five
folds); in the last each set in turn was left out of everything, the thresholds included.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases import (
    EMBEDDED,
    OWN,
    SEEN,
    SHARES,
    Case,
    balanced,
    embedded_cases,
    order_of,
    own_cases,
    set_cases,
)
from benchmarks.linear import Fit, Flags, Floats, fit_confidence, fit_ranking
from bot.jobs.encoder import open_encoder
from knowledge.confidence import MEANING_MEASURES, MEASURES
from knowledge.corpus import COLUMNS
from knowledge.encoder import Encoder
from knowledge.meanings import MEANING_COLUMNS
from knowledge.weights import WEIGHTS_FILE, Kind
from knowledge.words import Words

FOLDS = 5
ANSWER_AT, CLARIFY_AT = 0.02, 0.20  # shares of the out-of-scope questions that pass the steps
WRONG_AT, MISREFERRED_AT = 0.04, 0.14  # shares of what is given that may be wrong
HOPELESS_AT = 0.50  # share of the out-of-scope questions for which the encoder is not asked
NEAR = 2.5
QUESTIONS = Path(__file__).parents[1] / "tests" / "questions"
VECTORS = Path("data") / "vectors"


@dataclass(frozen=True, slots=True)
class Judged:
    """Cases with what a model that was not fitted on them says of each."""

    cases: Sequence[Case]
    scores: Sequence[Floats]
    right: Flags
    probabilities: Floats

    def only(self, chosen: Flags) -> "Judged":
        """Those of the cases that are chosen."""
        places = [int(place) for place in np.flatnonzero(chosen)]
        return Judged(
            [self.cases[place] for place in places],
            [self.scores[place] for place in places],
            self.right[places],
            self.probabilities[places],
        )

    @property
    def sends(self) -> Flags:
        """Of which cases the first candidate sends the asker on."""
        pairs = zip(self.cases, self.scores, strict=True)
        return np.array([case.sends_on(scores) for case, scores in pairs], dtype=bool)

    @property
    def in_scope(self) -> Flags:
        return np.array([case.in_scope for case in self.cases], dtype=bool)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the matching's numbers.")
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--encoder", action="store_true")
    parser.add_argument("--vectors", type=Path, default=VECTORS)
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args()
    weights = dict(fitted(options.sets, options.questions, encoder=None))
    if options.encoder:
        encoder = open_encoder("auto", folder=options.vectors)
        if encoder is None:
            parser.error("the encoder cannot be had here: install zixun[semantic]")
        weights |= fitted(options.sets, options.questions, encoder=encoder.for_guides)
    elif WEIGHTS_FILE.exists():
        kept = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
        weights |= {name: kept[name] for name in kept if name.endswith("_encoded")}
    options.output.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def fitted(
    sets: Sequence[Path], questions: Path, *, encoder: Encoder | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The numbers of each kind by its name in the file; prints what they are worth."""
    words = Words()
    of_kind: dict[Kind, list[Case]] = {kind: [] for kind in Kind}
    for folder in sets:
        kind, cases = set_cases(folder, words=words, encoder=encoder)
        of_kind[kind] += cases
    outside = [case.text for cases in of_kind.values() for case in cases if not case.in_scope]
    of_kind[Kind.PHRASED] += embedded_cases(outside, words=words, encoder=encoder)
    of_kind[Kind.PHRASED] += own_cases(questions, words=words, encoder=encoder)
    for kind, cases in of_kind.items():
        if cases:
            name = str(kind) if encoder is None else f"{kind}_encoded"
            print(f"\n{name}: {len(cases)} questions", flush=True)
            yield name, fit(cases)
    print("\neach set with everything fitted on the others of its kind:")
    for cases in of_kind.values():
        left_out(cases)


def fit(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """The numbers for these cases, as they are written; prints what they are worth."""
    ranking, judge, judged = crossed(cases)
    steps = thresholds(judged)
    report(judged, steps=steps)
    return {"ranking": ranking.as_json(), "confidence": judge.as_json(), "thresholds": steps}


def ranking_of(cases: Sequence[Case]) -> Fit:
    """The ranking fitted on these cases, the sets counting as ``SHARES`` says."""
    useful = [case for case in cases if case.right.any()]
    groups = [case.group for case in useful]
    counts = {group: groups.count(group) for group in set(groups)}
    return fit_ranking(
        [case.comparison.rows for case in useful],
        [case.right for case in useful],
        np.array([SHARES.get(group, 0.5) / counts[group] for group in groups]),
        names=columns_of(cases),
    )


def columns_of(cases: Sequence[Case]) -> Sequence[str]:
    width = max(case.comparison.rows.shape[1] for case in cases)
    return COLUMNS if width == len(COLUMNS) else (*COLUMNS, *MEANING_COLUMNS)


def measures_of(cases: Sequence[Case]) -> Sequence[str]:
    plain = columns_of(cases) == COLUMNS
    return MEASURES if plain else (*MEASURES, *MEANING_MEASURES)


def crossed(cases: Sequence[Case]) -> tuple[Fit, Fit, Judged]:
    """Ranking and confidence fitted on all cases, and what those fitted on four fifths say."""
    folds = folds_of(cases)
    names = measures_of(cases)
    scores = out_of_fold(cases)
    table, right = measured(cases, scores, names)
    shares = balanced(cases)
    held_out = np.zeros(len(cases))
    for fold in range(FOLDS):
        others = folds != fold
        judge = fit_confidence(
            table[others], right=right[others], shares=shares[others], names=names
        )
        held_out[~others] = judge.probabilities(table[~others])
    return (
        ranking_of(cases),
        fit_confidence(table, right=right, shares=shares, names=names),
        Judged(cases, scores, right, held_out),
    )


def folds_of(cases: Sequence[Case]) -> NDArray[np.int64]:
    """Each case's fold; the same for the same number of cases."""
    return np.random.default_rng(7).permutation(len(cases)) % FOLDS


def out_of_fold(cases: Sequence[Case]) -> list[Floats]:
    """The scores of each case's rows by a ranking that was fitted on the other folds."""
    folds = folds_of(cases)
    scores: list[Floats] = [np.zeros(0)] * len(cases)
    for fold in range(FOLDS):
        ranking = ranking_of([one for one, at in zip(cases, folds, strict=True) if at != fold])
        for number in np.flatnonzero(folds == fold):
            scores[number] = ranking.scores(cases[int(number)].comparison.rows)
    return scores


def measured(
    cases: Sequence[Case], scores: Sequence[Floats], names: Sequence[str]
) -> tuple[Floats, Flags]:
    """A row of measures for each case, and whether its first candidate is right."""
    pairs = list(zip(cases, scores, strict=True))
    table = np.array([case.measured(own, names) for case, own in pairs])
    return table, np.array([case.is_right(own) for case, own in pairs], dtype=bool)


def thresholds(judged: Judged) -> dict[str, float]:
    """The ladder's steps for the stated risks, on cases that the model was not fitted on.

    Where there are questions of our own, these decide: the others are asked as nobody asks.
    """
    own = np.array([case.group == OWN for case in judged.cases])
    if own.any():
        judged = judged.only(own)
    shares, inside, sends = balanced(judged.cases), judged.in_scope, judged.sends
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
    hopeless = float(np.quantile(judged.probabilities[outside], HOPELESS_AT))
    return {
        "answer": answer,
        "clarify": min(clarify, answer),
        "near": NEAR,
        "refer": refer,
        "settled": answer,  # what is answered by the words alone is not asked again
        "hopeless": round(min(hopeless, clarify), 4),
    }


def lowest_with(wrong: float, *, judged: Judged) -> float:
    """The lowest probability from which on no greater share of the first candidates is wrong."""
    shares = balanced(judged.cases)
    order = np.argsort(-judged.probabilities, kind="stable")
    missed = np.cumsum((shares * ~judged.right)[order]) / np.cumsum(shares[order])
    good = np.flatnonzero(missed <= wrong)
    if not len(good):
        return 1.0
    return round(float(judged.probabilities[order][good[-1]]), 4)


def passed_by(share: float, *, probabilities: Floats, shares: Floats) -> float:
    """The probability that this share of the questions reaches, the sets counting as weighed."""
    order = np.argsort(-probabilities)
    at = np.searchsorted(np.cumsum(shares[order]) / shares.sum(), share)
    return round(float(probabilities[order][at]), 4)


def left_out(cases: Sequence[Case]) -> None:
    """Prints how each set does with everything fitted on the others, if there are others."""
    for group in dict.fromkeys(case.group for case in cases):
        others = [case for case in cases if case.group != group]
        if group in (OWN, EMBEDDED, SEEN) or not any(case.in_scope for case in others):
            continue
        own = [case for case in cases if case.group == group]
        ranking, judge, judged = crossed(others)
        scores = [ranking.scores(case.comparison.rows) for case in own]
        table, right = measured(own, scores, measures_of(cases))
        report(Judged(own, scores, right, judge.probabilities(table)), steps=thresholds(judged))


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
    in_scope, sends = judged.in_scope, judged.sends
    groups = np.array([case.group for case in cases])
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
    print({name: round(value, 4) for name, value in steps.items()}, flush=True)


if __name__ == "__main__":
    main()
