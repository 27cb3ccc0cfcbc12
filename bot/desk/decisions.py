"""Decisions: what comes of a message, a tap or silence, given where the asker's matters stand.

Pure rules, no database. Source: what one consultation is (事项), follow-ups, duplicates and
silence, as the office's workflow has them; the ladder has already judged the words.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.desk.inquiries import Reply, ReplyKind
from bot.desk.outcomes import CLOSED, INVALID, OUTCOMES, Family
from bot.desk.questions import duplicate_of, question
from bot.desk.receipts import find_receipt
from bot.desk.steps import (
    REOPEN_WITHIN,
    Rules,
    Situation,
    Step,
    added,
    answered,
    asked_status,
    by_staff,
    is_recent,
    leant_on,
    queued,
    staff_notice,
    standing,
    to_staff,
    unsure,
    waiting,
    with_staff,
    with_values,
)
from bot.store.consultations import Consultation
from knowledge.guides import Guide
from knowledge.ladder import Decision, Quote, Verdict
from knowledge.privacy import Kind
from knowledge.smalltalk import Aside, aside, is_settled, picked, says_more
from knowledge.understanding import QUESTION, Understanding

POLITE = frozenset({"thanks", "farewell"})
"""Small talk that is answered in kind even while people have the matter."""


def decide(
    situation: Situation,
    understood: Understanding,
    *,
    masked: Collection[str],
    now: datetime,
    rules: Rules,
    text: str = "",
    stays: bool = False,
) -> Step:
    """The one step that this message leads to.

    ``masked`` are the kinds of personal data that were in it. ``text`` is the masked message; a
    reply names places in it, never the words themselves, which are kept apart from what is
    logged. ``stays`` if the message is said to belong to the current matter: an edit, or one that
    names it.
    """
    step = _decided(
        situation, understood, masked=masked, now=now, rules=rules, text=text, stays=stays
    )
    manner: dict[str, Any] = {"traditional": True} if understood.traditional else {}
    caught = {"masked": list(masked)} if masked else {}
    step = replace(step, facts={**step.facts, **manner, **caught})
    return _opened(with_values(step, citizen=manner | caught, staff=caught), rules)


def escalate(consultation: Consultation | None, *, rules: Rules) -> Step:
    """The step of 转人工: into the staff's queue, or word of where it already stands."""
    if consultation is not None and with_staff(consultation):
        return asked_status(consultation)
    again = consultation is not None and by_staff(consultation)
    return Step(
        "escalated",
        consultation,
        {"decision": Decision.HAND_OVER, "why": "asked"},
        queued(rules, labels=("escalated", "redone") if again else ("escalated",)),
        (Reply(ReplyKind.HANDED_OVER, {"why": "asked"}), to_staff()),
    )


def may(kind: str, consultation: Consultation, *, now: datetime) -> bool:
    """Whether that act of a citizen is open to this consultation now."""
    recent = is_recent(consultation, now=now, within=REOPEN_WITHIN)
    match kind:
        case "solved":
            return consultation.state == "OPEN_BOT" and consultation.topic is not None
        case "unsolved":
            return consultation.state == "OPEN_BOT" or recent
        case "withdraw":
            return consultation.state != CLOSED
        case "rate":
            return (
                consultation.state == CLOSED
                and consultation.outcome != INVALID
                and "rated" not in consultation.labels
            )
        case "escalate":
            return consultation.state != CLOSED or recent
    raise ValueError(f"{kind} is not an act of a citizen")


def act(kind: str, consultation: Consultation, *, now: datetime, rules: Rules) -> Step:
    """The step of 解决了, 没解决, 撤回 or 转人工; ``may`` has allowed it."""
    match kind:
        case "escalate":
            return escalate(consultation, rules=rules)
        case "solved":
            outcome = standing(consultation, rules) or "ANSWERED_KB"
            becomes = {"state": CLOSED, "outcome": outcome, "labels": ["confirmed"]}
            return Step("solved", consultation, {}, becomes, (Reply(ReplyKind.SOLVED),))
        case "withdraw":
            return _withdrawn(consultation)
    return _unsolved(consultation, now=now, rules=rules)


def rate(consultation: Consultation, value: str) -> Step:
    """The step of rating (a code of ``RATINGS``); ``may`` has allowed it."""
    becomes = {"rating": value, "labels": ["rated"]}
    reply = Reply(ReplyKind.RATED, {"value": value})
    return Step("rated", consultation, {"value": value}, becomes, (reply,))


