import pytest
from sqlalchemy import Connection

from bot.desk import mine
from bot.desk.access import Claim
from bot.desk.channels import Parcel
from bot.desk.inquiries import ReplyKind
from bot.desk.parcels import prepare
from bot.store.outbox import Outgoing
from tests.bot.desk.conftest import House, Phrases

ANSWER = "您好，台阶下月修好。"


async def parcel(house: House, outgoing: Outgoing) -> Parcel:
    """The reply as it is handed to the channel."""

    def query(connection: Connection) -> Parcel:
        return prepare(connection, outgoing, keys=house.keys)

    return await house.database.read(query)


async def test_an_answer_goes_to_who_asked_without_anybodys_words(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])

    made = await parcel(house, asked.replies[0])

    assert made.contact == "alice-chat"
    assert made.text is None
    assert made.consultation == asked.consultation


async def test_a_handing_over_can_quote_the_message_it_answers(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.unknown[0])

    assert (await parcel(house, asked.replies[0])).text == phrases.unknown[0]


async def test_the_staff_read_everything_that_was_said_so_far(
    house: House, phrases: Phrases
) -> None:
    await house.says(phrases.vague[0])
    await house.says("转人工")

    (told,) = await house.to_staff()
    made = await parcel(house, told)

    assert told.kind == ReplyKind.ESCALATION
    assert made.text == f"{phrases.vague[0]}\n转人工"
    assert made.contact is None


async def test_of_what_is_added_they_read_what_is_new(house: House, phrases: Phrases) -> None:
    await house.says(phrases.unknown[0])
    await house.says(phrases.unknown[1])

    told = (await house.to_staff())[-1]

    assert (await parcel(house, told)).text == phrases.unknown[1]


async def test_what_came_by_another_channel_does_not_go_abroad(
    house: House, phrases: Phrases
) -> None:
    await house.says(phrases.unknown[0], channel="web")
    (told,) = await house.to_staff()

    assert told.channel == "telegram"
    assert (await parcel(house, told)).text is None


async def test_nor_does_what_was_added_by_another_channel(house: House, phrases: Phrases) -> None:
    queued = await house.says(phrases.unknown[0])
    receipt = queued.consultation.receipt
    claim = Claim(code=house.keys.retrieval_code(receipt))
    await house.desk.add(
        receipt, claim=claim, inquiry=house.inquiry("在网页上补充的话", channel="web")
    )
    added = (await house.to_staff())[-1]
    await house.staff_reply(queued, ANSWER)
    await house.taps("unsolved", queued)
    again = (await house.to_staff())[-1]

    assert (await parcel(house, added)).text is None
    text = (await parcel(house, again)).text
    assert text is not None
    assert phrases.unknown[0] in text
    assert "网页" not in text


async def test_a_draft_is_shown_in_full_and_the_reply_carries_it(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])
    await house.draft(queued, ANSWER)
    shown = (await house.to_staff())[-1]
    sent = await house.settle_draft(shown.values["draft_id"], send=True)

    reply = await parcel(house, sent.replies[0])

    assert (await parcel(house, shown)).text == ANSWER
    assert (reply.text, reply.contact) == (ANSWER, "alice-chat")


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_what_was_deleted_is_gone_from_replies_too(
    house: House, phrases: Phrases, channel: str
) -> None:
    queued = await house.says(phrases.unknown[0], channel=channel)
    await mine.delete(house.database, queued.consultation.asker)

    reply = await parcel(house, queued.replies[0])
    told = await parcel(house, (await house.to_staff())[0])

    assert (reply.contact, reply.text, told.text) == (None, None, None)
