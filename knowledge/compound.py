"""Two or three questions asked at once, taken apart."""

import re
from collections.abc import Iterator
from functools import cache

from knowledge.lexicon import read_list
from knowledge.smalltalk import small_talk
from knowledge.text import normalise

MOST_PARTS = 3
SHORTEST, LONGEST = 2, 24
"""Characters of a part; whoever needs more for it is telling one story."""

_NUMBERED = re.compile(
    r"(?:^|(?<=[\s，,。；;？?！!：:]))[(（]?(?:第?[1-3一二三](?:个?问题)?|其[一二三])"
    r"[)）.．、:：，,](?!\d)|[①②③]"
)
_CLAUSE = re.compile(r"(?:[^，,。；;？?！!、:：\n]|(?<![题題下询詢教])[:：])+[？?]?")
_JOINED = re.compile(
    r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])"
    r"|(?:[还還]有(?![没沒]有)|[还還]想[问問]|另外(?![的再还還])|[顺順][便带帶]再?[问問]|再[问問]|以及|然[后後])"
    r"(?:就是|[问問]?一下|下)?"
)
_UNFINISHED = re.compile(
    r"(?:([^不没])[不没]\1|[能可是]否|可不可以|需不需要|怎么|如何|为什么|为何)$"
)
_ANNOUNCED = re.compile(
    "(?:我|有|想|要|再|还|主要|问|请教|咨询|了解|[您你]们?|一?下|[几23]|个|些|问题|事情?|情况)+"
)


def split(text: str) -> tuple[str, ...]:
    """The questions of a message, two or three, or the whole message as the only one.

    A message is only taken apart if every piece of it asks something of its own and is short;
    greetings say nothing. What leads up to a question without asking stays with it, and then the
    message is one question.
    """
    pieces = [piece for clause in _clauses(text) for piece in _parts(clause)]
    if not 2 <= len(pieces) <= MOST_PARTS or not all(map(_asks, pieces)):
        return (text.strip(),)
    return tuple(piece.rstrip("？?").strip() for piece in pieces)


def _clauses(text: str) -> Iterator[str]:
    """What stands between punctuation, its question mark with it, less what only greets."""
    for found in _CLAUSE.finditer(_NUMBERED.sub("\n", text)):
        clause = found.group().strip()
        plain = _plain(clause)
        if plain.strip("?") and not _ANNOUNCED.fullmatch(plain) and small_talk(clause) is None:
            yield clause


def _parts(clause: str) -> list[str]:
    """The clause cut at 还有 and its like, if a whole question stands on either side of each."""
    parts = [part for part in map(str.strip, _JOINED.split(clause)) if _plain(part).strip("?")]
    if all(map(_asks, parts)) and not any(map(_is_unfinished, parts[:-1])):
        return parts
    return [clause]


def _asks(piece: str) -> bool:
    plain = _plain(piece)
    if not SHORTEST <= len(plain.strip("?")) <= LONGEST or _patterns("=").fullmatch(plain):
        return False
    return bool(_patterns("").search(_patterns("!").sub("", plain)))


def _is_unfinished(piece: str) -> bool:
    return bool(_UNFINISHED.search(_plain(piece)))


def _plain(piece: str) -> str:
    """The normalised piece without spaces, with ? where it ended in one."""
    asked = "?" if piece.endswith(("？", "?")) else ""
    return normalise(piece).replace(" ", "") + asked


@cache
def _patterns(mark: str) -> re.Pattern[str]:
    """The lines of ``questions.txt`` that begin with the mark, or those that have none."""
    lines = read_list("questions")
    if not mark:
        return re.compile("|".join(line for line in lines if line[:2] not in ("! ", "= ")))
    return re.compile("|".join(line[2:] for line in lines if line.startswith(f"{mark} ")))
