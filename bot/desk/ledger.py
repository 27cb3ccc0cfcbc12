"""Writing to the log: an event, the projection it leads to, and what is said because of it.

A consultation's row is a fold over its events: each event's facts hold, under ``becomes``, the
fields that it changed. Whoever replays the events gets the row back, byte for byte.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.desk.channels import Channel
from bot.desk.inquiries import Reply
from bot.desk.keys import Keys
from bot.desk.outcomes import CLOSED, OPEN_STATES, OUTCOMES, OWNER_OF_STATE
from bot.store import consultations, events, outbox
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing

_MOMENTS = ("timer_at", "due_at")
_PLAIN = frozenset(
    {"expected_outcome", "topic", "nature", "region", "agency", "caller_type", "rating",
     "clarifications"}
)  # fmt: skip
_BECOMES = _PLAIN | {"state", "outcome", "topics", "labels", "answered", *_MOMENTS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event about to be written: ``becomes`` are the fields of the row that it changes.

    ``becomes`` may set state, outcome (with state CLOSED, and only then), expected_outcome,
    topic, clarifications, rating, timer_at, due_at and the like; ``topics`` and ``labels`` add to
    what is there; ``answered`` says that the citizen got an answer by it. ``text`` is kept apart
    from the log. ``actor`` is citizen, bot, timer, or ``staff:<id>``.
    """

    kind: str
    at: datetime
    actor: str
    facts: Mapping[str, Any]
    becomes: Mapping[str, Any]
    text: str | None = None


def project(
    previous: Consultation, *, at: datetime, actor: str, becomes: Mapping[str, Any]
) -> Consultation:
    """The consultation after an event with these changes (version and digest are not touched).

    What is reopened can be rated anew, and its last rating counts until it is. An outcome that is
    put right while it stands, before anything was reopened, is put right in the first one too.

    Raises ValueError if the result would be closed without exactly one known outcome, open with
    one, or left with the bot and no timer: no code path may write such a row.
    """
    unknown = set(becomes) - _BECOMES
    if unknown:
        raise ValueError(f"a consultation has no {', '.join(sorted(unknown))}")
    changes: dict[str, Any] = {key: becomes[key] for key in _PLAIN if key in becomes}
    for key in _MOMENTS:
        if key in becomes:
            value = becomes[key]
            changes[key] = None if value is None else datetime.fromisoformat(value)
    changes["topics"] = _add(previous.topics, becomes.get("topics", ()))
    labels = _add(previous.labels, becomes.get("labels", ()))
    state = becomes.get("state", previous.state)
    outcome = becomes.get("outcome") if state == CLOSED else None
    if state == CLOSED and outcome is None:
        outcome = previous.outcome
    if (state == CLOSED) != (outcome in OUTCOMES) or (
        state != CLOSED and state not in OPEN_STATES
    ):
        raise ValueError(f"a consultation cannot be {state} with outcome {outcome}")
    if "outcome" in becomes and state != CLOSED:
        raise ValueError("only a closed consultation has an outcome")
    if state == CLOSED and previous.state != CLOSED:
        changes["closed_at"] = at
        changes.setdefault("timer_at", None)
        if previous.first_closed_at is None:
            changes["first_closed_at"] = at
            changes["first_outcome"] = outcome
    elif state == CLOSED and "reopened" not in labels:
        changes["first_outcome"] = outcome
    elif state != CLOSED and previous.state == CLOSED:
        changes["closed_at"] = None
        labels = _add((label for label in labels if label != "rated"), ("reopened",))
    if state == "OPEN_BOT" and changes.get("timer_at", previous.timer_at) is None:
        raise ValueError("what waits for the citizen needs a timer")
    if becomes.get("answered") and previous.answered_at is None:
        changes["answered_at"] = at
    if actor == "citizen":
        changes["touched_at"] = at
    return replace(
        previous,
        state=state,
        outcome=outcome,
        owner=OWNER_OF_STATE[state],
        labels=labels,
        **changes,
    )


