"""What we may say: the guides, read from Markdown files with front matter and checked at load."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

EMBEDDED_GUIDES = Path(__file__).with_name("guides")
LAWS_FILE = Path(__file__).with_name("laws.toml")

ANSWER_HEADING = "答案"
NEXT_STEP_HEADING = "下一步"
OFFICE_BASIS = "本机关服务说明"
VERIFIED = "verified"
UNVERIFIED = "待核"

GUIDE_OUTCOMES = frozenset(
    {
        "ANSWERED_KB",
        "REFERRED_PUBLISHED",
        "REFERRED_APPLICATION",
        "REFERRED_AGENCY",
        "REFERRED_12345",
        "REFERRED_PETITION",
        "REFERRED_BUSINESS",
        "REFERRED_LEGAL_AID",
        "REFERRED_EMERGENCY",
        "OUT_OF_SCOPE",
        "REJECTED",
    }
)
"""The outcomes (``domain``: bot/desk/outcomes) that a guide's answer can yield."""

_FIELDS = frozenset(
    {
        "id", "title", "category", "phrasings", "basis", "status", "in_force_from",
        "in_force_until", "reviewed_on", "outcome", "outdated", "related", "forms",
        "applies_to", "source_url",
    }
)  # fmt: skip
_REQUIRED = _FIELDS - {
    "in_force_until", "outdated", "related", "forms", "applies_to", "source_url"
}  # fmt: skip
_NUMERAL = "[零一二三四五六七八九十百]+"
_ARTICLE = re.compile(f"第{_NUMERAL}条(之{_NUMERAL})?(第{_NUMERAL}款)?(第{_NUMERAL}项)?")
_GUIDE_ID = re.compile(r"[A-Z]\d{2}|[a-z0-9][a-z0-9-]{1,40}")


class GuideError(ValueError):
    """Guides that cannot be loaded; ``problems`` has one ``file: field: what is wrong`` a line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Law:
    """A law or document that a guide may rest on, in the version now in force."""

    key: str
    title: str
    short: str
    version: str
    since: date


@dataclass(frozen=True, slots=True)
class Basis:
    """What one statement rests on: a law's article, a law not yet verified, or the office."""

    law: Law | None
    article: str | None = None
    verified: bool = True

    def label(self) -> str:
        """The basis as a citizen reads it: since when it is in force, and if nobody checked it."""
        if self.law is None:
            return OFFICE_BASIS
        since = self.law.since
        day = f"{since.year}年{since.month}月{since.day}日起施行"
        mark = "" if self.verified else f"，{UNVERIFIED}"
        return f"《{self.law.short}》{self.article or ''}（{day}{mark}）"


@dataclass(frozen=True, slots=True)
class Outdated:
    """Something people still say that a newer rule has replaced."""

    saying: str
    now: str
    since: date


@dataclass(frozen=True, slots=True)
class Passage:
    """The piece of a guide that is matched and quoted; ``number`` counts from 0, the answer."""

    guide_id: str
    number: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    """One topic's answer, with all that finding and showing it needs.

    ``version`` is the SHA-256 (hex) of the guide's content: two guides that differ in anything a
    citizen or a clerk could notice have different versions. Texts hold placeholders of the office
    profile, filled when the answer is given.
    """

    id: str
    title: str
    category: str
    phrasings: tuple[str, ...]
    passages: tuple[Passage, ...]
    next_step: str
    basis: tuple[Basis, ...]
    status: str
    in_force_from: date
    in_force_until: date | None
    reviewed_on: date
    outcome: str
    outdated: tuple[Outdated, ...] = ()
    related: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    applies_to: tuple[str, ...] = ()
    source_url: str | None = None
    version: str = ""
    source: str = field(default="", repr=False)
    """The Markdown it was read from, so that the version can be kept and read again."""

    @property
    def answer(self) -> str:
        """The lead passage, which says the fact that was asked for."""
        return self.passages[0].text

    def is_in_force(self, on: date) -> bool:
        """Whether citizens may be given this guide on that day (both ends included)."""
        return self.in_force_from <= on and (
            self.in_force_until is None or on <= self.in_force_until
        )


