from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.desk.decisions import (
    act,
    choose,
    decide,
    escalate,
    fell_silent,
    may,
    open_guide,
    rate,
    settle,
    unreadable,
)
from bot.desk.inquiries import ReplyKind
from bot.desk.outcomes import OUTCOMES
from bot.desk.steps import Situation, Step
from bot.store.consultations import Consultation
from knowledge.guides import Guide
from knowledge.ladder import Decision
from knowledge.smalltalk import Command, SmallTalk
from knowledge.understanding import Understanding
from tests.bot.desk.made import DAY, MONDAY, closed, matter, rules, said, understood, verdict

STAFF_STATES = ["OPEN_QUEUE", "OPEN_STAFF", "TRANSFERRED", "WAITING_CITIZEN", "EXTENDED"]
WANTS_STAFF, SOLVED = said(Command.WANTS_STAFF), said(Command.SOLVED)
UNSOLVED, WITHDRAW = said(Command.UNSOLVED), said(Command.WITHDRAW)


@pytest.fixture
def comes(guides: Mapping[str, Guide]) -> Any:
    """The step of a message, given where the asker's matters stand."""

    def decided(
        understood: Understanding,
        current: Consultation | None = None,
        *earlier: Consultation,
        masked: Sequence[str] = (),
        text: str = "",
        **world: Any,
    ) -> Step:
        return decide(
            Situation(current, earlier),
            understood,
            masked=masked,
            now=MONDAY,
            rules=rules(guides, **world),
            text=text,
        )

    return decided


def kinds(step: Step) -> list[str]:
    return [reply.kind for reply in step.replies]


# Small talk.


@pytest.mark.parametrize("kind", list(SmallTalk))
def test_small_talk_alone_is_invalid_and_gets_a_fitting_reply(comes: Any, kind: SmallTalk) -> None:
    step = comes(said(kind))

    assert step.target is None
    assert step.becomes == {"state": "CLOSED", "outcome": "INVALID"}
    assert kinds(step) == [ReplyKind.SMALL_TALK]
    assert step.replies[0].values["kind"] == kind


@pytest.mark.parametrize("kind", list(SmallTalk))
def test_small_talk_within_a_matter_changes_nothing_in_it(comes: Any, kind: SmallTalk) -> None:
    current = matter(topic="D01")

    step = comes(said(kind), current)

    assert (step.target, step.becomes) == (current, {})


@pytest.mark.parametrize("kind", [SmallTalk.GREETING, SmallTalk.ABUSE, SmallTalk.BLANK])
@pytest.mark.parametrize("state", STAFF_STATES)
def test_who_waits_for_people_and_calls_out_is_told_where_it_stands(
    comes: Any, kind: SmallTalk, state: str
) -> None:
    assert kinds(comes(said(kind), matter(state))) == [ReplyKind.STATUS]


def test_thanks_are_answered_with_thanks_while_people_have_it(comes: Any) -> None:
    assert kinds(comes(said(SmallTalk.THANKS), matter("OPEN_QUEUE"))) == [ReplyKind.SMALL_TALK]


def test_a_message_of_nothing_but_a_phone_number_is_asked_what_it_is_about(comes: Any) -> None:
    step = comes(said(SmallTalk.BLANK), masked=["phone"], text="［电话号码］")

    assert step.replies[0].values == {"kind": "no_matter", "masked": ["phone"]}


def test_a_greeting_with_an_identity_number_is_asked_what_for(comes: Any) -> None:
    step = comes(said(SmallTalk.GREETING), masked=["identity_number"], text="你好［身份证号］")

    assert kinds(step) == [ReplyKind.CLARIFY]


# 转人工.


def test_who_wants_a_person_gets_into_the_queue_at_once(comes: Any) -> None:
    current = matter(topic="D01", clarifications=1)

    step = comes(WANTS_STAFF, current)

    assert (step.kind, step.target) == ("escalated", current)
    assert (step.becomes["state"], step.becomes["timer_at"]) == ("OPEN_QUEUE", None)
    assert step.becomes["labels"] == ["escalated"]
    assert kinds(step) == [ReplyKind.HANDED_OVER, ReplyKind.ESCALATION]


