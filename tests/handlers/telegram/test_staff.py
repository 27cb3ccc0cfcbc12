import pytest

from bot.desk.inquiries import Inquiry
from tests.bot_api import BotApi, Group, Person, Sent
from tests.handlers.telegram.conftest import MONDAY, STAFF_CHAT, Service

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPLY = "您好，批文在县自然资源局，可以向它申请。"


@pytest.fixture
async def _on_the_list(service: Service, clerk: Person) -> None:
    await service.staffing.add(name="Charlie", role="clerk", telegram=clerk.id, at=MONDAY)


async def escalation(service: Service, person: Person, group: Group) -> Sent:
    """What the group reads when this person asks for the staff."""
    await service.said(person, "我要找人工，我们村征地的事")
    if not service.api.sent_to(group):
        await service.said(person, "转人工")
    return service.api.sent_to(group)[0]


async def replied(service: Service, person: Person, group: Group, to: Sent, text: str) -> Sent:
    """The newest message in the group after a reply to one."""
    await service.api.says(person, text, chat=group, reply_to=to)
    await service.settle()
    return service.api.sent_to(group)[-1]


async def tapped(service: Service, person: Person, message: Sent, label: str) -> str:
    """What Telegram shows for a moment after a tap in the group."""
    callback_id = await service.api.taps_button(person, message, label)
    await service.settle()
    return (await service.api.wait_for_answered(callback_id)).text


