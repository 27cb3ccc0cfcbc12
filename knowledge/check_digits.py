"""Check digits: whether a number can be what it looks like."""

from datetime import date

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_identity_number(digits: str) -> bool:
    """Whether these 18 characters are an identity number with a possible birth date.

    Source: GB 11643-1999, check digit by ISO 7064 MOD 11-2.
    """
    if not holds_birth_date(digits):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits[:17], _IDENTITY_WEIGHTS, strict=True)
    )
    return digits[17] == "10X98765432"[total % 11]


def holds_birth_date(digits: str) -> bool:
    """Whether the 18 characters of an identity number hold a date of 1900 to 2099."""
    return digits[6:8] in ("19", "20") and is_date(digits[6:14])


def check_digit(body: str) -> str:
    """The digit that makes ``body`` valid; any single wrong digit is noticed.

    Source: ISO/IEC 7064:2003, MOD 11,10 (hybrid system for digits).
    """
    carry = 10
    for digit in body:
        carry = (carry + int(digit)) % 10 or 10
        carry = carry * 2 % 11
    return str((11 - carry) % 10)


def is_receipt(digits: str) -> bool:
    """Whether these 14 digits are a receipt number: day (yymmdd), seven digits, check digit.

    Only years 2020 to 2059, so that no mobile number with something behind it passes for one.

    Source: ISO/IEC 7064:2003, MOD 11,10.
    """
    if not ("20" <= digits[:2] < "60" and is_date("20" + digits[:6])):
        return False
    return digits[-1] == check_digit(digits[:-1])


def is_credit_code(code: str) -> bool:
    """Whether these 18 characters are an organisation's unified social credit code.

    One without letters is not believed when it holds a birth date or passes as a bank card:
    it may be a mistyped identity number or a card.

    Source: GB 32100-2015, check character modulo 31 with the weights 3^i.
    """
    values = [_CREDIT_SIGNS.index(sign) for sign in code]
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:-1]))
    if (31 - total % 31) % 31 != values[-1]:
        return False
    return not (
        (code[:17].isdigit() and holds_birth_date(code)) or (code.isdigit() and passes_luhn(code))
    )


def passes_luhn(digits: str) -> bool:
    """Whether a bank card's last digit fits the others.

    Source: ISO/IEC 7812-1, annex B.
    """
    kept, doubled = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, kept)) + sum(_DOUBLED[int(digit)] for digit in doubled)) % 10 == 0


def is_date(digits: str) -> bool:
    """Whether eight digits are a day of the calendar, written yyyymmdd."""
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
