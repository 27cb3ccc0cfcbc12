"""The staff's group on Telegram."""

from dataclasses import dataclass


@dataclass(slots=True)
class StaffGroup:
    """Which chat it is, None if there is none.

    Not frozen: Telegram gives a group another id when it becomes a supergroup.
    """

    chat_id: int | None
