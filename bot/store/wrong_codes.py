"""How often a receipt was asked for with a wrong code, and until when it is locked."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.store.database import lock
from bot.store.tables import wrong_codes


def of_receipt(connection: Connection, receipt: str) -> tuple[int, datetime | None]:
    """How many wrong codes came for that receipt, and the end of its lock if it has one.

    Whoever else asks about that receipt waits until this transaction ends: many guesses at once
    are counted one by one.
    """
    lock(connection, key=int(receipt))
    row = connection.execute(
        select(wrong_codes.c.count, wrong_codes.c.locked_until).where(
            wrong_codes.c.receipt == receipt
        )
    ).one_or_none()
    return (0, None) if row is None else (row[0], row[1])


def note(
    connection: Connection, receipt: str, *, count: int, locked_until: datetime | None
) -> None:
    """Keep the count and the lock as they now are."""
    forget(connection, receipt)
    connection.execute(
        wrong_codes.insert().values(receipt=receipt, count=count, locked_until=locked_until)
    )


def forget(connection: Connection, receipt: str) -> None:
    """The right code came: wrong ones no longer count."""
    connection.execute(delete(wrong_codes).where(wrong_codes.c.receipt == receipt))
