"""What an office profile is made of: hours, hotlines, places, agencies, links, forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from knowledge.office_file import Table

_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of a working day during which the office is open."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{_clock(self.opens)}–{_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year with its own hours: from ``start`` to ``end``, each (month, day).

    Both ends belong to it; it passes the new year when ``end`` comes before ``start``.
    """

    key: str
    label: str
    start: tuple[int, int]
    end: tuple[int, int]
    openings: tuple[Opening, ...]

    def includes(self, day: date) -> bool:
        """Whether these hours are kept on that day."""
        month_day = (day.month, day.day)
        if self.start <= self.end:
            return self.start <= month_day <= self.end
        return month_day >= self.start or month_day <= self.end

    def __str__(self) -> str:
        hours = openings_text(self.openings)
        if (self.start, self.end) == ((1, 1), (12, 31)):
            return hours
        until = "次年" if self.end < self.start else ""
        period = f"{self.start[0]}月{self.start[1]}日至{until}{self.end[0]}月{self.end[1]}日"
        return f"{self.label}（{period}）{hours}"


@dataclass(frozen=True, slots=True)
class Hotline:
    """A short number: one that works, with its hours, or one merged into such a number."""

    number: str
    name: str
    hours: str | None = None
    merged_into: str | None = None

    def __str__(self) -> str:
        if self.merged_into is None:
            return f"{self.number}{self.name}（{self.hours}）"
        return f"{self.number}{self.name}已并入{self.merged_into}，请直接拨打{self.merged_into}"


@dataclass(frozen=True, slots=True)
class ReadingPoint:
    """A place where published information can be read (Regulation, Article 25)."""

    name: str
    address: str
    phone: str
    hours: str

    def __str__(self) -> str:
        return f"{self.name}（{self.address}，电话{self.phone}，{self.hours}）"


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Who supervises information disclosure in this place (Regulation, Article 3)."""

    name: str
    phone: str
    address: str

    def __str__(self) -> str:
        return f"{self.name}（电话{self.phone}）"


@dataclass(frozen=True, slots=True)
class Agency:
    """A department that citizens are sent to and consultations are passed to."""

    key: str
    name: str
    phone: str
    address: str
    note: str | None = None

    def __str__(self) -> str:
        note = f"，{self.note}" if self.note else ""
        return f"{self.name}（电话{self.phone}{note}）"


@dataclass(frozen=True, slots=True)
class County:
    """A county of the place, with the office that answers for information disclosure there."""

    key: str
    name: str
    office: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page where a kind of information is published, under the title it has there."""

    key: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in, blank at ``path`` and filled in as an example at ``example_path``."""

    key: str
    title: str
    path: Path
    example_path: Path


@dataclass(frozen=True, slots=True)
class LocalRule:
    """One of the office's own documents, which an answer may rest on."""

    title: str
    number: str
    since: date
    url: str | None = None


def read_supervisor(table: Table) -> Supervisor:
    """The supervisor in this table."""
    supervisor = Supervisor(table.text("name"), table.phone("phone"), table.text("address"))
    table.close()
    return supervisor


def read_seasons(profile: Table) -> tuple[Season, ...]:
    """The seasons of the profile with their hours; notes a day in no season or in two."""
    problems_before = len(profile.problems)
    hours = profile.table("hours")
    seasons: list[Season] = []
    for key, table in profile.tables_by_key("seasons").items():
        seasons.append(
            Season(
                key=key,
                label=table.text("label"),
                start=table.month_day("from"),
                end=table.month_day("until"),
                openings=_read_openings(hours, key),
            )
        )
        table.close()
    hours.close()
    if seasons and len(profile.problems) == problems_before:
        _check_year(profile, seasons)
    return tuple(seasons)


