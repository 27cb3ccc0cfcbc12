"""What is to be said and was not yet, in the order in which it was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from bot.store.tables import consultations, outbox

PENDING, SENT, UNDELIVERABLE = "pending", "sent", "undeliverable"
CITIZEN, STAFF = "citizen", "staff"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply on its way: data only, its words are made when it is sent."""

    id: int
    event_id: int
    consultation_id: int
    receipt: str
    channel: str
    audience: str
    kind: str
    values: Mapping[str, Any]
    status: str
    attempts: int
    not_before: datetime
    leased_until: datetime | None
    settled_at: datetime | None
    message_ref: str | None
    problem: str | None


_OUTGOING = (
    select(outbox, consultations.c.receipt)
    .join(consultations, consultations.c.id == outbox.c.consultation_id)
    .order_by(outbox.c.id)
)


def put(
    connection: Connection,
    *,
    event_id: int,
    consultation_id: int,
    receipt: str,
    channel: str,
    audience: str,
    kind: str,
    values: Mapping[str, Any],
    at: datetime,
    status: str = PENDING,
) -> Outgoing:
    """Put one reply on its way (or down as SENT, where nothing needs sending)."""
    row: dict[str, Any] = {
        "event_id": event_id,
        "consultation_id": consultation_id,
        "channel": channel,
        "audience": audience,
        "kind": str(kind),
        "values": dict(values),
        "status": status,
        "attempts": 0,
        "not_before": at,
        "leased_until": None,
        "settled_at": at if status == SENT else None,
    }
    result = connection.execute(outbox.insert(), row)
    key = int(result.inserted_primary_key[0])  # type: ignore[index]
    return Outgoing(**row, id=key, receipt=receipt, message_ref=None, problem=None)


def lease(
    connection: Connection,
    *,
    now: datetime,
    until: datetime,
    channels: frozenset[str],
    limit: int = 50,
) -> list[Outgoing]:
    """Replies to send now, held for this process until ``until``; ``channels`` can send here.

    Of each consultation and audience only the oldest pending one: a reply that waits (flood
    limit, failure) holds back those after it, so that a citizen reads them in order. What a
    process that died had leased comes free by itself.
    """
    oldest = (
        select(func.min(outbox.c.id))
        .where(outbox.c.status == PENDING, outbox.c.channel.in_(channels))
        .group_by(outbox.c.consultation_id, outbox.c.audience)
    )
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    keys = list(
        connection.execute(
            select(outbox.c.id)
            .where(
                outbox.c.id.in_(oldest),
                outbox.c.status == PENDING,
                outbox.c.not_before <= now,
                free,
            )
            .order_by(outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    if not keys:
        return []
    connection.execute(update(outbox).where(outbox.c.id.in_(keys)).values(leased_until=until))
    rows = connection.execute(_OUTGOING.where(outbox.c.id.in_(keys)))
    return [Outgoing(**row._mapping) for row in rows]


def free_leases(connection: Connection) -> int:
    """Free what is leased and not settled: for the only process, when it starts.

    Returns how many.
    """
    return connection.execute(
        update(outbox)
        .where(outbox.c.status == PENDING, outbox.c.leased_until.is_not(None))
        .values(leased_until=None)
    ).rowcount


def next_due_at(connection: Connection, *, channels: frozenset[str]) -> datetime | None:
    """When the earliest pending reply may be sent, or None when nothing waits."""
    earliest: datetime | None = connection.execute(
        select(func.min(outbox.c.not_before)).where(
            outbox.c.status == PENDING, outbox.c.channel.in_(channels)
        )
    ).scalar_one()
    return earliest


def of_event(connection: Connection, event_id: int) -> list[Outgoing]:
    """The replies that one event gave rise to, in order."""
    return [
        Outgoing(**row._mapping)
        for row in connection.execute(_OUTGOING.where(outbox.c.event_id == event_id))
    ]


def to_citizen(connection: Connection, consultation_id: int) -> list[Outgoing]:
    """Everything said to the citizen in one consultation, in order."""
    rows = connection.execute(
        _OUTGOING.where(outbox.c.consultation_id == consultation_id, outbox.c.audience == CITIZEN)
    )
    return [Outgoing(**row._mapping) for row in rows]


def by_message(connection: Connection, message_ref: str) -> Outgoing | None:
    """The reply that was sent as that message of its channel, or None."""
    row = connection.execute(_OUTGOING.where(outbox.c.message_ref == message_ref)).first()
    return None if row is None else Outgoing(**row._mapping)


def mark_sent(
    connection: Connection, outgoing_id: int, *, at: datetime, message_ref: str | None
) -> None:
    """The channel took it; ``message_ref`` is what the channel calls the message."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == outgoing_id)
        .values(status=SENT, settled_at=at, message_ref=message_ref)
    )


def mark_undeliverable(
    connection: Connection, outgoing_id: int, *, at: datetime, problem: str
) -> None:
    """It can never be delivered; ``problem`` says why in one sentence."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == outgoing_id)
        .values(status=UNDELIVERABLE, settled_at=at, problem=problem[:200])
    )


def postpone(connection: Connection, outgoing_id: int, *, until: datetime, problem: str) -> None:
    """It could not be sent just now; try again then."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == outgoing_id)
        .values(
            not_before=until,
            leased_until=None,
            attempts=outbox.c.attempts + 1,
            problem=problem[:200],
        )
    )
