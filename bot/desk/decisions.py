"""What to do with what came in, given where the asker's matters stand: pure rules, no database.

Source of the rules: what one consultation is (事项), follow-ups, duplicates and silence, as the
office's workflow has them; the ladder has already judged the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.desk.inquiries import Reply, ReplyKind
from bot.desk.outcomes import CLOSED, INVALID, OUTCOMES, Family
from bot.store.consultations import Consultation
from knowledge.guides import Guide
from knowledge.ladder import Decision, Quote, Verdict
from knowledge.understanding import Understanding

MOST_CLARIFICATIONS = 2
SILENCE = timedelta(hours=24)
REOPEN_WITHIN = timedelta(days=7)
MOST_CHOICES = 3
DEADLINE_GUIDE = "C01"
"""The guide that says when an application must be answered: a filing date is an ask for it."""
PERSONAL_CHOICES = ("B13", "E07")
"""Offered to who sends an identity number to have something looked up: the two usual wishes."""

REJECTING = frozenset({"privacy", "illegal", "rejected"})
"""The ladder's reasons for declining what pries into somebody's life or asks for a crime."""

WANTS_STAFF, SOLVED, UNSOLVED, WITHDRAW = "wants_staff", "solved", "unsolved", "withdraw"
QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the asker's matters stand: ``current`` is open, ``earlier`` closed, newest first."""

    current: Consultation | None = None
    earlier: Sequence[Consultation] = ()


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
    """What the decisions need to know of the world: the guides by id and the staff's deadline."""

    guides: Mapping[str, Guide]
    staff_due_at: datetime
    silence: timedelta = SILENCE


def decide(
    situation: Situation,
    understood: Understanding,
    *,
    masked: Sequence[str],
    now: datetime,
    rules: Rules,
    text: str = "",
) -> Step:
    """The one step that this message leads to.

    ``text`` is the masked message; a reply names places in it, never the words themselves, which
    are kept apart from what is logged.
    """
    if understood.kind == WANTS_STAFF:
        return escalate(situation.current, rules=rules)
    if understood.kind in (SOLVED, UNSOLVED, WITHDRAW):
        if _with_staff(situation.current) and understood.kind != WITHDRAW:
            return Step("added", situation.current, {}, {}, (Reply(ReplyKind.ADDED), _added(())))
        target = situation.current or next(iter(situation.earlier), None)
        if target is not None and may(understood.kind, target, now=now):
            return act(understood.kind, target, now=now, rules=rules)
        return _small_talk("thanks" if understood.kind == SOLVED else "no_matter", situation)
    if understood.kind != QUESTION:
        return _small_talk(understood.kind, situation)
    return _question(situation, understood, masked=masked, now=now, rules=rules, text=text)


def escalate(consultation: Consultation | None, *, rules: Rules) -> Step:
    """The step of 转人工: into the staff's queue, or word of where it already stands."""
    if consultation is not None and _with_staff(consultation):
        return Step("asked_status", consultation, {}, {}, (Reply(ReplyKind.STATUS),))
    return Step(
        "escalated",
        consultation,
        {"decision": Decision.HAND_OVER, "why": "asked"},
        _queued(rules, labels=("escalated",)),
        (Reply(ReplyKind.HANDED_OVER, {"why": "asked"}), _escalation()),
    )


def may(kind: str, consultation: Consultation, *, now: datetime) -> bool:
    """Whether that act of a citizen is open to this consultation now."""
    recent = consultation.closed_at is not None and now - consultation.closed_at <= REOPEN_WITHIN
    match kind:
        case "solved":
            return consultation.state == "OPEN_BOT" and consultation.topic is not None
        case "unsolved":
            return consultation.state == "OPEN_BOT" or (
                consultation.state == CLOSED and recent and consultation.outcome != INVALID
            )
        case "withdraw":
            return consultation.state != CLOSED
        case "rate":
            return (
                consultation.state == CLOSED
                and consultation.outcome != INVALID
                and consultation.rating is None
            )
        case "escalate":
            return consultation.state != CLOSED or (recent and consultation.outcome != INVALID)
    raise ValueError(f"{kind} is not an act of a citizen")


