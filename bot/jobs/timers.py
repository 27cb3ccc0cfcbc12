"""Timers: what happens because time has passed, asked of the desk again and again."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.desk.desk import Desk
from bot.store.errors import StoreUnavailableError

TICK_SECONDS = 30.0

log = structlog.get_logger()


async def run(desk: Desk, *, clock: Callable[[], datetime], tick: float = TICK_SECONDS) -> None:
    """Close what has been silent, now and at every tick, until cancelled.

    What fell due while the service was down is caught up with at the first tick; each row is
    taken by one process only. A tick that fails is logged, and the next one comes all the same.
    """
    while True:
        try:
            closed = await desk.close_silent(clock())
        except StoreUnavailableError as error:
            log.warning("timers_store_unavailable", problem=str(error))
        except Exception:
            log.exception("timers_failed")
        else:
            if closed:
                log.info("closed_by_silence", count=closed)
        await asyncio.sleep(tick)
