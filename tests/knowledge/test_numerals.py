import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.numerals import in_digits

NUMERALS = st.text(
    "〇零一二三四五六七八九十廿卅百千万亿两几数第多双周月日天年个人条号元块直大05 ", max_size=12
)

WORDS = """
一样 一些 一般 一起 一直 一定 一下 一点 一个 一次 一份 一张 一件事 一事一申请 一户一宅 一刀切
一次性告知 三公经费 三安全一稳定 双随机一公开 第三方 第三人 四至 五保户 两会 三农 二胎 万一 千万
百姓 百货 统一 唯一 同一 之一 统一年检 上一年 下一年 同一年 哪一天 这一年 十分满意 十字路口
七七八八 一五一十 十三五 十四五规划 二十大 十九大 十一放假 双十一 五一 三七二十一
周三天气 周一三点 星期三十点
"""
ROUGHLY = """
半年 半个月 十几天 几十页 二十几天 一百二十几户 数十人 三五天 两三年 一两天 七八个 十二三岁 三百五
"""


@pytest.mark.parametrize(
    ("chinese", "digits"),
    [
        ("二十天", "20天"),
        ("廿天", "20天"),
        ("卅一天", "31天"),
        ("十五个工作日", "15个工作日"),
        ("三十一件", "31件"),
        ("一百块", "100块"),
        ("两百五十块钱", "250块钱"),
        ("一百零五条", "105条"),
        ("一千零二十份", "1020份"),
        ("三万五千元", "35000元"),
        ("两万块", "2万块"),
        ("二十万元", "20万元"),
        ("一千万", "1000万"),
        ("三亿", "3亿"),
        ("二十多天", "20多天"),
        ("第三十六条", "第36条"),
        ("第十条第二款第一项", "第10条第2款第1项"),
        ("十一月十一日", "11月11日"),
        ("十月一日", "10月1日"),
        ("一号窗口", "1号窗口"),
    ],
)
def test_a_number_is_read_the_same_in_either_writing(chinese: str, digits: str) -> None:
    assert in_digits(chinese) == digits


@pytest.mark.parametrize(
    ("chinese", "digits"),
    [
        ("二〇一九年", "2019年"),
        ("二零零零年", "2000年"),
        ("一九九八年", "1998年"),
        ("九八年的房产证", "98年的房产证"),
        ("民国一一三年", "民国113年"),
        ("一二三四五热线", "12345热线"),
        ("打一一零", "打110"),
    ],
)
def test_digits_in_a_row_are_a_year_or_are_dialled(chinese: str, digits: str) -> None:
    assert in_digits(chinese) == digits


@pytest.mark.parametrize(
    ("chinese", "digits"),
    [
        ("三天", "3天"),
        ("十天", "10天"),
        ("两个月", "2个月"),
        ("六个月", "6个月"),
        ("一个月", "1个月"),
        ("一年", "1年"),
        ("一个工作日", "1个工作日"),
        ("两份", "2份"),
        ("五口人", "5口人"),
    ],
)
def test_a_single_digit_is_a_number_before_a_unit(chinese: str, digits: str) -> None:
    assert in_digits(chinese) == digits


@pytest.mark.parametrize(
    "text",
    WORDS.split(),
)
def test_what_is_part_of_a_word_stays(text: str) -> None:
    assert in_digits(text) == text


@pytest.mark.parametrize(
    "text",
    ROUGHLY.split(),
)
def test_what_only_says_about_how_many_stays(text: str) -> None:
    assert in_digits(text) == text


@pytest.mark.parametrize("text", ["12345", "12315", "20天", "2019年", "3万元", "1.5", "二十3"])
def test_digits_that_are_there_already_stay(text: str) -> None:
    assert in_digits(text) == text


def test_the_one_that_begins_the_next_word_is_no_digit() -> None:
    assert in_digits("交了三百一直没给") == "交了300一直没给"
    assert in_digits("过了二十一天") == "过了21天"


@given(NUMERALS)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert in_digits(in_digits(text)) == in_digits(text)
