import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.desk import desk as desk_module
from bot.desk.access import Claim
from bot.desk.acts import (
    ExpiredChoiceError,
    KeyReusedError,
    NotAllowedError,
    TextTooLongError,
    UnknownConsultationError,
)
from bot.desk.inquiries import LONGEST_TEXT, ReplyKind
from bot.store import contacts, events, outbox
from bot.store.tables import metadata
from tests.bot.desk.conftest import House, Phrases, kinds_of
from tests.bot.desk.made import MONDAY

IDENTITY = "110101199003074514"
ASKING_BACK = {ReplyKind.CLARIFY, ReplyKind.NO_CONFIDENCE}
FILED = "我的申请11月3号寄到的"


async def everything(house: House, *, but: str = "") -> str:
    """Whatever stands in any column of any table, as text."""
    tables = [table for name, table in metadata.tables.items() if name != but]
    rows = await house.database.read(
        lambda connection: [tuple(row) for table in tables
                            for row in connection.execute(table.select())]
    )  # fmt: skip
    return repr(rows)


# A message.


async def test_a_question_is_answered_and_logged_before_anything_is_sent(
    house: House, phrases: Phrases
) -> None:
    handled = await house.says(phrases.sure["D01"])

    row = await house.row(handled)
    (reply,) = handled.replies
    assert (row.state, row.owner, row.topic) == ("OPEN_BOT", "bot", "D01")
    assert (row.outcome, row.expected_outcome) == (None, "ANSWERED_KB")
    assert row.answered_at == MONDAY
    assert (reply.kind, reply.status) == (ReplyKind.ANSWER, outbox.PENDING)
    assert handled.event.facts["decision"] == "answer"
    assert handled.event.facts["answers"][0]["guide_id"] == "D01"
    assert 0 < handled.event.facts["probability"] <= 1
    assert handled.consultation == row
    assert len(house.rung) == 1
    await house.is_sound()


async def test_a_referral_is_closed_at_once(house: House, phrases: Phrases) -> None:
    handled = await house.says(phrases.sure["I01"])

    assert kinds_of(handled) == [ReplyKind.REFERRED]
    assert handled.consultation.outcome == "REFERRED_12345"
    assert handled.consultation.owner == "closed"


async def test_what_nobody_but_people_can_answer_goes_to_them_with_a_deadline(
    house: House, phrases: Phrases
) -> None:
    handled = await house.says(phrases.unknown[0])

    assert (handled.consultation.state, handled.consultation.owner) == ("OPEN_QUEUE", "queue")
    assert handled.consultation.due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    (reply,) = handled.replies
    assert reply.values["due_at"] == "2026-11-24T18:00:00+08:00"
    assert reply.values["ahead"] == 0
    assert [item.kind for item in await house.to_staff()] == [ReplyKind.ESCALATION]


async def test_the_place_in_the_queue_is_told(house: House, phrases: Phrases) -> None:
    await house.says(phrases.unknown[0], who="alice")
    handled = await house.says(phrases.unknown[0], who="bob")

    assert handled.replies[0].values["ahead"] == 1


async def test_off_topic_questions_are_declined(house: House, phrases: Phrases) -> None:
    handled = await house.says(phrases.off_topic[0])

    assert kinds_of(handled) == [ReplyKind.DECLINED]
    assert handled.consultation.outcome == "OUT_OF_SCOPE"


@pytest.mark.parametrize("text", ["你好", "谢谢", "😀😀", "   ", "", "测试", "傻逼"])
async def test_what_asks_nothing_is_answered_and_counts_as_invalid(
    house: House, text: str
) -> None:
    handled = await house.says(text)

    assert kinds_of(handled) == [ReplyKind.SMALL_TALK]
    assert (handled.consultation.state, handled.consultation.outcome) == ("CLOSED", "INVALID")


async def test_asking_for_a_person_reaches_people_without_a_question(house: House) -> None:
    handled = await house.says("转人工")

    assert handled.consultation.state == "OPEN_QUEUE"
    assert kinds_of(handled) == [ReplyKind.HANDED_OVER]
    assert len(await house.to_staff()) == 1


async def test_the_longest_text_is_taken_in_and_a_longer_one_refused(house: House) -> None:
    await house.says("申" * LONGEST_TEXT)
    before = await house.sizes()

    with pytest.raises(TextTooLongError):
        await house.says("申" * (LONGEST_TEXT + 1))

    assert await house.sizes() == before


