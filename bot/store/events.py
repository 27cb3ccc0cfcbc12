"""The log: what happened to a consultation, append-only and chained by digest."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.store.tables import consultations, events, words


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: ``facts`` holds no citizen's text, only ``text_digest`` of it.

    ``digest`` is SHA-256 over the previous event's digest and everything in this one, so that a
    changed, missing or reordered event breaks the chain of its consultation.
    """

    id: int
    consultation_id: int
    number: int
    kind: str
    at: datetime
    actor: str
    facts: Mapping[str, Any]
    text_digest: bytes | None
    digest: bytes


_KEPT = tuple(item.name for item in fields(Event) if item.name != "id")


def chain_digest(
    previous: bytes,
    *,
    receipt: str,
    number: int,
    kind: str,
    at: datetime,
    actor: str,
    facts: Mapping[str, Any],
    text_digest: bytes | None,
) -> bytes:
    """The digest that ends the chain once this event is appended to it (32 bytes)."""
    content = json.dumps(
        [
            previous.hex(),
            receipt,
            number,
            kind,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
            actor,
            facts,
            None if text_digest is None else text_digest.hex(),
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).digest()


def append(connection: Connection, event: Event) -> int:
    """Keep one more event; the result is its id (the given one is ignored).

    A number already taken in that consultation is an IntegrityError.
    """
    values = {name: getattr(event, name) for name in _KEPT}
    result = connection.execute(events.insert(), values | {"facts": dict(event.facts)})
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def of_consultation(connection: Connection, consultation_id: int) -> list[Event]:
    """All that happened to it, in order."""
    rows = connection.execute(
        select(events).where(events.c.consultation_id == consultation_id).order_by(events.c.number)
    )
    return [Event(**row._mapping) for row in rows]


def by_id(connection: Connection, event_id: int) -> Event:
    """The event with that id, which must exist."""
    row = connection.execute(select(events).where(events.c.id == event_id)).one()
    return Event(**row._mapping)


def keep_words(connection: Connection, event_id: int, *, salt: bytes, text: str) -> None:
    """Keep the (masked) text that came with an event, apart from the log so it can be deleted."""
    connection.execute(words.insert(), {"event_id": event_id, "salt": salt, "text": text})


def words_of(connection: Connection, event_id: int) -> str | None:
    """The text that came with an event, or None when there was none or it was deleted."""
    return connection.execute(
        select(words.c.text).where(words.c.event_id == event_id)
    ).scalar_one_or_none()


def words_of_consultation(connection: Connection, consultation_id: int) -> dict[int, str]:
    """The texts still kept of one consultation, by event id."""
    rows = connection.execute(
        select(words.c.event_id, words.c.text)
        .join(events, events.c.id == words.c.event_id)
        .where(events.c.consultation_id == consultation_id)
    )
    return {row.event_id: row.text for row in rows}


def delete_words_of_asker(connection: Connection, asker: bytes) -> int:
    """Delete every text that asker wrote; the log and all counts stay. Returns how many."""
    theirs = (
        select(events.c.id)
        .join(consultations, consultations.c.id == events.c.consultation_id)
        .where(consultations.c.asker == asker)
    )
    return connection.execute(delete(words).where(words.c.event_id.in_(theirs))).rowcount


def newest_of(
    connection: Connection, consultation_id: int, *, kinds: Collection[str]
) -> Event | None:
    """The last thing of one of these kinds that happened to it, or None if nothing did."""
    row = connection.execute(
        select(events)
        .where(events.c.consultation_id == consultation_id, events.c.kind.in_(kinds))
        .order_by(events.c.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Event(**row._mapping)