def act(kind: str, consultation: Consultation, *, now: datetime, rules: Rules) -> Step:
    """The step of 解决了, 没解决 or 撤回; ``may`` has allowed it."""
    if kind == SOLVED:
        return Step(
            "solved",
            consultation,
            {},
            {"state": CLOSED, "outcome": consultation.expected_outcome, "labels": ["confirmed"]},
            (Reply(ReplyKind.SOLVED),),
        )
    if kind == WITHDRAW:
        return Step(
            "withdrawn",
            consultation,
            {},
            {"state": CLOSED, "outcome": "WITHDRAWN"},
            (Reply(ReplyKind.WITHDRAWN),),
        )
    by_staff = consultation.first_outcome in ("ANSWERED_STAFF", "ANSWERED_AGENCY")
    if consultation.state == CLOSED and by_staff:
        # What a person answered and the citizen still misses goes back to people, once more.
        return Step(
            "unsolved",
            consultation,
            {},
            _queued(rules, labels=("unsolved", "redone")),
            (Reply(ReplyKind.HANDED_OVER, {"why": "unsolved"}), _escalation()),
        )
    becomes: dict[str, Any] = {"labels": ["unsolved"], "timer_at": _silence_ends(now, rules)}
    if consultation.state == CLOSED:
        becomes |= {"state": "OPEN_BOT", "expected_outcome": consultation.outcome}
    return Step("unsolved", consultation, {}, becomes, (Reply(ReplyKind.UNSOLVED),))


def choose(
    consultation: Consultation, guide_id: str | None, *, now: datetime, rules: Rules
) -> Step:
    """The step of tapping one of the choices, or 都不是 (None)."""
    if guide_id is not None:
        verdict = Verdict(
            decision=_decision_for(rules.guides[guide_id]),
            answers=(Quote(guide_id=guide_id, passage=0),),
            choices=(),
            probability=1.0,
            reason="chosen",
        )
        facts = _facts(verdict) | {"chosen": guide_id}
        return _answered(
            "chosen", consultation, verdict, facts=facts, values={}, now=now, rules=rules
        )
    facts = {"chosen": None, "decision": Decision.CLARIFY}
    if consultation.clarifications >= MOST_CLARIFICATIONS:
        return Step(
            "chosen",
            consultation,
            facts | {"decision": Decision.HAND_OVER},
            _queued(rules),
            (Reply(ReplyKind.HANDED_OVER, {"why": "unsure"}), _escalation()),
        )
    becomes = {
        "clarifications": consultation.clarifications + 1,
        "timer_at": _silence_ends(now, rules),
        "expected_outcome": "ABANDONED",
    }
    return Step("chosen", consultation, facts, becomes, (Reply(ReplyKind.NO_CONFIDENCE),))


def open_guide(situation: Situation, guide_id: str, *, now: datetime, rules: Rules) -> Step:
    """The step of picking a guide from a list: what it says is given, as if surely asked for."""
    verdict = Verdict(
        decision=_decision_for(rules.guides[guide_id]),
        answers=(Quote(guide_id=guide_id, passage=0),),
        choices=(),
        probability=1.0,
        reason="picked",
    )
    current = situation.current
    if _with_staff(current):
        current = None
    same = current is not None and current.topic in (None, guide_id)
    target = current if same else None
    return _answered(
        "asked",
        target,
        verdict,
        facts=_facts(verdict),
        values={},
        now=now,
        rules=rules,
        settled=None if same else current,
        duplicate=_duplicate_of(verdict, situation, now=now) if target is None else None,
    )


def fell_silent(consultation: Consultation) -> Step:
    """The step of a timer that has run out: what was expected becomes the outcome."""
    outcome = consultation.expected_outcome or "ABANDONED"
    return Step(
        "closed",
        consultation,
        {"why": "silence"},
        {"state": CLOSED, "outcome": outcome},
        (Reply(ReplyKind.SILENT_CLOSE),) if outcome == "ABANDONED" else (),
    )


def settle(consultation: Consultation) -> Step:
    """The step that ends an answered matter because its asker has gone on to another."""
    return Step(
        "closed",
        consultation,
        {"why": "new_matter"},
        {"state": CLOSED, "outcome": consultation.expected_outcome or "ABANDONED"},
        (),
    )


