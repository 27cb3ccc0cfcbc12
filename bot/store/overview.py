"""What is in hand right now, for those who look over the whole: counts and the open list."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.store.outbox import PENDING
from bot.store.tables import consultations, events, outbox


@dataclass(frozen=True, slots=True)
class InHand:
    """One open consultation as a list shows it; ``due_at`` is None while nobody promised a day."""

    receipt: str
    channel: str
    topic: str | None
    state: str
    opened_at: datetime
    due_at: datetime | None


_COLUMNS = tuple(consultations.c[item.name] for item in fields(InHand))


def in_hand(connection: Connection, *, limit: int = 500) -> list[InHand]:
    """The open consultations, those due first before the others, those by age."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(consultations.c.closed_at.is_(None))
        .order_by(consultations.c.due_at.is_(None), consultations.c.due_at, consultations.c.id)
        .limit(limit)
    )
    return [InHand(*row) for row in rows]


def open_by_state(connection: Connection) -> dict[str, int]:
    """How many consultations are in each open state; states without any are absent."""
    rows = connection.execute(
        select(consultations.c.state, func.count())
        .where(consultations.c.closed_at.is_(None))
        .group_by(consultations.c.state)
    )
    return {state: int(number) for state, number in rows}


def overdue(connection: Connection, *, now: datetime) -> int:
    """How many open consultations should have been answered by staff before ``now``."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(consultations)
            .where(consultations.c.closed_at.is_(None), consultations.c.due_at < now)
        ).scalar_one()
    )


def opened_since(connection: Connection, *, start: datetime) -> int:
    """How many consultations came in at ``start`` or later."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(consultations)
            .where(consultations.c.opened_at >= start)
        ).scalar_one()
    )


def pending_replies(connection: Connection) -> int:
    """How many replies wait to be sent."""
    return int(
        connection.execute(
            select(func.count()).select_from(outbox).where(outbox.c.status == PENDING)
        ).scalar_one()
    )


def newest_event(connection: Connection) -> int:
    """The number of the last thing that happened anywhere, 0 when nothing did.

    It grows with every event, so that two looks tell whether anything was written between them.
    """
    return int(connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())
