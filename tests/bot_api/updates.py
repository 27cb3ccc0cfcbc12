"""The queue of updates that Telegram keeps for a bot until it confirms them."""

import asyncio
from collections.abc import Hashable

from aiogram.enums import UpdateType

from .records import Json

KINDS = frozenset(kind.value for kind in UpdateType)
# What a bot gets that never asked for particular kinds (Bot API, getUpdates.allowed_updates).
USUAL = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}


def lane(update: Json) -> Hashable:
    """Updates of one lane reach a webhook one after the other, in order; lanes do not wait.

    Messages and their edits make a lane a chat, taps a lane a person, as in the official server.
    """
    if "callback_query" in update:
        return "callback_query", update["callback_query"]["from"]["id"]
    for kind in ("message", "edited_message"):
        if kind in update:
            return "message", update[kind]["chat"]["id"]
    kind = next(key for key in update if key != "update_id")
    return kind, update[kind]["chat"]["id"]


async def announce(changed: asyncio.Condition) -> None:
    """Wake everyone who waits for something to happen: polls, webhooks, tests."""
    async with changed:
        changed.notify_all()


class UpdateQueue:
    """Updates in the order of their ids; ``confirmed_offset`` is one past the last confirmed.

    ``updates`` is every update there ever was, ``pending`` those that are not confirmed,
    ``again`` those that a test delivers once more although they may be confirmed. While
    ``held`` nothing is given out.
    """

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.confirmed_offset = 0
        self.allowed = USUAL
        self.updates: list[Json] = []
        self.pending: list[Json] = []
        self.again: list[Json] = []
        self.held = False

    def allow(self, kinds: list[str] | None) -> None:
        """Take new kinds from now on: None leaves them as they are, none at all means usual."""
        if kinds is not None:
            self.allowed = KINDS.intersection(kinds) or USUAL

    def add(self, kind: str, content: Json) -> Json | None:
        """Queue an update, or give None if the bot did not ask for this kind."""
        return self.append(kind, content) if kind in self.allowed else None

    def append(self, kind: str, content: Json) -> Json:
        """Queue an update of any kind under the next id."""
        update = {"update_id": self.next_id, kind: content}
        self.next_id += 1
        self.updates.append(update)
        self.pending.append(update)
        return update

    def take(self, offset: int, limit: int) -> list[Json]:
        """Confirm what an offset confirms, and give the oldest that remain.

        An offset past the end confirms nothing and is ignored, so that a bot whose remembered
        offset is higher than ids that were chosen anew still gets its updates.
        """
        if offset < 0:
            self._forget(self.pending[:offset])
        elif offset <= self.next_id:
            self._forget([u for u in self.pending if u["update_id"] < offset])
            self.confirmed_offset = max(self.confirmed_offset, offset)
        if self.held:
            return []
        given = (self.again + self.pending)[:limit]
        self.again = self.again[limit:]
        return given

    def _forget(self, confirmed: list[Json]) -> None:
        for update in confirmed:
            self.confirm(update)

    def confirm(self, update: Json) -> None:
        """Take one update out for good, as a webhook's 2xx does."""
        self.again = [other for other in self.again if other is not update]
        if any(other is update for other in self.pending):
            self.pending = [other for other in self.pending if other is not update]
            self.confirmed_offset = max(self.confirmed_offset, update["update_id"] + 1)

    def clear(self) -> None:
        """Forget everything that is pending (``drop_pending_updates``)."""
        self.again = []
        self._forget(self.pending)

    def waiting(self) -> list[Json]:
        """What may be given out now, in order."""
        return [] if self.held else self.again + self.pending
