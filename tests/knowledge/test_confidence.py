from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from knowledge.confidence import MEANING_MEASURES, MEASURES, measures
from knowledge.corpus import COLUMNS, Comparison, Corpus, Entry
from knowledge.index import Floats
from knowledge.meanings import MEANING_COLUMNS
from knowledge.words import Words

QUESTION = "征地批文在哪看"
ENTRIES = [
    Entry("land", "征地批文在哪里看", ("地被征了看哪里",), ("批文在平台上查。",)),
    Entry("land-too", "征地批文在哪里查看", (), ("批文看平台。",)),
    Entry("fee", "公开在哪里收费", ("申请要钱不",), ("看收费标准。",)),
    Entry("days", "在哪看答复期限", ("要等多久",), ("二十个工作日内答复。广东也一样。",)),
]
LAND, LAND_TOO, FEE, DAYS = range(4)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(ENTRIES, words=Words())


def measured(
    corpus: Corpus,
    scores: Sequence[float],
    *,
    text: str = QUESTION,
    numbers: Sequence[int] = (LAND, LAND_TOO, FEE, DAYS),
    known: float = 1.0,
    columns: Floats | None = None,
) -> dict[str, float]:
    """The measures where these of the entries are compared and have these scores."""
    comparison = narrowed(corpus.compare(corpus.question(text), more=numbers), numbers)
    if columns is not None:
        comparison = replace(comparison, rows=np.column_stack([comparison.rows, columns]))
    order = [int(row) for row in np.argsort(-np.array(scores), kind="stable")]
    return measures(comparison, corpus=corpus, scores=np.array(scores), order=order, known=known)


def narrowed(comparison: Comparison, numbers: Sequence[int]) -> Comparison:
    places = [comparison.numbers.index(number) for number in numbers]
    return replace(comparison, numbers=tuple(numbers), rows=comparison.rows[places])


def asked_columns(*values: float) -> Floats:
    """An encoder's columns in which only ``meaning_asked`` differs."""
    columns = np.full((len(values), len(MEANING_COLUMNS)), 0.25)
    columns[:, MEANING_COLUMNS.index("meaning_asked")] = values
    return columns


def test_every_measure_is_given_its_name(corpus: Corpus) -> None:
    assert measured(corpus, [3.0, 2.0, 1.0, 0.0]).keys() == set(MEASURES)


def test_an_encoder_s_columns_give_measures_of_their_own(corpus: Corpus) -> None:
    found = measured(corpus, [3.0, 2.0, 1.0, 0.0], columns=asked_columns(0.9, 0.8, 0.1, 0.2))

    assert found.keys() == set(MEASURES) | set(MEANING_MEASURES)
    assert found["winner_meaning_asked"] == pytest.approx(0.9)
    assert found["winner_meaning_title"] == pytest.approx(0.25)
    assert found["meaning_lead"] == pytest.approx(0.1)
    assert found["meaning_of_ten"] == pytest.approx(0.9 - 0.5)
    assert found["meaning_best"] == pytest.approx(0.9)


def test_a_winner_that_is_not_the_nearest_in_meaning_is_behind(corpus: Corpus) -> None:
    found = measured(corpus, [3.0, 2.0, 1.0, 0.0], columns=asked_columns(0.3, 0.2, 0.8, 0.1))

    assert found["meaning_lead"] == pytest.approx(-0.5)
    assert found["meaning_best"] == pytest.approx(0.8)


def test_an_encoder_s_columns_change_no_other_measure(corpus: Corpus) -> None:
    scores = [3.0, 2.0, 1.0, 0.0]
    without = measured(corpus, scores)

    found = measured(corpus, scores, columns=asked_columns(0.9, 0.8, 0.1, 0.2))

    assert {name: found[name] for name in MEASURES} == without


def test_a_lead_is_over_the_second_and_over_the_first_ten(corpus: Corpus) -> None:
    found = measured(corpus, [1.0, 5.0, 3.0], numbers=(LAND, FEE, DAYS))

    assert found["score"] == 5.0
    assert found["lead"] == 2.0
    assert found["lead_of_ten"] == 3.0


def test_a_lead_over_the_same_matter_in_other_words_is_not_one_over_others(
    corpus: Corpus,
) -> None:
    found = measured(corpus, [9.0, 8.5, 3.0, 1.0])

    assert found["lead"] == 0.5
    assert found["lead_of_others"] == 6.0


