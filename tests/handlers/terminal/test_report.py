"""``zixun report``: every format from the same figures, or a clear line."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docx import Document

from bot.reports.periods import parse_year
from bot.reports.styles import STYLES
from handlers.terminal.export import Log
from handlers.terminal.report import WRITERS, report, write_report
from tests.bot.reports.logbook import (
    LABELS,
    NOW,
    OFFICE,
    busy_year,
    histories,
    log_of,
    recount,
)

YEAR = parse_year("2026")


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    (tmp_path / "data").mkdir()
    async with log_of(busy_year(150), tmp_path / "data") as database:
        yield Log(database, OFFICE, LABELS)


async def test_every_format_leads_with_the_recounted_number(log: Log, tmp_path: Path) -> None:
    expected = recount(await histories(log.database), "2026")
    lead = f"共受理政府信息公开咨询{expected['Q1g']}件"
    for format_ in WRITERS:
        output = tmp_path / f"y.{format_}"
        code = await write_report(
            log, period=YEAR, style=STYLES["section"], format=format_, output=output, now=NOW
        )
        assert code == 0

    words = Document(str(tmp_path / "y.docx"))
    assert any(lead in paragraph.text for paragraph in words.paragraphs)
    assert lead in (tmp_path / "y.md").read_text("utf-8")
    assert lead in (tmp_path / "y.html").read_text("utf-8")
    assert lead in json.loads((tmp_path / "y.json").read_text("utf-8"))["blocks"][0]["text"]
    assert expected["Q1g"] > 0


@pytest.mark.parametrize(
    ("year", "style", "format_", "problem"),
    [
        ("26", "section", "docx", "年份要写成 2026 这样：26"),
        (1899, "section", "docx", "年份要在 2000 到 2099 之间：1899"),
        (2026, "beijing", "docx", "没有名为 beijing 的样式，现有：section"),
        (2026, "section", "pdf", "格式只能是 docx、md、html、json，不能是 pdf"),
    ],
)
async def test_bad_input_is_one_line_and_touches_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    year: int | str,
    style: str,
    format_: str,
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code = await report(year=year, style=style, format=format_, output=Path("y.out"))

    shown = capsys.readouterr().err
    assert code == 2
    assert problem in shown
    assert shown.count("\n") == 1
    assert made(tmp_path) == []