def _question(
    situation: Situation,
    understood: Understanding,
    *,
    masked: Sequence[str],
    now: datetime,
    rules: Rules,
    text: str,
) -> Step:
    verdict = _with_filing(understood, current=situation.current, rules=rules)
    if masked and verdict.decision in (Decision.HAND_OVER, Decision.DECLINE):
        verdict = _personal(verdict, rules=rules)
    current = situation.current
    target, settled = _belongs(verdict, understood, current=current)
    if _with_staff(target):
        return Step("added", target, _facts(verdict), {}, (Reply(ReplyKind.ADDED), _added(masked)))
    values: dict[str, Any] = {}
    if masked:
        values["masked"] = list(masked)
    if understood.traditional:
        values["traditional"] = True
    if understood.filing is not None:
        values["filing"] = _filing(understood)
    facts = _facts(verdict) | ({"masked": list(masked)} if masked else {})
    if understood.match.candidates:
        facts["candidates"] = [
            {"guide_id": item.id, "score": round(item.score, 4)}
            for item in understood.match.candidates[:3]
        ]
    match verdict.decision:
        case Decision.ANSWER | Decision.REFER:
            duplicate = _duplicate_of(verdict, situation, now=now) if target is None else None
            return _answered(
                "asked",
                target,
                verdict,
                facts=facts,
                values=values,
                now=now,
                rules=rules,
                settled=settled,
                duplicate=duplicate,
            )
        case Decision.CLARIFY:
            count = 0 if target is None else target.clarifications
            if count >= MOST_CLARIFICATIONS:
                return _handed_over(target, settled, facts, values, rules=rules)
            choices = list(verdict.choices[:MOST_CHOICES])
            return Step(
                "asked",
                target,
                facts,
                {
                    "expected_outcome": _expected_while_unsure(target),
                    "clarifications": count + 1,
                    "timer_at": _silence_ends(now, rules),
                    "labels": ["clarified"],
                },
                (Reply(ReplyKind.CLARIFY, values | {"choices": choices}),),
                settle=settled,
            )
        case Decision.DECLINE:
            outcome = "REJECTED" if verdict.reason in REJECTING else "OUT_OF_SCOPE"
            if target is not None and target.topic is not None:
                becomes: dict[str, Any] = {"timer_at": _silence_ends(now, rules)}
            else:
                becomes = {"state": CLOSED, "outcome": outcome}
            return Step(
                "asked",
                target,
                facts,
                becomes,
                (Reply(ReplyKind.DECLINED, values | {"why": verdict.reason}),),
                settle=settled,
            )
        case _:
            places = [(text.find(part), len(part)) for part in verdict.open_parts]
            if verdict.answers and places:
                values["open_places"] = [[at, at + size] for at, size in places if at >= 0]
            return _handed_over(target, settled, facts, values, rules=rules, verdict=verdict)


def _with_staff(consultation: Consultation | None) -> bool:
    """Whether people have it, so that the bot keeps out."""
    return consultation is not None and consultation.state not in ("OPEN_BOT", CLOSED)


def _belongs(
    verdict: Verdict, understood: Understanding, *, current: Consultation | None
) -> tuple[Consultation | None, Consultation | None]:
    """Which consultation the question belongs to (None: a new one), and which it settles.

    A question that is understood by itself and is about something else than the current matter
    is a new matter; whatever leans on what came before, or is not understood, stays with it.
    """
    if current is None:
        return None, None
    known = verdict.decision in (Decision.ANSWER, Decision.REFER, Decision.DECLINE)
    topics = {quote.guide_id for quote in verdict.answers}
    same = current.topic in topics or bool(topics & set(current.topics))
    if _with_staff(current):
        surely_new = known and verdict.decision != Decision.DECLINE and not understood.elliptical
        return (None, None) if surely_new and not same else (current, None)
    if not known or understood.elliptical or same or current.topic is None:
        return current, None
    return None, current


def _answered(
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
) -> Step:
    """Answering or referring: the matter's first guide is its topic, others are also touched."""
    ids = [quote.guide_id for quote in verdict.answers]
    answers = [
        {
            "guide_id": quote.guide_id,
            "version": rules.guides[quote.guide_id].version,
            "passage": quote.passage,
        }
        for quote in verdict.answers
    ]
    outcome = rules.guides[ids[0]].outcome
    before = None if target is None else target.topic
    becomes: dict[str, Any] = {
        "answered": True,
        "topic": before or ids[0],
        "topics": [guide_id for guide_id in ids if guide_id != (before or ids[0])],
        "clarifications": 0,
    }
    if duplicate is not None:
        becomes |= {"state": CLOSED, "outcome": "DUPLICATE"}
        facts = {**facts, "duplicate_of": duplicate.receipt}
    elif verdict.decision == Decision.REFER and before is None:
        becomes |= {"state": CLOSED, "outcome": outcome, "nature": _nature(outcome)}
    else:
        becomes |= {
            "state": "OPEN_BOT",
            "expected_outcome": (target.expected_outcome if target and before else outcome),
            "timer_at": _silence_ends(now, rules),
        }
    reply = ReplyKind.REFERRED if verdict.decision == Decision.REFER else ReplyKind.ANSWER
    said = dict(values) | {"answers": answers}
    return Step(
        kind,
        target,
        {**facts, "answers": answers},
        becomes,
        (Reply(reply, said),),
        settle=settled,
    )