async def test_signs_that_no_database_keeps_do_no_harm(house: House, phrases: Phrases) -> None:
    handled = await house.says(f"{phrases.sure['D01']}\0\ud83d")
    words = await house.read(events.words_of, event_id=handled.event.id)

    assert words == f"{phrases.sure['D01']}??"


# Redelivery.


async def test_a_redelivered_message_writes_nothing_and_sends_nothing(
    house: House, phrases: Phrases
) -> None:
    inquiry = house.inquiry(phrases.sure["D01"])
    first = await house.desk.ask(inquiry)
    before = await house.sizes()

    again = await house.desk.ask(inquiry)

    assert await house.sizes() == before
    assert (again.event, again.replies, again.repeated) == (first.event, first.replies, True)
    assert len(house.rung) == 1


async def test_the_same_message_twice_at_once_is_taken_in_once(
    house: House, phrases: Phrases
) -> None:
    inquiry = house.inquiry(phrases.sure["D01"])

    handled = await asyncio.gather(*[house.desk.ask(inquiry) for _ in range(5)])

    assert len({item.event.id for item in handled}) == 1
    assert sorted(item.repeated for item in handled) == [False, True, True, True, True]
    assert len(await house.rows()) == 1


async def test_a_name_that_came_with_another_text_is_refused(
    house: House, phrases: Phrases
) -> None:
    await house.desk.ask(house.inquiry(phrases.sure["D01"], name="one"))
    before = await house.sizes()

    with pytest.raises(KeyReusedError):
        await house.desk.ask(house.inquiry(phrases.sure["B01"], name="one"))

    assert await house.sizes() == before


async def test_channels_name_their_messages_each_for_itself(
    house: House, phrases: Phrases
) -> None:
    for channel in ("telegram", "web"):
        handled = await house.desk.ask(
            house.inquiry(phrases.sure["D01"], name="one", channel=channel)
        )
        assert not handled.repeated

    assert len(await house.rows()) == 2


async def test_a_redelivered_tap_writes_nothing(house: House, phrases: Phrases) -> None:
    handled = await house.says(phrases.sure["D01"])
    receipt, tap = handled.consultation.receipt, house.inquiry(name="tap:9")
    first = await house.desk.act("solved", receipt, claim=house.claim(), inquiry=tap)
    before = await house.sizes()

    again = await house.desk.act("solved", receipt, claim=house.claim(), inquiry=tap)

    assert await house.sizes() == before
    assert (again.event, again.repeated) == (first.event, True)


async def test_a_double_click_under_two_names_is_refused_the_second_time(
    house: House, phrases: Phrases
) -> None:
    handled = await house.says(phrases.sure["D01"])
    await house.taps("solved", handled)
    before = await house.sizes()

    with pytest.raises(NotAllowedError):
        await house.taps("solved", handled)

    assert await house.sizes() == before


async def test_one_name_for_two_acts_is_refused(house: House, phrases: Phrases) -> None:
    handled = await house.says(phrases.sure["D01"])
    receipt, tap = handled.consultation.receipt, house.inquiry(name="tap:9")
    await house.desk.act("solved", receipt, claim=house.claim(), inquiry=tap)

    with pytest.raises(KeyReusedError):
        await house.desk.rate(receipt, "satisfied", claim=house.claim(), inquiry=tap)
    with pytest.raises(KeyReusedError):
        await house.desk.act("unsolved", receipt, claim=house.claim(), inquiry=tap)


# What is kept, and what is not.


async def test_personal_data_is_caught_before_anything_is_kept(
    house: House, phrases: Phrases
) -> None:
    handled = await house.says(f"{phrases.sure['D01']}，我的身份证{IDENTITY}，电话13888888888")

    assert handled.replies[0].values["masked"] == ["identity_number", "phone"]
    assert handled.event.facts["masked"] == ["identity_number", "phone"]
    kept = await everything(house)
    assert IDENTITY not in kept
    assert "13888888888" not in kept
    assert "［身份证号］" in kept


async def test_notes_reasons_and_additions_are_masked_too(house: House, phrases: Phrases) -> None:
    handled = await house.says(phrases.sure["D01"])
    await house.taps("solved", handled, note=f"我{IDENTITY}")
    await house.taps("rate:mostly", handled, note=f"打{IDENTITY}")
    await house.taps("escalate", handled, note=f"查{IDENTITY}")
    await house.desk.add(
        handled.consultation.receipt,
        claim=house.claim(),
        inquiry=house.inquiry(f"再查{IDENTITY}"),
    )

    assert IDENTITY not in await everything(house)


