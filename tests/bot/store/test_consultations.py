"""The consultation's row: kept as it was given, and found by what people know of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, StatementError

from bot.store import consultations
from bot.store.consultations import Consultation
from bot.store.database import Database
from tests.bot.store.rows import ALICE, BOB, NOON, consultation, kept, minutes

FULL = consultation(
    channel="telegram",
    owner="queue",
    state="CLOSED",
    nature="complaint",
    outcome="ANSWERED_STAFF",
    expected_outcome="ANSWERED_KB",
    topic="fees",
    topics=("fees", "时限"),
    region="青岚州",
    agency="州政府办",
    caller_type="person",
    answered_at=minutes(1),
    closed_at=minutes(2),
    first_closed_at=minutes(3),
    first_outcome="ANSWERED_KB",
    timer_at=minutes(4),
    due_at=minutes(5),
    clarifications=2,
    labels=("escalated", "rated"),
    rating="satisfied",
    version=7,
    digest=bytes(range(32)),
)


async def ids(database: Database, *changes: dict[str, object]) -> list[int]:
    """The ids of new consultations, one for each set of changes."""
    return await database.write(lambda connection: [kept(connection, **one).id for one in changes])


async def test_every_field_is_kept_as_it_was(database: Database) -> None:
    number = await database.write(partial(consultations.insert, consultation=FULL))

    found = await database.read(partial(consultations.by_id, consultation_id=number))
    assert found == replace(FULL, id=number)


async def test_a_row_becomes_what_is_saved_and_no_other_row_does(database: Database) -> None:
    def unit(connection: Connection) -> tuple[Consultation, Consultation]:
        first, second = kept(connection), kept(connection)
        consultations.save(connection, replace(FULL, id=first.id))
        return first, second

    first, second = await database.write(unit)

    by_id = partial(consultations.by_id, consultation_id=first.id)
    assert await database.read(by_id) == replace(FULL, id=first.id)
    by_id = partial(consultations.by_id, consultation_id=second.id)
    assert await database.read(by_id) == second


async def test_a_receipt_names_one_consultation(database: Database) -> None:
    number = await database.write(partial(consultations.insert, consultation=FULL))

    with pytest.raises(IntegrityError):
        await database.write(partial(consultations.insert, consultation=FULL))
    found = await database.read(partial(consultations.by_receipt, receipt=FULL.receipt))
    assert found is not None
    assert found.id == number
    assert await database.read(partial(consultations.by_receipt, receipt="0" * 14)) is None
    assert await database.read(partial(consultations.by_id, consultation_id=99)) is None


async def test_moments_are_kept_to_the_microsecond_in_any_zone(database: Database) -> None:
    beijing = timezone(timedelta(hours=8))
    moment = datetime(2026, 11, 23, 7, 59, 59, 999_999, tzinfo=beijing)
    (number,) = await ids(database, {"opened_at": moment})

    found = await database.read(partial(consultations.by_id, consultation_id=number))
    assert found is not None
    assert found.opened_at == moment
    assert found.opened_at.tzinfo == UTC


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(StatementError, match="without a time zone"):
        await ids(database, {"opened_at": naive})


async def test_an_askers_latest_are_found_newest_first_in_their_channel(
    database: Database,
) -> None:
    one, _, other, two, three = await ids(
        database,
        {"asker": ALICE},
        {"asker": BOB},
        {"asker": ALICE, "channel": "telegram"},
        {"asker": ALICE},
        {"asker": ALICE},
    )

    latest = partial(consultations.latest_of_asker, channel="web", asker=ALICE)
    assert [item.id for item in await database.read(latest)] == [three, two, one]
    assert [item.id for item in await database.read(partial(latest, limit=2))] == [three, two]
    everything = await database.read(partial(consultations.of_asker, asker=ALICE))
    assert [item.id for item in everything] == [one, other, two, three]


async def test_timers_that_ran_out_are_found_the_longest_waiting_first(
    database: Database,
) -> None:
    late, later, _, _, same = await ids(
        database,
        {"timer_at": minutes(2)},
        {"timer_at": minutes(1)},
        {"timer_at": minutes(3)},
        {"timer_at": None},
        {"timer_at": minutes(2)},
    )

    out = partial(consultations.timed_out, now=minutes(2))
    assert [item.id for item in await database.write(out)] == [later, late, same]
    assert [item.id for item in await database.write(partial(out, limit=1))] == [later]


async def test_the_place_in_the_queue_is_by_deadline_and_then_by_age(database: Database) -> None:
    queued = {"state": "OPEN_QUEUE", "owner": "queue"}
    last, first, second, third, *_ = await ids(
        database,
        {**queued, "due_at": None},
        {**queued, "due_at": minutes(1)},
        {**queued, "due_at": minutes(2), "touched_at": minutes(9)},
        {**queued, "due_at": minutes(2)},
        {"state": "OPEN_BOT", "due_at": minutes(1)},
        {**queued, "due_at": minutes(1), "closed_at": minutes(1), "state": "CLOSED"},
    )

    def places(connection: Connection) -> list[int]:
        found = [consultations.by_id(connection, one) for one in (first, second, third, last)]
        return [consultations.ahead_in_queue(connection, one) for one in found if one]

    assert await database.read(places) == [0, 1, 2, 3]


async def test_a_period_takes_its_first_moment_and_not_its_last(database: Database) -> None:
    _, first, second, _ = await ids(
        database,
        {"opened_at": minutes(0.99)},
        {"opened_at": minutes(1)},
        {"opened_at": minutes(1.99)},
        {"opened_at": minutes(2)},
    )

    between = partial(consultations.opened_between, start=minutes(1), end=minutes(2))
    assert [item.id for item in await database.read(between)] == [first, second]
    assert await database.read(consultations.count) == 4
