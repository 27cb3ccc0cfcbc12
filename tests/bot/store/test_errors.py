"""What happens, and what is said, when the database fails: real disks, files and servers."""

import asyncio
import filecmp
import os
import re
import resource
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.store import consultations
from bot.store.database import Database
from bot.store.errors import StoreError, StoreUnavailableError, is_unavailable, unavailable
from tests.bot.store.rows import kept

only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
NOBODY = 65_534
SENTENCE = re.compile(r"[^\n。a-zA-Z]*[\u4e00-\u9fff][^\n。]*")
"""One sentence in Chinese, without a full stop; names such as SQLite may stand in it."""


@pytest.fixture
def file(url: str) -> Path:
    """The SQLite database's file."""
    return Path(str(make_url(url).database))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that users other than root can get to (pytest's own is its maker's alone)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def no_larger_file_than(file: Path) -> Iterator[None]:
    """No file of this process can grow beyond the size of this one: write(2) fails with EFBIG."""
    size = file.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def protected(file: Path, *, mode_of_file: int, mode_of_folder: int) -> Iterator[None]:
    """File and folder have these permissions for as long as the block lasts."""
    file.chmod(mode_of_file)
    file.parent.chmod(mode_of_folder)
    with without_privileges():
        yield
    file.parent.chmod(0o755)


def damage(file: Path) -> None:
    """Overwrite the head of every page but the first."""
    content = bytearray(file.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)


@contextmanager
def without_privileges() -> Iterator[None]:
    """For root, whom no permission stops: another user for as long as the block lasts."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def all_fail(database: Database, *others: Callable[[Connection], object]) -> str:
    """Three units that share a transaction all fail alike; the result is what is said of it.

    ``others`` are units of that transaction too.
    """
    holding, let_go = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> bool:
        holding.set()
        return let_go.wait(10)

    held = asyncio.create_task(database.write(hold))
    units = [kept, kept, kept, *others]
    callers = [asyncio.create_task(database.write(unit)) for unit in units]
    await asyncio.sleep(0)
    let_go.set()
    results = await asyncio.gather(held, *callers, return_exceptions=True)

    failures = [result for result in results if result is not True]
    assert len(failures) >= len(units)
    assert {type(failure) for failure in failures} == {StoreUnavailableError}
    (said,) = {str(failure) for failure in failures}
    assert SENTENCE.fullmatch(said)
    return said


async def works_again(database: Database, *, rows: int = 1) -> None:
    """What was refused left nothing behind, and the next unit is written."""
    await database.write(kept)
    assert await database.read(consultations.count) == rows


def limit_pages(connection: Connection, *, more: int) -> None:
    """Let the database grow by so many pages and no further, as if the disk were full then."""
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    connection.execute(text(f"PRAGMA max_page_count = {pages + more}"))


FILLS = {
    "one row": "INSERT INTO guide_versions VALUES ('v', 'g', hex(zeroblob(100000)), '2026')",
    # SQLite takes back this statement alone and keeps the transaction.
    "many rows": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
    " INSERT INTO guide_versions SELECT 'v' || i, 'g', hex(zeroblob(3000)), '2026' FROM n",
}


@only_sqlite
@pytest.mark.parametrize("statement", FILLS.values(), ids=FILLS.keys())
async def test_a_full_disk_fails_everybody_in_the_transaction(
    database: Database, statement: str
) -> None:
    def fill(connection: Connection) -> None:
        connection.execute(text(statement))

    await database.write(lambda connection: limit_pages(connection, more=4))

    assert await all_fail(database, fill) == "磁盘已满，没有写入"
    await works_again(database)


@only_sqlite
@pytest.mark.parametrize(
    "ends_with", [None, ValueError("something else")], ids=["all is well", "error"]
)
async def test_a_unit_that_hides_a_full_disk_fails_with_everybody_else(
    database: Database, ends_with: Exception | None
) -> None:
    def hide(connection: Connection) -> None:
        with pytest.raises(OperationalError):
            connection.execute(text(FILLS["one row"]))
        if ends_with is not None:
            raise ends_with

    await database.write(lambda connection: limit_pages(connection, more=4))
    await all_fail(database, hide)

    await works_again(database)


@only_sqlite
async def test_a_disk_that_refuses_writes_fails_everybody(database: Database, file: Path) -> None:
    await database.write(kept)
    with no_larger_file_than(Path(f"{file}-wal")):
        said = await all_fail(database)

    assert said == "磁盘读写出错，没有写入"
    await works_again(database, rows=2)


@only_sqlite
@pytest.mark.usefixtures("impatient")
async def test_a_lock_held_by_another_program_fails_everybody(url: str, file: Path) -> None:
    database = Database(url)
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert await all_fail(database) == "数据库正被别的程序占用，没有写入"
        assert await database.read(consultations.count) == 0
        other.execute("ROLLBACK")
        await works_again(database)
    finally:
        other.close()
        await database.close()


@only_sqlite
@pytest.mark.parametrize(
    ("mode_of_file", "mode_of_folder", "said"),
    [(0o444, 0o777, "只读"), (0o444, 0o555, "打不开|只读"), (0o666, 0o555, "打不开|只读")],
    ids=["file", "both", "folder"],
)
async def test_a_database_that_may_not_be_changed_fails_everybody(
    open_folder: Path, file: Path, mode_of_file: int, mode_of_folder: int, said: str
) -> None:
    copy = Path(shutil.copy(file, open_folder))
    with protected(copy, mode_of_file=mode_of_file, mode_of_folder=mode_of_folder):
        database = Database(f"sqlite:///{copy}")
        try:
            assert re.search(said, await all_fail(database))
        finally:
            await database.close()

    assert filecmp.cmp(copy, file, shallow=False)


@only_sqlite
async def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, backend: str) -> None:
    letter = tmp_path / f"{backend}.txt"
    letter.write_text("各位领导：" * 1000)
    database = Database(f"sqlite:///{letter}")
    try:
        assert await all_fail(database) == "这个文件不是 Zixun 的数据库"
    finally:
        await database.close()

    assert letter.read_text() == "各位领导：" * 1000


@only_sqlite
async def test_a_damaged_file_is_said_to_be_damaged(database: Database, file: Path) -> None:
    await database.write(kept)
    await database.close()
    damage(file)

    damaged = Database(f"sqlite:///{file}")
    try:
        with pytest.raises(StoreUnavailableError, match="已经损坏"):
            await damaged.read(consultations.count)
        assert "已经损坏" in await all_fail(damaged)
    finally:
        await damaged.close()


def test_errors_that_are_nobodys_fault_are_recognised() -> None:
    assert str(unavailable(PoolTimeoutError("QueuePool limit"))) == "数据库太忙，请稍后再试"
    assert is_unavailable(ConnectionRefusedError(111, "Connection refused"))
    assert not is_unavailable(ValueError("a fault of ours"))
    assert not is_unavailable(StoreError("not ours to open"))


def test_an_unknown_error_is_said_in_one_line() -> None:
    assert str(unavailable(ValueError("odd\nand long"))) == "数据库暂时用不了（odd）"
    assert str(unavailable(ValueError())) == "数据库暂时用不了（ValueError）"
