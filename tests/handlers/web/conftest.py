"""The real application over a real desk and a real SQLite file; only the clock is ours."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import Connection

from bot.desk.calendar import load_calendar
from bot.desk.channels import Channel, Parcel, registry
from bot.desk.desk import Desk
from bot.desk.inquiries import Inquiry
from bot.desk.keys import Keys
from bot.desk.shelf import Shelf
from bot.desk.staffing import Staffing
from bot.service import Service
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.tables import outbox
from handlers.replies import Speaker
from handlers.web.application import build_application
from knowledge.guides import Guide, load_guides
from knowledge.office import load_office
from knowledge.understanding import Reader

MONDAY = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""10:30 at the office."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = MONDAY

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.moment

    def advance(self, step: timedelta) -> None:
        """Move it on."""
        self.moment += step


@dataclass
class House:
    """One office's service with the address under which its pages are reached."""

    service: Service
    speaker: Speaker
    clock: Clock
    updates: list[tuple[bytes, str | None]] = field(default_factory=list)
    status_of_update: int = 200

    async def take_update(self, body: bytes, secret: str | None) -> int:
        """Telegram's side: notes what came."""
        self.updates.append((body, secret))
        return self.status_of_update


async def reply_as_staff(house: House, receipt: str, text: str) -> None:
    """What a member of the staff does in the group: a reply under the message, then 发送."""
    service = house.service
    reference = service.keys.hash("message", "group 1").hex()

    def note_sent(connection: Connection) -> None:
        connection.execute(
            outbox.update()
            .where(outbox.c.audience == "staff")
            .values(message_ref=reference, status="sent")
        )

    await service.database.write(note_sent)
    drafted = await service.staffing.draft_reply(
        "group 1", inquiry=Inquiry("telegram", "d1", "77", text, house.clock.moment)
    )
    draft_id = int(drafted.event.facts["draft_id"])
    await service.staffing.settle_draft(
        draft_id, send=True, inquiry=Inquiry("telegram", "s1", "77", "", house.clock.moment)
    )


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page)))


@pytest.fixture(scope="session")
def guides() -> tuple[Guide, ...]:
    """The embedded guides."""
    return load_guides()


@pytest.fixture(scope="session")
def reader(guides: tuple[Guide, ...], tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The reader of questions, which takes a second to build."""
    return Reader(guides)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def clock() -> Clock:
    """Monday morning."""
    return Clock()


async def _never_sent(_parcel: Parcel) -> str | None:
    raise AssertionError("these tests deliver nothing")


@pytest.fixture
async def house(
    guides: tuple[Guide, ...], reader: Reader, empty_store: Path, tmp_path: Path, clock: Clock
) -> AsyncIterator[House]:
    """The service, opened."""
    path = tmp_path / "zixun.db"
    shutil.copy(empty_store, path)
    url = f"sqlite:///{path}"
    keys = Keys("a secret for the tests only")
    office, calendar, shelf = load_office(), load_calendar(), Shelf(guides)
    database = Database(url)
    doorbell = asyncio.Event()
    # With a Telegram that sends, what is for the staff waits in the outbox.
    channels = registry([Channel("telegram", "Telegram", "telegram", sender=_never_sent)])
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
    service = Service(
        settings=Settings(
            database_url=url,
            secret_key=SecretStr("a secret for the tests only"),
            secret_file=tmp_path / "secret.key",
        ),
        database=database,
        office=office,
        calendar=calendar,
        keys=keys,
        reader=reader,
        encoder=None,
        shelf=shelf,
        desk=desk,
        staffing=Staffing(database, register=desk.register, keys=keys, wake=doorbell.set),
        channels=channels,
        doorbell=doorbell,
        clock=clock,
    )
    speaker = Speaker(office=office, shelf=shelf, calendar=calendar, keys=keys)
    yield House(service, speaker, clock)
    desk.close()
    await database.close()


@pytest.fixture
async def web(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A program, or a browser that keeps cookies, before the whole application."""
    application = build_application(
        house.service, house.speaker, telegram_webhook=house.take_update
    )
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://zixun.test") as client:
        yield client


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handlers, which are the test runner's."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.answering.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal over."""
        yield


@dataclass
class Served:
    """The application behind a real server on a port of this machine."""

    address: str
    server: uvicorn.Server
    running: asyncio.Task[None]


@pytest.fixture
async def served(house: House) -> AsyncIterator[Served]:
    """The whole application, served as in production."""
    holder: list[_Server] = []
    application = build_application(
        house.service, house.speaker, should_exit=lambda: holder[0].should_exit
    )
    config = uvicorn.Config(
        application,
        port=0,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    holder.append(server)
    running = asyncio.create_task(server.serve())
    await server.answering.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", server, running)
    server.should_exit = True
    await running


@pytest.fixture
def no_cookies(web: httpx.AsyncClient) -> Iterator[httpx.AsyncClient]:
    """The same client, sure to be nobody yet."""
    web.cookies.clear()
    yield web
