"""The writer thread alone, on a real SQLite file."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import IntegrityError

from bot.store import consultations, received
from bot.store.database import sqlite_engine
from bot.store.errors import StoreUnavailableError
from bot.store.writer import LARGEST_BATCH, Writer
from tests.bot.store.rows import consultation, failing, kept


class Held:
    """A writer whose thread is kept busy inside a unit until ``let_go``."""

    def __init__(self, file: Path) -> None:
        self.commits = 0
        self.engine = sqlite_engine(make_url(f"sqlite:///{file}"))
        event.listen(self.engine, "commit", self._count)
        self.writer = Writer(self.engine)
        self._let_go = threading.Event()

    def hold(self) -> "Future[str]":
        """Submit a unit that does not end before ``let_go``, and wait until it runs."""
        running = threading.Event()

        def unit(_connection: Connection) -> str:
            running.set()
            assert self._let_go.wait(10)
            return "held"

        future = self.writer.submit(unit)
        assert running.wait(10)
        return future

    def let_go(self) -> None:
        self._let_go.set()

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def end(self) -> None:
        self.let_go()
        self.writer.close()
        self.engine.dispose()


@pytest.fixture
def backend() -> str:
    """The writer is SQLite's alone."""
    return "sqlite"


@pytest.fixture
def held(url: str) -> Iterator[Held]:
    held = Held(Path(str(make_url(url).database)))
    yield held
    held.end()


def test_units_that_wait_for_a_commit_share_the_next_one(held: Held) -> None:
    first = held.hold()
    others = [held.writer.submit(consultations.count) for _ in range(20)]
    held.let_go()

    assert first.result(10) == "held"
    assert [other.result(10) for other in others] == [0] * 20
    assert held.commits == 2


def test_a_lone_unit_is_committed_at_once(held: Held) -> None:
    for number in range(3):
        assert held.writer.submit(kept).result(10)
        assert held.commits == number + 1


def test_units_run_in_the_order_in_which_they_came(held: Held) -> None:
    order: list[int] = []

    def unit(number: int) -> Callable[[Connection], None]:
        return lambda _connection: order.append(number)

    held.hold()
    waiting = [held.writer.submit(unit(number)) for number in range(LARGEST_BATCH + 20)]
    held.let_go()
    for future in waiting:
        future.result(10)

    assert order == list(range(LARGEST_BATCH + 20))
    assert held.commits == 3


def test_nobody_is_released_before_the_commit(held: Held) -> None:
    def look(_connection: Connection) -> None:
        assert not any(future.done() for future in batch)

    event.listen(held.engine, "commit", look)
    held.hold()
    batch = [held.writer.submit(kept) for _ in range(3)]
    held.let_go()

    assert all(future.result(10) for future in batch)


def test_a_unit_that_fails_takes_no_other_of_its_transaction_with_it(held: Held) -> None:
    held.hold()
    before = held.writer.submit(kept)
    wrong = held.writer.submit(failing(ValueError("wrong")))
    after = held.writer.submit(kept)
    held.let_go()

    with pytest.raises(ValueError, match=r"^wrong$"):
        wrong.result(10)
    assert before.result(10)
    assert after.result(10)
    assert held.writer.submit(consultations.count).result(10) == 2


def test_a_broken_constraint_reaches_only_the_unit_that_broke_it(held: Held) -> None:
    twin = consultation()
    held.hold()
    first = held.writer.submit(lambda connection: consultations.insert(connection, twin))
    second = held.writer.submit(lambda connection: consultations.insert(connection, twin))
    other = held.writer.submit(kept)
    held.let_go()

    assert first.result(10) == 1
    with pytest.raises(IntegrityError):
        second.result(10)
    assert other.result(10).id == 2
    assert held.writer.submit(consultations.count).result(10) == 2


@pytest.mark.parametrize("end", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_unit_that_wants_to_end_the_process_ends_only_itself(
    held: Held, end: BaseException
) -> None:
    held.hold()
    ending = held.writer.submit(failing(end))
    other = held.writer.submit(kept)
    held.let_go()

    assert ending.exception(10) is end
    assert other.result(10).id == 1
    assert held.writer.submit(consultations.count).result(10) == 1


def test_a_fault_of_the_connection_itself_leaves_the_thread_alive(held: Held) -> None:
    def refuse(_connection: Connection) -> None:
        raise SystemExit("not now")

    event.listen(held.engine, "begin", refuse)
    with pytest.raises(StoreUnavailableError, match="not now"):
        held.writer.submit(consultations.count).result(10)
    event.remove(held.engine, "begin", refuse)

    assert held.writer.submit(consultations.count).result(10) == 0


def test_a_unit_that_caught_its_own_error_is_kept(held: Held) -> None:
    twin = consultation()

    def unit(connection: Connection) -> int:
        consultations.insert(connection, twin)
        try:
            consultations.insert(connection, twin)
        except IntegrityError:
            return consultations.count(connection)
        raise AssertionError("the receipt is unique")

    assert held.writer.submit(unit).result(10) == 1
    assert held.writer.submit(consultations.count).result(10) == 1


def test_closing_runs_what_is_queued(held: Held) -> None:
    held.hold()
    waiting = [held.writer.submit(kept) for _ in range(LARGEST_BATCH + 5)]
    closing = threading.Thread(target=held.writer.close)
    closing.start()
    held.let_go()
    closing.join(10)

    assert not closing.is_alive()
    assert [future.result(0).id for future in waiting] == list(range(1, LARGEST_BATCH + 6))


def test_after_closing_nothing_more_is_taken(held: Held) -> None:
    held.writer.close()
    held.writer.close()

    with pytest.raises(StoreUnavailableError, match=r"^数据库已经关闭，没有写入$"):
        held.writer.submit(consultations.count)


def test_a_unit_cannot_be_called_back_once_it_was_handed_in(held: Held) -> None:
    held.hold()
    future = held.writer.submit(
        lambda connection: received.first_event(connection, channel="web", external_id=b"")
    )

    assert not future.cancel()
    held.let_go()
    assert future.result(10) is None
