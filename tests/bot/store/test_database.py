"""The store's door, on SQLite and, when ZIXUN_TEST_POSTGRES names one, on PostgreSQL."""

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import IntegrityError

from bot.store import consultations, events
from bot.store.database import MOST_TRIES, READERS, Database, lock, parse_url, sqlite_path
from bot.store.errors import StoreError, StoreUnavailableError
from bot.store.migrate import migrate
from tests.bot.store.elsewhere import another_process, writing_elsewhere, written_elsewhere
from tests.bot.store.rows import consultation, failing, happened, kept

only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def on_postgresql(backend: str) -> bool:
    """Whether this run of the test is on PostgreSQL."""
    return backend == "postgresql"


async def test_what_was_written_is_read_at_once(database: Database) -> None:
    for number in range(1, 6):
        await database.write(kept)
        assert await database.read(consultations.count) == number


async def test_units_give_back_what_they_return(database: Database) -> None:
    assert await database.write(lambda _: {"any": "thing"}) == {"any": "thing"}
    assert await database.read(lambda _: ("any", "thing")) == ("any", "thing")


async def test_fifty_callers_at_once_are_all_served(database: Database) -> None:
    rows = await asyncio.gather(*[database.write(kept) for _ in range(50)])

    assert len({row.id for row in rows}) == 50
    assert await database.read(consultations.count) == 50


async def test_a_unit_that_fails_writes_nothing_and_others_are_kept(database: Database) -> None:
    good, bad, after = await asyncio.gather(
        database.write(kept),
        database.write(failing(ValueError("wrong"))),
        database.write(kept),
        return_exceptions=True,
    )

    assert isinstance(bad, ValueError)
    assert not isinstance(good, BaseException)
    assert not isinstance(after, BaseException)
    assert await database.read(consultations.count) == 2


async def test_a_broken_constraint_reaches_only_its_caller(database: Database) -> None:
    twin = consultation()

    results = await asyncio.gather(
        *[
            database.write(lambda connection: consultations.insert(connection, twin))
            for _ in range(2)
        ],
        database.write(kept),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results[:2]) == ["IntegrityError", "int"]
    assert not isinstance(results[2], BaseException)
    assert await database.read(consultations.count) == 2


async def test_errors_do_not_quote_what_was_written(database: Database) -> None:
    def unit(connection: Connection) -> None:
        event = happened(connection, kept(connection))
        for _ in range(2):
            events.keep_words(connection, event.id, salt=b"salt", text="我家的地被征了")

    with pytest.raises(IntegrityError) as caught:
        await database.write(unit)

    assert "INSERT INTO words" in str(caught.value)
    assert "征" not in str(caught.value)


async def test_a_unit_that_runs_out_of_an_iterator_fails_like_any_other(
    database: Database,
) -> None:
    def unit(_connection: Connection) -> object:
        return next(iter([]))

    for run in (database.write, database.read):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await asyncio.wait_for(run(unit), 10)


async def test_a_cancelled_caller_does_not_cancel_its_unit(database: Database, url: str) -> None:
    caller = asyncio.create_task(database.write(kept))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.close()

    assert written_elsewhere(url, consultations.count) == 1


async def test_closing_finishes_what_was_handed_in(database: Database, url: str) -> None:
    callers = [asyncio.create_task(database.write(kept)) for _ in range(30)]
    readers = [asyncio.create_task(database.read(consultations.count)) for _ in range(30)]
    await asyncio.sleep(0)
    await database.close()

    assert len({(await caller).id for caller in callers}) == 30
    assert all([0 <= await reader <= 30 for reader in readers])
    assert written_elsewhere(url, consultations.count) == 30


async def test_after_closing_nothing_is_written_or_read(database: Database) -> None:
    await database.close()
    await database.close()

    for run in (database.write, database.read):
        with pytest.raises(StoreUnavailableError, match=r"^数据库已经关闭，没有写入$"):
            await run(consultations.count)


async def test_a_read_sees_one_moment_and_keeps_nobody_from_writing(
    database: Database, url: str
) -> None:
    def query(connection: Connection) -> tuple[int, int]:
        before = consultations.count(connection)
        written_elsewhere(url, kept)
        return before, consultations.count(connection)

    assert await database.read(query) == (0, 0)
    assert await database.read(consultations.count) == 1


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailableError, match="只读"):
        await database.read(kept)

    assert await database.read(consultations.count) == 0
    assert (await database.write(kept)).id


async def test_a_cancelled_reader_leaves_its_connection_in_order(database: Database) -> None:
    readers = [asyncio.create_task(database.read(consultations.count)) for _ in range(20)]
    await asyncio.sleep(0)
    for reader in readers[::2]:
        reader.cancel()

    assert [await reader for reader in readers[1::2]] == [0] * 10
    await database.close()
    gc.collect()  # a connection left open would now be warned of, and warnings are errors


@only_sqlite
async def test_reading_takes_no_more_threads_than_there_are_readers(database: Database) -> None:
    before = threading.active_count()
    most = 0

    def query(connection: Connection) -> None:
        nonlocal most
        consultations.count(connection)
        most = max(most, threading.active_count())

    await asyncio.gather(*[database.read(query) for _ in range(10 * READERS)])

    assert before < most <= before + READERS


@only_sqlite
async def test_units_run_beside_the_event_loop_and_cannot_await(database: Database) -> None:
    answered = threading.Event()

    def unit(_connection: Connection) -> bool:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return answered.wait(10)

    caller = asyncio.create_task(database.write(unit))
    await asyncio.sleep(0)
    answered.set()  # only a loop that still turns gets here

    assert await caller


