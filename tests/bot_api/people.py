"""What people do in Telegram: they write, edit, tap, send files, block, come and go."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from .chats import (
    Group,
    Person,
    document_content,
    member,
    photo_content,
    text_content,
    voice_content,
)
from .records import Json, Sent
from .telegram import MEMBERS, Telegram
from .updates import UpdateQueue, announce


def message_of(thing: Sent | Json) -> Json:
    """The Message object of what the bot sent or a person wrote."""
    return thing.message if isinstance(thing, Sent) else thing


class People:
    """The acts of people; each makes the updates that a bot would get for it.

    An act that no person could do (writing to a bot that one has blocked, tapping a button
    that is not there) raises ValueError: the test is wrong then, not the bot.
    """

    def __init__(self, telegram: Telegram, queue: UpdateQueue) -> None:
        self.telegram = telegram
        self.queue = queue
        self._changed = asyncio.Condition()
        self._files = count(1)
        self._callbacks = count(4_800_000_000_000_001)

    def person(
        self,
        user_id: int,
        first_name: str,
        *,
        username: str | None = None,
        language_code: str = "zh-hans",
        started: bool = False,
    ) -> Person:
        """A person; until they write to the bot it can write to them only if ``started``."""
        if user_id <= 0:
            raise ValueError("a person's id is positive")
        person = Person(user_id, first_name, username, language_code)
        self.telegram.people[user_id] = person
        if started:
            self.telegram.started.add(user_id)
        return person

    def group(
        self,
        chat_id: int,
        title: str,
        *members: Person,
        kind: str = "supergroup",
        bot: str = "member",
    ) -> Group:
        """A group with its members; ``bot`` is the bot's own status in it.

        As an ordinary member the bot is in privacy mode: it sees only commands, answers to its
        own messages and mentions. As ``administrator`` it sees everything.
        """
        if chat_id >= 0:
            raise ValueError("a group's id is negative")
        group = Group(chat_id, title, kind)
        self.telegram.groups[chat_id] = group
        self.telegram.memberships[chat_id, self.telegram.bot["id"]] = bot
        for person in members:
            self.joins(person, group)
        return group

    def joins(self, person: Person, group: Group, *, status: str = "member") -> None:
        """Make a person a member of a group, or change their status there."""
        self.telegram.memberships[group.id, person.id] = status

    def leaves(self, person: Person, group: Group) -> None:
        self.telegram.memberships[group.id, person.id] = "left"

    async def says(
        self,
        person: Person,
        text: str,
        *,
        chat: Group | None = None,
        reply_to: Sent | Json | None = None,
    ) -> Json:
        """A person writes, in private or in a group; gives the Message object."""
        return await self.sends(person, text_content(text), chat=chat, reply_to=reply_to)

    async def sends(
        self,
        person: Person,
        content: Json,
        *,
        chat: Group | None = None,
        reply_to: Sent | Json | None = None,
    ) -> Json:
        """A person sends anything: ``content`` is a part of a Message, as ``{"sticker": …}``."""
        place = chat or person
        self._check_may_write(person, chat)
        answered = None
        if reply_to is not None:
            answered = self._current(message_of(reply_to))
            if answered is None or answered["chat"]["id"] != place.id:
                raise ValueError("the message answered is not in this chat")
        if chat is None:
            self.telegram.started.add(person.id)
        message = self.telegram.post(
            place, sender=person.user(), content=content, reply_to=answered
        )
        if self.telegram.bot_sees(message):
            await self._update("message", message)
        return message

    async def sends_photo(
        self, person: Person, *, caption: str | None = None, chat: Group | None = None
    ) -> Json:
        return await self.sends(person, photo_content(next(self._files), caption), chat=chat)

    async def sends_voice(
        self, person: Person, *, seconds: int = 4, chat: Group | None = None
    ) -> Json:
        return await self.sends(person, voice_content(next(self._files), seconds), chat=chat)

    async def sends_document(
        self,
        person: Person,
        name: str = "申请表.pdf",
        *,
        caption: str | None = None,
        chat: Group | None = None,
    ) -> Json:
        content = document_content(next(self._files), name, caption)
        return await self.sends(person, content, chat=chat)

    async def edits(self, message: Json, new_text: str) -> Json:
        """A person changes the text of a message of theirs; gives the Message as it is now."""
        current = self._current(message)
        if current is None or current["from"]["is_bot"]:
            raise ValueError("a person edits a message of their own that still exists")
        edited = self.telegram.edit(current, {"entities": None} | text_content(new_text))
        if self.telegram.bot_sees(edited):
            await self._update("edited_message", edited)
        return edited

    async def taps(self, person: Person, message: Sent | Json, data: str) -> str:
        """A person taps a button that carries this data; gives the callback query's id.

        The button need not be on the message any more: what a person sees may be a moment old.
        """
        shown = message_of(message)
        chat = shown["chat"]
        in_chat = chat["id"] == person.id or (
            self.telegram.status(chat["id"], person.id) in MEMBERS
        )
        if not in_chat or not shown["from"]["is_bot"]:
            raise ValueError("a person taps a message of the bot in a chat that they are in")
        callback_id = str(next(self._callbacks))
        self.telegram.callbacks.add(callback_id)
        gone = {"message_id": shown["message_id"], "chat": chat, "date": 0}
        query: Json = {
            "id": callback_id,
            "from": person.user(),
            "message": self._current(shown) or gone,
            "chat_instance": str(chat["id"] * 7919),
            "data": data,
        }
        await self._update("callback_query", query)
        return callback_id

    async def taps_button(self, person: Person, message: Sent | Json, label: str) -> str:
        """A person taps the button with this text on the message as it stands now."""
        shown = self._current(message_of(message)) or {}
        rows = shown.get("reply_markup", {}).get("inline_keyboard", [])
        buttons: dict[str, Json] = {button["text"]: button for row in rows for button in row}
        if label not in buttons:
            raise ValueError(f"no button {label!r} there, only {list(buttons)}")
        if "callback_data" not in buttons[label]:
            raise ValueError(f"the button {label!r} tells the bot nothing: {buttons[label]}")
        return await self.taps(person, message, buttons[label]["callback_data"])

    def expire_callbacks(self) -> None:
        """Every tap so far is too old to be answered."""
        self.telegram.callbacks.clear()

    async def blocks(self, person: Person) -> None:
        """A person stops the bot, which can no longer write to them."""
        self.telegram.blocked.add(person.id)
        await self._bot_status(person, person.user(), old="member", new="kicked")

    async def unblocks(self, person: Person) -> None:
        self.telegram.blocked.discard(person.id)
        await self._bot_status(person, person.user(), old="kicked", new="member")

    def deactivate(self, person: Person) -> None:
        """A person's account is deleted."""
        self.telegram.deactivated.add(person.id)

    async def removes_bot(self, person: Person, group: Group) -> None:
        """Somebody throws the bot out of a group."""
        bot = self.telegram.bot["id"]
        old = self.telegram.status(group.id, bot)
        self.telegram.memberships[group.id, bot] = "kicked"
        await self._bot_status(group, person.user(), old=old, new="kicked")

    def upgrades(self, group: Group, new_id: int) -> Group:
        """A small group becomes a supergroup; nobody writes to its old id any more."""
        members = [
            (user, status)
            for (chat, user), status in self.telegram.memberships.items()
            if chat == group.id
        ]
        new = self.group(new_id, group.title)
        for user, status in members:
            self.telegram.memberships[new_id, user] = status
        self.telegram.upgraded[group.id] = new_id
        return new

    async def redeliver(self, update: Json, *, with_new_id: bool = False) -> Json:
        """Deliver an update once more, even if it is confirmed; gives the update as delivered.

        With its own id it comes with the next getUpdates whatever the offset, or to the webhook;
        ``with_new_id`` it is an update of its own, as after a fault on Telegram's side.
        """
        if with_new_id:
            kind = next(key for key in update if key != "update_id")
            again = self.queue.append(kind, update[kind])
        else:
            again = dict(update)
            self.queue.again.append(again)
        await announce(self._changed)
        return again

    def restart_update_ids(self, first_id: int) -> None:
        """The next update's id is this one, as after a week without any (Bot API, Update)."""
        self.queue.next_id = first_id
        self.queue.confirmed_offset = 0

    @asynccontextmanager
    async def held_updates(self) -> AsyncIterator[None]:
        """Give the bot nothing inside the block, and everything at once afterwards."""
        self.queue.held = True
        try:
            yield
        finally:
            self.queue.held = False
            await announce(self._changed)

    def _check_may_write(self, person: Person, group: Group | None) -> None:
        if person.id in self.telegram.deactivated:
            raise ValueError(f"{person.first_name} has no account any more")
        if group is None and person.id in self.telegram.blocked:
            raise ValueError(f"{person.first_name} has blocked the bot")
        if group is not None and self.telegram.status(group.id, person.id) not in MEMBERS:
            raise ValueError(f"{person.first_name} is not in {group.title}")

    def _current(self, message: Json) -> Json | None:
        """A message as it stands now, or None if it is deleted."""
        return self.telegram.messages.get((message["chat"]["id"], message["message_id"]))

    async def _bot_status(self, chat: Person | Group, by: Json, *, old: str, new: str) -> None:
        bot = self.telegram.bot
        await self._update(
            "my_chat_member",
            {
                "chat": chat.chat(),
                "from": by,
                "date": int(time.time()),
                "old_chat_member": member(old, bot),
                "new_chat_member": member(new, bot),
            },
        )

    async def _update(self, kind: str, content: Json) -> None:
        self.queue.add(kind, content)
        await announce(self._changed)
