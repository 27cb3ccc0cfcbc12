"""A real aiogram bot and the server that it talks to."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)

from tests.bot_api import BotApi, Person

TOKEN = "42:TEST"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client() -> AsyncIterator[Bot]:
    """One bot for all tests, since closing aiogram's session takes a quarter of a second."""
    bot = Bot(TOKEN)
    yield bot
    await bot.session.close()


@pytest_asyncio.fixture(loop_scope="module")
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start(TOKEN, poll_second=0.02) as api:
        yield api


@pytest.fixture
def bot(client: Bot, api: BotApi) -> Bot:
    client.session.api = TelegramAPIServer.from_base(api.base_url)
    return client


@pytest.fixture
def alice(api: BotApi) -> Person:
    return api.person(1001, "Alice", started=True)


def keyboard(*rows: dict[str, str]) -> InlineKeyboardMarkup:
    """An inline keyboard; each row maps labels to callback data."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=data) for label, data in row.items()]
            for row in rows
        ]
    )
