"""The register: recognises what came before, and writes a decided step down as one whole."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection

from bot.desk import decisions, ledger
from bot.desk.acts import Handled, KeyReusedError
from bot.desk.channels import Channel
from bot.desk.decisions import Step
from bot.desk.inquiries import Inquiry, Reply, ReplyKind
from bot.desk.keys import Keys
from bot.desk.outcomes import CLOSED
from bot.desk.receipts import new_receipt
from bot.store import consultations, contacts, events, outbox, received
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing


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
        self, connection: Connection, incoming: Incoming
    ) -> tuple[Consultation | None, list[Consultation]]:
        """The asker's newest open consultation in this channel, and the closed ones."""
        latest = consultations.latest_of_asker(
            connection, channel=incoming.channel.code, asker=incoming.asker
        )
        current = next((item for item in latest if item.state != CLOSED), None)
        return current, [item for item in latest if item.state == CLOSED]

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
            self.end(connection, decisions.settle(step.settle), step.settle, at=incoming.at)
        entry = ledger.Entry(
            kind=step.kind,
            at=incoming.at,
            actor=actor,
            facts=step.facts,
            becomes=step.becomes,
            text=text,
        )
        if step.target is None:
            after, event = ledger.open_consultation(
                connection,
                receipt=self._new_receipt(connection, incoming.at),
                channel=incoming.channel.code,
                asker=incoming.asker,
                at=incoming.at,
                entry=entry,
                keys=self._keys,
            )
            if incoming.contact is not None:
                contacts.keep(connection, after.id, sealed=incoming.contact)
        else:
            after, event = ledger.record(connection, step.target, entry, keys=self._keys)
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
        self, connection: Connection, step: Step, consultation: Consultation, *, at: datetime
    ) -> None:
        """Write down a step that no inbound thing caused (silence, a new matter)."""
        entry = ledger.Entry(
            kind=step.kind, at=at, actor="timer", facts=step.facts, becomes=step.becomes
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
        completed = [_completed(connection, reply, consultation) for reply in replies]
        return ledger.say(
            connection, consultation, completed, event=event, channels=self._channels
        )

    def _new_receipt(self, connection: Connection, at: datetime) -> str:
        day = at.astimezone(self._zone).date()
        while True:
            receipt = new_receipt(day)
            if consultations.by_receipt(connection, receipt) is None:
                return receipt


def _completed(connection: Connection, reply: Reply, consultation: Consultation) -> Reply:
    """The reply with what only the transaction knows: place in the queue and deadline."""
    if reply.kind not in (ReplyKind.HANDED_OVER, ReplyKind.STATUS):
        return reply
    due = consultation.due_at
    values: dict[str, Any] = {
        "state": consultation.state,
        "outcome": consultation.outcome,
        "due_at": None if due is None else due.isoformat(),
    }
    if consultation.state == "OPEN_QUEUE":
        values["ahead"] = consultations.ahead_in_queue(connection, consultation)
    return replace(reply, values={**reply.values, **values})


def _to_citizen(said: tuple[Outgoing, ...] | list[Outgoing]) -> tuple[Outgoing, ...]:
    return tuple(item for item in said if item.audience == outbox.CITIZEN)
