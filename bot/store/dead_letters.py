"""Inbound things that could not be taken in: that there was one, and why, not what it said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bot.store.tables import dead_letters


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One such thing; ``digest`` (keyed) tells whether a copy found elsewhere is the same."""

    id: int
    channel: str
    external_id: bytes
    digest: bytes
    problem: str
    at: datetime


def keep(
    connection: Connection,
    *,
    channel: str,
    external_id: bytes,
    digest: bytes,
    problem: str,
    at: datetime,
) -> bool:
    """Note a dead letter; False if it was noted before, and then nothing is written."""
    known = connection.execute(
        select(dead_letters.c.id).where(
            dead_letters.c.channel == channel, dead_letters.c.external_id == external_id
        )
    ).first()
    if known is not None:
        return False
    connection.execute(
        dead_letters.insert().values(
            channel=channel,
            external_id=external_id,
            digest=digest,
            problem=problem[:200],
            at=at,
        )
    )
    return True


def newest(connection: Connection, *, limit: int = 50) -> list[DeadLetter]:
    """The last dead letters, newest first."""
    rows = connection.execute(select(dead_letters).order_by(dead_letters.c.id.desc()).limit(limit))
    return [DeadLetter(**row._mapping) for row in rows]