def choose(
    consultation: Consultation, guide_id: str | None, *, now: datetime, rules: Rules
) -> Step:
    """The step of taking one of the choices (a guide in ``rules``), or 都不是 (None)."""
    if guide_id is None:
        return unsure(
            "chosen",
            consultation,
            facts={"chosen": None, "decision": Decision.CLARIFY},
            reply=Reply(ReplyKind.NO_CONFIDENCE),
            now=now,
            rules=rules,
        )
    verdict = _picked(rules.guides[guide_id], reason="chosen")
    facts = _facts(verdict) | {"chosen": guide_id}
    return answered("chosen", consultation, verdict, facts=facts, values={}, now=now, rules=rules)


def open_guide(situation: Situation, guide_id: str, *, now: datetime, rules: Rules) -> Step:
    """The step of picking a guide from a list: what it says is given, as if surely asked for.

    Staff who have a matter in hand are not disturbed by it: it is then a matter of its own.
    """
    verdict = _picked(rules.guides[guide_id], reason="picked")
    current = None if with_staff(situation.current) else situation.current
    same = current is not None and (
        current.topic is None or guide_id in (current.topic, *current.topics)
    )
    target = current if same else None
    step = answered(
        "asked",
        target,
        verdict,
        facts=_facts(verdict),
        values={},
        now=now,
        rules=rules,
        settled=None if same else current,
        duplicate=None if same else duplicate_of(verdict, situation, now=now),
    )
    return _opened(step, rules)


def unreadable(current: Consultation | None, medium: str) -> Step:
    """The step of something that cannot be read here (a photo, a voice message)."""
    becomes = {} if current is not None else {"state": CLOSED, "outcome": INVALID}
    reply = Reply(ReplyKind.CANNOT_READ, {"medium": medium})
    return Step("said", current, {"medium": medium}, becomes, (reply,))


def fell_silent(consultation: Consultation, *, quietly: bool = False) -> Step:
    """The step of a timer that has run out: what was expected becomes the outcome.

    ``quietly`` if the citizen has just spoken again, so that nothing need be said of it.
    """
    outcome = consultation.expected_outcome or "ABANDONED"
    told = outcome == "ABANDONED" and not quietly
    return Step(
        "closed",
        consultation,
        {"why": "silence"},
        {"state": CLOSED, "outcome": outcome},
        (Reply(ReplyKind.SILENT_CLOSE),) if told else (),
    )


def settle(consultation: Consultation) -> Step:
    """The step that ends an answered matter because its asker has gone on to another."""
    becomes = {"state": CLOSED, "outcome": consultation.expected_outcome or "ABANDONED"}
    return Step("closed", consultation, {"why": "new_matter"}, becomes, ())


def _decided(
    situation: Situation,
    understood: Understanding,
    *,
    masked: Collection[str],
    now: datetime,
    rules: Rules,
    text: str,
    stays: bool,
) -> Step:
    current = situation.current
    meant = _meant(situation, now=now, rules=rules, text=text)
    if meant is not None:
        return meant
    match understood.kind:
        case "wants_staff" if says_more(text):
            # What they say with it is for the people who have it, or will.
            has_it = current is not None and with_staff(current)
            return added(current, facts={}) if has_it else escalate(current, rules=rules)
        case "wants_staff":
            return escalate(current or _just_ended(situation, now=now, rules=rules), rules=rules)
        case "withdraw" if current is not None:
            return act("withdraw", current, now=now, rules=rules)
        case "solved" if current is not None and with_staff(current) and is_settled(text):
            return _withdrawn(current, why="solved")
        case "solved" | "unsolved" if current is not None and with_staff(current):
            return added(current, facts={})
        case "solved" if current is not None and may("solved", current, now=now):
            return act("solved", current, now=now, rules=rules)
        case "unsolved" if current is not None and current.clarifications:
            # 都不是 in words: what was offered was not it.
            return choose(current, None, now=now, rules=rules)
        case "unsolved":
            matters = (item for item in (current, *situation.earlier) if item is not None)
            missed = next((item for item in matters if item.outcome != INVALID), None)
            if missed is not None and may("unsolved", missed, now=now):
                return act("unsolved", missed, now=now, rules=rules)
            return _small_talk("no_matter", current)
        case "withdraw":
            return _small_talk("no_matter", current)
        case "solved":
            return _small_talk("thanks", current)
    if understood.kind == QUESTION or Kind.IDENTITY_NUMBER in masked:
        return question(
            situation,
            understood,
            masked=masked,
            now=now,
            rules=rules,
            text=text,
            stays=stays,
        )
    # Of a message that was nothing but a phone number, nothing is left to read.
    bare = masked and understood.kind == "blank"
    return _small_talk("no_matter" if bare else understood.kind, current)


