from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.desk.inquiries import Reply, ReplyKind
from bot.desk.steps import (
    REOPEN_WITHIN,
    SILENCE,
    Situation,
    Step,
    answered,
    handed_over,
    is_recent,
    leant_on,
    quoted,
    standing,
    unsure,
    waiting,
    with_staff,
    with_values,
)
from knowledge.guides import Guide
from knowledge.ladder import Decision
from tests.bot.desk.made import (
    DAY,
    MONDAY,
    TUESDAY_EVENING,
    closed,
    found,
    matter,
    rules,
    verdict,
)

ASKING = Reply(ReplyKind.CLARIFY, {"choices": ["B01", "C01"]})


@pytest.mark.parametrize("state", ["OPEN_QUEUE", "OPEN_STAFF", "TRANSFERRED", "EXTENDED"])
def test_people_have_what_is_open_and_not_the_bots(state: str) -> None:
    assert with_staff(matter(state))
    assert not with_staff(matter())
    assert not with_staff(closed("ANSWERED_KB"))
    assert not with_staff(None)


def test_small_talk_that_was_closed_is_nothing_recent() -> None:
    within = timedelta(days=7)

    assert is_recent(closed("ANSWERED_KB"), now=MONDAY + within, within=within)
    assert not is_recent(closed("ANSWERED_KB"), now=MONDAY + within + DAY, within=within)
    assert not is_recent(closed("INVALID"), now=MONDAY, within=within)
    assert not is_recent(matter(), now=MONDAY, within=within)


def test_a_follow_up_leans_on_the_open_matter_or_the_last_that_just_ended() -> None:
    chat, ended, older = closed("INVALID"), closed("REFERRED_12345"), closed("ANSWERED_KB", id=2)
    current = matter(id=3)

    def leant(situation: Situation, **later: float) -> object:
        return leant_on(situation, now=MONDAY + timedelta(**later), silence=SILENCE)

    assert leant(Situation(current=current, earlier=[ended])) == current
    assert leant(Situation(earlier=[chat, ended, older])) == ended
    assert leant(Situation(earlier=[ended]), hours=25) is None
    assert leant(Situation()) is None


def test_silence_ends_after_as_long_as_the_office_says(guides: Mapping[str, Guide]) -> None:
    becomes = waiting(MONDAY, rules(guides, silence=timedelta(hours=3)))

    assert becomes == {"state": "OPEN_BOT", "timer_at": "2026-11-23T05:30:00+00:00"}


@pytest.mark.parametrize(
    ("outcome", "topic", "expected"),
    [
        ("ANSWERED_STAFF", "D01", "ANSWERED_STAFF"),
        ("REFERRED_12345", "I01", "REFERRED_12345"),
        ("DUPLICATE", "D01", "DUPLICATE"),
        ("UNDELIVERABLE", "H01", "REFERRED_PUBLISHED"),
        ("WITHDRAWN", "D01", "ANSWERED_KB"),
        ("WITHDRAWN", "a-guide-long-gone", "WITHDRAWN"),
        ("ABANDONED", None, None),
    ],
)
def test_an_answer_stands_even_if_what_came_after_it_said_otherwise(
    guides: Mapping[str, Guide], outcome: str, topic: str | None, expected: str | None
) -> None:
    assert standing(closed(outcome, topic=topic), rules(guides)) == expected
    assert standing(matter(expected_outcome=outcome, topic=topic), rules(guides)) == expected


# Answering.


def answer(guides: Mapping[str, Guide], target: object, *ids: str, refer: bool = False) -> Step:
    decided = verdict(Decision.REFER if refer else Decision.ANSWER, *ids)
    return answered(
        "asked",
        target,  # type: ignore[arg-type]
        decided,
        facts={"decision": decided.decision},
        values={},
        now=MONDAY,
        rules=rules(guides),
    )


