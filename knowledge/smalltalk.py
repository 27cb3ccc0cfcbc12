"""Messages that ask nothing: small talk, and words that are acts (转人工, 没解决, 不问了)."""

import re
from enum import StrEnum
from functools import cache

from knowledge.lexicon import longest_first, read_groups, read_list
from knowledge.text import tidy

LONGEST = 30
"""Characters; whoever writes more than this wants something."""

_STICKERS = re.compile(r"(\[[^\[\]]{1,6}\]|【[^【】]{1,6}】|\s)+")
_UNREADABLE = re.compile(r"[\W_]*")


class SmallTalk(StrEnum):
    """What kind of nothing was asked."""

    ABUSE = "abuse"
    THANKS = "thanks"
    FAREWELL = "farewell"
    GREETING = "greeting"
    TEST = "test"
    EMOJI = "emoji"
    BLANK = "blank"


class Command(StrEnum):
    """What the words of a message do."""

    WANTS_STAFF = "wants_staff"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    WITHDRAW = "withdraw"


def small_talk(text: str) -> SmallTalk | None:
    """The kind of small talk a message is, or None if something is asked or told in it.

    Abuse with anything besides is a question: whoever is angry is still answered.
    """
    plain = tidy(text).replace(" ", "")
    if not plain:
        return _wordless(text)
    if _STICKERS.fullmatch(text):
        return SmallTalk.EMOJI
    if len(plain) > LONGEST:
        return None
    if (exact := _exact().get(plain)) is not None:
        return exact
    for kind, pattern in _patterns():
        if pattern.fullmatch(plain):
            return kind
    return None


def command(text: str) -> Command | None:
    """The act that a message is, or None; only a message that says nothing else is an act."""
    plain = tidy(text).replace(" ", "")
    if not plain or len(plain) > LONGEST:
        return None
    for act, pattern in _acts():
        if pattern.fullmatch(plain):
            return act
    return None


def _wordless(text: str) -> SmallTalk:
    printed = any(not one.isspace() and not one.isascii() and not one.isalnum() for one in text)
    punctuation = all(one.isspace() or one in "。，、；：？！…—～·“”‘’（）《》" for one in text)
    return SmallTalk.EMOJI if printed and not punctuation else SmallTalk.BLANK


@cache
def _exact() -> dict[str, SmallTalk]:
    groups = read_groups("smalltalk")
    return {tidy(term): kind for kind in reversed(SmallTalk) for term in groups.get(kind, ())}


@cache
def _patterns() -> tuple[tuple[SmallTalk, re.Pattern[str]], ...]:
    groups = read_groups("smalltalk")
    particles, targets = groups["particle"], groups["target"]
    found = []
    for kind in (kind for kind in SmallTalk if kind in groups):
        own = _any(tuple(tidy(term).replace(" ", "") for term in groups[kind]))
        around = _any(particles + targets if kind is SmallTalk.ABUSE else particles)
        found.append((kind, re.compile(f"{around}*(?:{own}{around}*)+")))
    mixed = _any(
        tuple(term for kind in ("thanks", "farewell", "greeting") for term in groups[kind])
    )
    around = _any(particles)
    for kind in (SmallTalk.THANKS, SmallTalk.FAREWELL, SmallTalk.GREETING):
        own = _any(groups[kind])
        found.append((kind, re.compile(f"(?=.*{own})(?:{mixed}|{around})+")))
    return tuple(found)


@cache
def _acts() -> tuple[tuple[Command, re.Pattern[str]], ...]:
    found = []
    for line in read_list("commands"):
        name, _, pattern = line.partition(": ")
        found.append((Command(name), re.compile(pattern)))
    return tuple(found)


def _any(terms: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(re.escape, longest_first(terms)))})"
