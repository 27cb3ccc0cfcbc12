"""What is in hand right now: counts, and the list of what is open."""

from functools import partial

from sqlalchemy import Connection

from bot.store import outbox, overview
from bot.store.database import Database
from tests.bot.store.rows import NOON, happened, kept, minutes, said

CLOSED = {"state": "CLOSED", "outcome": "ANSWERED_KB", "closed_at": minutes(1)}


async def receipts(database: Database, *changes: dict[str, object]) -> list[str]:
    """The receipts of new consultations, one for each set of changes."""
    return await database.write(
        lambda connection: [kept(connection, **one).receipt for one in changes]
    )


async def test_what_is_due_first_is_listed_first_and_without_a_deadline_last(
    database: Database,
) -> None:
    fourth, second, first, _, third = await receipts(
        database,
        {},
        {"due_at": minutes(2)},
        {"due_at": minutes(1)},
        {"due_at": minutes(1), **CLOSED},
        {"due_at": minutes(2)},
    )

    listed = await database.read(overview.in_hand)
    assert [item.receipt for item in listed] == [first, second, third, fourth]
    assert (listed[0].channel, listed[0].state, listed[0].due_at) == (
        "web",
        "OPEN_BOT",
        minutes(1),
    )
    short = await database.read(partial(overview.in_hand, limit=2))
    assert [item.receipt for item in short] == [first, second]


async def test_open_consultations_are_counted_by_state(database: Database) -> None:
    assert await database.read(overview.open_by_state) == {}

    await receipts(database, {}, {}, {"state": "OPEN_QUEUE"}, CLOSED)

    assert await database.read(overview.open_by_state) == {"OPEN_BOT": 2, "OPEN_QUEUE": 1}


async def test_overdue_is_what_is_open_past_its_deadline(database: Database) -> None:
    await receipts(
        database,
        {"due_at": minutes(1)},
        {"due_at": minutes(2)},
        {"due_at": minutes(1), **CLOSED},
        {"due_at": None},
    )

    assert await database.read(partial(overview.overdue, now=minutes(1))) == 0
    assert await database.read(partial(overview.overdue, now=minutes(1.01))) == 1
    assert await database.read(partial(overview.overdue, now=minutes(3))) == 2


async def test_what_came_since_a_moment_is_counted_from_that_moment_on(
    database: Database,
) -> None:
    await receipts(database, {"opened_at": NOON}, {"opened_at": minutes(1)}, CLOSED)

    assert await database.read(partial(overview.opened_since, start=NOON)) == 3
    assert await database.read(partial(overview.opened_since, start=minutes(0.5))) == 1


async def test_replies_on_their_way_and_the_newest_event_are_known(database: Database) -> None:
    assert await database.read(overview.pending_replies) == 0
    assert await database.read(overview.newest_event) == 0

    def unit(connection: Connection) -> int:
        matter = kept(connection)
        said(connection, matter)
        said(connection, matter, status=outbox.SENT)
        return happened(connection, matter).id

    newest = await database.write(unit)

    assert await database.read(overview.pending_replies) == 1
    assert await database.read(overview.newest_event) == newest