def test_an_answer_waits_for_the_citizen_with_the_guides_own_outcome(
    guides: Mapping[str, Guide],
) -> None:
    step = answer(guides, None, "H01")

    assert step.becomes["state"] == "OPEN_BOT"
    assert step.becomes["expected_outcome"] == "REFERRED_PUBLISHED"
    assert step.becomes["topic"] == "H01"
    assert step.facts["answers"] == [
        {"guide_id": "H01", "version": guides["H01"].version, "passage": 0}
    ]
    assert [reply.kind for reply in step.replies] == [ReplyKind.ANSWER]


@pytest.mark.parametrize("similarity", [0.3, 1.0])
def test_an_answer_to_words_says_whether_they_were_the_guides_own(
    guides: Mapping[str, Guide], similarity: float
) -> None:
    decided = verdict(Decision.ANSWER, "H01", "D01", reason="several_parts")

    first, second = quoted(decided, rules(guides), match=found("H01", similarity=similarity))

    assert first["literal"] is (similarity == 1.0)
    assert second["literal"] is False


@pytest.mark.parametrize(
    ("guide_id", "reason"),
    [("C01", "filing"), ("I04", "despair"), ("I04", "sure"), ("I01", "grievance")],
)
def test_what_no_wording_found_or_danger_speaks_for_is_not_explained(
    guides: Mapping[str, Guide], guide_id: str, reason: str
) -> None:
    decided = verdict(Decision.ANSWER, guide_id, reason=reason)

    (answer,) = quoted(decided, rules(guides), match=found(guide_id, similarity=0.3))

    assert "literal" not in answer


def test_a_guide_that_was_picked_is_not_explained(guides: Mapping[str, Guide]) -> None:
    (answer,) = quoted(verdict(Decision.ANSWER, "H01", reason="sure"), rules(guides))

    assert "literal" not in answer


def test_a_referral_closes_a_new_matter(guides: Mapping[str, Guide]) -> None:
    step = answer(guides, None, "I01", refer=True)

    assert (step.becomes["state"], step.becomes["outcome"]) == ("CLOSED", "REFERRED_12345")
    assert step.becomes["nature"] == "help"
    assert [reply.kind for reply in step.replies] == [ReplyKind.REFERRED]


def test_a_referral_within_an_answered_matter_leaves_its_outcome(
    guides: Mapping[str, Guide],
) -> None:
    target = matter(topic="D01", expected_outcome="ANSWERED_KB")

    step = answer(guides, target, "I01", refer=True)

    assert step.becomes["state"] == "OPEN_BOT"
    assert step.becomes["expected_outcome"] == "ANSWERED_KB"
    assert step.becomes["topic"] == "D01"
    assert step.becomes["topics"] == ["I01"]


def test_of_several_answers_the_first_is_the_topic(guides: Mapping[str, Guide]) -> None:
    step = answer(guides, None, "B01", "D01", "C01")

    assert (step.becomes["topic"], step.becomes["topics"]) == ("B01", ["D01", "C01"])
    assert len(step.replies[0].values["answers"]) == 3


def test_an_answer_to_who_could_not_be_reached_before_counts_again(
    guides: Mapping[str, Guide],
) -> None:
    target = matter(topic="D01", expected_outcome="UNDELIVERABLE")

    assert answer(guides, target, "D01").becomes["expected_outcome"] == "ANSWERED_KB"


def test_parts_that_are_asked_back_about_are_offered_with_the_answer(
    guides: Mapping[str, Guide],
) -> None:
    decided = verdict(Decision.ANSWER, "B01", choices=("D01", "D02"))

    step = answered("asked", None, decided, facts={}, values={}, now=MONDAY, rules=rules(guides))

    assert step.replies[0].values["choices"] == ["D01", "D02"]
    assert step.facts["choices"] == ["D01", "D02"]


def test_an_answer_ends_the_row_of_clarifications(guides: Mapping[str, Guide]) -> None:
    assert answer(guides, matter(clarifications=2), "D01").becomes["clarifications"] == 0


