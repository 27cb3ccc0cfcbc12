"""Making a leased reply ready to send: the contact unsealed, the words that belong to it found."""

from sqlalchemy import Connection

from bot.desk.channels import Parcel
from bot.desk.inquiries import ReplyKind
from bot.desk.keys import Keys
from bot.store import consultations, contacts, events, outbox, staff
from bot.store.outbox import Outgoing

MAY_GO_ABROAD = frozenset({"telegram"})
"""Channels whose citizens' words may go to the staff group: Telegram's servers are abroad, so only
what came through them may be sent there again (个人信息保护法第三十六条)."""


def prepare(connection: Connection, outgoing: Outgoing, *, keys: Keys) -> Parcel:
    """The reply with its consultation, contact and text, as far as they are still kept."""
    consultation = consultations.by_id(connection, outgoing.consultation_id)
    if consultation is None:  # pragma: no cover - a foreign key forbids it
        raise LookupError(outgoing.consultation_id)
    contact = None
    if outgoing.audience == outbox.CITIZEN:
        sealed = contacts.of_consultation(connection, consultation.id)
        contact = None if sealed is None else keys.unseal(sealed)
    text = None
    match outgoing.kind:
        case ReplyKind.STAFF_REPLY | ReplyKind.HANDED_OVER:
            text = events.words_of(connection, outgoing.event_id)
        case ReplyKind.ESCALATION if consultation.channel in MAY_GO_ABROAD:
            added = bool(outgoing.values.get("added"))
            only = outgoing.event_id if added else None
            text = _words_for_staff(connection, consultation.id, only=only)
        case ReplyKind.DRAFT:
            found = staff.draft(connection, int(outgoing.values["draft_id"]))
            text = None if found is None else found.text
    return Parcel(outgoing=outgoing, consultation=consultation, contact=contact, text=text)


def _words_for_staff(
    connection: Connection, consultation_id: int, *, only: int | None
) -> str | None:
    """The words of a consultation (of one event, if ``only`` names it) that may go abroad.

    What was added by another channel, with receipt and code, stays out.
    """
    kept = events.words_of_consultation(connection, consultation_id)
    lines = [
        kept[event.id]
        for event in events.of_consultation(connection, consultation_id)
        if event.id in kept
        and only in (None, event.id)
        and event.facts.get("via", "telegram") in MAY_GO_ABROAD
    ]
    return "\n".join(lines) or None
