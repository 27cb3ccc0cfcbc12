"""The desk, whole: what comes in, what is kept of it, and what is said."""

import asyncio
import threading
from datetime import UTC, date, datetime

import pytest

from bot.desk import desk as desk_module
from bot.desk.acts import (
    ExpiredChoiceError,
    KeyReusedError,
    NotAllowedError,
    TextTooLongError,
)
from bot.desk.inquiries import LONGEST_TEXT, ReplyKind
from bot.store import contacts, events, outbox
from bot.store.tables import metadata
from knowledge.understanding import Reader, Understanding
from tests.bot.desk.conftest import House, Phrases, kinds_of
from tests.bot.desk.made import MONDAY

IDENTITY = "110101199003074514"


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


async def test_a_follow_up_is_read_again_if_the_matter_moves_on_meanwhile(
    house: House, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, moved_on = threading.Event(), threading.Event()
    read, leant_on = reader.read, []

    def slowly(text: str, *, today: date, about: str | None) -> Understanding:
        leant_on.append(about)
        reading.set()
        moved_on.wait(10)
        return read(text, today=today, about=about)

    monkeypatch.setattr(reader, "read", slowly)
    asking = asyncio.create_task(house.says("那要多久？"))
    await asyncio.to_thread(reading.wait, 10)
    picked = await house.desk.open_guide("B01", inquiry=house.inquiry())
    moved_on.set()
    handled = await asking

    assert leant_on == [None, "B01"]
    assert handled.consultation.id == picked.consultation.id


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
