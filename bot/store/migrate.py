"""Bringing a database up to this version's tables, with a copy made first."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.database import parse_url, sqlite_engine, sqlite_path
from bot.store.errors import NewerSchemaError, StoreUnavailableError
from bot.store.writer import unavailable

SCRIPTS = Path(__file__).with_name("migrations")
_MIGRATING = 7_043_210
"""PostgreSQL's advisory lock under which one process migrates while others wait."""


async def migrate(url: str) -> Path | None:
    """Bring the database to the newest revision, making it if there is none.

    On SQLite a copy of a database that needs changing is put beside it first; the result is that
    copy's path, else None. Raises NewerSchemaError if a newer Zixun wrote the database, and
    StoreUnavailableError if it cannot be opened or written.
    """
    parsed = parse_url(url)
    path = sqlite_path(parsed)
    if path is not None:
        return await asyncio.to_thread(_migrate_sqlite, parsed, path)
    await _migrate_postgresql(parsed)
    return None


def newest_revision() -> str:
    """The revision that this version's tables are at."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if head is None:  # pragma: no cover - the package has revisions
        raise StoreUnavailableError("程序里没有数据库迁移脚本，安装不完整")
    return head


def _migrate_sqlite(url: URL, path: Path) -> Path | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(f"建不了数据文件夹 {path.parent}：{error.strerror}") from error
    engine = sqlite_engine(url)
    try:
        with engine.connect() as connection:
            if not _needs_upgrade(connection):
                return None
            has_tables = bool(inspect(connection).get_table_names())
            connection.rollback()
        copy = _copy(path) if has_tables else None
        with engine.begin() as connection:
            _upgrade(connection)
    except DBAPIError as error:
        raise unavailable(error) from error
    except sqlite3.Error as error:
        raise unavailable(error) from error
    finally:
        engine.dispose()
    return copy


async def _migrate_postgresql(url: URL) -> None:
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"))
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING}
            )
            if await connection.run_sync(_needs_upgrade):
                await connection.run_sync(_upgrade)
    except (DBAPIError, OSError) as error:
        raise unavailable(error) from error
    finally:
        await engine.dispose()


def _needs_upgrade(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory(str(SCRIPTS))
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise NewerSchemaError(
            f"数据库由更新版本的 Zixun 写成（{current}），请升级程序后再启动，数据没有改动"
        )
    return current != scripts.get_current_head()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(path: Path) -> Path:
    """A consistent copy of the database beside it, also while others read it."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"{path.stem}-before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    source = sqlite3.connect(path)
    try:
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            copy.close()
    finally:
        source.close()
    return target
