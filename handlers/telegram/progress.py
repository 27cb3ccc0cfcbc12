"""Progress: where a consultation stands, said at once and not logged."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.desk.desk import Desk
from bot.desk.inquiries import ReplyKind
from bot.desk.outcomes import INVALID
from bot.store import consultations, outbox
from bot.store.consultations import Consultation
from bot.store.outbox import Outgoing
from handlers.replies import Speaker, Words
from handlers.telegram.inquiries import CHANNEL

MOST_SHOWN = 3
_QUEUED = "OPEN_QUEUE"


async def latest(desk: Desk, *, asker: bytes) -> list[Consultation]:
    """The asker's newest consultations, what was only small talk left out."""
    found = await desk.database.read(
        partial(consultations.latest_of_asker, channel=CHANNEL, asker=asker)
    )
    return [item for item in found if item.outcome != INVALID][:MOST_SHOWN]


async def words(
    desk: Desk, speaker: Speaker, consultation: Consultation, *, now: datetime
) -> Words:
    """Where the consultation stands, in words."""

    def ahead(connection: Connection) -> int:
        return consultations.ahead_in_queue(connection, consultation)

    due = consultation.due_at
    values = {
        "state": consultation.state,
        "outcome": consultation.outcome,
        "due_at": None if due is None else due.isoformat(),
        "ahead": await desk.database.read(ahead) if consultation.state == _QUEUED else 0,
    }
    return speaker.say(
        Outgoing(
            id=0,
            event_id=0,
            consultation_id=consultation.id,
            receipt=consultation.receipt,
            channel=CHANNEL,
            audience=outbox.CITIZEN,
            kind=ReplyKind.STATUS,
            values=values,
            status=outbox.SENT,
            attempts=0,
            not_before=now,
            leased_until=None,
            settled_at=None,
            message_ref=None,
            problem=None,
        )
    )
