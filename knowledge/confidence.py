"""How sure we are that the first candidate is the right one: what speaks for and against it."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from knowledge import scope
from knowledge.corpus import COLUMNS, Comparison, Corpus
from knowledge.index import Floats
from knowledge.lexicon import read_list
from knowledge.meanings import MEANING_COLUMNS

LIMIT = 5.0
"""Measures are kept within so many standard deviations, so that none decides alone."""
SAME = 0.7
"""Titles as like as this are of the same matter, and which of them leads tells nothing."""

_WINNER = (
    "said", "asked", "whole", "segment", "official_said", "official_asked", "official_whole",
    "words_asked", "words_whole", "telling_asked", "telling_whole", "common_of_question",
    "common_of_title", "alike", "nearly", "same_words", "several", "sense_title", "sense_asked",
)  # fmt: skip
MEASURES = (
    "score", "lead", "lead_of_ten", "lead_of_five", "lead_of_others", "share", "spread",
    "agreement", *(f"winner_{name}" for name in _WINNER), "sense_lead", "sense_of_ten",
    "known", "said", "words", "hits", "short", "missing", "missing_most", "rarest",
    "score_known", "respelt", "official", "off_topic", "elsewhere",
)  # fmt: skip
"""What the confidence rests on.

``score`` and its ``lead…`` are the ranking's, ``lead_of_others`` that over the first candidate of
another matter; ``share`` and ``spread`` are of the candidates' odds; ``agreement`` is the share of
channels that find the same winner; ``winner_…`` are its columns, ``sense_…`` how far its sense
leads. The rest is of the question: how much of it is ``known`` and ``missing``, and ``elsewhere``
that it names a place of which the winner does not speak.
"""
MEANING_MEASURES = (
    *(f"winner_{name}" for name in MEANING_COLUMNS), "meaning_lead", "meaning_of_ten",
    "meaning_best",
)  # fmt: skip
"""What an encoder adds: the winner's columns, and how far it leads in them."""
_RELATIVE = [at for at, name in enumerate(COLUMNS) if name.endswith("_relative")]
_COLUMN = {name: at for at, name in enumerate(COLUMNS)}
_MEANING = {name: len(COLUMNS) + at for at, name in enumerate(MEANING_COLUMNS)}


def measures(
    comparison: Comparison, *, corpus: Corpus, scores: Floats, order: Sequence[int], known: float
) -> dict[str, float]:
    """What the confidence in the first candidate rests on, by the names of ``MEASURES``.

    ``scores`` are the rows' ranking scores, ``order`` the rows from best to worst (not empty),
    ``known`` the share of the question's words that the entries use. Rows that hold an encoder's
    columns give the ``MEANING_MEASURES`` too.
    """
    question = comparison.question
    rows = comparison.rows
    winner = rows[order[0]]
    ranked = [float(scores[row]) for row in order]
    first, others = ranked[0], ranked[1:]
    odds = [math.exp(max(score - first, -50.0)) for score in ranked[:10]]
    shares = [value / sum(odds) for value in odds]
    agreeing = sum(float(winner[column]) > 0.999 for column in _RELATIVE)
    missing = (1 - float(winner[_COLUMN["words_whole"]])) * sum(question.weights)
    number = comparison.numbers[order[0]]
    other = next(
        (
            float(scores[row])
            for row in order[1:8]
            if not corpus.same_matter(number, comparison.numbers[row], least=SAME)
        ),
        ranked[min(8, len(ranked) - 1)],
    )
    found = {
        "score": first,
        "lead": first - others[0] if others else first,
        "lead_of_ten": first - sum(others[:9]) / max(len(others[:9]), 1),
        "lead_of_five": first - others[min(3, len(others) - 1)] if others else first,
        "lead_of_others": first - other,
        "share": shares[0],
        "spread": -sum(share * math.log(share + 1e-12) for share in shares),
        "agreement": agreeing / len(_RELATIVE),
        "known": known,
        "said": math.log1p(sum(question.weights)),
        "words": float(len(question.words)),
        "hits": float(len(question.hits)),
        "short": float(len(question.normal) <= 4),
        "missing": missing,
        "missing_most": corpus.heaviest_missing(question, number),
        "rarest": max(question.weights, default=0.0),
        "score_known": first * known,
        "respelt": question.respelt,
        "official": float(scope.is_official(question.normal)),
        "off_topic": float(scope.is_off_topic(question.normal)),
        "elsewhere": _elsewhere(question.normal, corpus.text_of(number)),
    }
    found |= {f"winner_{name}": float(winner[_COLUMN[name]]) for name in _WINNER}
    lead, over_ten, _ = _leads(rows[:, _COLUMN["sense_asked"]], order[0])
    found |= {"sense_lead": lead, "sense_of_ten": over_ten}
    if rows.shape[1] > len(COLUMNS):
        column = rows[:, _MEANING["meaning_asked"]]
        lead, over_ten, best = _leads(column, order[0])
        found |= {f"winner_{name}": float(winner[at]) for name, at in _MEANING.items()}
        found |= {"meaning_lead": lead, "meaning_of_ten": over_ten, "meaning_best": best}
    return found


def _leads(column: Floats, row: int) -> tuple[float, float, float]:
    """How far a row's value is over the best other one and the mean of the best ten; the best."""
    own = float(column[row])
    if len(column) < 2:
        return own, own, own
    ranked = np.sort(column)[::-1]
    best_other = float(ranked[1] if ranked[0] == own else ranked[0])
    return own - best_other, own - float(ranked[:10].mean()), float(ranked[0])


def _elsewhere(normal: str, text: str) -> float:
    return float(sum(place in normal and place not in text for place in _places()))


@cache
def _places() -> tuple[str, ...]:
    return tuple(read_list("places"))
