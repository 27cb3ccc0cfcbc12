"""The rules of sending, editing, answering, uploading and groups."""

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyParameters,
)

from tests.bot_api import BotApi, Person
from tests.test_bot_api.conftest import TOKEN, keyboard

pytestmark = pytest.mark.asyncio(loop_scope="module")


def button(**fields: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton.model_validate(fields)]])


# Sending


async def test_a_sent_message_is_recorded_and_answered(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    question = await api.says(alice, "怎么申请")
    answer = await bot.send_message(
        alice.id,
        "先看公告",
        entities=[MessageEntity(type="bold", offset=0, length=2)],
        reply_parameters=ReplyParameters(message_id=question["message_id"]),
        reply_markup=keyboard({"解决了": "yes", "没解决": "no"}, {"转人工": "up"}),
    )
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "怎么申请"
    assert answer.entities is not None
    assert answer.from_user is not None
    assert answer.from_user.is_bot
    (sent,) = api.sent
    assert (sent.method, sent.chat, sent.text) == ("sendMessage", alice.id, "先看公告")
    assert (sent.message_id, sent.reply_to) == (answer.message_id, question["message_id"])
    assert sent.labels == ["解决了", "没解决", "转人工"]


async def test_a_reply_keyboard_is_recorded_but_not_part_of_the_message(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    markup = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="转人工")]])
    assert (await bot.send_message(alice.id, "您好", reply_markup=markup)).reply_markup is None
    await bot.send_message(alice.id, "请写", reply_markup=ForceReply(force_reply=True))
    assert [sent.labels for sent in api.sent] == [["转人工"], []]


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("", "message text is empty"),
        (" \n", "text must be non-empty"),
        ("字" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_a_text_has_1_to_4096_characters(
    bot: Bot, api: BotApi, alice: Person, text: str, description: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=f"Bad Request: {description}$"):
        await bot.send_message(alice.id, text)
    assert [(one.method, one.code) for one in api.refusals] == [("sendMessage", 400)]
    assert api.sent == []


async def test_a_text_of_exactly_4096_characters_is_sent(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    await bot.send_message(alice.id, "字" * 4096)
    await bot.send_message(alice.id, "😀" * 2048)
    assert len(api.sent) == 2


async def test_callback_data_has_at_most_64_bytes(bot: Bot, api: BotApi, alice: Person) -> None:
    await bot.send_message(alice.id, "好", reply_markup=keyboard({"好": "字" * 21 + "x"}))
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(alice.id, "好", reply_markup=keyboard({"好": "字" * 21 + "xx"}))
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.edit_message_reply_markup(
            chat_id=alice.id,
            message_id=api.sent[0].message_id,
            reply_markup=keyboard({"好": "x" * 65}),
        )


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        (button(text="好"), "can't parse inline keyboard button"),
        (button(text="好", callback_data="a", url="https://a.cn"), "can't parse inline"),
        (button(text="", callback_data="a"), "Text must be non-empty"),
        (button(text="好", url="gov"), "URL 'gov' is invalid: Wrong HTTP URL"),
        (button(text="好", url="http://gov/a"), "Wrong HTTP URL"),
        (button(text="好", url="ftp://a.gov.cn"), "Unsupported URL protocol"),
    ],
)
async def test_an_inline_button_does_exactly_one_thing_that_works(
    bot: Bot, alice: Person, markup: InlineKeyboardMarkup, description: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=description):
        await bot.send_message(alice.id, "您好", reply_markup=markup)


async def test_a_link_button_is_sent_but_tells_the_bot_nothing(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    await bot.send_message(
        alice.id, "您好", reply_markup=button(text="网页", url="http://127.0.0.1:8080/")
    )
    with pytest.raises(ValueError, match="tells the bot nothing"):
        await api.taps_button(alice, api.sent[0], "网页")


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"reply_markup": '{"inline_keyboard": "x"}'}, "can't parse inline_keyboard"),
        ({"reply_markup": '{"inline_keyboard": [[{"callback_data": "a"}]]}'}, "text: Field req"),
        ({"reply_markup": "[]"}, "object expected as reply markup"),
        ({"reply_markup": "{}"}, "object expected as reply markup"),
        ({"entities": "bold"}, "can't parse entities JSON object"),
        ({"entities": '[{"type": "bold"}]'}, "can't parse entities"),
        ({"entities": '[{"type": "bold", "offset": 0, "length": 3}]'}, "can't parse entities"),
        ({"entities": '[{"type": "loud", "offset": 0, "length": 1}]'}, "Unsupported type"),
        ({"reply_parameters": '{"quote": "x"}'}, 'can\'t find field "message_id"'),
        ({"parse_mode": "Word"}, "unsupported parse_mode"),
        ({"parse_mode": "HTML", "text": "<b>您好"}, "can't parse entities"),
    ],
)
async def test_what_is_not_well_formed_is_refused(
    api: BotApi, alice: Person, fields: dict[str, str], description: str
) -> None:
    body = {"chat_id": str(alice.id), "text": "您好"} | fields
    url = f"{api.base_url}/bot{TOKEN}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        assert answer.status == 400
        assert description in (await answer.json())["description"]
    assert api.sent == []


