import asyncio
import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.desk.channels import Channel, DeliveryError
from bot.desk.inquiries import Inquiry, ReplyKind
from bot.service import Service, open_service
from bot.settings import Settings
from handlers.replies import Speaker
from handlers.telegram.channel import build_bot, build_dispatcher, open_telegram, public_url_of
from handlers.telegram.group import StaffGroup
from tests.bot_api import BotApi, Person
from tests.handlers.telegram.conftest import MONDAY, QUESTION, TOKEN
from tests.handlers.telegram.conftest import Service as Built
from tests.handlers.telegram.test_sending import parcel

pytestmark = pytest.mark.asyncio(loop_scope="session")


def settings_of(folder: Path, *, api: str | None = None, webhook: str | None = None) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder / 'zixun.db'}",
        bot_token=SecretStr(TOKEN),
        telegram_api=api,
        webhook_url=webhook,
        secret_key=SecretStr("a secret of the tests"),
        secret_file=folder / "secret.key",
    )


async def test_two_dispatchers_can_be_built_for_one_desk(service: Built) -> None:
    for _ in range(2):
        built = build_dispatcher(
            service.desk,
            service.staffing,
            speaker=service.speaker,
            group=StaffGroup(None),
            public_url=None,
        )
        assert sorted(built.resolve_used_update_types()) == [
            "callback_query", "edited_message", "message"
        ]  # fmt: skip
        assert built["web_page"] == service.speaker.office.site


async def test_the_bot_talks_to_the_server_that_the_settings_name(tmp_path: Path) -> None:
    bot = build_bot(settings_of(tmp_path, api="http://127.0.0.1:8081/"))
    usual = build_bot(settings_of(tmp_path))

    assert bot.session.api.api_url("1:A", "getMe") == "http://127.0.0.1:8081/bot1:A/getMe"
    assert usual.session.api.api_url("1:A", "getMe").startswith("https://api.telegram.org/")


async def test_the_web_side_is_where_it_is_said_to_be_or_where_the_webhook_is(
    tmp_path: Path,
) -> None:
    webhook = settings_of(tmp_path, webhook="https://zixun.example.cn/telegram/webhook")
    said = webhook.model_copy(update={"public_url": "https://wen.example.cn/"})

    assert public_url_of(webhook) == "https://zixun.example.cn"
    assert public_url_of(said) == "https://wen.example.cn"
    assert public_url_of(settings_of(tmp_path)) is None


async def test_the_opened_channel_takes_in_sends_and_lets_go(
    tmp_path: Path, empty_store: Path, api: BotApi, alice: Person
) -> None:
    shutil.copyfile(empty_store, tmp_path / "zixun.db")
    settings = settings_of(tmp_path, api=api.base_url)
    connected = [Channel("telegram", "Telegram", "telegram")]
    async with open_service(settings, connected=connected, clock=lambda: MONDAY) as service:
        asked = Inquiry("telegram", "m1", "1001", QUESTION, received_at=MONDAY, contact="1001")
        consultation = (await service.desk.ask(asked)).consultation
        reply = parcel(consultation, ReplyKind.SOLVED, contact="1001")
        async with open_telegram(service, speaker_of(service)) as joined:
            running = asyncio.create_task(joined.run())
            await api.says(alice, "/help")
            await api.wait_for_confirmed()
            running.cancel()
            async with api.stuck("sendMessage"):
                sending = asyncio.create_task(joined.send(reply))
                await api.wait_for_call("sendMessage", 2)
            reference = await sending
        with pytest.raises(DeliveryError) as raised:
            await joined.send(reply)
        await asyncio.gather(running, return_exceptions=True)

    assert [scope for scope, _ in api.commands] == ["all_private_chats"]
    assert "/guides" in api.sent_to(alice)[0].text
    assert reference == f"1001:{api.sent_to(alice)[1].message_id}"
    assert (raised.value.permanent, raised.value.retry_after) == (False, 1)


def speaker_of(service: Service) -> Speaker:
    return Speaker(
        office=service.office, shelf=service.shelf, calendar=service.calendar, keys=service.keys
    )
