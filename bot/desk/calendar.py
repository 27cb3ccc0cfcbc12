"""The working calendar of Chinese offices: weekends, public holidays and make-up days.

It is read from one TOML file a year, copied from the yearly notice of the General Office of
the State Council. A year without a file is *not announced*: only its weekends are known, and
whatever is counted across it is provisional. No package is asked, since some answer for years
that nobody has announced.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).with_name("calendars")
SATURDAY, SUNDAY = 5, 6
ONE_DAY = timedelta(days=1)
LONGEST_HOLIDAY = 31
"""Days; the longest so far had 10. A range beyond it is a slip of the pen."""


class CalendarError(ValueError):
    """A calendar file that cannot be used; says which file, which field, and why."""

    def __init__(self, path: Path, field: str, reason: str) -> None:
        super().__init__(f"{path}: {field}: {reason}")
        self.path = path
        self.field = field


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days an office works, and why it does not on the others."""

    holidays: Mapping[date, str]
    """Each day off by its festival's name, weekends within a holiday too."""
    makeup: frozenset[date]
    """The Saturdays and Sundays that are worked in exchange."""
    notices: Mapping[int, str]
    """The announced years and the number of the notice that announced each."""

    def is_working(self, day: date) -> bool:
        """True if offices work that day, as far as is known."""
        if day in self.makeup:
            return True
        return day not in self.holidays and day.weekday() < SATURDAY

    def why(self, day: date) -> str:
        """What the day is, in one Chinese word: 工作日, 调休上班, 周六, 周日 or the festival."""
        if day in self.makeup:
            return "调休上班"
        if day in self.holidays:
            return self.holidays[day]
        return {SATURDAY: "周六", SUNDAY: "周日"}.get(day.weekday(), "工作日")

    def is_announced(self, year: int) -> bool:
        """True if the year's notice is known; otherwise its days are provisional."""
        return year in self.notices

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``, never ``day`` itself.

        Raises OverflowError at the end of the year 9999.
        """
        day += ONE_DAY
        while not self.is_working(day):
            day += ONE_DAY
        return day


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """What one file says."""

    year: int
    notice: str
    holidays: Mapping[date, str]
    makeup: Sequence[date]


def load_calendar(folder: Path | None = None, *, extra: Path | None = None) -> WorkingCalendar:
    """Read a folder of calendar files; without one, the years that come with the package.

    ``YYYY.toml`` announces a year. ``YYYY-NAME.toml`` adds days to it, for the festivals that an
    autonomous region or prefecture gives its own people, and announces nothing. ``extra`` is a
    second folder in the same form, where an office puts a year that was announced after its
    version was released: its ``YYYY.toml`` stands in for the first folder's. An extra folder that
    does not exist holds nothing.

    A notice may reach into the December before its year; where two speak of a day, the later
    year's holds.

    Raises CalendarError, naming file and field, and FileNotFoundError for a missing ``folder``.
    """
    folder = PACKAGED if folder is None else folder
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder of calendars")
    files = {path.name: path for path in folder.glob("*.toml")}
    if extra is not None:
        files |= {path.name: path for path in extra.glob("*.toml")}
    years = [_read(path) for path in files.values() if "-" not in path.stem]
    local = [_read(path) for path in files.values() if "-" in path.stem]

    holidays: dict[date, str] = {}
    makeup: set[date] = set()
    for arrangement in (*sorted(years, key=_year), *sorted(local, key=_year)):
        holidays |= arrangement.holidays
        makeup -= arrangement.holidays.keys()
        makeup.update(arrangement.makeup)
        for day in arrangement.makeup:
            holidays.pop(day, None)
    return WorkingCalendar(
        holidays=holidays,
        makeup=frozenset(makeup),
        notices={arrangement.year: arrangement.notice for arrangement in years},
    )


def _year(arrangement: _Arrangement) -> int:
    return arrangement.year


def _read(path: Path) -> _Arrangement:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarError(path, "file", f"is not TOML in UTF-8 ({error})") from error
    _refuse_unknown(path, content, {"year", "notice", "changed_by", "makeup", "holidays"})

    year = content.get("year")
    if not isinstance(year, int) or path.stem.split("-")[0] != str(year) or len(str(year)) != 4:
        raise CalendarError(path, "year", f"must be the year of the file's name, not {year!r}")
    notice = _text(path, content, "notice")
    if "changed_by" in content:
        notice = f"{notice}、{_text(path, content, 'changed_by')}"

    holidays = dict(_holidays(path, content.get("holidays", []), year))
    makeup = content.get("makeup", [])
    if not isinstance(makeup, list):
        raise CalendarError(path, "makeup", "must be a list of days")
    for number, value in enumerate(makeup):
        field = f"makeup[{number}]"
        day = _day(path, field, value, year)
        if day.weekday() < SATURDAY:
            raise CalendarError(path, field, f"{day} is neither a Saturday nor a Sunday")
        if day in holidays:
            raise CalendarError(path, field, f"{day} is also a day off ({holidays[day]})")
        if day in makeup[:number]:
            raise CalendarError(path, field, f"{day} is listed twice")
    return _Arrangement(year, notice, holidays, makeup)


def _holidays(path: Path, tables: Any, year: int) -> Iterator[tuple[date, str]]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CalendarError(path, "holidays", "must be written as [[holidays]]")
    seen: set[date] = set()
    for number, table in enumerate(tables):
        field = f"holidays[{number}]"
        _refuse_unknown(path, table, {"name", "from", "to"}, within=field)
        name = _text(path, table, "name", within=field)
        day = _day(path, f"{field}.from", table.get("from"), year)
        last = _day(path, f"{field}.to", table.get("to"), year)
        if not day <= last < day + timedelta(days=LONGEST_HOLIDAY):
            raise CalendarError(
                path, f"{field}.to", f"must be within {LONGEST_HOLIDAY} days after {day}"
            )
        while day <= last:
            if day in seen:
                raise CalendarError(path, f"{field}.from", f"{day} is in two holidays")
            seen.add(day)
            yield day, name
            day += ONE_DAY


def _refuse_unknown(
    path: Path, table: Mapping[str, Any], known: set[str], *, within: str = ""
) -> None:
    for key in table:
        if key not in known:
            raise CalendarError(path, f"{within}.{key}".lstrip("."), "is not a known field")


def _text(path: Path, table: Mapping[str, Any], key: str, *, within: str = "") -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CalendarError(path, f"{within}.{key}".lstrip("."), "must be a text")
    return value


def _day(path: Path, field: str, value: Any, year: int) -> date:
    # TOML's local date-times are dates too as far as Python is concerned.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise CalendarError(path, field, f"must be a day such as {year}-01-01, not {value!r}")
    if not date(year - 1, 12, 1) <= value <= date(year, 12, 31):
        raise CalendarError(path, field, f"{value} is not in {year}, nor the December before")
    return value
