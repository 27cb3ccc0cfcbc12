"""The audit of figures: what does not add up is not printed, and the difference is named.

The rules are numbered E1 to E16 for all that Zixun prints or reads; here stand those that a
period's figures can break.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from bot.reports.counts import Balance
from bot.reports.figures import Figure, rate
from bot.reports.labels import BALANCE, DIMENSIONS

PERCENT = "%"
SUBSETS = (("Q1g", "Q1"), ("S1", "O*"))
"""Pairs of figures of which the first counts among the second."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: the message says what was checked, or what differs and by how much."""

    rule: str
    ok: bool
    message: str


class AuditError(Exception):
    """Figures that do not add up; ``findings`` are the rules they break."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(f"{item.rule} {item.message}" for item in findings))


def audit(
    figures: Sequence[Figure],
    *,
    balances: Sequence[Balance],
    heading: Mapping[str, str],
    impossible: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """What every rule says: one finding for a rule that holds, one for each breach of it.

    ``heading`` is what must not be empty (E8) by its Chinese name; ``impossible`` are receipts
    that a breach of E10 may be due to.
    """
    by_code = {figure.code: figure for figure in figures}
    rules: tuple[tuple[str, str, Callable[[], Iterator[str]]], ...] = (
        ("E1", "各维度分项之和等于总量", lambda: _parts(figures)),
        ("E2", "子集不大于全集", lambda: _subsets(by_code)),
        ("E3", "率等于分子除以分母", lambda: _rates(figures)),
        ("E8", "期间、机关、口径版本、数据截止时间都已写明", lambda: _heading(heading)),
        ("E9", "各月之和等于全年", lambda: _months(balances)),
        (
            "E10",
            "期初在办加本期受理等于本期办结加期末在办",
            lambda: _balances(balances, impossible=impossible),
        ),
        ("E13", "每个率都有分母", lambda: _denominators(figures)),
    )
    findings: list[Finding] = []
    for rule, holds, breaches in rules:
        if rule == "E9" and not balances[-1].period.is_year:
            continue
        found = [Finding(rule, False, message) for message in breaches()]
        findings += found or [Finding(rule, True, holds)]
    return tuple(findings)


def refuse_breaches(findings: Sequence[Finding]) -> None:
    """Raise AuditError if any rule is broken: such figures must not be printed."""
    broken = [finding for finding in findings if not finding.ok]
    if broken:
        raise AuditError(broken)


def _parts(figures: Sequence[Figure]) -> Iterator[str]:
    for figure in figures:
        for dimension, parts in figure.by.items():
            total = sum(parts.values())
            if total != figure.whole and dimension != "balance":  # that one is E10's
                yield (
                    f"{figure.label}（{figure.code}）按{DIMENSIONS[dimension]}分项之和为 {total}，"
                    f"总量为 {figure.whole}，相差 {total - figure.whole}"
                )


def _subsets(figures: Mapping[str, Figure]) -> Iterator[str]:
    for part, whole in SUBSETS:
        if part in figures and whole in figures and figures[part].n > figures[whole].n:
            yield (
                f"{figures[part].label}的 {figures[part].n} 件多于"
                f"{figures[whole].label}的 {figures[whole].n} 件"
            )
    for figure in figures.values():
        numerator, denominator = figure.numerator, figure.denominator
        if numerator is not None and denominator is not None and numerator > denominator:
            yield f"{figure.label}（{figure.code}）的分子 {numerator} 大于分母 {denominator}"


def _rates(figures: Sequence[Figure]) -> Iterator[str]:
    for figure in figures:
        if figure.numerator is None or figure.denominator is None:
            continue
        computed = rate(figure.numerator, figure.denominator)
        stated = figure.value
        if computed != (None if stated is None else Decimal(stated)):
            yield (
                f"{figure.label}（{figure.code}）写作 {_shown(stated)}，"
                f"{figure.numerator}/{figure.denominator} 应为 {_shown(computed)}"
            )


def _heading(heading: Mapping[str, str]) -> Iterator[str]:
    for name, value in heading.items():
        if not value.strip():
            yield f"没有写明{name}"


def _months(balances: Sequence[Balance]) -> Iterator[str]:
    whole, months = balances[-1], balances[:-1]
    for name, label in (("received", BALANCE["received"]), ("closed", BALANCE["closed"])):
        total, stated = sum(getattr(item, name) for item in months), getattr(whole, name)
        if total != stated:
            yield f"{label}各月之和为 {total}，全年为 {stated}，相差 {total - stated}"
    for before, after in pairwise(months):
        if before.ending != after.opening:
            yield (
                f"{before.period.label}期末在办 {before.ending} 件，"
                f"{after.period.label}期初在办 {after.opening} 件，"
                f"相差 {after.opening - before.ending}"
            )


def _balances(balances: Sequence[Balance], *, impossible: Sequence[str]) -> Iterator[str]:
    for item in balances:
        if item.difference:
            named = f"；首次办结早于受理的：{'、'.join(impossible)}" if impossible else ""
            yield (
                f"{item.period.label}期初在办 {item.opening} + 受理 {item.received} ≠ "
                f"办结 {item.closed} + 期末在办 {item.ending}，相差 {item.difference}{named}"
            )


def _denominators(figures: Sequence[Figure]) -> Iterator[str]:
    for figure in figures:
        if figure.unit == PERCENT and (figure.numerator is None or figure.denominator is None):
            yield f"{figure.label}（{figure.code}）没有分子或分母"


def _shown(value: int | Decimal | None) -> str:
    return "—" if value is None else f"{value}%"
