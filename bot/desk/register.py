"""The register: recognises what came before, and writes a decided step down as one whole."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection

from bot.desk import decisions, ledger
from bot.desk.acts import Handled, KeyReusedError
from bot.desk.channels import Channel
from bot.desk.inquiries import Inquiry, Reply, ReplyKind
from bot.desk.keys import Keys
from bot.desk.outcomes import CLOSED
from bot.desk.receipts import find_receipt, new_receipt
from bot.desk.steps import SILENCE, Situation, Step, leant_on, with_staff
from bot.store import consultations, contacts, events, outbox, received
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing

MOST_MATTERS = 50
"""How many of an asker's consultations are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One inbound thing in which everything that identifies anybody is hashed or sealed."""

    channel: Channel
    external_id: bytes
    asker: bytes
    content: bytes
    at: datetime
    contact: bytes | None = None


class Register:
    """Reads and writes on the connection of a unit of work; holds nothing between units."""

    def __init__(self, keys: Keys, *, channels: Mapping[str, Channel], zone: tzinfo) -> None:
        self._keys = keys
        self._channels = channels
        self._zone = zone

    def incoming(self, inquiry: Inquiry, *, content: str) -> Incoming:
        """The inquiry without what identifies its asker; ``content`` tells two of them apart."""
        channel, keys = inquiry.channel, self._keys
        return Incoming(
            channel=self._channels[channel],
            external_id=keys.hash("external", f"{channel}\0{inquiry.external_id}"),
            asker=self.asker(channel, inquiry.asker),
            content=keys.hash("content", content),
            at=inquiry.received_at,
            contact=None if inquiry.contact is None else keys.seal(inquiry.contact),
        )

    def asker(self, channel: str, asker: str) -> bytes:
        """The keyed hash under which that asker of that channel is kept."""
        return self._keys.hash("asker", f"{channel}\0{asker}")

    def seen(self, connection: Connection, incoming: Incoming) -> Handled | None:
        """What this inbound thing came to when it first came, or None if it is new.

        Raises KeyReusedError if it now says something else.
        """
        first = received.first_event(
            connection, channel=incoming.channel.code, external_id=incoming.external_id
        )
        if first is None:
            return None
        if first.content_digest != incoming.content:
            raise KeyReusedError
        event = events.by_id(connection, first.event_id)
        consultation = consultations.by_id(connection, event.consultation_id)
        if consultation is None:  # pragma: no cover - a foreign key forbids it
            raise LookupError(event.consultation_id)
        said = outbox.of_event(connection, event.id)
        return Handled(consultation, event, _to_citizen(said), repeated=True)

    def situation(
        self, connection: Connection, incoming: Incoming, *, silence: timedelta = SILENCE
    ) -> Situation:
        """Where the asker's matters in this channel stand.

        What has fallen silent counts as closed, whether or not its timer has come by yet.
        """
        matters = self._matters(connection, incoming)
        return self._standing(connection, matters, incoming, silence=silence)

    def settled_situation(
        self, connection: Connection, incoming: Incoming, *, silence: timedelta = SILENCE
    ) -> Situation:
        """The same, with what has fallen silent closed in the log: call it in a unit that writes.

        Nothing is said of it, for its asker has just spoken again.
        """
        matters = self._matters(connection, incoming)
        overdue = [item for item in matters if _is_overdue(item, now=incoming.at)]
        for item in overdue:
            step = decisions.fell_silent(item, quietly=True)
            self.end(connection, step, item, at=incoming.at)
        if overdue:
            matters = self._matters(connection, incoming)
        return self._standing(connection, matters, incoming, silence=silence)

    def named(
        self, connection: Connection, text: str, *, incoming: Incoming
    ) -> Consultation | None:
        """The asker's own consultation whose receipt number the message gives, if any."""
        receipt = find_receipt(text)
        found = None if receipt is None else consultations.by_receipt(connection, receipt)
        return found if found is not None and found.asker == incoming.asker else None

    def last_given(self, connection: Connection, consultation: Consultation) -> str | None:
        """The guide that was given last in that consultation, None if none was."""
        if consultation.topic is None:
            return None
        for event in reversed(events.of_consultation(connection, consultation.id)):
            if answers := event.facts.get("answers"):
                return str(answers[0]["guide_id"])
        return consultation.topic

    def write(
        self,
        connection: Connection,
        step: Step,
        *,
        incoming: Incoming,
        text: str | None,
        actor: str = "citizen",
    ) -> Handled:
        """Write the step down: what it settles, its event, the row, the replies, the receipt."""
        if step.settle is not None:
            settled = decisions.settle(step.settle)
            self.end(connection, settled, step.settle, at=incoming.at, actor="bot")
        target = step.target
        facts = dict(step.facts)
        if target is not None and target.channel != incoming.channel.code:
            facts["via"] = incoming.channel.code
        entry = ledger.Entry(
            kind=step.kind,
            at=incoming.at,
            actor=actor,
            facts=facts,
            becomes=step.becomes,
            text=text,
        )
        if target is None:
            after, event = ledger.open_consultation(
                connection,
                receipt=self._new_receipt(connection, incoming.at),
                channel=incoming.channel.code,
                asker=incoming.asker,
                at=incoming.at,
                entry=entry,
                keys=self._keys,
            )
        else:
            after, event = ledger.record(connection, target, entry, keys=self._keys)
        self._keep_contact(connection, after, incoming)
        received.remember(
            connection,
            channel=incoming.channel.code,
            external_id=incoming.external_id,
            event_id=event.id,
            content_digest=incoming.content,
            at=incoming.at,
        )
        said = self.say(connection, after, step.replies, event=event)
        return Handled(after, event, _to_citizen(said))

    def end(
        self,
        connection: Connection,
        step: Step,
        consultation: Consultation,
        *,
        at: datetime,
        actor: str = "timer",
    ) -> None:
        """Write down a step that closes what its asker did not: silence, a new matter."""
        entry = ledger.Entry(
            kind=step.kind, at=at, actor=actor, facts=step.facts, becomes=step.becomes
        )
        after, event = ledger.record(connection, consultation, entry, keys=self._keys)
        self.say(connection, after, step.replies, event=event)

    def say(
        self,
        connection: Connection,
        consultation: Consultation,
        replies: tuple[Reply, ...],
        *,
        event: Event,
    ) -> tuple[Outgoing, ...]:
        """Put replies on their way: in the consultation's own channel, or to the staff's side."""
        completed = [
            self._completed(connection, reply, consultation, event=event) for reply in replies
        ]
        return ledger.say(
            connection, consultation, completed, event=event, channels=self._channels
        )

    def _matters(self, connection: Connection, incoming: Incoming) -> list[Consultation]:
        return consultations.latest_of_asker(
            connection, channel=incoming.channel.code, asker=incoming.asker, limit=MOST_MATTERS
        )

    def _standing(
        self,
        connection: Connection,
        matters: list[Consultation],
        incoming: Incoming,
        *,
        silence: timedelta,
    ) -> Situation:
        now = incoming.at
        known = [_silenced(item, now=now) for item in matters]
        current = max(
            (item for item in known if item.state != CLOSED),
            key=lambda item: (item.touched_at, item.id),
            default=None,
        )
        earlier = sorted(
            (item for item in known if item.state == CLOSED),
            key=lambda item: (item.closed_at or now, item.id),
            reverse=True,
        )
        found = Situation(
            current=current,
            earlier=earlier,
            offered=() if current is None else last_offer(connection, current),
            queued=max(
                filter(with_staff, known),
                key=lambda item: (item.touched_at, item.id),
                default=None,
            ),
        )
        last = leant_on(found, now=now, silence=silence)
        return replace(found, about=None if last is None else self.last_given(connection, last))

    def _completed(
        self,
        connection: Connection,
        reply: Reply,
        consultation: Consultation,
        *,
        event: Event,
    ) -> Reply:
        """The reply with what only the transaction knows: script, place in the queue, deadline."""
        values: dict[str, Any] = dict(reply.values)
        wordless = reply.audience == outbox.CITIZEN and event.text_digest is None
        if wordless and _writes_traditional(connection, consultation):
            values["traditional"] = True
        if reply.kind in (ReplyKind.HANDED_OVER, ReplyKind.STATUS):
            due = consultation.due_at
            values |= {
                "state": consultation.state,
                "outcome": consultation.outcome,
                "due_at": None if due is None else due.isoformat(),
            }
            if consultation.state == "OPEN_QUEUE":
                values["ahead"] = consultations.ahead_in_queue(connection, consultation)
        return replace(reply, values=values)

    def _keep_contact(
        self, connection: Connection, consultation: Consultation, incoming: Incoming
    ) -> None:
        """Keep where to reply, also if it was deleted before its owner went on writing."""
        if (
            incoming.contact is not None
            and incoming.asker == consultation.asker
            and contacts.of_consultation(connection, consultation.id) is None
        ):
            contacts.keep(connection, consultation.id, sealed=incoming.contact)

    def _new_receipt(self, connection: Connection, at: datetime) -> str:
        day = at.astimezone(self._zone).date()
        while True:
            receipt = new_receipt(day)
            if consultations.by_receipt(connection, receipt) is None:
                return receipt