async def test_nobodys_words_stand_anywhere_but_among_the_words(
    house: House, phrases: Phrases
) -> None:
    mark = "牛皮糖儿"
    for text in (*phrases.unknown[:1], phrases.sure["D01"], *phrases.vague[:1], "谢谢", "转人工"):
        handled = await house.says(f"{text}{mark}", who=text)
        await house.says(f"{mark}，{phrases.sure['B01']}？{mark}怎么弄", who=text)
        row = await house.row(handled)
        if row.state == "OPEN_BOT":
            await house.taps("escalate", row, who=text, note=mark)

    assert mark in await everything(house)
    assert mark not in await everything(house, but="words")


async def test_who_asked_and_where_they_are_stands_nowhere_in_clear(
    house: House, phrases: Phrases
) -> None:
    for channel in ("telegram", "web"):
        handled = await house.desk.ask(house.inquiry(phrases.unknown[0], channel=channel))
    await house.desk.act(
        "withdraw",
        handled.consultation.receipt,
        claim=house.claim(channel="web"),
        inquiry=house.inquiry(channel="web"),
    )

    kept = await everything(house)
    for clear in ("alice-user", "alice-chat", "message:"):
        assert clear not in kept


async def test_the_contact_is_sealed_and_belongs_to_who_asked(
    house: House, phrases: Phrases
) -> None:
    handled = await house.says(phrases.sure["D01"])

    sealed = await house.read(contacts.of_consultation, consultation_id=handled.consultation.id)

    assert sealed is not None
    assert house.keys.unseal(sealed) == "alice-chat"


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


# Asking back.


