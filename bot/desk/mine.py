"""What a citizen can ask of their own data: a copy of it, and that it be deleted.

Source: 个人信息保护法 第四十五条 (copy), 第四十七条 (deletion).
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from bot.store import consultations, contacts, events
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.events import Event


@dataclass(frozen=True, slots=True)
class Kept:
    """One consultation with its events and the citizen's words that are still kept, by event."""

    consultation: Consultation
    events: tuple[Event, ...]
    words: dict[int, str]


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many texts and contacts were deleted; the counts of the log stay."""

    words: int
    contacts: int


async def export(database: Database, asker: bytes) -> list[Kept]:
    """Everything that is kept about that asker (a keyed hash), oldest first."""
    return await database.read(partial(_kept, asker=asker))


async def delete(database: Database, asker: bytes) -> Deleted:
    """Delete that asker's words and contacts; receipts, times and outcomes stay in the log.

    What staff still work on loses its contact too: the reply can then be fetched with receipt and
    code only.
    """
    return await database.write(partial(_delete, asker=asker))


def _kept(connection: Connection, *, asker: bytes) -> list[Kept]:
    return [
        Kept(
            consultation=item,
            events=tuple(events.of_consultation(connection, item.id)),
            words=events.words_of_consultation(connection, item.id),
        )
        for item in consultations.of_asker(connection, asker)
    ]


def _delete(connection: Connection, *, asker: bytes) -> Deleted:
    return Deleted(
        words=events.delete_words_of_asker(connection, asker),
        contacts=contacts.delete_of_asker(connection, asker),
    )
