"""Reading a request, and refusing what Telegram refuses before it looks at any chat.

Types come from aiogram's own models and the limits (text, caption, callback data, buttons,
entity bounds, markup) from teremok; what both leave out is here.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.enums import MessageEntityType, ParseMode
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiohttp import web
from pydantic import ValidationError
from teremok.validation import ApiRuleViolation, validate_method

from .records import Call, Json, Upload

Method = TypeVar("Method", bound=TelegramMethod[Any])
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply
MARKUPS: dict[str, type[Markup]] = {
    "inline_keyboard": InlineKeyboardMarkup,
    "keyboard": ReplyKeyboardMarkup,
    "remove_keyboard": ReplyKeyboardRemove,
    "force_reply": ForceReply,
}

# A form carries these as JSON text; all other parameters are plain text there.
JSON_FIELDS = frozenset(
    {
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "message_ids",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)
# Clients drop empty parameters, so these may be missing, and their emptiness is what is refused.
MISSING: Json = {
    "action": "",
    "callback_query_id": "",
    "chat_id": "",
    "commands": [],
    "document": "",
    "message_id": 0,
    "text": "",
    "url": "",
    "user_id": 0,
}
ENTITY_TYPES = frozenset(kind.value for kind in MessageEntityType)
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
PARSE_MODES = frozenset(mode.value.lower() for mode in ParseMode)
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class ApiError(Exception):
    """An answer ``{"ok": false}``; ``code`` is also the HTTP status."""

    def __init__(self, code: int, detail: str = "", *, parameters: Json | None = None) -> None:
        reason = REASONS.get(code, "Error")
        self.code = code
        self.description = f"{reason}: {detail}" if detail else reason
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> Json:
        """The object that the bot gets."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(detail: str) -> ApiError:
    return ApiError(400, detail)


def too_many_requests(retry_after: int) -> ApiError:
    """429, with the seconds to wait in words and in ``parameters``."""
    return ApiError(429, f"retry after {retry_after}", parameters={"retry_after": retry_after})


async def read_call(request: web.Request, method: str) -> Call:
    """The parameters of a request, from the query string and a form, a multipart form or JSON.

    Raises ApiError 400 if the JSON body is not an object, 413 if the body is too large.
    """
    fields: Json = dict(request.query)
    files: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            fields |= _object(await request.text())
        else:
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    with value.file as file:
                        files[name] = Upload(value.filename, file.read(), value.content_type)
                else:
                    fields[name] = value if isinstance(value, str) else value.decode()
    except web.HTTPRequestEntityTooLarge as error:
        raise ApiError(413) from error
    return Call(method, fields, files)


def _object(text: str) -> Json:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(found, dict):
        raise bad_request("can't parse JSON object")
    return found


def checked(kind: type[Method], fields: Json) -> Method:
    """The request as aiogram's method object, with every rule kept that needs no chat.

    Raises ApiError 400 with Telegram's description of the first rule that is broken.
    """
    values = {name: value for name, value in MISSING.items() if name in kind.model_fields}
    values |= {name: _decoded(name, value) for name, value in fields.items()}
    try:
        if "reply_markup" in values:
            values["reply_markup"] = _markup(values["reply_markup"])
        method = kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise bad_request(f"can't parse {where}: {first['msg']}") from error
    try:
        validate_method(_defaults(), method)
    except ApiRuleViolation as violation:
        raise bad_request(violation.description.removeprefix("Bad Request: ")) from violation
    for detail in _broken_rules(method):
        raise bad_request(detail)
    return method


def _decoded(name: str, value: Any) -> Any:
    if name not in JSON_FIELDS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        what = "reply keyboard markup" if name == "reply_markup" else name
        raise bad_request(f"can't parse {what} JSON object") from error


def _markup(value: Any) -> Markup:
    """The reply markup of the kind that its own field names.

    Left to choose by itself, aiogram reads a broken keyboard as a ForceReply with odd extras.
    """
    if isinstance(value, dict):
        for field, model in MARKUPS.items():
            if field in value:
                return model.model_validate(value)
    raise bad_request("object expected as reply markup")


@cache
def _defaults() -> Bot:
    """A bot without default parse mode, which the limits are asked for; it never connects."""
    return Bot("1:never")


def _broken_rules(method: TelegramMethod[Any]) -> Iterator[str]:
    if isinstance(method, SendMessage | EditMessageText) and not (method.text or "").strip():
        yield "text must be non-empty"
    mode = getattr(method, "parse_mode", None)
    if isinstance(mode, str) and mode.lower() not in PARSE_MODES:
        yield "unsupported parse_mode"
    entities = [
        *(getattr(method, "entities", None) or ()),
        *(getattr(method, "caption_entities", None) or ()),
    ]
    if any(entity.type not in ENTITY_TYPES for entity in entities):
        yield "can't parse MessageEntity: Unsupported type specified"
    markup = getattr(method, "reply_markup", None)
    if isinstance(markup, InlineKeyboardMarkup):
        for button in (button for row in markup.inline_keyboard for button in row):
            if not button.text:
                yield "can't parse inline keyboard button: Text must be non-empty"
            if button.url is not None and (problem := _url_problem(button.url)):
                yield f"inline keyboard button URL '{button.url}' is invalid: {problem}"


def webhook_problem(url: str, secret_token: str) -> str | None:
    """Why setWebhook is refused, or None; plain HTTP is taken, as by a local Bot API server."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "invalid webhook URL specified"
    if len(secret_token) > 256:
        return "secret token is too long"
    if not SECRET_TOKEN.fullmatch(secret_token):
        return "secret token contains unallowed characters"
    return None


def _url_problem(url: str) -> str | None:
    parts = urlsplit(url)
    if not parts.scheme:
        return "Wrong HTTP URL"
    if parts.scheme not in {"http", "https", "tg"}:
        return "Unsupported URL protocol"
    if parts.scheme != "tg" and "." not in (parts.hostname or ""):
        return "Wrong HTTP URL"
    return None
