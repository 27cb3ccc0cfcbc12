"""Things made for a test: each function gives one, with what the test does not care about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, String

from bot.desk.outcomes import CLOSED, OWNER_OF_STATE
from bot.desk.steps import Rules
from bot.store.consultations import Consultation
from knowledge.dates import Filing
from knowledge.guides import Guide
from knowledge.ladder import Decision, Quote, Verdict
from knowledge.matching import NO_MATCH, Candidate, Evidence, Match
from knowledge.smalltalk import Command, SmallTalk
from knowledge.understanding import QUESTION, Kind, Understanding

MONDAY = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""10:30 at the office."""
TUESDAY_EVENING = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def matter(state: str = "OPEN_BOT", **changes: Any) -> Consultation:
    """A consultation in that state; a closed one was closed now, unless it says otherwise."""
    closed_at = changes.get("closed_at", MONDAY) if state == CLOSED else None
    first = {"first_closed_at": closed_at, "first_outcome": changes.get("outcome")}
    row = Consultation(
        id=1,
        receipt="26112300000001",
        channel="telegram",
        asker=b"a" * 32,
        owner=OWNER_OF_STATE[state],
        state=state,
        nature="inquiry",
        opened_at=MONDAY - DAY,
        touched_at=MONDAY - DAY,
        timer_at=MONDAY + DAY if state == "OPEN_BOT" else None,
        version=1,
    )
    return replace(row, **{"closed_at": closed_at, **first, **changes})


def closed(outcome: str, **changes: Any) -> Consultation:
    """A consultation that was closed with that outcome."""
    return matter(CLOSED, outcome=outcome, **changes)


def verdict(
    decision: Decision, *answers: str, choices: Sequence[str] = (), reason: str = "test"
) -> Verdict:
    """What the ladder decided: answers are ids of guides, whose lead passages are quoted."""
    quotes = tuple(Quote(guide_id, 0) for guide_id in answers)
    return Verdict(decision, quotes, tuple(choices), 0.5, reason)


def understood(
    decided: Verdict,
    *,
    kind: Kind = QUESTION,
    elliptical: bool = False,
    filing: Filing | None = None,
    traditional: bool = False,
) -> Understanding:
    """What a message means."""
    return Understanding(kind, decided, NO_MATCH, elliptical, filing, traditional)


def found(*ids: str, words: Sequence[str] = (), similarity: float = 0.5) -> Match:
    """What was found for a question: these guides, for those words."""
    evidence = Evidence(
        words=tuple(words), official=(), phrasing=None, similarity=similarity, covered=0.0
    )
    return Match(
        normal="",
        candidates=tuple(Candidate(key, 0, 1.0, evidence) for key in ids),
        probability=0.5,
        known=1.0,
    )


def said(kind: SmallTalk | Command, *, traditional: bool = False) -> Understanding:
    """A message that asks nothing."""
    decided = Verdict(Decision.DECLINE, reason=str(kind))
    return understood(decided, kind=kind, traditional=traditional)


def filed(day: date, *, manner: Any = "registered_mail", quote: str = "11月3号寄到") -> Filing:
    """A day on which the asker says that an application arrived."""
    return Filing(day, manner, quote)


def rules(guides: Mapping[str, Guide], **changes: Any) -> Rules:
    """The world on Monday morning."""
    return replace(Rules(guides=guides, staff_due_at=TUESDAY_EVENING), **changes)


def width(column: Column[Any]) -> int:
    """How many characters fit a column."""
    assert isinstance(column.type, String)
    return column.type.length or 0
