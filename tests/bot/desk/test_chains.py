from dataclasses import replace
from typing import Any

import pytest

from bot.desk.chains import Flaw, flaws, rebuild
from bot.store.consultations import Consultation
from bot.store.events import Event
from tests.bot.desk.conftest import House, Phrases
from tests.bot.desk.made import DAY


@pytest.fixture
async def life(house: House, phrases: Phrases) -> tuple[Consultation, list[Event]]:
    """A consultation to which much has happened, with its events."""
    asked = await house.says(phrases.sure["D01"])
    await house.taps("solved", asked)
    await house.taps("rate:dissatisfied", asked, note="没说清楚")
    await house.taps("unsolved", asked)
    await house.taps("escalate", asked, note="请打电话")
    await house.staff_reply(asked, "您好，不收费。")
    return await house.row(asked), await house.log(asked)


def test_a_row_is_rebuilt_from_its_events(life: tuple[Consultation, list[Event]]) -> None:
    row, log = life

    assert len(log) == 7
    assert rebuild(row.receipt, log) == row
    assert flaws(row, log) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "asked"},
        {"actor": "timer"},
        {"facts": {"becomes": {"labels": ["confirmed"]}}},
        {"text_digest": b"x" * 32},
    ],
)
def test_a_changed_event_is_found(
    life: tuple[Consultation, list[Event]], change: dict[str, Any]
) -> None:
    row, log = life
    log[1] = replace(log[1], **change)

    assert Flaw.DIGEST in flaws(row, log)


def test_another_time_of_an_event_is_found(life: tuple[Consultation, list[Event]]) -> None:
    row, log = life
    log[2] = replace(log[2], at=log[2].at - DAY)

    assert Flaw.DIGEST in flaws(row, log)


def test_a_removed_event_is_found(life: tuple[Consultation, list[Event]]) -> None:
    row, log = life
    del log[3]

    assert {Flaw.GAP, Flaw.DIGEST} <= set(flaws(row, log))


def test_a_removed_last_event_is_found(life: tuple[Consultation, list[Event]]) -> None:
    row, log = life

    assert flaws(row, log[:-1]) == (Flaw.ROW,)


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "web"},
        {"asker": b"z" * 32},
        {"outcome": "ANSWERED_KB"},
        {"rating": "satisfied"},
        {"topic": "C01"},
        {"labels": ()},
        {"digest": b"z" * 32},
    ],
)
def test_a_changed_row_is_found(
    life: tuple[Consultation, list[Event]], change: dict[str, Any]
) -> None:
    row, log = life

    assert flaws(replace(row, **change), log) == (Flaw.ROW,)


def test_events_of_another_receipt_do_not_fit(life: tuple[Consultation, list[Event]]) -> None:
    row, log = life

    assert Flaw.DIGEST in flaws(replace(row, receipt="26112300000007"), log)


def test_a_consultation_without_events_is_no_consultation(
    life: tuple[Consultation, list[Event]],
) -> None:
    row, log = life

    assert flaws(row, []) == (Flaw.NO_EVENTS,)
    with pytest.raises(ValueError, match="begins with an event"):
        rebuild(row.receipt, [])
    with pytest.raises(ValueError, match="opened"):
        rebuild(row.receipt, log[1:])


def test_events_that_lead_nowhere_are_found(life: tuple[Consultation, list[Event]]) -> None:
    row, log = life
    log[1] = replace(log[1], facts={"becomes": {"state": "CLOSED"}})

    assert Flaw.IMPOSSIBLE in flaws(row, log)
