"""From evidence to a decision: answer, let the asker choose, hand over, refer, or decline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge import scope
from knowledge.guides import Guide
from knowledge.matching import Candidate, Match
from knowledge.weights import Thresholds

MOST_CHOICES = 3
FEWEST_KNOWN = 0.35
"""A question of which the guides use less than this share, with no official word, is not ours."""
LEAST_LIKELY = 0.03
"""So is one for which the best guide is less likely than this."""
LONGEST_VAGUE = 8
FULLY_KNOWN = 0.9

REFERRING = frozenset(
    {
        "REFERRED_AGENCY",
        "REFERRED_12345",
        "REFERRED_PETITION",
        "REFERRED_BUSINESS",
        "REFERRED_LEGAL_AID",
        "REFERRED_EMERGENCY",
    }
)
"""Outcomes of guides that send the asker elsewhere, which closes the consultation."""
DECLINING = frozenset({"OUT_OF_SCOPE", "REJECTED"})


def channels(guides: Iterable[Guide]) -> dict[str, tuple[str, ...]]:
    """General referral guide → itself and the narrower ones that name it among their related.

    A narrower one (its id is a word, not a topic's number) sends to the same place for one kind
    of matter, so whoever is given it is as well served.
    """
    sending = [guide for guide in guides if guide.outcome in REFERRING]
    return {
        general.id: (
            general.id,
            *(one.id for one in sending if one.id.islower() and general.id in one.related),
        )
        for general in sending
        if not general.id.islower()
    }


class Decision(StrEnum):
    """What is done with a question; only ``answer`` counts as answered."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    HAND_OVER = "hand_over"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Quote:
    """The passage of a guide that is to be given, with the guide's own lead passage as 0."""

    guide_id: str
    passage: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about a question, and why.

    ``answers`` has the main topic first; ``choices`` are ids of up to three different guides to
    choose from, of several questions asked at once those for the parts that are not answered yet;
    ``reason`` is a code for the log; ``open_parts`` are the asker's questions, of several asked at
    once, that no guide answers while others are answered.
    """

    decision: Decision
    answers: tuple[Quote, ...] = ()
    choices: tuple[str, ...] = ()
    probability: float = 0.0
    reason: str = ""
    open_parts: tuple[str, ...] = ()


def climb(match: Match, *, outcome_of: Mapping[str, str], thresholds: Thresholds) -> Verdict:
    """What to do with a question for which this was found.

    ``outcome_of`` gives the outcome that each guide's answer yields, by id; a guide that it does
    not name may not be given and is passed over.
    """
    usable = [one for one in match.candidates if one.id in outcome_of]
    probability = match.probability if usable and usable[0] is match.candidates[0] else 0.0
    sends = bool(usable) and outcome_of[usable[0].id] in REFERRING
    enough = min(thresholds.answer, thresholds.refer) if sends else thresholds.answer
    if usable and probability >= enough:
        return _given(usable[0], outcome=outcome_of[usable[0].id], probability=probability)
    if scope.is_off_topic(match.normal):
        return Verdict(Decision.DECLINE, probability=probability, reason="off_topic")
    if usable and probability >= thresholds.clarify:
        choices = tuple(
            one.id for one in usable if one.score >= usable[0].score - thresholds.near
        )[:MOST_CHOICES]
        if len(choices) == 1:
            choices = tuple(one.id for one in usable[:2])
        return Verdict(
            Decision.CLARIFY, choices=choices, probability=probability, reason="several"
        )
    if usable and _is_vague(match):
        choices = tuple(one.id for one in usable[:MOST_CHOICES])
        return Verdict(Decision.CLARIFY, choices=choices, probability=probability, reason="vague")
    if _is_strange(match, probability=probability) and not scope.is_official(match.normal):
        return Verdict(Decision.DECLINE, probability=probability, reason="off_topic")
    return Verdict(Decision.HAND_OVER, probability=probability, reason="unknown")


def _is_vague(match: Match) -> bool:
    """Whether the few words are all ours, so that the asker only has to say which matter it is."""
    return (
        len(match.normal) <= LONGEST_VAGUE
        and match.known >= FULLY_KNOWN
        and scope.is_official(match.normal)
    )


def _is_strange(match: Match, *, probability: float) -> bool:
    """Whether the guides know nothing like it, and it is written so that they could."""
    chinese = any("\u4e00" <= one <= "\u9fff" for one in match.normal)
    return chinese and (match.known < FEWEST_KNOWN or probability < LEAST_LIKELY)


def _given(candidate: Candidate, *, outcome: str, probability: float) -> Verdict:
    if outcome in DECLINING:
        return Verdict(Decision.DECLINE, probability=probability, reason=outcome.lower())
    decision = Decision.REFER if outcome in REFERRING else Decision.ANSWER
    quote = Quote(candidate.id, candidate.passage)
    return Verdict(decision, answers=(quote,), probability=probability, reason="sure")