def test_also_who_has_not_said_anything_yet(comes: Any) -> None:
    step = comes(WANTS_STAFF)

    assert (step.target, step.becomes["state"]) == (None, "OPEN_QUEUE")


@pytest.mark.parametrize("state", STAFF_STATES)
def test_who_waits_already_is_told_where_it_stands(comes: Any, state: str) -> None:
    step = comes(WANTS_STAFF, matter(state))

    assert (step.kind, step.becomes, kinds(step)) == ("asked_status", {}, [ReplyKind.STATUS])


@pytest.mark.parametrize("outcome", ["REFERRED_12345", "OUT_OF_SCOPE", "ANSWERED_KB"])
def test_who_wants_a_person_after_an_answer_that_ended_it_means_that_matter(
    comes: Any, outcome: str
) -> None:
    ended = closed(outcome, closed_at=MONDAY - timedelta(hours=1))

    assert comes(WANTS_STAFF, None, closed("INVALID"), ended).target == ended


@pytest.mark.parametrize(
    "ended",
    [
        closed("ANSWERED_KB", labels=("confirmed",)),
        closed("WITHDRAWN"),
        closed("ANSWERED_KB", closed_at=MONDAY - 2 * DAY),
        closed("INVALID"),
    ],
)
def test_what_the_citizen_ended_or_ended_long_ago_is_not_meant(
    comes: Any, ended: Consultation
) -> None:
    assert comes(WANTS_STAFF, None, ended).target is None


def test_asking_for_a_person_after_a_persons_answer_is_a_second_handling(
    guides: Mapping[str, Guide],
) -> None:
    step = escalate(closed("ANSWERED_STAFF"), rules=rules(guides))

    assert step.becomes["labels"] == ["escalated", "redone"]


# 解决了, 没解决, 撤回, in words.


def test_solved_ends_the_matter_as_it_was_answered(comes: Any) -> None:
    step = comes(SOLVED, matter(topic="H01", expected_outcome="REFERRED_PUBLISHED"))

    assert (step.becomes["state"], step.becomes["outcome"]) == ("CLOSED", "REFERRED_PUBLISHED")
    assert kinds(step) == [ReplyKind.SOLVED]


def test_solved_shows_that_the_answer_arrived_after_all(comes: Any) -> None:
    step = comes(SOLVED, matter(topic="D01", expected_outcome="UNDELIVERABLE"))

    assert step.becomes["outcome"] == "ANSWERED_KB"


def test_solved_with_nothing_answered_is_small_talk(comes: Any) -> None:
    assert comes(SOLVED).becomes["outcome"] == "INVALID"
    assert comes(SOLVED, matter(clarifications=1)).becomes == {}
    assert comes(SOLVED, None, closed("ANSWERED_KB")).target is None


def test_unsolved_asks_to_put_it_in_other_words(comes: Any) -> None:
    current = matter(topic="D01", expected_outcome="ANSWERED_KB")

    step = comes(UNSOLVED, current)

    assert (step.target, step.becomes["labels"]) == (current, ["unsolved"])
    assert kinds(step) == [ReplyKind.UNSOLVED]


def test_none_of_the_choices_said_in_words_is_like_the_button(comes: Any) -> None:
    first = comes(UNSOLVED, matter(clarifications=1))
    second = comes(UNSOLVED, matter(clarifications=2))

    assert (first.kind, kinds(first)) == ("chosen", [ReplyKind.NO_CONFIDENCE])
    assert first.becomes["clarifications"] == 2
    assert second.becomes["state"] == "OPEN_QUEUE"


def test_unsolved_within_seven_days_reopens_the_last_matter(comes: Any) -> None:
    last = closed("ANSWERED_KB", topic="D01", closed_at=MONDAY - timedelta(days=7))

    step = comes(UNSOLVED, None, closed("INVALID"), last)

    assert step.target == last
    assert (step.becomes["state"], step.becomes["expected_outcome"]) == ("OPEN_BOT", "ANSWERED_KB")


