"""The office whose service this is: what local facts the guides' placeholders stand for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

from knowledge.office_file import OfficeError, Table, open_profile
from knowledge.office_parts import (
    Agency,
    County,
    Form,
    Hotline,
    Link,
    LocalRule,
    Opening,
    ReadingPoint,
    Season,
    Supervisor,
    openings_text,
    read_agency,
    read_county,
    read_form,
    read_hotlines,
    read_link,
    read_local_rule,
    read_reading_point,
    read_seasons,
    read_supervisor,
)

__all__ = [
    "Agency",
    "County",
    "Form",
    "Hotline",
    "Link",
    "LocalRule",
    "Office",
    "OfficeError",
    "Opening",
    "ReadingPoint",
    "Season",
    "Supervisor",
    "UnknownPlaceholder",
    "load_office",
    "unknown_placeholders",
]

SAMPLE_OFFICE = Path(__file__).with_name("offices") / "sample" / "office.toml"

AGENCY_KEYS = (
    "natural-resources", "county-natural-resources", "housing", "finance", "civil-affairs",
    "human-resources", "medical-insurance", "education", "health", "environment", "market",
    "emergency", "transport", "agriculture", "audit", "statistics", "development-reform",
    "justice", "archives", "library", "public-resources", "government-services", "petition",
    "data", "organisation", "social-insurance", "real-estate", "housing-fund", "public-security",
)  # fmt: skip
"""The agencies that the embedded guides name: every profile must have them."""

LINK_KEYS = (
    "directory", "guide", "annual-reports", "policies", "gazette", "institutions", "plans",
    "statistics", "budget", "fees", "procurement", "bids", "projects", "permits", "penalties",
    "land", "expropriation", "housing", "subsidies", "relief", "education", "health",
    "social-insurance", "environment", "food-safety", "accidents", "emergency-plans",
    "recruitment", "personnel", "decisions", "proposals", "audit", "transport", "data",
    "enterprise-credit", "services", "archives",
)  # fmt: skip
"""The links that the embedded guides name: every profile must have them."""

FORM_KEYS = ("application-person", "application-organisation", "authorisation", "correction")
"""The forms that the embedded guides offer: every profile must have them."""

FACTS = frozenset(
    {
        "office", "unit", "place", "province", "address", "postcode", "phone", "fax", "email",
        "hours", "hours_today", "site", "platform", "apply_url", "hotline", "hotlines",
        "reading_points", "supervisor",
    }
)  # fmt: skip
"""The placeholders without a key."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class UnknownPlaceholder(KeyError):  # noqa: N818 - named as the caller speaks of it
    """A text names a local fact that the office profile does not have; ``name`` says which."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)

    def __str__(self) -> str:
        return f"the office profile has nothing for {{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Office:
    """The office profile: everything local that an answer, a page or a report says.

    ``agencies``, ``counties``, ``links`` and ``forms`` are by key, in the file's order; no two
    agencies and no two counties have the same name. ``seasons`` cover every day of the year
    exactly once. Hours are local times in ``zone``.
    """

    name: str
    unit: str
    place: str
    province: str
    address: str
    postcode: str
    phone: str
    fax: str
    email: str
    site: str
    platform: str
    apply_url: str
    zone: ZoneInfo
    supervisor: Supervisor
    seasons: tuple[Season, ...]
    hotlines: tuple[Hotline, ...]
    reading_points: tuple[ReadingPoint, ...]
    counties: Mapping[str, County]
    agencies: Mapping[str, Agency]
    links: Mapping[str, Link]
    forms: Mapping[str, Form]
    local_rules: tuple[LocalRule, ...] = ()

    @property
    def hotline(self) -> Hotline:
        """The hotline that citizens are told to call: the first that works."""
        return next(hotline for hotline in self.hotlines if hotline.merged_into is None)

    def hours_on(self, day: date) -> tuple[Opening, ...]:
        """When the office would be open on that day, were it a working day."""
        return next(season.openings for season in self.seasons if season.includes(day))

    def opening_time(self, day: date) -> time:
        """When that day's office hours begin, were it a working day."""
        return self.hours_on(day)[0].opens

    def closing_time(self, day: date) -> time:
        """When that day's office hours end, were it a working day: deadlines end then."""
        return self.hours_on(day)[-1].closes

    def hours_text(self) -> str:
        """The office hours of the whole year as a citizen reads them."""
        seasons = "，".join(str(season) for season in self.seasons)
        return f"工作日{seasons}，节假日休息"

    def fill(self, text: str, *, on: date) -> str:
        """The text with every placeholder replaced by this office's fact, as of that day.

        ``{name}`` stands for a fact of the office, ``{kind:key}`` for an agency, a link or a form.
        Raises UnknownPlaceholder for one that this office has nothing for.
        """
        return _PLACEHOLDER.sub(lambda found: self._value(found[1], on=on), text)

    def unknown_placeholders(self, text: str) -> list[str]:
        """The placeholders in the text that this office cannot fill, each once, without braces."""
        return _unknown(text, agencies=self.agencies, links=self.links, forms=self.forms)

    def _value(self, name: str, *, on: date) -> str:
        if self.unknown_placeholders(f"{{{name}}}"):
            raise UnknownPlaceholder(name)
        kind, _, key = name.partition(":")
        match kind:
            case "office":
                return self.name
            case "hours":
                return self.hours_text()
            case "hours_today":
                return f"工作日{openings_text(self.hours_on(on))}"
            case "hotline":
                return self.hotline.number
            case "hotlines" | "reading_points":
                return "；".join(str(item) for item in getattr(self, kind))
            case "agency":
                return str(self.agencies[key])
            case "link":
                return self.links[key].url
            case "form":
                return self.forms[key].title
        return str(getattr(self, kind))


