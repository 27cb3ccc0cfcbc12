import pytest

from handlers.telegram.filters import receipt_and_code
from knowledge.check_digits import check_digit

RECEIPT = "2611234820731" + check_digit("2611234820731")
SHOWN = f"{RECEIPT[:6]} {RECEIPT[6:10]} {RECEIPT[10:]}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (RECEIPT, None),
        (SHOWN, None),
        (f"受理编号：{SHOWN}", None),
        (f"{RECEIPT} 4088", "4088"),
        (f"受理编号 {SHOWN}，查询码 4088", "4088"),
        (f"{SHOWN}　４０８８", "4088"),
        (f"查询 {RECEIPT}4088", "4088"),
    ],
)
def test_a_receipt_is_read_as_people_write_it(text: str, code: str | None) -> None:
    assert receipt_and_code(text) == (RECEIPT, code)


@pytest.mark.parametrize(
    "text",
    ["", "4088", "申请公开要多久", RECEIPT[:-1], f"我的编号是{RECEIPT}，怎么没人理", "1" * 18],
)
def test_anything_else_is_no_receipt(text: str) -> None:
    assert receipt_and_code(text) is None
