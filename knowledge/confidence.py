"""How sure we are that the first candidate is the right one: what speaks for and against it."""

import math
from collections.abc import Sequence

from knowledge import scope
from knowledge.corpus import COLUMNS, Comparison
from knowledge.index import Floats

LIMIT = 5.0
"""Measures are kept within so many standard deviations, so that none decides alone."""

_WINNER = (
    "said", "asked", "whole", "segment", "official_said", "official_asked", "official_whole",
    "words_asked", "words_whole", "telling_asked", "telling_whole", "common_of_question",
    "common_of_title", "alike", "nearly", "same_words", "several",
)  # fmt: skip
MEASURES = (
    "score", "lead", "lead_of_ten", "lead_of_five", "share", "spread", "agreement",
    *(f"winner_{name}" for name in _WINNER),
    "known", "said", "words", "hits", "short", "missing", "rarest", "score_known",
    "respelt", "official", "off_topic",
)  # fmt: skip
_RELATIVE = [at for at, name in enumerate(COLUMNS) if name.endswith("_relative")]
_WORDS_WHOLE = COLUMNS.index("words_whole")


def measures(
    comparison: Comparison, *, scores: Floats, order: Sequence[int], known: float
) -> dict[str, float]:
    """What the confidence in the first candidate rests on, by the names of ``MEASURES``.

    ``scores`` are the rows' ranking scores, ``order`` the rows from best to worst (not empty),
    ``known`` the share of the question's words that the entries use.
    """
    question = comparison.question
    winner = comparison.rows[order[0]]
    ranked = [float(scores[row]) for row in order]
    first, others = ranked[0], ranked[1:]
    odds = [math.exp(score - first) for score in ranked[:10]]
    shares = [value / sum(odds) for value in odds]
    agreeing = sum(float(winner[column]) > 0.999 for column in _RELATIVE)
    missing = (1 - float(winner[_WORDS_WHOLE])) * sum(question.weights)
    heaviest = max(question.weights, default=0.0)
    found = {
        "score": first,
        "lead": first - others[0] if others else first,
        "lead_of_ten": first - sum(others[:9]) / max(len(others[:9]), 1),
        "lead_of_five": first - others[min(3, len(others) - 1)] if others else first,
        "share": shares[0],
        "spread": -sum(share * math.log(share + 1e-12) for share in shares),
        "agreement": agreeing / len(_RELATIVE),
        "known": known,
        "said": math.log1p(sum(question.weights)),
        "words": float(len(question.words)),
        "hits": float(len(question.hits)),
        "short": float(len(question.normal) <= 4),
        "missing": missing,
        "rarest": heaviest,
        "score_known": first * known,
        "respelt": question.respelt,
        "official": float(scope.is_official(question.normal)),
        "off_topic": float(scope.is_off_topic(question.normal)),
    }
    found |= {f"winner_{name}": float(winner[COLUMNS.index(name)]) for name in _WINNER}
    return found
