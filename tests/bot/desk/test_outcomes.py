import pytest

from bot.desk.outcomes import (
    CLOSED,
    INVALID,
    LABELS,
    OPEN_STATES,
    OUTCOMES,
    OWNER_OF_STATE,
    Family,
    outcome_label,
)
from bot.store.tables import consultations
from knowledge.guides import GUIDE_OUTCOMES
from tests.bot.desk.made import width


def test_every_outcome_is_listed_under_its_own_code_with_a_label_and_a_family() -> None:
    assert len(OUTCOMES) == 18
    for code, outcome in OUTCOMES.items():
        assert outcome.code == code
        assert outcome.label
        assert isinstance(outcome.family, Family)
    assert len({outcome.label for outcome in OUTCOMES.values()}) == len(OUTCOMES)


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        (Family.ANSWERED, {"ANSWERED_KB", "ANSWERED_STAFF", "ANSWERED_AGENCY"}),
        (Family.REFERRED, {"REFERRED_PUBLISHED", "REFERRED_APPLICATION", "REFERRED_AGENCY"}),
        (Family.UNANSWERED, {"OUT_OF_SCOPE", "REJECTED"}),
        (Family.OTHER, {"DUPLICATE", "ABANDONED", "WITHDRAWN", "UNDELIVERABLE"}),
        (Family.INVALID, {INVALID}),
    ],
)
def test_families_hold_the_outcomes_that_reports_count_together(
    family: Family, codes: set[str]
) -> None:
    assert {code for code, outcome in OUTCOMES.items() if outcome.family == family} == codes


def test_what_a_guide_can_yield_is_an_outcome() -> None:
    assert set(OUTCOMES) >= GUIDE_OUTCOMES


def test_every_state_has_an_owner_and_every_owner_a_state() -> None:
    assert set(OWNER_OF_STATE) == {*OPEN_STATES, CLOSED}
    assert set(OWNER_OF_STATE.values()) == {
        "bot", "queue", "person", "agency", "citizen", "closed",
    }  # fmt: skip


def test_codes_fit_their_columns() -> None:
    columns = consultations.c
    assert max(map(len, OUTCOMES)) <= width(columns.outcome)
    assert max(map(len, OWNER_OF_STATE)) <= width(columns.state)
    assert max(map(len, OWNER_OF_STATE.values())) <= width(columns.owner)


def test_labels_are_for_people() -> None:
    assert outcome_label("REFERRED_12345") == "诉求、投诉，引导12345"
    assert outcome_label(None) == "在办"
    assert all(not label.isascii() for label in (*OPEN_STATES.values(), *LABELS.values()))