def _meant(situation: Situation, *, now: datetime, rules: Rules, text: str) -> Step | None:
    """The step of words that mean what they do only where a matter stands so, else None."""
    current = situation.current
    if find_receipt(text) is not None:
        if situation.named is not None:
            return asked_status(situation.named)
        becomes = {} if current is not None else {"state": CLOSED, "outcome": INVALID}
        reply = Reply(ReplyKind.SMALL_TALK, {"kind": "receipt"})
        return Step("said", current, {"small_talk": "receipt"}, becomes, (reply,))
    if current is None:
        return None
    number = picked(text)
    if number is not None and number <= len(situation.offered):
        chosen = situation.offered[number - 1]
        return choose(current, chosen, now=now, rules=rules) if chosen in rules.guides else None
    match aside(text):
        case Aside.DROPS:
            return _withdrawn(current)
        case Aside.PROGRESS if with_staff(current):
            return asked_status(current)
    return None


def _withdrawn(consultation: Consultation, **values: str) -> Step:
    becomes = {"state": CLOSED, "outcome": "WITHDRAWN"}
    told = (staff_notice("withdrawn"),) if with_staff(consultation) else ()
    replies = (Reply(ReplyKind.WITHDRAWN, values), *told)
    return Step("withdrawn", consultation, values, becomes, replies)


def _unsolved(consultation: Consultation, *, now: datetime, rules: Rules) -> Step:
    if by_staff(consultation) and "redone" not in consultation.labels:
        # What a person answered and the citizen still misses goes back to people, once.
        return Step(
            "unsolved",
            consultation,
            {},
            queued(rules, labels=("unsolved", "redone")),
            (Reply(ReplyKind.HANDED_OVER, {"why": "unsolved"}), to_staff()),
        )
    if consultation.state == "OPEN_BOT" and "unsolved" in consultation.labels:
        # They have put it in other words already, or have none.
        return Step(
            "unsolved",
            consultation,
            {"decision": Decision.HAND_OVER},
            queued(rules),
            (Reply(ReplyKind.HANDED_OVER, {"why": "unsolved"}), to_staff()),
        )
    becomes = waiting(now, rules) | {"labels": ["unsolved"]}
    if consultation.state == CLOSED:
        becomes["expected_outcome"] = consultation.outcome
    return Step("unsolved", consultation, {}, becomes, (Reply(ReplyKind.UNSOLVED),))


def _just_ended(situation: Situation, *, now: datetime, rules: Rules) -> Consultation | None:
    """The matter that whoever now asks for a person, without a word more, must mean.

    Not one that they ended themselves: then it is another wish.
    """
    last = leant_on(situation, now=now, silence=rules.silence)
    if last is None or last.outcome == "WITHDRAWN" or "confirmed" in last.labels:
        return None
    return last


def _small_talk(kind: str, current: Consultation | None) -> Step:
    facts = {"small_talk": kind}
    if current is not None and with_staff(current) and kind not in POLITE:
        return asked_status(current, facts=facts)
    becomes = {} if current is not None else {"state": CLOSED, "outcome": INVALID}
    reply = Reply(ReplyKind.SMALL_TALK, {"kind": kind})
    return Step("said", current, facts, becomes, (reply,))


def _opened(step: Step, rules: Rules) -> Step:
    """The step with its label if it opens a consultation while nobody is at work."""
    if step.target is not None or not rules.after_hours or step.becomes.get("outcome") == INVALID:
        return step
    labels = [*step.becomes.get("labels", ()), "after_hours"]
    return replace(step, becomes={**step.becomes, "labels": labels})


def _picked(guide: Guide, *, reason: str) -> Verdict:
    family = OUTCOMES[guide.outcome].family
    referred = family == Family.REFERRED_ELSEWHERE or guide.outcome == "REFERRED_AGENCY"
    return Verdict(
        decision=Decision.REFER if referred else Decision.ANSWER,
        answers=(Quote(guide_id=guide.id, passage=0),),
        probability=1.0,
        reason=reason,
    )


def _facts(verdict: Verdict) -> dict[str, Any]:
    return {
        "decision": verdict.decision,
        "probability": verdict.probability,
        "reason": verdict.reason,
    }
