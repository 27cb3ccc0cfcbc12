from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.receipts import (
    find_receipt,
    new_receipt,
    parse_code,
    parse_receipt,
    show_receipt,
)
from knowledge.check_digits import check_digit

DAY = date(2026, 11, 23)
bodies = st.text("0123456789", min_size=13, max_size=13)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("0794") == "5"  # the example of ISO/IEC 7064, MOD 11,10


def test_a_receipt_says_its_day_and_shows_in_three_groups() -> None:
    receipt = new_receipt(DAY)

    assert len(receipt) == 14
    assert receipt.startswith("261123")
    assert parse_receipt(receipt) == receipt
    assert show_receipt(receipt) == f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}"


def test_receipts_of_one_day_differ() -> None:
    assert len({new_receipt(DAY) for _ in range(1000)}) > 990


@given(bodies, st.integers(0, 13), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(body: str, place: int, off: int) -> None:
    receipt = body + check_digit(body)
    wrong = str((int(receipt[place]) + off) % 10)

    assert parse_receipt(receipt[:place] + wrong + receipt[place + 1 :]) is None


@given(bodies)
def test_what_is_shown_is_understood(body: str) -> None:
    receipt = body + check_digit(body)

    assert parse_receipt(show_receipt(receipt)) == receipt


@pytest.mark.parametrize(
    "typed",
    [
        "26112300000007",
        "261123 0000 0007",
        " 261123-0000-0007 ",
        "２６１１２３　００００　０００７",
        "二六一一二三 〇〇〇〇 〇〇〇七",
        "两六幺幺两三零零零零零零零七",
        "№ 261123·0000·0007",
        "261123—0000—0007",
    ],
)
def test_receipts_are_read_however_people_type_them(typed: str) -> None:
    assert parse_receipt(typed) == "26112300000007"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "2611230000000",
        "261123000000070",
        "26112300000008",
        "我的编号忘了",
        "26112300000007a",
        "٢٦١١٢٣٠٠٠٠٠٠٠٧",
    ],
)
def test_what_is_no_receipt_is_not_taken_for_one(typed: str) -> None:
    assert parse_receipt(typed) is None


@pytest.mark.parametrize("typed", ["4088", " 40 88 ", "４０８８", "四〇八八", "查询码：4088"])
def test_codes_are_read_like_receipts(typed: str) -> None:
    assert parse_code(typed) == "4088"


def test_a_code_without_digits_has_none() -> None:
    assert parse_code("忘了 \ud800 ٣") == ""


def test_a_receipt_is_found_in_a_short_message_only() -> None:
    receipt = new_receipt(date(2026, 11, 23))
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)

    assert find_receipt(receipt) == receipt
    assert find_receipt(f"受理编号 {show_receipt(receipt)} 办到哪了") == receipt
    assert find_receipt(f"{receipt} 1234") == receipt
    assert find_receipt(wrong) is None
    assert find_receipt(f"{receipt}，我想再补充几句，地是2019年征的，钱没有到账") is None
