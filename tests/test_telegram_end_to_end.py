"""A real ``zixun serve`` on a real database; only Telegram's servers are an emulator."""

import asyncio
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.bot.test_app import Served, environment, serving
from tests.bot_api import BotApi, Group, Person, Sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "42:TEST-END-TO-END"
STAFF_CHAT = -1002026112302
QUESTION = "怎么申请政府信息公开"
LONG = 20.0


@dataclass(frozen=True, slots=True)
class Running:
    """The emulator, the service that talks to it, and where that keeps its data."""

    api: BotApi
    served: Served
    folder: Path
    group: Group
    clerk: Person

    async def answer(self, person: Person, text: str) -> Sent:
        """What the bot says next to this person after a message."""
        before = len(self.api.sent_to(person))
        await self.api.says(person, text)
        sent = await self.api.wait_for_sent(before + 1, chat=person, within=LONG)
        return sent[before]

    async def after_everything(self) -> None:
        """Return once somebody who asked last has been answered, and so everybody before."""
        await self.api.wait_for_confirmed(within=LONG)
        last = self.api.person(9_000 + len(self.api.sent), "Last", started=True)
        await self.answer(last, QUESTION)


@contextmanager
def store(folder: Path) -> Iterator[sqlite3.Connection]:
    """The service's database, looked at from outside."""
    path = folder / "data" / "zixun.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def events(folder: Path) -> int:
    with store(folder) as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def connected(api: BotApi, **more: str) -> dict[str, str]:
    """The settings of a service that talks to the emulator."""
    settings = {
        "ZIXUN_BOT_TOKEN": api.token,
        "ZIXUN_TELEGRAM_API": api.base_url,
        "ZIXUN_STAFF_CHAT_ID": str(STAFF_CHAT),
    }
    return settings | more


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One service for the tests that leave it as it was; each has a citizen of its own."""
    folder = tmp_path_factory.mktemp("served")
    async with BotApi.start(TOKEN, poll_second=0.02) as api:
        clerk = api.person(2001, "Charlie")
        group = api.group(STAFF_CHAT, "政务公开办", clerk)
        async with serving(folder, **connected(api)) as served:
            yield Running(api, served, folder, group, clerk)


async def test_a_question_is_answered_with_its_basis(running: Running) -> None:
    alice = running.api.person(1001, "Alice")

    welcome = await running.answer(alice, "/start")
    answer = await running.answer(alice, QUESTION)

    assert "境外" in welcome.text
    assert "依据：《政府信息公开条例》" in answer.text
    assert "转人工" in answer.labels
    await running.api.wait_for_confirmed()


async def test_what_is_delivered_again_writes_and_sends_nothing_more(running: Running) -> None:
    api, alice = running.api, running.api.person(1002, "Alice")
    answer = await running.answer(alice, QUESTION)
    asked = api.updates[-1]
    await api.taps_button(alice, answer, "没解决")
    await api.wait_for_sent(2, chat=alice, within=LONG)
    tapped = api.updates[-1]
    await running.after_everything()
    sent, written = len(api.sent), events(running.folder)

    for update in (asked, tapped):
        await api.redeliver(update)
        await api.redeliver(update, with_new_id=True)
    await api.taps_button(alice, answer, "没解决")
    await running.after_everything()

    assert len(api.sent) == sent + 1
    assert events(running.folder) == written + 1


async def test_a_question_that_cannot_be_stored_is_not_confirmed_and_answered_later(
    running: Running,
) -> None:
    api = running.api
    alice, bob = api.person(1003, "Alice"), api.person(1004, "Bob")
    with store(running.folder) as other:
        other.execute("BEGIN IMMEDIATE")
        async with api.held_updates():
            await api.says(alice, QUESTION)
            await api.says(bob, "/help")
        await api.wait_for_sent(chat=bob, within=LONG)
        assert len(api.pending) == 2
        assert api.sent_to(alice) == []
        other.execute("ROLLBACK")
    await api.wait_for_confirmed(within=LONG)
    await running.after_everything()

    assert len(api.sent_to(alice)) == 1
    assert len(api.sent_to(bob)) == 1


async def test_a_flood_limit_is_waited_out(running: Running) -> None:
    alice = running.api.person(1005, "Alice")
    running.api.too_many_requests(1, retry_after=1, methods=["sendMessage"])

    answer = await running.answer(alice, QUESTION)

    assert "依据：" in answer.text
    assert len(running.api.sent_to(alice)) == 1


async def test_who_blocked_the_bot_is_noted_and_holds_up_nobody(running: Running) -> None:
    api, alice = running.api, running.api.person(1006, "Alice")
    async with api.held_updates():
        await api.says(alice, QUESTION)
        await api.blocks(alice)
    await running.after_everything()

    with store(running.folder) as connection:
        (problem,) = connection.execute(
            "SELECT problem FROM outbox WHERE status = 'undeliverable'"
        ).fetchall()
    assert "blocked" in problem[0]
    assert api.sent_to(alice) == []


async def test_an_escalation_is_answered_from_the_staff_group(running: Running) -> None:
    api, group, clerk = running.api, running.group, running.clerk
    alice = api.person(1007, "Alice")
    added = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "staff", "add", "Charlie", "--telegram", str(clerk.id)),
        cwd=running.folder,
        env=environment(running.folder),
    )
    assert await added.wait() == 0
    before = len(api.sent_to(group))

    answer = await running.answer(alice, QUESTION)
    await api.taps_button(alice, answer, "转人工")
    escalation = (await api.wait_for_sent(before + 1, chat=group, within=LONG))[before]
    await api.says(clerk, "您好，可以当面来交。", chat=group, reply_to=escalation)
    draft = (await api.wait_for_sent(before + 2, chat=group, within=LONG))[before + 1]
    assert len(await api.wait_for_sent(2, chat=alice, within=LONG)) == 2
    await api.taps_button(clerk, draft, "发送")
    reply = (await api.wait_for_sent(3, chat=alice, within=LONG))[2]
    await api.taps_button(alice, reply, "满意")
    thanks = (await api.wait_for_sent(4, chat=alice, within=LONG))[3]

    assert QUESTION in escalation.text
    assert "受理编号" in api.sent_to(alice)[1].text
    assert "您好，可以当面来交。" in reply.text
    assert "谢谢" in thanks.text
    with store(running.folder) as connection:
        outcomes = connection.execute("SELECT outcome, rating FROM consultations").fetchall()
    assert ("ANSWERED_STAFF", "satisfied") in outcomes


async def test_nothing_that_telegram_refuses_was_ever_asked_of_it(running: Running) -> None:
    await running.after_everything()

    refused = [one for one in running.api.refusals if "blocked" not in one.description]
    assert refused == []


async def test_an_answer_that_was_decided_survives_a_kill(tmp_path: Path) -> None:
    async with BotApi.start(TOKEN, poll_second=0.02) as api:
        alice = api.person(1001, "Alice")
        async with serving(tmp_path, **connected(api)) as served, api.stuck("sendMessage"):
            await api.says(alice, QUESTION)
            await api.wait_for_call("sendMessage", within=LONG)
            served.process.send_signal(signal.SIGKILL)
            await served.process.wait()
        assert api.sent_to(alice) == []

        async with serving(tmp_path, **connected(api)) as again:
            (answer,) = await api.wait_for_sent(chat=alice, within=LONG)
            await api.wait_for_confirmed(within=LONG)
            again.process.send_signal(signal.SIGTERM)
            status = await again.process.wait()

    assert "依据：" in answer.text
    assert status == 0
    assert events(tmp_path) == 1


async def test_what_is_under_way_at_sigterm_is_finished_and_confirmed(tmp_path: Path) -> None:
    async with BotApi.start(TOKEN, poll_second=0.02) as api:
        alice = api.person(1001, "Alice")
        async with serving(tmp_path, **connected(api)) as served:
            async with api.stuck("sendMessage"):
                await api.says(alice, "/help")
                await api.wait_for_call("sendMessage", within=LONG)
                served.process.send_signal(signal.SIGTERM)
            status = await served.process.wait()

        assert status == 0
        assert len(api.sent_to(alice)) == 1
        assert api.pending == []


async def test_updates_come_by_webhook_when_its_address_is_set(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    webhook = f"http://127.0.0.1:{port}/telegram/webhook"
    async with BotApi.start(TOKEN) as api:
        alice = api.person(1001, "Alice")
        settings = connected(api, ZIXUN_WEBHOOK_URL=webhook, ZIXUN_PORT=str(port))
        async with serving(tmp_path, **settings), httpx.AsyncClient() as stranger:
            await api.wait_for_call("setWebhook", within=LONG)
            await api.says(alice, QUESTION)
            (answer,) = await api.wait_for_sent(chat=alice, within=LONG)
            forged = await stranger.post(webhook, json=api.updates[0])

    assert "依据：" in answer.text
    assert [delivery.status for delivery in api.deliveries] == [200]
    assert forged.status_code == 403
    assert all(call.method != "getUpdates" for call in api.calls)


async def test_with_a_refused_token_the_web_side_goes_on(tmp_path: Path) -> None:
    async with BotApi.start(TOKEN) as api:
        settings = connected(api) | {"ZIXUN_BOT_TOKEN": "42:ANOTHER-TOKEN"}
        async with serving(tmp_path, **settings) as served, httpx.AsyncClient() as client:
            assert served.process.stderr is not None
            log = ""
            async with asyncio.timeout(LONG):
                while "telegram_refused" not in log:
                    log += (await served.process.stderr.readline()).decode()
            answer = await client.get(f"{served.address}/healthz")

    assert answer.status_code == 200
    assert "Telegram 不认这个令牌，请核对 ZIXUN_BOT_TOKEN" in log
    assert "ANOTHER-TOKEN" not in log
