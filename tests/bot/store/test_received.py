"""Which inbound things were taken in already."""

from functools import partial

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.store import received
from bot.store.database import Database
from bot.store.received import First
from tests.bot.store.rows import NOON, happened, kept

MESSAGE, SAYS = b"m" * 32, b"s" * 32


def take_in(connection: Connection, *, channel: str, external_id: bytes = MESSAGE) -> int:
    """Note that something came; the result is its event's id."""
    event = happened(connection, kept(connection))
    received.remember(
        connection,
        channel=channel,
        external_id=external_id,
        event_id=event.id,
        content_digest=SAYS,
        at=NOON,
    )
    return event.id


async def test_what_came_before_is_recognised_in_its_channel_alone(database: Database) -> None:
    event_id = await database.write(partial(take_in, channel="web"))

    first = partial(received.first_event, external_id=MESSAGE)
    assert await database.read(partial(first, channel="web")) == First(event_id, SAYS)
    assert await database.read(partial(first, channel="telegram")) is None
    other = partial(received.first_event, channel="web", external_id=b"n" * 32)
    assert await database.read(other) is None


async def test_the_same_thing_cannot_be_noted_twice(database: Database) -> None:
    await database.write(partial(take_in, channel="web"))

    with pytest.raises(IntegrityError):
        await database.write(partial(take_in, channel="web"))
    assert await database.write(partial(take_in, channel="telegram"))
    assert await database.write(partial(take_in, channel="web", external_id=b"n" * 32))
