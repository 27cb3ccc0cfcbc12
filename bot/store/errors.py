"""What can go wrong between the service and its database, and how it is said to a person."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class StoreError(Exception):
    """The database could not do what was asked; the message is one sentence for a person."""


class StoreUnavailableError(StoreError):
    """The database is away, full, locked or read-only: nothing was written, try again later."""


class NewerSchemaError(StoreError):
    """The database was written by a newer version of Zixun than this one."""


AWAY = "连不上数据库，请检查它是否已经启动、地址是否正确"
BUSY = "数据库正被别的程序占用，没有写入"
CLOSED = "数据库已经关闭，没有写入"
DAMAGED = "数据库文件已经损坏，请用备份恢复"
FULL = "磁盘已满，没有写入"
IO_ERROR = "磁盘读写出错，没有写入"
NO_MEMORY = "内存不足，没有写入"
OVERLOADED = "数据库太忙，请稍后再试"
READ_ONLY = "数据库是只读的，没有写入"
REFUSED = "数据库拒绝了这个用户，请检查用户名、密码和权限"

_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: IO_ERROR,
    sqlite3.SQLITE_NOMEM: NO_MEMORY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_CANTOPEN: "打不开数据库文件，请检查文件夹是否存在、是否可写",
    sqlite3.SQLITE_NOTADB: "这个文件不是 Zixun 的数据库",
}
"""By primary result code (https://www.sqlite.org/rescode.html)."""

_OF_POSTGRESQL = {
    "08": AWAY,
    "25006": READ_ONLY,
    "28": REFUSED,
    "3D000": "没有这个名字的数据库，请先建立，或检查地址",
    "40001": BUSY,
    "40P01": BUSY,
    "42501": REFUSED,
    "53": OVERLOADED,
    "53100": FULL,
    "53200": NO_MEMORY,
    "55P03": BUSY,
    "57": AWAY,
    "58": IO_ERROR,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""By SQLSTATE or its class, the first two characters (PostgreSQL manual, appendix A)."""

_LOST_RACES = frozenset({"23505", "40001", "40P01"})


def unavailable(error: BaseException) -> StoreUnavailableError:
    """The error as one sentence that a person can act on; the error itself is its cause."""
    said = str(error) if isinstance(error, StoreUnavailableError) else _sentence(error)
    if said is None:
        reason = str(_original(error)).splitlines() or [type(error).__name__]
        said = f"数据库暂时用不了（{reason[0]}）"
    wrapped = StoreUnavailableError(said)
    wrapped.__cause__ = error
    return wrapped


def is_unavailable(error: BaseException) -> bool:
    """Whether the database failed, and not what was asked of it (a constraint, a statement)."""
    return isinstance(error, StoreUnavailableError) or _sentence(error) is not None


def is_lost_race(error: BaseException) -> bool:
    """Whether PostgreSQL took the work back because another process came first.

    Run again, it sees what the other one wrote: a key that is now there, a row that moved on.
    """
    return _sqlstate(error) in _LOST_RACES


def _sentence(error: BaseException) -> str | None:
    if isinstance(error, PoolTimeoutError):
        return OVERLOADED
    original = _original(error)
    if isinstance(original, sqlite3.Error):
        # The low byte is the primary code; an error of the module itself has no code at all.
        found = _OF_SQLITE.get(getattr(original, "sqlite_errorcode", 0) & 0xFF)
    else:
        state = _sqlstate(error)
        found = _OF_POSTGRESQL.get(state) or _OF_POSTGRESQL.get(state[:2])
    if found is None and (
        isinstance(original, OSError)
        or (isinstance(error, DBAPIError) and error.connection_invalidated)
    ):
        return AWAY
    return found


def _original(error: BaseException) -> BaseException:
    original = error.orig if isinstance(error, DBAPIError) else None
    return error if original is None else original


def _sqlstate(error: BaseException) -> str:
    return str(getattr(_original(error), "sqlstate", None) or "")
