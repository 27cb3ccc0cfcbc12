import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import grams, is_traditional, normalise, tidy, to_traditional


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("請問公開申請要收費嗎", "公开申请要收费吗"),
        ("您好，请问申请公开收费吗？谢谢", "申请公开收费吗"),
        ("ＡＢＣ　１２３４５", "abc 12345"),
        ("公开\u200b申\ufeff请", "公开申请"),
        ("申请😀公开👍", "申请公开"),
        ("到底什么时候答复啊啊啊啊啊", "到底什么时候答复啊"),
        ("在哪申请，，，要带什么。。。", "在哪申请 要带什么"),
        ("满二十個工作天了", "满20个工作天了"),
        ("第三十六條", "第36条"),
        ("２０天", "20天"),
        ("二○一九年的年報", "2019年的年报"),
        ("二〇〇〇年", "2000年"),
        ("佢兩個月都冇回覆", "他2个月都没有回复"),
    ],
)
def test_the_same_question_written_differently_is_read_the_same(written: str, read: str) -> None:
    assert normalise(written) == read


def test_digits_are_not_squeezed() -> None:
    assert normalise("10000份") == "10000份"


def test_numerals_are_not_squeezed() -> None:
    assert tidy("二〇〇〇年") == "二〇〇〇年"


def test_a_circle_that_is_no_zero_is_a_sign() -> None:
    assert tidy("○○公司") == "公司"


def test_nothing_but_politeness_is_kept() -> None:
    assert normalise("谢谢") == "谢谢"


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text("一二三十百千万〇○零两几第天年个月号条0 咋啥您好請問個,", max_size=20))
def test_normalising_numbers_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_no_pair_reaches_over_a_space() -> None:
    assert grams("收费 期限") == ["收", "费", "期", "限", "收费", "期限"]


def test_silent_characters_count_only_in_pairs() -> None:
    assert grams("我的表") == ["表", "我的", "的表"]


def test_traditional_writers_are_recognised() -> None:
    assert is_traditional("請問公開申請要收費嗎")
    assert not is_traditional("请问公开申请要收费吗")
    assert not is_traditional("你好")


def test_a_reply_can_be_written_in_traditional_characters() -> None:
    assert to_traditional("申请公开") == "申請公開"


def test_tidying_drops_no_words() -> None:
    assert tidy("您好，收费吗？") == "您好 收费吗"