def test_unsolved_after_that_is_about_nothing(comes: Any) -> None:
    old = closed("ANSWERED_KB", closed_at=MONDAY - timedelta(days=7, seconds=1))

    for step in (comes(UNSOLVED), comes(UNSOLVED, None, old), comes(WITHDRAW, None, old)):
        assert step.target is None
        assert step.replies[0].values["kind"] == "no_matter"


def test_what_a_person_answered_and_is_unsolved_goes_back_to_people_once(comes: Any) -> None:
    first = comes(UNSOLVED, None, closed("ANSWERED_STAFF", first_outcome="ANSWERED_KB"))
    second = comes(UNSOLVED, None, closed("ANSWERED_STAFF", labels=("redone",)))

    assert first.becomes["state"] == "OPEN_QUEUE"
    assert first.becomes["labels"] == ["unsolved", "redone"]
    assert (second.becomes["state"], kinds(second)) == ("OPEN_BOT", [ReplyKind.UNSOLVED])


def test_what_the_bot_answered_after_a_person_did_is_not_the_persons(comes: Any) -> None:
    step = comes(UNSOLVED, None, closed("ANSWERED_KB", first_outcome="ANSWERED_STAFF"))

    assert kinds(step) == [ReplyKind.UNSOLVED]


@pytest.mark.parametrize("message", [SOLVED, UNSOLVED])
def test_people_who_have_it_hear_what_the_citizen_says_of_it(
    comes: Any, message: Understanding
) -> None:
    step = comes(message, matter("OPEN_STAFF"))

    assert (step.kind, kinds(step)) == ("added", [ReplyKind.ADDED, ReplyKind.ESCALATION])


@pytest.mark.parametrize("state", ["OPEN_BOT", *STAFF_STATES])
def test_withdrawing_ends_it_in_any_state(comes: Any, state: str) -> None:
    step = comes(WITHDRAW, matter(state))

    assert (step.becomes["state"], step.becomes["outcome"]) == ("CLOSED", "WITHDRAWN")
    assert (ReplyKind.STAFF_NOTICE in kinds(step)) == (state != "OPEN_BOT")


# What is said, how.


def test_who_writes_in_traditional_characters_is_answered_in_them(comes: Any) -> None:
    for message in (
        said(Command.WANTS_STAFF, traditional=True),
        said(SmallTalk.THANKS, traditional=True),
        understood(verdict(Decision.ANSWER, "D01"), traditional=True),
    ):
        step = comes(message)
        assert step.replies[0].values["traditional"] is True
        assert step.facts["traditional"] is True
        assert all("traditional" not in reply.values for reply in step.replies[1:])


def test_both_sides_are_told_what_was_masked(comes: Any) -> None:
    step = comes(understood(verdict(Decision.HAND_OVER)), matter("OPEN_QUEUE"), masked=["phone"])

    assert [reply.values["masked"] for reply in step.replies] == [["phone"], ["phone"]]
    assert step.facts["masked"] == ["phone"]


def test_what_comes_when_nobody_is_at_work_is_marked(comes: Any) -> None:
    question = understood(verdict(Decision.CLARIFY))

    assert comes(question, after_hours=True).becomes["labels"] == ["clarified", "after_hours"]
    assert comes(question, after_hours=False).becomes["labels"] == ["clarified"]
    assert comes(question, matter(), after_hours=True).becomes["labels"] == ["clarified"]
    assert "labels" not in comes(said(SmallTalk.THANKS), after_hours=True).becomes


