"""Delivery: takes replies from the outbox and sends them, in order, at least once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.desk.channels import Channel, DeliveryError, Parcel, Sender
from bot.desk.keys import Keys
from bot.desk.parcels import prepare
from bot.store import outbox
from bot.store.database import Database
from bot.store.errors import StoreUnavailableError
from bot.store.outbox import Outgoing

LEASE = timedelta(seconds=120)
"""How long a reply is this process's to send; after a crash another one sends it then."""
LONGEST_SENDING = timedelta(seconds=90)
"""Shorter than the lease: what hangs is given up before somebody else sends it."""
MOST_AT_ONCE = 50
POLL_SECONDS = 1.0
LONGEST_WAIT = timedelta(minutes=10)

log = structlog.get_logger()


class Delivery:
    """Sends what is due; ``doorbell`` rings when something was put in the outbox.

    ``undeliverable`` is told of each reply that can never arrive. A reply whose sending fails for
    another reason is tried again, later each time. One slow reply holds up no other person's.
    """

    def __init__(
        self,
        database: Database,
        *,
        channels: Mapping[str, Channel],
        keys: Keys,
        clock: Callable[[], datetime],
        undeliverable: Callable[[Outgoing, str], Awaitable[None]],
        doorbell: asyncio.Event,
    ) -> None:
        self._database = database
        self._senders: dict[str, Sender] = {
            code: channel.sender for code, channel in channels.items() if channel.sender
        }
        self._keys = keys
        self._clock = clock
        self._undeliverable = undeliverable
        self._doorbell = doorbell
        self._sending: dict[int, asyncio.Task[None]] = {}
        # Sent, but not yet marked when the store failed: marking is retried, sending is not.
        self._unmarked: dict[int, str | None] = {}

    async def run(self) -> None:
        """Send what is due until cancelled; what is being sent is finished first."""
        if not self._senders:
            return
        starting = None
        try:
            while True:
                starting = asyncio.create_task(self._start_due())
                try:
                    await asyncio.shield(starting)
                except StoreUnavailableError as error:
                    log.warning("delivery_store_unavailable", problem=str(error))
                except Exception:
                    log.exception("delivery_failed")
                # Not wait_for: when it is cancelled as the doorbell rings, Python 3.11's forgets
                # that it was cancelled, and the service would never end.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._doorbell.wait()
                self._doorbell.clear()
        finally:
            if starting is not None:
                await asyncio.wait([starting])
            await self._finish()

    async def drain(self) -> int:
        """Send everything that is due now; returns how many attempts were made."""
        attempts = 0
        while started := await self._start_due():
            attempts += started
            await self._finish()
        return attempts

    async def _start_due(self) -> int:
        """Begin to send what is due, as far as there is room; returns how much was begun."""
        for outgoing_id in self._unmarked.keys() - self._sending.keys():
            await self._mark(outgoing_id)
        room = MOST_AT_ONCE - len(self._sending)
        if room <= 0:
            return 0
        parcels = await self._database.write(partial(self._lease, limit=room))
        for parcel in parcels:
            outgoing_id = parcel.outgoing.id
            task = asyncio.create_task(self._send(parcel))
            self._sending[outgoing_id] = task
            task.add_done_callback(partial(self._sent, outgoing_id))
        return len(parcels)

    def _lease(self, connection: Connection, *, limit: int) -> list[Parcel]:
        now = self._clock()
        channels = frozenset(self._senders)
        leased = outbox.lease(
            connection, now=now, until=now + LEASE, channels=channels, limit=limit
        )
        return [
            prepare(connection, outgoing, keys=self._keys)
            for outgoing in leased
            if outgoing.id not in self._unmarked and outgoing.id not in self._sending
        ]

    def _sent(self, outgoing_id: int, _task: asyncio.Task[None]) -> None:
        del self._sending[outgoing_id]
        # The next one to the same person waits for this one, and there is room again.
        self._doorbell.set()

    async def _finish(self) -> None:
        while self._sending:
            await asyncio.wait(tuple(self._sending.values()))

    async def _send(self, parcel: Parcel) -> None:
        """Send one reply and write down what came of it.

        If the store fails meanwhile, the reply stays leased and is taken up again later: to be
        marked if it arrived, else to be sent.
        """
        try:
            await self._attempt(parcel)
        except StoreUnavailableError as error:
            log.warning("delivery_store_unavailable", problem=str(error))
        except Exception:
            log.exception("delivery_failed", outgoing=parcel.outgoing.id)

    async def _attempt(self, parcel: Parcel) -> None:
        outgoing = parcel.outgoing
        if outgoing.audience == outbox.CITIZEN and parcel.contact is None:
            await self._give_up(outgoing, "联系方式已经删除")
            return
        try:
            async with asyncio.timeout(LONGEST_SENDING.total_seconds()):
                reference = await self._senders[outgoing.channel](parcel)
        except DeliveryError as error:
            if error.permanent:
                await self._give_up(outgoing, str(error))
            else:
                await self._postpone(outgoing, str(error), retry_after=error.retry_after)
            return
        except Exception as error:
            # A fault of ours, or something that the sender did not foresee: it may go away.
            log.exception("sending_failed", outgoing=outgoing.id, receipt=outgoing.receipt)
            await self._postpone(outgoing, type(error).__name__, retry_after=None)
            return
        name = None if reference is None else self._keys.hash("message", reference).hex()
        self._unmarked[outgoing.id] = name
        await self._mark(outgoing.id)

    async def _mark(self, outgoing_id: int) -> None:
        await self._database.write(
            partial(
                outbox.mark_sent,
                outgoing_id=outgoing_id,
                at=self._clock(),
                message_ref=self._unmarked[outgoing_id],
            )
        )
        del self._unmarked[outgoing_id]

    async def _postpone(
        self, outgoing: Outgoing, problem: str, *, retry_after: float | None
    ) -> None:
        if retry_after is None:
            doubled = 2 ** min(outgoing.attempts, 16)
            wait = min(timedelta(seconds=doubled), LONGEST_WAIT)
        else:
            wait = timedelta(seconds=retry_after)
        log.info("delivery_postponed", outgoing=outgoing.id, seconds=wait.total_seconds())
        await self._database.write(
            partial(
                outbox.postpone,
                outgoing_id=outgoing.id,
                until=self._clock() + wait,
                problem=problem,
            )
        )

    async def _give_up(self, outgoing: Outgoing, problem: str) -> None:
        log.warning("delivery_impossible", outgoing=outgoing.id, receipt=outgoing.receipt)
        await self._undeliverable(outgoing, problem)
