"""The month's workbook: figures for the office's spreadsheet program, ready to print on A4."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxFileError

from bot.desk.outcomes import OUTCOMES
from bot.reports.definitions import CONVENTIONS, DEFINITIONS
from bot.reports.figures import SHOWN_BY, SIGNED, rate
from bot.reports.labels import DIMENSIONS, UNKNOWN, UNKNOWN_LABEL
from bot.reports.rows import HEADER, Row
from bot.reports.statement import UNDEFINED, Statement, about_lines

A4 = 9
LINE_HEIGHT = 17
COUNT_FORMAT = "#,##0"
RATE_FORMAT = "0.0"
TIME_FORMAT = "yyyy-mm-dd hh:mm"
ACCENT = "#1F4E79"
OTHER_DIMENSIONS = ("nature", "region", "agency", "caller", "weekday", "hour")
MOST_TOPICS_DRAWN = 10

Cell = str | int | Decimal | datetime | None


def write_workbook(path: Path, statement: Statement, *, rows: Sequence[Row] | None = None) -> None:
    """Write the statement's workbook at that path; with ``rows``, a sheet that lists them.

    Every text is written as text: a spreadsheet program finds no formula and no link in it.
    Raises OSError if the file cannot be written.
    """
    # Normal mode on purpose: constant_memory drops charts' data and whatever is out of order.
    workbook = xlsxwriter.Workbook(
        path,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": "宋体", "font_size": 11},
        },
    )
    workbook.set_properties(
        {
            "title": _title(statement),
            "company": statement.office,
            "created": statement.cut_off.replace(tzinfo=None),
        }
    )
    pages = _Pages(workbook, statement)
    _totals(pages, statement)
    _channels(pages, statement)
    _topics(pages, statement)
    _outcomes(pages, statement)
    _others(pages, statement)
    _definitions(pages, statement)
    if rows is not None:
        _rows(pages, rows)
    try:
        workbook.close()
    except XlsxFileError as error:
        raise OSError(str(error)) from error


class _Pages:
    """Adds sheets that look alike: title, line of facts, frozen header, cells, print set-up."""

    def __init__(self, workbook: Any, statement: Statement) -> None:
        self.workbook = workbook
        self._statement = statement
        line = {"border": 1, "border_color": "#A6A6A6", "valign": "vcenter"}
        add = workbook.add_format
        self.title = add({"bold": True, "font_size": 15, "align": "center", "valign": "vcenter"})
        self.about = add({"font_size": 10, "font_color": "#595959", "valign": "vcenter"})
        self.header = add(
            {**line, "bold": True, "bg_color": "#E8EEF4", "align": "center", "text_wrap": True}
        )
        self.text = add({**line, "text_wrap": True, "indent": 1})
        self.count = add({**line, "num_format": COUNT_FORMAT})
        self.rate = add({**line, "num_format": RATE_FORMAT})
        self.none = add({**line, "align": "right"})
        self.time = add({**line, "num_format": TIME_FORMAT, "align": "left"})
        self.total_text = add({**line, "bold": True, "top": 2, "indent": 1})
        self.total_count = add({**line, "bold": True, "top": 2, "num_format": COUNT_FORMAT})
        self.total_rate = add({**line, "bold": True, "top": 2, "num_format": RATE_FORMAT})
        self.block = add({"bold": True, "font_size": 12, "valign": "vcenter"})

    def add(self, name: str, header: Sequence[str], widths: Sequence[int]) -> "_Page":
        """A new sheet with its head; the first free row is under the frozen header."""
        sheet = self.workbook.add_worksheet(name)
        statement = self._statement
        last = len(header) - 1
        sheet.merge_range(0, 0, 0, last, "", self.title)
        sheet.write_string(0, 0, f"{_title(statement)} · {name}", self.title)
        sheet.set_row(0, 30)
        sheet.write_string(1, 0, _about(statement), self.about)
        sheet.set_row(1, 18)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, text in enumerate(header):
            sheet.write_string(2, column, text, self.header)
        sheet.set_row(2, 22)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(0, 2)
        sheet.set_paper(A4)
        sheet.set_margins(left=0.6, right=0.6, top=0.75, bottom=0.75)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_footer("&L" + statement.period.label + "&C第 &P 页，共 &N 页")
        sheet.hide_gridlines(2)
        sheet.set_default_row(LINE_HEIGHT)
        return _Page(self, sheet, name=name, widths=widths)


class _Page:
    """One sheet being filled from the top."""

    def __init__(self, pages: _Pages, sheet: Any, *, name: str, widths: Sequence[int]) -> None:
        self._pages = pages
        self._widths = widths
        self.sheet = sheet
        self.name = name
        self.row = 3

    def write(self, cells: Iterable[Cell], *, total: bool = False) -> None:
        """The next row, as high as its longest text needs."""
        pages, lines = self._pages, 1
        for column, cell in enumerate(cells):
            match cell:
                case None:
                    self.sheet.write_blank(self.row, column, None, pages.text)
                case datetime():
                    moment = cell.replace(tzinfo=None)
                    self.sheet.write_datetime(self.row, column, moment, pages.time)
                case Decimal():
                    style = pages.total_rate if total else pages.rate
                    self.sheet.write_number(self.row, column, float(cell), style)
                case int():
                    style = pages.total_count if total else pages.count
                    self.sheet.write_number(self.row, column, cell, style)
                case _:
                    style = pages.total_text if total else pages.text
                    style = pages.none if cell == UNDEFINED else style
                    self.sheet.write_string(self.row, column, cell, style)
                    lines = max(lines, _lines(cell, width=self._widths[column]))
        if lines > 1:
            self.sheet.set_row(self.row, LINE_HEIGHT * lines)
        self.row += 1

    def heading(self, text: str, header: Sequence[str]) -> None:
        """A block of its own further down, with its own header."""
        self.row += 1
        self.sheet.write_string(self.row, 0, text, self._pages.block)
        for column, name in enumerate(header):
            self.sheet.write_string(self.row + 1, column, name, self._pages.header)
        self.row += 2

    def draw(self, *, first: int, last: int, names: int, numbers: int, title: str) -> None:
        """A bar chart of those rows beside the table, if there is anything to draw."""
        if last < first:
            return
        chart = self._pages.workbook.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": title,
                "categories": [self.name, first, names, last, names],
                "values": [self.name, first, numbers, last, numbers],
                "fill": {"color": ACCENT},
                "data_labels": {"value": True},
                "gap": 60,
            }
        )
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_x_axis({"num_format": COUNT_FORMAT, "major_gridlines": {"visible": False}})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 620, "height": 120 + 26 * (last - first + 1)})
        self.sheet.insert_chart(self.row + 1, 0, chart)


def _totals(pages: _Pages, statement: Statement) -> None:
    page = pages.add(
        "总表",
        ("代码", "指标", "数值", "单位", "分子", "分母", "n", "定义"),
        (8, 34, 11, 7, 9, 9, 9, 60),
    )
    page.sheet.set_landscape()
    for figure in statement.figures:
        if figure.code in SHOWN_BY:  # each has a sheet or a block of its own
            continue
        value = UNDEFINED if figure.value is None else figure.value
        page.write(
            (
                figure.code,
                figure.label,
                value,
                figure.unit,
                figure.numerator,
                figure.denominator,
                figure.n,
                figure.definition,
            )
        )
    for code, title, last in (
        ("Q1g", "从接待总量到政府信息公开咨询量", "政府信息公开咨询量"),
        ("X0", "在办平衡", "期末在办"),
    ):
        page.heading(title, ("", "项目", "件"))
        figure = statement.figure(code)
        for dimension in SIGNED & figure.by.keys():
            for key, number in figure.by[dimension].items():
                page.write(("", _signed_label(statement, dimension, key), number))
        page.write(("", last, figure.whole), total=True)


def _channels(pages: _Pages, statement: Statement) -> None:
    page = pages.add(
        "渠道",
        ("渠道", "接待总量（件）", "占比（%）", "政府信息公开咨询（件）", "人次", "办结（件）",
         "无效（件）"),
        (16, 14, 11, 20, 11, 12, 12),
    )  # fmt: skip
    columns = [statement.figure(code) for code in ("Q1", "Q1g", "Q3", "O*", "Q2")]
    keys = list(dict.fromkeys(key for figure in columns for key in figure.by["channel"]))
    first = page.row
    for key in keys:
        received, disclosure, people, closed, invalid = (
            figure.by["channel"].get(key, 0) for figure in columns
        )
        share = _share(received, columns[0].whole)
        label = statement.labels.label("channel", key)
        page.write((label, received, share, disclosure, people, closed, invalid))
    received, disclosure, people, closed, invalid = (figure.whole for figure in columns)
    last = page.row - 1
    page.write(
        ("合计", received, _share(received, received), disclosure, people, closed, invalid),
        total=True,
    )
    page.draw(first=first, last=last, names=0, numbers=1, title="各渠道接待总量（件）")


def _topics(pages: _Pages, statement: Statement) -> None:
    page = pages.add(
        "主题",
        ("主题代码", "主题", "接待总量（件）", "占比（%）", "政府信息公开咨询（件）"),
        (12, 44, 14, 11, 20),
    )
    received, disclosure = statement.figure("Q1"), statement.figure("Q1g")
    first = page.row
    for key, number in received.by["topic"].items():
        page.write(
            (
                UNKNOWN_LABEL if key == UNKNOWN else key,
                statement.labels.label("topic", key),
                number,
                _share(number, received.whole),
                disclosure.by["topic"].get(key, 0),
            )
        )
    last = min(page.row - 1, first + MOST_TOPICS_DRAWN - 1)
    whole = received.whole
    page.write(("合计", "", whole, _share(whole, whole), disclosure.whole), total=True)
    page.draw(first=first, last=last, names=1, numbers=2, title="咨询较多的主题（件）")


def _outcomes(pages: _Pages, statement: Statement) -> None:
    page = pages.add(
        "结果",
        ("类别", "代码", "结果", "本期办结（件）", "占比（%）"),
        (20, 24, 32, 14, 11),
    )
    closed = statement.figure("O*")
    first = page.row
    for key, number in closed.by["outcome"].items():
        family = OUTCOMES[key].family.value if key in OUTCOMES else UNKNOWN_LABEL
        label = statement.labels.label("outcome", key)
        page.write((family, key, label, number, _share(number, closed.whole)))
    last = page.row - 1
    whole = closed.whole
    page.write(("合计", "", "", whole, _share(whole, whole)), total=True)
    page.draw(first=first, last=last, names=2, numbers=3, title="办结结果（件）")


def _others(pages: _Pages, statement: Statement) -> None:
    page = pages.add(
        "分项", ("维度", "项目", "接待总量（件）", "占比（%）"), (24, 40, 20, 16)
    )  # fmt: skip
    received = statement.figure("Q1")
    for dimension in OTHER_DIMENSIONS:
        name = DIMENSIONS[dimension]
        for key, number in received.by[dimension].items():
            label = statement.labels.label(dimension, key)
            page.write((name, label, number, _share(number, received.whole)))
        whole = received.whole
        page.write((name, "合计", whole, _share(whole, whole)), total=True)


def _definitions(pages: _Pages, statement: Statement) -> None:
    page = pages.add("口径", ("代码", "项目", "内容"), (10, 22, 90))
    for name, text in about_lines(statement):
        page.write(("", name, text))
    for item in DEFINITIONS.values():
        page.write((item.code, f"{item.label}（{item.unit}）", item.text))
    for number, text in enumerate(CONVENTIONS, start=1):
        page.write(("", f"约定 {number}", text))
    for finding in statement.audit:
        page.write((finding.rule, "自动审计", f"通过：{finding.message}"))


def _rows(pages: _Pages, rows: Sequence[Row]) -> None:
    page = pages.add("明细", HEADER, (18, 12, 18, 36, 18, 28, 18, 26))
    for row in rows:
        page.write(row.cells())
    page.sheet.autofilter(2, 0, max(page.row - 1, 2), len(HEADER) - 1)
    page.sheet.set_landscape()


def _title(statement: Statement) -> str:
    return f"{statement.office}{statement.period.label}咨询统计表"


def _about(statement: Statement) -> str:
    return "    ".join(f"{name}：{text}" for name, text in about_lines(statement)[1:])


def _lines(text: str, *, width: int) -> int:
    """How many lines a text takes in a column of that many Latin characters."""
    length = sum(1 if character.isascii() else 2 for character in text)
    # A column has room for a little less than its width says.
    return -(-length // max(width - 2, 1))


def _share(part: int, whole: int) -> Decimal | str:
    share = rate(part, whole)
    return UNDEFINED if share is None else share


def _signed_label(statement: Statement, dimension: str, key: str) -> str:
    """What a signed part is called: what is added by its name, what is taken off with 减."""
    if key == "Q1":
        return statement.figure("Q1").label
    label = statement.labels.label(dimension, key)
    return label if key in ("opening", "received") else f"减：{label}"
