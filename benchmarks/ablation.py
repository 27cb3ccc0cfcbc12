"""What each channel of the ranking is worth: all of them, all but one, and one alone.

    python -m benchmarks.ablation --sets DIR… [--questions DIR]

The figures are R@1 / R@3 of questions on which the ranking was not fitted (five folds), without
the encoder; the folders are those of ``benchmarks.fit``.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.cases import Case, order_of, own_cases, set_cases
from benchmarks.fit import QUESTIONS, out_of_fold
from knowledge.corpus import COLUMNS
from knowledge.weights import Kind
from knowledge.words import Words

CHANNELS: Mapping[str, tuple[str, ...]] = {
    "characters": ("said", "asked", "whole"),
    "passages": ("segment",),
    "official wordings": ("official_",),
    "words": ("words_", "telling_"),
    "RapidFuzz": ("common_", "alike", "nearly"),
    "wordings together": ("same_words", "several"),
    "sense": ("sense_",),
}
"""Channel → how the names of its columns begin."""
Figures = dict[str, tuple[float, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what each channel is worth.")
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    options = parser.parse_args()
    words = Words()
    of_kind: dict[Kind, list[Case]] = {kind: [] for kind in Kind}
    for folder in options.sets:
        kind, cases = set_cases(folder, words=words, encoder=None)
        of_kind[kind] += cases
    of_kind[Kind.PHRASED] += own_cases(options.questions, words=words, encoder=None)
    groups = [name for cases in of_kind.values() for name in dict.fromkeys(c.group for c in cases)]
    print(f"| channels | {' | '.join(groups)} |\n| --- |{' --- |' * len(groups)}")
    for name, kept in variants():
        found: Figures = {}
        for cases in of_kind.values():
            found |= figures([only(case, kept) for case in cases]) if cases else {}
        cells = (f"{found[group][0]:.3f} / {found[group][1]:.3f}" for group in groups)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def variants() -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Each variant's name, and which columns it keeps."""
    yield "all", (True,) * len(COLUMNS)
    for name in CHANNELS:
        yield f"without {name}", tuple(channel_of(column) != name for column in COLUMNS)
    for name in CHANNELS:
        yield f"{name} alone", tuple(channel_of(column) == name for column in COLUMNS)


def channel_of(column: str) -> str:
    """The channel to which a column belongs."""
    return next(name for name, starts in CHANNELS.items() if column.startswith(starts))


def only(case: Case, kept: Sequence[bool]) -> Case:
    """The case with all other columns left blank."""
    rows = case.comparison.rows * np.array(kept, dtype=np.float64)
    return replace(case, comparison=replace(case.comparison, rows=rows))


def figures(cases: Sequence[Case]) -> Figures:
    """R@1 and R@3 of each group, each question ranked by what was fitted on the other folds."""
    found: dict[str, list[tuple[bool, bool]]] = {}
    for case, scores in zip(cases, out_of_fold(cases), strict=True):
        if case.in_scope:
            order = order_of(scores)
            first = bool(order) and bool(case.right[order[0]])
            three = bool(order) and bool(case.right[order[:3]].any())
            found.setdefault(case.group, []).append((first, three))
    return {
        group: (float(np.mean([one for one, _ in own])), float(np.mean([two for _, two in own])))
        for group, own in found.items()
    }


if __name__ == "__main__":
    main()
