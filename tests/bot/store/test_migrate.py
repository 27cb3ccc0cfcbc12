"""Migrations, on SQLite and, when ZIXUN_TEST_POSTGRES names one, on PostgreSQL.

A revision that is added later is tested by what stands here: every earlier one is filled with
rows and brought up to the newest.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import consultations
from bot.store import migrate as migrate_module
from bot.store.database import Database
from bot.store.errors import NewerSchemaError, StoreError, StoreUnavailableError
from bot.store.migrate import migrate, newest_revision
from bot.store.tables import metadata
from tests.bot.store.elsewhere import another_process
from tests.bot.store.rows import kept

T = TypeVar("T")
Rows = Mapping[str, Mapping[str, Any]]
only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

REVISIONS = [
    script.revision for script in ScriptDirectory(str(migrate_module.SCRIPTS)).walk_revisions()
]


async def on(url: str, work: Callable[[Connection], T]) -> T:
    """What the work gives back, run and committed on that database as it stands."""
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    parsed = make_url(url)
    engine = create_async_engine(parsed.set(drivername=drivers[parsed.get_backend_name()]))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def upgrade_to(revision: str) -> Callable[[Connection], None]:
    """Work that makes the tables as a revision had them."""

    def work(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrate_module.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    return work


def differences(connection: Connection) -> list[Any]:
    """In what the database differs from what the code says of its tables."""
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def fill(connection: Connection) -> dict[str, dict[str, Any]]:
    """One row in every table, whatever its columns are; what was put there, by table."""
    tables = sa.MetaData()
    tables.reflect(connection)
    rows = {}
    for table in tables.sorted_tables:
        if table.name == "alembic_version":
            continue
        rows[table.name] = {column.name: example(column) for column in table.columns}
        connection.execute(table.insert().values(rows[table.name]))
    return rows


def example(column: sa.Column[Any]) -> Any:
    """A value that the column takes; the row's number, 1, wherever there are numbers."""
    match column.type:
        case sa.Boolean():
            return True
        case sa.Integer():
            return 1
        case sa.DateTime(timezone=True):
            return datetime(2026, 11, 23, 4, tzinfo=UTC)
        case sa.DateTime():
            return datetime(2026, 11, 23, 4)  # noqa: DTZ001 - SQLite knows no zones
        case sa.LargeBinary():
            return b"\x00\xff"
        case sa.JSON():
            return {"和": [1, None]}
        case sa.String():
            return "字"
    raise AssertionError(f"no example of {column.type!r} for {column}")


def survivors(connection: Connection, before: Rows) -> dict[str, dict[str, Any]]:
    """What is left of those rows in the tables and columns that are still there."""
    tables = sa.MetaData()
    tables.reflect(connection)
    found = {}
    for name, row in before.items():
        (mapping,) = connection.execute(sa.select(tables.tables[name])).mappings()
        found[name] = {key: mapping[key] for key in row if key in mapping}
    return found


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install a version of Zixun that has one more revision, whose ``upgrade`` does this."""

    def install(upgrade: str) -> None:
        scripts = tmp_path / "next version 100%"
        shutil.copytree(migrate_module.SCRIPTS, scripts)
        (scripts / "versions" / "9999_next.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = '9999'\ndown_revision = {newest_revision()!r}\n"
            f"def upgrade():\n    {upgrade}\n"
        )
        monkeypatch.setattr(migrate_module, "SCRIPTS", scripts)

    return install


REMAKE = "\n    ".join(
    (
        "with op.batch_alter_table('consultations') as batch:",
        "    batch.alter_column('region', new_column_name='area')",
    )
)
"""SQLite makes the table anew for this, and every other table refers to it."""


MIGRATES = """
import asyncio, sys
from bot.store.migrate import migrate

