"""The real desk, store, dispatcher and delivery; only Telegram's servers are an emulator."""

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiogram import Bot, Dispatcher
from aiogram.client.telegram import TelegramAPIServer

from bot.desk.calendar import load_calendar
from bot.desk.channels import Channel, registry
from bot.desk.desk import Desk
from bot.desk.keys import Keys
from bot.desk.shelf import Shelf
from bot.desk.staffing import Staffing
from bot.jobs.delivery import Delivery
from bot.store import consultations, dead_letters, events
from bot.store import database as database_module
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.outbox import Outgoing
from handlers.replies import Speaker
from handlers.telegram import notices
from handlers.telegram.channel import build_dispatcher
from handlers.telegram.group import StaffGroup
from handlers.telegram.intake import Intake
from handlers.telegram.sending import TelegramSender
from knowledge.guides import Guide, load_guides
from knowledge.office import load_office
from knowledge.understanding import Reader
from tests.bot_api import BotApi, Group, Person, Sent

TOKEN = "42:TEST-OF-ZIXUN"
STAFF_CHAT = -1002026112301
PUBLIC_URL = "https://zixun.example.cn"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten o'clock in the office
QUESTION = "怎么申请政府信息公开"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class Service:
    """Everything behind the channel, and the channel itself, with what tests do to them."""

    api: BotApi
    bot: Bot
    clock: Clock
    path: Path
    database: Database
    desk: Desk
    staffing: Staffing
    speaker: Speaker
    keys: Keys
    group: StaffGroup
    dispatcher: Dispatcher
    intake: Intake
    delivery: Delivery
    channels: dict[str, Channel]

    async def settle(self) -> None:
        """Wait until all that was said is taken in, and send every answer that is due."""
        await self.api.wait_for_confirmed()
        await self.delivery.drain()

    async def said(self, person: Person, text: str) -> list[Sent]:
        """What the bot sends a person because of a message."""
        before = len(self.api.sent)
        await self.api.says(person, text)
        await self.settle()
        return [sent for sent in self.api.sent[before:] if sent.chat == person.id]

    async def tapped(self, person: Person, message: Sent, label: str) -> list[Sent]:
        """What the bot sends a person because of a tapped button."""
        before = len(self.api.sent)
        await self.api.taps_button(person, message, label)
        await self.settle()
        return [sent for sent in self.api.sent[before:] if sent.chat == person.id]

    async def consultations(self) -> list[Consultation]:
        """Everything in the log, oldest first."""
        year = timedelta(days=366)
        return list(
            await self.database.read(
                partial(consultations.opened_between, start=MONDAY - year, end=MONDAY + year)
            )
        )

    async def kinds(self, consultation: Consultation) -> list[str]:
        """What happened to a consultation, by the kinds of its events."""
        found = await self.database.read(
            lambda connection: events.of_consultation(connection, consultation.id)
        )
        return [event.kind for event in found]

    async def dead_letters(self) -> list[dead_letters.DeadLetter]:
        return await self.database.read(dead_letters.newest)

    @contextmanager
    def locked_store(self) -> Iterator[None]:
        """Another program holds the write lock for as long as the block lasts."""
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()


@pytest.fixture(scope="session")
def guides() -> tuple[Guide, ...]:
    return load_guides()


@pytest.fixture(scope="session")
def reader(guides: tuple[Guide, ...]) -> Reader:
    return Reader(guides)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations leave it, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    await migrate(f"sqlite:///{path}")
    return path


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def client() -> AsyncIterator[Bot]:
    """One bot for all tests, since closing aiogram's session takes a quarter of a second."""
    bot = Bot(TOKEN)
    yield bot
    await bot.session.close()


@pytest_asyncio.fixture(loop_scope="session")
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


@pytest.fixture
def bob(api: BotApi) -> Person:
    return api.person(1002, "Bob", started=True)


@pytest.fixture
def clerk(api: BotApi) -> Person:
    return api.person(2001, "Charlie")


@pytest.fixture
def staff_group(api: BotApi, clerk: Person) -> Group:
    return api.group(STAFF_CHAT, "政务公开办", clerk)


@pytest_asyncio.fixture(loop_scope="session")
async def service(
    tmp_path: Path,
    api: BotApi,
    bot: Bot,
    guides: tuple[Guide, ...],
    reader: Reader,
    staff_group: Group,
    empty_store: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Service]:
    """The service at rest: nothing is taken in before ``taking_in`` or ``telegram``."""
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 20)
    path = tmp_path / "zixun.db"
    shutil.copyfile(empty_store, path)
    database = Database(f"sqlite:///{path}")
    clock, office, calendar = Clock(), load_office(), load_calendar()
    keys, shelf, group = Keys("a secret of the tests"), Shelf(guides), StaffGroup(staff_group.id)
    speaker = Speaker(office=office, shelf=shelf, calendar=calendar, keys=keys)
    sender = TelegramSender(bot, speaker=speaker, group=group, public_url=PUBLIC_URL)
    telegram = Channel("telegram", "Telegram", "telegram", sender=sender)
    channels = dict(registry([telegram]))
    doorbell = asyncio.Event()
    desk = Desk(
        database,
        reader=reader,
        shelf=shelf,
        office=office,
        calendar=calendar,
        keys=keys,
        channels=channels,
        wake=doorbell.set,
    )
    staffing = Staffing(database, register=desk.register, keys=keys, wake=doorbell.set)
    dispatcher = build_dispatcher(
        desk, staffing, speaker=speaker, group=group, public_url=PUBLIC_URL
    )
    intake = Intake(
        bot,
        dispatcher,
        database=database,
        keys=keys,
        clock=clock,
        lost=partial(notices.tell_of_loss, bot=bot, speaker=speaker, group=group),
        first_wait=0.01,
    )

    async def undeliverable(outgoing: Outgoing, problem: str) -> None:
        await staffing.note_undeliverable(outgoing, problem, now=clock())

    delivery = Delivery(
        database,
        channels=channels,
        keys=keys,
        clock=clock,
        undeliverable=undeliverable,
        doorbell=doorbell,
    )
    yield Service(
        api=api,
        bot=bot,
        clock=clock,
        path=path,
        database=database,
        desk=desk,
        staffing=staffing,
        speaker=speaker,
        keys=keys,
        group=group,
        dispatcher=dispatcher,
        intake=intake,
        delivery=delivery,
        channels=channels,
    )
    desk.close()
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def telegram(service: Service) -> AsyncIterator[Service]:
    """The service, taking in updates."""
    async with taking_in(service.intake):
        yield service


@contextlib.asynccontextmanager
async def taking_in(intake: Intake) -> AsyncIterator[asyncio.Task[None]]:
    """An intake that runs for as long as the block lasts."""
    task = asyncio.create_task(intake.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def data_of(message: Sent, label: str) -> Any:
    """What the button with this label carries."""
    rows = (message.reply_markup or {})["inline_keyboard"]
    return next(item["callback_data"] for row in rows for item in row if item["text"] == label)
