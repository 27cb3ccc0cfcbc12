import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramUnauthorizedError
from aiogram.methods import SendMessage

from bot.desk.channels import DeliveryError, Parcel
from bot.desk.inquiries import Inquiry, ReplyKind
from bot.store.consultations import Consultation
from bot.store.outbox import Outgoing
from handlers.telegram.sending import TelegramSender, delivery_error
from tests.bot_api import BotApi, Group, Person
from tests.handlers.telegram.conftest import MONDAY, PUBLIC_URL, QUESTION, Service

pytestmark = pytest.mark.asyncio(loop_scope="session")


def parcel(
    consultation: Consultation, kind: ReplyKind, *, contact: str | None, text: str | None = None
) -> Parcel:
    outgoing = Outgoing(
        id=1,
        event_id=1,
        consultation_id=consultation.id,
        receipt=consultation.receipt,
        channel="telegram",
        audience="citizen" if contact else "staff",
        kind=kind,
        values={},
        status="pending",
        attempts=0,
        not_before=MONDAY,
        leased_until=None,
        settled_at=None,
        message_ref=None,
        problem=None,
    )
    return Parcel(outgoing, consultation=consultation, contact=contact, text=text)


def sender_of(service: Service) -> TelegramSender:
    return TelegramSender(
        service.bot, speaker=service.speaker, group=service.group, public_url=PUBLIC_URL
    )


@pytest.fixture
async def consultation(service: Service) -> Consultation:
    asked = Inquiry("telegram", "m1", "1001", QUESTION, received_at=MONDAY, contact="1001")
    return (await service.desk.ask(asked)).consultation


async def test_a_reply_is_named_by_chat_and_message(
    service: Service, alice: Person, consultation: Consultation, api: BotApi
) -> None:
    reply = parcel(consultation, ReplyKind.STAFF_REPLY, contact="1001", text="<b>您好</b> _a_")
    reference = await sender_of(service)(reply)

    (sent,) = api.sent_to(alice)
    assert reference == f"1001:{sent.message_id}"
    assert "<b>您好</b> _a_" in sent.text
    (call,) = [call for call in api.calls if call.method == "sendMessage"]
    assert "parse_mode" not in call.fields
    assert '"is_disabled": true' in call.fields["link_preview_options"]


async def test_a_long_reply_is_cut_and_its_buttons_are_under_the_last_piece(
    service: Service, alice: Person, consultation: Consultation, api: BotApi
) -> None:
    text = "\n".join(f"第{number}段" + "长" * 1000 for number in range(9))
    reply = parcel(consultation, ReplyKind.STAFF_REPLY, contact="1001", text=text)
    reference = await sender_of(service)(reply)

    sent = api.sent_to(alice)
    assert len(sent) == 3
    assert [bool(one.labels) for one in sent] == [False, False, True]
    assert reference == f"1001:{sent[-1].message_id}"


async def test_pieces_that_arrived_are_not_sent_again_after_a_failure(
    service: Service, alice: Person, consultation: Consultation, api: BotApi
) -> None:
    sender = sender_of(service)
    reply = parcel(consultation, ReplyKind.STAFF_REPLY, contact="1001", text="长" * 9_000)
    async with api.stuck("sendMessage"):
        first_try = asyncio.create_task(sender(reply))
        await api.wait_for_call("sendMessage")
        api.fail_next(1, status=502, methods=["sendMessage"])
    with pytest.raises(DeliveryError):
        await first_try
    before = len(api.sent_to(alice))
    await sender(reply)

    sent = [one.text for one in api.sent_to(alice)]
    assert before == 1
    assert len(sent) == len(set(sent)) + 1 == 4  # two pieces are alike: 4,096 times the same
    assert sum(text.count("长") for text in sent) == 9_000


@pytest.mark.parametrize("trouble", ["blocked", "deactivated", "never started"])
async def test_who_cannot_be_reached_any_more_is_given_up(
    service: Service, alice: Person, consultation: Consultation, api: BotApi, trouble: str
) -> None:
    if trouble == "blocked":
        await api.blocks(alice)
    elif trouble == "deactivated":
        api.deactivate(alice)
    else:
        api.telegram.started.clear()
    reply = parcel(consultation, ReplyKind.SOLVED, contact="1001")

    with pytest.raises(DeliveryError) as raised:
        await sender_of(service)(reply)

    assert raised.value.permanent


async def test_trouble_that_passes_is_no_reason_to_give_up(
    service: Service, alice: Person, consultation: Consultation, api: BotApi
) -> None:
    sender = sender_of(service)
    reply = parcel(consultation, ReplyKind.SOLVED, contact="1001")
    api.too_many_requests(1, retry_after=9)
    api.fail_next(1, status=502)
    api.fail_next(1, status=502, page=True)
    api.lose_requests(1)
    errors = []
    for _ in range(4):
        with pytest.raises(DeliveryError) as raised:
            await sender(reply)
        errors.append((raised.value.permanent, raised.value.retry_after))

    assert errors == [(False, 9), (False, None), (False, None), (False, None)]
    assert await sender(reply)


async def test_errors_never_show_the_token(bot: Bot) -> None:
    method = SendMessage(chat_id=1, text="x")
    errors = [
        TelegramNetworkError(method, f"InvalidURL: https://api/bot{bot.token}/sendMessage"),
        TelegramUnauthorizedError(method, "Unauthorized"),
        ClientDecodeError("Failed to decode object", ValueError("x"), bot.token),
    ]

    made = [delivery_error(error, bot) for error in errors]

    assert not any(error.permanent for error in made)
    assert not any(bot.token in str(error) for error in made)


async def test_without_a_group_what_is_for_the_staff_counts_as_sent(
    service: Service, consultation: Consultation, api: BotApi
) -> None:
    service.group.chat_id = None

    assert (
        await sender_of(service)(parcel(consultation, ReplyKind.ESCALATION, contact=None)) is None
    )
    assert api.sent == []


async def test_a_group_that_became_a_supergroup_is_followed(
    service: Service, consultation: Consultation, staff_group: Group, api: BotApi
) -> None:
    new = api.upgrades(staff_group, -1_009_999)

    reference = await sender_of(service)(parcel(consultation, ReplyKind.ESCALATION, contact=None))

    (sent,) = api.sent_to(new)
    assert reference == f"{new.id}:{sent.message_id}"
    assert service.group.chat_id == new.id
