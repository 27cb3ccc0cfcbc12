"""The outbox: what is leased when, and in which order."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.store import outbox, tables
from bot.store.database import Database
from bot.store.outbox import CITIZEN, PENDING, SENT, STAFF, UNDELIVERABLE, Outgoing
from tests.bot.store.rows import NOON, happened, kept, minutes, said

TELEGRAM = frozenset({"telegram"})


async def leased(database: Database, *, at: float = 0, **changes: Any) -> list[int]:
    """The ids of the replies that are leased so many minutes after noon, for two minutes."""
    options: dict[str, Any] = {"channels": TELEGRAM, **changes}
    unit = partial(outbox.lease, now=minutes(at), until=minutes(at + 2), **options)
    return [item.id for item in await database.write(unit)]


async def put(database: Database, *audiences: str, **changes: Any) -> list[int]:
    """The ids of new replies in one new consultation by Telegram, one to each audience."""

    def unit(connection: Connection) -> list[int]:
        matter = kept(connection, channel="telegram")
        return [
            said(connection, matter, audience=audience, **changes).id for audience in audiences
        ]

    return await database.write(unit)


async def test_what_was_put_is_given_back_as_it_was(database: Database) -> None:
    def unit(connection: Connection) -> tuple[Outgoing, Outgoing]:
        matter = kept(connection, channel="telegram")
        event = happened(connection, matter)
        return (
            outbox.put(
                connection,
                event_id=event.id,
                consultation_id=matter.id,
                receipt=matter.receipt,
                channel="telegram",
                audience=CITIZEN,
                kind="answer",
                values={"引文": ["a", None, 1.5]},
                at=NOON,
            ),
            outbox.put(
                connection,
                event_id=event.id,
                consultation_id=matter.id,
                receipt=matter.receipt,
                channel="web",
                audience=CITIZEN,
                kind="clarify",
                values={},
                at=NOON,
                status=SENT,
            ),
        )

    first, second = await database.write(unit)

    assert (first.status, first.settled_at, first.attempts) == (PENDING, None, 0)
    assert (second.status, second.settled_at) == (SENT, NOON)
    assert first.receipt == second.receipt
    found = await database.read(partial(outbox.of_event, event_id=first.event_id))
    assert found == [first, second]


async def test_of_each_consultation_and_audience_only_the_oldest_is_leased(
    database: Database,
) -> None:
    alices = await put(database, CITIZEN, CITIZEN, STAFF, CITIZEN, STAFF)
    bobs = await put(database, CITIZEN, CITIZEN)

    assert await leased(database) == [alices[0], alices[2], bobs[0]]


async def test_what_is_leased_is_nobody_elses(database: Database) -> None:
    (reply,) = await put(database, CITIZEN)

    assert await leased(database) == [reply]
    assert await leased(database, at=1) == []


async def test_what_a_dead_process_had_leased_comes_free_by_itself(database: Database) -> None:
    (reply,) = await put(database, CITIZEN)
    await leased(database)

    assert await leased(database, at=1.99) == []
    assert await leased(database, at=2) == [reply]


async def test_the_next_reply_waits_until_the_one_before_is_settled(database: Database) -> None:
    first, second, third = await put(database, CITIZEN, CITIZEN, CITIZEN)
    await leased(database)
    assert await leased(database, at=1) == []

    await database.write(partial(outbox.mark_sent, outgoing_id=first, at=NOON, message_ref="a"))
    assert await leased(database, at=1) == [second]

    gone = partial(outbox.mark_undeliverable, outgoing_id=second, at=NOON, problem="gone")
    await database.write(gone)
    assert await leased(database, at=1) == [third]


async def test_a_postponed_reply_holds_back_those_after_it(database: Database) -> None:
    first, second = await put(database, CITIZEN, CITIZEN)
    (other,) = await put(database, CITIZEN)
    await leased(database)

    wait = partial(outbox.postpone, outgoing_id=first, until=minutes(5), problem="flood")
    await database.write(wait)

    assert await leased(database, at=4.99) == [other]
    assert await leased(database, at=5) == [first]
    (found, later) = await database.read(
        lambda connection: outbox.to_citizen(connection, consultation_id(connection, first))
    )
    assert (found.attempts, found.problem, found.leased_until) == (1, "flood", minutes(7))
    assert (later.id, later.attempts) == (second, 0)


def consultation_id(connection: Connection, outgoing_id: int) -> int:
    """The consultation that a reply belongs to."""
    found = connection.execute(
        tables.outbox.select().where(tables.outbox.c.id == outgoing_id)
    ).one()
    return int(found.consultation_id)


async def test_a_postponed_reply_does_not_wait_for_the_end_of_its_lease(
    database: Database,
) -> None:
    (reply,) = await put(database, CITIZEN)
    await leased(database)
    await database.write(
        partial(outbox.postpone, outgoing_id=reply, until=minutes(1), problem="flood")
    )

    assert await leased(database, at=1) == [reply]


async def test_only_channels_that_can_send_here_are_leased(database: Database) -> None:
    await put(database, CITIZEN, channel="letter")
    (reply,) = await put(database, CITIZEN)

    assert await leased(database) == [reply]
    assert await leased(database, at=2, channels=frozenset[str]()) == []


async def test_no_more_are_leased_than_there_is_room_for(database: Database) -> None:
    replies = [(await put(database, CITIZEN))[0] for _ in range(5)]

    assert await leased(database, limit=2) == replies[:2]
    assert await leased(database, limit=2) == replies[2:4]
    assert await leased(database, limit=2) == replies[4:]
    assert await leased(database, limit=2) == []


async def test_what_is_decided_for_later_is_leased_later(database: Database) -> None:
    (reply,) = await put(database, CITIZEN, at=minutes(3))

    assert await leased(database, at=2.99) == []
    assert await leased(database, at=3) == [reply]


async def test_what_needs_no_sending_is_never_leased(database: Database) -> None:
    await put(database, CITIZEN, status=SENT)

    assert await leased(database) == []


async def test_starting_alone_frees_what_was_leased_and_is_not_settled(
    database: Database,
) -> None:
    (sent,) = await put(database, CITIZEN)
    (waiting,) = await put(database, CITIZEN)
    await leased(database)
    await database.write(partial(outbox.mark_sent, outgoing_id=sent, at=NOON, message_ref=None))

    assert await database.write(outbox.free_leases) == 1
    assert await leased(database) == [waiting]
    assert await database.write(outbox.free_leases) == 1


async def test_the_next_reply_that_may_be_sent_is_known(database: Database) -> None:
    look = partial(outbox.next_due_at, channels=TELEGRAM)
    assert await database.read(look) is None

    await put(database, CITIZEN, at=minutes(7))
    await put(database, CITIZEN, at=minutes(3))
    await put(database, CITIZEN, at=minutes(1), channel="letter")
    await put(database, CITIZEN, at=minutes(2), status=SENT)

    assert await database.read(look) == minutes(3)


async def test_a_sent_reply_is_found_by_the_name_of_its_message(database: Database) -> None:
    (reply,) = await put(database, STAFF)
    mark = partial(outbox.mark_sent, outgoing_id=reply, at=minutes(1), message_ref="m-1")
    await database.write(mark)

    found = await database.read(partial(outbox.by_message, message_ref="m-1"))
    assert found is not None
    assert (found.id, found.status, found.settled_at) == (reply, SENT, minutes(1))
    assert await database.read(partial(outbox.by_message, message_ref="m-2")) is None


async def test_what_was_said_to_the_citizen_is_told_in_order_and_without_the_staffs(
    database: Database,
) -> None:
    first, _, second = await put(database, CITIZEN, STAFF, CITIZEN)
    await put(database, CITIZEN)

    found = await database.read(
        lambda connection: outbox.to_citizen(connection, consultation_id(connection, first))
    )

    assert [item.id for item in found] == [first, second]


@pytest.mark.parametrize("settle", [outbox.mark_undeliverable, outbox.postpone])
async def test_a_long_problem_is_cut_to_what_fits(database: Database, settle: Any) -> None:
    (reply,) = await put(database, CITIZEN)
    when = {"at": NOON} if settle is outbox.mark_undeliverable else {"until": NOON}
    await database.write(partial(settle, outgoing_id=reply, problem="难" * 500, **when))

    (found,) = await database.read(
        lambda connection: outbox.to_citizen(connection, consultation_id(connection, reply))
    )

    assert found.problem == "难" * 200
    assert found.status == (UNDELIVERABLE if "at" in when else PENDING)
