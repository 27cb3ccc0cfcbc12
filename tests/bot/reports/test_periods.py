import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.reports.periods import Period, PeriodError, months_of, parse_month, parse_year

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_month_is_half_open_in_the_offices_zone() -> None:
    october = parse_month("2026-10")

    assert october.start(SHANGHAI) == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert october.end(SHANGHAI) == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_december_ends_with_the_year() -> None:
    assert parse_month("2026-12").end(SHANGHAI) == parse_year("2026").end(SHANGHAI)
    assert parse_year("2026").end(SHANGHAI) == parse_year("2027").start(SHANGHAI)


def test_the_months_of_a_year_leave_no_gap() -> None:
    months = months_of(2028)

    for before, after in itertools.pairwise(months):
        assert before.end(SHANGHAI) == after.start(SHANGHAI)
    length = sum((month.end(SHANGHAI) - month.start(SHANGHAI) for month in months), timedelta())
    assert length == timedelta(days=366)
    assert parse_year("2028").months() == months


def test_periods_are_labelled_as_people_write_them() -> None:
    assert (parse_month("2026-10").label, parse_month("2026-10").key) == ("2026年10月", "2026-10")
    assert (parse_year("2026").label, parse_year("2026").key) == ("2026年", "2026")
    assert Period(2026, 3).key == "2026-03"


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00", "2026-1", "202610", "2026", "", "十月", "2026-10-01", "-2026-10"],
)
def test_what_is_no_month_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(PeriodError, match="月份要写成 2026-10 这样") as refused:
        parse_month(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["26", "2026-10", "9999", "1999", "年"])
def test_what_is_no_year_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(PeriodError, match="年份要"):
        parse_year(text)
