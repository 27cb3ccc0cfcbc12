from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.desk.inquiries import ReplyKind
from bot.desk.questions import answering_which_day, asks_for_day, question, readable
from bot.desk.steps import Situation, Step
from bot.store.consultations import Consultation
from knowledge.guides import Guide
from knowledge.ladder import Decision, Verdict
from knowledge.privacy import mask
from knowledge.understanding import Understanding
from tests.bot.desk.made import (
    DAY,
    MONDAY,
    closed,
    filed,
    found,
    matter,
    rules,
    understood,
    verdict,
)

IDENTITY = "110101199003074514"
NOVEMBER_3 = filed(date(2026, 11, 3))

ANSWER = understood(verdict(Decision.ANSWER, "D01"))
CLARIFY = understood(verdict(Decision.CLARIFY, choices=("B01", "C01", "D01")))
UNKNOWN = understood(verdict(Decision.HAND_OVER, reason="unknown"))
OFF_TOPIC = understood(verdict(Decision.DECLINE, reason="off_topic"))
PRYING = understood(verdict(Decision.DECLINE, reason="privacy"))
EMERGENCY = understood(verdict(Decision.REFER, "I04", reason="emergency"))


@pytest.fixture
def asked(guides: Mapping[str, Guide]) -> Any:
    """The step of a question, with nothing else going on unless the test says so."""

    def ask(understood: Understanding, **around: Any) -> Step:
        text = around.pop("text", "申请公开要收费吗")
        situation = Situation(
            current=around.pop("current", None), earlier=around.pop("earlier", ())
        )
        return question(
            situation,
            understood,
            masked=around.pop("masked", ()),
            now=around.pop("now", MONDAY),
            rules=rules(guides),
            text=text,
            stays=around.pop("stays", False),
        )

    return ask


def topics_given(step: Step) -> list[str]:
    return [item["guide_id"] for item in step.facts.get("answers", ())]


# What is kept of how it was found.


def test_the_likeliest_candidates_are_logged_without_the_words_that_found_them(
    asked: Any,
) -> None:
    match = found("D01", "D02", "B01", "C01", words=("收费",))

    step = asked(replace(ANSWER, match=match), text="申请公开要收费吗")

    logged = step.facts["candidates"]
    assert [item["guide_id"] for item in logged] == ["D01", "D02", "B01"]
    assert logged[0]["words"] == [[5, 7]]
    assert "收费" not in str(logged)


def test_a_candidate_that_may_not_be_given_today_is_not_logged(asked: Any) -> None:
    step = asked(replace(UNKNOWN, match=found("a-guide-long-gone")))

    assert "candidates" not in step.facts


def test_the_answer_keeps_whether_it_was_asked_for_in_the_guides_words(asked: Any) -> None:
    sure = understood(verdict(Decision.ANSWER, "D01", reason="sure"))

    step = asked(replace(sure, match=found("D01", similarity=0.9)))

    assert step.replies[0].values["answers"][0]["literal"] is True
    assert step.facts["answers"][0]["literal"] is True


# Which matter a question belongs to.


def test_the_first_question_opens_a_matter(asked: Any) -> None:
    assert asked(ANSWER).target is None


def test_a_question_about_something_else_is_a_new_matter_and_settles_the_old(asked: Any) -> None:
    current = matter(topic="B01", expected_outcome="ANSWERED_KB")

    step = asked(ANSWER, current=current)

    assert (step.target, step.settle) == (None, current)


@pytest.mark.parametrize("topics", [{"topic": "D01"}, {"topic": "B01", "topics": ("D01",)}])
def test_a_question_about_the_same_stays(asked: Any, topics: dict[str, Any]) -> None:
    current = matter(**topics)

    step = asked(ANSWER, current=current)

    assert (step.target, step.settle) == (current, None)


@pytest.mark.parametrize("read", [CLARIFY, UNKNOWN])
def test_what_is_not_understood_stays_with_what_was_before(
    asked: Any, read: Understanding
) -> None:
    current = matter(topic="B01")

    assert asked(read, current=current).target == current


def test_an_answer_to_a_clarification_belongs_to_it(asked: Any) -> None:
    current = matter(clarifications=1)

    step = asked(ANSWER, current=current)

    assert (step.target, step.becomes["clarifications"]) == (current, 0)


def test_a_follow_up_stays_and_adds_its_topic(asked: Any) -> None:
    current = matter(topic="B01", expected_outcome="ANSWERED_KB")

    step = asked(understood(verdict(Decision.ANSWER, "D01"), elliptical=True), current=current)

    assert step.target == current
    assert (step.becomes["topic"], step.becomes["topics"]) == ("B01", ["D01"])


