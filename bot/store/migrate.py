"""Bringing a database up to this version's tables, with a copy made first."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from bot.store.database import lock, parse_url, postgresql_engine, sqlite_engine, sqlite_path
from bot.store.errors import NewerSchemaError, StoreError, StoreUnavailableError, unavailable

SCRIPTS = Path(__file__).with_name("migrations")
_MIGRATING = 7_043_210
"""PostgreSQL's advisory lock under which one process migrates while others wait."""
_VERSIONS = "alembic_version"
"""Where Alembic keeps the revision: a database without it, but with tables, is not ours."""


async def migrate(url: str) -> Path | None:
    """Bring the database to the newest revision, making it if there is none.

    On SQLite a copy of a database that needs changing is put beside it first; the result is that
    copy's path, else None. Raises NewerSchemaError if a newer Zixun wrote the database,
    StoreUnavailableError if it cannot be opened or written, and StoreError if it is not ours.
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
        raise StoreError("程序里没有数据库迁移脚本，安装不完整")
    return head


def _migrate_sqlite(url: URL, path: Path) -> Path | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(f"建不了数据文件夹 {path.parent}：{error.strerror}") from error
    engine = sqlite_engine(url)
    event.listen(engine, "connect", _ignore_foreign_keys)
    try:
        # One transaction, and with it the write lock, from the first look to the last change:
        # another process that starts now waits, and then finds nothing left to do.
        with engine.begin() as connection:
            if not _needs_upgrade(connection):
                return None
            tables = inspect(connection).get_table_names()
            if tables and _VERSIONS not in tables:
                raise StoreError(f"{path} 是别的程序的数据库，请换一个文件，数据没有改动")
            copy = _copy(path) if tables else None
            _upgrade(connection)
            return copy
    except (DBAPIError, sqlite3.Error) as error:
        raise unavailable(error) from error
    except OSError as error:
        raise StoreUnavailableError(f"写不了数据文件夹 {path.parent}：{error.strerror}") from error
    finally:
        engine.dispose()


async def _migrate_postgresql(url: URL) -> None:
    engine = postgresql_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(partial(lock, key=_MIGRATING))
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
    return current != newest_revision()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _ignore_foreign_keys(dbapi_connection: Any, _record: object) -> None:
    # To change a table SQLite makes it anew under its old name; dropping the old one would
    # delete, or be refused because of, the rows that refer to it.
    dbapi_connection.execute("PRAGMA foreign_keys = OFF")


def _copy(path: Path) -> Path:
    """A consistent copy of the database beside it, also while others use it."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"{path.stem}-before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target
