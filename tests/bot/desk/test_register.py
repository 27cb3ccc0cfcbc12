import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from bot.desk import mine
from bot.desk.acts import KeyReusedError
from bot.desk.inquiries import ReplyKind
from bot.desk.register import MOST_MATTERS
from bot.desk.steps import Situation
from bot.store import contacts
from tests.bot.desk.conftest import House, Phrases
from tests.bot.desk.made import MONDAY


async def situation(house: House, who: str = "alice") -> Situation:
    """Where that asker's matters on Telegram stand now."""
    register = house.desk.register
    incoming = register.incoming(house.inquiry(who=who), content="")
    return await house.read(register.situation, incoming=incoming)


async def contact(house: House, consultation_id: int) -> str | None:
    sealed = await house.read(contacts.of_consultation, consultation_id=consultation_id)
    return None if sealed is None else house.keys.unseal(sealed)


def test_what_comes_in_names_nobody(house: House) -> None:
    inquiry = house.inquiry("你好")

    incoming = house.desk.register.incoming(inquiry, content="你好")

    for clear in (inquiry.asker, inquiry.external_id, inquiry.contact or "", "你好"):
        assert clear.encode() not in b"".join(
            [incoming.asker, incoming.external_id, incoming.contact or b"", incoming.content]
        )


def test_one_persons_askers_in_two_channels_are_two(house: House) -> None:
    register = house.desk.register

    assert register.asker("telegram", "1001") == register.asker("telegram", "1001")
    assert register.asker("telegram", "1001") != register.asker("web", "1001")


async def test_nobody_has_matters_before_asking(house: House) -> None:
    assert await situation(house) == Situation(earlier=[])


async def test_open_and_closed_matters_are_told_apart_the_newest_first(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["D01"])
    house.advance(minutes=1)
    second = await house.says(phrases.sure["H01"])
    house.advance(minutes=1)
    third = await house.says(phrases.sure["B01"])

    found = await situation(house)

    assert found.current == await house.row(third)
    assert list(found.earlier) == [await house.row(second), await house.row(first)]
    assert found.about == "B01"


async def test_nobody_elses_matters_are_seen(house: House, phrases: Phrases) -> None:
    await house.says(phrases.sure["D01"], who="bob")
    await house.says(phrases.sure["D01"], who="alice", channel="web")

    assert (await situation(house, "alice")).current is None


async def test_what_fell_silent_counts_as_closed_before_the_timer_comes_by(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])
    house.advance(hours=24)

    found = await situation(house)

    assert found.current is None
    assert [item.outcome for item in found.earlier] == ["ANSWERED_KB"]
    assert (await house.row(asked)).state == "OPEN_BOT"


async def test_a_reopened_matter_comes_before_newer_ones(house: House, phrases: Phrases) -> None:
    first = await house.says(phrases.sure["D01"])
    house.advance(minutes=1)
    await house.says(phrases.sure["B01"])
    house.advance(minutes=1)
    await house.taps("unsolved", first)

    found = await situation(house)

    assert found.current is not None
    assert found.current.id == first.consultation.id


async def test_a_matter_without_an_answer_is_about_no_guide(
    house: House, phrases: Phrases
) -> None:
    await house.says(phrases.vague[0])

    assert (await situation(house)).about is None


async def test_only_so_many_matters_are_looked_at(house: House, phrases: Phrases) -> None:
    await asyncio.gather(*[house.says("谢谢") for _ in range(MOST_MATTERS + 10)])

    assert len((await situation(house)).earlier) == MOST_MATTERS


# Receipts.


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "261122"),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "261123"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "270101"),
    ],
)
async def test_a_receipt_says_the_offices_day(house: House, moment: datetime, day: str) -> None:
    house.moment = moment

    handled = await house.says("你好")

    assert handled.consultation.receipt.startswith(day)


async def test_a_receipt_already_given_is_not_given_again(
    house: House, phrases: Phrases, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("bot.desk.receipts.secrets.randbelow", lambda _: next(drawn))

    first = await house.says(phrases.sure["D01"], who="alice")
    second = await house.says(phrases.sure["D01"], who="bob")

    assert first.consultation.receipt[:13] == "2611230000007"
    assert second.consultation.receipt[:13] == "2611230000008"


# Contacts.


async def test_where_to_reply_is_kept_again_when_its_owner_writes_after_deleting_it(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["B01"])
    await mine.delete(house.database, asked.consultation.asker)
    assert await contact(house, asked.consultation.id) is None

    await house.says("那要多久？")

    assert await contact(house, asked.consultation.id) == "alice-chat"


async def test_a_channel_without_contacts_keeps_none(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["D01"], channel="web")

    assert await contact(house, asked.consultation.id) is None


# Scripts.


async def test_what_is_said_of_itself_is_in_the_characters_of_the_last_message(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague_traditional)

    await house.desk.close_silent(MONDAY.replace(day=25))

    said = await house.desk.replies(asked.consultation)
    assert [item.kind for item in said] == [ReplyKind.CLARIFY, ReplyKind.SILENT_CLOSE]
    assert all(item.values.get("traditional") for item in said)


async def test_a_photo_does_not_change_the_characters(house: House) -> None:
    await house.says("轉人工")
    handled = await house.desk.take_media(house.inquiry(), medium="photo")

    assert handled.replies[0].values == {"medium": "photo", "traditional": True}


# What came before.


async def test_what_came_before_is_found_by_channel_and_name_with_its_content(
    house: House,
) -> None:
    register = house.desk.register
    await house.desk.ask(house.inquiry("你好", name="one"))

    def seen(connection: Connection, name: str, content: str, channel: str) -> bool:
        inquiry = house.inquiry(name=name, channel=channel)
        return register.seen(connection, register.incoming(inquiry, content=content)) is not None

    assert await house.read(seen, name="one", content="你好", channel="telegram")
    assert not await house.read(seen, name="two", content="你好", channel="telegram")
    assert not await house.read(seen, name="one", content="你好", channel="web")
    with pytest.raises(KeyReusedError):
        await house.read(seen, name="one", content="再见", channel="telegram")
