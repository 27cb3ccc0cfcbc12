"""A question's or a guide's wording brought into one form, so that both ends can be compared."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Protocol

import opencc

from knowledge.lexicon import longest_first, read_list, read_pairs
from knowledge.numerals import in_digits

STOP_CHARACTERS = frozenset("的了吗呢吧啊呀嘛么是在我你您他她它们这那就也都还和与及或个有")
"""Characters that say nothing alone; they still count inside a pair of characters."""

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_EMOJI = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
)
_NOT_A_WORD = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"([^\d a-z〇零一二三四五六七八九])\1\1+")
_ROUND_ZERO = re.compile("(?<=[一二三四五六七八九〇])○|○(?=[一二三四五六七八九])")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


def sound(text: str) -> str:
    """The text with halves of characters, which JSON can hold, replaced by question marks."""
    return text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=256)
def tidy(text: str) -> str:
    """The text in simplified characters, small letters and half width, words parted by one space.

    Invisible characters and emoji are gone, punctuation has become a space, and a Chinese
    character repeated three times or more stands once, but for numerals (二〇〇〇年). Nothing that
    was said is dropped.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", sound(text))).casefold()
    if "○" in plain:  # as zero in 二○一九年, else a sign that means nothing
        plain = _ROUND_ZERO.sub("〇", plain)
    plain = _simplifier().convert(_EMOJI.sub("", plain))
    return _REPEATED.sub(r"\1", _NOT_A_WORD.sub(" ", plain)).strip()


@lru_cache(maxsize=256)
def normalise(text: str) -> str:
    """The tidy text in common words without polite filler: the form that is matched.

    Words of a region (点样, 咋整, 資訊) have become those that all use (怎样, 怎么办, 信息), and
    numbers stand in digits (二十天 is 20天). A text of nothing but filler keeps it.
    Doing it twice changes nothing.
    """
    plain = _in_common_words(tidy(text))
    kept = plain
    while (shorter := " ".join(_filler().sub(" ", kept).split())) != kept:
        kept = _in_common_words(shorter)
    return in_digits(kept or plain)


def grams(normal: str) -> list[str]:
    """The characters and pairs of neighbours of a normalised text, with repetitions.

    Characters that say nothing alone are left out as singles; no pair reaches over a space.
    """
    found = [one for one in normal if one != " " and one not in STOP_CHARACTERS]
    for piece in normal.split():
        found.extend(piece[at : at + 2] for at in range(len(piece) - 1))
    return found


def is_traditional(text: str) -> bool:
    """Whether the writer uses traditional characters: more of them than of simplified ones."""
    text = sound(text)
    to_simple, to_full = _simplifier().convert(text), _traditionaliser().convert(text)
    traditional = sum(a != b for a, b in zip(text, to_simple, strict=False))
    simplified = sum(a != b for a, b in zip(text, to_full, strict=False))
    return traditional > simplified


def to_traditional(text: str) -> str:
    """The text in traditional characters, for a reply to someone who wrote in them."""
    return _traditionaliser().convert(text)


@cache
def _simplifier() -> _Converter:
    converter: _Converter = opencc.OpenCC("t2s")
    return converter


@cache
def _traditionaliser() -> _Converter:
    converter: _Converter = opencc.OpenCC("s2t")
    return converter


def _in_common_words(text: str) -> str:
    pairs = read_pairs("dialect")
    while (common := _dialect().sub(lambda found: pairs[found.group()], text)) != text:
        text = common
    return text


@cache
def _dialect() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, longest_first(tuple(read_pairs("dialect"))))))


@cache
def _filler() -> re.Pattern[str]:
    return re.compile("|".join(longest_first(read_list("filler"))))
