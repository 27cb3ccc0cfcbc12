"""A consultation as it was at one of its events, for those who ask a second time."""

from collections.abc import Iterable
from dataclasses import replace

from bot.desk import ledger
from bot.store.consultations import Consultation
from bot.store.events import Event


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
