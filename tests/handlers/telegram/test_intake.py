import asyncio
import json

import pytest
from aiogram import Bot

from bot.store import consultations
from bot.store.errors import StoreUnavailableError
from handlers.telegram.intake import Intake, TelegramSetupError, lane
from tests.bot_api import BotApi, Group, Person
from tests.handlers.telegram.conftest import QUESTION, Service, taking_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

BROKEN = {"message_id": "no number", "chat": {"id": 1001, "type": "private"}}


async def count(service: Service) -> int:
    return await service.database.read(consultations.count)


# What is confirmed


async def test_a_question_is_answered_and_confirmed(telegram: Service, alice: Person) -> None:
    (answer,) = await telegram.said(alice, QUESTION)

    assert "依据：" in answer.text
    assert telegram.api.pending == []
    assert await count(telegram) == 1


async def test_a_question_is_not_confirmed_while_the_store_is_locked(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    with telegram.locked_store():
        await api.says(alice, QUESTION)
        asked = len(api.calls)
        await api.wait_until(lambda: len(api.calls) >= asked + 4, "four more polls")
        assert len(api.pending) == 1
        assert api.sent_to(alice) == []

    await telegram.settle()

    assert len(api.sent_to(alice)) == 1
    assert await count(telegram) == 1


async def test_commands_are_answered_while_the_store_is_locked(
    telegram: Service, alice: Person, bob: Person, api: BotApi
) -> None:
    with telegram.locked_store():
        await api.says(alice, QUESTION)
        await api.says(bob, "/help")
        await api.next_sent(bob)
        asked = len(api.calls)
        await api.wait_until(lambda: len(api.calls) >= asked + 4, "four more polls")

    await telegram.settle()

    assert len(api.sent_to(bob)) == 1


async def test_a_redelivered_update_is_answered_once(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await telegram.said(alice, QUESTION)
    await telegram.said(alice, "/start")
    before = len(api.sent)

    for update in tuple(api.updates):
        await api.redeliver(update)
    await api.wait_until(lambda: not api.queue.again, "both delivered again")
    await telegram.settle()

    assert len(api.sent) == before
    assert await count(telegram) == 1


async def test_a_question_redelivered_under_another_id_is_answered_once(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await telegram.said(alice, QUESTION)

    await api.redeliver(api.updates[0], with_new_id=True)
    await telegram.settle()

    assert len(api.sent_to(alice)) == 1
    assert await count(telegram) == 1


async def test_updates_are_taken_in_after_telegram_began_to_count_anew(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await telegram.said(alice, QUESTION)

    api.restart_update_ids(17)
    (answer,) = await telegram.said(alice, "/help")

    assert "/guides" in answer.text


async def test_messages_of_one_chat_are_taken_in_order(
    service: Service, alice: Person, bob: Person, api: BotApi
) -> None:
    async with api.held_updates():
        for number in range(6):
            await api.says(alice, f"/status 不是编号{number}")
            await api.says(bob, f"{QUESTION}，第{number}问")
    async with taking_in(service.intake):
        await service.settle()

    opened = await service.consultations()
    assert len(api.sent_to(alice)) == 6
    assert [item.id for item in opened] == sorted(item.id for item in opened)
    texts = await service.database.read(
        lambda connection: [
            row.text
            for row in connection.exec_driver_sql("SELECT text FROM words ORDER BY event_id")
        ]
    )
    assert texts == [f"{QUESTION}，第{number}问" for number in range(6)]


# Updates that cannot be taken in


async def test_an_update_that_cannot_be_read_becomes_a_dead_letter(
    telegram: Service, alice: Person, staff_group: Group, api: BotApi
) -> None:
    api.queue.add("message", BROKEN)

    (answer, *_) = await telegram.said(alice, QUESTION)

    (letter,) = await telegram.dead_letters()
    assert letter.problem.startswith("ValidationError in ")
    assert "no number" not in letter.problem
    assert api.pending == []
    assert "没能处理" in api.sent_to(staff_group)[0].text
    sent = [one.text for one in api.sent_to(alice)]
    assert sum("没能处理" in text for text in sent) == 1
    assert sum("依据：" in text for text in sent) == 1
    assert answer.text in sent


async def test_what_was_taken_in_beside_a_failing_update_is_not_taken_in_again(
    telegram: Service, bob: Person, api: BotApi
) -> None:
    async with api.held_updates():
        api.queue.add("message", BROKEN)
        await api.says(bob, "/help")
    await telegram.settle()

    assert len(api.sent_to(bob)) == 1


async def test_a_dead_letter_is_written_once(telegram: Service, api: BotApi) -> None:
    update = api.queue.append("message", BROKEN)
    await api.says(api.person(1001, "Alice"), "/help")
    await telegram.settle()

    second = Intake(
        telegram.bot,
        telegram.dispatcher,
        database=telegram.database,
        keys=telegram.keys,
        clock=telegram.clock,
    )
    body = json.dumps(update).encode()
    secret = telegram.keys.hash("webhook", telegram.bot.token).hex()
    statuses = [await second.handle_webhook(body, secret) for _ in range(4)]

    assert statuses == [500, 500, 200, 200]
    assert len(await telegram.dead_letters()) == 1


async def test_an_update_of_an_unknown_kind_is_passed_over(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    api.queue.append("telepathy", {"chat": {"id": 1, "type": "private"}})
    api.queue.append("channel_post", {"chat": {"id": -5, "type": "channel"}, "text": "新闻"})

    (answer,) = await telegram.said(alice, "/help")

    assert answer.text
    assert await count(telegram) == 0


# Trouble on the way to Telegram


async def test_trouble_while_polling_is_waited_out(
    service: Service, alice: Person, api: BotApi
) -> None:
    polls = ["getUpdates"]
    api.fail_next(2, status=502, methods=polls)
    api.fail_next(1, status=502, page=True, methods=polls)
    api.fail_next(1, status=409, methods=polls)
    api.lose_requests(1, methods=polls)
    api.lose_answers(1, methods=polls)
    async with taking_in(service.intake):
        (answer,) = await service.said(alice, QUESTION)

    assert "依据：" in answer.text
    assert len([call for call in api.calls if call.method == "getUpdates"]) > 6


async def test_polling_begins_although_a_webhook_was_set(
    service: Service, alice: Person, api: BotApi
) -> None:
    await service.bot.set_webhook("https://elsewhere.example.cn/hook")

    async with taking_in(service.intake):
        (answer,) = await service.said(alice, "/help")

    assert answer.text


async def test_a_refused_token_ends_the_intake_with_one_sentence(
    service: Service, api: BotApi
) -> None:
    stranger = Bot("42:ANOTHER-TOKEN", session=service.bot.session)
    intake = Intake(
        stranger,
        service.dispatcher,
        database=service.database,
        keys=service.keys,
        clock=service.clock,
    )

    with pytest.raises(TelegramSetupError, match="ZIXUN_BOT_TOKEN") as raised:
        await intake.run()

    assert "ANOTHER-TOKEN" not in str(raised.value)


async def test_a_flood_limit_on_an_answer_is_waited_out(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    api.too_many_requests(1, retry_after=7, methods=["sendMessage"])
    assert await telegram.said(alice, QUESTION) == []

    telegram.clock.move(seconds=6)
    await telegram.delivery.drain()
    assert api.sent_to(alice) == []

    telegram.clock.move(seconds=1)
    await telegram.delivery.drain()
    assert len(api.sent_to(alice)) == 1


# Stopping


async def test_a_running_handler_is_finished_and_confirmed_before_the_intake_stops(
    service: Service, alice: Person, api: BotApi
) -> None:
    async with taking_in(service.intake) as task:
        async with api.stuck("sendMessage"):
            await api.says(alice, "/help")
            await api.wait_for_call("sendMessage")
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert len(api.sent_to(alice)) == 1
    assert api.pending == []


# Webhook


def webhook_intake(service: Service) -> Intake:
    return Intake(
        service.bot,
        service.dispatcher,
        database=service.database,
        keys=service.keys,
        clock=service.clock,
        webhook_url="https://zixun.example.cn/telegram/webhook",
        first_wait=0.01,
    )


async def test_the_webhook_is_set_with_a_secret_that_is_then_asked_for(
    service: Service, alice: Person, api: BotApi
) -> None:
    intake = webhook_intake(service)
    async with taking_in(intake):
        (call,) = await api.wait_for_call("setWebhook")
    secret = call.fields["secret_token"]
    await service.bot.delete_webhook()
    await api.says(alice, QUESTION)
    body = json.dumps(api.updates[0]).encode()

    assert await intake.handle_webhook(body, None) == 403
    assert await intake.handle_webhook(body, "密码") == 403
    assert await count(service) == 0
    assert await intake.handle_webhook(body, secret) == 200
    assert await intake.handle_webhook(body, secret) == 200
    assert await intake.handle_webhook(b"[]", secret) == 400
    assert await intake.handle_webhook(b"\xff", secret) == 400
    assert await count(service) == 1
    assert await service.delivery.drain() == 1


async def test_the_webhook_answers_503_while_the_store_is_locked(
    service: Service, alice: Person, api: BotApi
) -> None:
    intake = webhook_intake(service)
    secret = service.keys.hash("webhook", service.bot.token).hex()
    await api.says(alice, QUESTION)
    body = json.dumps(api.updates[0]).encode()

    with service.locked_store():
        assert await intake.handle_webhook(body, secret) == 503
        with pytest.raises(StoreUnavailableError):
            await service.database.write(consultations.count)

    assert await intake.handle_webhook(body, secret) == 200
    assert await count(service) == 1


async def test_a_refused_webhook_address_ends_the_intake_with_one_sentence(
    service: Service, api: BotApi
) -> None:
    intake = Intake(
        service.bot,
        service.dispatcher,
        database=service.database,
        keys=service.keys,
        clock=service.clock,
        webhook_url="ftp://zixun.example.cn",
    )

    with pytest.raises(TelegramSetupError, match="ZIXUN_WEBHOOK_URL"):
        await intake.run()


async def test_a_lane_is_a_chat() -> None:
    message = {"message_id": 1, "chat": {"id": 5}, "from": {"id": 5}}
    tap = {"id": "9", "from": {"id": 5}, "message": {"message_id": 2, "chat": {"id": 5}}}

    assert lane({"update_id": 1, "message": message}) == ("chat", 5)
    assert lane({"update_id": 2, "edited_message": message}) == ("chat", 5)
    assert lane({"update_id": 3, "callback_query": tap}) == ("chat", 5)
    assert lane({"update_id": 4, "poll": {"id": "1"}}) == ("update", 4)