# Acts by button.


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        ("solved", matter(topic="D01")),
        ("unsolved", matter()),
        ("unsolved", closed("ANSWERED_KB", closed_at=MONDAY - 7 * DAY)),
        ("withdraw", matter("OPEN_QUEUE")),
        ("escalate", matter()),
        ("escalate", matter("OPEN_QUEUE")),
        ("escalate", closed("REJECTED")),
        ("rate", closed("ANSWERED_KB", closed_at=MONDAY - 30 * DAY)),
        ("rate", closed("ANSWERED_KB", rating="satisfied", labels=("reopened",))),
    ],
)
def test_an_act_that_the_state_allows(kind: str, allowed: Consultation) -> None:
    assert may(kind, allowed, now=MONDAY)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("solved", matter()),
        ("solved", matter("OPEN_QUEUE", topic="D01")),
        ("solved", closed("ANSWERED_KB", topic="D01")),
        ("unsolved", matter("OPEN_STAFF")),
        ("unsolved", closed("INVALID")),
        ("unsolved", closed("ANSWERED_KB", closed_at=MONDAY - 8 * DAY)),
        ("withdraw", closed("ANSWERED_KB")),
        ("escalate", closed("INVALID")),
        ("escalate", closed("ANSWERED_KB", closed_at=MONDAY - 8 * DAY)),
        ("rate", matter(topic="D01")),
        ("rate", closed("INVALID")),
        ("rate", closed("ANSWERED_KB", labels=("rated",))),
    ],
)
def test_an_act_that_the_state_refuses(kind: str, refused: Consultation) -> None:
    assert not may(kind, refused, now=MONDAY)


def test_there_are_no_other_acts() -> None:
    with pytest.raises(ValueError, match="delete"):
        may("delete", matter(), now=MONDAY)


def test_every_act_by_button_is_like_the_words(comes: Any, guides: Mapping[str, Guide]) -> None:
    current = matter(topic="D01", expected_outcome="ANSWERED_KB")
    for kind, words in {
        "solved": SOLVED,
        "unsolved": UNSOLVED,
        "withdraw": WITHDRAW,
        "escalate": WANTS_STAFF,
    }.items():
        tapped = act(kind, current, now=MONDAY, rules=rules(guides))
        assert (tapped.kind, tapped.becomes) == (
            comes(words, current).kind,
            comes(words, current).becomes,
        )


def test_a_rating_is_kept_and_thanked_for() -> None:
    step = rate(closed("ANSWERED_KB"), "mostly")

    assert step.becomes == {"rating": "mostly", "labels": ["rated"]}
    assert kinds(step) == [ReplyKind.RATED]


# Choosing.


def test_a_choice_is_answered_as_if_surely_asked(guides: Mapping[str, Guide]) -> None:
    step = choose(matter(clarifications=1), "D01", now=MONDAY, rules=rules(guides))

    assert (step.kind, step.facts["chosen"]) == ("chosen", "D01")
    assert (step.becomes["topic"], step.becomes["clarifications"]) == ("D01", 0)
    assert step.facts["choices"] == []


def test_a_choice_that_sends_elsewhere_closes_it(guides: Mapping[str, Guide]) -> None:
    step = choose(matter(clarifications=1), "E07", now=MONDAY, rules=rules(guides))

    assert step.becomes["outcome"] == "REFERRED_BUSINESS"
    assert kinds(step) == [ReplyKind.REFERRED]


def test_none_of_the_choices_is_another_clarification_and_then_goes_to_people(
    guides: Mapping[str, Guide],
) -> None:
    first = choose(matter(clarifications=1), None, now=MONDAY, rules=rules(guides))
    second = choose(matter(clarifications=2), None, now=MONDAY, rules=rules(guides))

    assert (kinds(first), first.becomes["clarifications"]) == ([ReplyKind.NO_CONFIDENCE], 2)
    assert kinds(second) == [ReplyKind.HANDED_OVER, ReplyKind.ESCALATION]
    assert second.facts["decision"] == Decision.HAND_OVER


def test_none_of_the_choices_leaves_an_earlier_answer_standing(
    guides: Mapping[str, Guide],
) -> None:
    answered = matter(topic="D01", expected_outcome="ANSWERED_KB", clarifications=1)

    step = choose(answered, None, now=MONDAY, rules=rules(guides))

    assert step.becomes["expected_outcome"] == "ANSWERED_KB"


