"""The staff's side of the desk: who they are, and how a reply of theirs reaches a citizen."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.desk import ledger
from bot.desk.acts import Handled, NotAllowedError, NotStaffError, UnknownConsultationError
from bot.desk.inquiries import Inquiry, Reply, ReplyKind
from bot.desk.keys import Keys
from bot.desk.outcomes import CLOSED
from bot.desk.register import Register
from bot.desk.steps import Step, staff_notice
from bot.store import consultations, contacts, outbox, staff
from bot.store.consultations import Consultation
from bot.store.database import Database, lock
from bot.store.outbox import Outgoing
from bot.store.staff import Member

FIRST_LINK_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(hours=12)
ROLES = {
    "clerk": "经办人",
    "agency_clerk": "部门经办人",
    "editor": "指南编辑",
    "supervisor": "主管",
    "administrator": "管理员",
    "auditor": "审计员",
}
"""What staff may be, by code."""
MAY_REPLY = frozenset({"clerk", "agency_clerk", "supervisor", "administrator"})


class Staffing:
    """What staff do. Every act names who did it, in the event's actor ``staff:<id>``."""

    def __init__(
        self,
        database: Database,
        *,
        register: Register,
        keys: Keys,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._register = register
        self._keys = keys
        self._wake = wake

    async def add(self, *, name: str, role: str, telegram: int | None, at: datetime) -> int:
        """Put someone on the staff list; raises ValueError for a role that does not exist."""
        if not name.strip():
            raise ValueError("请写上姓名")
        if telegram is not None and telegram <= 0:
            raise ValueError("Telegram 用户编号是一个正整数")
        if role not in ROLES:
            raise ValueError(f"没有“{role}”这种角色；可用：{'、'.join(ROLES)}")
        hashed = None if telegram is None else self._telegram(telegram)

        def unit(connection: Connection) -> int:
            if hashed is not None and staff.by_telegram(connection, hashed) is not None:
                raise ValueError("这个 Telegram 账号已经在名单里")
            return staff.add(connection, name=name, role=role, at=at, telegram=hashed)

        return await self._database.write(unit)

    async def everyone(self) -> list[Member]:
        """The staff list."""
        return await self._database.read(staff.everyone)

    async def disable(self, staff_id: int) -> None:
        """Take someone off the list; raises LookupError if there is no such member."""

        def unit(connection: Connection) -> None:
            if staff.by_id(connection, staff_id) is None:
                raise LookupError(staff_id)
            staff.disable(connection, staff_id)

        await self._database.write(unit)

    async def draft_reply(self, message: str, *, inquiry: Inquiry) -> Handled:
        """Keep what a member wrote under a message of the staff group, to be confirmed.

        ``message`` is the channel's name of the message that they replied to, ``inquiry`` the
        reply itself (its asker is the member's Telegram user id). Raises NotStaffError,
        UnknownConsultationError if that message belongs to no consultation, and NotAllowedError
        if it is closed.
        """
        reference = self._keys.hash("message", message).hex()
        incoming = self._register.incoming(inquiry, content=inquiry.text)

        def unit(connection: Connection) -> Handled:
            member = self._member(connection, inquiry)
            about = outbox.by_message(connection, reference)
            if about is None or about.audience != outbox.STAFF:
                raise UnknownConsultationError
            seen = self._register.seen(connection, incoming)
            if seen is not None:
                return seen
            consultation = _locked(connection, about.consultation_id, keys=self._keys)
            if consultation.state == CLOSED:
                raise NotAllowedError("reply", CLOSED)
            draft_id = staff.keep_draft(
                connection,
                consultation_id=consultation.id,
                staff_id=member.id,
                text=inquiry.text,
                at=inquiry.received_at,
            )
            reply = Reply(ReplyKind.DRAFT, {"draft_id": draft_id}, audience=outbox.STAFF)
            step = Step("drafted", consultation, {"draft_id": draft_id}, {}, (reply,))
            return self._register.write(
                connection, step, incoming=incoming, text=None, actor=f"staff:{member.id}"
            )

        return self._committed(await self._database.write(unit))

    async def settle_draft(self, draft_id: int, *, send: bool, inquiry: Inquiry) -> Handled:
        """Send a draft to the citizen, or drop it; only its writer may.

        Raises NotStaffError, UnknownConsultationError if there is no such draft, and
        NotAllowedError if it was settled or the consultation was closed before.
        """
        incoming = self._register.incoming(inquiry, content=f"{draft_id} {send}")

        def unit(connection: Connection) -> Handled:
            member = self._member(connection, inquiry)
            draft = staff.draft(connection, draft_id)
            if draft is None:
                raise UnknownConsultationError
            seen = self._register.seen(connection, incoming)
            if seen is not None:
                return seen
            if draft.staff_id != member.id:
                raise NotStaffError
            consultation = _locked(connection, draft.consultation_id, keys=self._keys)
            if not staff.settle_draft(connection, draft_id, settled="sent" if send else "dropped"):
                raise NotAllowedError("reply", draft.settled or "settled")
            facts = {"draft_id": draft_id}
            if not send:
                step = Step("draft_dropped", consultation, facts, {}, (staff_notice("dropped"),))
                text = None
            elif consultation.state == CLOSED:
                raise NotAllowedError("reply", CLOSED)
            else:
                becomes = {
                    "state": CLOSED,
                    "outcome": "ANSWERED_STAFF",
                    "expected_outcome": None,
                    "answered": True,
                }
                replies = (Reply(ReplyKind.STAFF_REPLY), staff_notice("sent"))
                step = Step("replied", consultation, facts, becomes, replies)
                text = draft.text
            return self._register.write(
                connection, step, incoming=incoming, text=text, actor=f"staff:{member.id}"
            )

        return self._committed(await self._database.write(unit))

    async def note_undeliverable(self, outgoing: Outgoing, problem: str, *, now: datetime) -> None:
        """Write down, once, that a reply can never arrive; staff are told if it was theirs.

        What is answered in vain ends as UNDELIVERABLE. Not so if the citizen had their contact
        deleted: they come for the answer with receipt and code.
        """

        def unit(connection: Connection) -> None:
            consultation = _locked(connection, outgoing.consultation_id, keys=self._keys)
            said = outbox.of_event(connection, outgoing.event_id)
            if any(item.id == outgoing.id and item.status != outbox.PENDING for item in said):
                return
            outbox.mark_undeliverable(connection, outgoing.id, at=now, problem=problem)
            if outgoing.audience == outbox.STAFF:
                return
            becomes: dict[str, object] = {"labels": ["undeliverable"]}
            if contacts.of_consultation(connection, consultation.id) is not None:
                becomes |= _answered_in_vain(consultation, outgoing)
            # Why, in the channel's own words, stands with the reply: such words may name people.
            entry = ledger.Entry(
                kind="undeliverable",
                at=now,
                actor="timer",
                facts={"outgoing": outgoing.id},
                becomes=becomes,
            )
            after, event = ledger.record(connection, consultation, entry, keys=self._keys)
            if outgoing.kind == ReplyKind.STAFF_REPLY:
                notice = (staff_notice("undeliverable"),)
                self._register.say(connection, after, notice, event=event)

        await self._database.write(unit)
        self._wake()

    async def first_sign_in_link(self, *, now: datetime) -> str | None:
        """A token that makes its user the first administrator, once and for 15 minutes.

        None when there is an administrator already. Only its hash is kept.
        """
        token = secrets.token_urlsafe(32)

        def unit(connection: Connection) -> bool:
            lock(connection, key=_FIRST_ADMINISTRATOR)
            if staff.administrators(connection):
                return False
            staff.keep_link(connection, token=self._link(token), expires_at=now + FIRST_LINK_LIVES)
            return True

        return token if await self._database.write(unit) else None

    async def sign_in_link(self, staff_id: int, *, now: datetime) -> str:
        """A token by which that member signs in, once and for 15 minutes; only its hash is kept.

        Raises LookupError if there is no such member, or they were taken off the list.
        """
        token = secrets.token_urlsafe(32)

        def unit(connection: Connection) -> None:
            member = staff.by_id(connection, staff_id)
            if member is None or member.disabled:
                raise LookupError(staff_id)
            staff.keep_link(
                connection,
                token=self._link(token),
                expires_at=now + FIRST_LINK_LIVES,
                staff_id=staff_id,
            )

        await self._database.write(unit)
        return token

    async def sign_in(self, token: str, *, now: datetime) -> str | None:
        """A session token for the console in exchange for a link's token, or None.

        None: the link is unknown, used, or too old, or there is an administrator by now.
        """
        session = secrets.token_urlsafe(32)

        def unit(connection: Connection) -> bool:
            lock(connection, key=_FIRST_ADMINISTRATOR)
            good, staff_id = staff.use_link(connection, token=self._link(token), now=now)
            if not good:
                return False
            if staff_id is None:
                if staff.administrators(connection):
                    return False
                staff_id = staff.add(connection, name="管理员", role="administrator", at=now)
            staff.open_session(
                connection,
                token=self._session(session),
                staff_id=staff_id,
                expires_at=now + SESSION_LIVES,
            )
            return True

        return session if await self._database.write(unit) else None

    async def signed_in(self, session: str, *, now: datetime) -> Member | None:
        """Whose console session that is, or None."""
        token = self._session(session)
        return await self._database.read(
            lambda connection: staff.by_session(connection, token=token, now=now)
        )

    async def sign_out(self, session: str) -> None:
        """End that console session: whoever kept a copy of its token is out as well."""
        token = self._session(session)
        await self._database.write(lambda connection: staff.close_session(connection, token=token))

    def _member(self, connection: Connection, inquiry: Inquiry) -> Member:
        if not inquiry.asker.isdecimal():
            raise NotStaffError
        member = staff.by_telegram(connection, self._telegram(int(inquiry.asker)))
        if member is None or member.disabled or member.role not in MAY_REPLY:
            raise NotStaffError
        return member

    def _telegram(self, user_id: int) -> bytes:
        return self._keys.hash("staff_telegram", str(user_id))

    def _link(self, token: str) -> bytes:
        return self._keys.hash("sign_in_link", token)

    def _session(self, token: str) -> bytes:
        return self._keys.hash("staff_session", token)

    def _committed(self, handled: Handled) -> Handled:
        if not handled.repeated:
            self._wake()
        return handled


_FIRST_ADMINISTRATOR = 7_043_211
"""The lock under which the first administrator is made, so that there is one only."""


def _locked(connection: Connection, consultation_id: int, *, keys: Keys) -> Consultation:
    found = consultations.by_id(connection, consultation_id)
    if found is None:
        raise UnknownConsultationError
    lock(connection, key=keys.lock_number(found.asker))
    return consultations.by_id(connection, consultation_id) or found


def _answered_in_vain(consultation: Consultation, outgoing: Outgoing) -> dict[str, object]:
    """What it becomes when the citizen never got that reply, if it was an answer or asked back."""
    if outgoing.kind not in _AWAITED:
        return {}
    if consultation.state == "OPEN_BOT":
        return {"expected_outcome": "UNDELIVERABLE"}
    if consultation.state == CLOSED and "confirmed" not in consultation.labels:
        return {"state": CLOSED, "outcome": "UNDELIVERABLE"}
    return {}


_AWAITED = frozenset(
    {
        ReplyKind.ANSWER,
        ReplyKind.REFERRED,
        ReplyKind.STAFF_REPLY,
        ReplyKind.CLARIFY,
        ReplyKind.NO_CONFIDENCE,
    }
)