print(asyncio.run(migrate(sys.argv[1])))
"""


async def test_a_fresh_database_is_what_the_code_says(empty_url: str) -> None:
    assert await migrate(empty_url) is None
    assert await on(empty_url, differences) == []

    # The comparison itself is one that notices:
    drop = sa.text("DROP INDEX ix_outbox_event_id")
    await on(empty_url, lambda connection: connection.execute(drop))
    assert [difference[0] for difference in await on(empty_url, differences)] == ["add_index"]


async def test_migrating_again_changes_nothing(url: str) -> None:
    assert await migrate(url) is None
    assert await on(url, differences) == []


@pytest.mark.parametrize("revision", REVISIONS)
async def test_rows_of_every_earlier_version_are_brought_up_to_date(
    empty_url: str, backend: str, revision: str
) -> None:
    await on(empty_url, upgrade_to(revision))
    before = await on(empty_url, fill)
    assert "consultations" in before

    copy = await migrate(empty_url)

    assert await on(empty_url, differences) == []
    left = await on(empty_url, lambda connection: survivors(connection, before))
    assert left["consultations"]["receipt"] == "字"
    for table, row in left.items():
        assert row == {key: before[table][key] for key in row}
    if backend == "sqlite":
        assert (copy is None) == (revision == newest_revision())
        assert await on(empty_url, broken_references) == []


def broken_references(connection: Connection) -> list[Any]:
    """Rows of an SQLite database that refer to rows that are not there."""
    return list(connection.execute(sa.text("PRAGMA foreign_key_check")))


async def test_an_upgrade_keeps_every_row_and_reference(
    url: str, backend: str, next_version: Callable[[str], None]
) -> None:
    before = await on(url, fill)
    next_version(REMAKE)

    await migrate(url)

    after = await on(url, lambda connection: survivors(connection, before))
    assert set(before["consultations"]) - set(after["consultations"]) == {"region"}
    assert after.keys() == before.keys()
    assert after["events"] == before["events"]
    if backend == "sqlite":
        assert await on(url, broken_references) == []


async def test_an_upgrade_that_fails_changes_nothing(
    url: str, next_version: Callable[[str], None]
) -> None:
    before = await on(url, fill)
    next_version("op.add_column('staff', sa.Column('more', sa.Text())); op.drop_table('none')")

    with pytest.raises(StoreUnavailableError):
        await migrate(url)

    assert await on(url, differences) == []
    assert await on(url, lambda connection: survivors(connection, before)) == before


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    processes = [await another_process(MIGRATES, empty_url) for _ in range(2)]
    ends = [await process.communicate() for process in processes]

    assert [(out.decode(), errors.decode()) for out, errors in ends] == [("None\n", "")] * 2
    assert await on(empty_url, differences) == []


async def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    def write(connection: Connection) -> None:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        fill(connection)

    def everything(connection: Connection) -> dict[str, list[Any]]:
        tables = sa.MetaData()
        tables.reflect(connection)
        return {
            name: list(connection.execute(sa.select(table)))
            for name, table in tables.tables.items()
        }

    await on(url, write)
    before = await on(url, everything)
    with pytest.raises(NewerSchemaError, match="由更新版本的 Zixun 写成（9999），请升级程序"):
        await migrate(url)

    assert await on(url, everything) == before


@only_sqlite
async def test_a_newer_file_is_left_as_it_is_to_the_byte(url: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    before = contents(file.parent)

    with pytest.raises(NewerSchemaError):
        await migrate(url)

    assert contents(file.parent) == before


@pytest.fixture
def file(url: str) -> Path:
    """The SQLite database's file."""
    return Path(str(make_url(url).database))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in the folder, with what is in it."""
    return {item.name: item.read_bytes() for item in folder.iterdir()}


@only_sqlite
async def test_a_copy_is_made_before_an_upgrade(
    url: str, file: Path, next_version: Callable[[str], None]
) -> None:
    before = await on(url, fill)
    next_version(REMAKE)

    copy = await migrate(url)

    assert copy is not None
    assert copy.parent == file.parent / "backups"
    assert copy.name.startswith("zixun-before-upgrade-2")
    copied = f"sqlite:///{copy}"
    assert await on(copied, differences) == []
    assert await on(copied, lambda connection: survivors(connection, before)) == before


@only_sqlite
async def test_who_upgrades_at_once_makes_one_copy(
    url: str, file: Path, next_version: Callable[[str], None]
) -> None:
    next_version(REMAKE)

    copies = await asyncio.gather(*[migrate(url) for _ in range(4)])

    assert [copy for copy in copies if copy is not None] == names(file.parent / "backups")
    assert len(names(file.parent / "backups")) == 1


def names(folder: Path) -> list[Path]:
    """The files in the folder."""
    return sorted(folder.iterdir())


@only_sqlite
async def test_without_a_place_for_the_copy_nothing_is_upgraded(
    url: str, file: Path, next_version: Callable[[str], None]
) -> None:
    occupied(file.parent / "backups")
    next_version(REMAKE)

    with pytest.raises(StoreUnavailableError, match="写不了数据文件夹"):
        await migrate(url)

    assert await on(url, differences) == []


def occupied(path: Path) -> None:
    """A file where a folder should be."""
    path.write_text("")


@only_sqlite
async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, backend: str) -> None:
    occupied(tmp_path / backend)

    with pytest.raises(StoreUnavailableError, match="建不了数据文件夹"):
        await migrate(f"sqlite:///{tmp_path / backend}/data/zixun.db")


@only_sqlite
async def test_missing_folders_are_made(tmp_path: Path, backend: str) -> None:
    url = f"sqlite:///{tmp_path}/{backend}/data/zixun.db"
    await migrate(url)

    database = Database(url)
    try:
        await database.write(kept)
        assert await database.read(consultations.count) == 1
    finally:
        await database.close()


@only_sqlite
async def test_another_programs_database_is_refused(tmp_path: Path, backend: str) -> None:
    file = tmp_path / f"{backend}.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE letters (text)")

    with pytest.raises(StoreError, match="是别的程序的数据库"):
        await migrate(f"sqlite:///{file}")

    with closing(sqlite3.connect(file)) as other:
        tables = other.execute("SELECT name FROM sqlite_schema").fetchall()
    assert tables == [("letters",)]


@only_sqlite
async def test_what_is_no_database_is_refused(tmp_path: Path, backend: str) -> None:
    letter = tmp_path / f"{backend}.txt"
    with letter.open("w") as opened:
        opened.write("各位领导：" * 1000)

    with pytest.raises(StoreUnavailableError, match="不是 Zixun 的数据库"):
        await migrate(f"sqlite:///{letter}")

    assert contents(tmp_path) == {letter.name: ("各位领导：" * 1000).encode()}
