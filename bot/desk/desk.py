"""The desk: takes in what citizens do, decides inside one transaction, and writes it down."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.desk import decisions
from bot.desk.access import Claim, authorise
from bot.desk.acts import (
    ExpiredChoiceError,
    Handled,
    NotAllowedError,
    TextTooLongError,
    UnknownConsultationError,
)
from bot.desk.calendar import WorkingCalendar
from bot.desk.channels import Channel
from bot.desk.deadlines import due_at
from bot.desk.decisions import QUESTION, Rules, Situation, Step
from bot.desk.inquiries import LONGEST_TEXT, Inquiry, Reply, ReplyKind
from bot.desk.keys import Keys
from bot.desk.outcomes import CLOSED, INVALID
from bot.desk.ratings import RATINGS
from bot.desk.register import Incoming, Register
from bot.desk.shelf import Shelf
from bot.store import consultations, events, outbox
from bot.store.consultations import Consultation
from bot.store.database import Database, lock
from bot.store.outbox import Outgoing
from knowledge.office import Office
from knowledge.privacy import Masked, mask
from knowledge.understanding import Reader, Understanding

MOST_READINGS = 5
"""How often a question is read because the asker's matter moved on while it was being read."""


class Desk:
    """Everything a citizen can do, whatever channel they do it in.

    Each act writes one event, what the consultation becomes, and the replies, in one transaction;
    the same inbound thing a second time writes nothing and gives back what it came to.
    ``wake`` is called after each commit that may have put something on its way.
    """

    def __init__(
        self,
        database: Database,
        *,
        reader: Reader,
        shelf: Shelf,
        office: Office,
        calendar: WorkingCalendar,
        keys: Keys,
        channels: Mapping[str, Channel],
        wake: Callable[[], None] = lambda: None,
        silence: timedelta = decisions.SILENCE,
        staff_days: int = 1,
    ) -> None:
        self.database = database
        self.office = office
        self.calendar = calendar
        self.keys = keys
        self.channels = channels
        self.shelf = shelf
        self.register = Register(keys, channels=channels, zone=office.zone)
        self._reader = reader
        self._wake = wake
        self._silence = silence
        self._staff_days = staff_days
        # Reading a question is computation; one thread of its own keeps the event loop free.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="zixun-reader")

    def close(self) -> None:
        """End the reading thread."""
        self._thread.shutdown()

    async def ask(self, inquiry: Inquiry) -> Handled:
        """Take in a message: answer it, ask back, hand it over, refer it, or decline it.

        Raises TextTooLongError, KeyReusedError if the external id came before with another text,
        and StoreUnavailableError; then nothing was written.
        """
        masked = _checked(inquiry.text)
        incoming = self.register.incoming(inquiry, content=masked.text)

        def before(connection: Connection) -> tuple[Handled | None, str | None]:
            current, _ = self.register.situation(connection, incoming)
            return self.register.seen(connection, incoming), current.topic if current else None

        for _ in range(MOST_READINGS):
            seen, about = await self.database.read(before)
            if seen is not None:
                return seen
            understood = await self._read(masked.text, about=about, now=inquiry.received_at)
            if inquiry.edited:
                understood = replace(understood, elliptical=True)
            handled = await self.database.write(
                partial(
                    self._take_in,
                    incoming=incoming,
                    understood=understood,
                    about=about,
                    text=masked.text,
                    masked=[str(kind) for kind in masked.kinds],
                )
            )
            if handled is not None:
                return self._committed(handled)
        raise RuntimeError("the asker's matter moved on each time the question was read")

    async def open_guide(self, guide_id: str, *, inquiry: Inquiry) -> Handled:
        """Give a guide that the citizen picked from a list: a question that needs no matching.

        Raises ExpiredChoiceError if that guide is not given today.
        """
        incoming = self.register.incoming(inquiry, content=guide_id)
        today = inquiry.received_at.astimezone(self.office.zone).date()
        guide = self.shelf.today.get(guide_id)
        if guide is None or not guide.is_in_force(today):
            raise ExpiredChoiceError

        def unit(connection: Connection) -> Handled:
            lock(connection, key=self.keys.lock_number(incoming.asker))
            seen = self.register.seen(connection, incoming)
            if seen is not None:
                return seen
            current, earlier = self.register.situation(connection, incoming)
            step = decisions.open_guide(
                Situation(current=current, earlier=earlier),
                guide_id,
                now=incoming.at,
                rules=self._rules(incoming.at),
            )
            return self.register.write(connection, step, incoming=incoming, text=None)

        return self._committed(await self.database.write(unit))

    async def choose(
        self, receipt: str, guide_id: str | None, *, claim: Claim, inquiry: Inquiry
    ) -> Handled:
        """Take one of the offered guides, or 都不是 (None).

        Raises ExpiredChoiceError when that clarification is no longer open, and as ``act`` does.
        """

        def step(connection: Connection, consultation: Consultation) -> Step:
            offered = _last_offer(connection, consultation)
            if offered is None or (guide_id is not None and guide_id not in offered):
                raise ExpiredChoiceError
            now = inquiry.received_at
            return decisions.choose(consultation, guide_id, now=now, rules=self._rules(now))

        return await self._act(receipt, step, claim=claim, inquiry=inquiry)

    async def act(self, kind: str, receipt: str, *, claim: Claim, inquiry: Inquiry) -> Handled:
        """解决了 ``solved``, 没解决 ``unsolved``, 撤回 ``withdraw`` or 转人工 ``escalate``.

        ``inquiry.text`` may hold a note for the staff. Raises NotAllowedError when the state does
        not allow it, UnknownConsultationError and LockedError when the claim does not hold.
        """

        def step(_connection: Connection, consultation: Consultation) -> Step:
            now = inquiry.received_at
            if not decisions.may(kind, consultation, now=now):
                raise NotAllowedError(kind, consultation.state)
            if kind == "escalate":
                return decisions.escalate(consultation, rules=self._rules(now))
            return decisions.act(kind, consultation, now=now, rules=self._rules(now))

        return await self._act(receipt, step, claim=claim, inquiry=inquiry)

    async def rate(self, receipt: str, value: str, *, claim: Claim, inquiry: Inquiry) -> Handled:
        """Keep how satisfied the citizen was (a code of ``RATINGS``), once per closing.

        ``inquiry.text`` may hold a reason. Raises ValueError for another value, and as ``act``.
        """
        if value not in RATINGS:
            raise ValueError(f"{value} is not a rating")

        def step(_connection: Connection, consultation: Consultation) -> Step:
            if not decisions.may("rate", consultation, now=inquiry.received_at):
                raise NotAllowedError("rate", consultation.state)
            becomes = {"rating": value, "labels": ["rated"]}
            reply = Reply(ReplyKind.RATED, {"value": value})
            return Step("rated", consultation, {"value": value}, becomes, (reply,))

        return await self._act(receipt, step, claim=claim, inquiry=inquiry)

    async def add(self, receipt: str, *, claim: Claim, inquiry: Inquiry) -> Handled:
        """Add a message to that very consultation, whatever it is about.

        While people have it the message is kept for them; while the bot has it, it is read like
        any other. Raises NotAllowedError when the consultation is closed, and as ``act``.
        """
        masked = _checked(inquiry.text)
        found = await self.look_up(receipt, claim=claim, now=inquiry.received_at)
        read = await self._read(masked.text, about=found.topic, now=inquiry.received_at)
        understood = replace(read, elliptical=True)

        def step(_connection: Connection, consultation: Consultation) -> Step:
            if consultation.state == CLOSED:
                raise NotAllowedError("add", consultation.state)
            now = inquiry.received_at
            return decisions.decide(
                Situation(current=consultation),
                understood,
                masked=[str(kind) for kind in masked.kinds],
                now=now,
                rules=self._rules(now),
                text=masked.text,
            )

        return await self._act(receipt, step, claim=claim, inquiry=inquiry)

    async def look_up(self, receipt: str, *, claim: Claim, now: datetime) -> Consultation:
        """The consultation, if the claim holds; wrong codes are counted.

        Raises UnknownConsultationError and LockedError.
        """
        found = await self.database.write(
            lambda connection: authorise(connection, receipt, claim, keys=self.keys, now=now)
        )
        if found is None:
            raise UnknownConsultationError
        return found

    async def replies(self, consultation: Consultation) -> tuple[Outgoing, ...]:
        """Everything said to the citizen in it, in order."""
        return tuple(
            await self.database.read(
                lambda connection: outbox.to_citizen(connection, consultation.id)
            )
        )

    async def take_media(self, inquiry: Inquiry, *, medium: str) -> Handled:
        """Note that something came that cannot be read here; the thing itself is not kept."""
        incoming = self.register.incoming(inquiry, content=medium)

        def unit(connection: Connection) -> Handled:
            lock(connection, key=self.keys.lock_number(incoming.asker))
            seen = self.register.seen(connection, incoming)
            if seen is not None:
                return seen
            current, _ = self.register.situation(connection, incoming)
            reply = Reply(ReplyKind.CANNOT_READ, {"medium": medium})
            becomes = {} if current else {"state": CLOSED, "outcome": INVALID}
            step = Step("said", current, {"medium": medium}, becomes, (reply,))
            return self.register.write(connection, step, incoming=incoming, text=None)

        return self._committed(await self.database.write(unit))

    async def close_silent(self, now: datetime) -> int:
        """Close what has been silent long enough, in small transactions; returns how many."""

        def unit(connection: Connection) -> int:
            silent = consultations.timed_out(connection, now=now)
            for consultation in silent:
                step = decisions.fell_silent(consultation)
                self.register.end(connection, step, consultation, at=now)
            return len(silent)

        total = 0
        while closed := await self.database.write(unit):
            total += closed
            self._wake()
        return total

    def _take_in(
        self,
        connection: Connection,
        *,
        incoming: Incoming,
        understood: Understanding,
        about: str | None,
        text: str,
        masked: list[str],
    ) -> Handled | None:
        """The unit of a message; None if the matter it was read against is no longer current."""
        lock(connection, key=self.keys.lock_number(incoming.asker))
        seen = self.register.seen(connection, incoming)
        if seen is not None:
            return seen
        current, earlier = self.register.situation(connection, incoming)
        if understood.kind == QUESTION and (current.topic if current else None) != about:
            return None
        step = decisions.decide(
            Situation(current=current, earlier=earlier),
            understood,
            masked=masked,
            now=incoming.at,
            rules=self._rules(incoming.at),
            text=text,
        )
        return self.register.write(connection, step, incoming=incoming, text=text)

    async def _act(
        self,
        receipt: str,
        step: Callable[[Connection, Consultation], Step],
        *,
        claim: Claim,
        inquiry: Inquiry,
    ) -> Handled:
        text = mask(inquiry.text).text
        incoming = self.register.incoming(inquiry, content=text)

        def unit(connection: Connection) -> Handled | None:
            found = authorise(connection, receipt, claim, keys=self.keys, now=incoming.at)
            if found is None:
                return None
            lock(connection, key=self.keys.lock_number(found.asker))
            seen = self.register.seen(connection, incoming)
            if seen is not None:
                return seen
            # Read again: it may have moved on while this unit waited for the lock.
            current = consultations.by_id(connection, found.id) or found
            decided = step(connection, current)
            return self.register.write(connection, decided, incoming=incoming, text=text or None)

        handled = await self.database.write(unit)
        if handled is None:
            raise UnknownConsultationError
        return self._committed(handled)

    async def _read(self, text: str, *, about: str | None, now: datetime) -> Understanding:
        today = now.astimezone(self.office.zone).date()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, partial(self._reader.read, text, today=today, about=about)
        )

    def _committed(self, handled: Handled) -> Handled:
        if not handled.repeated:
            self._wake()
        return handled

    def _rules(self, at: datetime) -> Rules:
        office = self.office
        staff_due = due_at(
            at,
            days=self._staff_days,
            calendar=self.calendar,
            closing=office.closing_time,
            zone=office.zone,
        )
        return Rules(guides=self.shelf.today, staff_due_at=staff_due, silence=self._silence)


def _checked(text: str) -> Masked:
    if len(text) > LONGEST_TEXT:
        raise TextTooLongError
    return mask(text)


def _last_offer(connection: Connection, consultation: Consultation) -> list[str] | None:
    """The guides offered by the consultation's newest question, if that was a clarification."""
    if consultation.state != "OPEN_BOT":
        return None
    newest = events.newest_of(connection, consultation.id, kinds=("asked", "chosen"))
    offered = newest.facts.get("choices") if newest else None
    return list(offered) if offered else None