async def test_a_reply_needs_its_message_unless_it_may_do_without(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(alice.id, "您好", reply_parameters=ReplyParameters(message_id=99))
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(alice.id, "您好", reply_to_message_id=99)
    await bot.send_message(
        alice.id,
        "您好",
        reply_parameters=ReplyParameters(message_id=99, allow_sending_without_reply=True),
    )
    assert [sent.reply_to for sent in api.sent] == [None]


async def test_chat_actions_are_of_known_kinds(bot: Bot, api: BotApi, alice: Person) -> None:
    await bot.send_chat_action(alice.id, "typing")
    with pytest.raises(TelegramBadRequest, match="wrong parameter action"):
        await bot.send_chat_action(alice.id, "thinking")
    assert api.chat_actions == [(alice.id, "typing")]


# Whom the bot reaches


async def test_an_unknown_chat_is_not_found(bot: Bot) -> None:
    for chat in (5, -100_5, "@nobody"):
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(chat, "您好")
    with pytest.raises(TelegramBadRequest, match="chat_id is empty"):
        await bot.send_message("", "您好")


async def test_the_bot_never_writes_first(bot: Bot, api: BotApi) -> None:
    bob = api.person(1002, "Bob")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(bob.id, "您好")
    api.group(-100_5, "公开办", bob)
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation"):
        await bot.send_message(bob.id, "您好")
    await api.says(bob, "/start")
    await bot.send_message(bob.id, "您好")


async def test_a_person_can_block_the_bot_and_come_back(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    await api.blocks(alice)
    with pytest.raises(TelegramForbiddenError, match=r"Forbidden: bot was blocked by the user$"):
        await bot.send_message(alice.id, "您好")
    await api.unblocks(alice)
    await bot.send_message(alice.id, "您好")


async def test_a_deleted_account_is_not_reached(bot: Bot, api: BotApi, alice: Person) -> None:
    api.deactivate(alice)
    with pytest.raises(TelegramForbiddenError, match=r"Forbidden: user is deactivated$"):
        await bot.send_message(alice.id, "您好")


async def test_a_group_that_removed_the_bot_is_not_reached(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    group = api.group(-100_5, "公开办", alice)
    await bot.send_message(group.id, "您好")
    await api.removes_bot(alice, group)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "您好")
    (update,) = await bot.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.chat.title == "公开办"


async def test_an_upgraded_group_tells_its_new_id(bot: Bot, api: BotApi, alice: Person) -> None:
    old = api.group(-5, "公开办", alice, kind="group", bot="administrator")
    new = api.upgrades(old, -100_5)
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(old.id, "您好")
    assert caught.value.migrate_to_chat_id == new.id
    await bot.send_message(new.id, "您好")
    assert (await bot.get_chat_member(new.id, alice.id)).status == "member"


async def test_membership_can_be_asked(bot: Bot, api: BotApi, alice: Person) -> None:
    bob, chen = api.person(1002, "Bob"), api.person(1003, "陈")
    group = api.group(-100_5, "公开办", alice)
    api.joins(bob, group, status="administrator")
    asked = {who: (await bot.get_chat_member(group.id, who)).status for who in (1001, 1002, 42)}
    assert asked == {1001: "member", 1002: "administrator", 42: "member"}
    assert (await bot.get_chat_member(group.id, chen.id)).status == "left"
    api.joins(chen, group, status="creator")
    assert (await bot.get_chat_member(group.id, chen.id)).status == "creator"
    api.leaves(alice, group)
    assert (await bot.get_chat_member(group.id, alice.id)).status == "left"
    with pytest.raises(TelegramBadRequest, match="user not found"):
        await bot.get_chat_member(group.id, 9)
    assert (await bot.get_chat(group.id)).title == "公开办"


# Editing and deleting


async def test_an_edit_changes_the_message_and_drops_an_unrepeated_keyboard(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    sent = await bot.send_message(alice.id, "一", reply_markup=keyboard({"好": "ok"}))
    edited = await bot.edit_message_text("二", chat_id=alice.id, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("二", None)
    assert edited.edit_date is not None
    assert [(one.method, one.text, one.labels) for one in await api.wait_for_edited()] == [
        ("editMessageText", "二", [])
    ]


async def test_an_edit_must_change_something_of_the_bots_own(
    bot: Bot, api: BotApi, alice: Person
) -> None:
    question = await api.says(alice, "您好")
    sent = await bot.send_message(alice.id, "一", reply_markup=keyboard({"好": "ok"}))
    chat, own = alice.id, sent.message_id
    same = keyboard({"好": "ok"})
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("一", chat_id=chat, message_id=own, reply_markup=same)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(chat_id=chat, message_id=own, reply_markup=same)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("二", chat_id=chat, message_id=99)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("二", chat_id=chat, message_id=question["message_id"])
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.edit_message_text("字" * 4097, chat_id=chat, message_id=own)
    assert api.edited == []
    await bot.edit_message_reply_markup(chat_id=chat, message_id=own)
    assert [one.labels for one in api.edited] == [[]]


async def test_a_message_is_deleted_once(bot: Bot, api: BotApi, alice: Person) -> None:
    group = api.group(-100_5, "公开办", alice, bot="administrator")
    private = await api.says(alice, "身份证号")
    public = await api.says(alice, "大家好", chat=group)
    await bot.delete_message(alice.id, private["message_id"])
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(alice.id, private["message_id"])
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_message(group.id, public["message_id"])
    assert api.deleted == [(alice.id, private["message_id"])]


# Taps


async def test_a_tap_is_answered_while_it_is_young(bot: Bot, api: BotApi, alice: Person) -> None:
    await bot.send_message(alice.id, "您好", reply_markup=keyboard({"好": "ok"}))
    tap = await api.taps_button(alice, api.sent[0], "好")
    await bot.answer_callback_query(tap, text="已记下", show_alert=True)
    answered = await api.wait_for_answered(tap)
    assert (answered.text, answered.show_alert) == ("已记下", True)

    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(tap, text="字" * 201)
    old = await api.taps(alice, api.sent[0], "ok")
    api.expire_callbacks()
    for callback_id in (old, "12345"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout"):
            await bot.answer_callback_query(callback_id)
    assert len(api.answered_callbacks) == 1


# Files and commands


async def test_a_document_keeps_its_name_and_bytes(bot: Bot, api: BotApi, alice: Person) -> None:
    upload = BufferedInputFile(b"PK\x03\x04 form", "信息公开申请表.docx")
    message = await bot.send_document(alice.id, upload, caption="申请表")
    assert message.document is not None
    assert message.document.file_name == "信息公开申请表.docx"
    again = await bot.send_document(alice.id, message.document.file_id)
    assert again.document == message.document
    first, second = api.sent
    assert (first.method, first.text) == ("sendDocument", "申请表")
    assert first.document is not None
    assert (first.document.name, first.document.content) == (upload.filename, upload.data)
    assert second.document == first.document


async def test_a_document_must_be_there_and_fit(
    bot: Bot, api: BotApi, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TelegramBadRequest, match="there is no document in the request"):
        await bot.send_document(alice.id, "")
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_document(alice.id, "no-such-file")
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await bot.send_document(alice.id, BufferedInputFile(b"", "空.txt"))
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_document(alice.id, BufferedInputFile(b"x", "表.txt"), caption="字" * 1025)
    monkeypatch.setattr("tests.bot_api.methods.LARGEST_UPLOAD", 3)
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(alice.id, BufferedInputFile(b"four", "大.txt"))
    assert api.sent == []


async def test_commands_are_kept_by_scope_and_checked(bot: Bot, api: BotApi) -> None:
    await bot.set_my_commands([BotCommand(command="start", description="开始")])
    assert [one.command for one in await bot.get_my_commands()] == ["start"]
    assert api.commands == {("default", ""): [{"command": "start", "description": "开始"}]}
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="开始", description="开始")])
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_DESCRIPTION_INVALID"):
        await bot.set_my_commands([BotCommand(command="start", description="")])
    with pytest.raises(TelegramBadRequest, match="BOT_COMMANDS_TOO_MUCH"):
        await bot.set_my_commands([BotCommand(command="a", description="a")] * 101)
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == []
    assert await bot.set_my_short_description("信息公开咨询")
