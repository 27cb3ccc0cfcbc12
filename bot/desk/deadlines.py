"""When a limit in working days ends.

One rule for promises and for the law: an n-day limit ends at the close of office hours on the
n-th working day after the day on which the matter came. That day itself never counts, whether
it came during office hours or not, on a working day or not (政府信息公开条例 speaks of working
days *from* receipt; 民法典第二百零一条: the day on which it begins is not counted).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.desk.calendar import WorkingCalendar

MOST_DAYS = 1000
"""No limit in law or in any promise comes near; more is a slip of the pen."""

ANSWER_DAYS = 20
EXTENSION_DAYS = 20
REGULATION_IN_FORCE = date(2019, 5, 15)
"""政府信息公开条例, 国务院令第711号. Before it, both limits were 15 working days."""


@dataclass(frozen=True, slots=True)
class Step:
    """One calendar day of the count."""

    date: date
    counted: int | None
    """Which working day of the limit it is, from 1; None if it does not count."""
    working: bool
    why: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a limit, and the count that leads to it."""

    start: date
    days: int
    ends_on: date
    provisional: bool
    """True if the count passes through a year whose holidays are not announced yet."""
    steps: tuple[Step, ...]
    """Every day after ``start`` up to and with ``ends_on``; ``start`` is not among them."""


@dataclass(frozen=True, slots=True)
class ApplicationDeadline:
    """Until when an application for disclosure must be answered."""

    answer: Deadline
    extended: Deadline
    """The last day if the office extends the limit by as much as it may."""


def deadline(start: date, *, days: int, calendar: WorkingCalendar) -> Deadline:
    """Count ``days`` working days from the day after ``start``.

    Provisional from the first day, working or not, that lies in an unannounced year: once that
    year is announced, a weekend may turn out to be worked and a weekday free.

    Raises ValueError if ``days`` is not between 1 and 1000, or the count leaves the year 9999.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"a limit has 1 to {MOST_DAYS} working days, not {days}")
    steps: list[Step] = []
    day, counted = start, 0
    while counted < days:
        if day == date.max:
            raise ValueError(f"{days} working days from {start} end after {date.max}")
        day += timedelta(days=1)
        working = calendar.is_working(day)
        counted += working
        steps.append(Step(day, counted if working else None, working, calendar.why(day)))
    return Deadline(
        start=start,
        days=days,
        ends_on=day,
        provisional=not all(calendar.is_announced(step.date.year) for step in steps),
        steps=tuple(steps),
    )


def as_json(deadline: Deadline) -> dict[str, Any]:
    """The deadline as ``zixun deadline --json`` prints it; days are ISO texts.

    ``steps`` begin on the day after ``from`` and end on ``ends_on``. ``counted`` runs from 1 to
    ``days`` over the working days and is null on the others.
    """
    return {
        "from": deadline.start.isoformat(),
        "days": deadline.days,
        "ends_on": deadline.ends_on.isoformat(),
        "provisional": deadline.provisional,
        "steps": [
            {
                "date": step.date.isoformat(),
                "counted": step.counted,
                "working": step.working,
                "why": step.why,
            }
            for step in deadline.steps
        ],
    }


def due_at(
    came: datetime,
    *,
    days: int,
    calendar: WorkingCalendar,
    closing: Callable[[date], time],
    zone: tzinfo,
) -> datetime:
    """The moment at which an n-day limit ends, in the office's zone.

    ``closing`` says when the office closes on a day (summer and winter differ). The day on which
    the matter came is the office's day, not that of ``came``'s own zone.

    Raises ValueError if ``came`` has no zone, and as ``deadline`` does.
    """
    if came.utcoffset() is None:
        raise ValueError("the time at which it came needs a zone")
    last = deadline(came.astimezone(zone).date(), days=days, calendar=calendar).ends_on
    return datetime.combine(last, closing(last), tzinfo=zone)


def application_deadline(
    received: date, *, calendar: WorkingCalendar
) -> ApplicationDeadline | None:
    """Until when an application for disclosure that was received that day must be answered.

    ``received`` is the day in the sense of 条例第三十一条. Days spent asking third parties or
    other offices do not count (第三十三条), nor those before a correction came (第三十条); both
    move the result, and only the office knows them.

    None before 2019-05-15, when other limits were in force.

    Source: 政府信息公开条例 (2019) 第三十三条: 20 working days, extended by at most 20.
    """
    if received < REGULATION_IN_FORCE:
        return None
    return ApplicationDeadline(
        answer=deadline(received, days=ANSWER_DAYS, calendar=calendar),
        extended=deadline(received, days=ANSWER_DAYS + EXTENSION_DAYS, calendar=calendar),
    )
