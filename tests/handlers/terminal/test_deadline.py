import json
from datetime import date

import pytest
import typer
from typer.testing import CliRunner

from bot.desk.calendar import load_calendar
from bot.desk.deadlines import as_json
from bot.desk.deadlines import deadline as count
from handlers.terminal.deadline import deadline, deadline_lines

app = typer.Typer()
app.command()(deadline)
runner = CliRunner()


def test_the_last_day_is_said_in_one_line() -> None:
    done = runner.invoke(app, ["--from", "2026-02-05", "--days", "20"])

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "从 2026-02-05 周四 的次日起算，20 个工作日，到 2026-03-11 周三 下班时届满。"
    ]


def test_explaining_lists_every_day_and_why_it_counts_or_not() -> None:
    done = runner.invoke(app, ["--from", "2026-02-13", "--days", "2", "--explain"])

    lines = done.stdout.splitlines()
    assert lines[0] == "2026-02-13 周五  收到当日，不计入"
    assert lines[1] == "2026-02-14 周六  第 1 个工作日（调休上班）"
    assert lines[2] == "2026-02-15 周日  不计入（春节）"
    assert lines[-2] == "2026-02-24 周二  第 2 个工作日"
    assert len(lines) == 13


def test_a_provisional_deadline_says_which_year_is_missing() -> None:
    lines = deadline_lines(
        count(date(2026, 12, 5), days=20, calendar=load_calendar()), calendar=load_calendar()
    )

    assert lines[-1].startswith("暂定：没有 2027 年的放假安排")


def test_the_json_is_the_deadline_and_nothing_else() -> None:
    done = runner.invoke(app, ["--from", "2026-02-05", "--days", "20", "--json"])

    assert done.exit_code == 0
    assert json.loads(done.stdout) == as_json(
        count(date(2026, 2, 5), days=20, calendar=load_calendar())
    )


@pytest.mark.parametrize(
    ("from_", "days", "word"),
    [
        ("2026-2-5", "20", "2026-2-5"),
        ("2026-02-30", "20", "2026-02-30"),
        ("明天", "20", "明天"),
        ("", "20", "日期"),
        ("2026-02-05", "0", "1 到 1000"),
        ("2026-02-05", "1001", "1 到 1000"),
        ("9999-12-30", "20", "9999-12-30"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(from_: str, days: str, word: str) -> None:
    done = runner.invoke(app, ["--from", from_, "--days", days])

    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert word in line


def test_negative_days_are_refused_in_the_same_way() -> None:
    done = runner.invoke(app, ["--from", "2026-02-05", "--days=-3"])

    assert done.exit_code == 2
    assert done.stderr.splitlines() == ["工作日数要在 1 到 1000 之间：-3"]
