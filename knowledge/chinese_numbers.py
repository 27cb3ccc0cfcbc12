"""The reader of personal numbers in Chinese digits, also mixed with plain ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.check_digits import is_identity_number, is_receipt, passes_luhn
from knowledge.personal_numbers import FINAL_X, ISSUER, Kind, Span

_SIGNS = "零〇○ 一幺么壹 二两兩贰貳 三叁參叄 四肆 五伍 六陆陸 七柒 八捌 九玖"
CHINESE_DIGITS = {
    sign: str(number) for number, signs in enumerate(_SIGNS.split()) for sign in signs
}
_VALUES = CHINESE_DIGITS | {digit: digit for digit in "0123456789"}
_DIGIT = f"[{''.join(_VALUES)}]"
_RUN = re.compile(rf"{_DIGIT}(?:[\s.\-、，,]{{0,3}}{_DIGIT}){{9,}}")
_COMMA = re.compile("[、，,]")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_LANDLINE = re.compile("0(?:10|2[0-9])[1-9][0-9]{7}|0[3-9][0-9]{2}[1-9][0-9]{6,7}")


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits in a row: their values, and the place of each in the line."""

    line: str
    places: tuple[int, ...]
    digits: str

    def end(self, at: int, size: int) -> int:
        return self.places[at + size - 1] + 1

    def holds(self, at: int, size: int) -> bool:
        """Whether a number may stand here: with Chinese digits, its edges in no plain group.

        A Chinese digit at the end alone is not enough (1380013800一套 is ten digits and a word),
        and no comma parts a mixed one (15、208、二十一 is a list).
        """
        start, end = self.places[at], self.end(at, size)
        plain = [self.line[place] in "0123456789" for place in self.places[at : at + size]]
        if all(plain[:-1]) or (any(plain) and _COMMA.search(self.line, start, end)):
            return False
        edges = self.line[max(0, start - 1) : start + 1], self.line[end - 1 : end + 1]
        return not any(len(pair) == 2 and pair.isascii() and pair.isdigit() for pair in edges)

    def is_mobile(self, at: int) -> bool:
        return bool(_MOBILE.match(self.digits, at)) and self.holds(at, 11)


def chinese_numbers(line: str) -> Iterator[Span]:
    """Identity, phone and card numbers that hold Chinese digits.

    They need no boundary: in 零零零一直没人接 the last 一 belongs to the next word.
    """
    for found in _RUN.finditer(line):
        if not found[0].isascii():
            places = tuple(place for place in range(*found.span()) if line[place] in _VALUES)
            digits = "".join(_VALUES[line[place]] for place in places)
            yield from _numbers_in(_Run(line, places, digits))


def _numbers_in(run: _Run) -> Iterator[Span]:
    at = fresh = 0
    while at < len(run.places):
        kind, size, end = _number(run, at, is_fresh=at == fresh)
        if size:
            yield kind, run.places[at], end
            at = fresh = at + size
        else:
            at += 1


def _number(run: _Run, at: int, *, is_fresh: bool) -> tuple[Kind | None, int, int]:
    """What begins here, how many digits it has (0: nothing does), and its end in the line.

    ``is_fresh`` says that no other digit stands before it.
    """
    rest = run.digits[at : at + 19]
    if len(rest) >= 18 and is_identity_number(rest[:18]) and run.holds(at, 18):
        return Kind.IDENTITY_NUMBER, 18, run.end(at, 18)
    if len(rest) == 17 and is_identity_number(rest + "X") and run.holds(at, 17):
        final = FINAL_X.match(run.line, run.end(at, 17))
        if final:
            return Kind.IDENTITY_NUMBER, 17, final.end()
    if len(rest) >= 14 and is_receipt(rest[:14]) and run.holds(at, 14):
        return None, 14, run.end(at, 14)
    if run.is_mobile(at):
        size = _overlapping_mobiles(run, at)
        return Kind.PHONE, size, run.end(at, size)
    if ISSUER.match(rest):
        for size in range(len(rest), 15, -1):
            if passes_luhn(rest[:size]) and run.holds(at, size):
                return Kind.BANK_CARD, size, run.end(at, size)
    landline = _LANDLINE.match(rest) if is_fresh else None
    if landline and run.holds(at, landline.end()):
        return Kind.PHONE, landline.end(), run.end(at, landline.end())
    return None, 0, 0


def _overlapping_mobiles(run: _Run, at: int) -> int:
    """How many digits the mobile numbers have that begin here and within one another.

    In 一三一三八零零一三八零零零 the first 一三 may belong to the word before: all is masked.
    """
    size, step = 11, 1
    while step < size:
        if run.is_mobile(at + step):
            size = step + 11
        step += 1
    return size