def test_a_follow_up_to_what_has_just_ended_reopens_it(asked: Any) -> None:
    ended = closed("REFERRED_12345", topic="I01")

    step = asked(understood(verdict(Decision.ANSWER, "D01"), elliptical=True), earlier=[ended])

    assert step.target == ended
    assert step.becomes["state"] == "OPEN_BOT"
    assert step.becomes["expected_outcome"] == "REFERRED_12345"


@pytest.mark.parametrize(
    ("read", "later"),
    [
        (ANSWER, timedelta(0)),
        (understood(verdict(Decision.DECLINE, reason="off_topic"), elliptical=True), timedelta(0)),
        (understood(verdict(Decision.ANSWER, "D01"), elliptical=True), timedelta(hours=25)),
    ],
)
def test_what_ended_stays_ended_otherwise(
    asked: Any, read: Understanding, later: timedelta
) -> None:
    ended = closed("REFERRED_12345", topic="I01")

    assert asked(read, earlier=[ended], now=MONDAY + later).target is None


def test_an_edited_message_stays_with_the_matter_whatever_it_says_now(asked: Any) -> None:
    current = matter(topic="B01", expected_outcome="ANSWERED_KB")

    assert asked(ANSWER, current=current, stays=True).target == current


def test_an_edit_of_what_was_declined_puts_its_outcome_right(asked: Any) -> None:
    ended = closed("OUT_OF_SCOPE")

    step = asked(ANSWER, earlier=[ended], stays=True)

    assert step.target == ended
    assert step.becomes["expected_outcome"] == "ANSWERED_KB"


# While people have it.


@pytest.mark.parametrize("read", [CLARIFY, UNKNOWN, OFF_TOPIC, PRYING])
def test_what_the_bot_does_not_surely_know_is_added_for_the_staff(
    asked: Any, read: Understanding
) -> None:
    current = matter("OPEN_STAFF", topic="B01")

    step = asked(read, current=current)

    assert (step.kind, step.target, step.becomes) == ("added", current, {})
    assert [reply.kind for reply in step.replies] == [ReplyKind.ADDED, ReplyKind.ESCALATION]
    assert step.facts["decision"] == Decision.HAND_OVER


def test_a_question_about_the_staffs_own_matter_is_added_too(asked: Any) -> None:
    assert asked(ANSWER, current=matter("OPEN_QUEUE", topic="D01")).kind == "added"


def test_a_follow_up_or_an_edit_is_added_even_if_the_bot_could_answer(asked: Any) -> None:
    current = matter("OPEN_QUEUE", topic="B01")
    follow_up = understood(verdict(Decision.ANSWER, "D01"), elliptical=True)

    assert asked(follow_up, current=current).kind == "added"
    assert asked(ANSWER, current=current, stays=True).kind == "added"


@pytest.mark.parametrize("read", [ANSWER, EMERGENCY])
def test_another_question_that_the_bot_surely_knows_is_a_matter_of_its_own(
    asked: Any, read: Understanding
) -> None:
    step = asked(read, current=matter("OPEN_QUEUE", topic="B01"))

    assert (step.target, step.settle) == (None, None)
    assert topics_given(step)


# Asked before.


def test_the_same_question_within_seven_days_is_a_duplicate_and_answered_again(
    asked: Any,
) -> None:
    earlier = closed("ANSWERED_KB", topic="D01", receipt="26112000000001")

    step = asked(ANSWER, earlier=[earlier], now=MONDAY + timedelta(days=7))

    assert (step.target, step.becomes["state"]) == (None, "CLOSED")
    assert step.becomes["outcome"] == "DUPLICATE"
    assert topics_given(step) == ["D01"]
    assert step.facts["duplicate_of"] == "26112000000001"
    assert step.replies[0].values["duplicate_of"] == "26112000000001"


@pytest.mark.parametrize(
    "earlier",
    [
        closed("ANSWERED_KB", topic="D01", closed_at=MONDAY - 8 * DAY),
        closed("ANSWERED_KB", topic="B01"),
        closed("WITHDRAWN", topic="D01"),
        closed("UNDELIVERABLE", topic="D01"),
        closed("ABANDONED"),
        closed("INVALID"),
    ],
)
def test_what_was_not_answered_lately_is_no_duplicate(asked: Any, earlier: Consultation) -> None:
    assert asked(ANSWER, earlier=[earlier]).becomes["state"] == "OPEN_BOT"


