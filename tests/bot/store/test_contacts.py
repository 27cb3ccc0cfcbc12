"""Where to reply: apart from the consultation, and deleted on demand."""

from functools import partial

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.store import consultations, contacts
from bot.store.database import Database
from tests.bot.store.rows import ALICE, BOB, kept


def opened(connection: Connection, *, asker: bytes = ALICE, sealed: bytes | None = b"x") -> int:
    """A new consultation, with a contact unless there is none; its id."""
    matter = kept(connection, asker=asker)
    if sealed is not None:
        contacts.keep(connection, matter.id, sealed=sealed)
    return matter.id


async def test_a_contact_is_kept_as_it_was_sealed(database: Database) -> None:
    sealed = bytes(range(256))
    reached = await database.write(partial(opened, sealed=sealed))
    unknown = await database.write(partial(opened, sealed=None))

    of = contacts.of_consultation
    assert await database.read(partial(of, consultation_id=reached)) == sealed
    assert await database.read(partial(of, consultation_id=unknown)) is None


async def test_a_consultation_has_one_contact(database: Database) -> None:
    matter = await database.write(opened)

    with pytest.raises(IntegrityError):
        await database.write(partial(contacts.keep, consultation_id=matter, sealed=b"y"))


async def test_deleting_takes_all_of_one_asker_and_leaves_the_counts(database: Database) -> None:
    alices = [await database.write(opened) for _ in range(2)]
    bobs = await database.write(partial(opened, asker=BOB))

    delete = partial(contacts.delete_of_asker, asker=ALICE)
    assert await database.write(delete) == 2
    assert await database.write(delete) == 0

    def left(connection: Connection) -> list[bytes | None]:
        return [contacts.of_consultation(connection, one) for one in (*alices, bobs)]

    assert await database.read(left) == [None, None, b"x"]
    assert await database.read(consultations.count) == 3