def blank(*, receipt: str, channel: str, asker: bytes, at: datetime) -> Consultation:
    """A consultation of which nothing has happened yet: what its first event is applied to."""
    return Consultation(
        id=0,
        receipt=receipt,
        channel=channel,
        asker=asker,
        owner="bot",
        state="OPEN_BOT",
        nature="inquiry",
        opened_at=at,
        touched_at=at,
    )


def open_consultation(
    connection: Connection,
    *,
    receipt: str,
    channel: str,
    asker: bytes,
    at: datetime,
    entry: Entry,
    keys: Keys,
) -> tuple[Consultation, Event]:
    """Open a consultation with its first event; the result is both as they were written.

    The event says, under ``opened``, what never changes: channel and asker (the keyed hash).
    """
    opened = {"channel": channel, "asker": asker.hex()}
    entry = replace(entry, facts={**entry.facts, "opened": opened})
    before = blank(receipt=receipt, channel=channel, asker=asker, at=at)
    salt = os.urandom(16)
    first = _advanced(before, entry, keys=keys, salt=salt)
    first = replace(first, id=consultations.insert(connection, first))
    return first, _append(connection, first, entry, keys=keys, salt=salt)


def record(
    connection: Connection, consultation: Consultation, entry: Entry, *, keys: Keys
) -> tuple[Consultation, Event]:
    """Append an event and keep what the consultation becomes by it; the result as above."""
    salt = os.urandom(16)
    after = _advanced(consultation, entry, keys=keys, salt=salt)
    consultations.save(connection, after)
    return after, _append(connection, after, entry, keys=keys, salt=salt)


def say(
    connection: Connection,
    consultation: Consultation,
    replies: Iterable[Reply],
    *,
    event: Event,
    channels: Mapping[str, Channel],
) -> tuple[Outgoing, ...]:
    """Put replies on their way, in the transaction that decided them; the result is as kept.

    What goes out by a channel that sends nothing by itself (a web page, or Telegram without a
    token) needs no delivery: it counts as sent, and the page or the console shows it.
    """
    kept = []
    for reply in replies:
        to_staff = reply.audience == outbox.STAFF
        channel = channels[STAFF_CHANNEL if to_staff else consultation.channel]
        kept.append(
            outbox.put(
                connection,
                event_id=event.id,
                consultation_id=consultation.id,
                receipt=consultation.receipt,
                channel=channel.code,
                audience=reply.audience,
                kind=reply.kind,
                values=reply.values,
                at=event.at,
                status=outbox.SENT if channel.sender is None else outbox.PENDING,
            )
        )
    return tuple(kept)


STAFF_CHANNEL = "telegram"
"""Where the staff's own side is: the staff group on Telegram, whatever channel a citizen uses."""


def _advanced(previous: Consultation, entry: Entry, *, keys: Keys, salt: bytes) -> Consultation:
    after = project(previous, at=entry.at, actor=entry.actor, becomes=entry.becomes)
    number = previous.version + 1
    digest = events.chain_digest(
        previous.digest,
        receipt=previous.receipt,
        number=number,
        kind=entry.kind,
        at=entry.at,
        actor=entry.actor,
        facts=_facts(entry),
        text_digest=_text_digest(entry, keys=keys, salt=salt),
    )
    return replace(after, version=number, digest=digest)


def _append(
    connection: Connection, after: Consultation, entry: Entry, *, keys: Keys, salt: bytes
) -> Event:
    event = Event(
        id=0,
        consultation_id=after.id,
        number=after.version,
        kind=entry.kind,
        at=entry.at,
        actor=entry.actor,
        facts=_facts(entry),
        text_digest=_text_digest(entry, keys=keys, salt=salt),
        digest=after.digest,
    )
    event = replace(event, id=events.append(connection, event))
    if entry.text is not None:
        events.keep_words(connection, event.id, salt=salt, text=entry.text)
    return event


def _facts(entry: Entry) -> dict[str, Any]:
    return {**entry.facts, "becomes": dict(entry.becomes)}


def _text_digest(entry: Entry, *, keys: Keys, salt: bytes) -> bytes | None:
    return None if entry.text is None else keys.text_digest(entry.text, salt=salt)


def _add(there: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*there, *more)))
