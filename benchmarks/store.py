"""Measures how many questions a second the store takes in, beside bare sqlite3 and aiosqlite.

    python -m benchmarks.store [--units 400] [--callers 1 10 50] [--rounds 3] [--folder DIR]

A unit is what ``Desk.ask`` hands to ``Database.write``: recognise, look up, decide, and write
event, projection, words and reply. Each round starts from an empty, migrated SQLite file with
durable commits. The peers run the same unit:

* bare sqlite3: its very statements, recorded and played back on one connection, one transaction
  for as many units as there are callers; nothing in Python could be faster;
* aiosqlite: the same function through ``AsyncConnection.run_sync``, a transaction of its own for
  each, as usual in an asyncio service.
"""

import argparse
import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.desk.calendar import load_calendar
from bot.desk.channels import registry
from bot.desk.desk import Desk
from bot.desk.inquiries import Inquiry
from bot.desk.keys import Keys
from bot.desk.shelf import Shelf
from bot.store.database import Database, sqlite_engine
from bot.store.migrate import migrate
from knowledge.guides import load_guides
from knowledge.office import load_office
from knowledge.understanding import Reader

T = TypeVar("T")
Unit = Callable[[Connection], Any]
Statement = tuple[str, Any]
Callers = int

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def main() -> None:
    summary = __doc__.splitlines()[0] if __doc__ else ""
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--units", type=int, default=400, help="questions in a round")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        asyncio.run(
            measure(
                Path(folder),
                count=options.units,
                callers=options.callers,
                rounds=options.rounds,
            )
        )


async def measure(folder: Path, *, count: int, callers: Sequence[Callers], rounds: int) -> None:
    """Measure everything and print the table."""
    empty = folder / "empty.db"
    await migrate(f"sqlite:///{empty}")
    guides = load_guides()
    reader, shelf = Reader(guides), Shelf(guides)
    phrasings = [phrasing for guide in guides for phrasing in guide.phrasings]
    questions = [phrasings[number % len(phrasings)] for number in range(count)]

    def desk(database: Database) -> Desk:
        return Desk(
            database,
            reader=reader,
            shelf=shelf,
            office=load_office(),
            calendar=load_calendar(),
            keys=Keys("a secret of the benchmark"),
            channels=registry(),
        )

    def fresh() -> Path:
        return Path(shutil.copy(empty, folder / "measured.db"))

    units = await collected(desk, questions, file=fresh())
    statements = recorded(units, file=fresh())
    ways: dict[str, Callable[[Path, Callers], Awaitable[float]]] = {
        "Database.write": partial(through_store, units),
        "bare sqlite3": partial(through_sqlite, statements),
        "aiosqlite, awaited": partial(through_aiosqlite, units),
        "Desk.ask, all of it": partial(through_desk, desk, questions),
    }
    speeds = {
        name: [
            count / median([await way(fresh(), number) for _ in range(rounds)])
            for number in callers
        ]
        for name, way in ways.items()
    }
    each = sum(map(len, statements)) / count
    print(f"units/s; {each:.1f} statements a unit, {count} units, median of {rounds} rounds\n")
    print(line("callers", [f"{number}" for number in callers]))
    for name, found in speeds.items():
        print(line(name, [f"{speed:,.0f}" for speed in found]))
    print()
    for peer in ("bare sqlite3", "aiosqlite, awaited"):
        ratios = [
            f"{ours / theirs:.2f}"
            for ours, theirs in zip(speeds["Database.write"], speeds[peer], strict=True)
        ]
        print(line(f"write : {peer}", ratios))


def line(name: str, cells: Sequence[str]) -> str:
    """One line of the table."""
    return f"{name:<28}" + "".join(f"{cell:>10}" for cell in cells)


class Collector(Database):
    """Takes the units that it is handed instead of running them."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.units: list[Unit] = []

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """Keep the unit; raises CollectedError, since there is no result."""
        self.units.append(unit)
        raise CollectedError


class CollectedError(Exception):
    """The unit was kept and not run."""


async def collected(
    make_desk: Callable[[Database], Desk], questions: Sequence[str], *, file: Path
) -> list[Unit]:
    """The units of work that these questions, each of another asker, come to."""
    database = Collector(f"sqlite:///{file}")
    desk = make_desk(database)
    try:
        for number, question in enumerate(questions):
            try:
                await desk.ask(inquiry(number, question))
            except CollectedError:
                continue
    finally:
        desk.close()
        await database.close()
    assert len(database.units) == len(questions)
    return database.units


def inquiry(number: int, question: str) -> Inquiry:
    """A question that comes by the web."""
    return Inquiry(
        channel="web",
        external_id=f"message {number}",
        asker=f"asker {number}",
        text=question,
        received_at=NOON,
        contact=f"{number}",
    )


def recorded(units: Sequence[Unit], *, file: Path) -> list[list[Statement]]:
    """The statements that each unit runs, with their values, on an empty database."""
    recording: list[Statement] = []

    def note(
        _connection: Connection, _cursor: object, statement: str, values: Any, *_more: object
    ) -> None:
        recording.append((statement, values))

    engine = sqlite_engine(make_url(f"sqlite:///{file}"))
    found: list[list[Statement]] = []
    try:
        with engine.begin() as connection:
            event.listen(engine, "before_cursor_execute", note)
            for unit in units:
                recording.clear()
                unit(connection)
                found.append(recording[:])
            event.remove(engine, "before_cursor_execute", note)
    finally:
        engine.dispose()
    return found


async def through_store(units: Sequence[Unit], file: Path, callers: Callers) -> float:
    """Seconds that our store takes."""
    database = Database(f"sqlite:///{file}")
    try:
        return await seconds([partial(database.write, unit) for unit in units], callers=callers)
    finally:
        await database.close()


async def through_sqlite(
    statements: Sequence[Sequence[Statement]], file: Path, callers: Callers
) -> float:
    """Seconds that the statements alone take."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for start in range(0, len(statements), callers):
            connection.execute("BEGIN IMMEDIATE")
            for unit in statements[start : start + callers]:
                for statement, values in unit:
                    connection.execute(statement, values).fetchall()
            connection.execute("COMMIT")
        return time.perf_counter() - began


async def through_aiosqlite(units: Sequence[Unit], file: Path, callers: Callers) -> float:
    """Seconds that the units take on one aiosqlite connection, each in its own transaction."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=1, max_overflow=0)

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.cursor().execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)

    async def write(unit: Unit) -> Any:
        async with engine.begin() as connection:
            return await connection.run_sync(unit)

    try:
        return await seconds([partial(write, unit) for unit in units], callers=callers)
    finally:
        await engine.dispose()


async def through_desk(
    make_desk: Callable[[Database], Desk], questions: Sequence[str], file: Path, callers: Callers
) -> float:
    """Seconds from question to durable answer, with all the reading and matching."""
    database = Database(f"sqlite:///{file}")
    desk = make_desk(database)
    asked = [inquiry(number, question) for number, question in enumerate(questions)]
    try:
        return await seconds([partial(desk.ask, one) for one in asked], callers=callers)
    finally:
        desk.close()
        await database.close()


async def seconds(work: Sequence[Callable[[], Awaitable[Any]]], *, callers: Callers) -> float:
    """How long so many callers take, each of whom begins the next piece when one is done."""
    waiting = iter(work)

    async def caller() -> None:
        for piece in waiting:
            await piece()

    began = time.perf_counter()
    await asyncio.gather(*[caller() for _ in range(callers)])
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
