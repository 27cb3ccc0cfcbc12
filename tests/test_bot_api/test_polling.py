"""Requests and getUpdates, asked by a real aiogram bot."""

import asyncio
from itertools import pairwise

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from tests.bot_api import BotApi, Person
from tests.test_bot_api.conftest import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")


# Who is there


async def test_get_me_describes_the_bot_of_the_token(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (42, True, "zixun_test_bot")
    assert (me.can_join_groups, me.can_read_all_group_messages) == (True, False)


async def test_a_wrong_token_is_unauthorized(bot: Bot, api: BotApi) -> None:
    stranger = Bot("42:OTHER", session=bot.session)
    with pytest.raises(TelegramUnauthorizedError, match=r"Unauthorized$"):
        await stranger.get_me()
    assert [(one.code, one.description) for one in api.refusals] == [(401, "Unauthorized")]


async def test_an_unknown_method_or_path_is_not_found(bot: Bot, api: BotApi) -> None:
    with pytest.raises(TelegramNotFound, match="method not found"):
        await bot.log_out()
    async with aiohttp.ClientSession() as session, session.get(f"{api.base_url}/x") as answer:
        assert await answer.json() == {
            "ok": False,
            "error_code": 404,
            "description": "Not Found",
        }


@pytest.mark.parametrize("way", ["json", "urlencoded", "multipart", "query"])
async def test_a_request_may_come_in_every_documented_form(
    api: BotApi, alice: Person, way: str
) -> None:
    fields = {
        "chat_id": str(alice.id),
        "text": "[1] 您好",
        "reply_markup": '{"inline_keyboard": [[{"text": "好", "callback_data": "ok"}]]}',
    }
    form = aiohttp.FormData(fields, default_to_multipart=way == "multipart")
    url = f"{api.base_url}/bot{TOKEN}/SENDMESSAGE"
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            url,
            json=fields if way == "json" else None,
            data=form if way in {"urlencoded", "multipart"} else None,
            params=fields if way == "query" else None,
        ) as answer,
    ):
        assert (await answer.json())["ok"] is True
    (sent,) = api.sent
    assert (sent.text, sent.labels) == ("[1] 您好", ["好"])


async def test_json_markup_may_also_come_as_an_object(api: BotApi, alice: Person) -> None:
    body = {"chat_id": alice.id, "text": "好", "reply_markup": {"force_reply": True}}
    url = f"{api.base_url}/bot{TOKEN}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        assert answer.status == 200
    async with aiohttp.ClientSession() as session, session.post(url, json=[1]) as answer:
        assert answer.status == 400


# Long polling


async def test_updates_have_rising_ids_and_come_again_until_confirmed(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    for text in ("一", "二", "三"):
        await api.says(alice, text)
    first = await bot.get_updates()
    assert [update.message and update.message.text for update in first] == ["一", "二", "三"]
    assert all(later.update_id == one.update_id + 1 for one, later in pairwise(first))
    assert await bot.get_updates() == first
    assert api.confirmed_offset == 0

    rest = await bot.get_updates(offset=first[1].update_id + 1)
    assert [update.update_id for update in rest] == [first[2].update_id]
    assert api.confirmed_offset == first[2].update_id
    assert await bot.get_updates() == rest, "what is confirmed never comes back"


async def test_the_limit_counts_from_the_oldest(bot: Bot, api: BotApi, alice: Person) -> None:
    for number in range(102):
        await api.says(alice, f"第{number}问")
    assert len(await bot.get_updates()) == 100
    assert len(await bot.get_updates(limit=1000)) == 100
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [
        update["update_id"] for update in api.updates[:2]
    ]


async def test_a_negative_offset_forgets_all_before_the_last_ones(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    for text in ("一", "二", "三"):
        await api.says(alice, text)
    assert [update.message and update.message.text for update in await bot.get_updates(-1)] == [
        "三"
    ]
    assert len(api.pending) == 1
    assert len(await bot.get_updates(-5)) == 1


async def test_a_long_poll_is_answered_when_something_comes(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await api.wait_for_call("getUpdates")
    await api.says(alice, "您好")
    (update,) = await poll
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.first_name == "Alice"


async def test_a_long_poll_ends_with_nothing_after_its_timeout(bot: Bot) -> None:
    assert await bot.get_updates(timeout=1) == []


async def test_held_updates_come_in_one_batch(bot: Bot, api: BotApi, alice: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await api.wait_for_call("getUpdates")
    async with api.held_updates():
        await api.says(alice, "一")
        await api.says(alice, "二")
        assert await bot.get_updates() == []
    assert len(await poll) == 2


async def test_the_older_of_two_long_polls_is_told_of_the_conflict(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=50))
    await api.wait_for_call("getUpdates")
    newer = asyncio.create_task(bot.get_updates(timeout=50))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await older
    await api.says(alice, "您好")
    assert len(await newer) == 1


async def test_allowed_updates_are_kept_and_concern_only_what_comes_later(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    message = await api.says(alice, "您号")
    await bot.get_updates(allowed_updates=["message"])
    await api.edits(message, "您好")
    await bot.get_updates()
    await api.edits(message, "您好吗")
    assert len(api.pending) == 1
    await bot.get_updates(allowed_updates=[])
    await api.edits(message, "您好呀")
    assert [set(update) - {"update_id"} for update in api.pending] == [
        {"message"},
        {"edited_message"},
    ]


async def test_a_confirmed_update_can_be_delivered_again(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    await api.says(alice, "您好")
    (first,) = await bot.get_updates()
    assert await bot.get_updates(first.update_id + 1) == []

    await api.redeliver(api.updates[0])
    assert await bot.get_updates(first.update_id + 1) == [first]
    assert await bot.get_updates(first.update_id + 1) == []

    await api.redeliver(api.updates[0], with_new_id=True)
    (again,) = await bot.get_updates(first.update_id + 1)
    assert again.update_id == first.update_id + 1
    assert again.message == first.message


async def test_update_ids_may_start_anew_below_a_remembered_offset(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    api.restart_update_ids(7)
    await api.says(alice, "一周以后")
    (update,) = await bot.get_updates(offset=700_000_001)
    assert update.update_id == 7
    assert await bot.get_updates(offset=8) == []
    assert api.confirmed_offset == 8


async def test_a_lost_answer_leaves_the_updates_unconfirmed(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    await api.says(alice, "您好")
    api.lose_answers(methods=["getUpdates"])
    with pytest.raises(TelegramNetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1


async def test_a_poll_whose_bot_was_killed_loses_nothing(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    killed = asyncio.create_task(bot.get_updates(timeout=50))
    await api.wait_for_call("getUpdates")
    killed.cancel()
    await asyncio.wait([killed])
    await api.says(alice, "还在吗")
    (update,) = await bot.get_updates(timeout=50)
    assert update.message is not None
    assert update.message.text == "还在吗"


async def test_a_waiting_poll_ends_with_the_server(client: Bot) -> None:
    async with BotApi.start(TOKEN) as api:
        client.session.api = TelegramAPIServer.from_base(api.base_url)
        poll = asyncio.create_task(client.get_updates(timeout=50))
        await api.wait_for_call("getUpdates")
    assert await poll == []


async def test_a_fault_of_the_server_itself_is_not_overlooked(
    client: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("tests.bot_api.telegram.Telegram.reachable")
    with pytest.raises(ExceptionGroup) as caught:
        async with BotApi.start(TOKEN) as api:
            client.session.api = TelegramAPIServer.from_base(api.base_url)
            with pytest.raises(TelegramServerError):
                await client.send_message(1, "您好")
    assert caught.group_contains(AttributeError)
