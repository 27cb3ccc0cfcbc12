"""``zixun export``: the whole file or a clear line, never half of either."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.desk.inquiries import Inquiry
from bot.reports.periods import parse_month
from bot.service import open_service
from bot.settings import Settings
from handlers.terminal.export import Log, export, write_export
from tests.bot.reports.logbook import (
    LABELS,
    NOW,
    OFFICE,
    Matter,
    busy_year,
    histories,
    local,
    log_of,
    recount,
)

ROOT = Path(__file__).parents[3]
OCTOBER = parse_month("2026-10")


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    (tmp_path / "data").mkdir()
    async with log_of(busy_year(150), tmp_path / "data") as database:
        yield Log(database, OFFICE, LABELS)


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "data")


@pytest.mark.parametrize("format_", ["xlsx", "csv", "json"])
async def test_each_format_is_written_whole_and_alone(
    log: Log, tmp_path: Path, format_: str
) -> None:
    output = tmp_path / f"m.{format_}"
    code = await write_export(
        log, period=OCTOBER, format=format_, output=output, rows=False, now=NOW
    )

    assert code == 0
    assert made(tmp_path) == [f"m.{format_}"]


async def test_rows_come_as_a_sheet_or_as_a_second_file(log: Log, tmp_path: Path) -> None:
    for format_ in ("xlsx", "csv", "json"):
        output = tmp_path / f"m.{format_}"
        await write_export(log, period=OCTOBER, format=format_, output=output, rows=True, now=NOW)

    assert made(tmp_path) == ["m-明细.csv", "m-明细.json", "m.csv", "m.json", "m.xlsx"]
    assert openpyxl.load_workbook(tmp_path / "m.xlsx").sheetnames[-1] == "明细"


async def test_what_the_desk_took_in_is_what_the_export_counts(tmp_path: Path) -> None:
    """Through the real desk, so that the log is written as in service."""
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'zixun.db'}", secret_file=tmp_path / "secret.key"
    )
    said = (
        ("web", "Alice", "申请政府信息公开要交钱吗"),
        ("web", "Bob", "你好"),
        ("telegram", "Charlie", "政府信息公开申请多久答复"),
        ("telegram", "Charlie", "今天天气怎么样"),
        ("terminal", "Dora", "我要查我的社保缴费记录"),
    )
    async with open_service(settings) as service:
        for number, (channel, asker, words) in enumerate(said):
            at = datetime(2026, 10, 8, 1, number, tzinfo=UTC)
            inquiry = Inquiry(channel, f"message {number}", asker, words, at)
            await service.desk.ask(inquiry)
        await service.desk.close_silent(datetime(2026, 10, 20, tzinfo=UTC))
        expected = recount(await histories(service.database), "2026-10")
        log = Log(service.database, OFFICE, LABELS)
        output = tmp_path / "m.json"
        code = await write_export(
            log, period=OCTOBER, format="json", output=output, rows=False, now=NOW
        )

    assert code == 0
    figures = {
        figure["code"]: figure for figure in json.loads(output.read_text("utf-8"))["figures"]
    }
    for name in ("Q1", "Q1g", "Q2", "Q3", "O*"):
        assert figures[name]["value"] == expected[name], name
    assert expected["Q1"] >= 3
    assert expected["Q2"] == 1
    assert figures["Q1"]["by"]["channel"]["other"] == 1


async def test_figures_that_do_not_add_up_leave_the_old_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    output = tmp_path / "m.xlsx"
    output.write_text("last month's")
    wrong = Matter(
        opened=local("2026-10-08 09:30"), closed=local("2026-09-01 09:30"), outcome="ANSWERED_KB"
    )
    async with log_of([wrong], tmp_path / "data") as database:
        log = Log(database, OFFICE, LABELS)
        code = await write_export(
            log, period=OCTOBER, format="xlsx", output=output, rows=True, now=NOW
        )

    assert code == 1
    assert "E10 2026年10月期初在办 0 + 受理 1 ≠ 办结 0 + 期末在办 0" in capsys.readouterr().err
    assert output.read_text() == "last month's"
    assert made(tmp_path) == ["m.xlsx"]


@pytest.mark.parametrize(
    ("month", "format_", "output", "problem"),
    [
        ("2026-13", "xlsx", "m.xlsx", "月份要写成 2026-10 这样：2026-13"),
        ("2026-10", "pdf", "m.pdf", "格式只能是 xlsx、csv、json，不能是 pdf"),
        ("2026-10", "xlsx", "nowhere/m.xlsx", "输出文件夹不存在"),
        ("2026-10", "xlsx", ".", "输出位置是文件夹"),
    ],
)
async def test_bad_input_is_one_line_and_touches_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    month: str,
    format_: str,
    output: str,
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code = await export(month=month, format=format_, output=Path(output), rows=False)

    shown = capsys.readouterr()
    assert code == 2
    assert problem in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
    assert made(tmp_path) == []


async def test_a_database_that_cannot_be_opened_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.db").write_text("this is no database at all, and long enough to tell")
    monkeypatch.setenv("ZIXUN_DATABASE_URL", f"sqlite:///{tmp_path / 'broken.db'}")

    code = await export(month="2026-10", format="csv", output=tmp_path / "m.csv", rows=False)

    assert code == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert made(tmp_path) == ["broken.db"]


def test_the_command_writes_a_workbook_from_an_empty_log(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ZIXUN_")}
    words = ("export", "--month", "2026-10", "--format", "xlsx", "--output", "m.xlsx", "--rows")
    finished = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *words],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    assert "数据库里还没有任何咨询" in finished.stderr
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book["总表"]["C4"].value == 0
