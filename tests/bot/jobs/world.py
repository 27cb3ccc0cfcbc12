"""What the jobs' tests work with: a clock, a channel that records, a store that can be broken."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import Connection, make_url, select

from bot.desk.channels import Channel, Parcel, registry
from bot.desk.keys import Keys
from bot.desk.register import Register
from bot.desk.staffing import Staffing
from bot.jobs.delivery import Delivery
from bot.store import consultations, contacts, events, outbox, tables
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.outbox import CITIZEN, Outgoing
from tests.bot.store.rows import NOON, kept, minutes, said

KEYS = Keys("a secret of the tests")
BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class Clock:
    """What time it is; only the test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **by: float) -> None:
        """Let so much time pass, in timedelta's words."""
        self.now += timedelta(**by)


@dataclass(slots=True)
class Post:
    """A channel's sender: it records what it was given, after failing as often as it is told.

    Sending a reply whose id is in ``held`` does not end before ``let_go``. ``after`` is awaited
    when a reply has arrived and the sender has not yet returned.
    """

    sent: list[Parcel] = field(default_factory=list)
    failures: dict[int, list[BaseException]] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    after: Callable[[], Awaitable[object]] | None = None
    under_way: int = 0
    most_under_way: int = 0

    async def __call__(self, parcel: Parcel) -> str | None:
        key = parcel.outgoing.id
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.began.set()
        try:
            if key in self.held:
                await self.let_go.wait()
            await asyncio.sleep(0)
            if self.failures.get(key):
                raise self.failures[key].pop(0)
        finally:
            self.under_way -= 1
        self.sent.append(parcel)
        self.arrived.set()
        if self.after is not None:
            await self.after()
        return f"chat:{key}"

    @property
    def ids(self) -> list[int]:
        """The replies that were sent, in the order in which they were."""
        return [parcel.outgoing.id for parcel in self.sent]


class World:
    """An open store with one channel that sends, and what delivers by it."""

    def __init__(self, database: Database, url: str) -> None:
        self.database = database
        self.url = url
        self.clock = Clock()
        self.post = Post()
        self.doorbell = asyncio.Event()
        telegram = Channel("telegram", "Telegram", "telegram", sender=self.post)
        self.channels = registry([telegram])
        register = Register(KEYS, channels=self.channels, zone=BEIJING)
        self.staffing = Staffing(database, register=register, keys=KEYS)
        self.delivery = self.another(database)

    def another(self, database: Database) -> Delivery:
        """A delivery of another process, or of this one after it was started anew."""
        return Delivery(
            database,
            channels=self.channels,
            keys=KEYS,
            clock=self.clock,
            undeliverable=self._undeliverable,
            doorbell=self.doorbell,
        )

    async def _undeliverable(self, outgoing: Outgoing, problem: str) -> None:
        await self.staffing.note_undeliverable(outgoing, problem, now=self.clock())

    async def put(self, *audiences: str, contact: str | None = "1001") -> list[int]:
        """The ids of new replies in one new consultation by Telegram, one to each audience."""

        def unit(connection: Connection) -> list[int]:
            matter = kept(connection, channel="telegram", timer_at=minutes(1440))
            if contact is not None:
                contacts.keep(connection, matter.id, sealed=KEYS.seal(contact))
            replies = [said(connection, matter, audience=one) for one in audiences or (CITIZEN,)]
            latest = events.of_consultation(connection, matter.id)[-1]
            now = replace(matter, version=latest.number, digest=latest.digest)
            consultations.save(connection, now)
            return [reply.id for reply in replies]

        return await self.database.write(unit)

    async def found(self, outgoing_id: int) -> Outgoing:
        """A reply as it now stands."""

        def query(connection: Connection) -> Outgoing:
            row = select(tables.outbox.c.event_id).where(tables.outbox.c.id == outgoing_id)
            replies = outbox.of_event(connection, connection.execute(row).scalar_one())
            return next(item for item in replies if item.id == outgoing_id)

        return await self.database.read(query)

    async def all_marked(self) -> bool:
        """Whether everything that was sent so far is marked as sent."""
        return all([(await self.found(one)).status == outbox.SENT for one in self.post.ids])

    async def matter(self, outgoing_id: int) -> tuple[Consultation, list[str]]:
        """The consultation of a reply and the kinds of what happened to it."""
        reply = await self.found(outgoing_id)

        def query(connection: Connection) -> tuple[Consultation, list[str]]:
            found = consultations.by_id(connection, reply.consultation_id)
            assert found is not None
            log = events.of_consultation(connection, found.id)
            return found, [event.kind for event in log]

        return await self.database.read(query)


@asynccontextmanager
async def store_down(url: str) -> AsyncIterator[None]:
    """Nothing can be written to that database for as long as the block lasts.

    SQLite: another program holds the write lock. PostgreSQL: the server has become a read-only
    one, and has ended every connection.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        other = sqlite3.connect(str(parsed.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
        return
    server = await asyncpg.connect(url)
    try:
        await server.execute(
            f'ALTER DATABASE "{parsed.database}" SET default_transaction_read_only = on'
        )
        await server.execute(_END_ALL_OTHERS)
        yield
        await server.execute(f'ALTER DATABASE "{parsed.database}" RESET ALL')
        await server.execute(_END_ALL_OTHERS)
    finally:
        await server.close()


_END_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
