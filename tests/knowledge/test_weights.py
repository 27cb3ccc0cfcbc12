from pathlib import Path

import pytest

from knowledge.confidence import MEANING_MEASURES, MEASURES
from knowledge.corpus import COLUMNS
from knowledge.meanings import MEANING_COLUMNS
from knowledge.weights import WEIGHTS_FILE, Kind, Linear, fitted, read_weights

every_kind = pytest.mark.parametrize("kind", Kind)
with_and_without_an_encoder = pytest.mark.parametrize("encoded", [False, True])


@every_kind
def test_the_shipped_numbers_weigh_all_that_is_measured_without_an_encoder(kind: Kind) -> None:
    weights = fitted(kind)

    assert weights.ranking.names == COLUMNS
    assert weights.confidence.names == MEASURES


@every_kind
def test_the_shipped_numbers_weigh_all_that_is_measured_with_an_encoder(kind: Kind) -> None:
    weights = fitted(kind, encoded=True)

    assert weights.ranking.names == (*COLUMNS, *MEANING_COLUMNS)
    assert weights.confidence.names == (*MEASURES, *MEANING_MEASURES)


@every_kind
@with_and_without_an_encoder
def test_what_two_texts_share_never_speaks_against_them(kind: Kind, encoded: bool) -> None:
    assert min(fitted(kind, encoded=encoded).ranking.weights) >= 0


@every_kind
@with_and_without_an_encoder
def test_every_measure_can_be_scaled(kind: Kind, encoded: bool) -> None:
    weights = fitted(kind, encoded=encoded)

    assert min(weights.ranking.scales) > 0
    assert min(weights.confidence.scales) > 0


@every_kind
@with_and_without_an_encoder
def test_the_steps_of_the_ladder_stand_in_their_order(kind: Kind, encoded: bool) -> None:
    steps = fitted(kind, encoded=encoded).thresholds

    assert 0 < steps.clarify <= steps.answer < 1
    assert steps.clarify <= steps.refer
    assert steps.near > 0


@every_kind
def test_an_encoder_is_asked_only_where_the_ladder_s_step_is_open(kind: Kind) -> None:
    steps = fitted(kind).thresholds

    assert 0 < steps.hopeless <= steps.clarify
    assert steps.answer <= steps.settled < 1


def test_a_score_is_the_sum_of_scaled_and_limited_measures() -> None:
    linear = Linear(("a", "b"), (1.0, 0.0), (2.0, 1.0), (3.0, 10.0), intercept=0.5)

    assert linear.score({"a": 5.0, "b": 0.0}) == 6.5
    assert linear.score({"a": 5.0, "b": 100.0}, limit=1.0) == 13.5


def test_measures_that_were_not_fitted_count_nothing() -> None:
    assert Linear(("a",), (0.0,), (1.0,), (2.0,)).score({"a": 1.0, "new": 9.0}) == 2.0


@with_and_without_an_encoder
def test_a_file_s_numbers_are_those_that_are_shipped(encoded: bool) -> None:
    assert read_weights(WEIGHTS_FILE, Kind.SHORT, encoded=encoded) == fitted(
        Kind.SHORT, encoded=encoded
    )


@with_and_without_an_encoder
def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path, encoded: bool) -> None:
    path = tmp_path / "weights.json"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(KeyError):
        read_weights(path, Kind.PHRASED, encoded=encoded)