async def test_a_vague_question_is_asked_back_and_a_choice_answers_it(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"]

    chosen = await house.taps(f"choose:{offered[0]}", asked)

    assert kinds_of(asked) == [ReplyKind.CLARIFY]
    assert 1 <= len(offered) <= 3
    assert chosen.consultation.id == asked.consultation.id
    assert chosen.consultation.topic == offered[0]
    assert "clarified" in chosen.consultation.labels


async def test_at_most_two_clarifications_in_a_row(house: House, phrases: Phrases) -> None:
    replies = [await house.says(phrases.vague[number % 2]) for number in range(3)]

    assert [kinds_of(item) for item in replies] == [
        [ReplyKind.CLARIFY], [ReplyKind.CLARIFY], [ReplyKind.HANDED_OVER],
    ]  # fmt: skip
    assert len({item.consultation.id for item in replies}) == 1
    assert replies[2].event.facts["choices"] == []


@pytest.mark.parametrize("how", ["choose:none", "都不是"])
async def test_none_of_the_choices_counts_as_one(house: House, phrases: Phrases, how: str) -> None:
    asked = await house.says(phrases.vague[0])

    if how == "都不是":
        none = await house.says(how)
    else:
        none = await house.taps(how, asked)
    third = await house.says(phrases.vague[1])

    assert kinds_of(none) == [ReplyKind.NO_CONFIDENCE]
    assert kinds_of(third) == [ReplyKind.HANDED_OVER]


async def test_at_most_two_in_a_row_also_when_messages_arrive_at_once(
    house: House, phrases: Phrases
) -> None:
    handled = await asyncio.gather(*[house.says(text) for text in (*phrases.vague[:3],) * 3])

    asked_back = Counter(kind for item in handled for kind in kinds_of(item))
    assert asked_back[ReplyKind.CLARIFY] == 2
    assert asked_back[ReplyKind.HANDED_OVER] == 1
    assert asked_back[ReplyKind.ADDED] == 6
    assert len(await house.rows()) == 1
    await house.is_sound()


async def test_a_choice_works_once_and_only_while_it_is_open(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"]
    with pytest.raises(ExpiredChoiceError):
        await house.taps("choose:A01" if "A01" not in offered else "choose:B01", asked)

    await house.taps(f"choose:{offered[0]}", asked)
    before = await house.sizes()

    for choice in (*offered, "none"):
        with pytest.raises(ExpiredChoiceError):
            await house.taps(f"choose:{choice}", asked)
    assert await house.sizes() == before


async def test_a_choice_is_over_once_people_have_it(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.vague[0])
    await house.taps("escalate", asked)

    with pytest.raises(ExpiredChoiceError):
        await house.taps(f"choose:{asked.replies[0].values['choices'][0]}", asked)


async def test_a_choice_that_is_no_longer_given_is_over(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"][0]
    guide = house.desk.shelf.today[offered]
    withdrawn = replace(guide, in_force_until=MONDAY.date() - timedelta(days=1))
    house.desk.shelf.today = {**house.desk.shelf.today, offered: withdrawn}

    with pytest.raises(ExpiredChoiceError):
        await house.taps(f"choose:{offered}", asked)


async def test_a_choice_in_answer_to_traditional_characters_is_said_in_them(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague_traditional)
    tapped = await house.taps("choose:none", asked)
    then = await house.says(phrases.vague[0])

    assert asked.replies[0].values["traditional"] is True
    assert tapped.replies[0].values["traditional"] is True
    assert "traditional" not in then.replies[0].values


async def test_an_identity_number_alone_is_asked_what_it_is_for(house: House) -> None:
    handled = await house.says(IDENTITY)

    assert kinds_of(handled) == [ReplyKind.CLARIFY]
    assert handled.replies[0].values["choices"] == ["B13", "E07"]
    assert handled.replies[0].values["masked"] == ["identity_number"]


# People.


async def test_while_people_have_it_the_bot_only_passes_on(house: House, phrases: Phrases) -> None:
    queued = await house.says(phrases.unknown[0])

    added = await house.says(phrases.vague[0])

    assert added.consultation.id == queued.consultation.id
    assert added.consultation.state == "OPEN_QUEUE"
    assert kinds_of(added) == [ReplyKind.ADDED]
    told = (await house.to_staff())[-1]
    assert told.values == {"added": True}


async def test_a_question_the_bot_surely_knows_is_answered_beside_it(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])

    other = await house.says(phrases.sure["D01"])

    assert other.consultation.id != queued.consultation.id
    assert other.consultation.state == "OPEN_BOT"
    assert (await house.row(queued)).state == "OPEN_QUEUE"


async def test_asking_for_people_again_tells_where_it_stands(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])

    for handled in (await house.says("转人工"), await house.taps("escalate", queued)):
        assert kinds_of(handled) == [ReplyKind.STATUS]
        assert handled.replies[0].values["state"] == "OPEN_QUEUE"
    assert len(await house.to_staff()) == 1


@pytest.mark.parametrize("first", ["I01", "D01"])
async def test_people_are_reached_from_any_answer(
    house: House, phrases: Phrases, first: str
) -> None:
    answered = await house.says(phrases.sure[first])

    handled = await house.taps("escalate", answered, note="请打我电话")

    assert handled.consultation.id == answered.consultation.id
    assert handled.consultation.state == "OPEN_QUEUE"
    assert await house.read(events.words_of, event_id=handled.event.id) == "请打我电话"


async def test_words_for_people_mean_the_referral_just_given(
    house: House, phrases: Phrases
) -> None:
    referred = await house.says(phrases.sure["I01"])

    handled = await house.says("转人工")

    assert handled.consultation.id == referred.consultation.id


async def test_small_talk_cannot_be_handed_over(house: House) -> None:
    chat = await house.says("你好")

    with pytest.raises(NotAllowedError):
        await house.taps("escalate", chat)


async def test_withdrawing_from_the_queue_tells_the_staff(house: House, phrases: Phrases) -> None:
    queued = await house.says(phrases.unknown[0])

    withdrawn = await house.says("不问了")

    assert withdrawn.consultation.id == queued.consultation.id
    assert withdrawn.consultation.outcome == "WITHDRAWN"
    assert (await house.to_staff())[-1].values == {"what": "withdrawn"}


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


# By receipt and code, from anywhere.


async def test_a_message_can_be_added_by_receipt_and_code_from_another_session(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])
    receipt = queued.consultation.receipt
    code = house.keys.retrieval_code(receipt)

    added = await house.desk.add(
        f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}",
        claim=Claim(asker=b"somebody else".ljust(32), code=code),
        inquiry=house.inquiry("我还想补充", who="bob", channel="web"),
    )

    assert added.consultation.id == queued.consultation.id
    assert added.event.kind == "added"
    assert added.event.facts["via"] == "web"
    sealed = await house.read(contacts.of_consultation, consultation_id=added.consultation.id)
    assert house.keys.unseal(sealed or b"") == "alice-chat"


async def test_what_is_added_while_the_bot_has_it_is_answered_in_it(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["B01"])

    added = await house.desk.add(
        asked.consultation.receipt, claim=house.claim(), inquiry=house.inquiry(phrases.sure["D01"])
    )

    assert added.consultation.id == asked.consultation.id
    assert added.replies[0].values["answers"][0]["guide_id"] == "D01"


