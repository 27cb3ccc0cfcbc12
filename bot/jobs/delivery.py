"""Delivery: takes replies from the outbox and sends them, in order, at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.desk.channels import Channel, DeliveryError, Parcel
from bot.desk.keys import Keys
from bot.desk.parcels import prepare
from bot.store import outbox
from bot.store.database import Database
from bot.store.errors import StoreUnavailableError
from bot.store.outbox import Outgoing

LEASE = timedelta(seconds=60)
POLL_SECONDS = 1.0
LONGEST_WAIT = timedelta(minutes=10)

log = structlog.get_logger()


class Delivery:
    """Sends what is due; ``doorbell`` rings when something was put in the outbox.

    ``undeliverable`` is told of each reply that can never arrive. A reply whose sending fails for
    another reason is tried again, later each time.
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
        self._channels = channels
        self._sending = frozenset(
            code for code, channel in channels.items() if channel.sender is not None
        )
        self._keys = keys
        self._clock = clock
        self._undeliverable = undeliverable
        self._doorbell = doorbell
        # Sent, but not yet marked when the store failed: marking is retried, sending is not.
        self._unmarked: dict[int, str | None] = {}

    async def run(self) -> None:
        """Send what is due until cancelled; what is being sent is finished first."""
        if not self._sending:
            return
        while True:
            try:
                await asyncio.shield(self.drain())
            except StoreUnavailableError as error:
                log.warning("delivery_store_unavailable", problem=str(error))
            try:
                await asyncio.wait_for(self._doorbell.wait(), POLL_SECONDS)
            except TimeoutError:
                continue
            self._doorbell.clear()

    async def drain(self) -> int:
        """Send everything that is due now; returns how many attempts were made."""
        attempts = 0
        while True:
            await self._mark_leftovers()
            parcels = await self._database.write(self._lease)
            if not parcels:
                return attempts
            attempts += len(parcels)
            await asyncio.gather(*[self._send(parcel) for parcel in parcels])

    def _lease(self, connection: Connection) -> list[Parcel]:
        now = self._clock()
        leased = outbox.lease(connection, now=now, until=now + LEASE, channels=self._sending)
        return [
            prepare(connection, outgoing, keys=self._keys)
            for outgoing in leased
            if outgoing.id not in self._unmarked
        ]

    async def _send(self, parcel: Parcel) -> None:
        outgoing = parcel.outgoing
        sender = self._channels[outgoing.channel].sender
        if sender is None:  # pragma: no cover - only sending channels are leased
            return
        if outgoing.audience == outbox.CITIZEN and parcel.contact is None:
            await self._give_up(outgoing, "联系方式已经删除")
            return
        try:
            reference = await sender(parcel)
        except DeliveryError as error:
            if error.permanent:
                await self._give_up(outgoing, str(error))
                return
            wait = (
                timedelta(seconds=error.retry_after)
                if error.retry_after is not None
                else min(timedelta(seconds=2**outgoing.attempts), LONGEST_WAIT)
            )
            log.info("delivery_postponed", outgoing=outgoing.id, seconds=wait.total_seconds())
            await self._database.write(
                partial(
                    outbox.postpone,
                    outgoing_id=outgoing.id,
                    until=self._clock() + wait,
                    problem=str(error),
                )
            )
            return
        name = None if reference is None else self._keys.hash("message", reference).hex()
        self._unmarked[outgoing.id] = name
        await self._mark(outgoing.id)

    async def _mark_leftovers(self) -> None:
        for outgoing_id in tuple(self._unmarked):
            await self._mark(outgoing_id)

    async def _mark(self, outgoing_id: int) -> None:
        await self._database.write(
            partial(
                outbox.mark_sent,
                outgoing_id=outgoing_id,
                at=self._clock(),
                message_ref=self._unmarked[outgoing_id],
            )
        )
        self._unmarked.pop(outgoing_id, None)

    async def _give_up(self, outgoing: Outgoing, problem: str) -> None:
        log.warning("delivery_impossible", outgoing=outgoing.id, receipt=outgoing.receipt)
        await self._undeliverable(outgoing, problem)
