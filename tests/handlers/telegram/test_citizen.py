from functools import partial

import pytest

from bot.desk.access import Claim
from bot.desk.inquiries import LONGEST_TEXT, Inquiry
from bot.store import events
from tests.bot_api import BotApi, Group, Person
from tests.handlers.telegram.conftest import MONDAY, PUBLIC_URL, QUESTION, Service

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNCLEAR = "我想要那个文件"


async def texts(service: Service) -> list[str]:
    """Every text that is kept, in order."""
    (consultation,) = await service.consultations()
    kept = await service.database.read(
        partial(events.words_of_consultation, consultation_id=consultation.id)
    )
    return [kept[key] for key in sorted(kept)]


async def test_start_says_where_words_go_and_offers_three_guides(
    telegram: Service, alice: Person
) -> None:
    (welcome,) = await telegram.said(alice, "/start")

    first = welcome.text.splitlines()[0]
    assert "境外" in first
    assert PUBLIC_URL in first
    assert "不是正式申请" in welcome.text
    assert len(welcome.labels) == 3
    assert await telegram.consultations() == []


@pytest.mark.parametrize("text", ["/help", "/help@zixun_test_bot", "/帮助", "/nothing of ours"])
async def test_help_and_unknown_commands_are_answered_with_how_to_use_it(
    telegram: Service, alice: Person, text: str
) -> None:
    (answer,) = await telegram.said(alice, text)

    assert "/guides" in answer.text
    assert telegram.speaker.office.phone in answer.text
    assert await telegram.consultations() == []


async def test_a_question_is_answered_with_basis_and_buttons(
    telegram: Service, alice: Person
) -> None:
    (answer,) = await telegram.said(alice, QUESTION)

    assert "依据：《" in answer.text
    assert {"解决了", "没解决", "转人工"} <= set(answer.labels)
    assert await texts(telegram) == [QUESTION]


async def test_an_answer_to_other_words_says_how_they_were_understood(
    telegram: Service, alice: Person
) -> None:
    (understood,) = await telegram.said(alice, "信息公开这个事要交费不")
    (greeted,) = await telegram.said(alice, "你好")

    assert "按“收不收费”理解您的问题。\n\n依据：" in understood.text
    assert "理解您的问题" not in greeted.text