def test_a_question_of_which_only_a_part_was_answered_before_is_no_duplicate(asked: Any) -> None:
    earlier = [closed("ANSWERED_KB", topic="D01")]
    both = understood(verdict(Decision.ANSWER, "D01", "B01"))
    in_part = understood(verdict(Decision.ANSWER, "D01", choices=("B01", "B02")))

    assert asked(both, earlier=earlier).becomes["state"] == "OPEN_BOT"
    assert asked(in_part, earlier=earlier).becomes["state"] == "OPEN_BOT"


def test_a_date_of_filing_is_no_duplicate_of_the_question_how_long(asked: Any) -> None:
    dated = understood(verdict(Decision.HAND_OVER), filing=NOVEMBER_3)

    step = asked(dated, earlier=[closed("ANSWERED_KB", topic="C01")], text="11月3号寄到的")

    assert step.becomes["state"] == "OPEN_BOT"
    assert topics_given(step) == ["C01"]


# Declining.


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("off_topic", "OUT_OF_SCOPE"),
        ("out_of_scope", "OUT_OF_SCOPE"),
        ("privacy", "REJECTED"),
        ("illegal", "REJECTED"),
        ("rejected", "REJECTED"),
    ],
)
def test_what_is_declined_is_closed_with_its_reason(asked: Any, reason: str, outcome: str) -> None:
    step = asked(understood(verdict(Decision.DECLINE, reason=reason)))

    assert (step.becomes["state"], step.becomes["outcome"]) == ("CLOSED", outcome)
    assert step.replies[0].values["why"] == reason


def test_words_that_are_not_understood_after_asking_back_are_no_reason_to_decline(
    asked: Any,
) -> None:
    step = asked(OFF_TOPIC, current=matter(clarifications=1), text="就是老王家那个")

    assert [reply.kind for reply in step.replies] == [ReplyKind.CLARIFY]
    assert step.becomes["clarifications"] == 2


def test_after_asking_back_twice_they_go_to_people(asked: Any) -> None:
    step = asked(OFF_TOPIC, current=matter(clarifications=2), text="就是老王家那个")

    assert step.becomes["state"] == "OPEN_QUEUE"


def test_prying_is_rejected_also_as_an_answer_to_a_clarification(asked: Any) -> None:
    current = matter(clarifications=1)

    step = asked(PRYING, current=current)

    assert (step.target, step.becomes["outcome"]) == (current, "REJECTED")


def test_an_edit_that_must_be_declined_leaves_the_answer_given(asked: Any) -> None:
    current = matter(topic="B01", expected_outcome="ANSWERED_KB")

    step = asked(OFF_TOPIC, current=current, stays=True)

    assert step.target == current
    assert "outcome" not in step.becomes


# Several questions at once.


def test_a_part_that_goes_to_people_is_named_by_its_place(asked: Any) -> None:
    read = understood(
        Verdict(
            Decision.HAND_OVER,
            answers=verdict(Decision.ANSWER, "B01").answers,
            open_parts=("门口的台阶为什么拆了", "不在原文里的话"),
        )
    )

    step = asked(read, text="在哪申请？门口的台阶为什么拆了")

    assert step.replies[0].values["open_places"] == [[5, 15]]
    assert "台阶" not in str(step)


# Dates of filing.


def test_a_message_that_is_only_a_filing_asks_for_the_last_day_whatever_it_matched(
    asked: Any,
) -> None:
    january_28 = filed(date(2026, 1, 28), quote="1月28日交")
    read = understood(verdict(Decision.ANSWER, "I02"), filing=january_28)

    assert topics_given(asked(read, text="1月28日交的")) == ["C01"]


@pytest.mark.parametrize("text", ["半个月前交的", "上月底网上提交", "2月30号交的", "明天去交"])
def test_a_day_that_cannot_be_read_is_asked_for_again(asked: Any, text: str) -> None:
    read = answering_which_day(UNKNOWN, text, today=date(2026, 11, 23))

    step = asked(read, text=text, current=matter(topic="C01"))

    assert step.replies[0].kind == ReplyKind.CLARIFY
    assert step.replies[0].values["why"] == "unclear_day"


def test_a_date_of_filing_asks_for_the_last_day(asked: Any) -> None:
    step = asked(understood(verdict(Decision.CLARIFY), filing=NOVEMBER_3), text="11月3号寄到的")

    assert topics_given(step) == ["C01"]
    assert step.replies[0].values["filing"] == {
        "day": "2026-11-03",
        "manner": "registered_mail",
        "arrived": True,
        "confirmed": False,
    }


def test_a_date_of_filing_in_the_matter_of_deadlines_belongs_to_it(asked: Any) -> None:
    current = matter(topic="C01", expected_outcome="ANSWERED_KB")

    step = asked(
        understood(verdict(Decision.HAND_OVER), filing=NOVEMBER_3),
        current=current,
        text="11月3号寄到的",
    )

    assert step.target == current


