from pathlib import Path

import pytest

from knowledge.confidence import MEASURES
from knowledge.corpus import COLUMNS
from knowledge.weights import Linear, fitted, read_weights


@pytest.mark.parametrize("phrased", [True, False])
def test_the_shipped_numbers_weigh_all_that_is_measured(phrased: bool) -> None:
    weights = fitted(phrased=phrased)

    assert weights.ranking.names == COLUMNS
    assert weights.confidence.names == MEASURES
    assert 0 < weights.thresholds.clarify < weights.thresholds.answer < 1
    assert min(weights.ranking.scales) > 0
    assert min(weights.confidence.scales) > 0


@pytest.mark.parametrize("phrased", [True, False])
def test_what_two_texts_share_never_speaks_against_them(phrased: bool) -> None:
    assert min(fitted(phrased=phrased).ranking.weights) >= 0


def test_a_score_is_the_sum_of_scaled_and_limited_measures() -> None:
    linear = Linear(("a", "b"), (1.0, 0.0), (2.0, 1.0), (3.0, 10.0), intercept=0.5)

    assert linear.score({"a": 5.0, "b": 0.0}) == 6.5
    assert linear.score({"a": 5.0, "b": 100.0}, limit=1.0) == 13.5


def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(KeyError):
        read_weights(path, phrased=True)