def last_offer(connection: Connection, consultation: Consultation) -> tuple[str, ...]:
    """The guides offered by what was last said to a question, none if none were."""
    if consultation.state != "OPEN_BOT":
        return ()
    newest = events.newest_of(connection, consultation.id, kinds=("asked", "chosen"))
    return tuple(newest.facts.get("choices", ())) if newest else ()


def _is_overdue(consultation: Consultation, *, now: datetime) -> bool:
    return consultation.timer_at is not None and consultation.timer_at <= now


def _silenced(consultation: Consultation, *, now: datetime) -> Consultation:
    if not _is_overdue(consultation, now=now):
        return consultation
    becomes = decisions.fell_silent(consultation).becomes
    return ledger.project(consultation, at=now, actor="timer", becomes=becomes)


def _writes_traditional(connection: Connection, consultation: Consultation) -> bool:
    """Whether the citizen's last own words in it were in traditional characters."""
    log = events.of_consultation(connection, consultation.id)
    said = (event for event in reversed(log) if event.actor == "citizen" and event.text_digest)
    newest = next(said, None)
    return newest is not None and bool(newest.facts.get("traditional"))


def _to_citizen(said: tuple[Outgoing, ...] | list[Outgoing]) -> tuple[Outgoing, ...]:
    return tuple(item for item in said if item.audience == outbox.CITIZEN)
