import pytest

from handlers.telegram.buttons import Choice, OpenGuide, WantForm
from tests.bot_api import BotApi, Person, Sent
from tests.handlers.telegram.conftest import QUESTION, Service, data_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNCLEAR = "我想要那个文件"


async def answered(service: Service, person: Person) -> Sent:
    """The message that answers this person's question."""
    (answer,) = await service.said(person, QUESTION)
    return answer


async def test_a_tap_is_answered_before_anything_else(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    answer = await answered(telegram, alice)
    with telegram.locked_store():
        callback_id = await api.taps_button(alice, answer, "解决了")
        await api.wait_for_answered(callback_id)
        (open_still,) = await telegram.consultations()
    await telegram.settle()

    assert open_still.state == "OPEN_BOT"


async def test_solved_closes_the_consultation_and_asks_for_a_rating(
    telegram: Service, alice: Person
) -> None:
    answer = await answered(telegram, alice)
    (solved,) = await telegram.tapped(alice, answer, "解决了")
    (thanks,) = await telegram.tapped(alice, solved, "满意")

    (consultation,) = await telegram.consultations()
    assert (consultation.state, consultation.outcome) == ("CLOSED", "ANSWERED_KB")
    assert consultation.rating == "satisfied"
    assert "谢谢" in thanks.text
    assert await telegram.kinds(consultation) == ["asked", "solved", "rated"]


@pytest.mark.parametrize("label", ["解决了", "没解决", "转人工"])
async def test_tapping_a_button_twice_writes_and_sends_nothing_more(
    telegram: Service, alice: Person, label: str
) -> None:
    answer = await answered(telegram, alice)

    assert len(await telegram.tapped(alice, answer, label)) == 1
    assert await telegram.tapped(alice, answer, label) == []

    (consultation,) = await telegram.consultations()
    assert len(await telegram.kinds(consultation)) == 2
    assert len(telegram.api.answered_callbacks) == 2


async def test_a_redelivered_tap_writes_and_sends_nothing_more(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    answer = await answered(telegram, alice)
    await telegram.tapped(alice, answer, "没解决")
    before = len(api.sent)

    await api.redeliver(api.updates[-1], with_new_id=True)
    await telegram.settle()

    assert len(api.sent) == before
    (consultation,) = await telegram.consultations()
    assert await telegram.kinds(consultation) == ["asked", "unsolved"]


async def test_a_choice_is_answered_with_its_guide(telegram: Service, alice: Person) -> None:
    (question,) = await telegram.said(alice, UNCLEAR)
    (answer,) = await telegram.tapped(alice, question, question.labels[0])

    (consultation,) = await telegram.consultations()
    chosen = Choice.unpack(data_of(question, question.labels[0]))
    assert consultation.topic == chosen.guide_id
    assert "依据：" in answer.text


async def test_none_of_the_choices_leads_to_another_try_or_the_staff(
    telegram: Service, alice: Person
) -> None:
    (question,) = await telegram.said(alice, UNCLEAR)
    (answer,) = await telegram.tapped(alice, question, "都不是")

    assert "没有把握" in answer.text
    assert answer.labels == ["转人工"]


async def test_a_choice_that_is_no_longer_open_is_refused_in_a_sentence(
    telegram: Service, alice: Person
) -> None:
    (question,) = await telegram.said(alice, UNCLEAR)
    await telegram.tapped(alice, question, "都不是")
    (refused,) = await telegram.tapped(alice, question, question.labels[0])

    assert "已经过期" in refused.text


async def test_somebody_elses_button_is_refused(
    telegram: Service, alice: Person, bob: Person, api: BotApi
) -> None:
    answer = await answered(telegram, alice)
    (help_,) = await telegram.said(bob, "/help")
    await api.taps(bob, help_, data_of(answer, "解决了"))
    await telegram.settle()

    (consultation,) = await telegram.consultations()
    assert consultation.state == "OPEN_BOT"
    assert "已经过期" in api.sent_to(bob)[-1].text


@pytest.mark.parametrize("data", ["", "z|1", "c|x", "r||worst", "a||dance", "d|1|1", "转人工"])
async def test_buttons_that_nobody_knows_are_refused_in_a_sentence(
    telegram: Service, alice: Person, api: BotApi, data: str
) -> None:
    (help_,) = await telegram.said(alice, "/help")
    callback_id = await api.taps(alice, help_, data)
    await telegram.settle()

    assert "已经过期" in api.sent_to(alice)[-1].text
    assert (await api.wait_for_answered(callback_id)).text == ""
    assert await telegram.dead_letters() == []


async def test_a_tap_on_a_deleted_message_works(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    answer = await answered(telegram, alice)
    data = data_of(answer, "解决了")
    await telegram.bot.delete_message(alice.id, answer.message_id)
    await api.taps(alice, answer, data)
    await telegram.settle()

    (consultation,) = await telegram.consultations()
    assert consultation.state == "CLOSED"


async def test_what_ended_too_long_ago_cannot_be_reopened(
    telegram: Service, alice: Person
) -> None:
    answer = await answered(telegram, alice)
    await telegram.tapped(alice, answer, "解决了")
    telegram.clock.move(days=8)
    (refused,) = await telegram.tapped(alice, answer, "没解决")

    assert "已经办结" in refused.text


async def test_what_the_staff_have_cannot_be_closed_by_an_old_button(
    telegram: Service, alice: Person
) -> None:
    answer = await answered(telegram, alice)
    await telegram.tapped(alice, answer, "转人工")
    (refused,) = await telegram.tapped(alice, answer, "解决了")

    assert "交给工作人员" in refused.text


@pytest.mark.parametrize("text", ["您好", "/help"])
async def test_staff_can_be_asked_for_where_there_is_no_consultation(
    telegram: Service, alice: Person, text: str
) -> None:
    (message,) = await telegram.said(alice, text)
    (registered,) = await telegram.tapped(alice, message, "转人工")
    again = await telegram.tapped(alice, message, "转人工")

    assert "受理编号" in registered.text
    assert again == []
    queued = [item for item in await telegram.consultations() if item.state == "OPEN_QUEUE"]
    assert len(queued) == 1


async def test_the_status_button_says_where_it_stands_each_time(
    telegram: Service, alice: Person
) -> None:
    answer = await answered(telegram, alice)
    (registered,) = await telegram.tapped(alice, answer, "转人工")
    (first,) = await telegram.tapped(alice, registered, "办到哪了")
    (second,) = await telegram.tapped(alice, registered, "办到哪了")

    assert "等工作人员接手" in first.text
    assert first.text == second.text


async def test_a_form_is_sent_blank_and_filled_in(telegram: Service, alice: Person) -> None:
    answer = await answered(telegram, alice)
    label = next(label for label in answer.labels if label.startswith("下载"))
    blank, example = await telegram.tapped(alice, answer, label)

    key = WantForm.unpack(data_of(answer, label)).key
    form = telegram.speaker.office.forms[key]
    assert blank.document and example.document
    assert blank.document.content == form.path.read_bytes()
    assert blank.document.name == f"{form.title}.docx"
    assert example.document.content == form.example_path.read_bytes()
    assert example.document.name == f"{form.title}（填写样例）.docx"


async def test_a_form_or_guide_that_is_gone_is_said_to_be_gone(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    (help_,) = await telegram.said(alice, "/help")
    await api.taps(alice, help_, WantForm(key="old-form").pack())
    await api.taps(alice, help_, OpenGuide(guide_id="old-guide").pack())
    await telegram.settle()

    assert [sent.text[:4] for sent in api.sent_to(alice)[1:]] == ["这份表格", "这份指南"]


async def test_a_frequent_guide_is_opened_as_a_consultation(
    telegram: Service, alice: Person
) -> None:
    (welcome,) = await telegram.said(alice, "/start")
    (answer,) = await telegram.tapped(alice, welcome, welcome.labels[0])

    (consultation,) = await telegram.consultations()
    assert consultation.topic == OpenGuide.unpack(data_of(welcome, welcome.labels[0])).guide_id
    assert "依据：" in answer.text
