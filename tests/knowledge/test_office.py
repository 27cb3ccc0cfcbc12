import re
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from knowledge.office import (
    FACTS,
    SAMPLE_OFFICE,
    Office,
    OfficeError,
    UnknownPlaceholder,
    load_office,
    unknown_placeholders,
)

WINTER = date(2026, 11, 23)
SUMMER = date(2026, 7, 1)

SUMMER_HOURS = (
    'summer = [{ opens = "08:30", closes = "12:00" }, { opens = "14:30", closes = "18:30" }]'
)

Written = Callable[..., Path]


@pytest.fixture(scope="module")
def office() -> Office:
    return load_office()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes the sample profile with some of its text replaced, and names the copy."""

    def write(*changes: tuple[str, str]) -> Path:
        text = SAMPLE_OFFICE.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"the sample has no {old!r} to change"
            text = text.replace(old, new, 1)
        path = tmp_path / "office.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(OfficeError) as caught:
        load_office(path, forms_exist=False)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_the_sample_loads_with_its_forms_on_disk(office: Office) -> None:
    assert office.name == "青岚州人民政府办公室"
    assert office.zone == ZoneInfo("Asia/Shanghai")
    assert len(office.counties) == 5
    assert len(office.reading_points) >= 3
    for form in office.forms.values():
        assert form.path.is_file()
        assert form.example_path.is_file()


def test_the_sample_is_clearly_made_up(office: Office) -> None:
    for phone in [
        office.phone,
        office.fax,
        office.supervisor.phone,
        *[agency.phone for agency in office.agencies.values()],
        *[county.phone for county in office.counties.values()],
        *[point.phone for point in office.reading_points],
    ]:
        assert phone.startswith("0690-")  # no place in China has this area code
    national = {"https://www.gsxt.gov.cn", "https://www.ccgp.gov.cn"}
    for url in {office.site, office.platform, *[link.url for link in office.links.values()]}:
        assert url in national or re.match(r"https://[\w.-]+\.example(/|$)", url)


def test_every_fact_has_a_value_without_braces(office: Office) -> None:
    for name in FACTS:
        filled = office.fill(f"{{{name}}}", on=WINTER)
        assert filled
        assert "{" not in filled


def test_placeholders_become_the_office_s_facts(office: Office) -> None:
    text = "问{agency:finance}，见{link:budget}，填{form:correction}，或打{phone}、{hotline}。"

    assert office.fill(text, on=WINTER) == (
        "问青岚州财政局（电话0690-2130301），见https://xxgk.qinglan.example/budget，"
        "填政府信息更正申请表，或打0690-2120012、12345。"
    )


def test_a_text_without_placeholders_stays_as_it_is(office: Office) -> None:
    assert office.fill("最迟20个工作日答复。", on=WINTER) == "最迟20个工作日答复。"


def test_an_agency_s_note_follows_its_phone(office: Office) -> None:
    assert office.fill("{agency:county-natural-resources}", on=WINTER) == (
        "土地所在县的自然资源局（电话0690-2130100，总机，可转各县局）"
    )


def test_a_merged_hotline_says_where_to_call(office: Office) -> None:
    text = office.fill("{hotlines}", on=WINTER)

    assert "12345政务服务便民热线（每天24小时人工服务）" in text
    assert "96128政务信息查询专线已并入12345" in text


@pytest.mark.parametrize(
    "name", ["adress", "agency:police", "link:", "form", "office:name", "", "Office", "agency"]
)
def test_an_unknown_placeholder_is_named(office: Office, name: str) -> None:
    with pytest.raises(UnknownPlaceholder) as caught:
        office.fill(f"见{{{name}}}。", on=WINTER)

    assert caught.value.name == name
    assert f"{{{name}}}" in str(caught.value)
    assert isinstance(caught.value, KeyError)


def test_unknown_placeholders_are_listed_once_in_their_order(office: Office) -> None:
    text = "{foo}{office}{agency:x}{foo}{link:budget}{form:authorisation}"

    assert office.unknown_placeholders(text) == ["foo", "agency:x"]
    assert unknown_placeholders(text) == ["foo", "agency:x"]


def test_an_agency_added_by_one_office_is_known_to_it_alone(written: Written) -> None:
    path = written(
        (
            "[agencies.finance]",
            '[agencies.water]\nname = "水利局"\nphone = "0690-2139901"\naddress = "水路1号"\n'
            "\n[agencies.finance]",
        )
    )
    office = load_office(path, forms_exist=False)

    assert office.fill("{agency:water}", on=WINTER) == "水利局（电话0690-2139901）"
    assert unknown_placeholders("{agency:water}") == ["agency:water"]


def test_hours_change_with_the_season(office: Office) -> None:
    assert office.closing_time(date(2026, 4, 30)) == time(18)
    assert office.closing_time(date(2026, 5, 1)) == time(18, 30)
    assert office.closing_time(date(2026, 9, 30)) == time(18, 30)
    assert office.closing_time(date(2026, 10, 1)) == time(18)
    assert office.opening_time(SUMMER) == office.opening_time(WINTER) == time(8, 30)
    assert [str(opening) for opening in office.hours_on(SUMMER)] == ["8:30–12:00", "14:30–18:30"]
    assert office.fill("{hours_today}", on=SUMMER) == "工作日8:30–12:00、14:30–18:30"
    assert office.fill("{hours_today}", on=WINTER) == "工作日8:30–12:00、14:00–18:00"


def test_every_day_has_hours_the_leap_day_too(office: Office) -> None:
    day = date(2028, 1, 1)
    while day.year == 2028:
        assert office.opening_time(day) < office.closing_time(day)
        day += timedelta(days=1)


def test_the_year_s_hours_are_told_in_one_sentence(office: Office) -> None:
    assert office.hours_text() == (
        "工作日冬季（10月1日至次年4月30日）8:30–12:00、14:00–18:00，"
        "夏季（5月1日至9月30日）8:30–12:00、14:30–18:30，节假日休息"
    )


def test_an_office_may_keep_the_same_hours_all_year(written: Written) -> None:
    path = written(
        ('[seasons.summer]\nlabel = "夏季"\nfrom = "05-01"\nuntil = "09-30"\n', ""),
        (
            'label = "冬季"\nfrom = "10-01"\nuntil = "04-30"',
            'label = "全年"\nfrom = "01-01"\nuntil = "12-31"',
        ),
        (SUMMER_HOURS, ""),
    )
    office = load_office(path, forms_exist=False)

    assert office.hours_text() == "工作日8:30–12:00、14:00–18:00，节假日休息"
    assert office.closing_time(SUMMER) == office.closing_time(WINTER) == time(18)


def test_the_office_s_own_documents_may_be_absent(written: Written) -> None:
    text = written().read_text(encoding="utf-8")
    path = written((text[text.index("[[local_rules]]") :], ""))

    assert load_office(path, forms_exist=False).local_rules == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'closes = "12:00"',
            'closes = "25:00"',
            "office.toml: hours.winter[0].closes: expected HH:MM, got '25:00'",
        ),
        (
            'opens = "14:00"',
            'opens = "11:00"',
            "office.toml: hours.winter[1].opens: expected a time not before 12:00",
        ),
        (
            'closes = "18:00"',
            'closes = "14:00"',
            "office.toml: hours.winter[1].closes: expected a time after 14:00",
        ),
        (
            'until = "04-30"',
            'until = "02-28"',
            "office.toml: seasons: 02-29 is in no season; each day must be in exactly one",
        ),
        (
            'until = "04-30"',
            'until = "05-01"',
            "office.toml: seasons: 05-01 is in both winter and summer; "
            "each day must be in exactly one",
        ),
        (
            'until = "04-30"',
            'until = "04-31"',
            "office.toml: seasons.winter.until: expected a day like 05-01, got '04-31'",
        ),
        ('unit = "州政务公开办公室"', "", "office.toml: unit: is missing"),
        ('unit = "州政务公开办公室"', 'unit = " "', "office.toml: unit: expected a text, got ' '"),
        (
            'phone = "0690-2120012"',
            'phone = "12 34"',
            "office.toml: phone: expected a phone number like 0690-2120012, got '12 34'",
        ),
        (
            'postcode = "690000"',
            'postcode = "6900"',
            "office.toml: postcode: expected six digits, got '6900'",
        ),
        (
            'site = "https://www.qinglan.example"',
            'site = "www.qinglan.example"',
            "office.toml: site: expected an address beginning with https:// or http://, "
            "got 'www.qinglan.example'",
        ),
        (
            'email = "gongkai@qinglan.example"',
            'email = "gongkai"',
            "office.toml: email: expected an e-mail address, got 'gongkai'",
        ),
        (
            'time_zone = "Asia/Shanghai"',
            'time_zone = "Asia/Qinglan"',
            "office.toml: time_zone: expected a time zone like Asia/Shanghai, got 'Asia/Qinglan'",
        ),
        (
            'merged_into = "12345"',
            'merged_into = "12346"',
            "office.toml: hotlines[1].merged_into: '12346' is no hotline with hours here",
        ),
        (
            'merged_into = "12345"',
            "",
            "office.toml: hotlines[1].hours: expected either hours or merged_into, and not both",
        ),
        ("[agencies.finance]", "[agencies.money]", "office.toml: agencies.finance: is missing"),
        (
            'name = "青岚州财政局"',
            'name = "青岚州审计局"',
            "office.toml: agencies: 青岚州审计局 is the name of 2 of them",
        ),
        (
            'name = "青岚州财政局"',
            'name = "财政局{phone}"',
            "office.toml: agencies.finance.name: expected a text without braces, "
            "got '财政局{phone}'",
        ),
        (
            "[agencies.finance]",
            "[agencies.finance]\nfaxx = 1",
            "office.toml: agencies.finance.faxx: is not a field of an office profile",
        ),
        (
            'province = "澜江省"',
            'province = "澜江省"\nprovinz = "澜江省"',
            "office.toml: provinz: is not a field of an office profile",
        ),
        (
            "since = 2025-07-01",
            'since = "2025-07-01"',
            "office.toml: local_rules[0].since: expected a day like 2025-07-01 without quotes, "
            "got '2025-07-01'",
        ),
    ],
)
def test_one_mistake_is_told_in_one_sentence(
    written: Written, old: str, new: str, problem: str
) -> None:
    assert problems_of(written((old, new))) == (problem,)


def test_all_mistakes_are_told_at_once(written: Written) -> None:
    path = written(
        ('fax = "0690-2120016"', "fax = 5"),
        ('opens = "14:30"', 'opens = "11:30"'),
        ("[links]", "[linkz]"),
        ('[forms.correction]\ntitle = "政府信息更正申请表"', "[forms.correction]"),
    )

    assert problems_of(path) == (
        "office.toml: fax: expected a text, got 5",
        "office.toml: hours.summer[1].opens: expected a time not before 12:00",
        "office.toml: links: is missing",
        "office.toml: forms.correction.title: is missing",
        "office.toml: linkz: is not a field of an office profile",
    )


def test_a_form_that_is_not_on_disk_is_named(written: Written) -> None:
    path = written()

    with pytest.raises(OfficeError) as caught:
        load_office(path)

    missing = path.parent / "forms" / "correction-example.docx"
    assert len(caught.value.problems) == 8
    assert caught.value.problems[-1] == (
        f"office.toml: forms.correction.example: there is no file {missing}"
    )


def test_a_profile_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    absent = tmp_path / "absent.toml"
    assert problems_of(absent) == (f"{absent}: the file does not exist",)

    path = tmp_path / "office.toml"
    path.write_bytes("name = '青岚州'".encode("gbk"))
    assert problems_of(path) == ("office.toml: the file is not saved as UTF-8",)

    path.write_text("name = \n", encoding="utf-8")
    (problem,) = problems_of(path)
    assert problem.startswith("office.toml: the file is not valid TOML: ")
    assert "line 1, " in problem
