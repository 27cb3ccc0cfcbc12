"""What only PostgreSQL can do: fail as a server does, and serve several processes at once.

Not collected unless ZIXUN_TEST_POSTGRES names a database.
"""

from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from bot.store import consultations, events, guide_versions, outbox, wrong_codes
from bot.store.database import Database
from bot.store.errors import StoreUnavailableError
from bot.store.migrate import migrate
from knowledge.guides import load_guides
from tests.bot.conftest import POSTGRES
from tests.bot.store.elsewhere import writing_elsewhere, written_elsewhere
from tests.bot.store.rows import NOON, happened, kept, minutes, said

RECEIPT = "26112348207314"


@pytest.fixture
def backend() -> str:
    """These tests are PostgreSQL's alone."""
    return "postgresql"


def raising(state: str) -> str:
    """A statement that fails with this SQLSTATE."""
    return f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"


@pytest.mark.parametrize(
    ("state", "said_of_it"),
    [
        ("08006", "连不上数据库"),
        ("25006", "数据库是只读的"),
        ("42501", "数据库拒绝了这个用户"),
        ("53100", "磁盘已满"),
        ("53200", "内存不足"),
        ("53300", "数据库太忙"),
        ("55P03", "正被别的程序占用"),
        ("57P01", "连不上数据库"),
        ("58030", "磁盘读写出错"),
        ("XX001", "已经损坏"),
    ],
)
async def test_a_fault_of_the_server_is_said_in_one_sentence(
    database: Database, state: str, said_of_it: str
) -> None:
    def unit(connection: Connection) -> None:
        connection.execute(text(raising(state)))

    for run in (database.write, database.read):
        with pytest.raises(StoreUnavailableError, match=said_of_it):
            await run(unit)


@pytest.mark.parametrize("state", ["22003", "23514", "42P01", "P0001"])
async def test_a_fault_of_ours_is_not_blamed_on_the_server(database: Database, state: str) -> None:
    def unit(connection: Connection) -> None:
        connection.execute(text(raising(state)))

    for run in (database.write, database.read):
        with pytest.raises(DBAPIError):
            await run(unit)


@pytest.mark.parametrize("wrong", ["a\0b", 12], ids=["zero byte", "number"])
async def test_a_value_that_fits_no_column_is_not_blamed_on_the_server(
    database: Database, wrong: str
) -> None:
    def unit(connection: Connection) -> None:
        event = happened(connection, kept(connection))
        events.keep_words(connection, event.id, salt=b"", text=wrong)

    with pytest.raises(DBAPIError):
        await database.write(unit)
    assert await database.read(consultations.count) == 0


async def test_a_connection_that_the_server_ends_fails_its_unit_alone(
    database: Database,
) -> None:
    def unit(connection: Connection) -> None:
        kept(connection)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    for run in (database.write, database.read):
        with pytest.raises(StoreUnavailableError):
            await run(unit)

    await database.write(kept)
    assert await database.read(consultations.count) == 1


@pytest.mark.parametrize(
    ("change", "said_of_it"),
    [
        ({"port": 1}, "连不上数据库"),
        ({"database": "zixun_no_such_database"}, "没有这个名字的数据库"),
        ({"username": "zixun_no_such_user"}, "数据库拒绝了这个用户"),
    ],
    ids=["port", "database", "user"],
)
async def test_a_server_that_cannot_be_used_is_said(
    change: dict[str, Any], said_of_it: str
) -> None:
    changed = make_url(str(POSTGRES)).set(**change)
    wrong = changed.render_as_string(hide_password=False)
    with pytest.raises(StoreUnavailableError, match=said_of_it):
        await migrate(wrong)
    database = Database(wrong)
    try:
        for run in (database.write, database.read):
            with pytest.raises(StoreUnavailableError, match=said_of_it):
                await run(consultations.count)
    finally:
        await database.close()


async def test_sslmode_is_understood_as_everybody_writes_it(url: str) -> None:
    plain = f"{url}?sslmode=disable"
    assert await migrate(plain) is None
    database = Database(plain)
    try:
        assert await database.read(consultations.count) == 0
    finally:
        await database.close()


async def test_two_processes_lease_different_replies(database: Database, url: str) -> None:
    def put(connection: Connection) -> int:
        return said(connection, kept(connection, channel="telegram")).id

    first, second, third = [await database.write(put) for _ in range(3)]
    lease = partial(
        outbox.lease, now=NOON, until=minutes(2), channels=frozenset({"telegram"}), limit=2
    )

    def at_once(connection: Connection) -> tuple[list[int], list[int]]:
        ours = lease(connection)
        theirs = written_elsewhere(url, lease)
        return [item.id for item in ours], [item.id for item in theirs]

    assert await database.write(at_once) == ([first, second], [third])


async def test_a_timer_that_ran_out_is_taken_by_one_process(database: Database, url: str) -> None:
    await database.write(partial(kept, timer_at=NOON))
    out = partial(consultations.timed_out, now=NOON)

    def at_once(connection: Connection) -> tuple[int, int]:
        return len(out(connection)), len(written_elsewhere(url, out))

    assert await database.write(at_once) == (1, 0)


def guess(connection: Connection) -> int:
    """Count one wrong code; the result is how many there were before."""
    count, _ = wrong_codes.of_receipt(connection, RECEIPT)
    wrong_codes.note(connection, RECEIPT, count=count + 1, locked_until=None)
    return count


async def test_who_guesses_at_the_same_time_waits_for_the_count_before(
    database: Database, url: str
) -> None:
    """Else as many codes could be tried at once as there are connections, whatever the limit."""
    seen: list[tuple[int, Any]] = []
    look = partial(wrong_codes.of_receipt, receipt=RECEIPT)

    def first(connection: Connection) -> None:
        guess(connection)
        others.enter_context(writing_elsewhere(url, look, results=seen))
        while not (seen or connection.execute(WAITING).scalar_one()):
            pass

    with ExitStack() as others:
        await database.write(first)

    assert seen == [(1, None)]


WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


async def test_guesses_at_once_are_counted_one_by_one(database: Database, url: str) -> None:
    seen: list[int] = []

    def first(connection: Connection) -> int:
        before = guess(connection)
        for _ in range(3):
            others.enter_context(writing_elsewhere(url, guess, results=seen))
        return before

    with ExitStack() as others:
        seen.append(await database.write(first))

    assert sorted(seen) == [0, 1, 2, 3]
    assert await database.write(partial(wrong_codes.of_receipt, receipt=RECEIPT)) == (4, None)


async def test_processes_that_start_at_once_keep_each_version_once(
    database: Database, url: str
) -> None:
    guides = load_guides()
    keep = partial(guide_versions.keep, guides=guides, at=NOON)
    new: list[int] = []

    def first(connection: Connection) -> int:
        count = keep(connection)
        others.enter_context(writing_elsewhere(url, keep, results=new))
        return count

    with ExitStack() as others:
        assert await database.write(first) == len(guides)

    assert new == [0]