def test_among_titles_of_one_matter_the_last_counts_as_the_other(corpus: Corpus) -> None:
    found = measured(corpus, [9.0, 8.5], numbers=(LAND, LAND_TOO))

    assert found["lead_of_others"] == 0.5


def test_a_single_candidate_leads_by_its_own_score(corpus: Corpus) -> None:
    found = measured(corpus, [4.0], numbers=(LAND,), columns=asked_columns(0.7))

    assert found["lead"] == found["lead_of_five"] == 4.0
    assert found["share"] == 1.0
    assert found["sense_lead"] == found["winner_sense_asked"]
    assert found["meaning_lead"] == pytest.approx(0.7)


def test_equal_candidates_share_the_certainty(corpus: Corpus) -> None:
    found = measured(corpus, [1.0] * 4)

    assert found["share"] == 0.25
    assert found["spread"] == pytest.approx(np.log(4))
    assert found["lead"] == 0.0


def test_the_columns_are_the_winner_s(corpus: Corpus) -> None:
    rows = corpus.compare(corpus.question(QUESTION)).rows

    found = measured(corpus, [0.0, 1.0, 3.0, 2.0])

    assert found["winner_said"] == rows[FEE, COLUMNS.index("said")]
    assert found["winner_sense_title"] == rows[FEE, COLUMNS.index("sense_title")]


def test_a_winner_that_all_channels_find_has_their_agreement(corpus: Corpus) -> None:
    by_title = measured(corpus, [3.0, 1.0], text="征地批文在哪里看", numbers=(LAND, FEE))
    by_chance = measured(corpus, [1.0, 3.0], text="征地批文在哪里看", numbers=(LAND, FEE))

    assert by_title["agreement"] > 0.5
    assert by_chance["agreement"] == 0.0


def test_how_far_the_winner_s_sense_leads_is_measured(corpus: Corpus) -> None:
    ahead = measured(corpus, [3.0, 1.0], numbers=(LAND, FEE))
    behind = measured(corpus, [1.0, 3.0], numbers=(LAND, FEE))

    assert ahead["sense_lead"] > 0 > behind["sense_lead"]
    assert ahead["sense_lead"] == pytest.approx(-behind["sense_lead"])


def test_words_that_the_winner_does_not_use_are_missing(corpus: Corpus) -> None:
    nothing = measured(corpus, [3.0, 1.0], text="征地批文", numbers=(LAND, FEE))
    much = measured(corpus, [1.0, 3.0], text="征地批文", numbers=(LAND, FEE))

    assert nothing["missing"] == pytest.approx(0.0)
    assert nothing["missing_most"] == 0.0
    assert much["missing"] > 0
    assert 0 < much["missing_most"] <= much["rarest"]


@pytest.mark.parametrize(("winner", "elsewhere"), [(LAND, 1.0), (DAYS, 0.0)])
def test_a_place_of_which_the_winner_does_not_speak_is_elsewhere(
    corpus: Corpus, winner: int, elsewhere: float
) -> None:
    scores = [float(number == winner) for number in range(4)]

    assert measured(corpus, scores, text="广东在哪看")["elsewhere"] == elsewhere
    assert measured(corpus, scores, text="在哪看")["elsewhere"] == 0.0


def test_a_score_counts_for_what_is_known_of_the_question(corpus: Corpus) -> None:
    found = measured(corpus, [4.0, 1.0, 0.0, 0.0], known=0.5)

    assert (found["known"], found["score_known"]) == (0.5, 2.0)


def test_what_is_certainly_ours_or_not_is_measured_of_the_question(corpus: Corpus) -> None:
    ours = measured(corpus, [1.0], text="征地批文", numbers=(LAND,))
    not_ours = measured(corpus, [1.0], text="今天股票怎么样", numbers=(LAND,))

    assert (ours["off_topic"], not_ours["off_topic"]) == (0.0, 1.0)
    assert ours["short"] == 1.0
    assert not_ours["short"] == 0.0


def test_a_question_without_a_word_can_be_measured(corpus: Corpus) -> None:
    found = measured(corpus, [1.0], text="的", numbers=(LAND,))

    assert found["rarest"] == found["missing"] == found["missing_most"] == 0.0
    assert all(np.isfinite(list(found.values())))
