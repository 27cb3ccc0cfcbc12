"""Limits: how large a request may be, and how many a client may send in a minute."""

from collections import OrderedDict
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.web.sentences import TOO_LARGE

LARGEST_BODY = 64 * 1024
LARGEST_UPDATE = 1024 * 1024
"""Telegram's updates may quote long messages with all their formatting."""
_UPDATES = "/telegram/webhook"


class TooManyRequestsError(Exception):
    """A client sent too much; ``retry_after`` is the number of seconds until it may go on."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Limiter:
    """Lets each client through ``per_minute`` times a minute, in bursts of at most as many.

    Holds ``most_clients`` buckets; whoever was quiet longest is forgotten first, which can only
    let a client through, never hold it back.
    """

    def __init__(self, per_minute: int, *, most_clients: int = 20_000) -> None:
        self._per_second = per_minute / 60
        self._burst = float(per_minute)
        self._most = most_clients
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def pass_through(self, client: str, *, now: float) -> None:
        """Count one request at ``now`` (seconds on any clock); raises TooManyRequestsError."""
        bucket = self._buckets.pop(client, None) or _Bucket(self._burst, now)
        gained = max(0.0, now - bucket.filled_at) * self._per_second
        bucket.tokens = min(self._burst, bucket.tokens + gained)
        bucket.filled_at = max(now, bucket.filled_at)
        self._buckets[client] = bucket
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            raise TooManyRequestsError(int((1 - bucket.tokens) / self._per_second) + 1)
        bucket.tokens -= 1


class BodyLimit:
    """Middleware that refuses a body larger than it may be, announced or not, with 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = LARGEST_UPDATE if scope["path"] == _UPDATES else LARGEST_BODY
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > largest:
            await _refuse(scope, receive, send)
            return
        size = 0
        refused = False

        async def counted() -> Message:
            nonlocal size, refused
            message = await receive()
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                if size > largest:
                    refused = True
                    raise _TooLargeError
            return message

        async def send_unless_refused(message: Message) -> None:
            # Whatever the application makes of its broken body, the answer is ours.
            if not refused:
                await send(message)

        try:
            await self._app(scope, counted, send_unless_refused)
        except _TooLargeError:
            pass
        finally:
            if refused:
                await _refuse(scope, receive, send)


class _TooLargeError(Exception):
    """The body passed the limit while it was read."""


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    response = JSONResponse(
        {"detail": TOO_LARGE}, status_code=413, headers={"Connection": "close"}
    )
    await response(scope, receive, send)
