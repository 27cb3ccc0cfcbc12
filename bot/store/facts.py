"""Facts: of each consultation only what figures count, without a word that a citizen wrote."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, or_, select

from bot.store.tables import consultations

_AT_ONCE = 2_000
"""Rows held in memory at a time: a year's report must not need a year's memory."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One consultation as it now stands, for counting.

    ``asker`` is the keyed hash under which one person is kept in one channel. ``topic`` is the
    main topic; ``outcome`` the present one, ``first_outcome`` that of the first closing, which
    is the one that figures count.
    """

    receipt: str
    channel: str
    asker: bytes
    topic: str | None
    nature: str
    region: str | None
    agency: str | None
    caller_type: str | None
    state: str
    outcome: str | None
    first_outcome: str | None
    opened_at: datetime
    first_closed_at: datetime | None
    rating: str | None


_COLUMNS = tuple(consultations.c[item.name] for item in fields(Fact))


def between(connection: Connection, *, start: datetime, end: datetime) -> Iterator[Fact]:
    """Every consultation that a period from ``start`` up to ``end`` counts, in order of opening.

    Those received in it, those first closed in it, and those in hand when it began. They are read
    as they are taken, in one statement and so of one moment; use them while the connection lives.
    """
    rows = connection.execute(
        select(*_COLUMNS)
        .where(
            consultations.c.opened_at < end,
            or_(
                consultations.c.opened_at >= start,
                consultations.c.first_closed_at >= start,
                consultations.c.first_closed_at.is_(None),
            ),
        )
        .order_by(consultations.c.opened_at, consultations.c.id),
        execution_options={"yield_per": _AT_ONCE},
    )
    for row in rows:
        yield Fact(*row)
