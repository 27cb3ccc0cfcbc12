"""The statement as plain files that other programs read: csv and json."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.reports.labels import DIMENSIONS
from bot.reports.rows import HEADER, Row
from bot.reports.statement import Statement, as_json, moment_label

FIGURES_HEADER = (
    "期间", "代码", "指标", "维度", "项目代码", "项目", "数值", "单位", "分子", "分母", "n",
    "约数", "数据截止时间", "口径版本", "封存", "编制机关",
)  # fmt: skip
ENCODING = "utf-8-sig"
"""With a byte order mark: without it the spreadsheet program of most offices garbles Chinese."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, statement: Statement) -> None:
    """Write every figure and each of its parts, one a line. Raises OSError."""
    _write_csv(path, FIGURES_HEADER, _lines(statement))


def write_json(path: Path, statement: Statement) -> None:
    """Write the statement in the shape that others script against. Raises OSError."""
    _write_json(path, as_json(statement))


def write_rows_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write the consultations behind the statement, one a line. Raises OSError."""
    _write_csv(path, HEADER, ([_text(cell) for cell in row.cells()] for row in rows))


def write_rows_json(path: Path, rows: Sequence[Row]) -> None:
    """Write the consultations behind the statement as a list of objects. Raises OSError."""
    _write_json(path, [_row_as_json(row) for row in rows])


def _lines(statement: Statement) -> Iterator[list[str]]:
    head = [statement.period.key]
    tail = [
        moment_label(statement.cut_off),
        statement.definitions_version,
        "是" if statement.sealed else "否",
        statement.office,
    ]
    for figure in statement.figures:
        about = "是" if figure.approximate else "否"
        yield [
            _text(cell)
            for cell in (
                *head, figure.code, figure.label, None, None, None, figure.value, figure.unit,
                figure.numerator, figure.denominator, figure.n, about, *tail,
            )
        ]  # fmt: skip
        # The parts of a rate are what it was computed from: they are counted in pieces.
        unit = figure.unit if figure.denominator is None else "件"
        for dimension, parts in figure.by.items():
            for key, number in parts.items():
                label = statement.labels.label(dimension, key)
                yield [
                    _text(cell)
                    for cell in (
                        *head, figure.code, figure.label, DIMENSIONS[dimension], key, label,
                        number, unit, None, None, None, about, *tail,
                    )
                ]  # fmt: skip


def _row_as_json(row: Row) -> dict[str, str | None]:
    closed = row.first_closed
    return {
        "receipt": row.receipt,
        "channel": row.channel,
        "opened_at": row.opened.isoformat(timespec="seconds"),
        "topic": row.topic,
        "state": row.state,
        "first_outcome": row.outcome or None,
        "first_closed_at": None if closed is None else closed.isoformat(timespec="seconds"),
        "counted_in": row.counted_in,
    }


def _text(cell: str | int | Decimal | datetime | None) -> str:
    """The cell as csv holds it; no text in it can be taken for a formula."""
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case str():
            return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
        case _:
            return str(cell)


def _write_csv(path: Path, header: Sequence[str], lines: Iterator[list[str]]) -> None:
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)


def _write_json(path: Path, content: Mapping[str, Any] | Sequence[Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
