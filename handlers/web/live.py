"""Live pages: a page is told that there is something new, and then fetches it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.store import overview
from bot.store.database import Database
from bot.store.errors import StoreUnavailableError

POLL_SECONDS = 1.0
STEP_SECONDS = 0.2
"""How soon the service's wish to end is noticed."""
HEARTBEAT_SECONDS = 15.0
MOST_PAGES = 2_000
PAGES_OF_SESSION = 10
"""How many windows one person may have open."""
PAGES_OF_ADDRESS = 200
"""How many pages may be open at one address: a whole office may stand behind it."""


class Places:
    """The places of open pages; nobody holds so many that others find none.

    ``per_session`` and ``per_address`` are how many one of them may hold, ``most`` how many
    there are.
    """

    def __init__(
        self,
        *,
        per_session: int = PAGES_OF_SESSION,
        per_address: int = PAGES_OF_ADDRESS,
        most: int = MOST_PAGES,
    ) -> None:
        self._per_session = per_session
        self._per_address = per_address
        self._most = most
        self._taken: Counter[str] = Counter()

    def take(self, *, session: str, address: str) -> Callable[[], None] | None:
        """A place, given back by calling the result once; None if there is none for them."""
        allowed = {
            "": self._most,
            f"session {session}": self._per_session,
            f"address {address}": self._per_address,
        }
        if any(self._taken[name] >= most for name, most in allowed.items()):
            return None
        self._taken.update(allowed.keys())

        def leave() -> None:
            for name in allowed:
                self._taken[name] -= 1
                if not self._taken[name]:
                    del self._taken[name]

        return leave


class LivePage(StreamingResponse):
    """A stream of server-sent events that gives its place back however it ends."""

    def __init__(self, events: AsyncIterator[str], *, leave: Callable[[], None]) -> None:
        super().__init__(
            events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until the page is closed or the service ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


class Watch:
    """Notices that anything was written, with one query a second however many pages wait.

    The poll runs while there are pages, and ends with the last of them or when ``should_exit``
    says that the service ends: open pages hold a server back until they are let go.
    """

    def __init__(
        self, database: Database, *, should_exit: Callable[[], bool], places: Places | None = None
    ) -> None:
        self.places = places or Places()
        self._database = database
        self._should_exit = should_exit
        self._pages = 0
        self._newest = -1
        self._changed = asyncio.Event()
        self._poll: asyncio.Task[None] | None = None

    async def stream(self, look: Callable[[], Awaitable[str]], *, seen: str) -> AsyncIterator[str]:
        """Server-sent events for one page: a ``change`` whenever ``look`` says another thing.

        ``look`` names the state that the page would show now and ``seen`` the one that it shows.
        A comment keeps the line open meanwhile.
        """
        with self._joined():
            yield "retry: 3000\n\n"
            while not self._should_exit():
                changed = self._changed
                try:
                    found = await look()
                except StoreUnavailableError:
                    found = seen
                if found != seen:
                    seen = found
                    yield f"id: {seen}\nevent: change\ndata: {seen}\n\n"
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    yield ": still here\n\n"

    @contextmanager
    def _joined(self) -> Iterator[None]:
        self._pages += 1
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._run(), name="zixun-live")
        try:
            yield
        finally:
            self._pages -= 1
            if not self._pages and self._poll is not None:
                self._poll.cancel()
                self._poll = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        next_look = 0.0
        while not self._should_exit():
            if loop.time() >= next_look:
                next_look = loop.time() + POLL_SECONDS
                await self._look()
            await asyncio.sleep(STEP_SECONDS)
        self._tell()

    async def _look(self) -> None:
        try:
            newest = await self._database.read(overview.newest_event)
        except StoreUnavailableError:
            return
        if newest != self._newest:
            self._newest = newest
            self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
