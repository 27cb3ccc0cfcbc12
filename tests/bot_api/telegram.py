"""What Telegram knows: who is where, which messages exist, and what the bot did to them."""

import time
from collections import Counter

from aiogram.types import ReplyParameters

from .chats import Group, Person, member, seen_in_privacy_mode
from .records import AnsweredCallback, Json, Sent, Upload
from .rules import ApiError, bad_request

MEMBERS = frozenset({"creator", "administrator", "member"})


class Telegram:
    """Chats and messages behind one bot; ``bot`` is its User object."""

    def __init__(self, bot: Json, *, reads_all_group_messages: bool) -> None:
        self.bot = bot
        self.reads_all_group_messages = reads_all_group_messages
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.memberships: dict[tuple[int, int], str] = {}  # (group, user or bot) → status
        self.started: set[int] = set()
        self.blocked: set[int] = set()
        self.deactivated: set[int] = set()
        self.upgraded: dict[int, int] = {}
        self.messages: dict[tuple[int, int], Json] = {}
        self.callbacks: set[str] = set()
        self.files: dict[str, Upload] = {}
        self.sent: list[Sent] = []
        self.edited: list[Sent] = []
        self.deleted: list[tuple[int, int]] = []
        self.answered_callbacks: list[AnsweredCallback] = []
        self.chat_actions: list[tuple[int, str]] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}  # (scope, language) → commands
        self._last_message: Counter[int] = Counter()

    def place(self, chat_id: int) -> Person | Group:
        return self.people[chat_id] if chat_id in self.people else self.groups[chat_id]

    def status(self, group_id: int, user_id: int) -> str:
        """The membership of a person or of the bot in a group; ``left`` if there never was one."""
        return self.memberships.get((group_id, user_id), "left")

    def bot_sees(self, message: Json) -> bool:
        """Whether the bot is shown a message: always in private, by its rights in a group."""
        chat_id = message["chat"]["id"]
        if chat_id not in self.groups:
            return True
        status = self.status(chat_id, self.bot["id"])
        if status == "member" and not self.reads_all_group_messages:
            return seen_in_privacy_mode(message, bot=self.bot)
        return status in MEMBERS

    def reachable(self, chat_id: int | str, *, for_writing: bool = True) -> int:
        """The number of a chat that the bot may write to (or read).

        Raises ApiError as the official server does: 400 for an unknown chat and for a group that
        became a supergroup, 403 where the person or the group keeps the bot out.
        """
        if chat_id == "":
            raise bad_request("chat_id is empty")
        try:
            number = int(chat_id)
        except ValueError as error:
            raise bad_request("chat not found") from error
        if number in self.groups:
            self._check_group(self.groups[number], for_writing=for_writing)
        elif number in self.people:
            self._check_person(number, for_writing=for_writing)
        else:
            raise bad_request("chat not found")
        return number

    def _check_group(self, group: Group, *, for_writing: bool) -> None:
        if for_writing and group.id in self.upgraded:
            moved = {"migrate_to_chat_id": self.upgraded[group.id]}
            raise ApiError(400, "group chat was upgraded to a supergroup chat", parameters=moved)
        status = self.status(group.id, self.bot["id"])
        if status == "kicked":
            raise ApiError(403, f"bot was kicked from the {group.kind} chat")
        if status not in MEMBERS:
            raise ApiError(403, f"bot is not a member of the {group.kind} chat")

    def _check_person(self, user_id: int, *, for_writing: bool) -> None:
        if user_id not in self.started:
            shared = any(self.status(group, user_id) in MEMBERS for group in self.groups)
            if for_writing and shared:
                raise ApiError(403, "bot can't initiate conversation with a user")
            if not shared:
                raise bad_request("chat not found")
        if for_writing and user_id in self.deactivated:
            raise ApiError(403, "user is deactivated")
        if for_writing and user_id in self.blocked:
            raise ApiError(403, "bot was blocked by the user")

    def replied(self, chat_id: int, parameters: ReplyParameters | None) -> Json | None:
        """The message that the bot answers, or None; ApiError 400 if it does not exist."""
        if parameters is None:
            return None
        if parameters.message_id is None:
            raise bad_request('can\'t find field "message_id"')
        found = self.messages.get((chat_id, parameters.message_id))
        # Left out, it is aiogram's Default object, which is true of everything.
        if found is None and parameters.allow_sending_without_reply is not True:
            raise bad_request("message to be replied not found")
        return found

    def post(
        self, chat: Person | Group, *, sender: Json, content: Json, reply_to: Json | None = None
    ) -> Json:
        """Put a message into a chat and get the Message object."""
        self._last_message[chat.id] += 1
        message: Json = {
            "message_id": self._last_message[chat.id],
            "from": sender,
            "chat": chat.chat(),
            "date": int(time.time()),
        }
        if reply_to is not None:
            # A replied message never carries its own reply (Bot API, Message.reply_to_message).
            answered = {key: value for key, value in reply_to.items() if key != "reply_to_message"}
            message["reply_to_message"] = answered
        message |= content
        self.messages[chat.id, message["message_id"]] = message
        return message

    def edit(self, message: Json, changes: Json) -> Json:
        """Replace parts of a message; a part that is None goes away. Gives the new Message."""
        edited = message | changes | {"edit_date": int(time.time())}
        edited = {key: value for key, value in edited.items() if value is not None}
        self.messages[message["chat"]["id"], message["message_id"]] = edited
        return edited

    def own_message(self, chat_id: int, message_id: int) -> Json:
        """A message that the bot may edit; ApiError 400 if it is not there or not the bot's."""
        message = self.messages.get((chat_id, message_id))
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self.bot["id"]:
            raise bad_request("message can't be edited")
        return message

    def member(self, group_id: int, user_id: int) -> Json:
        """A ChatMember object; ApiError 400 if there is no such user."""
        if user_id == self.bot["id"]:
            return member(self.status(group_id, user_id), self.bot)
        if user_id not in self.people:
            raise bad_request("user not found")
        return member(self.status(group_id, user_id), self.people[user_id].user())
