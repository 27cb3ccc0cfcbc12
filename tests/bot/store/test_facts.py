"""Facts: which consultations a period counts, in which order, without holding them all."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from bot.store import consultations, facts, tables
from bot.store.database import Database
from bot.store.facts import Fact
from tests.bot.store.rows import ALICE, NOON, consultation, kept, minutes

START, END = minutes(10), minutes(20)


def counted(connection: Connection) -> list[Fact]:
    """What the period from ten to twenty past counts."""
    return list(facts.between(connection, start=START, end=END))


async def receipts(database: Database, *changes: dict[str, object]) -> list[str]:
    """The receipts of new consultations, one for each set of changes."""
    return await database.write(
        lambda connection: [kept(connection, **one).receipt for one in changes]
    )


async def test_a_period_counts_what_came_was_closed_or_was_in_hand_in_it(
    database: Database,
) -> None:
    before = START - timedelta(microseconds=1)
    _, in_hand, closed_in, closed_later, first, last, _ = await receipts(
        database,
        {"opened_at": NOON, "first_closed_at": before},
        {"opened_at": NOON},
        {"opened_at": minutes(1), "first_closed_at": START},
        {"opened_at": minutes(2), "first_closed_at": minutes(30)},
        {"opened_at": START, "first_closed_at": minutes(11)},
        {"opened_at": END - timedelta(microseconds=1)},
        {"opened_at": END},
    )

    found = await database.read(counted)

    assert [fact.receipt for fact in found] == [in_hand, closed_in, closed_later, first, last]


async def test_facts_come_in_the_order_of_opening(database: Database) -> None:
    third, first, second = await receipts(
        database,
        {"opened_at": minutes(13)},
        {"opened_at": minutes(12)},
        {"opened_at": minutes(12)},
    )

    assert [fact.receipt for fact in await database.read(counted)] == [first, second, third]


async def test_a_fact_is_the_consultation_as_it_stands(database: Database) -> None:
    matter = consultation(
        opened_at=START,
        topic="fees",
        nature="complaint",
        region="青岚州",
        agency="州政府办",
        caller_type="person",
        state="CLOSED",
        outcome="ANSWERED_STAFF",
        first_outcome="ANSWERED_KB",
        first_closed_at=minutes(12),
        rating="satisfied",
    )
    await database.write(partial(consultations.insert, consultation=matter))

    (fact,) = await database.read(counted)

    assert fact == Fact(
        receipt=matter.receipt,
        channel="web",
        asker=ALICE,
        topic="fees",
        nature="complaint",
        region="青岚州",
        agency="州政府办",
        caller_type="person",
        state="CLOSED",
        outcome="ANSWERED_STAFF",
        first_outcome="ANSWERED_KB",
        opened_at=START,
        first_closed_at=minutes(12),
        rating="satisfied",
    )


async def test_more_facts_than_are_read_at_once_are_all_told(database: Database) -> None:
    many = 2_500

    def unit(connection: Connection) -> None:
        rows = [asdict(consultation(opened_at=START)) for _ in range(many)]
        for row in rows:
            del row["id"]
        connection.execute(tables.consultations.insert(), rows)

    def told(connection: Connection) -> int:
        return len({fact.receipt for fact in counted(connection)})

    await database.write(unit)
    assert await database.read(told) == many
