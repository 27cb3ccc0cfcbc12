"""Rows: the consultations behind a statement, one a line, without a word that a citizen wrote."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.desk.outcomes import CLOSED, INVALID, OPEN_STATES, OUTCOMES
from bot.reports.labels import UNKNOWN, UNKNOWN_LABEL, Labels
from bot.reports.periods import Period
from bot.store.facts import Fact

HEADER = (
    "受理编号",
    "渠道",
    "受理时间",
    "主题",
    "状态",
    "首次办结结果",
    "首次办结时间",
    "计入本期",
)
"""What the columns are called, in order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One consultation as it is listed; times are in the office's zone.

    ``counted_in`` says which of the period's totals it counts in.
    """

    receipt: str
    channel: str
    opened: datetime
    topic: str
    state: str
    outcome: str
    first_closed: datetime | None
    counted_in: str

    def cells(self) -> tuple[str | datetime | None, ...]:
        """The cells in the header's order."""
        return (
            self.receipt,
            self.channel,
            self.opened,
            self.topic,
            self.state,
            self.outcome,
            self.first_closed,
            self.counted_in,
        )


def kept(
    facts: Iterable[Fact], rows: list[Row], *, period: Period, zone: tzinfo, labels: Labels
) -> Iterator[Fact]:
    """The same facts, each also appended to ``rows`` as it passes."""
    for fact in facts:
        rows.append(_row(fact, period=period, zone=zone, labels=labels))
        yield fact


def _row(fact: Fact, *, period: Period, zone: tzinfo, labels: Labels) -> Row:
    # Whole seconds, cut off: a spreadsheet would round the last one into the next month.
    opened = fact.opened_at.astimezone(zone).replace(microsecond=0)
    closed = fact.first_closed_at
    counted_as = labels.counted_as.get(fact.channel, UNKNOWN)
    topic = UNKNOWN_LABEL if fact.topic is None else labels.label("topic", fact.topic)
    outcome = OUTCOMES.get(fact.first_outcome or "")
    return Row(
        receipt=fact.receipt,
        channel=labels.label("channel", counted_as),
        opened=opened,
        topic=topic,
        state="已办结" if fact.state == CLOSED else OPEN_STATES.get(fact.state, fact.state),
        outcome="" if outcome is None else outcome.label,
        first_closed=(None if closed is None else closed.astimezone(zone).replace(microsecond=0)),
        counted_in=_counted_in(fact, period=period, zone=zone),
    )


def _counted_in(fact: Fact, *, period: Period, zone: tzinfo) -> str:
    start, end = period.start(zone), period.end(zone)
    received = start <= fact.opened_at < end
    closed = fact.first_closed_at is not None and start <= fact.first_closed_at < end
    if fact.first_outcome == INVALID:
        return "无效量" if received else ""
    return "、".join(
        name
        for name, counts in (
            ("期初在办", not received),
            ("受理", received),
            ("办结", closed),
            ("期末在办", not closed),
        )
        if counts
    )
