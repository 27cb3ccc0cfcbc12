"""The limiter and the bounds of its memory."""

import pytest

from handlers.web.limits import Limiter, TooManyRequestsError


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    limiter = Limiter(60)
    for _ in range(60):
        limiter.pass_through("somebody", now=100.0)

    with pytest.raises(TooManyRequestsError) as refused:
        limiter.pass_through("somebody", now=100.0)

    assert refused.value.retry_after == 2
    limiter.pass_through("somebody", now=101.1)
    with pytest.raises(TooManyRequestsError):
        limiter.pass_through("somebody", now=101.2)


def test_clients_do_not_pay_for_each_other() -> None:
    limiter = Limiter(1)
    limiter.pass_through("one", now=0.0)

    limiter.pass_through("another", now=0.0)


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limiter = Limiter(60)
    for _ in range(60):
        limiter.pass_through("somebody", now=100.0)

    with pytest.raises(TooManyRequestsError):
        limiter.pass_through("somebody", now=10.0)
    with pytest.raises(TooManyRequestsError):
        limiter.pass_through("somebody", now=100.0)


def test_only_so_many_clients_are_remembered() -> None:
    limiter = Limiter(1, most_clients=2)
    for client in ("first", "second", "third"):
        limiter.pass_through(client, now=0.0)

    limiter.pass_through("first", now=0.0)
    with pytest.raises(TooManyRequestsError):
        limiter.pass_through("third", now=0.0)
