"""Days and limits in words: when an application must be answered, and how that was counted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk.calendar import WorkingCalendar
from bot.desk.deadlines import ApplicationDeadline, Deadline, Step, application_deadline

_WEEKDAYS = "一二三四五六日"
_MANNERS = {
    "in_person": "当面交的，提交那天就算收到",
    "registered_mail": "邮寄的，机关签收那天算收到",
    "ordinary_mail": "平信寄的，机关确认的那天才算收到，日子可能往后推",
    "online": "网上交的，双方确认的那天才算收到，日子可能往后推",
    "fax": "传真的，双方确认的那天才算收到，日子可能往后推",
}


def day_words(day: date) -> str:
    """A day as people say it: 2026年12月21日周一."""
    return f"{day.year}年{day.month}月{day.day}日周{_WEEKDAYS[day.weekday()]}"


def moment_words(moment: str | None, *, zone: ZoneInfo) -> str:
    """A stored moment (ISO text) as people say it in that zone: 2026年11月24日周二 18:00."""
    if moment is None:
        return "下一个工作日"
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"{day_words(local.date())} {local:%H:%M}"


def if_filed_today(today: date, *, calendar: WorkingCalendar) -> str:
    """Until when an application that is filed in person today must be answered."""
    found = application_deadline(today, calendar=calendar)
    if found is None:  # pragma: no cover - the present law is in force since 2019
        return ""
    return (
        f"如果今天（{day_words(today)}）当面提交，并且不需要补正、不征求别人意见，"
        f"最迟{day_words(found.answer.ends_on)}答复。{_provisional(found.answer)}"
    )


def if_filed(
    filing: Mapping[str, Any], *, today: date, calendar: WorkingCalendar
) -> tuple[str, str | None]:
    """Until when an application filed as the citizen says must be answered, and the count.

    ``filing`` has ``day`` (ISO), ``manner`` and ``arrived`` as ``knowledge.dates.Filing``. The
    count is None where nothing can be counted yet.
    """
    filed = date.fromisoformat(filing["day"])
    if not filing.get("arrived", True) and filing["manner"] == "ordinary_mail":
        return (
            f"{day_words(filed)}是寄出的日子。平信没有人签收，期限从机关确认收到那天起算"
            "（条例第三十一条）。请问机关哪天跟您确认收到的？告诉我，我再把日子算给您看。",
            None,
        )
    if not filing.get("arrived", True):
        return (
            f"{day_words(filed)}是寄出的日子。期限从机关签收那天起算，"
            "请告诉我哪天签收的，我再把日子算给您看。",
            None,
        )
    found = application_deadline(filed, calendar=calendar)
    if found is None:
        return "2019年5月15日以前交的申请按旧规定算，请问收申请的机关。", None
    return _last_day(filing["manner"], found, today=today), _count(found.answer)


def _last_day(manner: str, found: ApplicationDeadline, *, today: date) -> str:
    last, left = found.answer.ends_on, (found.answer.ends_on - today).days
    when = f"还有{left}天" if left > 0 else ("就是今天" if left == 0 else "已经过了")
    received = _MANNERS.get(manner, "按这一天机关收到来算")
    return (
        f"您说{day_words(found.answer.start)}：{received}。从第二天起数20个工作日，"
        f"最迟{day_words(last)}答复（{when}）。要延长的，最迟到{day_words(found.extended.ends_on)}，"
        f"并且要告诉您。补正、征求别人意见的日子不算在内。{_provisional(found.answer)}"
    )


def _count(deadline: Deadline) -> str:
    """The count day by day, in runs: which days are counted as which, and why others are not."""
    runs: list[list[Step]] = []
    for step in deadline.steps:
        if runs and _kind(runs[-1][-1]) == _kind(step):
            runs[-1].append(step)
        else:
            runs.append([step])
    return "怎么数的：" + "；".join(_run(run) for run in runs) + "。"


def _kind(step: Step) -> str:
    if step.working:
        return "counted"
    return "weekend" if step.why in ("周六", "周日") else step.why


def _run(run: Sequence[Step]) -> str:
    first, last = run[0], run[-1]
    days = _month_day(first.date)
    if last is not first:
        days += f"至{_month_day(last.date)}"
    if not first.working:
        return f"{days}{'周末' if _kind(first) == 'weekend' else first.why}不算"
    numbers = f"第{first.counted}天" if last is first else f"第{first.counted}—{last.counted}天"
    makeup = [step for step in run if step.why == "调休上班"]
    worked = f"（{'、'.join(_month_day(step.date) for step in makeup)}调休上班）" if makeup else ""
    return f"{days}是{numbers}{worked}"


def _month_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _provisional(deadline: Deadline) -> str:
    return "其中有的年份放假安排还没公布，日子可能变动。" if deadline.provisional else ""
