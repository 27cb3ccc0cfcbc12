"""Work that somebody else does at the same time: on another thread, or in another process."""

import asyncio
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from bot.store.database import Database

T = TypeVar("T")
ROOT = Path(__file__).parents[3]


def written_elsewhere(url: str, unit: Callable[[Connection], T]) -> T:
    """The unit's result, run through a database object of its own, on a thread of its own."""
    results: list[T] = []
    with writing_elsewhere(url, unit, results=results):
        pass
    return results[0]


@contextmanager
def writing_elsewhere(
    url: str, unit: Callable[[Connection], T], *, results: list[T]
) -> Iterator[None]:
    """The same, begun at the start of the block; its end waits for it."""

    async def write() -> None:
        database = Database(url)
        try:
            results.append(await database.write(unit))
        finally:
            await database.close()

    thread = threading.Thread(target=_run, args=[write])
    thread.start()
    yield
    thread.join(20)
    assert not thread.is_alive()


async def another_process(code: str, *arguments: str) -> Process:
    """A Python process that runs this code; what it prints can be read."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    asyncio.run(main())
