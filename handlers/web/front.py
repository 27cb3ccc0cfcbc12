"""The front: everything that the web's handlers work with, handed to each by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request

from bot.desk.access import Claim
from bot.desk.desk import Desk
from bot.desk.inquiries import Inquiry
from bot.service import Service
from handlers.replies import Speaker
from handlers.web.limits import Limiter
from handlers.web.live import Watch
from handlers.web.meters import Meters
from handlers.web.sessions import asker_name, session_in_cookie

CHANNEL = "web"

Webhook = Callable[[bytes, str | None], Awaitable[int]]
"""Takes in the body of a Telegram update and the secret it came with; gives the HTTP status."""


@dataclass(frozen=True, slots=True)
class Front:
    """One application's parts; nothing here outlives it."""

    service: Service
    speaker: Speaker
    meters: Meters
    watch: Watch
    of_session: Limiter
    of_address: Limiter
    telegram_webhook: Webhook | None

    @property
    def desk(self) -> Desk:
        """The desk of the service."""
        return self.service.desk

    def now(self) -> datetime:
        """The present moment."""
        return self.service.clock()

    def today(self) -> date:
        """Today at the office."""
        return self.local(self.now()).date()

    def local(self, moment: datetime) -> datetime:
        """The moment as the office's clocks show it."""
        return moment.astimezone(self.service.office.zone)

    def asker(self, session: str) -> bytes:
        """The keyed hash under which that session's asker is kept."""
        return self.desk.register.asker(CHANNEL, asker_name(session, self.service.keys))

    def claim(self, request: Request, *, code: str | None) -> Claim:
        """By what right this request asks: its cookie's, or the code's."""
        session = session_in_cookie(request, self.service.keys)
        return Claim(asker=None if session is None else self.asker(session), code=code)

    def inquiry(self, text: str, *, external_id: str, session: str) -> Inquiry:
        """What came in by the web just now."""
        return Inquiry(
            channel=CHANNEL,
            external_id=external_id,
            asker=asker_name(session, self.service.keys),
            # PostgreSQL cannot keep a NUL, and nobody can read one.
            text=text.replace("\0", ""),
            received_at=self.now(),
        )

    def count(self, request: Request, *, session: str | None) -> None:
        """Count a request; raises TooManyRequestsError."""
        seconds = self.now().timestamp()
        address = address_of(request)
        self.of_address.pass_through(address, now=seconds)
        if session is not None:
            self.of_session.pass_through(f"{address} {session}", now=seconds)


def address_of(request: Request) -> str:
    """The network address that the request came from."""
    return request.client.host if request.client else "?"


def front_of(request: Request) -> Front:
    """The front of the application that this request came to."""
    front = request.app.state.front
    assert isinstance(front, Front)  # noqa: S101 - build_application put it there
    return front


TheFront = Annotated[Front, Depends(front_of)]