async def test_an_edited_question_is_answered_again_in_the_same_consultation(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    first = await api.says(alice, UNCLEAR)
    await telegram.settle()
    for text in (QUESTION, f"{QUESTION}？"):  # twice within a second, as Telegram counts
        await api.edits(first, text)
        await telegram.settle()

    assert len(api.sent_to(alice)) == 3
    assert await texts(telegram) == [UNCLEAR, QUESTION, f"{QUESTION}？"]


async def test_an_edited_command_does_nothing(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    first = await api.says(alice, "/help")
    await telegram.settle()
    await api.edits(first, "/start")
    await telegram.settle()

    assert len(api.sent_to(alice)) == 1


async def test_a_text_that_is_too_long_is_refused_in_a_sentence(
    telegram: Service, alice: Person
) -> None:
    (answer,) = await telegram.said(alice, "长" * (LONGEST_TEXT + 1))

    assert answer.text.startswith("这条消息太长了")
    assert await telegram.consultations() == []


async def test_a_sticker_is_small_talk_and_no_consultation(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await api.sends(
        alice,
        {
            "sticker": {
                "file_id": "s",
                "file_unique_id": "s",
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": "👍",
            }
        },
    )
    await telegram.settle()

    (answer,) = api.sent_to(alice)
    (consultation,) = await telegram.consultations()
    assert "转人工" in answer.labels
    assert consultation.outcome == "INVALID"


async def test_a_voice_message_is_said_not_to_be_readable(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await api.sends_voice(alice)
    await telegram.settle()

    (answer,) = api.sent_to(alice)
    assert "看不了语音" in answer.text
    assert telegram.speaker.office.phone in answer.text
    assert await texts(telegram) == []


async def test_a_caption_is_a_question_and_its_photo_is_not_readable(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await api.sends_photo(alice, caption=QUESTION)
    await telegram.settle()

    answer, note = api.sent_to(alice)
    assert "依据：" in answer.text
    assert "看不了照片" in note.text
    assert await texts(telegram) == [QUESTION]


async def test_an_album_is_said_once_not_to_be_readable(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    async with api.held_updates():
        for number in range(3):
            photo = {"file_id": f"{number}", "file_unique_id": "u", "width": 1, "height": 1}
            await api.sends(alice, {"photo": [photo], "media_group_id": "album"})
    await telegram.settle()

    assert len(api.sent_to(alice)) == 1


async def test_telegrams_own_notices_are_not_answered(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await api.sends(alice, {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}})
    await telegram.settle()

    assert api.sent == []


async def test_other_groups_are_ignored(telegram: Service, alice: Person, api: BotApi) -> None:
    village = api.group(-1009, "村里的群", alice, bot="administrator")

    await api.says(alice, QUESTION, chat=village)
    await api.says(alice, "/start", chat=village)
    await api.sends_photo(alice, chat=village)
    await telegram.settle()

    assert api.sent == []
    assert await telegram.consultations() == []


async def test_who_blocked_the_bot_stops_nothing(
    telegram: Service, alice: Person, bob: Person, api: BotApi
) -> None:
    async with api.held_updates():
        await api.says(alice, "/help")
        await api.says(alice, QUESTION)
        await api.blocks(alice)
    (answer,) = await telegram.said(bob, QUESTION)

    assert answer.text
    assert await telegram.dead_letters() == []
    labels = [item.labels for item in await telegram.consultations()]
    assert sorted(labels) == [(), ("undeliverable",)]


# Where a consultation stands


async def handed_over(service: Service, person: Person) -> str:
    """The receipt of a consultation that this person handed over to the staff."""
    await service.said(person, "转人工")
    return (await service.consultations())[-1].receipt


async def test_status_shows_ones_own_consultations_without_a_code(
    telegram: Service, alice: Person
) -> None:
    (nothing,) = await telegram.said(alice, "/status")
    receipt = await handed_over(telegram, alice)
    (one,) = await telegram.said(alice, "/status")
    (named,) = await telegram.said(alice, f"/status {receipt}")

    assert "还没有您的咨询" in nothing.text
    assert "等工作人员接手" in one.text
    assert named.text == one.text


async def test_status_of_another_needs_the_code(
    telegram: Service, alice: Person, bob: Person
) -> None:
    receipt = await handed_over(telegram, alice)
    code = telegram.keys.retrieval_code(receipt)
    wrong = f"{(int(code) + 1) % 10_000:04d}"

    (without,) = await telegram.said(bob, f"/status {receipt}")
    (mistaken,) = await telegram.said(bob, f"/status {receipt} {wrong}")
    (found,) = await telegram.said(bob, f"/status {receipt} {code}")
    (no_number,) = await telegram.said(bob, "/status 我的申请")

    assert "没有查到" in without.text
    assert mistaken.text == without.text == no_number.text
    assert "等工作人员接手" in found.text


async def test_a_receipt_number_alone_is_a_question_for_its_status(
    telegram: Service, alice: Person, bob: Person
) -> None:
    receipt = await handed_over(telegram, alice)
    code = telegram.keys.retrieval_code(receipt)
    shown = f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}"

    (own,) = await telegram.said(alice, shown)
    (other,) = await telegram.said(bob, f"受理编号 {shown}，查询码 {code}")

    assert own.text == other.text
    assert "等工作人员接手" in own.text
    assert len(await telegram.consultations()) == 1


async def test_a_receipt_is_locked_after_five_wrong_codes(
    telegram: Service, alice: Person, bob: Person
) -> None:
    receipt = await handed_over(telegram, alice)
    code = int(telegram.keys.retrieval_code(receipt))
    for number in range(1, 6):
        await telegram.said(bob, f"/status {receipt} {(code + number) % 10_000:04d}")

    (locked,) = await telegram.said(bob, f"/status {receipt} {code:04d}")
    (own,) = await telegram.said(alice, f"/status {receipt}")

    assert "11:00 以后再试" in locked.text
    assert "等工作人员接手" in own.text


async def test_the_status_of_a_web_consultation_shows_none_of_its_words(
    telegram: Service, alice: Person, staff_group: Group
) -> None:
    handled = await telegram.desk.ask(
        Inquiry("web", "w1", "somebody", "转人工", received_at=MONDAY)
    )
    receipt = handled.consultation.receipt
    web = Claim(asker=telegram.desk.register.asker("web", "somebody"))
    added = Inquiry("web", "w2", "somebody", "我家的地被占了", received_at=MONDAY)
    await telegram.desk.add(receipt, claim=web, inquiry=added)
    await telegram.delivery.drain()

    (found,) = await telegram.said(
        alice, f"/status {receipt} {telegram.keys.retrieval_code(receipt)}"
    )

    assert "等工作人员接手" in found.text
    assert all("我家的地" not in sent.text for sent in telegram.api.sent)
    assert telegram.api.sent_to(staff_group)[0].text.endswith("发出前会请您确认。")
