import math
from collections.abc import Mapping

import numpy as np
import pytest

from knowledge.index import K1, Field, Index, code, counted


def index_of(*texts: str) -> Index:
    return Index([Field(texts, owners=range(len(texts)), b=0.5)])


def covered(index: Index, weights: Mapping[str, float], *, field: int = 0) -> list[float]:
    channel = index.channel(field, index.total(weights))
    covers: list[float] = channel.cover(np.arange(len(channel.scores))).tolist()
    return covers


def test_the_text_with_more_of_the_question_covers_more() -> None:
    index = index_of("征地批文", "征地补偿", "收费标准")

    first, second, third = covered(index, counted("征地批文"))

    assert first > second > third == 0.0


def test_scores_are_those_of_the_formula() -> None:
    index = index_of("收费", "期限")
    idf = math.log(1 + (2 - 1 + 0.5) / 1.5)
    once = idf * (1 + K1) / (1 + K1)  # all texts are of average length

    assert covered(index, {"收费": 1.0})[0] == pytest.approx(once / (1.6 * idf), rel=1e-6)


def test_a_gram_counts_as_often_as_it_is_in_a_text_and_as_it_is_weighed() -> None:
    index = index_of("收收", "期限")
    lengths = np.array([3, 3]) / 3
    idf = math.log(1 + (2 - 1 + 0.5) / 1.5)
    twice = idf * 2 * (1 + K1) / (2 + K1 * (0.5 + 0.5 * lengths[0]))

    total = index.total({"收": 0.5})

    assert total.scores.tolist() == pytest.approx([twice / 2, 0.0], rel=1e-6)
    assert total.ideals.tolist() == pytest.approx([idf / 2])


def test_what_no_text_holds_lowers_the_cover() -> None:
    index = index_of("征地批文", "收费标准")

    assert covered(index, counted("征地批文在火星"))[0] < covered(index, counted("征地批文"))[0]


def test_an_unknown_or_empty_question_covers_nothing() -> None:
    index = index_of("征地批文")

    assert covered(index, counted("火星")) == [0.0]
    assert covered(index, {}) == [0.0]
    assert index.channel(0, index.total({})).relative().tolist() == [0.0]


def test_an_entry_scores_as_its_best_text() -> None:
    index = Index([Field(["征地", "批文", "收费"], owners=[0, 0, 1], b=0.5)])

    total = index.total(counted("批文"))

    assert covered(index, counted("批文"))[0] > 0.0
    assert covered(index, counted("批文"))[1] == 0.0
    assert list(index.texts_of(0, 0)) == [0, 1]
    assert list(index.texts_of(0, 1)) == [2]
    assert index.covers(0, 0, total) == [0.0, covered(index, counted("批文"))[0]]


def test_fields_are_scored_each_by_itself() -> None:
    titles, bodies = ["征地", "收费"], ["收费标准", "征地批文"]
    alone = [index_of(*titles), index_of(*bodies)]
    index = Index([Field(texts, owners=range(2), b=0.5) for texts in (titles, bodies)])

    for field, other in enumerate(alone):
        for text in ("征地批文", "收费", "火星"):
            assert covered(index, counted(text), field=field) == pytest.approx(
                covered(other, counted(text)), rel=1e-6
            )


def test_grams_are_held_by_a_field_or_not_and_are_the_rarer_the_fewer_texts_hold_them() -> None:
    index = Index(
        [
            Field(["征地", "收费"], owners=[0, 1], b=0.5),
            Field(["征地批文", "征地收费"], owners=[0, 1], b=0.5),
        ]
    )

    assert index.holds(["征地", "批文"], field=1)
    assert not index.holds(["征地", "批文"], field=0)
    assert index.rarity(["批文"], field=0) == index.rarity(["批文"], field=1) == 1.0
    assert index.rarity(["征地"], field=1) < 1.0


def test_two_totals_are_scored_as_one() -> None:
    index = index_of("征地批文", "收费标准")
    own, other = counted("征地"), counted("收费")

    together = index.channel(0, index.total(own), index.total(other))

    assert together.cover(np.arange(2)).tolist() == pytest.approx(covered(index, own | other))


def test_grams_have_codes_of_their_own() -> None:
    terms = ["费", "收费", "费收", "收", "1", "12", "😀"]

    assert len({code(term) for term in terms}) == len(terms)


def test_an_index_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs texts"):
        Index([Field([], owners=[], b=0.5)])
