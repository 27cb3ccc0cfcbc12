"""Check digits, against numbers that the standards and issuers publish as examples."""

import pytest

from knowledge.check_digits import (
    is_credit_code,
    is_date,
    is_identity_number,
    is_receipt,
    passes_luhn,
)


def test_the_example_in_the_standard_is_an_identity_number() -> None:
    assert is_identity_number("11010519491231002X")


@pytest.mark.parametrize("position", range(17))
def test_one_wrong_digit_makes_an_identity_number_invalid(position: int) -> None:
    number = "11010519491231002X"
    wrong = number[:position] + str((int(number[position]) + 1) % 10) + number[position + 1 :]

    assert not is_identity_number(wrong)


def test_an_identity_number_needs_a_day_of_the_calendar() -> None:
    # Its check digit is right, but there is no 30 February, nor a citizen born in 1849.
    assert not is_identity_number("110105194902300012")
    assert not any(is_identity_number(f"11010518491231002{last}") for last in "0123456789X")


def test_a_receipt_needs_its_check_digit_and_a_day() -> None:
    assert is_receipt("26112300000007")
    assert not is_receipt("26112300000008")
    assert [is_receipt(f"2613230000000{digit}") for digit in range(10)] == [False] * 10


def test_a_mobile_number_with_something_behind_is_no_receipt() -> None:
    assert not any(is_receipt(f"1301122334456{digit}") for digit in range(10))


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L"])
def test_published_credit_codes_are_valid(code: str) -> None:
    assert is_credit_code(code)
    assert not is_credit_code(code[:-1] + ("0" if code[-1] != "0" else "1"))


def test_a_credit_code_that_could_be_somebodys_number_is_not_believed() -> None:
    # All three have the right check character; the last is no card and holds no birth date.
    assert not is_credit_code("410008930009901563")
    assert not is_credit_code("532901194912310041")
    assert is_credit_code("515300007020000051")


@pytest.mark.parametrize(
    "card", ["4111111111111111", "378282246310005", "6011111111111117", "30569309025904"]
)
def test_issuers_test_cards_pass_and_their_neighbours_do_not(card: str) -> None:
    assert passes_luhn(card)
    assert not passes_luhn(card[:-1] + str((int(card[-1]) + 1) % 10))


def test_only_days_of_the_calendar_are_dates() -> None:
    assert is_date("20240229")
    assert not is_date("20230229")
    assert not is_date("00000101")
