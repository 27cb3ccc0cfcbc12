"""Rows to put into a database: each function makes one, with what the test does not care about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection

from bot.store import consultations, events, outbox
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Monday noon in Beijing."""

ALICE, BOB = b"alice".ljust(32, b"."), b"bob".ljust(32, b".")

_numbers = count(1)


def consultation(**changes: Any) -> Consultation:
    """A consultation that was just opened; every call makes another receipt."""
    return replace(
        Consultation(
            id=0,
            receipt=f"{20_000_000_000_000 + next(_numbers)}",
            channel="web",
            asker=ALICE,
            owner="bot",
            state="OPEN_BOT",
            nature="inquiry",
            opened_at=NOON,
            touched_at=NOON,
        ),
        **changes,
    )


def kept(connection: Connection, **changes: Any) -> Consultation:
    """A consultation as it was put into the database."""
    blank = consultation(**changes)
    return replace(blank, id=consultations.insert(connection, blank))


def happened(connection: Connection, to: Consultation, **changes: Any) -> Event:
    """One more event of that consultation, as it was put into the database."""
    number = len(events.of_consultation(connection, to.id)) + 1
    blank = Event(
        id=0,
        consultation_id=to.id,
        number=number,
        kind="asked",
        at=NOON,
        actor="citizen",
        facts={},
        text_digest=None,
        digest=bytes([number]) * 32,
    )
    blank = replace(blank, **changes)
    return replace(blank, id=events.append(connection, blank))


def said(connection: Connection, in_: Consultation, **changes: Any) -> Outgoing:
    """One more reply in that consultation, on its way since noon."""
    values: dict[str, Any] = {
        "audience": outbox.CITIZEN,
        "channel": in_.channel,
        "kind": "answer",
        "values": {},
        "at": NOON,
    }
    values |= changes
    event_id = values.pop("event_id", None) or happened(connection, in_).id
    return outbox.put(
        connection, event_id=event_id, consultation_id=in_.id, receipt=in_.receipt, **values
    )


def minutes(number: float) -> datetime:
    """That many minutes after noon."""
    return NOON + timedelta(minutes=number)


def failing(error: BaseException) -> Callable[[Connection], None]:
    """A unit that writes a consultation and then raises."""

    def unit(connection: Connection) -> None:
        kept(connection)
        raise error

    return unit
