"""The answer object that ``zixun ask --json`` and the HTTP API give (their common contract)."""

from typing import Any
from zoneinfo import ZoneInfo

from bot.desk.acts import Handled
from bot.desk.outcomes import CLOSED
from handlers.replies import Speaker


def answer_object(handled: Handled, speaker: Speaker, *, zone: ZoneInfo) -> dict[str, Any]:
    """What an inbound thing came to, as others script against it.

    Everything is taken from the event and its replies, not from the row as it is by now, so that
    a repeated request gets the first object again. ``state`` is open or closed.
    """
    facts = handled.event.facts
    becomes = facts.get("becomes", {})
    on = handled.event.at.astimezone(zone).date()
    answers = [
        answer for reply in handled.replies for answer in speaker.answers(reply.values, on=on)
    ]
    state = becomes.get("state", "OPEN_BOT" if handled.repeated else handled.consultation.state)
    closed = state == CLOSED
    expected = becomes.get("expected_outcome", handled.consultation.expected_outcome)
    return {
        "receipt": handled.consultation.receipt,
        "state": "closed" if closed else "open",
        "outcome": becomes.get("outcome") if closed else None,
        "expected_outcome": becomes.get("outcome") if closed else expected,
        "decision": facts.get("decision"),
        "probability": facts.get("probability", 0.0),
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
            }
            for answer in answers
        ],
        "choices": [
            {"guide_id": guide_id, "title": speaker.title(guide_id)}
            for guide_id in facts.get("choices", ())
        ],
        "next_step": answers[0].next_step if answers else next_step(handled, speaker),
    }


def next_step(handled: Handled, speaker: Speaker) -> str:
    """What the citizen can do now when no guide says it: the words of the reply itself."""
    return "\n".join(speaker.say(reply).plain() for reply in handled.replies)
