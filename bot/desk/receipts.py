"""Receipt numbers: 14 digits that a person can read out on the phone and mistype safely."""

import re
import secrets
import unicodedata
from datetime import date

from knowledge.check_digits import check_digit

LENGTH = 14
_RANDOM_DIGITS = 7
_CHINESE_DIGITS = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")
_PRINTED = re.compile(r"(?<!\d)\d{6}[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)")
_LONGEST_REST = 16
"""Characters beside a receipt number that say no more than what is wanted of it."""
_IGNORED = re.compile(r"[\s\-—－·.,，。、:：#号]+")


def new_receipt(on: date) -> str:
    """A new receipt number: the day (yymmdd), seven random digits, a check digit."""
    body = f"{on:%y%m%d}{secrets.randbelow(10**_RANDOM_DIGITS):0{_RANDOM_DIGITS}d}"
    return body + check_digit(body)


def parse_receipt(typed: str) -> str | None:
    """The 14 digits a person meant, or None if this is no receipt number.

    Accepts spaces, dashes, full-width and Chinese digits.
    """
    digits = _digits(typed)
    if len(digits) != LENGTH or not digits.isascii() or not digits.isdigit():
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def find_receipt(text: str) -> str | None:
    """The receipt number that a message gives, None if there is none or much is said besides."""
    if (whole := parse_receipt(text)) is not None:
        return whole
    plain = unicodedata.normalize("NFKC", text)
    found = _PRINTED.search(plain)
    if found is None or len(plain) - len(found[0]) > _LONGEST_REST:
        return None
    return parse_receipt(found[0])


def parse_code(typed: str) -> str:
    """The retrieval code a person meant, read like a receipt; no digits if there were none."""
    return "".join(sign for sign in _digits(typed) if "0" <= sign <= "9")


def show_receipt(receipt: str) -> str:
    """The number as people read it: ``261123 4820 7314``."""
    return f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}"


def _digits(typed: str) -> str:
    # NFKC makes № two letters, and a full-width hyphen one that is ignored.
    plain = unicodedata.normalize("NFKC", typed.replace("№", ""))
    return _IGNORED.sub("", plain).translate(_CHINESE_DIGITS)
