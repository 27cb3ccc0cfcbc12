"""What each Bot API method does, given a request whose types and limits are already checked."""

import re
from collections.abc import Callable
from typing import Any

from aiogram.enums import ChatAction
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMyCommands,
    EditMessageReplyMarkup,
    EditMessageText,
    GetChat,
    GetChatMember,
    GetMe,
    GetMyCommands,
    SendChatAction,
    SendDocument,
    SendMessage,
    SetMyCommands,
    SetMyDescription,
    SetMyName,
    SetMyShortDescription,
    TelegramMethod,
)
from aiogram.types import ReplyParameters
from pydantic import BaseModel

from .records import AnsweredCallback, Json, Sent, Upload
from .rules import ApiError, bad_request
from .telegram import Telegram

Files = dict[str, Upload]
Answer = Callable[[Telegram, Any, Files], Any]

LARGEST_UPLOAD = 50 * 1024 * 1024
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
ACTIONS = frozenset(action.value for action in ChatAction)
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")


def as_json(model: BaseModel | None) -> Json | None:
    """A model as the JSON object that came, or None."""
    return None if model is None else model.model_dump(mode="json", exclude_none=True)


def get_me(telegram: Telegram, _method: GetMe, _files: Files) -> Json:
    return telegram.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": telegram.reads_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def send_message(telegram: Telegram, method: SendMessage, _files: Files) -> Json:
    content: Json = {"text": method.text}
    if method.entities:
        content["entities"] = [as_json(entity) for entity in method.entities]
    return _send(telegram, method, content=content)


def send_document(telegram: Telegram, method: SendDocument, files: Files) -> Json:
    file_id = str(method.document)
    upload = telegram.files.get(file_id)
    if upload is None:
        if file_id and not file_id.startswith("attach://"):
            raise bad_request("wrong file identifier/HTTP URL specified")
        upload = files.get(file_id.removeprefix("attach://") or "document")
        if upload is None:
            raise bad_request("there is no document in the request")
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > LARGEST_UPLOAD:
            raise ApiError(413)
        file_id = f"sent-{len(telegram.files) + 1}"
        telegram.files[file_id] = upload
    content: Json = {
        "document": {
            "file_id": file_id,
            "file_unique_id": f"unique-{file_id}",
            "file_name": upload.name,
            "mime_type": upload.content_type,
            "file_size": len(upload.content),
        }
    }
    if method.caption:
        content["caption"] = method.caption
    if method.caption_entities:
        content["caption_entities"] = [as_json(entity) for entity in method.caption_entities]
    return _send(telegram, method, content=content, document=upload)


def _send(
    telegram: Telegram,
    method: SendMessage | SendDocument,
    *,
    content: Json,
    document: Upload | None = None,
) -> Json:
    chat_id = telegram.reachable(method.chat_id)
    parameters = method.reply_parameters
    if parameters is None and method.reply_to_message_id:
        parameters = ReplyParameters(
            message_id=method.reply_to_message_id,
            allow_sending_without_reply=method.allow_sending_without_reply,
        )
    reply_to = telegram.replied(chat_id, parameters)
    markup = as_json(method.reply_markup)
    if markup and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    message = telegram.post(
        telegram.place(chat_id), sender=telegram.bot, content=content, reply_to=reply_to
    )
    telegram.sent.append(_record(method.__api_method__, message, markup=markup, document=document))
    return message


def _record(method: str, message: Json, *, markup: Json | None, document: Upload | None) -> Sent:
    return Sent(
        method=method,
        chat=message["chat"]["id"],
        message_id=message["message_id"],
        text=message.get("text") or message.get("caption") or "",
        reply_markup=markup,
        reply_to=message.get("reply_to_message", {}).get("message_id"),
        document=document,
        message=message,
    )


def edit_message_text(telegram: Telegram, method: EditMessageText, _files: Files) -> Json:
    message = _editable(telegram, method)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    entities = [as_json(entity) for entity in method.entities or ()] or None
    # A keyboard that is not repeated goes away, as in a real chat.
    markup = _inline(method)
    return _edit(telegram, method, message, {"text": method.text, "entities": entities} | markup)


def edit_message_reply_markup(
    telegram: Telegram, method: EditMessageReplyMarkup, _files: Files
) -> Json:
    return _edit(telegram, method, _editable(telegram, method), _inline(method))


def _inline(method: EditMessageText | EditMessageReplyMarkup) -> Json:
    markup = as_json(method.reply_markup)
    return {"reply_markup": markup if markup and markup["inline_keyboard"] else None}


