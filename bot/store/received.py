"""Which inbound things (messages, taps, forms, ratings) were taken in already."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bot.store.tables import received


@dataclass(frozen=True, slots=True)
class First:
    """The event that an inbound thing made when it first came, and a digest of what it said."""

    event_id: int
    content_digest: bytes


def first_event(connection: Connection, *, channel: str, external_id: bytes) -> First | None:
    """What this inbound thing made when it first came, or None if it is new.

    ``external_id`` is the keyed hash of the channel's own id, so that a redelivered message,
    tap or form is recognised without keeping whose it was.
    """
    row = connection.execute(
        select(received.c.event_id, received.c.content_digest).where(
            received.c.channel == channel, received.c.external_id == external_id
        )
    ).one_or_none()
    return None if row is None else First(row.event_id, row.content_digest)


def remember(
    connection: Connection,
    *,
    channel: str,
    external_id: bytes,
    event_id: int,
    content_digest: bytes,
    at: datetime,
) -> None:
    """Note that this inbound thing was taken in; a second time is an IntegrityError."""
    row = {
        "channel": channel,
        "external_id": external_id,
        "event_id": event_id,
        "content_digest": content_digest,
        "at": at,
    }
    connection.execute(received.insert(), row)