def _handed_over(
    target: Consultation | None,
    settled: Consultation | None,
    facts: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    rules: Rules,
    verdict: Verdict | None = None,
) -> Step:
    becomes = _queued(rules)
    said = dict(values) | {"why": "unsure"}
    facts = {**facts, "decision": Decision.HAND_OVER}
    if verdict is not None and verdict.answers:
        said["answers"] = [
            {
                "guide_id": quote.guide_id,
                "version": rules.guides[quote.guide_id].version,
                "passage": quote.passage,
            }
            for quote in verdict.answers
        ]
        facts["answers"] = said["answers"]
        topic = verdict.answers[0].guide_id
        if target is None or target.topic is None:
            becomes["topic"] = topic
        becomes["answered"] = True
    return Step(
        "asked",
        target,
        facts,
        becomes,
        (Reply(ReplyKind.HANDED_OVER, said), _escalation()),
        settle=settled,
    )


def _small_talk(kind: str, situation: Situation) -> Step:
    reply = Reply(ReplyKind.SMALL_TALK, {"kind": kind})
    if situation.current is not None:
        return Step("said", situation.current, {"small_talk": kind}, {}, (reply,))
    becomes = {"state": CLOSED, "outcome": INVALID}
    return Step("said", None, {"small_talk": kind}, becomes, (reply,))


def _with_filing(
    understood: Understanding, *, current: Consultation | None, rules: Rules
) -> Verdict:
    """A date of filing asks for the last day, unless something else was surely asked."""
    verdict = understood.verdict
    if understood.filing is None or DEADLINE_GUIDE not in rules.guides:
        return verdict
    category = rules.guides[DEADLINE_GUIDE].category
    named = verdict.answers[0].guide_id if verdict.answers else None
    elsewhere = named is not None and rules.guides[named].category != category
    if elsewhere and not understood.elliptical:
        return verdict
    quote = verdict.answers[0] if verdict.answers and not elsewhere else Quote(DEADLINE_GUIDE, 0)
    return Verdict(
        decision=Decision.ANSWER,
        answers=(quote,),
        choices=(),
        probability=verdict.probability,
        reason="filing",
    )


def _personal(verdict: Verdict, *, rules: Rules) -> Verdict:
    choices = tuple(key for key in PERSONAL_CHOICES if key in rules.guides)
    if not choices:
        return verdict
    return Verdict(
        decision=Decision.CLARIFY,
        answers=(),
        choices=choices,
        probability=verdict.probability,
        reason="personal_data",
    )


def _duplicate_of(verdict: Verdict, situation: Situation, *, now: datetime) -> Consultation | None:
    """The matter of the last seven days in which the same was already answered, if any."""
    if verdict.decision != Decision.ANSWER:
        return None
    topic = verdict.answers[0].guide_id
    for earlier in situation.earlier:
        recent = earlier.closed_at is not None and now - earlier.closed_at <= REOPEN_WITHIN
        answered = earlier.outcome is not None and OUTCOMES[earlier.outcome].family in (
            Family.ANSWERED,
            Family.REFERRED,
        )
        if recent and answered and earlier.topic == topic:
            return earlier
    return None


def _queued(rules: Rules, *, labels: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "state": "OPEN_QUEUE",
        "expected_outcome": None,
        "timer_at": None,
        "due_at": rules.staff_due_at.isoformat(),
        "labels": list(labels),
    }


def _escalation() -> Reply:
    return Reply(ReplyKind.ESCALATION, audience="staff")


def _added(masked: Sequence[str]) -> Reply:
    return Reply(ReplyKind.ESCALATION, {"added": True, "masked": list(masked)}, audience="staff")


def _facts(verdict: Verdict) -> dict[str, Any]:
    return {
        "decision": verdict.decision,
        "probability": round(verdict.probability, 4),
        "reason": verdict.reason,
        "choices": list(verdict.choices[:MOST_CHOICES]),
    }


def _filing(understood: Understanding) -> dict[str, Any]:
    filing = understood.filing
    if filing is None:  # pragma: no cover - the caller has looked
        raise ValueError("no filing")
    return {"day": filing.day.isoformat(), "manner": filing.manner, "arrived": filing.arrived}


def _decision_for(guide: Guide) -> Decision:
    referred = OUTCOMES[guide.outcome].family == Family.REFERRED_ELSEWHERE
    return Decision.REFER if referred or guide.outcome == "REFERRED_AGENCY" else Decision.ANSWER


def _nature(outcome: str) -> str:
    """What kind of matter it turned out to be (性质), as far as the referral tells."""
    return {
        "REFERRED_12345": "help",
        "REFERRED_EMERGENCY": "help",
        "REFERRED_PETITION": "complaint",
    }.get(outcome, "inquiry")


def _expected_while_unsure(target: Consultation | None) -> str:
    if target is not None and target.topic is not None and target.expected_outcome is not None:
        return target.expected_outcome
    return "ABANDONED"


def _silence_ends(now: datetime, rules: Rules) -> str:
    return (now + rules.silence).isoformat()
