"""The readers of personal numbers: each takes a folded line and yields what it finds there.

A line holds plain digits and letters, and ``BLANK`` where something was found before. A span
without a kind is public (a web address, a receipt, a company's code): it is blanked and kept.
No pattern can match one stretch in two ways, so that the time grows with the length of the line
only.
"""

import re
import string
from collections.abc import Iterator, Sequence
from enum import StrEnum

from knowledge.check_digits import (
    holds_birth_date,
    is_credit_code,
    is_date,
    is_identity_number,
    is_receipt,
    passes_luhn,
)


class Kind(StrEnum):
    IDENTITY_NUMBER = "identity_number"
    PHONE = "phone"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    PASSPORT = "passport"


Span = tuple[Kind | None, int, int]

BLANK = "\0"
GAP = r"[\s.\-_]{0,3}"
FINAL_X = re.compile(rf"{GAP}[Xx]")
ISSUER = re.compile(r"[3459]|6[02-9]")

_LOCAL_PART = frozenset(string.ascii_letters + string.digits + "_.%+-")
_AT_HOST = re.compile(
    r"\s{0,2}+(?:@|[(（\[【]\s?[Aa][Tt]\s?[)）\]】]|艾特)\s{0,2}+"
    r"(?:(?:[A-Za-z0-9\-]+(?:\.|\s?点\s?|[。，,](?=(?:com|cn|net|org)(?![A-Za-z]))))+[A-Za-z]{2,24}"
    r"|(?:qq|163|126|139|189|sina|sohu|aliyun|foxmail|gmail|hotmail|outlook)(?![A-Za-z0-9.]))",
)
# The name ends in a letter, so that a number glued to it is not taken for a part of it.
_WEB_ADDRESS = re.compile(
    r"(?:https?://|www\.)(?:[a-z0-9.\-]*[a-z]|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[0-9]{2,5})?"
    r"(?:[/?#](?:(?!(?:tel|phone|mobile)=)[a-z0-9\-._~:/?#\[\]@!$&'*+;=%])*)?",
    re.IGNORECASE | re.ASCII,
)
_RECEIPT = re.compile(r"(?<![0-9])(?=([0-9]{6}[\s.\-]{0,3}[0-9]{4}[\s.\-]{0,3}[0-9]{4})(?![0-9]))")
_CREDIT_CODE = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])",
    re.IGNORECASE | re.ASCII,
)
_CALLED_PUBLIC = re.compile(
    r"(?:地块|宗地|图斑|地籍|不动产单元|不动产权证?|项目|信用|组织机构|注册|执照|区划|合同|发票|许可证)"
    r"(?:编号|代码|号码|号|码)[是为:：\s#]{0,3}([A-Za-z0-9\-_/.]{1,40})|第([0-9]{1,14})[号號]"
)
# The century stands in the pattern, because it turns away almost every other number at once.
_JOIN = r"[\s.\-_,，、/]{0,3}"
_IDENTITY = re.compile(
    rf"(?=([1-9](?:{_JOIN}[0-9]){{5}}{_JOIN}(?:1{_JOIN}9|2{_JOIN}0)(?:{_JOIN}[0-9]){{9}}"
    rf"{_JOIN}[0-9Xx]))"
)
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_LONG = re.compile(rf"(?<![0-9])(?<![0-9{BLANK}]\.)(?=([0-9](?:[\s.\-]{{0,3}}[0-9]){{11,20}}))")
# With these no bank card begins.
_NO_CARD = frozenset("01278")
_GROUP = re.compile("[0-9]+")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,2}[\s\-]?[0-9]{7,8}|[0-9]{9})(?![A-Za-z0-9])"
)

