"""What the server remembers of what the bot did, as tests read it."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request; ``name`` is the file's, as the bot gave it."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the method as the bot spelled it, its parameters as they came."""

    method: str
    fields: Json
    files: dict[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the bot sent, or the state that it edited one to.

    ``text`` is the text or the caption, ``reply_to`` the message id it answers, ``message`` the
    whole Message object that the bot got back.
    """

    method: str
    chat: int
    message_id: int
    text: str
    reply_markup: Json | None
    reply_to: int | None
    document: Upload | None
    message: Json

    @property
    def labels(self) -> list[str]:
        """The texts of its buttons, row by row, inline or on the reply keyboard."""
        markup = self.reply_markup or {}
        rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
        return [button["text"] for row in rows for button in row]


@dataclass(frozen=True, slots=True)
class AnsweredCallback:
    """An answerCallbackQuery that was accepted."""

    callback_id: str
    text: str
    show_alert: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that broke a rule; the faults that a test ordered are not among them."""

    method: str
    code: int
    description: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand an update to the webhook; ``status`` is None when nobody answered."""

    update_id: int
    status: int | None
    error: str
