"""The one thread that writes to SQLite: queued units of work share a transaction and its fsync.

SQLite allows one writer at a time and a durable commit costs a disk flush. Units that wait while
a commit is under way are run together in the next transaction, each in a savepoint of its own, so
that the flush is paid once for all and a unit that fails takes no other with it. No unit waits
for company: a lone unit is committed at once.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.store.errors import CLOSED, StoreUnavailableError, is_unavailable, unavailable

T = TypeVar("T")
Unit = Callable[[Connection], T]

LARGEST_BATCH = 128


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A unit in the queue and the future that its caller holds."""

    unit: Unit[Any]
    future: "Future[Any]"


@dataclass(frozen=True, slots=True)
class _Settled:
    """What a unit came to: its result, or the exception with which it failed alone."""

    result: Any = None
    failure: BaseException | None = None


class Writer:
    """Runs units of work in order on one thread; each caller is released after the commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="zixun-writer", daemon=True)
        self._thread.start()

    def submit(self, unit: Unit[T]) -> "Future[T]":
        """A future of the unit's result, done once the result is durable.

        The future counts as running from the start: cancelling it does not cancel the unit.
        It fails with the unit's own exception, or with StoreUnavailableError if the transaction
        could not be made durable.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise StoreUnavailableError(CLOSED)
            self._queue.put(_Waiting(unit, future))
        return future

    def close(self) -> None:
        """Run what is queued, then end the thread. Closing twice does nothing more."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            try:
                settled = self._transact(batch)
            except BaseException as error:
                # BEGIN or COMMIT failed, or an error inside ended the whole transaction: whatever
                # a unit returned was never written, so no caller may believe it was. Nothing may
                # end this thread either: callers would wait for ever.
                settled = [_Settled(failure=unavailable(error)) for _ in batch]
            for waiting, came_to in zip(batch, settled, strict=True):
                if came_to.failure is None:
                    waiting.future.set_result(came_to.result)
                else:
                    waiting.future.set_exception(came_to.failure)

    def _next_batch(self) -> list[_Waiting]:
        """What waits by now, at least one unit; empty when the queue was closed."""
        batch: list[_Waiting] = []
        waiting = self._queue.get()
        while waiting is not None:
            batch.append(waiting)
            if len(batch) == LARGEST_BATCH:
                return batch
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._queue.put(None)  # the end, left for the next call
        return batch

    def _transact(self, batch: Sequence[_Waiting]) -> list[_Settled]:
        with self._engine.connect() as connection, connection.begin():
            return [_run_in_savepoint(connection, waiting.unit) for waiting in batch]


def _run_in_savepoint(connection: Connection, unit: Unit[Any]) -> _Settled:
    """What the unit came to; raises if it is over for the whole batch.

    On a full disk or an I/O error SQLite may end the transaction. If the unit hid that, there is
    no savepoint left to release or to go back to, which is an error again.
    """
    savepoint = connection.begin_nested()
    try:
        result = unit(connection)
    except BaseException as error:
        if isinstance(error, DBAPIError) and is_unavailable(error):
            raise unavailable(error) from error
        savepoint.rollback()
        return _Settled(failure=_for_a_future(error))
    savepoint.commit()
    return _Settled(result)


def _for_a_future(error: BaseException) -> BaseException:
    """The error, in a form that asyncio can hand on: StopIteration would never wake the caller."""
    if not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError("a unit of work raised StopIteration")
    wrapped.__cause__ = error
    return wrapped
