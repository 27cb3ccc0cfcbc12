"""What is never matched, and what has nothing to do with government: rules with their reasons."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from knowledge.lexicon import longest_first, read_list
from knowledge.text import normalise, tidy


class Barred(StrEnum):
    """Why a question is not looked up at all."""

    DESPAIR = "despair"
    """Someone may harm themselves or threatens others: they are spoken to before the numbers."""
    EMERGENCY = "emergency"
    PRIVACY = "privacy"
    ILLEGAL = "illegal"
    GRIEVANCE = "grievance"


@dataclass(frozen=True, slots=True)
class _Rule:
    shows: tuple[re.Pattern[str], ...]
    excuses: tuple[re.Pattern[str], ...]
    holds: tuple[re.Pattern[str], ...]
    """Whatever else is said: no excuse counts."""

    def applies(self, plain: str) -> bool:
        if any(held.search(plain) for held in self.holds):
            return True
        return any(shown.search(plain) for shown in self.shows) and not any(
            excused.search(plain) for excused in self.excuses
        )


def barred(text: str) -> Barred | None:
    """Whether a message is none to look up, and why.

    It may tell of despair or of an emergency, pry into someone's life, ask for a crime, or
    complain of a nuisance that somebody is to end. Questions about such things
    (“申请需要身份证号吗”, “去年火灾的调查报告”) are not barred.
    """
    plain = tidy(text).replace(" ", "")
    for kind, rule in _rules().items():
        if rule.applies(plain):
            return kind
    return None


def is_off_topic(text: str) -> bool:
    """Whether the words are those of something that no office deals with (股票, 天气, 讲笑话)."""
    normal = normalise(text)
    return bool(_terms("offtopic").search(normal)) and not is_official(normal)


def is_official(text: str) -> bool:
    """Whether the words are those of government or of the disclosure of its information."""
    return bool(_terms("government").search(normalise(text)))


@cache
def _rules() -> dict[Barred, _Rule]:
    found: dict[str, list[re.Pattern[str]]] = {}
    for line in read_list("scope"):
        name, _, pattern = line.partition(" = ")
        found.setdefault(name, []).append(re.compile(pattern))
    return {
        kind: _Rule(
            shows=tuple(found.pop(kind, ())),
            excuses=tuple(found.pop(f"{kind}!", ())),
            holds=tuple(found.pop(f"{kind}+", ())),
        )
        for kind in Barred
    }


@cache
def _terms(name: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, longest_first(read_list(name)))))
