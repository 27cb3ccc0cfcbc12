from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from bot.desk.calendar import CalendarError, WorkingCalendar, load_calendar

ANNOUNCED = range(2019, 2027)

YEAR = """
year = 2027
notice = "国办发明电〔2026〕9号"
makeup = [2027-02-13]

[[holidays]]
name = "春节"
from = 2027-02-05
to = 2027-02-11
"""


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return load_calendar()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "2027.toml") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_day_of_an_announced_year_agrees_with_an_independent_calendar(
    calendar: WorkingCalendar, year: int
) -> None:
    wrong = [
        day
        for day in days_of(year)
        if calendar.is_working(day) != chinese_calendar.is_workday(day)
    ]

    assert wrong == []
    assert calendar.is_announced(year)


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_weekday_off_is_explained_by_the_festival_the_independent_calendar_names(
    calendar: WorkingCalendar, year: int
) -> None:
    names = {
        "New Year's Day": "元旦",
        "Spring Festival": "春节",
        "Tomb-sweeping Day": "清明节",
        "Labour Day": "劳动节",
        "Dragon Boat Festival": "端午节",
        "Mid-autumn Festival": "中秋节",
        "National Day": "国庆节",
    }
    for day in days_of(year):
        off, name = chinese_calendar.get_holiday_detail(day)
        if off and name and day.weekday() < 5:
            assert names[name] in calendar.why(day), day
        elif not off:
            assert calendar.why(day) == ("调休上班" if day.weekday() > 4 else "工作日"), day


def test_a_notice_reaches_into_the_december_before_its_year(calendar: WorkingCalendar) -> None:
    assert calendar.why(date(2018, 12, 29)) == "调休上班"
    assert not calendar.is_working(date(2018, 12, 31))
    assert calendar.why(date(2022, 12, 31)) == "元旦"
    assert not calendar.is_announced(2018)


def test_the_prolonged_spring_festival_of_2020_takes_its_makeup_day_back(
    calendar: WorkingCalendar,
) -> None:
    assert calendar.why(date(2020, 1, 31)) == "春节"
    assert calendar.why(date(2020, 2, 1)) == "春节"
    assert calendar.why(date(2020, 2, 3)) == "工作日"
    assert calendar.notices[2020] == "国办发明电〔2019〕16号、国办发明电〔2020〕1号"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 23), "工作日"),
        (date(2026, 11, 21), "周六"),
        (date(2026, 11, 22), "周日"),
        (date(2026, 2, 15), "春节"),
        (date(2026, 2, 14), "调休上班"),
        (date(2025, 10, 6), "国庆节、中秋节"),
    ],
)
def test_a_day_is_explained_in_one_word(calendar: WorkingCalendar, day: date, why: str) -> None:
    assert calendar.why(day) == why


def test_an_unannounced_year_has_weekends_only(calendar: WorkingCalendar) -> None:
    assert not calendar.is_announced(2027)
    assert [day for day in days_of(2027) if not calendar.is_working(day)] == [
        day for day in days_of(2027) if day.weekday() > 4
    ]


def test_the_next_working_day_is_never_the_day_itself(calendar: WorkingCalendar) -> None:
    assert calendar.next_working_day(date(2026, 11, 23)) == date(2026, 11, 24)
    assert calendar.next_working_day(date(2026, 11, 20)) == date(2026, 11, 23)
    assert calendar.next_working_day(date(2026, 2, 13)) == date(2026, 2, 14)
    assert calendar.next_working_day(date(2026, 2, 14)) == date(2026, 2, 24)


def test_an_office_adds_a_year_that_was_announced_after_the_release(
    write: Callable[..., Path],
) -> None:
    calendar = load_calendar(extra=write(YEAR))

    assert calendar.is_announced(2027)
    assert calendar.why(date(2027, 2, 5)) == "春节"
    assert calendar.why(date(2027, 2, 13)) == "调休上班"
    assert calendar.is_announced(2026)


def test_an_extra_year_stands_in_for_the_packaged_one(write: Callable[..., Path]) -> None:
    extra = write('year = 2026\nnotice = "国办发明电〔2026〕2号"\n', name="2026.toml")

    calendar = load_calendar(extra=extra)

    assert calendar.is_working(date(2026, 2, 16))
    assert calendar.notices[2026] == "国办发明电〔2026〕2号"


def test_a_local_festival_adds_to_the_year_and_announces_nothing(
    write: Callable[..., Path],
) -> None:
    write(YEAR.replace("2027", "2028").replace("春节", "火把节"), name="2028-chuxiong.toml")
    extra = write(
        'year = 2026\nnotice = "自治州条例"\n'
        '[[holidays]]\nname = "火把节"\nfrom = 2026-08-06\nto = 2026-08-07\n',
        name="2026-chuxiong.toml",
    )

    calendar = load_calendar(extra=extra)

    assert calendar.why(date(2026, 8, 6)) == "火把节"
    assert calendar.why(date(2026, 2, 16)) == "春节"
    assert calendar.notices[2026] == "国办发明电〔2025〕7号"
    assert not calendar.is_announced(2028)


def test_an_extra_folder_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert load_calendar(extra=tmp_path / "none") == load_calendar()


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="none"):
        load_calendar(tmp_path / "none")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("year = 2027", "year = 2026", "year"),
        ("year = 2027", "", "year"),
        ('"国办发明电〔2026〕9号"', '" "', "notice"),
        ("notice =", "changed_by = 3\nnotice =", "changed_by"),
        ("notice =", "number = 3\nnotice =", "number"),
        ("[2027-02-13]", "2027-02-13", "makeup"),
        ("[2027-02-13]", '["2027-02-13"]', "makeup[0]"),
        ("[2027-02-13]", "[2027-02-13T08:00:00]", "makeup[0]"),
        ("[2027-02-13]", "[2027-02-13, 2027-02-15]", "makeup[1]"),
        ("[2027-02-13]", "[2027-02-13, 2027-02-13]", "makeup[1]"),
        ("[2027-02-13]", "[2027-02-06]", "makeup[0]"),
        ("[2027-02-13]", "[2028-02-12]", "makeup[0]"),
        ("[[holidays]]", "[holidays]", "holidays"),
        ('name = "春节"', "", "holidays[0].name"),
        ('name = "春节"', 'name = "春节"\nnote = ""', "holidays[0].note"),
        ("from = 2027-02-05", "", "holidays[0].from"),
        ("from = 2027-02-05", "from = 2027-02-12", "holidays[0].to"),
        ("to = 2027-02-11", "to = 2027-12-11", "holidays[0].to"),
        ("to = 2027-02-11", "to = 2027-02-30", "file"),
        (
            "to = 2027-02-11",
            'to = 2027-02-11\n[[holidays]]\nname="元宵节"\nfrom=2027-02-11\nto=2027-02-12',
            "holidays[1].from",
        ),
    ],
)
def test_a_wrong_calendar_names_its_file_and_field(
    write: Callable[..., Path], old: str, new: str, field: str
) -> None:
    assert old in YEAR
    folder = write(YEAR.replace(old, new, 1))

    with pytest.raises(CalendarError) as raised:
        load_calendar(folder)

    assert raised.value.field == field
    assert "2027.toml" in str(raised.value)
    assert f": {field}: " in str(raised.value)


def test_a_calendar_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2027.toml").write_bytes(YEAR.encode("gb18030"))

    with pytest.raises(CalendarError, match="UTF-8"):
        load_calendar(tmp_path)
