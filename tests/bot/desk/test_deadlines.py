import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.calendar import load_calendar
from bot.desk.deadlines import application_deadline, as_json, deadline, due_at

CALENDAR = load_calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def closing(day: date) -> time:
    """Half past five from October to April, six o'clock in summer."""
    return time(18) if 5 <= day.month <= 9 else time(17, 30)


@pytest.mark.parametrize("days", [1, 3, 5, 15, 20])
def test_every_start_from_2024_to_2026_agrees_with_an_independent_calendar(days: int) -> None:
    working = chinese_calendar.get_workdays(date(2024, 1, 1), date(2026, 12, 31))
    day = date(2024, 1, 1)
    while day <= working[-1 - days]:
        later = [other for other in working if other > day][:days]

        counted = deadline(day, days=days, calendar=CALENDAR)

        assert counted.ends_on == later[-1], day
        assert [step.date for step in counted.steps if step.working] == later
        assert not counted.provisional
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "days", "ends_on"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 24)),  # Monday, due Tuesday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # Saturday, due Monday
        (date(2026, 11, 23), 20, date(2026, 12, 21)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # the Saturday is a make-up day
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 2, 5), 20, date(2026, 3, 11)),
        (date(2020, 1, 22), 2, date(2020, 2, 3)),
    ],
)
def test_a_limit_ends_on_the_nth_working_day_after_the_day_it_came(
    start: date, days: int, ends_on: date
) -> None:
    assert deadline(start, days=days, calendar=CALENDAR).ends_on == ends_on


def test_the_steps_tell_every_day_after_the_start() -> None:
    counted = deadline(date(2026, 2, 12), days=3, calendar=CALENDAR)

    assert [(step.date.day, step.counted, step.why) for step in counted.steps] == [
        (13, 1, "工作日"),
        (14, 2, "调休上班"),
        *((day, None, "春节") for day in range(15, 24)),
        (24, 3, "工作日"),
    ]


def test_the_first_day_of_an_unannounced_year_makes_the_result_provisional() -> None:
    assert not deadline(date(2026, 12, 30), days=1, calendar=CALENDAR).provisional
    assert deadline(date(2026, 12, 31), days=1, calendar=CALENDAR).provisional
    assert deadline(date(2026, 12, 30), days=2, calendar=CALENDAR).provisional


def test_the_day_it_came_may_lie_in_an_unannounced_year() -> None:
    assert not deadline(date(2018, 12, 31), days=1, calendar=CALENDAR).provisional


def test_loading_the_missing_year_settles_a_provisional_deadline(tmp_path: Path) -> None:
    (tmp_path / "2027.toml").write_text(
        'year = 2027\nnotice = "国办发明电〔2026〕9号"\n'
        '[[holidays]]\nname = "元旦"\nfrom = 2027-01-01\nto = 2027-01-03\n',
        encoding="utf-8",
    )
    before = deadline(date(2026, 12, 31), days=1, calendar=CALENDAR)
    after = deadline(date(2026, 12, 31), days=1, calendar=load_calendar(extra=tmp_path))

    assert (before.ends_on, before.provisional) == (date(2027, 1, 1), True)
    assert (after.ends_on, after.provisional) == (date(2027, 1, 4), False)


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)),
    st.integers(min_value=1, max_value=60),
)
def test_a_count_is_whole_and_in_order_from_any_day(start: date, days: int) -> None:
    counted = deadline(start, days=days, calendar=CALENDAR)

    assert [step.counted for step in counted.steps if step.working] == list(range(1, days + 1))
    assert all(step.counted is None for step in counted.steps if not step.working)
    assert [step.date for step in counted.steps] == [
        start + timedelta(days=n) for n in range(1, len(counted.steps) + 1)
    ]
    assert counted.steps[-1].working
    assert counted.steps[-1].date == counted.ends_on


@pytest.mark.parametrize("days", [0, -1, 1001])
def test_a_limit_without_sense_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        deadline(date(2026, 11, 23), days=days, calendar=CALENDAR)


def test_a_count_past_the_last_day_there_is_is_refused() -> None:
    with pytest.raises(ValueError, match="9999"):
        deadline(date(9999, 12, 30), days=20, calendar=CALENDAR)


def test_the_json_has_the_promised_fields_and_survives_a_round_trip() -> None:
    written = as_json(deadline(date(2026, 11, 20), days=1, calendar=CALENDAR))

    assert json.loads(json.dumps(written)) == {
        "from": "2026-11-20",
        "days": 1,
        "ends_on": "2026-11-23",
        "provisional": False,
        "steps": [
            {"date": "2026-11-21", "counted": None, "working": False, "why": "周六"},
            {"date": "2026-11-22", "counted": None, "working": False, "why": "周日"},
            {"date": "2026-11-23", "counted": 1, "working": True, "why": "工作日"},
        ],
    }


@pytest.mark.parametrize("hour", [0, 10, 22])
def test_monday_morning_and_monday_night_are_both_due_tuesday_at_closing(hour: int) -> None:
    came = datetime(2026, 11, 23, hour, tzinfo=SHANGHAI)

    due = due_at(came, days=1, calendar=CALENDAR, closing=closing, zone=SHANGHAI)

    assert due == datetime(2026, 11, 24, 17, 30, tzinfo=SHANGHAI)


def test_the_closing_hour_is_that_of_the_last_day_not_of_the_first() -> None:
    came = datetime(2026, 4, 30, 10, tzinfo=SHANGHAI)

    due = due_at(came, days=1, calendar=CALENDAR, closing=closing, zone=SHANGHAI)

    assert due == datetime(2026, 5, 6, 18, tzinfo=SHANGHAI)


def test_the_day_it_came_is_the_offices_day() -> None:
    came = datetime(2026, 11, 23, 17, tzinfo=UTC)  # Tuesday 01:00 at the office

    due = due_at(came, days=1, calendar=CALENDAR, closing=closing, zone=SHANGHAI)

    assert due.date() == date(2026, 11, 25)
    assert due.tzinfo is SHANGHAI


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 11, 23, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        due_at(naive, days=1, calendar=CALENDAR, closing=closing, zone=SHANGHAI)


def test_an_application_is_answered_within_20_working_days_and_at_most_20_more() -> None:
    limit = application_deadline(date(2026, 11, 3), calendar=CALENDAR)

    assert limit is not None
    assert limit.answer.ends_on == date(2026, 12, 1)
    assert limit.extended.ends_on == date(2026, 12, 29)
    # Extending is counting on from the last day, not counting the law's 40 anew.
    again = deadline(limit.answer.ends_on, days=20, calendar=CALENDAR)
    assert again.ends_on == limit.extended.ends_on


def test_an_extension_may_be_provisional_when_the_answer_is_not() -> None:
    limit = application_deadline(date(2026, 11, 23), calendar=CALENDAR)

    assert limit is not None
    assert (limit.answer.provisional, limit.extended.provisional) == (False, True)


def test_an_application_from_before_the_regulation_in_force_has_no_answer() -> None:
    assert application_deadline(date(2019, 5, 14), calendar=CALENDAR) is None
    assert application_deadline(date(2019, 5, 15), calendar=CALENDAR) is not None


def test_counting_a_deadline_loads_nothing_heavy() -> None:
    code = (
        "import sys, bot.desk.deadlines, knowledge.dates, handlers.terminal.deadline;"
        "print({'jieba', 'aiogram', 'sqlalchemy', 'fastapi', 'opencc'} & set(sys.modules))"
    )

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "set()"