_BESIDE = 14
_BREAK = re.compile(rf"[0-9{BLANK}。！？!?；;]")
_LABELS = (
    r"(?P<identity>身[份分][证證]|[证證]件|身[证證]号|(?i:sfz))"
    r"|(?P<card>[银銀]行卡|卡[号號]|[账帐賬帳][号户號戶]|存折|储蓄卡|信用卡|工资卡|惠农卡|一卡通)"
    r"|(?P<passport>[护護]照|通行[证證]|(?i:passport))"
)
_LABEL = re.compile(_LABELS)
_LABEL_BEHIND = re.compile(rf"[\s，,（(:：]{{0,2}}(?:这|就)?[是为為]?(?:我|本人)?的?(?:{_LABELS})")
_YUAN = re.compile(r"(?:\.[0-9]{1,4})?\s?[万亿]?元(?![旦月宵阳谋江])")
_MONEY = re.compile(r"[¥￥$]\s?$")


def emails(line: str) -> Iterator[Span]:
    """Addresses, also with spaces around the @ or 。com, as Chinese keyboards give it."""
    done = 0
    for found in _AT_HOST.finditer(line):
        start = found.start()
        while start > done and line[start - 1] in _LOCAL_PART:
            start -= 1
        if start < found.start():
            yield Kind.EMAIL, start, found.end()
            done = found.end()


def identity_numbers(line: str) -> Iterator[Span]:
    """Valid ones, wherever they stand: check digit and birth date leave little to chance."""
    done = 0
    for found in _IDENTITY.finditer(line):
        start, end = found.span(1)
        if start >= done and is_identity_number(re.sub("[^0-9Xx]", "", found[1]).upper()):
            yield Kind.IDENTITY_NUMBER, start, end
            done = end


def numbers_in_queries(line: str) -> Iterator[Span]:
    """Mobile numbers and valid cards behind the question mark of a web address."""
    for address in _WEB_ADDRESS.finditer(line):
        query = line.find("?", *address.span())
        if query < 0:
            continue
        for group in _GROUP.finditer(line, query, address.end()):
            if _MOBILE.fullmatch(group[0]):
                yield Kind.PHONE, *group.span()
            elif 16 <= len(group[0]) <= 19 and ISSUER.match(group[0]) and passes_luhn(group[0]):
                yield Kind.BANK_CARD, *group.span()


def web_addresses(line: str) -> Iterator[Span]:
    yield from ((None, *found.span()) for found in _WEB_ADDRESS.finditer(line))


def public_numbers(line: str) -> Iterator[Span]:
    """Receipts, companies' codes, and numbers that are called a parcel's, a project's and so on.

    Source for the codes being public: 企业信息公示暂行条例 第6条 (registration data).
    """
    spans = [found.span(found.lastindex or 0) for found in _CALLED_PUBLIC.finditer(line)]
    spans += [
        found.span() for found in _CREDIT_CODE.finditer(line) if is_credit_code(found[0].upper())
    ]
    spans += [
        found.span(1)
        for found in _RECEIPT.finditer(line)
        if is_receipt("".join(_GROUP.findall(found[1])))
    ]
    done = 0
    for start, end in sorted(spans):
        if end > done:
            yield None, max(start, done), end
            done = end


def long_numbers(line: str) -> Iterator[Span]:
    """Bank cards, old identity numbers, and mistyped ones beside their name."""
    done = 0
    for found in _LONG.finditer(line):
        start = found.start()
        if start < done:
            continue
        groups, ends = _groups(line, start, found.end(1))
        labels = _labels_before(line, start)
        if not groups or (groups[0] in _NO_CARD and not labels):
            continue
        size = sum(map(len, groups))
        while size >= 12:
            span = _long_number(line, start, ends[-1], groups=groups, labels=labels)
            if span:
                yield span
                done = span[2]
                break
            size -= len(groups.pop())
            ends.pop()


def passports(line: str) -> Iterator[Span]:
    """Passports' and travel permits' numbers: with no check digit, only beside their name."""
    for found in _PASSPORT.finditer(line):
        start, end = found.span()
        if "passport" in (*_labels_before(line, start), *_labels_behind(line, end)):
            yield Kind.PASSPORT, start, end


