"""Where consultations are kept: one API over SQLite's writer thread and PostgreSQL's pool.

A unit of work is a plain function ``(Connection) -> T`` on SQLAlchemy's synchronous Core
connection: it awaits nothing, so no network call can hold a transaction open, and the same
function runs on both databases.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.errors import StoreError
from bot.store.writer import Writer, unavailable

T = TypeVar("T")

BUSY_TIMEOUT_MS = 10_000
# Another program (an export, a backup) may hold SQLite's write lock for a moment; ten seconds is
# longer than any transaction of ours and shorter than a citizen's patience.


class Database:
    """The store's door: ``write`` for units that change something, ``read`` for those that look.

    Both raise StoreUnavailableError when the database cannot be reached or cannot make the work
    durable; then nothing was written.
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self._engine: AsyncEngine
        self._writer: Writer | None = None
        self._write_engine: Engine | None = None
        if self.is_sqlite:
            # The file is made by the migrations, which run before: a reader never creates it.
            self._engine = create_async_engine(self.url.set(drivername="sqlite+aiosqlite"))
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            self._write_engine = sqlite_engine(self.url)
            self._writer = Writer(self._write_engine)
        else:
            self._engine = create_async_engine(
                self.url.set(drivername="postgresql+asyncpg"), pool_size=10, pool_pre_ping=True
            )

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """The unit's result, once it is durable. A cancelled caller does not cancel its unit."""
        if self._writer is not None:
            return await asyncio.wrap_future(self._writer.submit(unit))
        return await asyncio.shield(self._write_postgresql(unit))

    async def read(self, query: Callable[[Connection], T]) -> T:
        """The query's result, from what is committed."""
        try:
            async with self._engine.connect() as connection:
                return await connection.run_sync(query)
        except (OperationalError, InterfaceError, OSError, sqlite3.OperationalError) as error:
            raise unavailable(error) from error

    async def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)
        if self._write_engine is not None:
            self._write_engine.dispose()
        await self._engine.dispose()

    async def _write_postgresql(self, unit: Callable[[Connection], T]) -> T:
        try:
            async with self._engine.begin() as connection:
                return await connection.run_sync(unit)
        except DBAPIError as error:
            if (
                isinstance(error, OperationalError | InterfaceError)
                or error.connection_invalidated
            ):
                raise unavailable(error) from error
            raise
        except OSError as error:
            raise unavailable(error) from error


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
    if backend == "sqlite" and not parsed.database:
        raise StoreError("ZIXUN_DATABASE_URL 要写明 SQLite 文件，例如 sqlite:///data/zixun.db")
    return parsed


def sqlite_path(url: URL) -> Path | None:
    """The SQLite file, or None for PostgreSQL."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def sqlite_engine(url: URL) -> Engine:
    """A synchronous engine whose every transaction takes the write lock at its beginning."""
    engine = create_engine(url.set(drivername="sqlite+pysqlite"))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def lock(connection: Connection, *, key: int) -> None:
    """Make other transactions that name the same key wait until this one ends.

    SQLite needs nothing: its writer is alone. On PostgreSQL this keeps one asker's acts in order
    when several processes take them in.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    # Python's sqlite3 would begin transactions by itself, late and without the write lock.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