def in_force(guides: Iterable[Guide], *, on: date) -> tuple[Guide, ...]:
    """The guides that may be quoted on that day, in their order."""
    return tuple(guide for guide in guides if guide.is_in_force(on))


@cache
def laws() -> Mapping[str, Law]:
    """The laws that guides may name, by key."""
    with LAWS_FILE.open("rb") as file:
        table = tomllib.load(file)
    return {key: Law(key=key, **values) for key, values in table.items()}


def load_guides(folder: Path | None = None) -> tuple[Guide, ...]:
    """Every guide in the folder's Markdown files (the embedded ones if none is named), by id.

    Raises GuideError naming file and field of everything that is wrong, after reading all files.
    """
    source = EMBEDDED_GUIDES if folder is None else folder
    if not source.is_dir():
        raise GuideError([f"{source}: the folder of guides does not exist"])
    return read_guides(sorted(source.glob("*.md")))


def read_guides(paths: Sequence[Path]) -> tuple[Guide, ...]:
    """The guides in these files, by id; checks each file and that ids and references agree.

    Raises GuideError naming file and field of everything that is wrong.
    """
    problems: list[str] = []
    guides: dict[str, Guide] = {}
    for path in paths:
        try:
            guide = parse_guide(path.read_text(encoding="utf-8"), name=path.name)
        except GuideError as error:
            problems.extend(error.problems)
            continue
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{path.name}: cannot be read: {error}")
            continue
        if guide.id in guides:
            problems.append(f"{path.name}: id: {guide.id} is used by another guide")
        guides[guide.id] = guide
    if not guides and not problems:
        problems.append("no guide was found")
    if problems:
        raise GuideError(problems)
    return tuple(guides[key] for key in sorted(guides))


def parse_guide(source: str, *, name: str) -> Guide:
    """The guide written in ``source``; ``name`` stands for the file in error messages.

    Raises GuideError with one line a problem.
    """
    head, body = _split(source, name=name)
    problems: list[str] = []

    def wrong(field: str, message: str) -> None:
        problems.append(f"{name}: {field}: {message}")

    for name_ in sorted(_REQUIRED):
        if head.get(name_) in (None, "", []):
            wrong(name_, "is missing")
    for name_ in sorted(set(head) - _FIELDS):
        wrong(name_, "is not a field of a guide")
    if problems:
        raise GuideError(problems)

    guide_id = str(head["id"])
    if not _GUIDE_ID.fullmatch(guide_id):
        wrong("id", f"{guide_id!r} must be a capital and two digits, or small letters and digits")
    status = str(head["status"])
    if status not in (VERIFIED, UNVERIFIED):
        wrong("status", f"must be {VERIFIED} or {UNVERIFIED}, not {status!r}")
    outcome = str(head["outcome"])
    if outcome not in GUIDE_OUTCOMES:
        wrong("outcome", f"{outcome!r} is not an outcome that a guide can yield")
    days = {
        key: _day(head.get(key), field=key, wrong=wrong)
        for key in ("in_force_from", "in_force_until", "reviewed_on")
    }
    start, end = days["in_force_from"], days["in_force_until"]
    if start and end and end < start:
        wrong("in_force_until", "is before in_force_from")
    lists = {
        key: _texts(head.get(key), field=key, wrong=wrong)
        for key in ("phrasings", "related", "forms", "applies_to")
    }
    basis = _basis(head["basis"], status=status, wrong=wrong)
    outdated = _outdated(head.get("outdated"), wrong=wrong)
    passages, next_step = _passages(body, guide_id=guide_id, wrong=wrong)
    if problems or start is None or days["reviewed_on"] is None:
        raise GuideError(problems)
    guide = Guide(
        id=guide_id,
        title=str(head["title"]).strip(),
        category=str(head["category"]).strip(),
        phrasings=lists["phrasings"],
        passages=passages,
        next_step=next_step,
        basis=basis,
        status=status,
        in_force_from=start,
        in_force_until=end,
        reviewed_on=days["reviewed_on"],
        outcome=outcome,
        outdated=outdated,
        related=lists["related"],
        forms=lists["forms"],
        applies_to=lists["applies_to"],
        source_url=head.get("source_url"),
    )
    return replace(guide, version=_digest(guide), source=source)


