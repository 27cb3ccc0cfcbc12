"""What is never matched, and what has nothing to do with government: rules with their reasons."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import repeat

from knowledge.lexicon import longest_first, read_list
from knowledge.text import normalise, tidy

NEAR = 20
"""Characters; what a rule wants found together is not further apart."""

_COUNTED = re.compile(r"(\d+): (.+)")
_CLASS = re.compile(r"(^|[|!~:]|(?<= ))?<([a-z_]+)>(?=($|[|) ])?)")


_DISCLOSURE = re.compile(
    "公开|公示|公布|公告|信息|文件|资料|材料|查阅|档案|批文|批复|名单|明细|记录|复议|这里"
)


class Barred(StrEnum):
    """Why a question is not looked up at all."""

    DESPAIR = "despair"
    """Someone may harm themselves or threatens others: they are spoken to before the numbers."""
    EMERGENCY = "emergency"
    PRIVACY = "privacy"
    ILLEGAL = "illegal"
    GRIEVANCE = "grievance"
    PETITION = "petition"
    """Someone wants a wrong righted by those above, or accuses an official."""


@dataclass(frozen=True, slots=True)
class _Message:
    plain: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is found together, and what must not be."""

    first: re.Pattern[str]
    """This is in the message."""
    others: tuple[re.Pattern[str], ...]
    """All of these are near it."""
    lacks: tuple[re.Pattern[str], ...]
    """None of these is anywhere."""
    beside: tuple[re.Pattern[str], ...]
    """None of these is in the clause of the first."""

    def fits(self, message: _Message) -> bool:
        plain = message.plain
        if not self.first.search(plain) or any(one.search(plain) for one in self.lacks):
            return False
        if self.others and not any(map(self._joined, repeat(plain), self.first.finditer(plain))):
            return False
        # What reaches over a stop is found in the whole alone.
        pieces = [piece for piece in message.clauses if self.first.search(piece)] or [plain]
        return any(not any(one.search(piece) for one in self.beside) for piece in pieces)

    def _joined(self, plain: str, found: re.Match[str]) -> bool:
        start, end = max(0, found.start() - NEAR), found.end() + NEAR
        return all(other.search(plain, start, end) for other in self.others)


@dataclass(frozen=True, slots=True)
class _Signs:
    """Words of several classes, each of which counts for or against, and what is enough."""

    enough: int
    points: tuple[tuple[re.Pattern[str], int], ...]

    def fits(self, message: _Message) -> bool:
        found = (points for sign, points in self.points if sign.search(message.plain))
        return sum(found) >= self.enough


def barred(text: str) -> Barred | None:
    """Whether a message is none to look up, and why.

    It may tell of despair or of an emergency, pry into someone's life, ask for a crime,
    complain of a nuisance that somebody is to end, or want a wrong righted by those above.
    Questions about such things (“申请需要身份证号吗”, “去年火灾的调查报告”) are not barred.
    """
    clauses = tuple(tidy(text).split())
    message = _Message("".join(clauses), clauses)
    return next((kind for kind, rule in _rules() if rule.fits(message)), None)


def is_off_topic(text: str) -> bool:
    """Whether the words are those of something that no office deals with (股票, 天气, 讲笑话)."""
    normal = normalise(text)
    return bool(_terms("offtopic").search(normal)) and not is_official(normal)


def names_other_matter(text: str) -> bool:
    """Whether the words name another matter (工资, 户口, 理赔) and none of disclosure."""
    normal = normalise(text)
    return bool(_terms("other_matters").search(normal)) and not _DISCLOSURE.search(normal)


def is_official(text: str) -> bool:
    """Whether the words are those of government or of the disclosure of its information."""
    return bool(_terms("government").search(normalise(text)))


@cache
def _rules() -> tuple[tuple[Barred, _Rule | _Signs], ...]:
    """The rules of ``scope.txt`` in their order; its head says how they are written."""
    classes: dict[str, str] = {}
    rules: list[tuple[Barred, str]] = []
    excuses: dict[str, list[str]] = {}
    for line in read_list("scope"):
        name, _, body = line.partition(" = ")
        if name.startswith("@"):
            body = _CLASS.sub(lambda use: _spelt(use, classes), body)
            classes[name[1:]] = "|".join(filter(None, (classes.get(name[1:]), body)))
        elif name.endswith("!"):
            excuses.setdefault(name[:-1], []).append(body)
        else:
            rules.append((Barred(name), body))
    return tuple((kind, _rule(body, classes, excuses.get(kind, ()))) for kind, body in rules)


def _rule(body: str, classes: Mapping[str, str], excuses: Iterable[str]) -> _Rule | _Signs:
    if counted := _COUNTED.fullmatch(body):
        pairs = (pair.rsplit(" ", 1) for pair in counted[2].split(", "))
        points = tuple((_compiled(classes[name]), int(worth)) for name, worth in pairs)
        return _Signs(int(counted[1]), points)
    first, *conditions = _CLASS.sub(lambda use: _spelt(use, classes), body).split(" & ")
    kinds: dict[str, list[re.Pattern[str]]] = {"": [], "!": list(map(_compiled, excuses)), "~": []}
    for one in conditions:
        sign = one[0] if one[0] in kinds else ""
        kinds[sign].append(_compiled(one.removeprefix(sign)))
    others, lacks, beside = map(tuple, kinds.values())
    return _Rule(_compiled(first), others, lacks, beside)


def _spelt(use: re.Match[str], classes: Mapping[str, str]) -> str:
    """The words of a class, in brackets unless they are alternatives among others."""
    before, name, after = use.groups()
    listed = before is not None and after is not None
    return f"{before or ''}{classes[name]}" if listed else f"{before or ''}(?:{classes[name]})"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _terms(name: str) -> re.Pattern[str]:
    # In pinyin, “nianbao” is no “nba”.
    terms = (
        f"(?<![a-z]){one}(?![a-z])" if one.isascii() else one
        for one in map(re.escape, longest_first(read_list(name)))
    )
    return re.compile("|".join(terms))
