"""The channels a consultation can come by: one registry for import, export, figures and audit."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.store.consultations import Consultation
from bot.store.outbox import Outgoing


@dataclass(frozen=True, slots=True)
class Parcel:
    """One reply with all it takes to send it.

    ``contact`` is where the citizen can be reached (None for the staff's side, or when it was
    deleted); ``text`` is what a person wrote, for the kinds of reply that carry it.
    """

    outgoing: Outgoing
    consultation: Consultation
    contact: str | None
    text: str | None


Sender = Callable[[Parcel], Awaitable[str | None]]
"""Sends one reply; the result is what the channel calls the message, if anything.

Raises DeliveryError when it could not.
"""


class DeliveryError(Exception):
    """A reply could not be sent.

    ``permanent``: it never will be (blocked, gone). ``retry_after``: seconds the channel asked
    us to wait, or None.
    """

    def __init__(
        self, problem: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(problem)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in: ``statistics_code`` is what its consultations are counted under.

    A channel with a ``sender`` delivers by itself (Telegram); one without is where people come
    and look (web) or where staff answer on the spot (phone, counter). ``router`` is the handlers'
    own and opaque here.
    """

    code: str
    label: str
    statistics_code: str
    sender: Sender | None = None
    router: Any = None


KNOWN: tuple[Channel, ...] = (
    Channel("telegram", "Telegram", "telegram"),
    Channel("web", "网页", "web"),
    Channel("hotline", "热线", "hotline"),
    Channel("phone", "单位电话", "phone"),
    Channel("onsite", "现场", "onsite"),
    Channel("letter", "信函", "letter"),
    Channel("email", "电子邮件", "email"),
    Channel("other", "其他", "other"),
    Channel("terminal", "终端", "other"),
)
"""The channels every installation counts, whether or not they are connected to this service."""


def registry(connected: Iterable[Channel] = ()) -> Mapping[str, Channel]:
    """All channels by code, the connected ones in place of the plain ones."""
    channels = {channel.code: channel for channel in KNOWN}
    channels.update({channel.code: channel for channel in connected})
    return channels