def _digest(guide: Guide) -> str:
    content = [
        (item.name, getattr(guide, item.name))
        for item in fields(guide)
        if item.name not in ("version", "source")
    ]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _split(source: str, *, name: str) -> tuple[dict[str, Any], str]:
    parts = source.replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise GuideError(
            [f"{name}: front matter: the file must begin with --- and close it with ---"]
        )
    try:
        head = yaml.load(parts[1], Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0)
        raise GuideError([f"{name}: front matter: line {line + 2} is not valid YAML"]) from error
    if not isinstance(head, dict):
        raise GuideError([f"{name}: front matter: must be fields and values"])
    return head, parts[2]


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast


def _day(value: object, *, field: str, wrong: Any) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    wrong(field, f"must be a day like 2019-05-15, not {value!r}")
    return None


def _texts(value: object, *, field: str, wrong: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(
        isinstance(item, str) and item.strip() for item in value
    ):
        wrong(field, "must be a list of texts")
        return ()
    texts = tuple(item.strip() for item in value)
    if len(set(texts)) != len(texts):
        wrong(field, "names the same text twice")
    return texts


def _basis(value: object, *, status: str, wrong: Any) -> tuple[Basis, ...]:
    if not isinstance(value, list):
        wrong("basis", "must be a list")
        return ()
    found: list[Basis] = []
    for number, item in enumerate(value, start=1):
        field = f"basis {number}"
        if (
            not isinstance(item, dict)
            or set(item) - {"law", "article", "verified"}
            or "law" not in item
        ):
            wrong(field, "must be {law: KEY, article: 第…条} or {law: office}")
            continue
        article, verified = item.get("article"), item.get("verified", True)
        if item["law"] == "office":
            found.append(Basis(law=None))
            continue
        law = laws().get(str(item["law"]))
        if law is None:
            wrong(field, f"law {item['law']!r} is not in laws.toml")
            continue
        if article is not None and not _ARTICLE.fullmatch(str(article)):
            wrong(field, f"article {article!r} must be written like 第三十三条")
        if article is not None and (status == UNVERIFIED or verified is not True):
            wrong(field, f"what is {UNVERIFIED} must not name an article")
        found.append(Basis(law=law, article=article, verified=bool(verified)))
    return tuple(found)


def _outdated(value: object, *, wrong: Any) -> tuple[Outdated, ...]:
    if value is None:
        return ()
    found: list[Outdated] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and set(item) == {"saying", "now", "since"}:
            since = _day(item["since"], field="outdated", wrong=wrong)
            if since is not None:
                found.append(Outdated(str(item["saying"]), str(item["now"]), since))
        else:
            wrong("outdated", "must be a list of {saying, now, since}")
    return tuple(found)


def _passages(body: str, *, guide_id: str, wrong: Any) -> tuple[tuple[Passage, ...], str]:
    sections = re.split(r"^## +(.+?) *$", body, flags=re.MULTILINE)
    if sections[0].strip():
        wrong("body", f"text before the first heading; it must begin with ## {ANSWER_HEADING}")
    pairs = [
        (heading.strip(), text.strip())
        for heading, text in zip(sections[1::2], sections[2::2], strict=True)
    ]
    headings = [heading for heading, _ in pairs]
    if not headings or headings[0] != ANSWER_HEADING:
        wrong("body", f"must begin with ## {ANSWER_HEADING}")
    if NEXT_STEP_HEADING not in headings[-1:]:
        wrong("body", f"must end with ## {NEXT_STEP_HEADING}")
    for heading, text in pairs:
        if not text:
            wrong(f"## {heading}", "has no text")
    if len(set(headings)) != len(headings):
        wrong("body", "has the same heading twice")
    passages = tuple(
        Passage(guide_id=guide_id, number=number, heading=heading, text=text)
        for number, (heading, text) in enumerate(pairs[:-1])
    )
    return passages, pairs[-1][1] if pairs else ""
