"""Steps: what one inbound thing does to a consultation, as data that nobody has written yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.desk.inquiries import Reply, ReplyKind
from bot.desk.outcomes import CLOSED, INVALID, OUTCOMES, Family
from bot.store.consultations import Consultation
from knowledge.explanation import is_literal
from knowledge.guides import Guide
from knowledge.ladder import Decision, Verdict
from knowledge.matching import Match

SILENCE = timedelta(hours=24)
REOPEN_WITHIN = timedelta(days=7)
MOST_CLARIFICATIONS = 2
MOST_CHOICES = 3
FOUND = frozenset({"sure", "several_parts"})
"""The ladder's reasons for giving a guide because of what the words say."""

_ANSWERING = frozenset({Family.ANSWERED, Family.REFERRED, Family.REFERRED_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the asker's matters stand when something comes in.

    ``current`` is the open one they last had to do with, ``earlier`` are closed ones, those closed
    last first. ``about`` is the guide that they were last given in the matter that a follow-up
    would be about. ``offered`` are the guides that were last offered to choose from in the current
    matter, ``queued`` is the open matter that people have, and ``named`` one of the asker's own
    whose receipt number the message gives.
    """

    current: Consultation | None = None
    earlier: Sequence[Consultation] = ()
    about: str | None = None
    offered: Sequence[str] = ()
    queued: Consultation | None = None
    named: Consultation | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What one inbound thing does: an event, what the consultation becomes, what is said.

    ``target`` is the consultation it belongs to, None for a new one; ``settle`` is an answered
    one that ends because its asker has gone on to another matter.
    """

    kind: str
    target: Consultation | None
    facts: Mapping[str, Any]
    becomes: Mapping[str, Any]
    replies: tuple[Reply, ...]
    settle: Consultation | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decisions need to know of the world at that moment.

    ``guides`` by id; ``staff_due_at`` is until when staff must answer what is handed over now;
    ``after_hours`` says that the office is not at work.
    """

    guides: Mapping[str, Guide]
    staff_due_at: datetime
    silence: timedelta = SILENCE
    after_hours: bool = False


def with_staff(consultation: Consultation | None) -> bool:
    """Whether people have it, so that the bot keeps out."""
    return consultation is not None and consultation.state not in ("OPEN_BOT", CLOSED)


def by_staff(consultation: Consultation) -> bool:
    """Whether a person's answer has closed it."""
    return consultation.outcome in ("ANSWERED_STAFF", "ANSWERED_AGENCY")


def is_recent(consultation: Consultation, *, now: datetime, within: timedelta) -> bool:
    """Whether it is closed, was a consultation at all, and has not been closed for longer."""
    closed_at = consultation.closed_at
    return closed_at is not None and consultation.outcome != INVALID and now - closed_at <= within


def leant_on(situation: Situation, *, now: datetime, silence: timedelta) -> Consultation | None:
    """The matter that a follow-up would be about: the open one, or the last, just closed.

    What was answered and ended at once (a referral) can be asked about as well as what is open.
    """
    if situation.current is not None:
        return situation.current
    return next(
        (item for item in situation.earlier if is_recent(item, now=now, within=silence)), None
    )


def waiting(now: datetime, rules: Rules) -> dict[str, Any]:
    """What it becomes when the bot waits for the citizen."""
    ends = now.astimezone(UTC) + rules.silence
    return {"state": "OPEN_BOT", "timer_at": ends.isoformat()}


def queued(rules: Rules, *, labels: Sequence[str] = ()) -> dict[str, Any]:
    """What it becomes when staff are to answer."""
    return {
        "state": "OPEN_QUEUE",
        "expected_outcome": None,
        "timer_at": None,
        "due_at": rules.staff_due_at.isoformat(),
        "labels": list(labels),
    }


def standing(consultation: Consultation, rules: Rules) -> str | None:
    """The outcome that an answer already given leads to, None if none was given.

    Whoever writes again after a reply could not be delivered, or after taking the matter back, has
    had the answer after all.
    """
    if consultation.topic is None:
        return None
    reached = consultation.outcome or consultation.expected_outcome
    if reached is not None and (OUTCOMES[reached].family in _ANSWERING or reached == "DUPLICATE"):
        return reached
    guide = rules.guides.get(consultation.topic)
    return reached if guide is None else guide.outcome


def answered(
    kind: str,
    target: Consultation | None,
    verdict: Verdict,
    *,
    facts: Mapping[str, Any],
    values: Mapping[str, Any],
    now: datetime,
    rules: Rules,
    settled: Consultation | None = None,
    duplicate: Consultation | None = None,
    match: Match | None = None,
) -> Step:
    """The step of answering or referring; the matter's first guide stays its topic.

    ``duplicate`` is the matter in which the same was answered before, to the same asker;
    ``match`` is what was found for the words that led to it, if words did.
    """
    answers = quoted(verdict, rules, match=match)
    ids = [answer["guide_id"] for answer in answers]
    topic = (target.topic if target is not None else None) or ids[0]
    outcome = rules.guides[ids[0]].outcome
    reached = None if target is None else standing(target, rules)
    said = {**values, "answers": answers}
    becomes: dict[str, Any] = {
        "answered": True,
        "topic": topic,
        "topics": [guide_id for guide_id in ids if guide_id != topic],
        "clarifications": 0,
    }
    if duplicate is not None:
        becomes |= {"state": CLOSED, "outcome": "DUPLICATE"}
        facts = {**facts, "duplicate_of": duplicate.receipt}
        said["duplicate_of"] = duplicate.receipt
    elif verdict.decision == Decision.REFER and reached is None:
        becomes |= {"state": CLOSED, "outcome": outcome, "nature": _nature(outcome)}
    else:
        becomes |= waiting(now, rules) | {"expected_outcome": reached or outcome}
        if choices := list(verdict.choices[:MOST_CHOICES]):
            said["choices"] = choices
    reply = ReplyKind.REFERRED if verdict.decision == Decision.REFER else ReplyKind.ANSWER
    return Step(
        kind,
        target,
        {**facts, "answers": answers, "choices": said.get("choices", [])},
        becomes,
        (Reply(reply, said),),
        settle=settled,
    )


def unsure(
    kind: str,
    target: Consultation | None,
    *,
    facts: Mapping[str, Any],
    reply: Reply,
    now: datetime,
    rules: Rules,
    settled: Consultation | None = None,
    labels: Sequence[str] = (),
) -> Step:
    """The step of asking back; a third time in a row people take over."""
    count = 0 if target is None else target.clarifications
    if count >= MOST_CLARIFICATIONS:
        return handed_over(kind, target, facts=facts, values={}, rules=rules, settled=settled)
    becomes = waiting(now, rules) | {
        "expected_outcome": (None if target is None else standing(target, rules)) or "ABANDONED",
        "clarifications": count + 1,
        "labels": list(labels),
    }
    return Step(kind, target, facts, becomes, (reply,), settle=settled)


def handed_over(
    kind: str,
    target: Consultation | None,
    *,
    facts: Mapping[str, Any],
    values: Mapping[str, Any],
    rules: Rules,
    settled: Consultation | None = None,
    verdict: Verdict | None = None,
    match: Match | None = None,
) -> Step:
    """The step of putting it into the staff's queue, with the parts that could be answered."""
    becomes = queued(rules)
    said = {**values, "why": "unsure"}
    facts = {**facts, "decision": Decision.HAND_OVER, "choices": []}
    if verdict is not None and verdict.answers:
        answers = quoted(verdict, rules, match=match)
        ids = [answer["guide_id"] for answer in answers]
        topic = (target.topic if target is not None else None) or ids[0]
        becomes |= {
            "answered": True,
            "topic": topic,
            "topics": [guide_id for guide_id in ids if guide_id != topic],
            "clarifications": 0,
        }
        said["answers"] = facts["answers"] = answers
    replies = (Reply(ReplyKind.HANDED_OVER, said), to_staff())
    return Step(kind, target, facts, becomes, replies, settle=settled)


def added(target: Consultation | None, *, facts: Mapping[str, Any]) -> Step:
    """The step of adding to what people have: they are told, and the citizen knows."""
    replies = (Reply(ReplyKind.ADDED), to_staff(added=True))
    return Step("added", target, facts, {}, replies)


def asked_status(target: Consultation, *, facts: Mapping[str, Any] | None = None) -> Step:
    """The step of telling where it stands with the staff."""
    return Step("asked_status", target, facts or {}, {}, (Reply(ReplyKind.STATUS),))


def to_staff(*, added: bool = False) -> Reply:
    """Word to the staff's side that something was handed over, or added to it."""
    values = {"added": True} if added else {}
    return Reply(ReplyKind.ESCALATION, values, audience="staff")


def staff_notice(what: str) -> Reply:
    """Word to the staff's side of what became of a consultation or of a reply of theirs."""
    return Reply(ReplyKind.STAFF_NOTICE, {"what": what}, audience="staff")


def quoted(verdict: Verdict, rules: Rules, *, match: Match | None = None) -> list[dict[str, Any]]:
    """The answers as the log and the replies keep them: guide, version and passage.

    ``literal`` is there only where the asker's own words found the guide, and says whether those
    were the guide's too. In danger it is left out: nothing is explained then.
    """
    answers = []
    for quote in verdict.answers:
        guide = rules.guides[quote.guide_id]
        answer: dict[str, Any] = {
            "guide_id": guide.id,
            "version": guide.version,
            "passage": quote.passage,
        }
        calm = guide.outcome != "REFERRED_EMERGENCY"
        if match is not None and verdict.reason in FOUND and calm:
            answer["literal"] = is_literal(match, guide)
        answers.append(answer)
    return answers


def with_values(step: Step, *, citizen: Mapping[str, Any], staff: Mapping[str, Any]) -> Step:
    """The step with these values added to what is said to either side."""
    more = {"citizen": citizen, "staff": staff}
    replies = [
        replace(reply, values={**reply.values, **more[reply.audience]}) for reply in step.replies
    ]
    return replace(step, replies=tuple(replies))


def _nature(outcome: str) -> str:
    """What kind of matter it turned out to be (性质), as far as the referral tells."""
    return {
        "REFERRED_12345": "help",
        "REFERRED_EMERGENCY": "help",
        "REFERRED_PETITION": "complaint",
    }.get(outcome, "inquiry")
