"""The desk, whole: asking back, handing over to people, and who may speak in a matter."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.access import Claim
from bot.desk.acts import (
    ExpiredChoiceError,
    NotAllowedError,
    UnknownConsultationError,
)
from bot.desk.inquiries import ReplyKind
from bot.store import contacts, events
from tests.bot.desk.conftest import House, Phrases, kinds_of
from tests.bot.desk.made import MONDAY

IDENTITY = "110101199003074514"


# Asking back.


async def test_a_vague_question_is_asked_back_and_a_choice_answers_it(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"]

    chosen = await house.taps(f"choose:{offered[0]}", asked)

    assert kinds_of(asked) == [ReplyKind.CLARIFY]
    assert 1 <= len(offered) <= 3
    assert chosen.consultation.id == asked.consultation.id
    assert chosen.consultation.topic == offered[0]
    assert "clarified" in chosen.consultation.labels


async def test_at_most_two_clarifications_in_a_row(house: House, phrases: Phrases) -> None:
    replies = [await house.says(phrases.vague[number % 2]) for number in range(3)]

    assert [kinds_of(item) for item in replies] == [
        [ReplyKind.CLARIFY], [ReplyKind.CLARIFY], [ReplyKind.HANDED_OVER],
    ]  # fmt: skip
    assert len({item.consultation.id for item in replies}) == 1
    assert replies[2].event.facts["choices"] == []


@pytest.mark.parametrize("how", ["choose:none", "都不是"])
async def test_none_of_the_choices_counts_as_one(house: House, phrases: Phrases, how: str) -> None:
    asked = await house.says(phrases.vague[0])

    if how == "都不是":
        none = await house.says(how)
    else:
        none = await house.taps(how, asked)
    third = await house.says(phrases.vague[1])

    assert kinds_of(none) == [ReplyKind.NO_CONFIDENCE]
    assert kinds_of(third) == [ReplyKind.HANDED_OVER]


async def test_at_most_two_in_a_row_also_when_messages_arrive_at_once(
    house: House, phrases: Phrases
) -> None:
    handled = await asyncio.gather(*[house.says(text) for text in (*phrases.vague[:3],) * 3])

    asked_back = Counter(kind for item in handled for kind in kinds_of(item))
    assert asked_back[ReplyKind.CLARIFY] == 2
    assert asked_back[ReplyKind.HANDED_OVER] == 1
    assert asked_back[ReplyKind.ADDED] == 6
    assert len(await house.rows()) == 1
    await house.is_sound()


async def test_a_choice_works_once_and_only_while_it_is_open(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"]
    with pytest.raises(ExpiredChoiceError):
        await house.taps("choose:A01" if "A01" not in offered else "choose:B01", asked)

    await house.taps(f"choose:{offered[0]}", asked)
    before = await house.sizes()

    for choice in (*offered, "none"):
        with pytest.raises(ExpiredChoiceError):
            await house.taps(f"choose:{choice}", asked)
    assert await house.sizes() == before


async def test_a_choice_is_over_once_people_have_it(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.vague[0])
    await house.taps("escalate", asked)

    with pytest.raises(ExpiredChoiceError):
        await house.taps(f"choose:{asked.replies[0].values['choices'][0]}", asked)


async def test_a_choice_that_is_no_longer_given_is_over(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"][0]
    guide = house.desk.shelf.today[offered]
    withdrawn = replace(guide, in_force_until=MONDAY.date() - timedelta(days=1))
    house.desk.shelf.today = {**house.desk.shelf.today, offered: withdrawn}

    with pytest.raises(ExpiredChoiceError):
        await house.taps(f"choose:{offered}", asked)


async def test_a_choice_in_answer_to_traditional_characters_is_said_in_them(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.vague_traditional)
    tapped = await house.taps("choose:none", asked)
    then = await house.says(phrases.vague[0])

    assert asked.replies[0].values["traditional"] is True
    assert tapped.replies[0].values["traditional"] is True
    assert "traditional" not in then.replies[0].values


async def test_an_identity_number_alone_is_asked_what_it_is_for(house: House) -> None:
    handled = await house.says(IDENTITY)

    assert kinds_of(handled) == [ReplyKind.CLARIFY]
    assert handled.replies[0].values["choices"] == ["B13", "E07"]
    assert handled.replies[0].values["masked"] == ["identity_number"]


# People.


async def test_while_people_have_it_the_bot_only_passes_on(house: House, phrases: Phrases) -> None:
    queued = await house.says(phrases.unknown[0])

    added = await house.says(phrases.vague[0])

    assert added.consultation.id == queued.consultation.id
    assert added.consultation.state == "OPEN_QUEUE"
    assert kinds_of(added) == [ReplyKind.ADDED]
    told = (await house.to_staff())[-1]
    assert told.values == {"added": True}


async def test_a_question_the_bot_surely_knows_is_answered_beside_it(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])

    other = await house.says(phrases.sure["D01"])

    assert other.consultation.id != queued.consultation.id
    assert other.consultation.state == "OPEN_BOT"
    assert (await house.row(queued)).state == "OPEN_QUEUE"


async def test_asking_for_people_again_tells_where_it_stands(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])

    for handled in (await house.says("转人工"), await house.taps("escalate", queued)):
        assert kinds_of(handled) == [ReplyKind.STATUS]
        assert handled.replies[0].values["state"] == "OPEN_QUEUE"
    assert len(await house.to_staff()) == 1


@pytest.mark.parametrize("first", ["I01", "D01"])
async def test_people_are_reached_from_any_answer(
    house: House, phrases: Phrases, first: str
) -> None:
    answered = await house.says(phrases.sure[first])

    handled = await house.taps("escalate", answered, note="请打我电话")

    assert handled.consultation.id == answered.consultation.id
    assert handled.consultation.state == "OPEN_QUEUE"
    assert await house.read(events.words_of, event_id=handled.event.id) == "请打我电话"


async def test_words_for_people_mean_the_referral_just_given(
    house: House, phrases: Phrases
) -> None:
    referred = await house.says(phrases.sure["I01"])

    handled = await house.says("转人工")

    assert handled.consultation.id == referred.consultation.id


async def test_small_talk_cannot_be_handed_over(house: House) -> None:
    chat = await house.says("你好")

    with pytest.raises(NotAllowedError):
        await house.taps("escalate", chat)


async def test_withdrawing_from_the_queue_tells_the_staff(house: House, phrases: Phrases) -> None:
    queued = await house.says(phrases.unknown[0])

    withdrawn = await house.says("不问了")

    assert withdrawn.consultation.id == queued.consultation.id
    assert withdrawn.consultation.outcome == "WITHDRAWN"
    assert (await house.to_staff())[-1].values == {"what": "withdrawn"}


# By receipt and code, from anywhere.


async def test_a_message_can_be_added_by_receipt_and_code_from_another_session(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])
    receipt = queued.consultation.receipt
    code = house.keys.retrieval_code(receipt)

    added = await house.desk.add(
        f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}",
        claim=Claim(asker=b"somebody else".ljust(32), code=code),
        inquiry=house.inquiry("我还想补充", who="bob", channel="web"),
    )

    assert added.consultation.id == queued.consultation.id
    assert added.event.kind == "added"
    assert added.event.facts["via"] == "web"
    sealed = await house.read(contacts.of_consultation, consultation_id=added.consultation.id)
    assert house.keys.unseal(sealed or b"") == "alice-chat"


async def test_what_is_added_while_the_bot_has_it_is_answered_in_it(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["B01"])

    added = await house.desk.add(
        asked.consultation.receipt, claim=house.claim(), inquiry=house.inquiry(phrases.sure["D01"])
    )

    assert added.consultation.id == asked.consultation.id
    assert added.replies[0].values["answers"][0]["guide_id"] == "D01"


async def test_nothing_is_added_with_a_wrong_code_or_to_what_is_closed(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])
    receipt = asked.consultation.receipt
    wrong = f"{(int(house.keys.retrieval_code(receipt)) + 1) % 10_000:04d}"
    with pytest.raises(UnknownConsultationError):
        await house.desk.add(receipt, claim=Claim(code=wrong), inquiry=house.inquiry("补充"))
    await house.taps("solved", asked)
    before = (await house.sizes())["events"]

    with pytest.raises(NotAllowedError):
        await house.desk.add(receipt, claim=house.claim(), inquiry=house.inquiry("补充"))

    assert (await house.sizes())["events"] == before


async def test_an_added_message_that_is_sent_again_is_added_once(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says(phrases.unknown[0])
    receipt, inquiry = queued.consultation.receipt, house.inquiry("我还想补充")
    await house.desk.add(receipt, claim=house.claim(), inquiry=inquiry)
    before = await house.sizes()

    again = await house.desk.add(receipt, claim=house.claim(), inquiry=inquiry)

    assert again.repeated
    assert await house.sizes() == before


async def test_a_consultation_is_looked_up_by_who_asked_it(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["D01"])
    receipt = asked.consultation.receipt

    found = await house.desk.look_up(receipt, claim=house.claim(), now=MONDAY)

    assert found == asked.consultation
    with pytest.raises(UnknownConsultationError):
        await house.desk.look_up(receipt, claim=house.claim("bob"), now=MONDAY)
