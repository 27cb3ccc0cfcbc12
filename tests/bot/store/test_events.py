"""The log: numbered without gaps, chained by digest, and apart from the words."""

from dataclasses import replace
from datetime import timedelta, timezone
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.store import events
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.events import Event, chain_digest
from tests.bot.store.rows import ALICE, BOB, NOON, happened, kept, minutes

LINK: dict[str, Any] = {
    "receipt": "26112348207314",
    "number": 2,
    "kind": "asked",
    "at": NOON,
    "actor": "citizen",
    "facts": {"b": [1, None, "字"], "a": 0.5},
    "text_digest": b"\x01" * 32,
}


async def test_an_event_is_kept_as_it_was(database: Database) -> None:
    def unit(connection: Connection) -> Event:
        facts = {"字": ["a", 1, 0.1, None, {"b": True}], "probability": 0.30000000000000004}
        return happened(
            connection,
            kept(connection),
            kind="replied",
            at=minutes(1.5),
            actor="staff:12",
            facts=facts,
            text_digest=bytes(range(32)),
        )

    event = await database.write(unit)

    assert await database.read(partial(events.by_id, event_id=event.id)) == event


async def test_events_are_told_in_the_order_of_their_numbers(database: Database) -> None:
    def unit(connection: Connection) -> Consultation:
        matter, other = kept(connection), kept(connection)
        for number in (2, 1, 3):
            happened(connection, matter, number=number)
        happened(connection, other, number=1)
        return matter

    matter = await database.write(unit)

    log = await database.read(partial(events.of_consultation, consultation_id=matter.id))
    assert [event.number for event in log] == [1, 2, 3]


async def test_a_number_is_taken_once_in_a_consultation(database: Database) -> None:
    def unit(connection: Connection) -> None:
        matter = kept(connection)
        happened(connection, matter, number=1)
        happened(connection, matter, number=1)

    with pytest.raises(IntegrityError):
        await database.write(unit)


async def test_an_event_belongs_to_a_consultation(database: Database) -> None:
    def unit(connection: Connection) -> None:
        happened(connection, replace(kept(connection), id=999))

    with pytest.raises(IntegrityError):
        await database.write(unit)


async def test_the_newest_of_some_kinds_is_found(database: Database) -> None:
    def unit(connection: Connection) -> tuple[Consultation, list[Event]]:
        matter = kept(connection)
        kinds = ("asked", "chosen", "rated", "asked", "rated")
        return matter, [happened(connection, matter, kind=kind) for kind in kinds]

    matter, log = await database.write(unit)

    newest = partial(events.newest_of, consultation_id=matter.id)
    assert await database.read(partial(newest, kinds=("asked", "chosen"))) == log[3]
    assert await database.read(partial(newest, kinds={"chosen"})) == log[1]
    assert await database.read(partial(newest, kinds=["replied"])) is None


async def test_words_are_kept_apart_and_can_be_deleted(database: Database) -> None:
    def unit(connection: Connection) -> tuple[Consultation, list[int]]:
        alices, bobs = kept(connection, asker=ALICE), kept(connection, asker=BOB)
        log = [happened(connection, matter).id for matter in (alices, alices, bobs)]
        silent = happened(connection, alices).id
        for event_id, text in zip(log, ("怎么申请", "收费吗", "多久"), strict=True):
            events.keep_words(connection, event_id, salt=b"0" * 16, text=text)
        return alices, [*log, silent]

    matter, (first, second, bobs, silent) = await database.write(unit)

    def texts(connection: Connection) -> list[str | None]:
        return [events.words_of(connection, one) for one in (first, second, bobs, silent)]

    of_matter = partial(events.words_of_consultation, consultation_id=matter.id)
    assert await database.read(texts) == ["怎么申请", "收费吗", "多久", None]
    assert await database.read(of_matter) == {first: "怎么申请", second: "收费吗"}

    delete = partial(events.delete_words_of_asker, asker=ALICE)
    assert await database.write(delete) == 2
    assert await database.write(delete) == 0
    assert await database.read(texts) == [None, None, "多久", None]
    log = await database.read(partial(events.of_consultation, consultation_id=matter.id))
    assert len(log) == 3


def test_a_digest_does_not_depend_on_how_its_event_is_written_down() -> None:
    beijing = LINK["at"].astimezone(timezone(timedelta(hours=8)))
    same = {**LINK, "at": beijing, "facts": {"a": 0.5, "b": (1, None, "字")}}

    assert len(chain_digest(b"", **LINK)) == 32
    assert chain_digest(b"", **LINK) == chain_digest(b"", **same)


async def test_a_digest_is_the_same_after_the_facts_were_stored(database: Database) -> None:
    facts: dict[str, Any] = {
        "字": ["\u2028", 1e-7, 0.1 + 0.2, -0.0, 10**18],
        "none": None,
        "becomes": {},
    }
    event = await database.write(
        lambda connection: happened(connection, kept(connection), facts=facts)
    )

    found = await database.read(partial(events.by_id, event_id=event.id))
    again = {**LINK, "facts": found.facts}
    assert chain_digest(b"", **again) == chain_digest(b"", **LINK | {"facts": facts})


@pytest.mark.parametrize(
    "change",
    [
        {"receipt": "26112348207315"},
        {"number": 3},
        {"kind": "added"},
        {"at": NOON + timedelta(microseconds=1)},
        {"actor": "bot"},
        {"facts": {"b": [1, None, "宇"], "a": 0.5}},
        {"text_digest": None},
        {"text_digest": b"\x02" * 32},
    ],
    ids="-".join,
)
def test_any_change_of_an_event_changes_its_digest(change: dict[str, Any]) -> None:
    assert chain_digest(b"", **LINK | change) != chain_digest(b"", **LINK)


def test_a_digest_depends_on_the_one_before() -> None:
    assert chain_digest(b"\x00", **LINK) != chain_digest(b"", **LINK)
