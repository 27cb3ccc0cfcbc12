"""What people do, what goes wrong on order, and waiting for the bot."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    InaccessibleMessage,
    Message,
)

from tests.bot_api import BotApi, Person
from tests.test_bot_api.conftest import keyboard

pytestmark = pytest.mark.asyncio(loop_scope="module")


# What people do


async def test_every_act_of_a_person_is_a_valid_update(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    sent = await bot.send_message(alice.id, "您好", reply_markup=keyboard({"好": "ok"}))
    said = await api.says(alice, "/start 一", reply_to=sent.model_dump(mode="json", by_alias=True))
    await api.edits(said, "二")
    await api.taps(alice, api.sent[0], "ok")
    await api.sends_photo(alice, caption="证件")
    await api.sends_voice(alice)
    await api.sends_document(alice, "材料.pdf")
    await api.sends(alice, {"location": {"latitude": 25.8, "longitude": 98.8}})
    await api.blocks(alice)
    start, edit, tap, photo, voice, document, place, block = await bot.get_updates()

    assert start.message is not None
    assert start.message.reply_to_message is not None
    assert start.message.reply_to_message.message_id == sent.message_id
    assert start.message.entities is not None
    assert (start.message.entities[0].type, start.message.entities[0].length) == ("bot_command", 6)
    assert edit.edited_message is not None
    assert edit.edited_message.message_id == start.message.message_id
    assert (edit.edited_message.text, edit.edited_message.entities) == ("二", None)
    assert edit.edited_message.edit_date is not None
    assert tap.callback_query is not None
    assert isinstance(tap.callback_query.message, Message)
    assert tap.callback_query.message.text == "您好"
    assert photo.message is not None
    assert photo.message.photo is not None
    assert photo.message.caption == "证件"
    assert voice.message is not None
    assert voice.message.voice is not None
    assert document.message is not None
    assert document.message.document is not None
    assert document.message.document.file_name == "材料.pdf"
    assert place.message is not None
    assert place.message.location is not None
    assert block.my_chat_member is not None
    assert block.my_chat_member.new_chat_member.status == ChatMemberStatus.KICKED


async def test_a_tap_on_a_deleted_message_brings_an_inaccessible_one(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    message = await bot.send_message(alice.id, "您好", reply_markup=keyboard({"好": "ok"}))
    await bot.delete_message(alice.id, message.message_id)
    await api.taps(alice, api.sent[0], "ok")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert isinstance(update.callback_query.message, InaccessibleMessage)


async def test_a_button_is_found_by_its_label_on_the_message_as_it_stands(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    message = await bot.send_message(alice.id, "哪一件", reply_markup=keyboard({"甲": "a"}))
    await bot.edit_message_reply_markup(
        chat_id=alice.id, message_id=message.message_id, reply_markup=keyboard({"乙": "b"})
    )
    await api.taps_button(alice, api.sent[0], "乙")
    with pytest.raises(ValueError, match="no button '甲'"):
        await api.taps_button(alice, api.sent[0], "甲")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "b"


async def test_a_test_cannot_make_people_do_the_impossible(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    group = api.group(-100_5, "公开办", bot="administrator")
    await bot.send_message(alice.id, "您好")
    with pytest.raises(ValueError, match="4,096"):
        await api.says(alice, "x" * 4097)
    with pytest.raises(ValueError, match="not in"):
        await api.says(alice, "您好", chat=group)
    with pytest.raises(ValueError, match="their own"):
        await api.edits(api.sent[0].message, "改")
    await api.blocks(alice)
    with pytest.raises(ValueError, match="blocked"):
        await api.says(alice, "您好")
    api.deactivate(alice)
    with pytest.raises(ValueError, match="no account"):
        await api.says(alice, "您好")


async def test_in_privacy_mode_a_group_shows_the_bot_only_what_concerns_it(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    group = api.group(-100_5, "公开办", alice)
    await bot.send_message(group.id, "新的咨询")
    for text in (
        "早上好",
        "/help",
        "/help@other_bot",
        "/help@zixun_test_bot",
        "@zixun_test_bot 在吗",
    ):
        await api.says(alice, text, chat=group)
    await api.says(alice, "我来", chat=group, reply_to=api.sent[0])
    assert [update["message"]["text"] for update in api.pending] == [
        "/help",
        "/help@zixun_test_bot",
        "@zixun_test_bot 在吗",
        "我来",
    ]


async def test_an_administrator_bot_sees_the_whole_group(api: BotApi, alice: Person) -> None:
    group = api.group(-100_5, "公开办", alice, bot="administrator")
    await api.says(alice, "早上好", chat=group)
    assert len(api.pending) == 1


# Troubles


async def test_too_many_requests_tell_how_long_to_wait(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    api.too_many_requests(2, retry_after=7)
    assert await bot.get_updates() == [], "polls are not counted unless named"
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as caught:
            await bot.send_message(alice.id, "您好")
        assert caught.value.retry_after == 7
    await bot.send_message(alice.id, "您好")
    assert [sent.text for sent in api.sent] == ["您好"]
    assert api.refusals == [], "an ordered trouble is not the bot's fault"


async def test_a_failing_server_does_nothing(bot: Bot, api: BotApi, alice: Person) -> None:
    api.fail_next(1, status=502)
    api.fail_next(1, status=502, page=True)
    api.lose_requests(1, methods=["sendMessage"])
    with pytest.raises(TelegramServerError, match="Bad Gateway"):
        await bot.send_message(alice.id, "您好")
    with pytest.raises(ClientDecodeError):
        await bot.send_message(alice.id, "您好")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(alice.id, "您好")
    assert api.sent == []
    api.fail_next(1000)
    api.end_troubles()
    await bot.send_message(alice.id, "您好")


async def test_a_lost_answer_means_a_message_that_was_sent(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    api.lose_answers()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(alice.id, "您好")
    assert [sent.text for sent in api.sent] == ["您好"]


async def test_a_stuck_request_is_done_at_the_end_unless_its_bot_is_gone(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    async with api.stuck("sendMessage"):
        patient = asyncio.create_task(bot.send_message(alice.id, "等着"))
        killed = asyncio.create_task(bot.send_message(alice.id, "没了"))
        await api.wait_for_call("sendMessage", 2)
        killed.cancel()
        await asyncio.wait([killed])
        await bot.get_me()  # other methods go on
        assert api.sent == []
    await patient
    assert [sent.text for sent in api.sent] == ["等着"]


async def test_waiting_for_what_does_not_come_tells_what_came(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    await bot.send_message(alice.id, "您好")
    with pytest.raises(TimeoutError, match=r"2 messages to 1001: not within 0\.01 s.*您好"):
        await api.wait_for_sent(2, chat=alice, within=0.01)


async def test_messages_are_read_one_after_the_other(bot: Bot, api: BotApi, alice: Person) -> None:
    bob = api.person(1002, "Bob", started=True)
    second = asyncio.create_task(api.next_sent(bob))
    for person, text in ((alice, "一"), (bob, "二"), (alice, "三")):
        await bot.send_message(person.id, text)
    assert (await second).text == "二"
    assert [(await api.next_sent(alice)).text for _ in range(2)] == ["一", "三"]
    assert len(await api.wait_for_sent(3)) == 3
