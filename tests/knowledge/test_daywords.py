from datetime import date

import pytest

from knowledge.daywords import find_days, plain

MONDAY = date(2026, 11, 23)


def days(text: str) -> list[date | None]:
    return [words.day for words in find_days(plain(text), today=MONDAY)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11月3号", date(2026, 11, 3)),
        ("１１月３號", date(2026, 11, 3)),
        ("2026 年 11 月 3 日", date(2026, 11, 3)),
        ("26年11月3日", date(2026, 11, 3)),
        ("十一月廿三日", MONDAY),
        ("二〇二六年十一月三日", date(2026, 11, 3)),
        ("二零二五年十月三十一日", date(2025, 10, 31)),
        ("大前年11月3号", date(2023, 11, 3)),
        ("2月29日", date(2024, 2, 29)),
        ("2026/11/3", date(2026, 11, 3)),
        ("11.3号", date(2026, 11, 3)),
        ("11-03", date(2026, 11, 3)),
        ("11月3日（星期二）", date(2026, 11, 3)),
        ("上上个月28号", date(2026, 9, 28)),
        ("本月3日", date(2026, 11, 3)),
        ("30号", date(2026, 10, 30)),
        ("三十一号", date(2026, 10, 31)),
        ("上周日", date(2026, 11, 22)),
        ("上上周日", date(2026, 11, 15)),
        ("这周一", MONDAY),
        ("周一", MONDAY),
        ("礼拜天", date(2026, 11, 22)),
        ("大前天", date(2026, 11, 20)),
        ("三天前", date(2026, 11, 20)),
    ],
)
def test_a_day_is_read_however_it_is_said(text: str, day: date) -> None:
    assert days(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "下周一",
        "明天",
        "每周五",
        "这周五",
        "12月底",
        "2027年1月1日",
        "2026年2月30日",
        "农历十月初三",
        "105年11月3日",
        "11月3日前",
        "11月3日起",
        "最迟11月3日",
        "20天前",
        "周一至周五",
        "2007年11月3日",
    ],
)
def test_days_to_come_vague_days_and_edges_are_found_without_a_day(text: str) -> None:
    assert set(days(text)) == {None}


@pytest.mark.parametrize(
    "text",
    [
        "3件",
        "第33条",
        "〔2020〕9号",
        "〔2020〕109号",
        "国务院令第711号",
        "3号窗口",
        "3号楼",
        "13800001103",
        "3.5元",
        "12-15个工作日",
        "一周一次",
        "11月3件",
        "v2026.11.3.4",
    ],
)
def test_numbers_of_other_things_are_no_days(text: str) -> None:
    assert days(text) == []


def test_a_day_that_was_moved_into_the_past_says_so() -> None:
    (moved,) = find_days("12月5号", today=MONDAY)
    (kept,) = find_days("11月5号", today=MONDAY)

    assert (moved.day, moved.went_back) == (date(2025, 12, 5), True)
    assert (kept.day, kept.went_back) == (date(2026, 11, 5), False)


def test_the_plain_text_is_as_long_as_the_original() -> None:
    text = "１１月３號（週五）當面遞交：申請，網上沒確認"

    assert len(plain(text)) == len(text)
    assert plain(text) == "11月3号(周五)当面递交:申请,网上没确认"


def test_the_places_are_those_in_the_text() -> None:
    text = "我的申请11月3号寄的，10号才到"

    assert [text[words.start : words.end] for words in find_days(plain(text), today=MONDAY)] == [
        "11月3号",
        "10号",
    ]
