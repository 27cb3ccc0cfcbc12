"""The conversation: what a citizen and the service said to each other, as a page shows it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.desk import decisions
from bot.desk.inquiries import ReplyKind
from bot.desk.outcomes import CLOSED, INVALID
from bot.desk.ratings import RATINGS
from bot.desk.receipts import show_receipt
from bot.store import consultations, events, outbox
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing
from handlers.replies import Button, Section, Words
from handlers.web.front import CHANNEL, Front

MOST_SHOWN = 20
"""Consultations of one person that a page shows, the newest."""

DELETED = "（这句话已经删除）"
_ACTS = {
    "solved": "解决了",
    "unsolved": "没解决",
    "withdrawn": "撤回",
    "escalated": "转人工",
    "asked_status": "办到哪了",
}
_STANDING = {
    "OPEN_BOT": "等您看看是否解决",
    "OPEN_QUEUE": "已登记，等工作人员接手",
    "OPEN_STAFF": "工作人员正在办理",
    "TRANSFERRED": "已转给承办部门",
    "WAITING_CITIZEN": "等您补充",
    "EXTENDED": "已延期，正在办理",
    CLOSED: "已办结",
}
_UNSURE = "等您再说具体一点"


@dataclass(frozen=True, slots=True)
class Matter:
    """A consultation with all that happened in it; ``words`` are the citizen's, by event."""

    consultation: Consultation
    events: tuple[Event, ...]
    words: Mapping[int, str]
    said: tuple[Outgoing, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A form that goes with an answer, blank and filled in as an example."""

    title: str
    blank: str
    example: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a consultation stands: its number and code as people read them, and words."""

    receipt: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that happened and what was said to it.

    ``asked`` are the citizen's words, None when nothing was said by them; ``form`` are the hidden
    fields of its buttons; ``standing`` is set on the last turn of a consultation.
    """

    number: int
    at: datetime
    asked: str | None
    sections: tuple[Section, ...]
    downloads: tuple[Download, ...] = ()
    choices: tuple[Button, ...] = ()
    buttons: tuple[Button, ...] = ()
    form: Mapping[str, str] | None = None
    standing: Standing | None = None


def of_asker(connection: Connection, asker: bytes) -> list[Matter]:
    """That person's newest consultations by web with all that happened in them."""
    found = consultations.latest_of_asker(
        connection, channel=CHANNEL, asker=asker, limit=MOST_SHOWN
    )
    return [_matter(connection, item) for item in reversed(found)]


def of_consultation(connection: Connection, consultation_id: int) -> list[Matter]:
    """That one consultation, whoever asked it and by whatever channel."""
    found = consultations.by_id(connection, consultation_id)
    return [] if found is None else [_matter(connection, found)]


def version_of_asker(connection: Connection, asker: bytes) -> str:
    """A name for what ``of_asker`` shows: it changes when anything in it does."""
    return version(
        consultations.latest_of_asker(connection, channel=CHANNEL, asker=asker, limit=MOST_SHOWN)
    )


def version(found: Iterable[Consultation]) -> str:
    """A name for these consultations as they now are."""
    state = ",".join(sorted(f"{item.id}:{item.version}" for item in found))
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def turns(front: Front, matters: Sequence[Matter], *, code: str | None = None) -> list[Turn]:
    """Everything said in these consultations in the order in which it was.

    ``code`` is put into the buttons of who has no other right to them. Of an older consultation
    that is closed the buttons are gone: nothing in the page asks twice.
    """
    found: list[Turn] = []
    newest = max((item.consultation.id for item in matters), default=0)
    for item in matters:
        is_newest = item.consultation.id == newest
        found.extend(_turns(front, item, is_newest=is_newest, code=code))
    return sorted(found, key=lambda turn: turn.number)


def _matter(connection: Connection, consultation: Consultation) -> Matter:
    key = consultation.id
    return Matter(
        consultation=consultation,
        events=tuple(events.of_consultation(connection, key)),
        words=events.words_of_consultation(connection, key),
        said=tuple(outbox.to_citizen(connection, key)),
    )


def _turns(front: Front, matter: Matter, *, is_newest: bool, code: str | None) -> list[Turn]:
    found = []
    for event in matter.events:
        said = [item for item in matter.said if item.event_id == event.id]
        asked = _asked(front, event, matter.words) if event.actor == "citizen" else None
        if not said and asked is None:
            continue
        spoken = [_spoken(front, item, matter) for item in said]
        buttons = [button for words in spoken for button in words.buttons]
        shown: list[Button] = []
        if said and said[-1] == matter.said[-1] and (is_newest or _still_asks(said[-1], matter)):
            allowed = (_open_button(button, matter, front=front) for button in buttons)
            shown = [button for button in allowed if button is not None]
            if code is not None:
                # Who looks one consultation up opens no other one there.
                shown = [item for item in shown if not item.act.startswith(("guide:", "staff"))]
        found.append(
            Turn(
                number=event.id,
                at=front.local(event.at),
                asked=asked,
                sections=tuple(section for words in spoken for section in words.sections),
                downloads=_downloads(front, buttons),
                choices=tuple(item for item in shown if _is_choice(item)),
                buttons=tuple(item for item in shown if not _is_choice(item)),
                form=_form(matter.consultation, code=code),
            )
        )
    if found and matter.consultation.outcome != INVALID:
        found[-1] = replace(found[-1], standing=_standing(front, matter.consultation))
    return found


def _spoken(front: Front, outgoing: Outgoing, matter: Matter) -> Words:
    by_staff = outgoing.kind == ReplyKind.STAFF_REPLY
    return front.speaker.say(
        outgoing, text=matter.words.get(outgoing.event_id) if by_staff else None
    )


def _still_asks(outgoing: Outgoing, matter: Matter) -> bool:
    """Whether an older consultation's last reply still waits for the citizen."""
    return matter.consultation.state != CLOSED or outgoing.kind == ReplyKind.STAFF_REPLY


def _standing(front: Front, consultation: Consultation) -> Standing:
    unsure = consultation.state == "OPEN_BOT" and consultation.topic is None
    return Standing(
        receipt=show_receipt(consultation.receipt),
        code=front.service.keys.retrieval_code(consultation.receipt),
        words=_UNSURE if unsure else _STANDING[consultation.state],
    )


def _asked(front: Front, event: Event, words: Mapping[int, str]) -> str | None:
    """What the citizen said or did, in their own words or the button's."""
    text = words.get(event.id)
    if text is not None and event.kind != "rated":
        return text
    if event.kind == "chosen":
        chosen = event.facts.get("chosen")
        return "都不是" if chosen is None else front.speaker.title(chosen)
    if event.kind == "rated":
        label = RATINGS[event.facts["value"]]
        return f"{label}：{text}" if text else label
    if event.text_digest is not None:
        return DELETED
    if event.kind in _ACTS:
        return _ACTS[event.kind]
    if answers := event.facts.get("answers"):
        return front.speaker.title(answers[0]["guide_id"])
    return None


def _open_button(button: Button, matter: Matter, *, front: Front) -> Button | None:
    """The button as it would work now, None if pressing it would be refused."""
    act = button.act.partition(":")[0]
    consultation, now = matter.consultation, front.now()
    with_staff = consultation.state not in ("OPEN_BOT", CLOSED)
    match act:
        case "escalate" if consultation.outcome == INVALID:
            # Small talk is no matter yet: asking for a person then opens one.
            return Button(button.label, "staff")
        case "escalate":
            allowed = not with_staff and decisions.may("escalate", consultation, now=now)
        case "solved" | "unsolved" | "rate":
            allowed = decisions.may(act, consultation, now=now)
        case "status":
            allowed = with_staff
        case "choose":
            allowed = consultation.state == "OPEN_BOT"
        case _:
            allowed = act == "guide"
    return button if allowed else None


def _is_choice(button: Button) -> bool:
    """Whether it names an answer; at most three do, and 都不是 stands apart from them."""
    return button.act.startswith(("choose:", "guide:")) and button.act != "choose:none"


def _form(consultation: Consultation, *, code: str | None) -> dict[str, str]:
    """The hidden fields: pressing a button of one version of the matter twice is one press."""
    fields = {"receipt": consultation.receipt, "version": str(consultation.version)}
    return fields if code is None else fields | {"code": code}


def _downloads(front: Front, buttons: Iterable[Button]) -> tuple[Download, ...]:
    forms = front.service.office.forms
    keys = [button.act.removeprefix("form:") for button in buttons]
    return tuple(
        Download(forms[key].title, f"/forms/{key}.docx", f"/forms/{key}-example.docx")
        for key in keys
        if key in forms
    )
