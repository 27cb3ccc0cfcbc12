"""What comes in and what is to be said, as data that no channel has shaped yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

LONGEST_TEXT = 4_000
"""Characters of one message that are taken in; a channel refuses longer ones with a sentence."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One thing that came in.

    ``external_id`` is what the channel calls it: the same message delivered again has the same
    one, an edited message has its own. ``asker`` is who the channel says it came from and
    ``contact`` where a reply can be sent later. All three are kept only as keyed hashes, or
    encrypted, never as they are.
    """

    channel: str
    external_id: str
    asker: str
    text: str
    received_at: datetime
    contact: str | None = None
    edited: bool = False


class ReplyKind(StrEnum):
    """What a reply says; the words are made by the handlers when it is sent."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    NO_CONFIDENCE = "no_confidence"
    HANDED_OVER = "handed_over"
    REFERRED = "referred"
    DECLINED = "declined"
    SMALL_TALK = "small_talk"
    ADDED = "added"
    UNSOLVED = "unsolved"
    SOLVED = "solved"
    SILENT_CLOSE = "silent_close"
    RATED = "rated"
    WITHDRAWN = "withdrawn"
    STATUS = "status"
    CANNOT_READ = "cannot_read"
    EXPIRED_CHOICE = "expired_choice"
    STAFF_REPLY = "staff_reply"
    ESCALATION = "escalation"
    DRAFT = "draft"
    STAFF_NOTICE = "staff_notice"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said: its kind and the values its words are made from (plain JSON).

    ``audience`` is ``citizen``, or ``staff`` for the staff's own side of the channel.
    """

    kind: ReplyKind
    values: Mapping[str, Any] = field(default_factory=dict)
    audience: str = "citizen"
