"""The statement of one period: its figures, audited, with all that is printed above them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from bot.reports import definitions
from bot.reports.audit import Finding, audit, refuse_breaches
from bot.reports.counts import Balance, count
from bot.reports.figures import Figure, figures
from bot.reports.labels import Labels
from bot.reports.periods import Period
from bot.store.facts import Fact

UNDEFINED = "—"
"""What is printed for a figure that has no value."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A period's figures as they may be printed.

    ``cut_off`` is the moment as of which the log was read, in the office's zone. ``balances`` has
    one for each month and, for a year, the year's as the last.
    """

    period: Period
    office: str
    cut_off: datetime
    figures: tuple[Figure, ...]
    balances: tuple[Balance, ...]
    audit: tuple[Finding, ...]
    labels: Labels
    sealed: bool = False
    definitions_version: str = definitions.VERSION

    def figure(self, code: str) -> Figure:
        """The figure with that code."""
        return next(figure for figure in self.figures if figure.code == code)

    @property
    def is_over(self) -> bool:
        """Whether the period had ended when the log was read."""
        return self.cut_off >= self.period.end(_zone(self.cut_off))

    @property
    def span(self) -> str:
        """The period, and up to which day it is covered if it had not ended: 2026年（截至…）."""
        if self.is_over:
            return self.period.label
        return f"{self.period.label}（截至{day_label(self.cut_off)}）"


def make_statement(
    facts: Iterable[Fact],
    *,
    period: Period,
    office: str,
    labels: Labels,
    zone: tzinfo,
    cut_off: datetime,
) -> Statement:
    """The period's statement from the facts of ``bot.store.facts.between``, which are used up.

    Raises AuditError if anything does not add up.
    """
    counts = count(facts, period=period, zone=zone, labels=labels)
    made = figures(counts, labels=labels)
    local = cut_off.astimezone(zone)
    findings = audit(
        made,
        balances=counts.balances,
        heading={
            "期间": period.key,
            "机关": office,
            "口径版本": definitions.VERSION,
            "数据截止时间": moment_label(local),
        },
        impossible=counts.impossible,
    )
    refuse_breaches(findings)
    return Statement(
        period=period,
        office=office,
        cut_off=local,
        figures=made,
        balances=counts.balances,
        audit=findings,
        labels=labels,
    )


def as_json(statement: Statement) -> dict[str, Any]:
    """The statement in the shape that others script against."""
    return {
        "period": statement.period.key,
        "sealed": statement.sealed,
        "cut_off": statement.cut_off.isoformat(timespec="seconds"),
        "definitions_version": statement.definitions_version,
        "figures": [_figure_as_json(figure) for figure in statement.figures],
        "audit": [
            {"rule": item.rule, "ok": item.ok, "message": item.message} for item in statement.audit
        ],
    }


def about_lines(statement: Statement) -> tuple[tuple[str, str], ...]:
    """What stands above every form of the statement, by name."""
    return (
        ("编制机关", statement.office),
        ("统计期间", statement.span),
        ("数据截止时间", moment_label(statement.cut_off)),
        ("口径版本", statement.definitions_version),
        ("封存状态", "已封存" if statement.sealed else "未封存，补录或更正后可能变动"),
    )


def shown(value: int | Decimal | None) -> str:
    """A value as a sentence prints it, without its unit; — where there is none."""
    return UNDEFINED if value is None else str(value)


def day_label(moment: datetime) -> str:
    """The day as people read it: 2026年11月6日."""
    return f"{moment.year}年{moment.month}月{moment.day}日"


def moment_label(moment: datetime) -> str:
    """The moment as people read it, to the minute: 2026年11月6日09:30."""
    return f"{day_label(moment)}{moment:%H:%M}"


def _figure_as_json(figure: Figure) -> dict[str, Any]:
    value = figure.value
    by: Mapping[str, Mapping[str, int]] = figure.by
    return {
        "code": figure.code,
        "label": figure.label,
        "unit": figure.unit,
        "value": float(value) if isinstance(value, Decimal) else value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "n": figure.n,
        "approximate": figure.approximate,
        "by": {dimension: dict(parts) for dimension, parts in by.items()},
    }


def _zone(moment: datetime) -> tzinfo:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.tzinfo
