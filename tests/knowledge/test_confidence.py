import numpy as np

from knowledge.confidence import MEASURES, measures
from knowledge.corpus import COLUMNS, Comparison
from knowledge.phrasebook import Question

QUESTION = Question(
    "征地批文", {"征": 1.0}, ("征地", "批文"), (6.0, 8.0), (3.0, 4.0), (), ((), ())
)


def comparison(count: int) -> Comparison:
    rows = np.full((count, len(COLUMNS)), 0.5)
    return Comparison(QUESTION, tuple(range(count)), rows, np.zeros(count))


def test_every_measure_is_given_its_name() -> None:
    found = measures(comparison(2), scores=np.array([3.0, 1.0]), order=[0, 1], known=0.5)

    assert found.keys() == set(MEASURES)


def test_a_lead_is_over_the_second_and_over_the_first_ten() -> None:
    found = measures(comparison(3), scores=np.array([1.0, 5.0, 3.0]), order=[1, 2, 0], known=1.0)

    assert found["score"] == 5.0
    assert found["lead"] == 2.0
    assert found["lead_of_ten"] == 3.0


def test_a_single_candidate_leads_by_its_own_score() -> None:
    found = measures(comparison(1), scores=np.array([4.0]), order=[0], known=1.0)

    assert found["lead"] == found["lead_of_five"] == 4.0
    assert found["share"] == 1.0


def test_equal_candidates_share_the_certainty() -> None:
    found = measures(comparison(4), scores=np.ones(4), order=[0, 1, 2, 3], known=1.0)

    assert found["share"] == 0.25
    assert found["lead"] == 0.0
