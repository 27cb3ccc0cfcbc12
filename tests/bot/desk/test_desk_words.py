"""What citizens say in words of their own while a matter of theirs is open."""

import pytest

from bot.desk.inquiries import ReplyKind
from tests.bot.desk.conftest import House, Phrases, kinds_of
from tests.bot.desk.made import MONDAY


async def test_who_asks_for_a_person_and_says_why_is_handed_over_with_the_words(
    house: House,
) -> None:
    handled = await house.says("转人工，我想问征地补偿款为什么没到账")

    assert kinds_of(handled) == [ReplyKind.HANDED_OVER]
    assert handled.consultation.state == "OPEN_QUEUE"
    assert handled.event.text_digest is not None
    assert len(await house.to_staff()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "补充一下，是征地的事",
        "我再补充一点，地是2019年征的",
        "今天天气怎么样",
        "转人工，我问的是征地的钱",
    ],
)
async def test_what_is_said_besides_while_people_have_it_is_added(house: House, text: str) -> None:
    queued = await house.says("转人工")
    handled = await house.says(text)

    assert handled.consultation.receipt == queued.consultation.receipt
    assert kinds_of(handled) == [ReplyKind.ADDED]
    assert len(await house.rows()) == 1


async def test_what_is_off_topic_is_added_to_what_people_have_whatever_came_between(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says("转人工")
    await house.says(phrases.sure["D01"])
    handled = await house.says(phrases.off_topic[0])

    assert handled.consultation.receipt == queued.consultation.receipt
    assert kinds_of(handled) == [ReplyKind.ADDED]
    await house.is_sound()


async def test_danger_is_answered_even_as_an_addition(house: House) -> None:
    await house.says("转人工")
    handled = await house.says("补充一下，我不想活了")

    assert kinds_of(handled) == [ReplyKind.REFERRED]


@pytest.mark.parametrize("text", ["还要多久", "怎么还没人", "前面还有几个", "有没有人"])
async def test_who_waits_is_told_where_it_stands(house: House, text: str) -> None:
    await house.says("转人工", who="bob")
    queued = await house.says("转人工")
    (reply,) = (await house.says(text)).replies

    assert (reply.kind, reply.receipt) == (ReplyKind.STATUS, queued.consultation.receipt)
    assert reply.values["ahead"] == 1
    assert reply.values["due_at"]


@pytest.mark.parametrize(
    "text", ["撤回", "我要撤回咨询", "取消", "算了不问了", "没事了，不用了", "解决了"]
)
async def test_what_people_have_is_withdrawn_in_words(house: House, text: str) -> None:
    queued = await house.says("转人工")
    handled = await house.says(text)

    assert handled.consultation.receipt == queued.consultation.receipt
    assert handled.consultation.outcome == "WITHDRAWN"
    assert [item.kind for item in await house.to_staff()][-1] == ReplyKind.STAFF_NOTICE
    await house.is_sound()


async def test_to_have_understood_is_not_to_withdraw(house: House) -> None:
    await house.says("转人工")

    assert (await house.says("知道了")).consultation.state == "OPEN_QUEUE"


async def test_where_nothing_is_open_the_same_words_are_a_question(house: House) -> None:
    (kind,) = kinds_of(await house.says("撤回"))

    assert kind in (ReplyKind.ANSWER, ReplyKind.CLARIFY)


@pytest.mark.parametrize(("text", "place"), [("2", 1), ("第二个", 1), ("第一个", 0), ("选2", 1)])
async def test_a_choice_is_taken_by_its_number(
    house: House, phrases: Phrases, text: str, place: int
) -> None:
    asked = await house.says(phrases.vague[0])
    offered = asked.replies[0].values["choices"]
    handled = await house.says(text)

    assert handled.consultation.receipt == asked.consultation.receipt
    assert handled.event.facts["chosen"] == offered[place]


async def test_none_of_them_is_said_in_words(house: House, phrases: Phrases) -> None:
    await house.says(phrases.vague[0])

    assert kinds_of(await house.says("都不是")) == [ReplyKind.NO_CONFIDENCE]


async def test_a_number_without_an_offer_chooses_nothing(house: House) -> None:
    assert kinds_of(await house.says("2")) == [ReplyKind.SMALL_TALK]


async def test_a_choice_offered_after_an_answer_can_be_taken(house: House) -> None:
    asked = await house.says("申请公开收费吗，还有那个文件在哪")
    (reply,) = asked.replies
    assert [answer["guide_id"] for answer in reply.values["answers"]] == ["D01"]
    offered = reply.values["choices"][0]

    chosen = await house.taps(f"choose:{offered}", asked)

    assert chosen.event.facts["chosen"] == offered


async def test_three_questions_at_once_are_all_answered(house: House) -> None:
    (reply,) = (await house.says("在哪申请，要带什么，多少钱")).replies

    assert [answer["guide_id"] for answer in reply.values["answers"]] == ["B01", "B02", "D01"]


async def test_unsolved_twice_in_a_row_goes_to_people(house: House, phrases: Phrases) -> None:
    await house.says(phrases.sure["D01"])
    first, second = await house.says("没解决"), await house.says("没解决")

    assert kinds_of(first) == [ReplyKind.UNSOLVED]
    assert kinds_of(second) == [ReplyKind.HANDED_OVER]
    assert second.consultation.state == "OPEN_QUEUE"
    await house.is_sound()


async def test_ones_own_receipt_number_tells_where_it_stands(
    house: House, phrases: Phrases
) -> None:
    queued = await house.says("转人工")
    (reply,) = (await house.says(f"受理编号{queued.consultation.receipt}")).replies
    assert (reply.kind, reply.values["state"]) == (ReplyKind.STATUS, "OPEN_QUEUE")

    answered = await house.says(phrases.sure["D01"])
    await house.says("解决了")
    (reply,) = (await house.says(answered.consultation.receipt)).replies
    assert (reply.kind, reply.values["state"]) == (ReplyKind.STATUS, "CLOSED")
    await house.is_sound()


async def test_anothers_receipt_number_tells_how_to_look_it_up(house: House) -> None:
    queued = await house.says("转人工")
    handled = await house.says(queued.consultation.receipt, who="bob")

    assert handled.replies[0].values["kind"] == "receipt"
    assert handled.consultation.outcome == "INVALID"


@pytest.mark.parametrize(
    "text", ["你们就是互相推！！", "踢皮球！没一个管用的", "你们到底管不管事啊，气死我了"]
)
async def test_anger_alone_is_answered_calmly(house: House, text: str) -> None:
    handled = await house.says(text)

    assert handled.replies[0].values["kind"] == "abuse"
    assert handled.consultation.outcome == "INVALID"


@pytest.mark.parametrize("text", ["在哪交", "下周一交行吗"])
@pytest.mark.parametrize("before", ["C01", "D01"])
async def test_a_follow_up_to_an_answer_is_not_declined(
    house: House, phrases: Phrases, before: str, text: str
) -> None:
    first = await house.says(phrases.sure[before])
    handled = await house.says(text)

    assert handled.event.facts["decision"] in ("answer", "clarify")
    assert handled.consultation.receipt == first.consultation.receipt
    assert handled.event.at == MONDAY
