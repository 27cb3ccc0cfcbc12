"""Wrong codes are counted by receipt, and forgotten."""

from functools import partial

from bot.store import wrong_codes
from bot.store.database import Database
from tests.bot.store.rows import NOON, minutes

RECEIPT, OTHER = "26112348207314", "26112348207315"


async def test_the_count_and_the_lock_are_kept_until_they_are_forgotten(
    database: Database,
) -> None:
    look = partial(wrong_codes.of_receipt, receipt=RECEIPT)
    assert await database.write(look) == (0, None)

    note = partial(wrong_codes.note, receipt=RECEIPT)
    await database.write(partial(note, count=4, locked_until=None))
    assert await database.write(look) == (4, None)
    await database.write(partial(note, count=5, locked_until=minutes(60)))
    await database.write(partial(wrong_codes.note, receipt=OTHER, count=1, locked_until=NOON))

    assert await database.write(look) == (5, minutes(60))
    await database.write(partial(wrong_codes.forget, receipt=RECEIPT))
    assert await database.write(look) == (0, None)
    assert await database.write(partial(wrong_codes.of_receipt, receipt=OTHER)) == (1, NOON)