def unknown_placeholders(text: str) -> list[str]:
    """The placeholders in the text that not every office can fill, each once, without braces.

    Meant for embedded guides, which may only name what every profile must have.
    """
    return _unknown(text, agencies=AGENCY_KEYS, links=LINK_KEYS, forms=FORM_KEYS)


def load_office(path: Path | None = None, *, forms_exist: bool = True) -> Office:
    """The office profile in this file, checked (the embedded sample if none is named).

    Without ``forms_exist`` the files of the forms need not be there: whoever makes them needs the
    profile first. Raises OfficeError, which names file and field of everything that is wrong.
    """
    source = SAMPLE_OFFICE if path is None else path
    profile = open_profile(source)
    office = Office(
        name=profile.text("name"),
        unit=profile.text("unit"),
        place=profile.text("place"),
        province=profile.text("province"),
        address=profile.text("address"),
        postcode=profile.postcode("postcode"),
        phone=profile.phone("phone"),
        fax=profile.phone("fax"),
        email=profile.email("email"),
        site=profile.url("site"),
        platform=profile.url("platform"),
        apply_url=profile.url("apply_url"),
        zone=profile.zone("time_zone"),
        supervisor=read_supervisor(profile.table("supervisor")),
        seasons=read_seasons(profile),
        hotlines=read_hotlines(profile),
        reading_points=tuple(
            read_reading_point(table) for table in profile.tables("reading_points", at_least=1)
        ),
        counties={
            key: read_county(key, table)
            for key, table in profile.tables_by_key("counties").items()
        },
        agencies={
            key: read_agency(key, table)
            for key, table in profile.tables_by_key("agencies", required=AGENCY_KEYS).items()
        },
        links={
            key: read_link(key, table)
            for key, table in profile.tables_by_key("links", required=LINK_KEYS).items()
        },
        forms={
            key: read_form(key, table, folder=source.parent, must_exist=forms_exist)
            for key, table in profile.tables_by_key("forms", required=FORM_KEYS).items()
        },
        local_rules=tuple(
            read_local_rule(table) for table in profile.tables("local_rules", at_least=0)
        ),
    )
    profile.close()
    _note_same_names(profile, "agencies", [agency.name for agency in office.agencies.values()])
    _note_same_names(profile, "counties", [county.name for county in office.counties.values()])
    if profile.problems:
        raise OfficeError(profile.problems)
    return office


def _note_same_names(profile: Table, field: str, names: Sequence[str]) -> None:
    # An imported row names its agency or county by name, which must say which one is meant.
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            profile.wrong(field, f"{name} is the name of {names.count(name)} of them")


def _unknown(
    text: str,
    *,
    agencies: Mapping[str, Agency] | Sequence[str],
    links: Mapping[str, Link] | Sequence[str],
    forms: Mapping[str, Form] | Sequence[str],
) -> list[str]:
    known = {"agency": agencies, "link": links, "form": forms}
    unknown: dict[str, None] = {}
    for name in _PLACEHOLDER.findall(text):
        kind, colon, key = name.partition(":")
        if not (key in known.get(kind, ()) if colon else name in FACTS):
            unknown[name] = None
    return list(unknown)