@pytest.mark.usefixtures("_on_the_list")
async def test_a_confirmed_reply_reaches_the_citizen(
    telegram: Service, alice: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    message = await escalation(telegram, alice, staff_group)
    draft = await replied(telegram, clerk, staff_group, message, REPLY)
    before = len(api.sent_to(alice))
    assert draft.labels == ["发送", "取消"]
    assert REPLY in draft.text

    assert await tapped(telegram, clerk, draft, "发送") == "正在发送"

    (answer,) = api.sent_to(alice)[before:]
    assert REPLY in answer.text
    assert answer.labels == ["满意", "基本满意", "不满意", "没解决"]
    (consultation,) = await telegram.consultations()
    assert (consultation.state, consultation.outcome) == ("CLOSED", "ANSWERED_STAFF")
    assert "已经提交" in api.sent_to(staff_group)[-1].text
    assert api.edited[-1].message_id == draft.message_id
    assert api.edited[-1].labels == []


@pytest.mark.usefixtures("_on_the_list")
async def test_a_draft_tapped_twice_is_sent_once(
    telegram: Service, alice: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    message = await escalation(telegram, alice, staff_group)
    draft = await replied(telegram, clerk, staff_group, message, REPLY)
    rows = (draft.reply_markup or {})["inline_keyboard"]
    for button in (rows[0][0], rows[0][0], rows[0][1]):
        await api.taps(clerk, draft, button["callback_data"])
    await telegram.settle()

    assert sum(REPLY in sent.text for sent in api.sent_to(alice)) == 1
    assert [one.text for one in api.answered_callbacks[-3:]] == [
        "正在发送", "正在发送", "这条答复已经处理过了。"
    ]  # fmt: skip


@pytest.mark.usefixtures("_on_the_list")
async def test_a_dropped_draft_reaches_nobody(
    telegram: Service, alice: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    message = await escalation(telegram, alice, staff_group)
    draft = await replied(telegram, clerk, staff_group, message, REPLY)

    assert await tapped(telegram, clerk, draft, "取消") == "已取消"

    assert all(REPLY not in sent.text for sent in api.sent_to(alice))
    assert "没有发给" in api.sent_to(staff_group)[-1].text


async def test_who_is_not_on_the_list_cannot_reply(
    telegram: Service, alice: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    message = await escalation(telegram, alice, staff_group)
    refusal = await replied(telegram, clerk, staff_group, message, REPLY)

    assert "名单" in refusal.text
    assert all(REPLY not in sent.text for sent in api.sent)


@pytest.mark.usefixtures("_on_the_list")
async def test_only_its_writer_can_send_a_draft(
    telegram: Service, alice: Person, bob: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    await telegram.staffing.add(name="Bob", role="supervisor", telegram=bob.id, at=MONDAY)
    api.joins(bob, staff_group)
    message = await escalation(telegram, alice, staff_group)
    draft = await replied(telegram, clerk, staff_group, message, REPLY)

    assert "本人" in await tapped(telegram, bob, draft, "发送")
    assert await tapped(telegram, clerk, draft, "发送") == "正在发送"


@pytest.mark.usefixtures("_on_the_list")
async def test_what_is_said_in_the_group_otherwise_reaches_nobody(
    telegram: Service, alice: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    message = await escalation(telegram, alice, staff_group)
    before = (len(api.sent_to(alice)), len(api.sent_to(staff_group)))
    api.joins(clerk, staff_group, status="administrator")
    api.telegram.memberships[staff_group.id, api.telegram.bot["id"]] = "administrator"

    chatter = await api.says(clerk, "这个老王又来了", chat=staff_group)
    await api.says(clerk, "是的", chat=staff_group, reply_to=chatter)
    await api.sends_photo(clerk, chat=staff_group)
    await api.edits(chatter, "算了")
    await telegram.settle()
    assert (len(api.sent_to(alice)), len(api.sent_to(staff_group))) == before

    await api.sends_photo(clerk, chat=staff_group)
    voice = await api.sends(
        clerk, {"dice": {"emoji": "🎲", "value": 3}}, chat=staff_group, reply_to=message
    )
    await telegram.settle()
    assert voice["message_id"]
    assert "只能用文字" in api.sent_to(staff_group)[-1].text
    assert len(api.sent_to(alice)) == before[0]


@pytest.mark.usefixtures("_on_the_list")
async def test_a_reply_to_something_else_or_too_late_is_refused(
    telegram: Service, alice: Person, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    message = await escalation(telegram, alice, staff_group)
    await api.says(clerk, "/id", chat=staff_group)
    await telegram.settle()
    ids = api.sent_to(staff_group)[-1]
    no_matter = await replied(telegram, clerk, staff_group, ids, REPLY)
    draft = await replied(telegram, clerk, staff_group, message, REPLY)
    await tapped(telegram, clerk, draft, "发送")
    too_late = await replied(telegram, clerk, staff_group, message, "再说一句")

    assert str(STAFF_CHAT) in ids.text
    assert str(clerk.id) in ids.text
    assert "不是咨询" in no_matter.text
    assert "已经办结" in too_late.text
    assert all("再说一句" not in sent.text for sent in api.sent_to(alice))


@pytest.mark.usefixtures("_on_the_list")
async def test_a_web_consultation_is_answered_from_the_group_without_its_words(
    telegram: Service, clerk: Person, staff_group: Group, api: BotApi
) -> None:
    question = Inquiry("web", "w1", "somebody", "转人工", received_at=MONDAY)
    handled = await telegram.desk.ask(question)
    await telegram.delivery.drain()
    (message,) = api.sent_to(staff_group)
    draft = await replied(telegram, clerk, staff_group, message, REPLY)
    await tapped(telegram, clerk, draft, "发送")

    assert "/console" in message.text
    said = await telegram.desk.replies(handled.consultation)
    assert said[-1].kind == "staff_reply"
    assert said[-1].status == "sent"


async def test_ids_are_told_in_any_group_until_one_is_the_staffs(
    telegram: Service, clerk: Person, api: BotApi
) -> None:
    other = api.group(-1008, "别的群", clerk)
    await api.says(clerk, "/id", chat=other)
    await telegram.settle()
    assert api.sent == []

    telegram.group.chat_id = None
    await api.says(clerk, "/id", chat=other)
    await telegram.settle()
    assert str(other.id) in api.sent_to(other)[0].text
