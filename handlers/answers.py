"""The answer object that ``zixun ask --json`` and the HTTP API give (their common contract)."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk.outcomes import CLOSED, INVALID
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing
from handlers.replies import Speaker
from knowledge.ladder import Decision


def answer_object(
    row: Consultation,
    log: Sequence[Event],
    replies: Sequence[Outgoing],
    *,
    speaker: Speaker,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """What an inbound thing came to, as others script against it.

    ``log`` are the consultation's events up to the one that the thing made, ``row`` the
    consultation as they left it, and ``replies`` what that last event said to the citizen.
    ``state`` is open or closed.
    """
    closed = row.state == CLOSED
    on = log[-1].at.astimezone(zone).date()
    answers = [answer for reply in replies for answer in speaker.answers(reply.values, on=on)]
    offered = [item for reply in replies for item in reply.values.get("choices", ())]
    decision, probability = last_decision(row, log)
    said = "\n".join(speaker.say(reply).plain() for reply in replies)
    return {
        "receipt": row.receipt,
        "state": "closed" if closed else "open",
        "outcome": row.outcome,
        "expected_outcome": row.outcome if closed else row.expected_outcome,
        "decision": decision,
        "probability": probability,
        "answers": [
            {
                "text": answer.text,
                "guide_id": answer.guide_id,
                "guide_version": answer.guide_version,
                "guide_title": answer.guide_title,
                "passage": answer.passage,
                "basis": list(answer.basis),
                "in_force_since": answer.in_force_since.isoformat(),
                "source_url": answer.source_url,
                "understood_as": answer.understood_as,
            }
            for answer in answers
        ],
        "choices": [
            {"guide_id": guide_id, "title": speaker.title(guide_id)}
            for guide_id in (offered if row.state == "OPEN_BOT" else ())
        ],
        "next_step": (answers[0].next_step if answers else said) or None,
    }


def last_decision(row: Consultation, log: Sequence[Event]) -> tuple[str, float]:
    """What was last decided in the consultation, and how sure that was.

    What needs no decision has one all the same: small talk is declined, and what people have is
    handed over.
    """
    for event in reversed(log):
        if "decision" in event.facts:
            return str(event.facts["decision"]), float(event.facts.get("probability", 0.0))
    invalid = row.state == CLOSED and row.outcome == INVALID
    handed_over = row.state not in ("OPEN_BOT", CLOSED)
    return (Decision.HAND_OVER if handed_over and not invalid else Decision.DECLINE), 0.0
