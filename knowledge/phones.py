"""The readers of phone numbers in a folded line; hotlines and 400 numbers are none."""

import re
from collections.abc import Iterator
from itertools import pairwise

from knowledge.check_digits import is_date
from knowledge.personal_numbers import GAP, Kind, Span, is_amount

_MOBILE = re.compile(
    rf"(?:(?<![0-9])|(?=[(+]))(?=(\(?(?:(?:\+|00)?86\)?{GAP})?0?)(1{GAP}[3-9](?:{GAP}[0-9]){{9}})(?![0-9]))"
)
_GLUED_MOBILES = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}){2,}(?![0-9])")
_LANDLINE = re.compile(
    r"(?:(?<![0-9])|(?=[(\[【+]))[(\[【]?(?:(?:\+|00)86[\s.\-)]{0,3}[(\[]?0?|0)(?:10|2[0-9]|[3-9][0-9]{2})"
    r"[\s.\-_)\]】]{0,3}"
    r"(?:[1-9][0-9]{6,7}|[1-9][0-9]{2,3}[\s.\-][0-9]{3,4}|[1-9][0-9]{1,2}(?:[\s.\-][0-9]{2,3}){2})"
    r"(?![0-9])(?:[\s，,]?(?:转|轉|分机|[Ee]xt\.?|#|-)\s?[0-9]{1,5}(?![0-9年号]))?"
)
# Hong Kong, Macao and Taiwan with the prefix, Taiwan's mobiles also without.
_ABROAD = re.compile(
    r"(?<![0-9])\(?(?:\+|00)(?:85[23]\)?[\s.\-]{0,3}[2-9][0-9]{3}[\s.\-]?[0-9]{4}"
    r"|886\)?[\s.\-]{0,3}0?9[0-9]{2}[\s.\-]?[0-9]{3}[\s.\-]?[0-9]{3})(?![0-9])"
    r"|(?<![0-9.])09[0-9]{2}[\s\-]?[0-9]{3}[\s\-]?[0-9]{3}(?![0-9])"
)
# Without area code, or with a digit too few or too many: only when it is called a phone.
_CALLED_PHONE = re.compile(
    r"(?:手机|手機|电话|電話|座机|固话|联系方式)(?:号码|号|號碼|號)?[是为為:：\s（(]{0,3}"
    r"((?!400|800|(?:19|20)[0-9]{6}(?![0-9]))(?:[2-8][0-9]{2,3}[\s\-]?[0-9]{4}"
    rf"|1[3-9][0-9]{{8}}(?:[0-9]{{2}})?))(?![0-9]|{GAP}[0-9]|\s?[元万亿年月号份件%])"
)
# Where the parting sign is also a decimal point or a new line, only as people part a number.
_USUAL = ([3, 4, 4], [3, 3, 5], [4, 4, 3], [4, 3, 4], [3, 4, 2, 2])
_USUAL_IN_LINES = (*_USUAL, [3, 8], [7, 4])
_GROUP = re.compile("[0-9]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def mobiles(line: str) -> Iterator[Span]:
    """Eleven digits however they are parted, with or without the country's prefix."""
    done = 0
    for found in _MOBILE.finditer(line):
        start, end = found.start(), found.end(2)
        if start >= done and not _is_something_else(line, found.start(2), end):
            yield Kind.PHONE, start, end
            done = end


def glued_mobiles(line: str) -> Iterator[Span]:
    """Two or more mobile numbers with nothing between them."""
    for found in _GLUED_MOBILES.finditer(line):
        for start in range(found.start(), found.end(), 11):
            yield Kind.PHONE, start, start + 11


def landlines(line: str) -> Iterator[Span]:
    """Numbers with an area code, and their extension."""
    yield from ((Kind.PHONE, *found.span()) for found in _LANDLINE.finditer(line))


def phones_abroad(line: str) -> Iterator[Span]:
    """Numbers of Hong Kong, Macao and Taiwan."""
    yield from ((Kind.PHONE, *found.span()) for found in _ABROAD.finditer(line))


def called_phones(line: str) -> Iterator[Span]:
    yield from ((Kind.PHONE, *found.span(1)) for found in _CALLED_PHONE.finditer(line))


def _is_something_else(line: str, start: int, end: int) -> bool:
    """Whether eleven digits are a round amount, a decimal, an IP, dates, or a list."""
    number = line[start:end]
    if number.isdigit():
        return number.endswith("0000") and is_amount(line, start, end)
    groups = _GROUP.findall(number)
    sizes = [len(group) for group in groups]
    if "." in number or "\n" in number:
        return sizes not in (_USUAL if "." in number else _USUAL_IN_LINES)
    if sizes[0] == 2 and len(sizes) > 4 and not any(group.startswith("0") for group in groups):
        return True
    if any(len(group) == 8 and _YEAR.match(group) and is_date(group) for group in groups):
        return True
    years = [bool(_YEAR.fullmatch(group)) for group in groups]
    return sum(years) > 1 or any(
        is_year and len(month) <= 2 and 1 <= int(month) <= 12
        for is_year, (_, month) in zip(years, pairwise(groups), strict=False)
    )
