"""Chains: a consultation made anew from its events, and what is wrong if it is another one."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from bot.desk import ledger
from bot.store.consultations import Consultation
from bot.store.events import Event, chain_digest


class Flaw(StrEnum):
    """What can be wrong with a consultation and its events."""

    NO_EVENTS = "no_events"
    GAP = "gap"
    """An event's number is not the next one: some were removed or put in."""
    DIGEST = "digest"
    """An event is not the one that was written there."""
    IMPOSSIBLE = "impossible"
    """The events lead to a state that no consultation can be in."""
    ROW = "row"
    """The row is not what the events lead to."""


def rebuild(receipt: str, events: Sequence[Event]) -> Consultation:
    """The row that these events, all of one consultation and in order, lead to.

    Raises ValueError if they lead to none.
    """
    if not events:
        raise ValueError("a consultation begins with an event")
    first = events[0]
    try:
        opened = first.facts["opened"]
        row = ledger.blank(
            receipt=receipt,
            channel=opened["channel"],
            asker=bytes.fromhex(opened["asker"]),
            at=first.at,
        )
        for event in events:
            becomes = event.facts["becomes"]
            row = ledger.project(row, at=event.at, actor=event.actor, becomes=becomes)
    except (KeyError, TypeError) as error:
        raise ValueError(f"an event lacks {error}") from error
    last = events[-1]
    return replace(row, id=last.consultation_id, version=last.number, digest=last.digest)


def flaws(consultation: Consultation, events: Sequence[Event]) -> tuple[Flaw, ...]:
    """What is wrong with a row and all its events in order; nothing if they belong together."""
    if not events:
        return (Flaw.NO_EVENTS,)
    found: dict[Flaw, None] = {}
    digest = b""
    for number, event in enumerate(events, start=1):
        if event.number != number:
            found[Flaw.GAP] = None
        digest = chain_digest(
            digest,
            receipt=consultation.receipt,
            number=event.number,
            kind=event.kind,
            at=event.at,
            actor=event.actor,
            facts=event.facts,
            text_digest=event.text_digest,
        )
        if event.digest != digest:
            found[Flaw.DIGEST] = None
            digest = event.digest
    try:
        row = rebuild(consultation.receipt, events)
    except ValueError:
        found[Flaw.IMPOSSIBLE] = None
    else:
        if row != consultation:
            found[Flaw.ROW] = None
    return tuple(found)