@pytest.mark.parametrize("answers", [("D01",), ("B01", "D01")])
def test_something_else_that_was_surely_asked_is_answered(
    asked: Any, answers: tuple[str, ...]
) -> None:
    read = understood(verdict(Decision.ANSWER, *answers), filing=NOVEMBER_3)

    assert topics_given(asked(read)) == list(answers)
    assert topics_given(asked(read, current=matter(topic="B02"), stays=True)) == list(answers)


def test_of_several_answers_none_is_lost_to_the_date(asked: Any) -> None:
    read = understood(verdict(Decision.ANSWER, "C01", "D01"), filing=NOVEMBER_3)

    step = asked(read)

    assert topics_given(step) == ["C01", "D01"]
    assert step.replies[0].values["filing"]["day"] == "2026-11-03"


def test_a_follow_up_with_a_date_asks_for_the_last_day_whatever_its_words_are_like(
    asked: Any,
) -> None:
    read = understood(verdict(Decision.ANSWER, "D01"), filing=NOVEMBER_3, elliptical=True)

    assert topics_given(asked(read, current=matter(topic="D01"))) == ["C01"]


def test_a_long_story_with_a_date_is_not_answered_with_a_deadline(asked: Any) -> None:
    read = understood(verdict(Decision.HAND_OVER, reason="unknown"), filing=NOVEMBER_3)
    story = "我的申请11月3号寄到，后来来了个人说我不是这块地的承包人，把材料退给我，我该怎么证明"

    assert asked(read, text=story).becomes["state"] == "OPEN_QUEUE"


def test_a_long_story_of_which_the_guides_offer_a_deadline_is(asked: Any) -> None:
    read = understood(verdict(Decision.CLARIFY, choices=("C05", "B01")), filing=NOVEMBER_3)
    story = "我的申请11月3号寄到，到现在一个多月了一点回音都没有，我天天盼，到底哪天能有结果"

    assert topics_given(asked(read, text=story)) == ["C01"]


@pytest.mark.parametrize("read", [PRYING, EMERGENCY])
def test_a_date_makes_no_answer_of_what_must_be_refused_or_sent_on(
    asked: Any, read: Understanding
) -> None:
    dated = understood(read.verdict, filing=NOVEMBER_3)

    assert topics_given(asked(dated)) == [quote.guide_id for quote in read.verdict.answers]


def test_the_day_is_asked_for_by_guides_about_deadlines(guides: Mapping[str, Guide]) -> None:
    assert asks_for_day("C01", guides)
    assert asks_for_day("C04", guides)
    assert not asks_for_day("D01", guides)
    assert not asks_for_day(None, guides)
    assert not asks_for_day("gone", guides)
    assert not asks_for_day("C01", {"D01": guides["D01"]})


# Personal data.


@pytest.mark.parametrize(
    "text", [IDENTITY, f"我的身份证号是{IDENTITY}", f"帮我查一下，{IDENTITY}", f"張三 {IDENTITY}"]
)
@pytest.mark.parametrize("read", [CLARIFY, UNKNOWN, OFF_TOPIC])
def test_an_identity_number_without_a_question_is_asked_what_for(
    asked: Any, text: str, read: Understanding
) -> None:
    step = asked(read, text=mask(text).text, masked=["identity_number"])

    assert [reply.kind for reply in step.replies] == [ReplyKind.CLARIFY]
    assert step.replies[0].values["choices"] == ["B13", "E07"]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (UNKNOWN, "去年村里修路占了我家的地，补偿款说好年底给，到现在没有人来"),
        (ANSWER, "收费吗"),
        (PRYING, "这个人住哪"),
    ],
)
def test_a_question_that_comes_with_an_identity_number_is_treated_as_such(
    asked: Any, read: Understanding, text: str
) -> None:
    whole = mask(f"我身份证{IDENTITY}，{text}").text

    step = asked(read, text=whole, masked=["identity_number"])

    assert step.replies[0].kind != ReplyKind.CLARIFY


def test_a_phone_number_is_not_asked_what_for(asked: Any) -> None:
    step = asked(UNKNOWN, text=mask("13888888888").text, masked=["phone"])

    assert step.becomes["state"] == "OPEN_QUEUE"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"身份证{IDENTITY}帮我查下我的申请到哪了", "帮我查下我的申请到哪了"),
        (f"我的身份证号码是：{IDENTITY}", ""),
        ("聯繫電話13888888888，收費嗎", "，收費嗎"),
        ("申请需要身份证吗", "申请需要身份证吗"),
    ],
)
def test_what_is_read_is_the_message_without_the_data_and_its_name(text: str, left: str) -> None:
    assert readable(mask(text).text) == left
