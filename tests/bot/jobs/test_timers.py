"""Timers, with a real desk: what was silent is closed, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.desk.calendar import load_calendar
from bot.desk.channels import registry
from bot.desk.desk import Desk
from bot.desk.shelf import Shelf
from bot.jobs import timers
from bot.store import consultations, events, outbox, overview
from bot.store.consultations import Consultation
from bot.store.database import Database
from knowledge.office import load_office
from knowledge.understanding import Reader
from tests.bot.jobs.world import KEYS, Clock, store_down
from tests.bot.store.rows import NOON, kept, minutes


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Timers read nothing, but a desk has a reader."""
    return Reader(())


class Office:
    """A desk of one process; ``closed`` is set when it has closed something."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self.database = database
        self.clock = Clock()
        self.closed = asyncio.Event()
        self.desk = Desk(
            database,
            reader=reader,
            shelf=Shelf(()),
            office=load_office(),
            calendar=load_calendar(),
            keys=KEYS,
            channels=registry(),
            wake=self.closed.set,
        )

    async def opened(self, *changes: dict[str, Any]) -> list[int]:
        """The ids of new consultations, one for each set of changes."""

        def unit(connection: Connection) -> list[int]:
            return [kept(connection, **one).id for one in changes]

        return await self.database.write(unit)

    async def found(self, consultation_id: int) -> Consultation:
        """A consultation as it now stands."""
        by_id = partial(consultations.by_id, consultation_id=consultation_id)
        found = await self.database.read(by_id)
        assert found is not None
        return found

    async def until_closed(self) -> None:
        """Wait until something was closed."""
        await asyncio.wait_for(self.closed.wait(), 10)
        self.closed.clear()


@pytest.fixture
async def office(url: str, reader: Reader) -> AsyncIterator[Office]:
    database = Database(url)
    office = Office(database, reader)
    yield office
    office.desk.close()
    await database.close()


@asynccontextmanager
async def ticking(
    office: Office, *, tick: float = 0, clock: Callable[[], datetime] | None = None
) -> AsyncIterator["asyncio.Task[None]"]:
    """Timers by themselves, for as long as the block lasts."""
    run = timers.run(office.desk, clock=clock or office.clock, tick=tick)
    task = asyncio.create_task(run)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


async def test_what_ran_out_while_the_service_was_down_is_closed_at_once(office: Office) -> None:
    silent, waiting, staffs = await office.opened(
        {"timer_at": NOON, "expected_outcome": "ANSWERED_KB"},
        {"timer_at": minutes(0.01)},
        {"state": "OPEN_QUEUE", "owner": "queue", "due_at": minutes(-60)},
    )

    async with ticking(office, tick=3600):
        await office.until_closed()

    closed = await office.found(silent)
    assert (closed.state, closed.outcome, closed.closed_at) == ("CLOSED", "ANSWERED_KB", NOON)
    assert (await office.found(waiting)).state == "OPEN_BOT"
    assert (await office.found(staffs)).state == "OPEN_QUEUE"


async def test_each_tick_closes_what_has_run_out_by_then(office: Office) -> None:
    first, second = await office.opened({"timer_at": minutes(1)}, {"timer_at": minutes(2)})

    async with ticking(office):
        office.clock.pass_by(minutes=1)
        await office.until_closed()
        assert (await office.found(first)).closed_at == minutes(1)
        assert (await office.found(second)).state == "OPEN_BOT"
        office.clock.pass_by(minutes=1)
        await office.until_closed()

    assert (await office.found(second)).closed_at == minutes(2)


@pytest.mark.usefixtures("impatient")
async def test_a_store_that_is_away_for_a_while_does_not_end_the_timers(
    office: Office, url: str
) -> None:
    (silent,) = await office.opened({"timer_at": NOON})
    looked = asyncio.Event()

    def clock() -> datetime:
        looked.set()
        return NOON

    async with store_down(url):
        timing = ticking(office, clock=clock)
        task = await timing.__aenter__()
        for _ in range(3):
            looked.clear()
            await asyncio.wait_for(looked.wait(), 10)
        assert not task.done()
    await office.until_closed()
    await timing.__aexit__(None, None, None)

    assert (await office.found(silent)).state == "CLOSED"


async def test_a_tick_that_fails_is_followed_by_the_next(office: Office) -> None:
    (silent,) = await office.opened({"timer_at": NOON})
    faults = [ValueError("a fault of ours")]

    def clock() -> datetime:
        if faults:
            raise faults.pop()
        return NOON

    async with ticking(office, clock=clock):
        await office.until_closed()

    assert (await office.found(silent)).state == "CLOSED"


async def test_timers_that_end_leave_no_half_closed_consultation(office: Office, url: str) -> None:
    await office.opened(*[{"timer_at": NOON}] * 300)
    async with ticking(office):
        await asyncio.sleep(0)
    await office.database.close()

    again = Database(url)
    try:
        left = await again.read(overview.open_by_state)
        logged = await again.read(overview.newest_event)
        waiting = await again.read(overview.pending_replies)
    finally:
        await again.close()
    assert logged == 300 - left.get("OPEN_BOT", 0)
    assert waiting == 0


async def test_two_processes_close_each_consultation_once(
    office: Office, url: str, reader: Reader
) -> None:
    silent = await office.opened(*[{"timer_at": NOON}] * 60)
    other = Database(url)
    colleague = Office(other, reader)
    try:
        counts = await asyncio.gather(
            office.desk.close_silent(NOON), colleague.desk.close_silent(NOON)
        )
    finally:
        colleague.desk.close()
        await other.close()

    def logs(connection: Connection) -> set[int]:
        return {len(events.of_consultation(connection, one)) for one in silent}

    assert sum(counts) == 60
    assert await office.database.read(logs) == {1}
    assert await office.database.read(partial(outbox.to_citizen, consultation_id=silent[0]))