def _editable(telegram: Telegram, method: EditMessageText | EditMessageReplyMarkup) -> Json:
    chat_id = telegram.reachable("" if method.chat_id is None else method.chat_id)
    return telegram.own_message(chat_id, method.message_id or 0)


def _edit(
    telegram: Telegram,
    method: EditMessageText | EditMessageReplyMarkup,
    message: Json,
    changes: Json,
) -> Json:
    if all(message.get(part) == value for part, value in changes.items()):
        raise bad_request(NOT_MODIFIED)
    edited = telegram.edit(message, changes)
    markup = edited.get("reply_markup")
    telegram.edited.append(_record(method.__api_method__, edited, markup=markup, document=None))
    return edited


def delete_message(telegram: Telegram, method: DeleteMessage, _files: Files) -> bool:
    chat_id = telegram.reachable(method.chat_id)
    message = telegram.messages.get((chat_id, method.message_id))
    if message is None:
        raise bad_request("message to delete not found")
    # In private chats a bot may delete what the person wrote, in groups only as administrator.
    own = message["from"]["id"] == telegram.bot["id"]
    if not own and chat_id in telegram.groups:
        raise bad_request("message can't be deleted")
    del telegram.messages[chat_id, method.message_id]
    telegram.deleted.append((chat_id, method.message_id))
    return True


def answer_callback_query(telegram: Telegram, method: AnswerCallbackQuery, _files: Files) -> bool:
    if method.callback_query_id not in telegram.callbacks:
        raise bad_request(TOO_OLD)
    telegram.answered_callbacks.append(
        AnsweredCallback(method.callback_query_id, method.text or "", bool(method.show_alert))
    )
    return True


def send_chat_action(telegram: Telegram, method: SendChatAction, _files: Files) -> bool:
    if method.action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat_id = telegram.reachable(method.chat_id)
    telegram.chat_actions.append((chat_id, method.action))
    return True


def get_chat(telegram: Telegram, method: GetChat, _files: Files) -> Json:
    chat_id = telegram.reachable(method.chat_id, for_writing=False)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return telegram.place(chat_id).chat() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }


def get_chat_member(telegram: Telegram, method: GetChatMember, _files: Files) -> Json:
    chat_id = telegram.reachable(method.chat_id, for_writing=False)
    if chat_id in telegram.people:
        raise bad_request("there are no members in the private chat")
    return telegram.member(chat_id, method.user_id)


def set_my_commands(telegram: Telegram, method: SetMyCommands, _files: Files) -> bool:
    if len(method.commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in method.commands:
        if not COMMAND_NAME.fullmatch(command.command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    described = [command.model_dump(exclude_none=True) for command in method.commands]
    telegram.commands[_scope(method)] = described
    return True


def get_my_commands(telegram: Telegram, method: GetMyCommands, _files: Files) -> list[Json]:
    return telegram.commands.get(_scope(method), [])


def delete_my_commands(telegram: Telegram, method: DeleteMyCommands, _files: Files) -> bool:
    telegram.commands.pop(_scope(method), None)
    return True


def _scope(method: SetMyCommands | GetMyCommands | DeleteMyCommands) -> tuple[str, str]:
    scope = as_json(method.scope) or {"type": "default"}
    parts = [str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope]
    return ":".join(parts), method.language_code or ""


def accept(_telegram: Telegram, _method: TelegramMethod[Any], _files: Files) -> bool:
    """The bot's own name and descriptions: nothing that a test reads depends on them."""
    return True


ANSWERS: dict[str, tuple[type[TelegramMethod[Any]], Answer]] = {
    kind.__api_method__.lower(): (kind, answer)
    for kind, answer in (
        (GetMe, get_me),
        (SendMessage, send_message),
        (SendDocument, send_document),
        (EditMessageText, edit_message_text),
        (EditMessageReplyMarkup, edit_message_reply_markup),
        (DeleteMessage, delete_message),
        (AnswerCallbackQuery, answer_callback_query),
        (SendChatAction, send_chat_action),
        (GetChat, get_chat),
        (GetChatMember, get_chat_member),
        (SetMyCommands, set_my_commands),
        (GetMyCommands, get_my_commands),
        (DeleteMyCommands, delete_my_commands),
        (SetMyName, accept),
        (SetMyDescription, accept),
        (SetMyShortDescription, accept),
    )
}
