"""Periods: the month or year a figure speaks of, half-open in the office's own time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

FIRST_YEAR = 2000
LAST_YEAR = 2099
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"[0-9]{4}")


class PeriodError(ValueError):
    """A period that cannot be read; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, or with ``month`` 0 a whole year."""

    year: int
    month: int = 0

    @property
    def is_year(self) -> bool:
        """Whether this is a whole year."""
        return self.month == 0

    @property
    def key(self) -> str:
        """The period as files and commands write it: ``2026-10`` or ``2026``."""
        return f"{self.year}" if self.is_year else f"{self.year}-{self.month:02d}"

    @property
    def label(self) -> str:
        """The period as people read it: 2026年10月 or 2026年."""
        return f"{self.year}年" if self.is_year else f"{self.year}年{self.month}月"

    def start(self, zone: tzinfo) -> datetime:
        """The first moment that belongs to it."""
        return datetime(self.year, self.month or 1, 1, tzinfo=zone)

    def end(self, zone: tzinfo) -> datetime:
        """The first moment that no longer belongs to it."""
        if self.month in (0, 12):
            return datetime(self.year + 1, 1, 1, tzinfo=zone)
        return datetime(self.year, self.month + 1, 1, tzinfo=zone)

    def months(self) -> tuple["Period", ...]:
        """The months it is made of, in order; a month is made of itself."""
        return months_of(self.year) if self.is_year else (self,)


def parse_month(text: str) -> Period:
    """The month written like ``2026-10``; raises PeriodError."""
    found = _MONTH.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        raise PeriodError(f"月份要写成 2026-10 这样：{text}")
    return Period(_checked_year(int(found[1])), int(found[2]))


def parse_year(text: str) -> Period:
    """The year written like ``2026``; raises PeriodError."""
    if not _YEAR.fullmatch(text.strip()):
        raise PeriodError(f"年份要写成 2026 这样：{text}")
    return Period(_checked_year(int(text)))


def months_of(year: int) -> tuple[Period, ...]:
    """The twelve months of a year, in order."""
    return tuple(Period(year, month) for month in range(1, 13))


def _checked_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodError(f"年份要在 {FIRST_YEAR} 到 {LAST_YEAR} 之间：{year}")
    return year
