"""Meters: what is counted and timed for those who watch the service (Prometheus)."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk.acts import Handled

_LIVE = "/live"


class Meters:
    """The counters of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._inquiries = Counter(
            "zixun_inquiries",
            "Inbound things that were written down, by channel and decision.",
            ("channel", "decision"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "zixun_request_seconds",
            "Time from a request to the end of its response, by route.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._pending = Gauge(
            "zixun_outbox_pending",
            "Replies that wait to be sent.",
            registry=self._registry,
        )

    def took_in(self, handled: Handled) -> None:
        """Count one inbound thing, unless it was only delivered again."""
        if not handled.repeated:
            decision = str(handled.event.facts.get("decision") or "none")
            self._inquiries.labels(handled.consultation.channel, decision).inc()

    def timed(self, seconds: float, *, route: str, method: str, status: int) -> None:
        """Note how long a request took."""
        self._seconds.labels(route, method, str(status)).observe(seconds)

    def exposition(self, *, pending: int) -> bytes:
        """Everything in Prometheus' text format, with the present length of the outbox."""
        self._pending.set(pending)
        return generate_latest(self._registry)


class Stopwatch:
    """Middleware that times every request under its route's pattern, never under its address.

    An address may hold a receipt number; a live page is open for hours and is not timed.
    """

    def __init__(self, app: ASGIApp, *, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and time it."""
        if scope["type"] != "http" or scope["path"] == _LIVE:
            await self._app(scope, receive, send)
            return
        status = 500
        began = perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            pattern = getattr(scope.get("route"), "path", None) or "unmatched"
            self._meters.timed(
                perf_counter() - began, route=pattern, method=scope["method"], status=status
            )
