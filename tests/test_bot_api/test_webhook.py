"""The webhook: tried until it is taken, in order within a chat, with its secret."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiogram.types import Update
from aiohttp import web

from tests.bot_api import BotApi, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "s-3_cret"


class Receiver:
    """A bot's webhook: ``answers`` are used up one a request, and then everything is taken."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[web.Response] = []
        self.got: list[Update] = []
        self.secrets: list[str | None] = []
        self.open = asyncio.Event()
        self.open.set()
        self.arrived = asyncio.Semaphore(0)
        self.most_at_once = 0
        self._at_once = 0

    async def take(self, request: web.Request) -> web.Response:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.append(Update.model_validate(await request.json()))
        self.arrived.release()
        await self.open.wait()
        self._at_once -= 1
        return self.answers.pop(0) if self.answers else web.Response()

    @property
    def texts(self) -> list[str | None]:
        return [update.message.text for update in self.got if update.message is not None]


@pytest_asyncio.fixture(loop_scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/telegram/webhook", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/webhook"
    yield receiver
    receiver.open.set()
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    await api.says(alice, "早于")
    await bot.set_webhook(receiver.url, secret_token=SECRET)
    await api.says(alice, "晚于")
    await api.wait_for_confirmed()
    assert receiver.texts == ["早于", "晚于"]
    assert receiver.secrets == [SECRET, SECRET]
    assert [one.status for one in api.deliveries] == [200, 200]
    assert api.confirmed_offset == receiver.got[-1].update_id + 1


async def test_no_secret_means_no_header(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    await api.says(alice, "您好")
    await api.wait_for_confirmed()
    assert receiver.secrets == [None]


async def test_an_update_is_tried_until_2xx_and_holds_back_only_its_own_chat(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    bob = api.person(1002, "Bob")
    await bot.set_webhook(receiver.url)
    receiver.answers = [
        web.Response(status=503),
        web.Response(status=302, headers={"Location": receiver.url}),
        web.Response(status=500),
    ]
    async with api.held_updates():
        await api.says(alice, "一")
        await api.says(alice, "二")
    await api.wait_for_delivery(1)
    await api.says(bob, "三")
    await api.wait_for_confirmed()

    of_alice = [u.message.text for u in receiver.got if u.message and u.message.chat.id == 1001]
    assert of_alice[-1] == "二"
    assert set(of_alice[:-1]) == {"一"}
    statuses = [one.status for one in await api.wait_for_delivery(6)]
    assert sorted(filter(None, statuses)) == [200, 200, 200, 302, 500, 503]
    info = await bot.get_webhook_info()
    assert info.last_error_message is not None
    assert info.last_error_message.startswith("Wrong response from the webhook:")
    assert info.last_error_date is not None


async def test_retries_wait_longer_each_time_or_as_long_as_they_are_told(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    really_sleep = asyncio.sleep

    async def sleep(delay: float) -> None:
        waited.append(delay)
        await really_sleep(0)

    monkeypatch.setattr("tests.bot_api.webhook.asyncio.sleep", sleep)
    receiver.answers = [web.Response(status=500) for _ in range(8)]
    receiver.answers.append(web.Response(status=503, headers={"Retry-After": "5"}))
    await bot.set_webhook(receiver.url)
    await api.says(alice, "您好")
    await api.wait_for_confirmed()
    seconds = [round(delay / 0.02) for delay in waited]
    assert seconds == [0, 2, 4, 8, 16, 32, 60, 60, 5]
    assert all(one < other for one, other in pairwise(seconds[:7]))


async def test_a_webhook_that_is_away_gets_everything_when_it_is_back(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver, unused_tcp_port: int
) -> None:
    await bot.set_webhook(f"http://127.0.0.1:{unused_tcp_port}/")
    await api.says(alice, "您好")
    (first, *_) = await api.wait_for_delivery()
    assert (first.status, first.error.partition(":")[0]) == (None, "Connection failed")
    assert len(api.pending) == 1
    await bot.set_webhook(receiver.url)
    await api.wait_for_confirmed()
    assert receiver.texts == ["您好"]


async def test_no_more_connections_than_allowed_are_used(
    bot: Bot, api: BotApi, receiver: Receiver
) -> None:
    people = [api.person(number, "Alice") for number in range(1, 7)]
    await bot.set_webhook(receiver.url, max_connections=2)
    receiver.open.clear()
    for person in people:
        await api.says(person, "您好")
    for _ in range(2):
        await asyncio.wait_for(receiver.arrived.acquire(), 5)
    await bot.get_me()  # time enough for a third to arrive
    receiver.open.set()
    await api.wait_for_confirmed()
    assert (receiver.most_at_once, len(receiver.got)) == (2, 6)


async def test_get_updates_and_a_webhook_exclude_each_other(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await api.wait_for_call("getUpdates")
    await bot.set_webhook(receiver.url, max_connections=3, allowed_updates=["message"])
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await poll
    with pytest.raises(TelegramConflictError, match="while webhook is active"):
        await bot.get_updates()
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections) == (receiver.url, 3)
    assert info.allowed_updates == ["message"]

    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    await api.says(alice, "您好")
    assert len(await bot.get_updates()) == 1
    assert receiver.got == []


async def test_an_empty_url_deletes_the_webhook_and_pending_updates_can_be_dropped(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    await bot.set_webhook("")
    await api.says(alice, "旧的")
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.set_webhook(receiver.url, drop_pending_updates=True)
    await api.says(alice, "新的")
    await api.wait_for_confirmed()
    assert receiver.texts == ["新的"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_setting_the_same_webhook_again_disturbs_nothing(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url, secret_token=SECRET)
    receiver.open.clear()
    await api.says(alice, "您好")
    await asyncio.wait_for(receiver.arrived.acquire(), 5)
    await bot.set_webhook(receiver.url, secret_token=SECRET)
    receiver.open.set()
    await api.wait_for_confirmed()
    assert receiver.texts == ["您好"]


@pytest.mark.parametrize(
    ("url", "secret", "description"),
    [
        ("gov.cn/hook", "", "invalid webhook URL specified"),
        ("https://gov.cn/", "有 空格", "secret token contains unallowed characters"),
        ("https://gov.cn/", "x" * 257, "secret token is too long"),
    ],
)
async def test_a_bad_webhook_is_refused(bot: Bot, url: str, secret: str, description: str) -> None:
    with pytest.raises(TelegramBadRequest, match=description):
        await bot.set_webhook(url, secret_token=secret)
    assert (await bot.get_webhook_info()).url == ""


async def test_a_confirmed_update_can_be_posted_again(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    await api.says(alice, "您好")
    await api.wait_for_confirmed()
    await api.redeliver(api.updates[0])
    await api.wait_for_delivery(2)
    assert receiver.got[0] == receiver.got[1]
    await api.redeliver(api.updates[0], with_new_id=True)
    await api.wait_for_delivery(3)
    assert receiver.got[2].update_id == receiver.got[0].update_id + 1
    assert receiver.got[2].message == receiver.got[0].message


async def test_a_webhooks_answer_may_call_a_method(
    bot: Bot, api: BotApi, alice: Person, receiver: Receiver
) -> None:
    send = {"method": "sendMessage", "chat_id": alice.id, "text": "收到"}
    receiver.answers = [
        web.json_response(send),
        web.json_response(send | {"text": ""}),
        web.json_response({"method": "deleteWebhook"}),
        web.Response(text=json.dumps(send)),
    ]
    await bot.set_webhook(receiver.url)
    for number in range(4):
        await api.says(alice, f"第{number}问")
    await api.wait_for_confirmed()
    await api.wait_until(lambda: bool(api.refusals), "the empty text is refused")
    assert [sent.text for sent in api.sent] == ["收到"]
    assert (await bot.get_webhook_info()).url == receiver.url
