"""Figures against a second count, made from the events with other code."""

import itertools
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.reports.counts import count
from bot.reports.figures import SIGNED, rate
from bot.reports.periods import Period, months_of, parse_month, parse_year
from bot.reports.statement import Statement, make_statement
from bot.store import facts
from bot.store.database import Database
from tests.bot.reports.logbook import (
    LABELS,
    NOW,
    ZONE,
    Matter,
    busy_year,
    histories,
    local,
    log_of,
    recount,
)

OCTOBER = parse_month("2026-10")


async def statement_of(database: Database, period: Period) -> Statement:
    return await database.read(
        lambda connection: make_statement(
            facts.between(connection, start=period.start(ZONE), end=period.end(ZONE)),
            period=period,
            office="青岚州人民政府办公室",
            labels=LABELS,
            zone=ZONE,
            cut_off=NOW,
        )
    )


def without_zeros(parts: object) -> dict[str, int]:
    assert isinstance(parts, dict)
    return {key: number for key, number in parts.items() if number}


async def test_every_month_and_the_year_agree_with_a_recount_of_the_events(tmp_path: Path) -> None:
    async with log_of(busy_year(400), tmp_path) as database:
        told = await histories(database)
        for period in (*months_of(2026), parse_year("2026")):
            statement = await statement_of(database, period)
            expected = recount(told, period.key)

            for code in ("Q1", "Q1g", "Q2", "Q3", "O*"):
                assert statement.figure(code).value == expected[code], (period.key, code)
            received = statement.figure("Q1").by
            assert without_zeros(received["channel"]) == expected["channel"]
            assert without_zeros(received["topic"]) == expected["topic"]
            assert without_zeros(statement.figure("O*").by["outcome"]) == expected["outcome"]
            assert statement.figure("S1").denominator == expected["rated"]
            assert statement.figure("X0").by["balance"]["opening"] == expected["opening"]


async def test_twelve_months_make_the_year(tmp_path: Path) -> None:
    async with log_of(busy_year(400), tmp_path) as database:
        year = await statement_of(database, parse_year("2026"))
        months = [await statement_of(database, month) for month in months_of(2026)]

    assert year.figure("Q1").value
    for code in ("Q1", "Q1g", "Q2", "Q3", "O*"):
        assert sum(month.figure(code).whole for month in months) == year.figure(code).value
    assert [month.figure("Q1").value for month in months] == list(
        year.figure("Q1").by["month"].values()
    )
    for before, after in itertools.pairwise(months):
        assert before.balances[-1].ending == after.balances[-1].opening
    assert [month.balances[-1] for month in months] == list(year.balances[:-1])


async def test_the_parts_of_every_figure_add_up(tmp_path: Path) -> None:
    async with log_of(busy_year(400), tmp_path) as database:
        statement = await statement_of(database, OCTOBER)

    assert all(finding.ok for finding in statement.audit)
    assert {"E1", "E10"} <= {finding.rule for finding in statement.audit}
    checked = 0
    for figure in statement.figures:
        for dimension, parts in figure.by.items():
            assert sum(parts.values()) == figure.whole
            assert dimension in SIGNED or min(parts.values()) >= 0
            checked += 1
    assert checked > 20


async def test_a_month_begins_and_ends_at_midnight_of_the_office(tmp_path: Path) -> None:
    matters = [
        Matter(opened=local("2026-09-30 23:59:59.999999")),
        Matter(opened=local("2026-10-01 00:00"), asker="Bob"),
        Matter(opened=local("2026-10-31 23:59:59.999999"), asker="Charlie"),
        Matter(opened=local("2026-11-01 00:00"), asker="Dora"),
    ]
    async with log_of(matters, tmp_path) as database:
        statement = await statement_of(database, OCTOBER)

    assert statement.figure("Q1").value == 2
    assert statement.figure("X0").by["balance"] == {"opening": 1, "received": 2, "closed": 0}
    assert statement.figure("X0").value == 3


