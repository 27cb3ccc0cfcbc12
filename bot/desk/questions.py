"""Questions: which matter one belongs to, and the step that it leads to. Pure, no database."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.desk.inquiries import Reply, ReplyKind
from bot.desk.outcomes import CLOSED, OUTCOMES, Family
from bot.desk.steps import (
    MOST_CHOICES,
    REOPEN_WITHIN,
    Rules,
    Situation,
    Step,
    added,
    answered,
    handed_over,
    is_recent,
    leant_on,
    standing,
    unsure,
    waiting,
    with_staff,
)
from bot.store.consultations import Consultation
from knowledge.dates import Filing, find_filing, tells_only_a_day
from knowledge.explanation import as_logged
from knowledge.guides import Guide
from knowledge.ladder import Decision, Quote, Verdict
from knowledge.privacy import MARKERS, Kind
from knowledge.smalltalk import Aside, aside
from knowledge.text import tidy
from knowledge.understanding import QUESTION, Understanding

DEADLINE_GUIDE = "C01"
"""The guide that says when an application must be answered: a filing date is an ask for it."""
PERSONAL_CHOICES = ("B13", "E07")
"""Offered to who sends an identity number to have something looked up: the two usual wishes."""
REJECTING = frozenset({"privacy", "illegal", "rejected"})
"""The ladder's reasons for declining what pries into somebody's life or asks for a crime."""
OFF_TOPIC = "off_topic"
IN_DANGER = frozenset({"emergency", "despair"})
UNCLEAR_DAY = "unclear_day"
"""The reason for asking again for the day of an application, which could not be read."""

SHORT = 12
"""Characters beside an identity number in which hardly anything can be asked."""
LONG = 24
"""Characters beside a date of filing from which on something else is told or asked."""

_MENTION = re.compile(
    "(?:我|本人)?的?(?:居民|联系|聯繫|电子|電子|银行|銀行)?(?:身份[证證]|电话|電話|手[机機]|[邮郵]箱"
    "|[护護]照|卡|[账賬帳][户戶])?(?:[号號][码碼]?|地址)?(?:是|为|為)?[:：,，]?\\s*"
    f"(?:{'|'.join(map(re.escape, MARKERS.values()))})"
)


def question(
    situation: Situation,
    understood: Understanding,
    *,
    masked: Collection[str],
    now: datetime,
    rules: Rules,
    text: str,
    stays: bool,
) -> Step:
    """The step that a question leads to; ``stays`` if it is said to belong to the current matter.

    ``text`` is the masked message, in which a reply names places.
    """
    verdict = _judged(situation, understood, masked=masked, rules=rules, text=text)
    adds = aside(text) is Aside.ADDS and verdict.reason not in IN_DANGER
    leaning = stays or understood.elliptical or adds
    target, settled = _belongs(verdict, situation, leaning=leaning, now=now, rules=rules)
    facts = _facts(verdict, understood, rules=rules, text=text)
    if verdict.reason == OFF_TOPIC and target is None and situation.queued is not None:
        # More likely said to the people who have their matter than to us.
        target, settled = situation.queued, None
    if target is not None and with_staff(target):
        with_people = {"decision": Decision.HAND_OVER, "reason": "with_staff", "choices": []}
        return added(target, facts=facts | with_people)
    values: dict[str, Any] = {}
    if understood.filing is not None:
        values["filing"] = _filing(understood.filing)
    match verdict.decision:
        case Decision.ANSWER | Decision.REFER:
            duplicate = duplicate_of(verdict, situation, now=now) if target is None else None
            return answered(
                "asked",
                target,
                verdict,
                facts=facts,
                values=values,
                now=now,
                rules=rules,
                settled=settled,
                duplicate=duplicate,
                match=understood.match,
            )
        case Decision.CLARIFY:
            choices = list(verdict.choices[:MOST_CHOICES])
            asked_again = {"why": UNCLEAR_DAY} if verdict.reason == UNCLEAR_DAY else {}
            return unsure(
                "asked",
                target,
                facts=facts,
                reply=Reply(ReplyKind.CLARIFY, {"choices": choices} | asked_again),
                now=now,
                rules=rules,
                settled=settled,
                labels=("clarified",),
            )
        case Decision.DECLINE:
            return _declined(target, settled, verdict, facts=facts, now=now, rules=rules)
        case _:
            places = [(text.find(part), len(part)) for part in verdict.open_parts]
            if verdict.answers and places:
                values["open_places"] = [[at, at + size] for at, size in places if at >= 0]
            return handed_over(
                "asked",
                target,
                facts=facts,
                values=values,
                rules=rules,
                settled=settled,
                verdict=verdict,
                match=understood.match,
            )


def readable(masked_text: str) -> str:
    """The message without the markers of personal data and the words that lead up to them.

    What is left is what was asked: a marker's own words would be taken for the question.
    """
    return _MENTION.sub("", masked_text)


def asks_for_day(about: str | None, guides: Mapping[str, Guide]) -> bool:
    """Whether whoever was last given that guide was asked for the day of their application."""
    given, deadline = guides.get(about or ""), guides.get(DEADLINE_GUIDE)
    return given is not None and deadline is not None and given.category == deadline.category


def answering_which_day(understood: Understanding, words: str, *, today: date) -> Understanding:
    """What words mean that may answer on which day an application was made.

    Words for a day that cannot be told (半个月前交的, 2月30号交的) lead to asking again.
    """
    filing = find_filing(words, today=today, asked=True)
    if filing is not None:
        return replace(understood, filing=filing, elliptical=True)
    if not tells_only_a_day(words):
        return understood
    unclear = Verdict(Decision.CLARIFY, reason=UNCLEAR_DAY)
    return replace(understood, verdict=unclear, elliptical=True)


def duplicate_of(verdict: Verdict, situation: Situation, *, now: datetime) -> Consultation | None:
    """The matter of the last seven days in which all of this was already answered, if any."""
    # A date of filing, and parts that are asked back about, were not answered before.
    if verdict.decision != Decision.ANSWER or verdict.reason == "filing" or verdict.choices:
        return None
    asked = {quote.guide_id for quote in verdict.answers}
    for earlier in situation.earlier:
        given = earlier.outcome is not None and OUTCOMES[earlier.outcome].family in (
            Family.ANSWERED,
            Family.REFERRED,
        )
        if (
            given
            and is_recent(earlier, now=now, within=REOPEN_WITHIN)
            and asked <= {earlier.topic, *earlier.topics}
        ):
            return earlier
    return None


def _judged(
    situation: Situation,
    understood: Understanding,
    *,
    masked: Collection[str],
    rules: Rules,
    text: str,
) -> Verdict:
    """The ladder's verdict, with what the words alone do not tell."""
    verdict = understood.verdict
    if verdict.reason in REJECTING:
        return verdict
    sure = verdict.decision in (Decision.ANSWER, Decision.REFER)
    asks_little = understood.kind != QUESTION or len(tidy(readable(text))) <= SHORT
    bare = Kind.IDENTITY_NUMBER in masked and asks_little
    if bare and not sure and (choices := tuple(filter(rules.guides.get, PERSONAL_CHOICES))):
        return Verdict(
            Decision.CLARIFY,
            choices=choices,
            probability=verdict.probability,
            reason="personal_data",
        )
    if understood.filing is not None:
        verdict = _with_filing(understood, understood.filing, rules=rules, text=text)
    current = situation.current
    asked_back = current is not None and not with_staff(current) and current.clarifications > 0
    follows_up = understood.elliptical and situation.about is not None
    off_topic = verdict.decision == Decision.DECLINE and verdict.reason == OFF_TOPIC
    if off_topic and (asked_back or follows_up):
        # Whoever was asked what they mean and answers in words of their own is still with us,
        # and so is who asks on in a few words about what they were given.
        return Verdict(Decision.CLARIFY, probability=verdict.probability, reason="still_unclear")
    return verdict


