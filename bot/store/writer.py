"""The one thread that writes to SQLite: queued units of work share a transaction and its fsync.

SQLite allows one writer at a time and a durable commit costs a disk flush. Units that wait while
a commit is under way are run together in the next transaction, each in a savepoint of its own, so
that the flush is paid once for all and a unit that fails takes no other with it. No unit waits
for company: a lone unit is committed at once.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.store.errors import StoreUnavailableError

T = TypeVar("T")
Unit = Callable[[Connection], T]

LARGEST_BATCH = 128


class Writer:
    """Runs units of work in order on one thread; each caller is released after the commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[tuple[Unit[Any], Future[Any]] | None] = queue.SimpleQueue()
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
                raise StoreUnavailableError("数据库已经关闭")
            self._queue.put((unit, future))
        return future

    def close(self) -> None:
        """Run what is queued, then end the thread. Closing twice does nothing more."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            first = self._queue.get()
            if first is None:
                break
            batch = [first]
            while len(batch) < LARGEST_BATCH:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    open_ = False
                    break
                batch.append(following)
            self._commit(batch)

    def _commit(self, batch: list[tuple[Unit[Any], Future[Any]]]) -> None:
        settled: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.connect() as connection, connection.begin():
                for unit, future in batch:
                    settled.append((future, *_run_in_savepoint(connection, unit)))
        except (SQLAlchemyError, StoreUnavailableError, OSError) as error:
            # BEGIN or COMMIT failed, or an error inside ended the whole transaction: whatever a
            # unit returned was never written, so no caller may believe it was.
            for _, future in batch:
                future.set_exception(unavailable(error))
            return
        for future, result, failure in settled:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)


def _run_in_savepoint(connection: Connection, unit: Unit[Any]) -> tuple[Any, BaseException | None]:
    try:
        with connection.begin_nested():
            return unit(connection), None
    except Exception as error:
        if not _transaction_lives(connection):
            raise StoreUnavailableError(_sentence(error)) from error
        return None, error


def _transaction_lives(connection: Connection) -> bool:
    """Whether SQLite still holds the transaction (a full disk or an I/O error ends it)."""
    return bool(connection.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]


def unavailable(error: BaseException) -> StoreUnavailableError:
    """The same error as one sentence that a person can act on."""
    if isinstance(error, StoreUnavailableError):
        return error
    wrapped = StoreUnavailableError(_sentence(error))
    wrapped.__cause__ = error
    return wrapped


def _sentence(error: BaseException) -> str:
    cause = str(getattr(error, "orig", error))
    known = {
        "database or disk is full": "磁盘已满，没有写入",
        "readonly": "数据库文件是只读的，没有写入",
        "locked": "数据库正被别的程序占用，没有写入",
        "disk I/O error": "磁盘读写出错，没有写入",
        "unable to open": "打不开数据库文件，请检查文件夹是否存在、是否可写",
        "not a database": "这个文件不是 Zixun 的数据库",
    }
    for mark, sentence in known.items():
        if mark in cause:
            return sentence
    return f"数据库暂时用不了（{cause.splitlines()[0] if cause else type(error).__name__}）"
