"""Messages that ask nothing: small talk, and words that are acts (转人工, 没解决, 不问了)."""

import re
from enum import StrEnum
from functools import cache

from knowledge.lexicon import longest_first, read_groups, read_list
from knowledge.text import tidy

LONGEST = 30
"""Characters; whoever writes more than this wants something."""

LONGEST_FREE = 18
"""Characters of small talk put together freely; on a longer one its patterns may take long."""

_STICKERS = re.compile(r"(\[[^\[\]]{1,6}\]|【[^【】]{1,6}】|\s)+")
_OPENING = re.compile(r"(?:我)?(?:再|还)?(?:补充|補充|追加)\s*[:：，,]")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890", "09876543210")
_VOWELS = frozenset("aeiouvy")
FEWEST_VOWELS = 0.16
"""The least share of vowels in what is written with letters; pinyin has a third."""
_HOTLINE = re.compile("12345|11[029]|12[02]")
_NO_WORDS = re.compile("[的了][的了在是和]{0,5}|[\u3100-\u312f]+")
"""Particles alone, or the letters of Taiwan's keyboards."""
_STAFF = re.compile("人工|真人|活人|客服|工作人员|机器人|领导|负责人")
_SETTLED = re.compile("解决|没(?:有|别的)?问题")
_NUMBERS = {"1": 1, "一": 1, "2": 2, "二": 2, "两": 2, "3": 3, "三": 3}
_PICK = re.compile(
    "(?:我|就|那|应该|要|想问|问|选|选择|是|的)*第?([123一二两三])"
    "(?:个|项|条|种|号|选项|问题)?(?:吧|啊|呢|的|那个|谢谢)*"
)


class SmallTalk(StrEnum):
    """What kind of nothing was asked."""

    ABUSE = "abuse"
    THANKS = "thanks"
    FAREWELL = "farewell"
    GREETING = "greeting"
    TEST = "test"
    EMOJI = "emoji"
    BLANK = "blank"
    CHAT = "chat"
    """Of themselves, of the weather, of anything but a matter."""


class Command(StrEnum):
    """What the words of a message do."""

    WANTS_STAFF = "wants_staff"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    WITHDRAW = "withdraw"


class Aside(StrEnum):
    """What the words do where the asker's matter is open; elsewhere they may be a question."""

    DROPS = "drops"
    """撤回, 取消."""
    ADDS = "adds"
    """补充一下，…"""
    PROGRESS = "progress"
    """还要多久, 怎么还没人."""


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
    if len(plain) <= LONGEST_FREE:
        for name, pattern in _phrases(SmallTalk):
            if pattern.fullmatch(plain):
                return SmallTalk(name)
    return SmallTalk.TEST if _is_mash(plain) else None


def command(text: str) -> Command | None:
    """The act that a message is, or None; only a message that says nothing else is an act.

    But whoever begins or ends with asking for a person (“转人工，我想问…”) wants one, whatever
    else they say.
    """
    plain = tidy(text).replace(" ", "")
    if plain and len(plain) <= LONGEST:
        for name, pattern in _phrases(Command):
            if pattern.fullmatch(plain):
                return Command(name)
    clauses = _clauses(text)
    asks = len(clauses) > 1 and (_calls_staff(clauses[0]) or _calls_staff(clauses[-1]))
    return Command.WANTS_STAFF if asks else None


def says_more(text: str) -> bool:
    """Whether a message that asks for a person says what about."""
    plain = tidy(text).replace(" ", "")
    return not _is(Command.WANTS_STAFF, plain) and not all(map(_calls_staff, _clauses(text)))


def aside(text: str) -> Aside | None:
    """What the words do where a matter is open, or None if nothing of the kind."""
    plain = tidy(text).replace(" ", "")
    if _OPENING.match(text.strip()):
        return Aside.ADDS
    for name, pattern in _phrases(Aside):
        if (name == Aside.ADDS or len(plain) <= LONGEST) and pattern.fullmatch(plain):
            return Aside(name)
    return None


def picked(text: str) -> int | None:
    """Which of the choices that were offered is meant (1 the first), None if none is named."""
    found = _PICK.fullmatch(tidy(text).replace(" ", ""))
    return None if found is None else _NUMBERS[found[1]]


def is_settled(text: str) -> bool:
    """Whether the words say that the matter itself is over, more than “知道了”."""
    return bool(_SETTLED.search(tidy(text)))


def _clauses(text: str) -> list[str]:
    return tidy(text).split()


def _calls_staff(clause: str) -> bool:
    return bool(_STAFF.search(clause)) and _is(Command.WANTS_STAFF, clause)


def _is(kind: Command, plain: str) -> bool:
    return any(pattern.fullmatch(plain) for name, pattern in _phrases(Command) if name == kind)


def _is_mash(plain: str) -> bool:
    """Whether it is keys that were hit at random, or one hit again and again."""
    if _HOTLINE.fullmatch(plain):
        return False
    if len(set(plain)) == 1 and not "\u4e00" <= plain[0] <= "\u9fff":
        return True
    if any(plain in row for row in _ROWS) and len(plain) > 3:
        return True
    letters = [one for one in plain if "a" <= one <= "z"]
    if len(letters) > 4 and plain.isascii():
        return sum(one in _VOWELS for one in letters) < FEWEST_VOWELS * len(letters)
    return bool(_NO_WORDS.fullmatch(plain))


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
def _phrases(kinds: type[StrEnum]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns over a whole message with the kind that each shows, in the file's order."""
    lines = (line.partition(": ") for line in read_list("commands"))
    return tuple((name, re.compile(pattern)) for name, _, pattern in lines if name in set(kinds))


def _any(terms: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(re.escape, longest_first(terms)))})"
