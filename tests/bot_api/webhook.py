"""Handing updates to a bot's webhook until it says 2xx."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

import aiohttp

from .records import Delivery, Json
from .updates import UpdateQueue, announce, lane

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_DELAY = 60


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What setWebhook was told."""

    url: str
    secret_token: str
    max_connections: int


def _method_call(text: str) -> Json:
    """The method that a webhook's answer calls, with its parameters, or nothing.

    Methods that get something and the webhook's own are not obeyed there. Source: Bot API,
    "Making requests when getting updates".
    """
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    method = str(answer.get("method", "")).lower() if isinstance(answer, dict) else ""
    if method.startswith("get") or method in {"", "setwebhook", "deletewebhook"}:
        return {}
    return dict(answer)


class Webhook:
    """One set webhook: lanes are served side by side, at most ``max_connections`` at a time.

    A failed update is tried again at once, then after 2, 4, 8 … of Telegram's seconds, or after
    as many as the answer's Retry-After says; ``second`` is how long such a second lasts here.
    Nothing else of its lane is sent before it is taken.
    """

    def __init__(
        self,
        settings: WebhookSettings,
        queue: UpdateQueue,
        *,
        second: float,
        changed: asyncio.Condition,
        deliveries: list[Delivery],
        perform: Callable[[Json], Awaitable[None]],
    ) -> None:
        self.settings = settings
        self.last_error_date = 0
        self.last_error_message = ""
        self._queue = queue
        self._second = second
        self._changed = changed
        self._deliveries = deliveries
        self._perform = perform
        self._busy: set[Hashable] = set()
        self._connections = asyncio.Semaphore(settings.max_connections)

    async def run(self) -> None:
        """Deliver until cancelled; what was not taken stays in the queue."""
        session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=60), cookie_jar=aiohttp.DummyCookieJar()
        )
        async with session, asyncio.TaskGroup() as lanes:
            while True:
                async with self._changed:
                    await self._changed.wait_for(self._next)
                    while (update := self._next()) is not None:
                        self._busy.add(lane(update))
                        lanes.create_task(self._deliver(session, update))

    def _next(self) -> Json | None:
        """The oldest update whose lane is free."""
        free = (u for u in self._queue.waiting() if lane(u) not in self._busy)
        return next(free, None)

    async def _deliver(self, session: aiohttp.ClientSession, update: Json) -> None:
        failures = 0
        while True:
            async with self._connections:
                delivery, retry_after, answer = await self._post(session, update)
            self._deliveries.append(delivery)
            if not delivery.error:
                break
            self.last_error_date = int(time.time())
            self.last_error_message = delivery.error
            await announce(self._changed)
            delay = retry_after or (min(2**failures, LONGEST_DELAY) if failures else 0)
            failures += 1
            await asyncio.sleep(delay * self._second)
        self._queue.confirm(update)
        self._busy.discard(lane(update))
        await announce(self._changed)
        if answer.get("method"):
            await self._perform(answer)

    async def _post(
        self, session: aiohttp.ClientSession, update: Json
    ) -> tuple[Delivery, int, Json]:
        """One attempt: what came of it, its Retry-After, and the method called in its answer."""
        number = update["update_id"]
        secret = self.settings.secret_token
        headers = {SECRET_HEADER: secret} if secret else {}
        try:
            async with session.post(
                self.settings.url, json=update, headers=headers, allow_redirects=False
            ) as response:
                text = await response.text()
                status, reason = response.status, response.reason or ""
                retry_after = response.headers.get("Retry-After", "")
                is_json = response.content_type == "application/json"
        except (aiohttp.ClientError, TimeoutError) as error:
            return Delivery(number, None, f"Connection failed: {error!r}"), 0, {}
        if not 200 <= status <= 299:
            problem = f"Wrong response from the webhook: {status} {reason}"
            wait = int(retry_after) if retry_after.isdecimal() else 0
            return Delivery(number, status, problem), wait, {}
        return Delivery(number, status, ""), 0, _method_call(text) if is_json else {}
