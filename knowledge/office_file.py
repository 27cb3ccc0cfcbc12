"""Reading an office profile: a table at a time, every field checked as it is taken."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_PHONE = re.compile(r"(0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}|1\d{10}|\d{5})(转\d{1,6})?")
_HOTLINE = re.compile(r"\d{3,8}|(400|800)-\d{3}-\d{4}|0\d{2,3}-\d{7,8}")
_POSTCODE = re.compile(r"\d{6}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s/{}]+\.[^\s/{}]+(/[^\s{}]*)?")
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LEAP_YEAR = 2000


class OfficeError(ValueError):
    """A profile that cannot be used; each of ``problems`` is ``file: field: what is wrong``."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Table:
    """One table of a profile. What is taken from it is checked; what is wrong is noted.

    A field that is wrong is noted in ``problems`` and a harmless stand-in is returned, so that one
    reading finds everything; whoever began the reading must look at ``problems`` before using
    anything. ``path`` is the table's name in the file, "" for the whole file.
    """

    def __init__(
        self, values: Mapping[str, Any], *, file: str, path: str, problems: list[str]
    ) -> None:
        self._values = values
        self._file = file
        self._path = path
        self._taken: set[str] = set()
        self.problems = problems
        self.sound = True
        """Whether nothing of this table itself has been found wrong so far."""

    def wrong(self, field: str, message: str) -> None:
        """Note what is wrong with a field of this table ("" for the table itself)."""
        name = ".".join(part for part in (self._path, field) if part)
        self.sound = False
        self.problems.append(f"{self._file}: {name}: {message}")

    def text(self, field: str) -> str:
        """A text that must be there, without the blanks around it."""
        return self.optional_text(field, required=True) or ""

    def optional_text(self, field: str, *, required: bool = False) -> str | None:
        """A text, or None if the field is not there. Braces would be taken for placeholders."""
        value = self._take(field)
        if value is None:
            if required:
                self.wrong(field, "is missing")
            return None
        if not isinstance(value, str) or not value.strip():
            self.wrong(field, f"expected a text, got {value!r}")
            return None
        if "{" in value or "}" in value:
            self.wrong(field, f"expected a text without braces, got {value!r}")
        return value.strip()

    def phone(self, field: str) -> str:
        """A telephone number with its area code."""
        return self._matching(field, _PHONE, "a phone number like 0690-2120012")

    def hotline(self, field: str) -> str:
        """A number that is called as it stands, with or without an area code."""
        return self._matching(field, _HOTLINE, "a hotline's number like 12345")

    def postcode(self, field: str) -> str:
        """A postcode of six digits."""
        return self._matching(field, _POSTCODE, "six digits")

    def email(self, field: str) -> str:
        """An e-mail address."""
        return self._matching(field, _EMAIL, "an e-mail address")

    def url(self, field: str) -> str:
        """The address of a page."""
        return self._matching(field, _URL, "an address beginning with https:// or http://")

    def optional_url(self, field: str) -> str | None:
        """The address of a page, or None if the field is not there."""
        return self.url(field) if field in self._values else None

    def clock(self, field: str) -> time:
        """A time of day written HH:MM."""
        return self._converted(field, _as_clock, "HH:MM", time())

    def month_day(self, field: str) -> tuple[int, int]:
        """A day of any year, written MM-DD, as (month, day)."""
        return self._converted(field, _as_month_day, "a day like 05-01", (1, 1))

    def zone(self, field: str) -> ZoneInfo:
        """A time zone by its name."""
        return self._converted(field, ZoneInfo, "a time zone like Asia/Shanghai", ZoneInfo("UTC"))

    def day(self, field: str) -> date:
        """A day written as a TOML date."""
        value = self._take(field)
        if value is None:
            self.wrong(field, "is missing")
        elif isinstance(value, date) and not isinstance(value, datetime):
            return value
        else:
            self.wrong(field, f"expected a day like 2025-07-01 without quotes, got {value!r}")
        return date.min

    def table(self, field: str) -> "Table":
        """The table under this field; an empty one if it is missing."""
        value = self._take(field)
        if value is None:
            self.wrong(field, "is missing")
        elif not isinstance(value, dict):
            self.wrong(field, f"expected a table, got {value!r}")
        else:
            return self._inner(value, field)
        return _Missing(file=self._file)

    def tables_by_key(self, field: str, *, required: Sequence[str] = ()) -> "dict[str, Table]":
        """The tables under this field by their keys, which must include the ``required`` ones."""
        outer = self.table(field)
        found: dict[str, Table] = {}
        for key in outer._values:
            if not _KEY.fullmatch(key):
                outer.wrong(key, "a key has small letters, digits and hyphens only")
            found[key] = outer.table(key)
        if not isinstance(outer, _Missing):
            for key in required:
                if key not in found:
                    outer.wrong(key, "is missing")
            if not outer._values:
                outer.wrong("", "is empty")
        return found

    def tables(self, field: str, *, at_least: int) -> "list[Table]":
        """The list of tables under this field, in order; it may be absent if ``at_least`` is 0."""
        value = self._take(field)
        if value is None and at_least == 0:
            return []
        if value is None:
            self.wrong(field, "is missing")
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(field, f"expected a list of tables, got {value!r}")
            return []
        if len(value) < at_least:
            self.wrong(field, f"expected at least {at_least}, got {len(value)}")
        return [self._inner(item, f"{field}[{number}]") for number, item in enumerate(value)]

    def close(self) -> None:
        """Note every field that nobody asked for: most often a misspelt one."""
        for field in self._values:
            if field not in self._taken:
                self.wrong(field, "is not a field of an office profile")

    def _inner(self, values: Mapping[str, Any], name: str) -> "Table":
        path = f"{self._path}.{name}" if self._path else name
        return Table(values, file=self._file, path=path, problems=self.problems)

    def _take(self, field: str) -> Any:
        self._taken.add(field)
        return self._values.get(field)

    def _matching(self, field: str, pattern: re.Pattern[str], expected: str) -> str:
        value = self.optional_text(field, required=True)
        if value is not None and not pattern.fullmatch(value):
            self.wrong(field, f"expected {expected}, got {value!r}")
        return value or ""

    def _converted(self, field: str, convert: Callable[[str], T], expected: str, stand_in: T) -> T:
        value = self._take(field)
        if value is None:
            self.wrong(field, "is missing")
            return stand_in
        try:
            return convert(value)
        # ZoneInfo answers an unknown name with KeyError, an odd one with ValueError or OSError.
        except (ValueError, KeyError, OSError, TypeError):
            self.wrong(field, f"expected {expected}, got {value!r}")
            return stand_in


class _Missing(Table):
    """A table that is not there: that was noted once, so its fields are not noted again."""

    def __init__(self, *, file: str) -> None:
        super().__init__({}, file=file, path="", problems=[])


def open_profile(path: Path) -> Table:
    """The whole profile in this file, ready to be read.

    Raises OfficeError if the file cannot be read or is not TOML.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OfficeError([f"{path}: the file does not exist"]) from None
    except UnicodeDecodeError:
        raise OfficeError([f"{path.name}: the file is not saved as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise OfficeError([f"{path.name}: the file is not valid TOML: {error}"]) from error
    except OSError as error:
        raise OfficeError([f"{path}: cannot be read: {error.strerror}"]) from error
    return Table(values, file=path.name, path="", problems=[])


def _as_clock(value: str) -> time:
    found = _CLOCK.fullmatch(value)
    if not found:
        raise ValueError(value)
    return time(int(found[1]), int(found[2]))


def _as_month_day(value: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(value)
    if not found:
        raise ValueError(value)
    day = date(_LEAP_YEAR, int(found[1]), int(found[2]))
    return day.month, day.day