# Asking back.


def ask_back(guides: Mapping[str, Guide], target: object) -> Step:
    return unsure(
        "asked",
        target,  # type: ignore[arg-type]
        facts={"choices": ["B01", "C01"]},
        reply=ASKING,
        now=MONDAY,
        rules=rules(guides),
    )


@pytest.mark.parametrize("so_far", [0, 1])
def test_two_clarifications_in_a_row_are_counted(guides: Mapping[str, Guide], so_far: int) -> None:
    step = ask_back(guides, matter(clarifications=so_far))

    assert step.becomes["clarifications"] == so_far + 1
    assert step.becomes["expected_outcome"] == "ABANDONED"
    assert step.replies == (ASKING,)


def test_a_third_goes_to_people_and_offers_nothing_more(guides: Mapping[str, Guide]) -> None:
    step = ask_back(guides, matter(clarifications=2))

    assert step.becomes["state"] == "OPEN_QUEUE"
    assert step.becomes["due_at"] == TUESDAY_EVENING.isoformat()
    assert step.facts["decision"] == Decision.HAND_OVER
    assert step.facts["choices"] == []
    assert [reply.kind for reply in step.replies] == [
        ReplyKind.HANDED_OVER,
        ReplyKind.ESCALATION,
    ]


def test_asking_back_in_an_answered_matter_does_not_undo_its_answer(
    guides: Mapping[str, Guide],
) -> None:
    target = matter(topic="H01", expected_outcome="REFERRED_PUBLISHED")

    assert ask_back(guides, target).becomes["expected_outcome"] == "REFERRED_PUBLISHED"


# Handing over.


def test_what_could_be_answered_is_given_with_the_handing_over(
    guides: Mapping[str, Guide],
) -> None:
    step = handed_over(
        "asked",
        None,
        facts={"choices": ["D01"]},
        values={"open_places": [[3, 4]]},
        rules=rules(guides),
        verdict=verdict(Decision.HAND_OVER, "B01", "C01"),
    )

    citizen, staff = step.replies
    assert [item["guide_id"] for item in citizen.values["answers"]] == ["B01", "C01"]
    assert citizen.values["open_places"] == [[3, 4]]
    assert (step.becomes["topic"], step.becomes["topics"]) == ("B01", ["C01"])
    assert step.becomes["answered"]
    assert staff.audience == "staff"


def test_handing_over_an_answered_matter_keeps_its_topic(guides: Mapping[str, Guide]) -> None:
    step = handed_over(
        "asked",
        matter(topic="D01"),
        facts={},
        values={},
        rules=rules(guides),
        verdict=verdict(Decision.HAND_OVER, "B01"),
    )

    assert (step.becomes["topic"], step.becomes["topics"]) == ("D01", ["B01"])


def test_handing_over_without_an_answer_says_nothing_of_a_topic(
    guides: Mapping[str, Guide],
) -> None:
    step = handed_over(
        "asked", None, facts={}, values={}, rules=rules(guides),
        verdict=verdict(Decision.HAND_OVER),
    )  # fmt: skip

    assert "topic" not in step.becomes
    assert step.becomes["timer_at"] is None
    assert step.becomes["expected_outcome"] is None


def test_values_are_added_to_what_each_side_is_told() -> None:
    told = Reply(ReplyKind.ESCALATION, {"added": True}, audience="staff")
    step = Step("added", None, {}, {}, (ASKING, told))

    citizen, staff = with_values(
        step, citizen={"traditional": True}, staff={"masked": ["phone"]}
    ).replies

    assert citizen.values == {"choices": ["B01", "C01"], "traditional": True}
    assert staff.values == {"added": True, "masked": ["phone"]}


def test_a_week_is_as_long_as_a_matter_can_be_reopened() -> None:
    assert timedelta(days=7) == REOPEN_WITHIN
