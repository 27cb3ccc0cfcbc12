"""What does not add up is refused, and the difference is named."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.reports.audit import AuditError, Finding, audit, refuse_breaches
from bot.reports.counts import Balance
from bot.reports.figures import Figure
from bot.reports.periods import Period, months_of, parse_month
from bot.reports.statement import make_statement
from bot.store import facts
from tests.bot.reports.logbook import LABELS, NOW, ZONE, Matter, local, log_of

OCTOBER = parse_month("2026-10")
SOUND = Figure("Q1", 5, n=5, by={"channel": {"web": 3, "telegram": 2}})
EVEN = Balance(OCTOBER, opening=2, received=5, closed=4, ending=3)
HEADING = {"期间": "2026-10", "机关": "青岚州人民政府办公室"}


def broken(
    *figures: Figure,
    balances: Sequence[Balance] = (EVEN,),
    heading: dict[str, str] = HEADING,
    impossible: Sequence[str] = (),
) -> list[Finding]:
    found = audit(figures, balances=balances, heading=heading, impossible=impossible)
    return [finding for finding in found if not finding.ok]


def test_figures_that_add_up_pass_every_rule() -> None:
    satisfied = Figure("S1", Decimal("97.7"), n=1974, numerator=1928, denominator=1974)

    assert broken(SOUND, satisfied) == []
    refuse_breaches(audit([SOUND], balances=[EVEN], heading=HEADING))


def test_parts_that_miss_the_total_are_named_with_the_difference() -> None:
    (finding,) = broken(replace(SOUND, by={"channel": {"web": 3, "telegram": 1}}))

    assert finding.rule == "E1"
    assert "按渠道分项之和为 4，总量为 5，相差 -1" in finding.message


def test_a_subset_larger_than_its_whole_is_refused() -> None:
    disclosure = Figure("Q1g", 6, n=6)
    (finding,) = broken(SOUND, disclosure)
    assert (finding.rule, "6 件多于" in finding.message) == ("E2", True)


def test_the_seeds_wrong_rate_is_refused_with_the_right_one() -> None:
    (finding,) = broken(Figure("S1", Decimal("90.4"), n=2899, numerator=1974, denominator=2899))

    assert finding.rule == "E3"
    assert "写作 90.4%，1974/2899 应为 68.1%" in finding.message


def test_a_rate_without_a_denominator_is_refused() -> None:
    (finding,) = broken(Figure("S1", Decimal("90.4"), n=10))
    assert finding.rule == "E13"


def test_a_heading_with_nothing_in_it_is_refused() -> None:
    (finding,) = broken(SOUND, heading={**HEADING, "机关": " "})
    assert (finding.rule, finding.message) == ("E8", "没有写明机关")


def test_a_month_out_of_balance_is_refused_with_the_difference() -> None:
    (finding,) = broken(SOUND, balances=[replace(EVEN, ending=1)], impossible=["26100800000019"])

    assert finding.rule == "E10"
    assert "2 + 受理 5 ≠ 办结 4 + 期末在办 1，相差 2" in finding.message
    assert "26100800000019" in finding.message


def test_months_that_miss_the_year_are_refused() -> None:
    months = [Balance(month, 0, 1, 1, 0) for month in months_of(2026)]
    year = Balance(Period(2026), 0, 12, 12, 0)
    assert broken(SOUND, balances=[*months, year]) == []

    (missing,) = broken(SOUND, balances=[*months, replace(year, received=13, ending=1)])
    assert missing.rule == "E9"
    assert "本期受理各月之和为 12，全年为 13，相差 -1" in missing.message

    months[3] = replace(months[3], opening=1, closed=2)
    year = replace(year, closed=13, opening=1)
    (gap,) = broken(SOUND, balances=[*months, year])
    assert "2026年3月期末在办 0 件，2026年4月期初在办 1 件" in gap.message


async def test_a_log_in_which_something_closed_before_it_opened_is_not_printed(
    tmp_path: Path,
) -> None:
    matter = Matter(
        opened=local("2026-10-08 09:30"), closed=local("2026-09-01 09:30"), outcome="ANSWERED_KB"
    )
    async with log_of([matter], tmp_path) as database:
        with pytest.raises(AuditError, match="E10") as refused:
            await database.read(
                lambda connection: make_statement(
                    facts.between(connection, start=OCTOBER.start(ZONE), end=OCTOBER.end(ZONE)),
                    period=OCTOBER,
                    office="青岚州人民政府办公室",
                    labels=LABELS,
                    zone=ZONE,
                    cut_off=NOW,
                )
            )

    (finding,) = refused.value.findings
    assert "相差 1；首次办结早于受理的：261008" in finding.message