async def test_what_was_reopened_stays_closed_when_it_was_first_closed(tmp_path: Path) -> None:
    matter = Matter(
        opened=local("2026-10-30 10:00"),
        closed=local("2026-10-31 20:00"),
        outcome="REFERRED_PUBLISHED",
        reopened=True,
    )
    async with log_of([matter], tmp_path) as database:
        october = await statement_of(database, OCTOBER)
        november = await statement_of(database, parse_month("2026-11"))

    assert without_zeros(october.figure("O*").by["outcome"]) == {"REFERRED_PUBLISHED": 1}
    assert october.figure("X0").value == 0
    assert november.figure("O*").value == 0


async def test_the_bridge_leads_from_all_received_to_disclosure_without_counting_twice(
    tmp_path: Path,
) -> None:
    day = local("2026-10-08 09:30")
    matters = [
        Matter(opened=day, closed=day, outcome="ANSWERED_KB"),
        Matter(opened=day, closed=day, outcome="REFERRED_PETITION", asker="Bob"),
        # Neither by nature nor by outcome: taken off once.
        Matter(
            opened=day, closed=day, outcome="REFERRED_PETITION", asker="Cai", nature="complaint"
        ),
        Matter(opened=day, asker="Dora"),
        Matter(opened=day, closed=day, outcome="INVALID", asker="Eve"),
    ]
    async with log_of(matters, tmp_path) as database:
        disclosure = (await statement_of(database, OCTOBER)).figure("Q1g")

    assert disclosure.value == 2
    assert without_zeros(disclosure.by["bridge"]) == {
        "Q1": 4,
        "complaint": -1,
        "REFERRED_PETITION": -1,
    }


async def test_people_are_counted_once_a_day_in_each_channel(tmp_path: Path) -> None:
    first, later = local("2026-10-08 09:30"), local("2026-10-08 23:50")
    next_day = local("2026-10-09 00:10")
    matters = [
        Matter(opened=first),
        Matter(opened=later),
        Matter(opened=next_day),
        Matter(opened=first, channel="telegram"),
        Matter(opened=first, asker="Bob"),
    ]
    async with log_of(sorted(matters, key=lambda item: item.opened), tmp_path) as database:
        people = (await statement_of(database, OCTOBER)).figure("Q3")

    assert people.value == 4
    assert without_zeros(people.by["channel"]) == {"web": 3, "telegram": 1}


async def test_an_empty_month_is_zeros_and_undefined_rates(tmp_path: Path) -> None:
    async with log_of([], tmp_path) as database:
        statement = await statement_of(database, OCTOBER)

    assert statement.figure("Q1").value == 0
    satisfied = statement.figure("S1")
    assert (satisfied.value, satisfied.numerator, satisfied.denominator) == (None, 0, 0)


async def test_facts_out_of_order_are_not_counted_wrongly(tmp_path: Path) -> None:
    days = [local("2026-10-08 09:30"), local("2026-10-09 09:30")]
    async with log_of([Matter(opened=day) for day in days], tmp_path) as database:
        read = await database.read(
            lambda connection: list(
                facts.between(connection, start=OCTOBER.start(ZONE), end=OCTOBER.end(ZONE))
            )
        )

    with pytest.raises(ValueError, match="order of opening"):
        count(reversed(read), period=OCTOBER, zone=ZONE, labels=LABELS)


async def test_an_unknown_channel_is_counted_as_unknown(tmp_path: Path) -> None:
    async with log_of([Matter(opened=local("2026-10-08 09:30"))], tmp_path) as database:
        read = await database.read(
            lambda connection: list(
                facts.between(connection, start=OCTOBER.start(ZONE), end=OCTOBER.end(ZONE))
            )
        )
    strange = replace(read[0], channel="pigeon", nature="riddle", caller_type="ghost")

    counts = count([strange], period=OCTOBER, zone=ZONE, labels=LABELS)

    for dimension in ("channel", "nature", "caller"):
        assert counts.by("Q1", dimension) == {"unknown": 1}


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (1974, 2899, "68.1"),
        (1928, 1974, "97.7"),
        (1, 8, "12.5"),
        (1, 16, "6.3"),  # 6.25: half goes up, not to the even digit
        (1, 2000, "0.1"),  # 0.05
        (0, 5, "0.0"),
        (5, 5, "100.0"),
    ],
)
def test_rates_are_rounded_half_up(numerator: int, denominator: int, expected: str) -> None:
    assert rate(numerator, denominator) == Decimal(expected)


def test_a_rate_of_nothing_is_undefined() -> None:
    assert rate(0, 0) is None
