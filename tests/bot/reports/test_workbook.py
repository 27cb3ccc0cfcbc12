"""The workbook, opened again by another library."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from bot.reports.rows import HEADER
from bot.reports.workbook import write_workbook
from tests.bot.reports.logbook import (
    LABELS,
    QUESTION,
    Matter,
    busy_year,
    histories,
    local,
    log_of,
    recount,
    statement_and_rows,
)

SHEETS = ["总表", "渠道", "主题", "结果", "分项", "口径"]


def column(sheet: Worksheet, header: str) -> list[object]:
    names = [cell.value for cell in sheet[3]]
    return [row[names.index(header)].value for row in sheet.iter_rows(min_row=4)]


async def test_every_sheet_adds_up_to_the_recount_of_the_events(tmp_path: Path) -> None:
    matters = busy_year()
    async with log_of(matters, tmp_path) as database:
        expected = recount(await histories(database), "2026-10")
    (tmp_path / "again").mkdir()
    statement, rows = await statement_and_rows(matters, "2026-10", tmp_path / "again")
    write_workbook(tmp_path / "m.xlsx", statement, rows=rows)
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")

    assert book.sheetnames == [*SHEETS, "明细"]
    codes = column(book["总表"], "代码")
    numbers = dict(zip(codes, column(book["总表"], "数值"), strict=True))
    assert {code: numbers[code] for code in ("Q1", "Q1g", "Q2", "Q3", "O*")} == {
        code: expected[code] for code in ("Q1", "Q1g", "Q2", "Q3", "O*")
    }
    for name, header, total in (
        ("渠道", "接待总量（件）", "Q1"),
        ("渠道", "政府信息公开咨询（件）", "Q1g"),
        ("渠道", "人次", "Q3"),
        ("渠道", "办结（件）", "O*"),
        ("渠道", "无效（件）", "Q2"),
        ("主题", "接待总量（件）", "Q1"),
        ("主题", "政府信息公开咨询（件）", "Q1g"),
        ("结果", "本期办结（件）", "O*"),
    ):
        *parts, whole = [cell for cell in column(book[name], header) if isinstance(cell, int)]
        assert sum(parts) == whole == expected[total], (name, header)

    listed = [tuple(cell.value for cell in row) for row in book["明细"].iter_rows(min_row=4)]
    assert [cell.value for cell in book["明细"][3]] == list(HEADER)
    received = [
        row
        for row in listed
        if isinstance(row[2], datetime) and f"{row[2]:%Y-%m}" == "2026-10" and row[7] != "无效量"
    ]
    assert len(received) == expected["Q1"]
    assert sum("办结" in str(row[7]).split("、") for row in listed) == expected["O*"]


async def test_no_word_of_a_citizen_and_no_asker_is_in_the_workbook(tmp_path: Path) -> None:
    statement, rows = await statement_and_rows(busy_year(50), "2026-10", tmp_path)
    write_workbook(tmp_path / "m.xlsx", statement, rows=rows)
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")

    texts = [
        str(cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert rows
    assert not any(QUESTION in text or "电话不要" in text or "asker" in text for text in texts)


@pytest.mark.parametrize("nasty", ["=1+1", "@SUM(A1)", "+1", "-1", "{=1}", "http://x.example/"])
async def test_nothing_becomes_a_formula_or_a_link(tmp_path: Path, nasty: str) -> None:
    labels = replace(LABELS, topics={"A01": nasty})
    matter = Matter(opened=local("2026-10-08 09:30"), region=nasty, agency=nasty)
    statement, rows = await statement_and_rows([matter], "2026-10", tmp_path, labels=labels)
    write_workbook(tmp_path / "m.xlsx", statement, rows=rows)
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")

    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink is not None]
    found = [cell for cell in cells if cell.value == nasty]
    assert len(found) == 4
    assert {cell.data_type for cell in found} == {"s"}


async def test_sheets_are_ready_to_read_and_print(tmp_path: Path) -> None:
    statement, _ = await statement_and_rows(busy_year(100), "2026-10", tmp_path)
    write_workbook(tmp_path / "m.xlsx", statement)
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")

    assert book.sheetnames == SHEETS
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A4"
        assert sheet.print_title_rows == "$1:$3"
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
        assert "2027年1月15日10:00" in str(sheet["A2"].value)
        assert (sheet.column_dimensions["A"].width or 0) > 5
    with ZipFile(tmp_path / "m.xlsx") as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 3
    assert book["渠道"]["B4"].number_format == "#,##0"
    assert book["渠道"]["C4"].number_format == "0.0"


async def test_an_empty_month_has_dashes_for_shares(tmp_path: Path) -> None:
    statement, rows = await statement_and_rows([], "2026-10", tmp_path)
    write_workbook(tmp_path / "m.xlsx", statement, rows=rows)
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")

    assert set(column(book["渠道"], "占比（%）")) == {"—"}
    rates = dict(zip(column(book["总表"], "代码"), column(book["总表"], "数值"), strict=True))
    assert rates["S1"] == "—"
    assert column(book["主题"], "主题代码") == ["合计"]
