from bot.desk import mine
from bot.store import events
from tests.bot.desk.conftest import House, Phrases


async def test_a_copy_holds_everything_of_one_asker_and_nothing_of_another(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["D01"])
    second = await house.says(phrases.sure["C01"])
    await house.says(phrases.sure["B01"], who="bob")

    kept = await mine.export(house.database, first.consultation.asker)

    assert [item.consultation for item in kept] == [
        await house.row(first), await house.row(second),
    ]  # fmt: skip
    words = [text for item in kept for text in item.words.values()]
    assert words == [phrases.sure["D01"], phrases.sure["C01"]]
    assert [event.kind for event in kept[0].events] == ["asked", "closed"]


async def test_who_never_asked_has_nothing(house: House) -> None:
    asker = house.desk.register.asker("telegram", "nobody")

    assert await mine.export(house.database, asker) == []
    assert await mine.delete(house.database, asker) == mine.Deleted(words=0, contacts=0)


async def test_deleting_takes_words_and_contacts_and_leaves_the_log_whole(
    house: House, phrases: Phrases
) -> None:
    first = await house.says(phrases.sure["D01"])
    second = await house.says(phrases.sure["C01"])
    other = await house.says(phrases.sure["B01"], who="bob")
    before = await house.rows()

    gone = await mine.delete(house.database, first.consultation.asker)

    assert gone == mine.Deleted(words=2, contacts=2)
    assert await house.rows() == before
    assert await house.read(events.words_of, event_id=second.event.id) is None
    assert await house.read(events.words_of, event_id=other.event.id) == phrases.sure["B01"]
    assert (await house.sizes())["contacts"] == 1
    await house.is_sound()


async def test_who_deleted_everything_still_finds_the_consultation(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.unknown[0])

    await mine.delete(house.database, asked.consultation.asker)

    found = await house.desk.look_up(
        asked.consultation.receipt, claim=house.claim(), now=house.moment
    )
    assert found == asked.consultation
