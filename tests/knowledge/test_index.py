import math

import pytest

from knowledge.index import K1, Index, code, counted


def test_the_text_with_more_of_the_question_covers_more() -> None:
    index = Index(["征地批文", "征地补偿", "收费标准"], owners=[0, 1, 2], b=0.5)

    covered = index.scores(counted("征地批文"))

    assert covered[0] > covered[1] > covered[2] == 0.0


def test_scores_are_those_of_the_formula() -> None:
    index = Index(["收费", "期限"], owners=[0, 1], b=0.5)
    idf = math.log(1 + (2 - 1 + 0.5) / 1.5)
    once = idf * (1 + K1) / (1 + K1)  # all texts are of average length

    covered = index.scores({"收费": 1.0})

    assert covered[0] == pytest.approx(once / (1.6 * idf))


def test_what_no_text_holds_lowers_the_cover() -> None:
    index = Index(["征地批文", "收费标准"], owners=[0, 1], b=0.5)

    assert index.scores(counted("征地批文在火星"))[0] < index.scores(counted("征地批文"))[0]


def test_an_unknown_or_empty_question_covers_nothing() -> None:
    index = Index(["征地批文"], owners=[0], b=0.5)

    assert index.scores(counted("火星")).tolist() == [0.0]
    assert index.scores({}).tolist() == [0.0]


def test_an_entry_scores_as_its_best_text() -> None:
    index = Index(["征地", "批文", "收费"], owners=[0, 0, 1], b=0.5)

    best = index.best_of_owner(index.scores(counted("批文")))

    assert best[0] > 0.0
    assert best[1] == 0.0
    assert list(index.texts_of(0)) == [0, 1]
    assert list(index.texts_of(1)) == [2]


def test_grams_have_codes_of_their_own() -> None:
    terms = ["费", "收费", "费收", "收", "1", "12", "😀"]

    assert len({code(term) for term in terms}) == len(terms)


def test_an_index_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs texts"):
        Index([], owners=[], b=0.5)
