"""The desk, whole: where one matter ends and the next begins."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.desk.acts import (
    NotAllowedError,
)
from bot.desk.inquiries import ReplyKind
from tests.bot.desk.conftest import House, Phrases
from tests.bot.desk.made import MONDAY

FILED = "我的申请11月3号寄到的"


# One matter and the next.


@pytest.mark.parametrize("follow_up", ["那要多久？", "收费吗", "那要带什么"])
async def test_a_follow_up_is_understood_from_what_was_before_and_stays_with_it(
    house: House, phrases: Phrases, follow_up: str
) -> None:
    first = await house.says(phrases.sure["B01"])
    second = await house.says(follow_up)

    assert second.consultation.id == first.consultation.id
    assert second.consultation.topic == "B01"
    assert len(await house.rows()) == 1


async def test_a_follow_up_leans_on_the_guide_given_last(house: House, phrases: Phrases) -> None:
    await house.says(phrases.sure["B01"])
    await house.says("那要多久？")

    situation = await house.database.read(
        lambda connection: house.desk.register.situation(
            connection, house.desk.register.incoming(house.inquiry(), content="")
        )
    )

    assert situation.current is not None
    assert (situation.current.topic, situation.about) == ("B01", "C01")


async def test_a_follow_up_to_a_referral_stays_with_it(house: House, phrases: Phrases) -> None:
    referred = await house.says(phrases.sure["E07"])
    house.advance(minutes=5)

    followed = await house.says("那要多久？")

    assert followed.consultation.id == referred.consultation.id
    assert "reopened" in followed.consultation.labels


async def test_another_question_is_another_matter_and_ends_the_first_as_answered(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["H01"])
    second = await house.says(phrases.sure["D01"])

    row = await house.row(first)
    assert second.consultation.id != first.consultation.id
    assert (row.state, row.outcome) == ("CLOSED", "REFERRED_PUBLISHED")
    assert (await house.log(first))[-1].actor == "bot"
    assert (await house.log(first))[-1].facts["why"] == "new_matter"
    assert second.consultation.state == "OPEN_BOT"
    await house.is_sound()


async def test_the_same_again_within_seven_days_is_a_duplicate_with_the_same_answer(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["D01"])
    await house.taps("solved", first)
    house.advance(days=6)

    again = await house.says(phrases.sure["D01"])

    assert again.consultation.outcome == "DUPLICATE"
    assert again.replies[0].values["answers"] == first.replies[0].values["answers"]
    assert again.event.facts["duplicate_of"] == first.consultation.receipt


async def test_the_same_after_seven_days_or_by_somebody_else_is_none(
    house: House, phrases: Phrases
) -> None:
    await house.taps("solved", await house.says(phrases.sure["D01"]))
    somebody_else = await house.says(phrases.sure["D01"], who="bob")
    house.advance(days=8)
    later = await house.says(phrases.sure["D01"])

    assert somebody_else.consultation.state == "OPEN_BOT"
    assert later.consultation.state == "OPEN_BOT"


async def test_many_small_talks_do_not_hide_the_matter_before_them(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["D01"])
    await house.taps("solved", first)
    for _ in range(12):
        await house.says("谢谢")

    reopened = await house.says("没解决")

    assert reopened.consultation.id == first.consultation.id


async def test_the_matter_that_was_touched_last_is_the_current_one(
    house: House, phrases: Phrases
) -> None:
    older = await house.says(phrases.sure["D01"])
    house.advance(minutes=1)
    newer = await house.says(phrases.sure["B01"])
    house.advance(minutes=1)
    await house.taps("unsolved", older)
    house.advance(minutes=1)

    followed = await house.says(phrases.sure["D01"])

    assert followed.consultation.id == older.consultation.id
    assert (await house.row(newer)).state == "OPEN_BOT"


async def test_an_edited_message_stays_with_its_matter(house: House, phrases: Phrases) -> None:
    first = await house.says(phrases.sure["D01"])
    edit = house.inquiry(phrases.sure["B01"], name="edit:1", edited=True)

    handled = await house.desk.ask(edit)

    assert handled.consultation.id == first.consultation.id
    assert handled.replies[0].values["answers"][0]["guide_id"] == "B01"
    assert (await house.desk.ask(edit)).repeated


# Dates.


async def test_a_date_of_filing_alone_asks_for_the_last_day(house: House) -> None:
    handled = await house.says(FILED)

    values = handled.replies[0].values
    assert values["answers"][0]["guide_id"] == "C01"
    assert values["filing"] == {
        "day": "2026-11-03", "manner": "registered_mail", "arrived": True, "confirmed": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11月3号寄到的", "2026-11-03"),
        ("11月3号", "2026-11-03"),
        ("前天", "2026-11-21"),
        ("2026-11-03，挂号信", "2026-11-03"),
        ("上周五 当面交的", "2026-11-20"),
    ],
)
async def test_who_was_asked_for_the_day_need_only_say_it(
    house: House, phrases: Phrases, text: str, day: str
) -> None:
    first = await house.says(phrases.sure["C01"])
    handled = await house.says(text)

    assert handled.consultation.id == first.consultation.id
    assert handled.replies[0].values["filing"]["day"] == day
    assert handled.replies[0].values["answers"][0]["guide_id"] == "C01"


async def test_a_day_alone_is_no_filing_when_nobody_asked_for_it(
    house: House, phrases: Phrases
) -> None:
    await house.says(phrases.sure["D01"])
    handled = await house.says("前天")

    assert "filing" not in handled.replies[0].values


async def test_days_are_the_offices(house: House) -> None:
    house.moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday 7:30 at the office

    handled = await house.says("我昨天当面交的申请")
    queued = await house.says("转人工", who="bob")

    assert handled.consultation.receipt.startswith("261123")
    assert handled.replies[0].values["filing"]["day"] == "2026-11-22"
    assert queued.consultation.due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "marked"),
    [
        (datetime(2026, 11, 23, 2, 30, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 4, 30, tzinfo=UTC), True),  # half past twelve
        (datetime(2026, 11, 23, 13, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 21, 2, 30, tzinfo=UTC), True),  # Saturday
        (datetime(2026, 2, 14, 2, 30, tzinfo=UTC), False),  # a Saturday that is worked
    ],
)
async def test_what_comes_when_nobody_works_is_marked(
    house: House, moment: datetime, marked: bool
) -> None:
    house.moment = moment

    handled = await house.says("转人工")

    assert ("after_hours" in handled.consultation.labels) == marked


# Silence.


async def test_a_day_of_silence_ends_an_answered_matter(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["H01"])
    assert await house.desk.close_silent(MONDAY + timedelta(hours=24, seconds=-1)) == 0

    assert await house.desk.close_silent(MONDAY + timedelta(hours=24)) == 1

    row = await house.row(asked)
    assert (row.state, row.outcome) == ("CLOSED", "REFERRED_PUBLISHED")
    assert [event.actor for event in await house.log(asked)] == ["citizen", "timer"]
    assert await house.desk.close_silent(MONDAY + timedelta(days=30)) == 0
    await house.is_sound()


async def test_who_does_not_answer_a_clarification_has_left(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague[0])

    await house.desk.close_silent(MONDAY + timedelta(hours=24))

    assert (await house.row(asked)).outcome == "ABANDONED"
    said = await house.desk.replies(asked.consultation)
    assert [item.kind for item in said] == [ReplyKind.CLARIFY, ReplyKind.SILENT_CLOSE]


async def test_speaking_puts_the_silence_off(house: House, phrases: Phrases) -> None:
    await house.says(phrases.sure["B01"])
    house.advance(hours=20)
    await house.says("那要多久？")

    assert await house.desk.close_silent(MONDAY + timedelta(hours=24)) == 0
    assert await house.desk.close_silent(MONDAY + timedelta(hours=44)) == 1


async def test_silence_does_not_end_what_people_have(house: House, phrases: Phrases) -> None:
    await house.says(phrases.unknown[0])

    assert await house.desk.close_silent(MONDAY + timedelta(days=30)) == 0


async def test_hundreds_that_fell_silent_together_are_all_closed(
    house: House, phrases: Phrases
) -> None:
    asking = [house.says(phrases.sure["D01"], who=f"citizen {number}") for number in range(230)]
    await asyncio.gather(*asking)

    assert await house.desk.close_silent(MONDAY + timedelta(days=2)) == 230


async def test_two_timers_close_each_matter_once(house: House, phrases: Phrases) -> None:
    for number in range(10):
        await house.says(phrases.sure["D01"], who=f"citizen {number}")
    late = MONDAY + timedelta(days=2)

    closed = await asyncio.gather(house.desk.close_silent(late), house.desk.close_silent(late))

    assert sum(closed) == 10
    await house.is_sound()


async def test_what_fell_silent_while_the_service_was_away_is_over_when_they_speak_again(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["D01"])
    vague = await house.says(phrases.vague[0], who="bob")
    house.advance(hours=25)

    again = await house.says(phrases.sure["D01"])
    answer = await house.says(phrases.sure["D01"], who="bob")

    assert (await house.row(first)).outcome == "ANSWERED_KB"
    assert again.consultation.outcome == "DUPLICATE"
    assert (await house.row(vague)).outcome == "ABANDONED"
    assert answer.consultation.id != vague.consultation.id
    said = await house.desk.replies(vague.consultation)
    assert [item.kind for item in said] == [ReplyKind.CLARIFY]
    await house.is_sound()


# No help yet.


async def test_unsolved_within_seven_days_reopens_the_same_consultation(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])
    await house.desk.close_silent(MONDAY + timedelta(hours=24))
    house.advance(days=8)  # seven days after it was closed

    reopened = await house.says("没解决")

    assert reopened.consultation.id == asked.consultation.id
    assert reopened.consultation.state == "OPEN_BOT"
    assert {"reopened", "unsolved"} <= set(reopened.consultation.labels)
    assert reopened.consultation.first_outcome == "ANSWERED_KB"
    house.advance(hours=24)
    await house.desk.close_silent(house.moment)
    assert (await house.row(asked)).outcome == "ANSWERED_KB"


async def test_after_seven_days_it_is_not(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["D01"])
    await house.taps("solved", asked)
    house.advance(days=7, seconds=1)

    said = await house.says("没解决")

    assert said.consultation.id != asked.consultation.id
    with pytest.raises(NotAllowedError):
        await house.taps("unsolved", asked)


async def test_a_closing_is_rated_once_and_the_next_one_again(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])
    with pytest.raises(NotAllowedError):
        await house.taps("rate:satisfied", asked)
    await house.taps("solved", asked)
    await house.taps("rate:dissatisfied", asked, note="没说清楚")
    with pytest.raises(NotAllowedError):
        await house.taps("rate:satisfied", asked)

    await house.taps("unsolved", asked)
    assert (await house.row(asked)).rating == "dissatisfied"
    await house.taps("solved", asked)
    rated = await house.taps("rate:mostly", asked)

    assert rated.consultation.rating == "mostly"
    assert (await house.kinds(asked)).count("rated") == 2


async def test_a_rating_that_does_not_exist_is_refused(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["I01"])

    with pytest.raises(ValueError, match="wonderful"):
        await house.taps("rate:wonderful", asked)