def _with_filing(understood: Understanding, filing: Filing, *, rules: Rules, text: str) -> Verdict:
    """A date of filing asks for the last day, unless something else was surely asked."""
    verdict = understood.verdict
    if DEADLINE_GUIDE not in rules.guides:
        return verdict
    category = rules.guides[DEADLINE_GUIDE].category
    given = [quote.guide_id for quote in verdict.answers]
    if any(rules.guides[key].category == category for key in given):
        return verdict
    offered = any(rules.guides[key].category == category for key in verdict.choices)
    tells_more = len(readable(text)) - len(filing.quote) > LONG and not offered
    says_no_more = understood.elliptical or tells_only_a_day(readable(text))
    if not says_no_more and (given or tells_more):
        return verdict
    return Verdict(
        Decision.ANSWER,
        answers=(Quote(DEADLINE_GUIDE, 0),),
        probability=verdict.probability,
        reason="filing",
    )


def _belongs(
    verdict: Verdict, situation: Situation, *, leaning: bool, now: datetime, rules: Rules
) -> tuple[Consultation | None, Consultation | None]:
    """Which consultation the question belongs to (None: a new one), and which it settles.

    A question that is understood by itself and is about something else than the current matter
    is a new matter; whatever leans on what came before, or is not understood, stays with it.
    """
    current = situation.current
    known = verdict.decision in (Decision.ANSWER, Decision.REFER, Decision.DECLINE)
    if current is None:
        last = leant_on(situation, now=now, silence=rules.silence)
        follows_up = leaning and verdict.decision != Decision.DECLINE
        return (last if follows_up else None), None
    topics = {quote.guide_id for quote in verdict.answers}
    same = bool(topics & {current.topic, *current.topics})
    if with_staff(current):
        surely_new = known and verdict.decision != Decision.DECLINE and not leaning
        return (None if surely_new and not same else current), None
    if not known or leaning or same or current.topic is None:
        return current, None
    return None, current


def _declined(
    target: Consultation | None,
    settled: Consultation | None,
    verdict: Verdict,
    *,
    facts: Mapping[str, Any],
    now: datetime,
    rules: Rules,
) -> Step:
    if target is not None and standing(target, rules) is not None:
        becomes = waiting(now, rules)
    else:
        outcome = "REJECTED" if verdict.reason in REJECTING else "OUT_OF_SCOPE"
        becomes = {"state": CLOSED, "outcome": outcome}
    reply = Reply(ReplyKind.DECLINED, {"why": verdict.reason})
    return Step("asked", target, facts, becomes, (reply,), settle=settled)


def _facts(
    verdict: Verdict, understood: Understanding, *, rules: Rules, text: str
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "decision": verdict.decision,
        "probability": round(verdict.probability, 4),
        "reason": verdict.reason,
        "choices": list(verdict.choices[:MOST_CHOICES]),
    }
    candidates = [
        as_logged(one, rules.guides[one.id], text=text)
        for one in understood.match.candidates[:MOST_CHOICES]
        if one.id in rules.guides
    ]
    return facts | ({"candidates": candidates} if candidates else {})


def _filing(filing: Filing) -> dict[str, Any]:
    return {
        "day": filing.day.isoformat(),
        "manner": filing.manner,
        "arrived": filing.arrived,
        "confirmed": filing.confirmed,
    }
