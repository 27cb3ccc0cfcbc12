"""The desk: takes in what citizens do, decides inside one transaction, and writes it down."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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
from bot.desk.inquiries import LONGEST_TEXT, Inquiry
from bot.desk.keys import Keys
from bot.desk.outcomes import CLOSED
from bot.desk.questions import answering_which_day, asks_for_day, readable
from bot.desk.ratings import RATINGS
from bot.desk.receipts import parse_receipt
from bot.desk.register import Incoming, Register, last_offer
from bot.desk.shelf import Shelf
from bot.desk.steps import SILENCE, Rules, Situation, Step
from bot.store import consultations, outbox
from bot.store.consultations import Consultation
from bot.store.database import Database, lock
from bot.store.outbox import Outgoing
from knowledge.guides import in_force
from knowledge.office import Office
from knowledge.privacy import Masked, mask
from knowledge.understanding import Reader, Understanding

MOST_READINGS = 5
"""How often a question is read because the asker's matter moved on while it was being read."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it is decided about: masked, and read against a guide given before."""

    text: str
    masked: tuple[str, ...]
    understood: Understanding
    about: str | None
    stays: bool


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
        silence: timedelta = SILENCE,
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
        # Two, so that the next message is read while one waits for the encoder.
        self._thread = ThreadPoolExecutor(2, thread_name_prefix="zixun-reader")

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
            seen = self.register.seen(connection, incoming)
            return seen, None if seen else self._situation(connection, incoming).about

        for reading in range(1, MOST_READINGS + 1):
            seen, about = await self.database.read(before)
            if seen is not None:
                return seen
            message = await self._read(masked, about=about, inquiry=inquiry, stays=inquiry.edited)
            # Better understood against what was said a moment ago than not taken in at all.
            last = reading == MOST_READINGS
            unit = partial(self._take_in, incoming=incoming, message=message, insist=last)
            handled = await self.database.write(unit)
            if handled is not None:
                return self._committed(handled)
        raise AssertionError("the last reading is always taken in")

    async def open_guide(self, guide_id: str, *, inquiry: Inquiry) -> Handled:
        """Give a guide that the citizen picked from a list: a question that needs no matching.

        Raises ExpiredChoiceError if that guide is not given today.
        """
        incoming = self.register.incoming(inquiry, content=f"guide\0{guide_id}")
        rules = self._rules(incoming.at)
        if guide_id not in rules.guides:
            raise ExpiredChoiceError
        decide = partial(decisions.open_guide, guide_id=guide_id, now=incoming.at, rules=rules)
        return await self._take_wordless(incoming, decide)

    async def take_media(self, inquiry: Inquiry, *, medium: str) -> Handled:
        """Note that something came that cannot be read here; the thing itself is not kept."""
        incoming = self.register.incoming(inquiry, content=f"medium\0{medium}")

        def decide(situation: Situation) -> Step:
            return decisions.unreadable(situation.current, medium)

        return await self._take_wordless(incoming, decide)

    async def choose(
        self, receipt: str, guide_id: str | None, *, claim: Claim, inquiry: Inquiry
    ) -> Handled:
        """Take one of the offered guides, or 都不是 (None).

        Raises ExpiredChoiceError when that clarification is no longer open or the guide is no
        longer given, and as ``act`` does.
        """
        rules = self._rules(inquiry.received_at)

        def step(connection: Connection, consultation: Consultation) -> Step:
            offered = last_offer(connection, consultation)
            gone = guide_id is not None and guide_id not in offered
            if not offered or gone or (guide_id and guide_id not in rules.guides):
                raise ExpiredChoiceError
            now = inquiry.received_at
            return decisions.choose(consultation, guide_id, now=now, rules=rules)

        what = f"choose\0{guide_id}"
        return await self._act(receipt, step, claim=claim, inquiry=inquiry, what=what)

    async def act(self, kind: str, receipt: str, *, claim: Claim, inquiry: Inquiry) -> Handled:
        """解决了 ``solved``, 没解决 ``unsolved``, 撤回 ``withdraw`` or 转人工 ``escalate``.

        ``inquiry.text`` may hold a note for the staff. Raises NotAllowedError when the state does
        not allow it, UnknownConsultationError and LockedError when the claim does not hold, and
        TextTooLongError and KeyReusedError as ``ask`` does.
        """

        def step(_connection: Connection, consultation: Consultation) -> Step:
            now = inquiry.received_at
            if not decisions.may(kind, consultation, now=now):
                raise NotAllowedError(kind, consultation.state)
            return decisions.act(kind, consultation, now=now, rules=self._rules(now))

        return await self._act(receipt, step, claim=claim, inquiry=inquiry, what=kind)

    async def rate(self, receipt: str, value: str, *, claim: Claim, inquiry: Inquiry) -> Handled:
        """Keep how satisfied the citizen was (a code of ``RATINGS``), once per closing.

        ``inquiry.text`` may hold a reason. Raises ValueError for another value, and as ``act``.
        """
        if value not in RATINGS:
            raise ValueError(f"{value} is not a rating")

        def step(_connection: Connection, consultation: Consultation) -> Step:
            if not decisions.may("rate", consultation, now=inquiry.received_at):
                raise NotAllowedError("rate", consultation.state)
            return decisions.rate(consultation, value)

        what = f"rate\0{value}"
        return await self._act(receipt, step, claim=claim, inquiry=inquiry, what=what)

    async def add(self, receipt: str, *, claim: Claim, inquiry: Inquiry) -> Handled:
        """Add a message to that very consultation, whatever it is about.

        While people have it the message is kept for them; while the bot has it, it is read like
        any other. Raises NotAllowedError when the consultation is closed, and as ``act``.
        """
        masked = _checked(inquiry.text)
        found = await self.look_up(receipt, claim=claim, now=inquiry.received_at)
        about = await self.database.read(partial(self.register.last_given, consultation=found))
        message = await self._read(masked, about=about, inquiry=inquiry, stays=True)

        def step(connection: Connection, consultation: Consultation) -> Step:
            if consultation.state == CLOSED:
                raise NotAllowedError("add", consultation.state)
            offered = last_offer(connection, consultation)
            situation = Situation(current=consultation, about=about, offered=offered)
            return self._decided(situation, message, now=inquiry.received_at)

        return await self._act(receipt, step, claim=claim, inquiry=inquiry, what="add")

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

    async def close_silent(self, now: datetime) -> int:
        """Close what has been silent long enough, in small transactions; returns how many."""

        def find(connection: Connection) -> list[Consultation]:
            return consultations.timed_out(connection, now=now)

        def close(connection: Connection, found: Consultation) -> bool:
            lock(connection, key=self.keys.lock_number(found.asker))
            # Read again: its citizen may have spoken, or another process have closed it.
            current = consultations.by_id(connection, found.id)
            if current is None or current.timer_at is None or current.timer_at > now:
                return False
            self.register.end(connection, decisions.fell_silent(current), current, at=now)
            return True

        total = 0
        while silent := await self.database.write(find):
            units = [partial(close, found=one) for one in silent]
            closed = sum(await asyncio.gather(*map(self.database.write, units)))
            total += closed
            self._wake()
            if not closed:
                break
        return total

    async def _take_wordless(
        self, incoming: Incoming, decide: Callable[[Situation], Step]
    ) -> Handled:
        def unit(connection: Connection) -> Handled:
            lock(connection, key=self.keys.lock_number(incoming.asker))
            seen = self.register.seen(connection, incoming)
            if seen is not None:
                return seen
            step = decide(self._settled_situation(connection, incoming))
            return self.register.write(connection, step, incoming=incoming, text=None)

        return self._committed(await self.database.write(unit))

    def _take_in(
        self, connection: Connection, *, incoming: Incoming, message: _Message, insist: bool
    ) -> Handled | None:
        """The unit of a message; None if what it leans on has moved on since it was read."""
        lock(connection, key=self.keys.lock_number(incoming.asker))
        seen = self.register.seen(connection, incoming)
        if seen is not None:
            return seen
        situation = self._settled_situation(connection, incoming)
        if situation.about != message.about and message.understood.elliptical and not insist:
            return None
        named = self.register.named(connection, message.text, incoming=incoming)
        step = self._decided(replace(situation, named=named), message, now=incoming.at)
        return self.register.write(connection, step, incoming=incoming, text=message.text)

    def _decided(self, situation: Situation, message: _Message, *, now: datetime) -> Step:
        return decisions.decide(
            situation,
            message.understood,
            masked=message.masked,
            now=now,
            rules=self._rules(now),
            text=message.text,
            stays=message.stays,
        )

    async def _act(
        self,
        receipt: str,
        step: Callable[[Connection, Consultation], Step],
        *,
        claim: Claim,
        inquiry: Inquiry,
        what: str,
    ) -> Handled:
        text = _checked(inquiry.text).text
        named = parse_receipt(receipt) or receipt
        incoming = self.register.incoming(inquiry, content=f"{what}\0{named}\0{text}")

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

    async def _read(
        self, masked: Masked, *, about: str | None, inquiry: Inquiry, stays: bool
    ) -> _Message:
        today = self._today(inquiry.received_at)
        words = readable(masked.text)
        understood = await asyncio.get_running_loop().run_in_executor(
            self._thread, partial(self._reader.read, words, today=today, about=about)
        )
        if understood.filing is None and asks_for_day(about, self.shelf.today):
            understood = answering_which_day(understood, words, today=today)
        kinds = tuple(str(kind) for kind in masked.kinds)
        return _Message(masked.text, kinds, understood, about=about, stays=stays)

    def _situation(self, connection: Connection, incoming: Incoming) -> Situation:
        return self.register.situation(connection, incoming, silence=self._silence)

    def _settled_situation(self, connection: Connection, incoming: Incoming) -> Situation:
        return self.register.settled_situation(connection, incoming, silence=self._silence)

    def _committed(self, handled: Handled) -> Handled:
        if not handled.repeated:
            self._wake()
        return handled

    def _today(self, at: datetime) -> date:
        return at.astimezone(self.office.zone).date()

    def _rules(self, at: datetime) -> Rules:
        office = self.office
        local = at.astimezone(office.zone)
        at_work = self.calendar.is_working(local.date()) and any(
            opening.opens <= local.time() < opening.closes
            for opening in office.hours_on(local.date())
        )
        staff_due = due_at(
            at,
            days=self._staff_days,
            calendar=self.calendar,
            closing=office.closing_time,
            zone=office.zone,
        )
        guides = in_force(self.shelf.today.values(), on=local.date())
        return Rules(
            guides={guide.id: guide for guide in guides},
            staff_due_at=staff_due,
            silence=self._silence,
            after_hours=not at_work,
        )


def _checked(text: str) -> Masked:
    """The text that may be kept; raises TextTooLongError.

    Half a character (a lone surrogate) and NUL, which no database keeps, become question marks.
    """
    if len(text) > LONGEST_TEXT:
        raise TextTooLongError
    return mask(text.encode("utf-8", "replace").decode().replace("\0", "?"))