# Picking from the list of guides.


def test_a_picked_guide_opens_a_matter(guides: Mapping[str, Guide]) -> None:
    step = open_guide(Situation(), "D01", now=MONDAY, rules=rules(guides))

    assert (step.target, step.becomes["topic"]) == (None, "D01")
    assert step.facts["probability"] == 1.0


@pytest.mark.parametrize("current", [matter(), matter(topic="D01"), matter(topics=("D01",))])
def test_a_picked_guide_about_the_same_stays(
    guides: Mapping[str, Guide], current: Consultation
) -> None:
    step = open_guide(Situation(current), "D01", now=MONDAY, rules=rules(guides))

    assert (step.target, step.settle) == (current, None)


def test_a_picked_guide_about_something_else_settles_the_old_matter(
    guides: Mapping[str, Guide],
) -> None:
    current = matter(topic="B01")

    step = open_guide(Situation(current), "D01", now=MONDAY, rules=rules(guides))

    assert (step.target, step.settle) == (None, current)


def test_picking_a_guide_does_not_disturb_what_people_have(guides: Mapping[str, Guide]) -> None:
    current = matter("OPEN_STAFF", topic="D01")

    step = open_guide(Situation(current), "D01", now=MONDAY, rules=rules(guides))

    assert (step.target, step.settle) == (None, None)
    assert kinds(step) == [ReplyKind.ANSWER]


def test_picking_a_guide_again_within_seven_days_is_a_duplicate(
    guides: Mapping[str, Guide],
) -> None:
    earlier = closed("ANSWERED_KB", topic="D01")

    step = open_guide(Situation(earlier=[earlier]), "D01", now=MONDAY, rules=rules(guides))

    assert step.becomes["outcome"] == "DUPLICATE"


@pytest.mark.parametrize("guide_id", ["I01", "I04", "E07"])
def test_a_picked_guide_that_sends_elsewhere_closes_the_matter(
    guides: Mapping[str, Guide], guide_id: str
) -> None:
    step = open_guide(Situation(), guide_id, now=MONDAY, rules=rules(guides))

    assert step.becomes["outcome"] == guides[guide_id].outcome
    assert kinds(step) == [ReplyKind.REFERRED]


def test_every_guide_can_be_picked(guides: Mapping[str, Guide]) -> None:
    for guide_id in guides:
        step = open_guide(Situation(), guide_id, now=MONDAY, rules=rules(guides))
        outcome = step.becomes.get("outcome") or step.becomes["expected_outcome"]
        assert outcome in OUTCOMES


# What cannot be read, silence, and going on to something else.


def test_a_photo_alone_is_invalid_and_in_a_matter_changes_nothing() -> None:
    assert unreadable(None, "photo").becomes["outcome"] == "INVALID"
    assert unreadable(matter("OPEN_STAFF"), "photo").becomes == {}
    assert unreadable(None, "photo").replies[0].values == {"medium": "photo"}


def test_silence_makes_what_was_expected_the_outcome() -> None:
    answered = fell_silent(matter(expected_outcome="REFERRED_PUBLISHED"))
    asked_back = fell_silent(matter(expected_outcome="ABANDONED"))

    assert answered.becomes == {"state": "CLOSED", "outcome": "REFERRED_PUBLISHED"}
    assert answered.replies == ()
    assert asked_back.becomes["outcome"] == "ABANDONED"
    assert kinds(asked_back) == [ReplyKind.SILENT_CLOSE]
    assert fell_silent(matter(expected_outcome="ABANDONED"), quietly=True).replies == ()


def test_going_on_to_something_else_ends_the_old_matter_as_answered() -> None:
    assert settle(matter(expected_outcome="ANSWERED_KB")).becomes["outcome"] == "ANSWERED_KB"
    assert settle(matter()).becomes["outcome"] == "ABANDONED"
    assert settle(matter()).replies == ()
