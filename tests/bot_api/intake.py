"""How updates reach the bot: by getUpdates or by the webhook, never both."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiogram.methods import DeleteWebhook, GetUpdates, SetWebhook

from .records import Delivery, Json
from .rules import ApiError, bad_request, webhook_problem
from .updates import USUAL, UpdateQueue, announce
from .webhook import Webhook, WebhookSettings

LONGEST_POLL = 50
OTHER_POLL = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
SET_WEBHOOK = "terminated by setWebhook request"
WEBHOOK_IS_ACTIVE = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class Intake:
    """The one long poll that may wait, or the webhook that is set.

    ``poll_second`` and ``webhook_second`` are how long one of Telegram's seconds lasts here;
    ``perform`` does what a webhook's answer calls.
    """

    def __init__(
        self,
        queue: UpdateQueue,
        *,
        changed: asyncio.Condition,
        poll_second: float,
        webhook_second: float,
        perform: Callable[[Json], Awaitable[None]],
    ) -> None:
        self.deliveries: list[Delivery] = []
        self._queue = queue
        self._changed = changed
        self._poll_second = poll_second
        self._webhook_second = webhook_second
        self._perform = perform
        self._poll: object | None = None
        self._webhook: Webhook | None = None
        self._delivery: asyncio.Task[None] | None = None
        self._closing = False

    async def close(self) -> None:
        """End the poll that waits, with nothing, and the webhook."""
        self._closing = True
        await announce(self._changed)
        await self._stop_webhook()

    async def get_updates(self, method: GetUpdates) -> list[Json]:
        """The oldest updates, waiting for the first one as long as the bot asked to.

        Raises ApiError 409 while a webhook is set, and in a waiting poll when another one
        begins to wait or a webhook is set: the newer one wins.
        """
        if self._webhook is not None:
            raise ApiError(409, WEBHOOK_IS_ACTIVE)
        self._queue.allow(method.allowed_updates)
        offset = method.offset or 0
        limit = min(max(method.limit or 100, 1), 100)
        timeout = min(max(method.timeout or 0, 0), LONGEST_POLL)
        given = self._queue.take(offset, limit)
        if given or not timeout or self._closing:
            return given
        mine = self._poll = object()
        await announce(self._changed)  # an older poll sees that it is replaced
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout * self._poll_second), self._changed:
                await self._changed.wait_for(
                    lambda: self._poll is not mine or self._closing or bool(self._queue.waiting())
                )
        if self._poll is not mine:
            raise ApiError(409, OTHER_POLL if self._webhook is None else SET_WEBHOOK)
        self._poll = None
        # A negative offset was obeyed above; what has come since must not be forgotten by it.
        return self._queue.take(max(offset, 0), limit)

    async def set_webhook(self, method: SetWebhook) -> str:
        """Deliver to this URL from now on, or to none if it is empty; gives the description."""
        if not method.url:
            return await self.delete_webhook(DeleteWebhook())
        secret = method.secret_token or ""
        if problem := webhook_problem(method.url, secret):
            raise bad_request(problem)
        connections = min(max(method.max_connections or 40, 1), 100)
        settings = WebhookSettings(method.url, secret, connections)
        self._queue.allow(method.allowed_updates)
        if (
            self._webhook
            and self._webhook.settings == settings
            and not method.drop_pending_updates
        ):
            return "Webhook is already set"
        await self._stop_webhook()
        if method.drop_pending_updates:
            self._queue.clear()
        self._webhook = Webhook(
            settings,
            self._queue,
            second=self._webhook_second,
            changed=self._changed,
            deliveries=self.deliveries,
            perform=self._perform,
        )
        self._poll = None
        self._delivery = asyncio.create_task(self._webhook.run())
        return "Webhook was set"

    async def delete_webhook(self, method: DeleteWebhook) -> str:
        """Go back to getUpdates; gives the description."""
        was_set = self._webhook is not None
        await self._stop_webhook()
        if method.drop_pending_updates:
            self._queue.clear()
        return "Webhook was deleted" if was_set else "Webhook is already deleted"

    async def _stop_webhook(self) -> None:
        delivery, self._delivery, self._webhook = self._delivery, None, None
        if delivery is not None:
            delivery.cancel()
            await asyncio.wait([delivery])
            if not delivery.cancelled():
                delivery.result()  # it ended by a fault of this server, which must be seen

    def webhook_info(self) -> Json:
        """The WebhookInfo object."""
        info: Json = {
            "url": "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue.pending),
        }
        if self._queue.allowed != USUAL:
            info["allowed_updates"] = sorted(self._queue.allowed)
        if self._webhook is None:
            return info
        info["url"] = self._webhook.settings.url
        info["max_connections"] = self._webhook.settings.max_connections
        if self._webhook.last_error_date:
            info["last_error_date"] = self._webhook.last_error_date
            info["last_error_message"] = self._webhook.last_error_message
        return info