def is_amount(line: str, start: int, end: int) -> bool:
    """Whether a sign or word for money stands beside these digits (元旦 and 元江 are none)."""
    return bool(_YUAN.match(line, end) or _MONEY.search(line, max(0, start - 2), start))


def _groups(line: str, start: int, end: int) -> tuple[list[str], list[int]]:
    """The whole groups of digits in this part of the line, and where each ends."""
    # One character more, so that a group which goes on behind the part is seen to do so.
    found = [group for group in _GROUP.finditer(line, start, end + 1) if group.end() <= end]
    return [group[0] for group in found], [group.end() for group in found]


def _labels_before(line: str, start: int) -> list[str]:
    """What the words before a number say that it is, the nearest last."""
    before = _BREAK.split(line[max(0, start - _BESIDE) : start])[-1]
    return [found.lastgroup or "" for found in _LABEL.finditer(before)]


def _labels_behind(line: str, end: int) -> list[str]:
    found = _LABEL_BEHIND.match(line, end)
    return [found.lastgroup or ""] if found else []


def _long_number(
    line: str, start: int, end: int, *, groups: Sequence[str], labels: Sequence[str]
) -> Span | None:
    size = sum(map(len, groups))
    may_be_identity = size >= 14 if len(groups) == 1 else size in (15, 17, 18)
    if not (may_be_identity or "card" in labels or groups[0][0] not in _NO_CARD):
        return None
    labels = [name for name in (labels or _labels_behind(line, end)) if name != "passport"]
    label = labels[-1] if labels else None
    if label == "identity" and may_be_identity:
        final = FINAL_X.match(line, end) if size == 17 else None
        if final:
            return Kind.IDENTITY_NUMBER, start, final.end()
        # In one piece a digit may have been lost or doubled; in several a date may begin it.
        if len(groups) == 1 or (size != 17 and not _YEAR.fullmatch(groups[0])):
            return Kind.IDENTITY_NUMBER, start, end
    if size == 18 and _is_mistyped_identity_number(groups):
        return Kind.IDENTITY_NUMBER, start, end
    if size == 15 and _is_old_identity_number(groups):
        return Kind.IDENTITY_NUMBER, start, end
    if _is_bank_card(groups, is_called_so=label == "card") and "." not in line[start:end]:
        return None if size < 16 and is_amount(line, start, end) else (Kind.BANK_CARD, start, end)
    return None


def _is_mistyped_identity_number(groups: Sequence[str]) -> bool:
    """Eighteen digits of which only the check digit is wrong: province and birth date fit."""
    digits = "".join(groups)
    return (
        [len(group) for group in groups] in ([18], [6, 8, 4], [6, 4, 4, 4], [6, 4, 2, 2, 4])
        and bool(_PROVINCE.match(digits))
        and holds_birth_date(digits)
    )


def _is_old_identity_number(groups: Sequence[str]) -> bool:
    """Fifteen digits without check digit, issued until 1999: province and birth date fit."""
    digits = "".join(groups)
    return (
        [len(group) for group in groups] in ([15], [6, 6, 3], [4, 4, 4, 3])
        and bool(_PROVINCE.match(digits))
        and is_date("19" + digits[6:12])
    )


def _is_bank_card(groups: Sequence[str], *, is_called_so: bool) -> bool:
    """12 to 19 digits parted as on a card: by issuer and check digit, or because called so."""
    *front, last = map(len, groups)
    is_parted_well = (
        not front
        or (all(4 <= size <= 6 for size in front) and last <= 6)
        or (front in ([6], [8]) and last >= 8)
        or (last == 1 and {*front} == {1} and len(groups) >= 16)
    )
    if is_called_so or not is_parted_well:
        return is_parted_well
    digits = "".join(groups)
    return len(digits) <= 19 and bool(ISSUER.match(digits)) and passes_luhn(digits)
