import numpy as np
import pytest

from benchmarks.linear import Fit, Flags, Floats, fit_confidence, fit_ranking
from knowledge import confidence
from knowledge.weights import Linear

NAMES = ("telling", "misleading", "noise")


def questions(count: int = 60) -> tuple[list[Floats], list[Flags]]:
    """Tables of five rows, the right one of which has more of what tells and less of the next."""
    chance = np.random.default_rng(3)
    tables, right = [], []
    for number in range(count):
        wanted = np.arange(5) == number % 5
        rows = chance.normal(size=(5, 3))
        rows[wanted] += [3.0, -3.0, 0.0]
        tables.append(rows)
        right.append(wanted)
    return tables, right


@pytest.fixture(scope="module")
def ranking() -> Fit:
    tables, right = questions()
    return fit_ranking(tables, right, np.ones(len(tables)), names=NAMES)


def judged(count: int = 4000) -> tuple[Floats, Flags]:
    """Measures of winners, right the more likely the more of the first they have."""
    chance = np.random.default_rng(5)
    table = chance.normal(size=(count, 3))
    table[:, 1] *= -1
    right = chance.random(count) < 1 / (1 + np.exp(-(2 * table[:, 0] - 1)))
    return table, right


def test_a_ranking_puts_the_right_rows_first(ranking: Fit) -> None:
    tables, right = questions()

    first = [
        bool(own[ranking.scores(rows).argmax()]) for rows, own in zip(tables, right, strict=True)
    ]

    assert np.mean(first) > 0.9


def test_a_ranking_weighs_what_tells_and_nothing_speaks_against(ranking: Fit) -> None:
    telling, misleading, noise = ranking.weights

    assert telling > 1
    assert misleading == 0
    assert 0 <= noise < telling / 3


def test_several_rows_may_be_right(ranking: Fit) -> None:
    tables, right = questions()
    both = [own | (np.arange(5) == 0) for own in right]

    fitted = fit_ranking(tables, both, np.ones(len(tables)), names=NAMES)

    assert 0 < fitted.weights[0] < ranking.weights[0]


def test_a_table_counts_for_its_share() -> None:
    tables, right = questions(40)
    against = [own[:, [1, 0, 2]] for own in tables]
    shares = np.repeat([1.0, 0.01], len(tables))

    fitted = fit_ranking(tables + against, right * 2, shares, names=NAMES)

    assert fitted.weights[0] > 1
    assert fitted.weights[1] == 0


def test_the_fit_is_the_same_every_time(ranking: Fit) -> None:
    tables, right = questions()

    again = fit_ranking(tables, right, np.ones(len(tables)), names=NAMES)

    assert again.as_json() == ranking.as_json()


def test_a_confidence_is_near_the_share_that_is_right() -> None:
    table, right = judged()

    fit = fit_confidence(table, right=right, shares=np.ones(len(right)), names=NAMES)

    found = fit.probabilities(table)
    sure = found > 0.5
    assert fit.weights[0] > 4 * np.abs(fit.weights[1:]).max()
    assert found.mean() == pytest.approx(right.mean(), abs=0.001)
    assert found[sure].mean() == pytest.approx(right[sure].mean(), abs=0.05)
    assert found[~sure].mean() == pytest.approx(right[~sure].mean(), abs=0.05)


def test_questions_that_count_for_more_pull_the_confidence() -> None:
    table, right = judged()

    shares = np.where(right, 4.0, 1.0)
    fit = fit_confidence(table, right=right, shares=shares, names=NAMES)

    wanted = 4 * right.sum() / (4 * right.sum() + (~right).sum())
    assert np.average(fit.probabilities(table), weights=shares) == pytest.approx(wanted, abs=0.001)


def test_what_lies_far_out_counts_no_more_than_the_limit() -> None:
    fit = Fit(NAMES, np.zeros(3), np.ones(3), np.array([0.5, 0.0, 0.0]))

    at_the_limit, beyond = fit.probabilities(
        np.array([[confidence.LIMIT, 0, 0], [1e9, 0, 0]], dtype=np.float64)
    )

    assert at_the_limit == beyond < 1


def test_what_is_written_gives_the_same_scores_when_it_is_read(ranking: Fit) -> None:
    tables, _ = questions(1)
    written = ranking.as_json()
    numbers = [written[name] for name in NAMES]
    read = Linear(
        NAMES,
        tuple(row["centre"] for row in numbers),
        tuple(row["scale"] for row in numbers),
        tuple(row["weight"] for row in numbers),
        intercept=written["intercept"]["weight"],
    )

    scores = [read.score(dict(zip(NAMES, row, strict=True))) for row in tables[0].tolist()]

    assert scores == pytest.approx(ranking.scores(tables[0]), abs=1e-3)


def test_a_measure_that_never_varies_can_still_be_divided_by() -> None:
    table, right = judged()
    table[:, 2] = 0.0

    fit = fit_confidence(table, right=right, shares=np.ones(len(right)), names=NAMES)

    written = fit.as_json()["noise"]
    assert written["weight"] == 0
    assert written["scale"] > 0