@only_sqlite
async def test_another_program_sees_a_commit_at_once(database: Database, url: str) -> None:
    other = sqlite3.connect(str(make_url(url).database))
    try:
        for number in range(1, 4):
            await database.write(kept)
            (count,) = other.execute("SELECT count(*) FROM consultations").fetchone()
            assert count == number
    finally:
        other.close()


@only_sqlite
async def test_a_missing_file_is_an_error_and_not_made(tmp_path: Path, backend: str) -> None:
    file = tmp_path / "gone" / f"{backend}.db"
    file.parent.mkdir()
    database = Database(f"sqlite:///{file}")
    try:
        for run in (database.write, database.read):
            with pytest.raises(StoreUnavailableError, match=r"^打不开数据库文件"):
                await run(consultations.count)
    finally:
        await database.close()

    assert list(file.parent.iterdir()) == []


@only_sqlite
async def test_a_folder_may_have_any_name(tmp_path: Path, backend: str) -> None:
    url = f"sqlite:///{tmp_path}/数据 100% #1/{backend}.db"
    await migrate(url)
    database = Database(url)
    try:
        await database.write(kept)
        assert await database.read(consultations.count) == 1
    finally:
        await database.close()


WRITES_UNTIL_KILLED = """
import asyncio, os, sys
from bot.store.database import Database
from tests.bot.store.rows import kept

async def main():
    database = Database(sys.argv[1])
    async def caller():
        while True:
            row = await database.write(kept)
            os.write(1, f"{row.receipt}\\n".encode())
    await asyncio.gather(*[caller() for _ in range(20)])

asyncio.run(main())
"""


async def test_what_was_released_is_there_after_a_kill(
    database: Database, url: str, on_postgresql: bool
) -> None:
    process = await another_process(WRITES_UNTIL_KILLED, url)
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(300)]
    process.kill()
    rest, errors = await process.communicate()
    released = [line.decode().strip() for line in (*lines, *rest.splitlines())]
    assert all(released), errors.decode()

    def lost(connection: Connection) -> list[str]:
        return [item for item in released if not consultations.by_receipt(connection, item)]

    assert await database.read(lost) == []
    if not on_postgresql:
        check = await database.read(
            lambda connection: connection.execute(text("PRAGMA integrity_check")).scalar_one()
        )
        assert check == "ok"


def counting(unit: Callable[[Connection], object], *, runs: list[int]) -> Callable[..., object]:
    """The unit, which notes each time that it is run."""

    def counted(connection: Connection) -> object:
        runs.append(len(runs) + 1)
        return unit(connection)

    return counted


async def test_a_unit_that_another_process_came_before_is_run_again_on_postgresql(
    database: Database, url: str, on_postgresql: bool
) -> None:
    twin = consultation()
    runs: list[int] = []

    def unit(connection: Connection) -> str:
        found = consultations.by_receipt(connection, twin.receipt)
        if found is not None:
            return "found"
        if on_postgresql:
            written_elsewhere(url, partial(consultations.insert, consultation=twin))
        consultations.insert(connection, twin)
        return "made"

    result = await database.write(counting(unit, runs=runs))

    assert (result, runs) == (("found", [1, 2]) if on_postgresql else ("made", [1]))


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_unit_that_the_server_took_back_is_run_again(
    database: Database, on_postgresql: bool, state: str
) -> None:
    runs: list[int] = []

    def unit(connection: Connection) -> None:
        if on_postgresql and len(runs) < MOST_TRIES:
            take_back = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"
            connection.execute(text(take_back))
        kept(connection)

    await database.write(counting(unit, runs=runs))

    assert len(runs) == (MOST_TRIES if on_postgresql else 1)
    assert await database.read(consultations.count) == 1


async def test_a_unit_that_always_breaks_a_constraint_is_not_run_for_ever(
    database: Database, on_postgresql: bool
) -> None:
    twin = consultation()
    await database.write(partial(consultations.insert, consultation=twin))
    runs: list[int] = []

    with pytest.raises(IntegrityError):
        await database.write(counting(partial(consultations.insert, consultation=twin), runs=runs))

    assert len(runs) == (MOST_TRIES if on_postgresql else 1)


_WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


async def test_who_names_the_same_lock_waits_until_the_other_has_committed(
    database: Database, url: str, on_postgresql: bool
) -> None:
    key = 2**62 + 1
    seen: list[int] = []

    def second(connection: Connection) -> int:
        lock(connection, key=key)
        return consultations.count(connection)

    def first(connection: Connection) -> None:
        lock(connection, key=key)
        others.enter_context(writing_elsewhere(url, second, results=seen))
        while on_postgresql and not connection.execute(_WAITING).scalar_one():
            pass
        kept(connection)

    with ExitStack() as others:
        await database.write(first)

    assert seen == [1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("data/zixun.db", "不是数据库地址"),
        ("mysql://localhost/zixun", "不能是 mysql"),
        ("sqlite://", "要写明 SQLite 文件"),
        ("sqlite:///:memory:", "要写明 SQLite 文件"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        parse_url(url)


def test_the_path_of_a_file_is_known_and_postgresql_has_none() -> None:
    assert sqlite_path(parse_url("sqlite:///data/zixun.db")) == Path("data/zixun.db")
    assert sqlite_path(parse_url("postgresql://localhost/zixun")) is None
