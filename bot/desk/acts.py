"""What comes back from the desk, and the ways in which it refuses."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing


class DeskError(Exception):
    """The desk refuses an act; handlers put it into words."""


class TextTooLongError(DeskError):
    """More than ``LONGEST_TEXT`` characters came at once."""


class UnknownConsultationError(DeskError):
    """No such receipt, or not this person's: the two cannot be told apart."""


class LockedError(DeskError):
    """Too many wrong codes for this receipt; ``until`` is when it opens again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until.isoformat()}")
        self.until = until


class NotAllowedError(DeskError):
    """The consultation's state does not allow this act; ``act`` and ``state`` say which."""

    def __init__(self, act: str, state: str) -> None:
        super().__init__(f"{act} is not possible while {state}")
        self.act = act
        self.state = state


class ExpiredChoiceError(DeskError):
    """The button belongs to a clarification that is no longer open."""


class KeyReusedError(DeskError):
    """The same idempotency key came before with another text."""


class NotStaffError(DeskError):
    """Whoever did this is not on the staff list."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What an inbound thing came to.

    ``event`` is the one it wrote (or had written when it first came, if ``repeated``), and
    ``replies`` what was said to the citizen because of it.
    """

    consultation: Consultation
    event: Event
    replies: tuple[Outgoing, ...]
    repeated: bool = False