def _read_openings(hours: Table, season: str) -> tuple[Opening, ...]:
    openings: list[Opening] = []
    for table in hours.tables(season, at_least=1):
        opening = Opening(table.clock("opens"), table.clock("closes"))
        table.close()
        if table.sound and opening.closes <= opening.opens:
            table.wrong("closes", f"expected a time after {_clock(opening.opens)}")
        if table.sound and openings and opening.opens < openings[-1].closes:
            table.wrong("opens", f"expected a time not before {_clock(openings[-1].closes)}")
        openings.append(opening)
    return tuple(openings)


def _check_year(profile: Table, seasons: Sequence[Season]) -> None:
    day = date(_LEAP_YEAR, 1, 1)
    while day.year == _LEAP_YEAR:
        covering = [season.key for season in seasons if season.includes(day)]
        if len(covering) != 1:
            whose = f"in both {' and '.join(covering)}" if covering else "in no season"
            profile.wrong("seasons", f"{day:%m-%d} is {whose}; each day must be in exactly one")
            return
        day += timedelta(days=1)


def read_hotlines(profile: Table) -> tuple[Hotline, ...]:
    """The hotlines of the profile; notes one that neither works nor is merged into one."""
    tables = profile.tables("hotlines", at_least=1)
    hotlines: list[Hotline] = []
    for table in tables:
        hotline = Hotline(
            number=table.hotline("number"),
            name=table.text("name"),
            hours=table.optional_text("hours"),
            merged_into=table.optional_text("merged_into"),
        )
        table.close()
        if (hotline.hours is None) == (hotline.merged_into is None):
            table.wrong("hours", "expected either hours or merged_into, and not both")
        hotlines.append(hotline)
    working = {hotline.number for hotline in hotlines if hotline.hours is not None}
    for table, hotline in zip(tables, hotlines, strict=True):
        if hotline.merged_into is not None and hotline.merged_into not in working:
            table.wrong("merged_into", f"{hotline.merged_into!r} is no hotline with hours here")
    if hotlines and not working:
        profile.wrong("hotlines", "expected at least one with hours")
    return tuple(hotlines)


def read_reading_point(table: Table) -> ReadingPoint:
    """The reading point in this table."""
    point = ReadingPoint(
        name=table.text("name"),
        address=table.text("address"),
        phone=table.phone("phone"),
        hours=table.text("hours"),
    )
    table.close()
    return point


def read_county(key: str, table: Table) -> County:
    """The county in this table."""
    county = County(
        key=key,
        name=table.text("name"),
        office=table.text("office"),
        phone=table.phone("phone"),
        address=table.text("address"),
    )
    table.close()
    return county


def read_agency(key: str, table: Table) -> Agency:
    """The agency in this table."""
    agency = Agency(
        key=key,
        name=table.text("name"),
        phone=table.phone("phone"),
        address=table.text("address"),
        note=table.optional_text("note"),
    )
    table.close()
    return agency


def read_link(key: str, table: Table) -> Link:
    """The link in this table."""
    link = Link(key=key, title=table.text("title"), url=table.url("url"))
    table.close()
    return link


def read_form(key: str, table: Table, *, folder: Path, must_exist: bool) -> Form:
    """The form in this table, its files looked for from ``folder``."""
    form = Form(
        key=key,
        title=table.text("title"),
        path=folder / table.text("file"),
        example_path=folder / table.text("example"),
    )
    table.close()
    for field, path in (("file", form.path), ("example", form.example_path)):
        if must_exist and path != folder and not path.is_file():
            table.wrong(field, f"there is no file {path}")
    return form


def read_local_rule(table: Table) -> LocalRule:
    """The office's own document in this table."""
    rule = LocalRule(
        title=table.text("title"),
        number=table.text("number"),
        since=table.day("since"),
        url=table.optional_url("url"),
    )
    table.close()
    return rule


def openings_text(openings: Sequence[Opening]) -> str:
    """Hours as a citizen reads them, such as 8:30–12:00、14:00–18:00."""
    return "、".join(str(opening) for opening in openings)


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02}"
