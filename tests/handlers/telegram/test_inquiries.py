from datetime import UTC, datetime

from aiogram.types import CallbackQuery, Chat, Message, User

from handlers.telegram.inquiries import from_message, from_tap, place

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ALICE = User(id=1001, is_bot=False, first_name="Alice")
CHAT = Chat(id=1001, type="private")


def message(**fields: object) -> Message:
    known = {"message_id": 7, "date": NOW, "chat": CHAT, "from_user": ALICE}
    return Message.model_validate({**known, **fields})


def test_a_message_is_named_by_chat_and_number() -> None:
    inquiry = from_message(message(), "问", now=NOW)

    assert inquiry.external_id == "message:1001:7"
    assert (inquiry.asker, inquiry.contact, inquiry.edited) == ("1001", "1001", False)


def test_an_edit_has_a_name_of_its_own_each_time() -> None:
    edits = [(1, "甲"), (1, "乙"), (2, "乙")]
    made = [from_message(message(edit_date=at), text, now=NOW, edited=True) for at, text in edits]

    assert all(inquiry.edited for inquiry in made)
    assert len({inquiry.external_id for inquiry in made}) == 3
    again = from_message(message(edit_date=1), "甲", now=NOW, edited=True)
    assert again == made[0]


def test_the_photos_of_an_album_have_one_name() -> None:
    photos = [message(message_id=number, media_group_id="a") for number in (7, 8)]

    assert len({from_message(one, "", now=NOW, part="media").external_id for one in photos}) == 1
    assert len({from_message(one, "说明", now=NOW).external_id for one in photos}) == 2


def test_a_tap_is_named_by_its_button_and_not_by_itself() -> None:
    taps = [
        CallbackQuery(
            id=number, from_user=ALICE, chat_instance="1", data="a|1|solved", message=message()
        )
        for number in ("1", "2")
    ]

    first, second = (from_tap(tap, now=NOW) for tap in taps)

    assert first.external_id == second.external_id == "tap:1001:7:a|1|solved"
    assert place(taps[0]) == (1001, 7)


def test_a_tap_without_a_message_belongs_to_its_person() -> None:
    tap = CallbackQuery(id="1", from_user=ALICE, chat_instance="1", data="x")

    assert place(tap) == (1001, 0)
