"""The consultation's row: the projection of its events that queries look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from bot.store.tables import consultations


@dataclass(frozen=True, slots=True)
class Consultation:
    """One matter of one asker in one channel (件), as its newest event leaves it.

    ``version`` is the number of that event and ``digest`` the end of the chain. ``asker`` is a
    keyed hash. ``timer_at`` is when silence changes something; ``due_at`` when staff must have
    answered. ``outcome`` is set exactly while ``state`` is ``CLOSED``.
    """

    id: int
    receipt: str
    channel: str
    asker: bytes
    owner: str
    state: str
    nature: str
    opened_at: datetime
    touched_at: datetime
    outcome: str | None = None
    expected_outcome: str | None = None
    topic: str | None = None
    topics: tuple[str, ...] = ()
    region: str | None = None
    agency: str | None = None
    caller_type: str | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    first_closed_at: datetime | None = None
    first_outcome: str | None = None
    timer_at: datetime | None = None
    due_at: datetime | None = None
    clarifications: int = 0
    labels: tuple[str, ...] = field(default=())
    rating: str | None = None
    version: int = 0
    digest: bytes = b""


def insert(connection: Connection, consultation: Consultation) -> int:
    """Keep a new consultation; the result is its id (the given one is ignored)."""
    values = _values(consultation)
    del values["id"]
    result = connection.execute(consultations.insert(), values)
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def save(connection: Connection, consultation: Consultation) -> None:
    """Keep the projection as it now is."""
    values = _values(consultation)
    connection.execute(_SAVE, values | {"saved_id": values.pop("id")})


def by_receipt(connection: Connection, receipt: str) -> Consultation | None:
    """The consultation with that receipt number (14 digits), or None."""
    return _first(connection, consultations.c.receipt == receipt)


def by_id(connection: Connection, consultation_id: int) -> Consultation | None:
    """The consultation with that id, or None."""
    return _first(connection, consultations.c.id == consultation_id)


def latest_of_asker(
    connection: Connection, *, channel: str, asker: bytes, limit: int = 8
) -> list[Consultation]:
    """That asker's consultations in that channel, newest first."""
    rows = connection.execute(
        select(consultations)
        .where(consultations.c.channel == channel, consultations.c.asker == asker)
        .order_by(consultations.c.id.desc())
        .limit(limit)
    )
    return [_consultation(row) for row in rows]


def of_asker(connection: Connection, asker: bytes) -> list[Consultation]:
    """Everything that asker ever consulted about, oldest first."""
    rows = connection.execute(
        select(consultations).where(consultations.c.asker == asker).order_by(consultations.c.id)
    )
    return [_consultation(row) for row in rows]


def timed_out(connection: Connection, *, now: datetime, limit: int = 200) -> list[Consultation]:
    """Consultations whose timer has run out, the longest waiting first."""
    rows = connection.execute(
        select(consultations)
        .where(consultations.c.timer_at <= now)
        .order_by(consultations.c.timer_at, consultations.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_consultation(row) for row in rows]


def ahead_in_queue(connection: Connection, consultation: Consultation) -> int:
    """How many with the same owner, in the same state, come before this one.

    Those due earlier, and of those due together the older; without a deadline comes last.
    """
    older = consultations.c.id < consultation.id
    due_at = consultation.due_at
    if due_at is None:
        before = or_(consultations.c.due_at.is_not(None), older)
    else:
        together = consultations.c.due_at == due_at
        before = or_(consultations.c.due_at < due_at, and_(together, older))
    count = connection.execute(
        select(func.count())
        .select_from(consultations)
        .where(
            consultations.c.closed_at.is_(None),
            consultations.c.state == consultation.state,
            consultations.c.owner == consultation.owner,
            before,
        )
    ).scalar_one()
    return int(count)


def count(connection: Connection) -> int:
    """How many consultations there are, of every kind and state."""
    return int(connection.execute(select(func.count()).select_from(consultations)).scalar_one())


def opened_between(
    connection: Connection, *, start: datetime, end: datetime
) -> Sequence[Consultation]:
    """The consultations received from ``start`` up to, not including, ``end``, oldest first."""
    rows = connection.execute(
        select(consultations)
        .where(consultations.c.opened_at >= start, consultations.c.opened_at < end)
        .order_by(consultations.c.id)
    )
    return [_consultation(row) for row in rows]


def _first(connection: Connection, condition: Any) -> Consultation | None:
    row = connection.execute(select(consultations).where(condition)).one_or_none()
    return None if row is None else _consultation(row)


def _values(consultation: Consultation) -> dict[str, Any]:
    values = {name: getattr(consultation, name) for name in _FIELDS}
    return values | {"topics": list(consultation.topics), "labels": list(consultation.labels)}


_FIELDS = tuple(item.name for item in fields(Consultation))
_SAVE = update(consultations).where(consultations.c.id == bindparam("saved_id"))


def _consultation(row: Row[Any]) -> Consultation:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Consultation(
        **values | {"topics": tuple(values["topics"]), "labels": tuple(values["labels"])}
    )
