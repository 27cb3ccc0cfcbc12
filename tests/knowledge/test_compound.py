import pytest

from knowledge.compound import split


def test_three_questions_at_once_are_taken_apart() -> None:
    assert split("在哪申请，要带什么，多少钱") == ("在哪申请", "要带什么", "多少钱")


def test_a_word_that_adds_a_question_parts_them() -> None:
    assert split("几天答复？还有收费吗") == ("几天答复", "收费吗")


@pytest.mark.parametrize(
    "text",
    [
        "申请公开收费吗",
        "我家房子被征了，批文在哪看",
        "交了申请，法律规定几天答复",
        "一问什么，二问什么，三问什么，四问什么",
        "我想问一下去年我们村里那条路修了一半就停了到底是为什么没人给个说法，收费吗",
    ],
)
def test_one_matter_stays_one_question(text: str) -> None:
    assert split(text) == (text,)
