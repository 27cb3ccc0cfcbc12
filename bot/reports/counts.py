"""Counts: the facts of one period added up in one pass, from which figures are made."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from bot.desk.outcomes import INVALID, OUTCOMES, Family
from bot.reports.labels import UNKNOWN, Labels
from bot.reports.periods import Period
from bot.store.facts import Fact

INQUIRY = "inquiry"
NOT_DISCLOSURE: tuple[str, ...] = tuple(
    code
    for code, outcome in OUTCOMES.items()
    if outcome.family in (Family.REFERRED_ELSEWHERE, Family.UNANSWERED)
    or code in ("DUPLICATE", "WITHDRAWN")
)
"""The outcomes of what was not a consultation about government information disclosure."""

MOST_NAMED = 3
"""How many receipts an error names: enough to find the mistake, few enough to read."""


@dataclass(frozen=True, slots=True)
class Balance:
    """In hand at first, received, first closed, in hand at last: each counted by itself."""

    period: Period
    opening: int
    received: int
    closed: int
    ending: int

    @property
    def difference(self) -> int:
        """What does not add up: 0 unless a consultation's times cannot be."""
        return self.opening + self.received - self.closed - self.ending


class Counts:
    """How many facts each figure counts, in all and by each dimension's keys.

    ``balances`` has one for each month and, for a year, the year's as the last. ``impossible``
    names receipts that were closed before they were opened, at most three.
    """

    def __init__(self, period: Period) -> None:
        self.period = period
        self.totals: Counter[str] = Counter()
        self.parts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.balances: tuple[Balance, ...] = ()
        self.impossible: list[str] = []

    def add(self, code: str, keys: Mapping[str, str]) -> None:
        """Count one more under that figure, once in each dimension."""
        self.totals[code] += 1
        for dimension, key in keys.items():
            self.parts[code, dimension][key] += 1

    def by(self, code: str, dimension: str) -> Mapping[str, int]:
        """What was counted under that figure by the dimension's keys, without zeros."""
        return self.parts.get((code, dimension), {})


def count(facts: Iterable[Fact], *, period: Period, zone: tzinfo, labels: Labels) -> Counts:
    """Count the facts of a period (``bot.store.facts.between``), holding none of them.

    Raises ValueError if they do not come in order of opening: people are counted day by day.
    """
    counts = Counts(period)
    start, end = _span(period, zone)
    people = _People()
    stock = _Stock(period, zone=zone)
    for fact in facts:
        received = start <= fact.opened_at < end
        if fact.first_outcome == INVALID:
            if received:
                counts.add("Q2", {"channel": _channel(fact, labels)})
            continue
        stock.add(fact)
        if received:
            opened = fact.opened_at.astimezone(zone)
            keys = _keys(fact, opened=opened, labels=labels)
            counts.add("Q1", keys)
            if fact.nature != INQUIRY:
                counts.add("bridge", {"bridge": keys["nature"]})
            elif fact.first_outcome in NOT_DISCLOSURE:
                counts.add("bridge", {"bridge": fact.first_outcome})
            else:
                counts.add("Q1g", keys)
            if people.is_new(keys["channel"], fact.asker, day=opened.date()):
                counts.add("Q3", {"channel": keys["channel"]})
        closed_at = fact.first_closed_at
        if closed_at is not None and start <= closed_at < end:
            _add_closed(counts, fact, closed=closed_at.astimezone(zone), labels=labels)
        if closed_at is not None and closed_at < fact.opened_at:
            counts.impossible = [*counts.impossible, fact.receipt][:MOST_NAMED]
    counts.balances = stock.balances()
    return counts


def _add_closed(counts: Counts, fact: Fact, *, closed: datetime, labels: Labels) -> None:
    keys = {
        "channel": _channel(fact, labels),
        "outcome": _among(fact.first_outcome, labels.known("outcome")),
        "month": f"{closed:%Y-%m}",
    }
    counts.add("O*", keys)
    if fact.rating is not None:
        counts.add("S1", {"rating": _among(fact.rating, labels.known("rating"))})


def _keys(fact: Fact, *, opened: datetime, labels: Labels) -> dict[str, str]:
    return {
        "channel": _channel(fact, labels),
        "topic": fact.topic or UNKNOWN,
        "nature": _among(fact.nature, labels.known("nature")),
        "region": fact.region or UNKNOWN,
        "agency": fact.agency or UNKNOWN,
        "caller": _among(fact.caller_type, labels.known("caller")),
        "hour": f"{opened:%H}",
        "weekday": str(opened.isoweekday()),
        "month": f"{opened:%Y-%m}",
    }


def _channel(fact: Fact, labels: Labels) -> str:
    return labels.counted_as.get(fact.channel, UNKNOWN)


def _among(key: str | None, known: Mapping[str, str]) -> str:
    return UNKNOWN if key is None or key not in known else key


def _span(period: Period, zone: tzinfo) -> tuple[datetime, datetime]:
    # Moments of one zone compare several times faster than moments of two.
    return period.start(zone).astimezone(UTC), period.end(zone).astimezone(UTC)


class _People:
    """Who was seen on the day being counted; only that day is remembered."""

    def __init__(self) -> None:
        self._day = date.min
        self._seen: set[tuple[str, bytes]] = set()

    def is_new(self, channel: str, asker: bytes, *, day: date) -> bool:
        """Whether that asker is the channel's first by that hash on that day; nobody's is."""
        if day < self._day:
            raise ValueError("the facts do not come in order of opening")
        if day > self._day:
            self._day = day
            self._seen.clear()
        if not asker:
            return True
        before = len(self._seen)
        self._seen.add((channel, asker))
        return len(self._seen) > before


class _Stock:
    """What was in hand at each end, each of the four numbers by its own question."""

    def __init__(self, period: Period, *, zone: tzinfo) -> None:
        self._periods: Sequence[Period] = (
            (*period.months(), period) if period.is_year else (period,)
        )
        self._spans = [(*_span(item, zone), [0, 0, 0, 0]) for item in self._periods]

    def add(self, fact: Fact) -> None:
        opened, closed = fact.opened_at, fact.first_closed_at
        for start, end, numbers in self._spans:
            if opened < start:
                numbers[0] += closed is None or closed >= start
            elif opened < end:
                numbers[1] += 1
            if closed is not None and start <= closed < end:
                numbers[2] += 1
            if opened < end and (closed is None or closed >= end):
                numbers[3] += 1

    def balances(self) -> tuple[Balance, ...]:
        return tuple(
            Balance(period, *numbers)
            for period, (_, _, numbers) in zip(self._periods, self._spans, strict=True)
        )
