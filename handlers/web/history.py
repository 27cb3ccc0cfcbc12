"""A consultation as it was at one of its events, for those who ask a second time."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.desk import ledger
from bot.desk.outcomes import CLOSED, INVALID
from bot.store.consultations import Consultation
from bot.store.events import Event
from knowledge.ladder import Decision


def as_of(consultation: Consultation, events: Iterable[Event]) -> Consultation:
    """The consultation as those first events of it left it, whatever happened since.

    A row is a fold over its events; ``consultation`` gives only what never changes.
    """
    row = Consultation(
        id=consultation.id,
        receipt=consultation.receipt,
        channel=consultation.channel,
        asker=consultation.asker,
        owner="bot",
        state="OPEN_BOT",
        nature="inquiry",
        opened_at=consultation.opened_at,
        touched_at=consultation.opened_at,
    )
    for event in events:
        becomes = event.facts.get("becomes", {})
        row = ledger.project(row, at=event.at, actor=event.actor, becomes=becomes)
        row = replace(row, version=event.number, digest=event.digest)
    return row


def last_decision(row: Consultation, events: Sequence[Event]) -> tuple[str, float]:
    """What was last decided in the consultation, and how sure that was.

    What needs no decision has one all the same: small talk is declined, and what people have is
    handed over.
    """
    for event in reversed(events):
        if "decision" in event.facts:
            return str(event.facts["decision"]), float(event.facts.get("probability", 0.0))
    invalid = row.state == CLOSED and row.outcome == INVALID
    handed_over = row.state not in ("OPEN_BOT", CLOSED)
    return (Decision.HAND_OVER if handed_over and not invalid else Decision.DECLINE), 0.0
