"""Where consultations are kept: one API over SQLite's writer thread and PostgreSQL's pool.

A unit of work is a plain function ``(Connection) -> T`` on SQLAlchemy's synchronous Core
connection: it awaits nothing, so no network call can hold a transaction open, and the same
function runs on both databases.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.errors import (
    CLOSED,
    StoreError,
    StoreUnavailableError,
    is_lost_race,
    is_unavailable,
    unavailable,
)
from bot.store.writer import Writer

T = TypeVar("T")

BUSY_TIMEOUT_MS = 10_000
"""Another program (an export, a backup) may hold SQLite's write lock for a moment; ten seconds is
longer than any transaction of ours and shorter than a citizen's patience."""

READERS = 4
"""Each reading connection to SQLite is a thread; more of them only wait for the interpreter."""

CONNECTIONS = 10
"""Of one process to PostgreSQL, whose default is 100 for all."""

MOST_TRIES = 3
"""How often a unit is run on PostgreSQL when another process keeps coming first."""


class Database:
    """The store's door: ``write`` for units that change something, ``read`` for those that look.

    Both raise StoreUnavailableError when the database cannot be reached or cannot make the work
    durable; then nothing was written. The database must exist: ``bot.store.migrate`` makes it.
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self._closed = False
        self._under_way: set[asyncio.Task[Any]] = set()
        self._writer: Writer | None = None
        self._write_engine: Engine | None = None
        if self.is_sqlite:
            existing = _never_creating(self.url)
            self._engine = sqlite_reading_engine(existing)
            self._reading = self._engine
            self._write_engine = sqlite_engine(existing)
            self._writer = Writer(self._write_engine)
        else:
            self._engine = postgresql_engine(self.url)
            self._reading = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """The unit's result, once it is durable. A cancelled caller does not cancel its unit.

        On PostgreSQL a unit that another process came before is run again from its start, so a
        unit changes nothing but the database.
        """
        if self._writer is not None:
            return await asyncio.wrap_future(self._writer.submit(unit))
        return await self._finished(self._write_postgresql(unit))

    async def read(self, query: Callable[[Connection], T]) -> T:
        """The query's result, from what is committed; all its statements see one moment."""
        return await self._finished(self._read(query))

    async def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        self._closed = True
        try:
            if self._writer is not None:
                await asyncio.to_thread(self._writer.close)
            while self._under_way:
                await asyncio.wait(tuple(self._under_way))
        finally:
            if self._write_engine is not None:
                self._write_engine.dispose()
            await self._engine.dispose()

    async def _finished(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result; it goes on when its caller is cancelled, and ``close`` waits for it.

        Breaking off a statement would cost the connection.
        """
        if self._closed:
            work.close()
            raise StoreUnavailableError(CLOSED)
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            async with self._reading.connect() as connection:
                return await connection.run_sync(query)
        except Exception as error:
            if is_unavailable(error):
                raise unavailable(error) from error
            raise

    async def _write_postgresql(self, unit: Callable[[Connection], T]) -> T:
        tries = 1
        while True:
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(unit)
            except Exception as error:
                if is_lost_race(error) and tries < MOST_TRIES:
                    tries += 1
                elif is_unavailable(error):
                    raise unavailable(error) from error
                else:
                    raise


def parse_url(url: str) -> URL:
    """The database URL, checked; raises StoreError in one sentence if it is not one of ours."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"ZIXUN_DATABASE_URL 不是数据库地址：{url!r}") from error
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(
            f"ZIXUN_DATABASE_URL 只能是 sqlite:///… 或 postgresql://…，不能是 {backend}"
        )
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError("ZIXUN_DATABASE_URL 要写明 SQLite 文件，例如 sqlite:///data/zixun.db")
    return parsed


# Every engine hides parameters: errors are logged, and may hold what a citizen wrote.


def sqlite_path(url: URL) -> Path | None:
    """The SQLite file, or None for PostgreSQL."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def sqlite_engine(url: URL) -> Engine:
    """A synchronous engine whose every transaction takes the write lock at its beginning."""
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def sqlite_reading_engine(url: URL) -> AsyncEngine:
    """An engine whose transactions see one moment, cannot write and keep nobody from writing."""
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        pool_size=READERS,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "connect", _forbid_writing)
    event.listen(engine.sync_engine, "begin", _begin_deferred)
    return engine


def postgresql_engine(url: URL) -> AsyncEngine:
    """An engine for PostgreSQL; ``sslmode``, as everybody writes it, is ``ssl`` to asyncpg."""
    query = {"ssl" if key == "sslmode" else key: value for key, value in url.query.items()}
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg", query=query),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def lock(connection: Connection, *, key: int) -> None:
    """Make other transactions that name the same key wait until this one ends.

    SQLite needs nothing: its writer is alone. On PostgreSQL this keeps one asker's acts in order
    when several processes take them in.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _never_creating(url: URL) -> URL:
    # A file that is gone (a folder not mounted) is an error, not an empty database.
    path = Path(url.database or "").absolute()
    return url.set(database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    # Python's sqlite3 would begin transactions by itself, late and without the write lock.
    dbapi_connection.isolation_level = None
    _execute(
        dbapi_connection,
        f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    )


def _forbid_writing(dbapi_connection: Any, _record: object) -> None:
    _execute(dbapi_connection, "PRAGMA query_only = ON")


def _execute(dbapi_connection: Any, *statements: str) -> None:
    cursor = dbapi_connection.cursor()
    try:
        for statement in statements:
            cursor.execute(statement)
    finally:
        cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
