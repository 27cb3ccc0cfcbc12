"""``zixun deadline``: count a limit in working days, and show the count."""

import json
import re
from datetime import date
from typing import Annotated, NoReturn

import typer

from bot.desk import deadlines
from bot.desk.calendar import CalendarError, WorkingCalendar, load_calendar
from bot.desk.deadlines import MOST_DAYS, Deadline

BAD_INPUT = 2
WEEKDAYS = "一二三四五六日"


def deadline(
    from_: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="收到的那一天（不计入期限）")
    ],
    days: Annotated[int, typer.Option("--days", help=f"期限的工作日数，1 到 {MOST_DAYS}")],
    explain: Annotated[bool, typer.Option("--explain", help="逐日列出怎么算的")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """按国务院办公厅公布的放假安排，算出 N 个工作日的期限到哪一天。"""
    start = _day(from_)
    if start is None:
        _refuse(f"日期要写成 2026-02-05 这样，并且真有这一天：{from_}")
    if not 1 <= days <= MOST_DAYS:
        _refuse(f"工作日数要在 1 到 {MOST_DAYS} 之间：{days}")
    try:
        calendar = load_calendar()
        result = deadlines.deadline(start, days=days, calendar=calendar)
    except CalendarError as error:
        _refuse(f"工作日历文件有错：{error}")
    except ValueError:
        _refuse(f"从 {from_} 起算 {days} 个工作日超出了能表示的年份")
    if as_json:
        typer.echo(json.dumps(deadlines.as_json(result), ensure_ascii=False))
        return
    for line in deadline_lines(result, calendar=calendar, explain=explain):
        typer.echo(line)


def deadline_lines(
    result: Deadline, *, calendar: WorkingCalendar, explain: bool = False
) -> list[str]:
    """What a person reads: the last day, the count when asked for, and what may still change."""
    lines = []
    if explain:
        lines.append(f"{_dated(result.start)}  收到当日，不计入")
        lines += [
            f"{_dated(step.date)}  "
            + (f"第 {step.counted} 个工作日" if step.working else "不计入")
            + ("" if step.why == "工作日" else f"（{step.why}）")
            for step in result.steps
        ]
    lines.append(
        f"从 {_dated(result.start)} 的次日起算，{result.days} 个工作日，"
        f"到 {_dated(result.ends_on)} 下班时届满。"
    )
    if result.provisional:
        years = sorted({step.date.year for step in result.steps})
        unknown = "、".join(f"{year} 年" for year in years if not calendar.is_announced(year))
        lines.append(f"暂定：没有 {unknown}的放假安排，只按周末休息推算，安排公布后重新计算。")
    return lines


def _dated(day: date) -> str:
    return f"{day.isoformat()} 周{WEEKDAYS[day.weekday()]}"


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(BAD_INPUT)
