"""The people and groups of a test, and the messages that they write."""

import re
from dataclasses import dataclass

from .records import Json

COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(?:@(?P<bot>\w+))?(?!\w)")
# What an administrator may do; none of it matters to a bot that only reads and writes.
RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram account; its private chat with the bot has the same id."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str = "zh-hans"

    def user(self) -> Json:
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        user |= {"username": self.username} if self.username else {}
        return user | {"language_code": self.language_code}

    def chat(self) -> Json:
        chat: Json = {"id": self.id, "type": "private", "first_name": self.first_name}
        return chat | ({"username": self.username} if self.username else {})


@dataclass(frozen=True, slots=True)
class Group:
    """A group; ``kind`` is ``supergroup`` or ``group`` (the old, small kind)."""

    id: int
    title: str
    kind: str = "supergroup"

    def chat(self) -> Json:
        return {"id": self.id, "type": self.kind, "title": self.title}


def utf16_length(text: str) -> int:
    """A text's length as Telegram counts it: most emoji and rare characters count two."""
    return len(text.encode("utf-16-le")) // 2


def text_content(text: str) -> Json:
    """The part of a Message that a person's text makes, with its leading command marked.

    Raises ValueError for what no client would send: nothing, or more than 4,096 characters.
    """
    if not text.strip() or utf16_length(text) > 4096:
        raise ValueError("a person's message has 1 to 4,096 characters")
    content: Json = {"text": text}
    if command := COMMAND.match(text):
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
    return content


def photo_content(number: int, caption: str | None) -> Json:
    sizes = [
        {"file_id": f"photo-{number}-{side}", "file_unique_id": f"{number}-{side}"}
        | {"width": side, "height": side, "file_size": side * side // 8}
        for side in (90, 320, 1280)
    ]
    return {"photo": sizes} | ({"caption": caption} if caption else {})


def voice_content(number: int, seconds: int) -> Json:
    file = {"file_id": f"voice-{number}", "file_unique_id": str(number), "file_size": 4000}
    return {"voice": file | {"duration": seconds, "mime_type": "audio/ogg"}}


def document_content(number: int, name: str, caption: str | None) -> Json:
    file = {"file_id": f"document-{number}", "file_unique_id": str(number), "file_size": 9000}
    content: Json = {"document": file | {"file_name": name, "mime_type": "application/pdf"}}
    return content | ({"caption": caption} if caption else {})


def member(status: str, user: Json) -> Json:
    """A ChatMember object; ``status`` is one of the six of the Bot API, without restricted."""
    found: Json = {"status": status, "user": user}
    if status == "administrator":
        found |= dict.fromkeys(RIGHTS, False)
    if status == "creator":
        found["is_anonymous"] = False
    if status == "kicked":
        found["until_date"] = 0
    return found


def seen_in_privacy_mode(message: Json, *, bot: Json) -> bool:
    """Whether a bot that is no administrator is shown this message of a group.

    Only commands that are not meant for another bot, answers to the bot's own messages and
    messages that mention it are. Source: https://core.telegram.org/bots/features#privacy-mode
    """
    text = str(message.get("text") or message.get("caption") or "")
    username = str(bot["username"]).lower()
    answered = message.get("reply_to_message") or {}
    if answered.get("from", {}).get("id") == bot["id"]:
        return True
    if command := COMMAND.match(text):
        return (command["bot"] or username).lower() == username
    return f"@{username}" in text.lower()
