"""Days and limits in words."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.desk.calendar import WorkingCalendar, load_calendar
from handlers.days import day_words, if_filed, if_filed_today, moment_words

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return load_calendar()


def filing(day: str, manner: str = "in_person", *, arrived: bool = True) -> dict[str, object]:
    return {"day": day, "manner": manner, "arrived": arrived}


def test_a_day_is_said_with_its_weekday() -> None:
    assert day_words(date(2026, 11, 23)) == "2026年11月23日周一"


def test_a_moment_is_said_in_the_offices_zone() -> None:
    said = moment_words("2026-11-23T16:30:00+00:00", zone=SHANGHAI)

    assert said == "2026年11月24日周二 00:30"


def test_an_application_of_today_is_counted_by_the_official_calendar(
    calendar: WorkingCalendar,
) -> None:
    assert "最迟2026年12月21日周一答复" in if_filed_today(date(2026, 11, 23), calendar=calendar)


def test_holidays_and_make_up_days_are_named_in_the_count(calendar: WorkingCalendar) -> None:
    last, count = if_filed(filing("2026-02-05"), today=date(2026, 2, 6), calendar=calendar)

    assert "最迟2026年3月11日周三答复（还有33天）" in last
    assert count is not None
    assert "2月15日至2月23日春节不算" in count
    assert "2月14日调休上班" in count


@pytest.mark.parametrize(
    ("today", "words"),
    [("2026-12-21", "就是今天"), ("2026-12-22", "已经过了"), ("2026-12-20", "还有1天")],
)
def test_it_says_how_many_days_are_left(calendar: WorkingCalendar, today: str, words: str) -> None:
    last, _ = if_filed(filing("2026-11-23"), today=date.fromisoformat(today), calendar=calendar)

    assert words in last


def test_what_was_only_posted_is_not_counted(calendar: WorkingCalendar) -> None:
    said, count = if_filed(
        filing("2026-11-03", "registered_mail", arrived=False),
        today=date(2026, 11, 23),
        calendar=calendar,
    )

    assert "请告诉我哪天签收的" in said
    assert count is None


def test_of_ordinary_mail_the_day_of_confirmation_is_asked_for(calendar: WorkingCalendar) -> None:
    said, count = if_filed(
        filing("2026-11-20", "ordinary_mail", arrived=False),
        today=date(2026, 11, 23),
        calendar=calendar,
    )

    assert "平信没有人签收" in said
    assert "哪天跟您确认收到" in said
    assert count is None


def test_an_application_under_the_old_law_is_left_to_the_office(calendar: WorkingCalendar) -> None:
    said, count = if_filed(filing("2019-05-01"), today=date(2026, 11, 23), calendar=calendar)

    assert "旧规定" in said
    assert count is None


def test_a_count_into_an_unannounced_year_says_that_it_may_change(
    calendar: WorkingCalendar,
) -> None:
    last, _ = if_filed(filing("2026-12-20"), today=date(2026, 12, 21), calendar=calendar)

    assert "还没公布" in last
