"""csv and json, read again as other programs would."""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from bot.reports.listing import write_csv, write_json, write_rows_csv, write_rows_json
from tests.bot.reports.logbook import (
    LABELS,
    QUESTION,
    Matter,
    busy_year,
    local,
    statement_and_rows,
)


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_the_csv_opens_in_a_spreadsheet_and_its_parts_add_up(tmp_path: Path) -> None:
    statement, _ = await statement_and_rows(busy_year(120), "2026-10", tmp_path)
    write_csv(tmp_path / "m.csv", statement)

    assert (tmp_path / "m.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    parts: dict[tuple[str, str], int] = defaultdict(int)
    totals: dict[str, str] = {}
    for line in lines_of(tmp_path / "m.csv"):
        assert (line["期间"], line["口径版本"], line["封存"]) == ("2026-10", "2026.1", "否")
        assert line["数据截止时间"] == "2027年1月15日10:00"
        if line["维度"]:
            parts[line["代码"], line["维度"]] += int(line["数值"])
        else:
            totals[line["代码"]] = line["n"]
    assert int(totals["Q1"]) > 0
    assert len(parts) > 20
    for (code, dimension), total in parts.items():
        assert total == int(totals[code]), (code, dimension)


async def test_the_json_has_exactly_the_promised_shape(tmp_path: Path) -> None:
    statement, _ = await statement_and_rows(busy_year(120), "2026-10", tmp_path)
    write_json(tmp_path / "m.json", statement)
    read = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))

    assert list(read) == ["period", "sealed", "cut_off", "definitions_version", "figures", "audit"]
    assert (read["period"], read["sealed"]) == ("2026-10", False)
    assert read["cut_off"] == "2027-01-15T10:00:00+08:00"
    for figure in read["figures"]:
        assert list(figure) == [
            "code", "label", "unit", "value", "numerator", "denominator", "n", "approximate", "by",
        ]  # fmt: skip
        for parts in figure["by"].values():
            assert sum(parts.values()) == figure["n"]
    assert [figure["code"] for figure in read["figures"]] == [
        "Q1", "Q1g", "Q2", "Q3", "C*", "T*", "K*", "R*", "U*", "O*", "X0", "S1",
    ]  # fmt: skip
    for finding in read["audit"]:
        assert list(finding) == ["rule", "ok", "message"]
        assert finding["ok"] is True


async def test_an_undefined_rate_is_null_and_an_empty_cell(tmp_path: Path) -> None:
    statement, _ = await statement_and_rows([], "2026-10", tmp_path)
    write_json(tmp_path / "m.json", statement)
    write_csv(tmp_path / "m.csv", statement)

    read = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    (satisfied,) = [figure for figure in read["figures"] if figure["code"] == "S1"]
    assert (satisfied["value"], satisfied["numerator"], satisfied["denominator"]) == (None, 0, 0)
    (line,) = [
        line for line in lines_of(tmp_path / "m.csv") if line["代码"] == "S1" and not line["维度"]
    ]
    assert line["数值"] == ""


async def test_rows_hold_no_word_of_a_citizen(tmp_path: Path) -> None:
    statement, rows = await statement_and_rows(busy_year(120), "2026-10", tmp_path)
    write_rows_csv(tmp_path / "rows.csv", rows)
    write_rows_json(tmp_path / "rows.json", rows)

    lines = lines_of(tmp_path / "rows.csv")
    assert len(lines) == len(json.loads((tmp_path / "rows.json").read_text("utf-8"))) > 0
    received = [line for line in lines if line["受理时间"].startswith("2026-10")]
    invalid = [line for line in received if line["计入本期"] == "无效量"]
    assert len(received) - len(invalid) == statement.figure("Q1").value
    for name in ("rows.csv", "rows.json"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert QUESTION not in text
        assert "电话不要" not in text
        assert "asker" not in text


async def test_no_cell_of_the_csv_can_be_taken_for_a_formula(tmp_path: Path) -> None:
    labels = replace(LABELS, topics={"A01": "=HYPERLINK(1)"})
    matter = Matter(opened=local("2026-10-08 09:30"), region="@evil", agency="+1")
    statement, rows = await statement_and_rows([matter], "2026-10", tmp_path, labels=labels)
    write_csv(tmp_path / "m.csv", statement)
    write_rows_csv(tmp_path / "rows.csv", rows)

    for name in ("m.csv", "rows.csv"):
        cells = [cell for line in lines_of(tmp_path / name) for cell in line.values()]
        assert "'=HYPERLINK(1)" in cells
        texts = [cell for cell in cells if not cell.lstrip("-").replace(".", "").isdigit()]
        assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@"))]
