"""Personal data in what a citizen writes: where it is, and the text with it masked."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.chinese_numbers import CHINESE_DIGITS, chinese_numbers
from knowledge.personal_numbers import (
    BLANK,
    Kind,
    Span,
    emails,
    identity_numbers,
    long_numbers,
    numbers_in_queries,
    passports,
    public_numbers,
    web_addresses,
)
from knowledge.phones import called_phones, glued_mobiles, landlines, mobiles, phones_abroad

__all__ = ["MARKERS", "Kind", "Masked", "PersonalData", "find", "mask"]

# What stands in the text afterwards. No digits, so that a masked text holds nothing to find.
MARKERS = {
    Kind.IDENTITY_NUMBER: "［身份证号］",
    Kind.PHONE: "［电话号码］",
    Kind.BANK_CARD: "［银行卡号］",
    Kind.EMAIL: "［邮箱］",
    Kind.PASSPORT: "［护照号］",
}

# Strong evidence first. A reader whose guards look at neighbouring digits comes after whatever
# may mask these digits, so that a second masking sees what the first one saw.
_READERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    emails,
    identity_numbers,
    numbers_in_queries,
    web_addresses,
    public_numbers,
    long_numbers,
    glued_mobiles,
    mobiles,
    landlines,
    phones_abroad,
    chinese_numbers,
    passports,
    called_phones,
)

# Zeros of the digits that people in China can type: full-width, Arabic (two sets), Tibetan,
# Mongolian, Burmese, New Tai Lue, Tai Tham (two sets), and the mathematical alphabets' five.
_ZEROS = (
    *(0xFF10, 0x0660, 0x06F0, 0x0F20, 0x1810, 0x1040, 0x19D0, 0x1A80, 0x1A90),
    *range(0x1D7CE, 0x1D800, 10),
)
# Controls, zero-width characters, combining marks (keycaps among them), variation selectors,
# tags: nobody sees them between two digits. White space is not among them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0300-\u036f\u061c\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20d0-\u20f0\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_PLAIN = {
    **{chr(zero + number): str(number) for zero in _ZEROS for number in range(10)},
    **{chr(0xFEE0 + code): chr(code) for code in (*range(0x41, 0x5B), *range(0x61, 0x7B))},
    **{chr(0xFEE0 + ord(sign)): sign for sign in "@.-+()_#%"},
    **dict.fromkeys("‐‑‒–—―−─﹘﹣ー", "-"),
    **dict.fromkeys("·•‧・⋅･․", "."),
    **dict.fromkeys("*~∼＊～", "-"),
    # Not a sign that may stand in a web address, which they end.
    **dict.fromkeys("|｜…⋯", " "),
    **dict.fromkeys("×✕╳ⅩⅹХхΧχ", "X"),
}
# The mathematical digits as a range: single characters beyond the first 65,536 make it slow.
_FOREIGN = re.compile(f"[{''.join(sign for sign in _PLAIN if sign < '𝟎')}𝟎-𝟿]")
# Signs that are digits by their meaning: ①, ⒈, ², ₂. Only in a row: alone, they number a list.
_DIGIT_SIGNS = {
    sign: str(value)
    for sign in map(chr, range(0x80, 0x10000))
    if unicodedata.category(sign) == "No" and (value := unicodedata.digit(sign, -1)) >= 0
}
_SIGN = f"[{''.join(_DIGIT_SIGNS)}]"
_SIGNS_IN_A_ROW = re.compile(rf"{_SIGN}(?:[\s.\-]{{0,3}}{_SIGN}){{2,}}")
_PICTURES = re.compile("[\u2600-\u2712\u2716-\u2775\u2794-\u27bf\U0001f000-\U0001faff]")
_ANYTHING = re.compile(
    rf"@|艾特|[Aa][Tt]\s?[)）\]】]|[0-9](?:[\W_]{{0,4}}[0-9]){{6}}|[0-9{''.join(CHINESE_DIGITS)}](?:[\s.\-、，,]{{0,3}}"
    rf"[0-9{''.join(CHINESE_DIGITS)}]){{6}}"
)
_MARKED = re.compile("|".join(map(re.escape, MARKERS.values())))


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One piece: ``text[start:end]`` holds it whole, with the signs between its digits."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be kept, and the kinds that were masked in it, each once, in order."""

    text: str
    kinds: tuple[Kind, ...]


def find(text: str) -> tuple[PersonalData, ...]:
    """Every piece of personal data in the text, in order and without overlap.

    Public numbers are no finding: hotlines and 400 numbers, receipts, document numbers, dates,
    amounts, companies' codes, parcel and project numbers that are called so, and whatever a web
    address holds, except an e-mail address or a valid identity number.

    The text is folded to plain digits and letters; then the readers go over it one by one, and
    what one has read is blanked for the next, so that no digit is read twice.
    """
    line, places = _fold(text)
    if not _ANYTHING.search(line):
        return ()
    line = _blanked(line, [(None, *found.span()) for found in _MARKED.finditer(line)])
    pieces: list[PersonalData] = []
    for read in _READERS:
        spans = list(read(line))
        line = _blanked(line, spans)
        pieces += [
            PersonalData(kind, places[start], places[end])
            for kind, start, end in spans
            if kind is not None
        ]
    return tuple(sorted(pieces, key=lambda piece: piece.start))


def mask(text: str) -> Masked:
    """The text with a Chinese marker in place of every piece that :func:`find` finds.

    Masking what is already masked changes nothing.
    """
    parts: list[str] = []
    kinds: dict[Kind, None] = {}
    done = 0
    for piece in find(text):
        parts += (text[done : piece.start], MARKERS[piece.kind])
        kinds[piece.kind] = None
        done = piece.end
    return Masked("".join((*parts, text[done:])), tuple(kinds))


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """The line to read; for each of its characters, and for its end, the place in the text."""
    line = _FOREIGN.sub(lambda sign: _PLAIN[sign[0]], text)
    line = _SIGNS_IN_A_ROW.sub(
        lambda row: "".join(_DIGIT_SIGNS.get(sign, sign) for sign in row[0]), line
    )
    line = _PICTURES.sub(" ", line)
    if not _UNSEEN.search(line):
        return line, range(len(text) + 1)
    hidden = {found.start() for found in _UNSEEN.finditer(line)}
    places = [place for place in range(len(text) + 1) if place not in hidden]
    return _UNSEEN.sub("", line), places


def _blanked(line: str, spans: Sequence[Span]) -> str:
    parts: list[str] = []
    done = 0
    for _, start, end in spans:
        parts += (line[done:start], BLANK * (end - start))
        done = end
    return "".join((*parts, line[done:])) if spans else line
