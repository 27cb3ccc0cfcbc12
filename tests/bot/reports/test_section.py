"""The section says what the figures say, in every format."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.reports.html import html
from bot.reports.markdown import markdown
from bot.reports.section import (
    Grid,
    Heading,
    Paragraph,
    Section,
    UnknownStyleError,
    choose_style,
    section_as_json,
    write_section,
)
from bot.reports.statement import Statement
from bot.reports.styles import STYLES
from tests.bot.reports.logbook import (
    LABELS,
    Matter,
    busy_year,
    histories,
    local,
    log_of,
    recount,
    statement_and_rows,
)

SECTION = STYLES["section"]


async def section_of(matters: list[Matter], folder: Path) -> Section:
    statement, _ = await statement_and_rows(matters, "2026", folder)
    return write_section(statement, style=SECTION)


def grids(section: Section) -> list[Grid]:
    return [block for block in section.blocks if isinstance(block, Grid)]


def text(section: Section) -> str:
    return "\n".join(
        block.text for block in section.blocks if isinstance(block, Heading | Paragraph)
    )


async def test_the_section_leads_with_disclosure_and_says_how_it_follows_from_all(
    tmp_path: Path,
) -> None:
    async with log_of(busy_year(), tmp_path) as database:
        expected = recount(await histories(database), "2026")
    (tmp_path / "again").mkdir()
    section = await section_of(busy_year(), tmp_path / "again")

    lead = section.blocks[0]
    assert isinstance(lead, Paragraph)
    taken = expected["Q1"] - expected["Q1g"]
    assert lead.text.startswith(
        f"2026年，青岚州人民政府办公室共受理政府信息公开咨询{expected['Q1g']}件。"
        f"同期接待总量为{expected['Q1']}件，其中"
    )
    assert f"共{taken}件，不属于政府信息公开咨询，扣除后为{expected['Q1g']}件。" in lead.text
    assert f"折合{expected['Q3']}人次" in lead.text
    named = [int(number) for number in re.findall(r"的([0-9]+)件", lead.text)]
    assert sum(named) == taken
    assert f"首次办结的{expected['O*']}件中" in text(section)


async def test_every_table_adds_up_to_its_total(tmp_path: Path) -> None:
    section = await section_of(busy_year(), tmp_path)

    assert len(grids(section)) == 5
    for grid in grids(section):
        for column in range(grid.texts, len(grid.header)):
            if "占比" in grid.header[column]:
                continue
            numbers = [int(row[column]) for row in grid.rows]
            total = int(grid.total[column])
            if "公开咨询量" in grid.caption:
                assert numbers[0] - sum(numbers[1:]) == total
            elif grid.header[column] == "期初在办":
                assert numbers[0] == total
            elif grid.header[column] == "期末在办":
                assert numbers[-1] == total
            else:
                assert sum(numbers) == total, (grid.caption, grid.header[column])
        shares = [index for index, name in enumerate(grid.header) if "占比" in name]
        for index in shares:
            assert grid.total[index] == "100.0"


async def test_the_bridge_table_and_the_months_balance_line_by_line(tmp_path: Path) -> None:
    section = await section_of(busy_year(), tmp_path)
    (months,) = [grid for grid in grids(section) if "各月" in grid.caption]

    assert len(months.rows) == 12
    for _, opening, received, closed, ending in (*months.rows, months.total):
        assert int(opening) + int(received) == int(closed) + int(ending)


async def test_headings_and_tables_are_numbered_in_order(tmp_path: Path) -> None:
    section = await section_of(busy_year(), tmp_path)

    headings = [block.text for block in section.blocks if isinstance(block, Heading)]
    assert [heading[:2] for heading in headings] == ["一、", "二、", "三、", "四、"]
    assert [grid.caption[:2] for grid in grids(section)] == ["表1", "表2", "表3", "表4", "表5"]


async def test_five_topics_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    section = await section_of(busy_year(), tmp_path)
    (topics,) = [grid for grid in grids(section) if "主题" in grid.caption]

    assert [row[0] for row in topics.rows] == ["1", "2", "3", "4", "5", "", ""]
    assert topics.rows[5][1] == "其他7个主题"
    assert topics.rows[6][1] == "未知"
    counts = [int(row[2]) for row in topics.rows[:5]]
    assert counts == sorted(counts, reverse=True)


async def test_definitions_and_the_cut_off_stand_at_the_end(tmp_path: Path) -> None:
    said = text(await section_of(busy_year(), tmp_path))

    assert "数据截止时间为2027年1月15日10:00，口径版本2026.1，未封存" in said
    for name in ("政府信息公开咨询量（件）：", "接待人次（人次）：", "办结量（按结果）（件）："):
        assert name in said


async def test_a_name_that_ends_in_digits_keeps_clear_of_its_number(tmp_path: Path) -> None:
    labels = replace(LABELS, topics={"A01": "怎么打12345"})
    matter = Matter(opened=local("2026-10-08 09:30"), channel="telegram")
    statement, _ = await statement_and_rows([matter], "2026", tmp_path, labels=labels)
    said = text(write_section(statement, style=SECTION))

    assert "Telegram 1件" in said
    assert "“怎么打12345”1件" in said
    assert "123451件" not in said


async def test_an_empty_year_says_so_without_a_rate_or_a_table_of_nothing(tmp_path: Path) -> None:
    section = await section_of([], tmp_path)

    said = text(section)
    assert said.startswith("2026年，青岚州人民政府办公室共受理政府信息公开咨询0件。\n")
    assert not re.search(r"占[0-9—]|满意率[0-9—]", said)
    assert [grid.caption for grid in grids(section)] == ["表1  各月受理和办结（件）"]


async def test_a_year_that_is_not_over_says_up_to_which_day(tmp_path: Path) -> None:
    statement, _ = await statement_and_rows(busy_year(50), "2026", tmp_path)
    unfinished: Statement = replace(statement, cut_off=local("2026-11-06 18:00"))
    section = write_section(unfinished, style=SECTION)

    assert text(section).startswith("2026年（截至2026年11月6日），")
    assert "数据截止时在办" in text(section)
    assert "年末" not in text(section)
    (months,) = [grid for grid in grids(section) if "各月" in grid.caption]
    assert [row[0] for row in months.rows][-1] == "11月"


def test_an_unknown_style_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownStyleError) as refused:
        choose_style("beijing", STYLES)

    assert str(refused.value) == "没有名为 beijing 的样式，现有：section（年度报告咨询专章）"


async def test_the_json_holds_the_blocks_and_the_figures_they_come_from(tmp_path: Path) -> None:
    section = await section_of(busy_year(50), tmp_path)
    made = section_as_json(section)

    assert (made["style"], made["period"]) == ("section", "2026")
    assert [block["kind"] for block in made["blocks"]].count("grid") == len(grids(section))
    assert {figure["code"] for figure in made["figures"]} >= {"Q1", "Q1g", "O*", "X0"}


async def test_markdown_takes_no_name_for_markup(tmp_path: Path) -> None:
    labels = replace(LABELS, topics={"A01": "a|b *c* <i>#"})
    matter = Matter(opened=local("2026-10-08 09:30"))
    statement, _ = await statement_and_rows([matter], "2026", tmp_path, labels=labels)
    made = markdown(write_section(statement, style=SECTION))

    assert made.startswith("# 青岚州人民政府办公室2026年政府信息公开咨询处理情况\n\n")
    assert r"| 1 | a\|b \*c\* \<i\>\# | 1 | 100.0 |" in made
    tables = re.findall(r"(?:^\|.*\n)+", made, flags=re.MULTILINE)
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1


async def test_html_is_one_whole_page_with_every_number_and_no_foreign_tag(
    tmp_path: Path,
) -> None:
    labels = replace(LABELS, topics={"A01": "<script>alert(1)</script>"})
    matter = Matter(opened=local("2026-10-08 09:30"))
    statement, _ = await statement_and_rows([matter], "2026", tmp_path, labels=labels)
    section = write_section(statement, style=SECTION)
    made = html(section)
    opened: list[str] = []
    closed: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            closed.append(tag)

    Tags().feed(made)
    assert "script" not in opened
    assert sorted(set(opened) - {"meta", "br"}) == sorted(set(closed))
    assert opened.count("table") == len(grids(section))
    for grid in grids(section):
        for row in grid.rows:
            assert f">{row[-1]}</td>" in made
