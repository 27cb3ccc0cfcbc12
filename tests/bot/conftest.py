"""Databases to test on: SQLite always, and PostgreSQL when ZIXUN_TEST_POSTGRES names one."""

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from bot.store import database as database_module
from bot.store.database import Database
from bot.store.migrate import migrate

POSTGRES = os.environ.get("ZIXUN_TEST_POSTGRES")
"""A URL such as ``postgresql://postgres@127.0.0.1/test``, whose user may make databases."""

collect_ignore = [] if POSTGRES else ["store/test_postgresql.py"]

BACKENDS = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Which database this run of the test is on; a test that takes it runs on each."""
    return str(request.param)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def empty_and_migrated(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[str, str]]:
    """A migrated database of each kind, by backend, that tests start from copies of."""
    file = tmp_path_factory.mktemp("migrated") / "zixun.db"
    urls = {"sqlite": f"sqlite:///{file}"}
    if POSTGRES:
        urls["postgresql"] = await _make(f"zixun_test_{secrets.token_hex(6)}")
    for url in urls.values():
        await migrate(url)
    yield urls
    if POSTGRES:
        await _drop(urls["postgresql"])


@pytest.fixture
async def empty_url(backend: str, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database without tables; the SQLite file is not there yet."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'zixun.db'}"
        return
    url = await _make(f"zixun_test_{secrets.token_hex(6)}")
    yield url
    await _drop(url)


@pytest.fixture
async def url(
    backend: str, empty_and_migrated: dict[str, str], tmp_path: Path
) -> AsyncIterator[str]:
    """The URL of a database of this test alone, migrated and without rows."""
    template = make_url(empty_and_migrated[backend]).database
    if backend == "sqlite":
        file = tmp_path / "zixun.db"
        shutil.copyfile(str(template), file)
        yield f"sqlite:///{file}"
        return
    made = await _make(f"zixun_test_{secrets.token_hex(6)}", template=template)
    yield made
    await _drop(made)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases opened from now on wait 20 ms for SQLite's write lock, not ten seconds."""
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 20)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database of this test alone."""
    opened = Database(url)
    yield opened
    await opened.close()


async def _make(name: str, *, template: str | None = None) -> str:
    await _as_administrator(
        f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")
    )
    return make_url(str(POSTGRES)).set(database=name).render_as_string(hide_password=False)


async def _drop(url: str) -> None:
    await _as_administrator(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


async def _as_administrator(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