async def test_nothing_is_added_with_a_wrong_code_or_to_what_is_closed(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])
    receipt = asked.consultation.receipt
    wrong = f"{(int(house.keys.retrieval_code(receipt)) + 1) % 10_000:04d}"
    with pytest.raises(UnknownConsultationError):
        await house.desk.add(receipt, claim=Claim(code=wrong), inquiry=house.inquiry("补充"))
    await house.taps("solved", asked)
    before = (await house.sizes())["events"]

    with pytest.raises(NotAllowedError):
        await house.desk.add(receipt, claim=house.claim(), inquiry=house.inquiry("补充"))

    assert (await house.sizes())["events"] == before


async def test_an_added_message_that_is_sent_again_is_added_once(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])
    receipt, inquiry = queued.consultation.receipt, house.inquiry("我还想补充")
    await house.desk.add(receipt, claim=house.claim(), inquiry=inquiry)
    before = await house.sizes()

    again = await house.desk.add(receipt, claim=house.claim(), inquiry=inquiry)

    assert again.repeated
    assert await house.sizes() == before


async def test_a_consultation_is_looked_up_by_who_asked_it(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["D01"])
    receipt = asked.consultation.receipt

    found = await house.desk.look_up(receipt, claim=house.claim(), now=MONDAY)

    assert found == asked.consultation
    with pytest.raises(UnknownConsultationError):
        await house.desk.look_up(receipt, claim=house.claim("bob"), now=MONDAY)


# Guides picked from a list, and what cannot be read.


async def test_a_guide_picked_from_the_list_is_given_and_logged(house: House) -> None:
    inquiry = house.inquiry(name="tap:1")
    handled = await house.desk.open_guide("D01", inquiry=inquiry)

    assert handled.consultation.topic == "D01"
    assert kinds_of(handled) == [ReplyKind.ANSWER]
    assert (await house.desk.open_guide("D01", inquiry=inquiry)).repeated
    assert len(await house.rows()) == 1


async def test_a_guide_that_is_not_given_today_cannot_be_picked(house: House) -> None:
    for guide_id in ("Z99", ""):
        with pytest.raises(ExpiredChoiceError):
            await house.desk.open_guide(guide_id, inquiry=house.inquiry())
    house.moment = datetime(2018, 1, 2, 2, 0, tzinfo=UTC)  # before the law it rests on
    with pytest.raises(ExpiredChoiceError):
        await house.desk.open_guide("C01", inquiry=house.inquiry())

    assert await house.rows() == []


async def test_a_guide_picked_while_people_have_the_matter_leaves_it_to_them(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])

    picked = await house.desk.open_guide("D01", inquiry=house.inquiry())

    assert picked.consultation.id != queued.consultation.id
    assert (await house.row(queued)).state == "OPEN_QUEUE"
    assert await house.kinds(queued) == ["asked"]


async def test_a_photo_is_not_kept_and_counts_as_invalid(house: House) -> None:
    photo = house.inquiry()
    handled = await house.desk.take_media(photo, medium="photo")

    assert kinds_of(handled) == [ReplyKind.CANNOT_READ]
    assert handled.consultation.outcome == "INVALID"
    assert (await house.desk.take_media(photo, medium="photo")).repeated


async def test_a_photo_within_a_matter_is_noted_in_it(house: House, phrases: Phrases) -> None:
    queued = await house.says(phrases.unknown[0])

    handled = await house.desk.take_media(house.inquiry(), medium="photo")

    assert handled.consultation.id == queued.consultation.id
    assert handled.consultation.state == "OPEN_QUEUE"


# At once.


async def test_many_questions_of_one_person_at_once_are_all_taken_in(
    house: House, phrases: Phrases
) -> None:
    texts = [*list(phrases.sure.values())[:12], "那要多久？", "收费吗", "那要带什么", "谢谢"] * 2

    handled = await asyncio.gather(*[house.says(text) for text in texts])

    assert len({item.event.id for item in handled}) == len(texts)
    assert sum(row.state == "OPEN_BOT" for row in await house.rows()) <= 1
    await house.is_sound()


async def test_a_question_is_taken_in_even_if_the_matter_keeps_moving(
    house: House, phrases: Phrases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "MOST_READINGS", 1)

    handled = await asyncio.gather(
        *[house.says(text) for text in (phrases.sure["B01"], "那要多久？", "收费吗", "那要带什么")]
    )

    assert len({item.event.id for item in handled}) == 4
    await house.is_sound()


async def test_two_first_messages_at_once_make_one_matter(house: House, phrases: Phrases) -> None:
    text = phrases.sure["B01"]

    first, second = await asyncio.gather(house.says(text), house.says(text))

    assert first.consultation.id == second.consultation.id
    assert await house.kinds(first) == ["asked", "asked"]
