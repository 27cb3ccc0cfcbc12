"""Intake: updates from Telegram, each confirmed only once what came of it is durable.

aiogram's own polling confirms updates that no handler has stored; hence a loop of ours. It asks
for raw updates, so that one which aiogram cannot read holds up no other.
"""

import asyncio
import json
import secrets
import traceback
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, SetWebhook, TelegramMethod
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError

from bot.desk.channels import DeliveryError
from bot.desk.keys import Keys
from bot.store import dead_letters
from bot.store.database import Database
from bot.store.errors import StoreUnavailableError
from handlers.telegram.inquiries import CHANNEL
from handlers.telegram.sending import REQUEST_SECONDS, in_words

POLL_SECONDS = 25
MOST_FAILURES = 3
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
FINISH_SECONDS = 8.0
"""How long running handlers have when the service stops."""
REMEMBERED = 2_000
"""Updates whose redelivery is recognised without looking into the store: more than any batch."""

T = TypeVar("T")
Raw = dict[str, Any]

log = structlog.get_logger()


class TelegramSetupError(Exception):
    """Telegram refuses the token or the webhook's address; the message says so in a sentence."""


class RawUpdates(TelegramMethod[list[Raw]]):
    """getUpdates, with each update left as it came."""

    __returning__ = list[Raw]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class Intake:
    """Takes in updates by polling, or by webhook when it has an address for one.

    Nothing is confirmed to Telegram before its handler has returned; while the store is away
    everything waits there. An update that fails three times for another reason becomes a dead
    letter; ``lost`` is then told of it, and may tell people.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        *,
        database: Database,
        keys: Keys,
        clock: Callable[[], datetime],
        webhook_url: str | None = None,
        lost: Callable[[Raw], Awaitable[None]] | None = None,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._database = database
        self._keys = keys
        self._clock = clock
        self._webhook_url = webhook_url
        self._secret = keys.hash("webhook", bot.token).hex()
        self._lost = lost
        self._first_wait = first_wait
        self._used = sorted(dispatcher.resolve_used_update_types())
        # One past the last durable update that Telegram was not yet told of. Once told it is
        # forgotten: ids start anew, perhaps lower, after a week without updates.
        self._offset: int | None = None
        self._taken: dict[int, bytes] = {}
        self._failures: dict[int, int] = {}

    async def run(self) -> None:
        """Take in updates until cancelled; running handlers are finished first, for 8 seconds.

        Raises TelegramSetupError; every other trouble is waited out.
        """
        if self._webhook_url is None:
            await self._insist(DeleteWebhook(drop_pending_updates=False))
            await self._poll()
        await self._insist(
            SetWebhook(
                url=self._webhook_url or "",
                secret_token=self._secret,
                allowed_updates=self._used,
                drop_pending_updates=False,
            )
        )
        log.info("telegram_webhook_set")
        await asyncio.Event().wait()

    async def handle_webhook(self, body: bytes, secret_header: str | None) -> int:
        """The HTTP status for what came to the webhook.

        200: durable, or given up as a dead letter. 403: not from Telegram. 400: no update at
        all. 503: the store is away. 500: the handler failed. Telegram delivers it again after
        the last two.
        """
        if not secrets.compare_digest((secret_header or "").encode(), self._secret.encode()):
            return 403
        try:
            raw = json.loads(body)
            number = raw["update_id"]
        except (ValueError, TypeError, KeyError):
            return 400
        try:
            return 200 if await self._take(raw) else 500
        except StoreUnavailableError as error:
            log.warning("intake_store_unavailable", update=number, problem=str(error))
            return 503

    async def _poll(self) -> None:
        wait = self._first_wait
        poll = partial(RawUpdates, timeout=POLL_SECONDS, allowed_updates=self._used)
        log.info("telegram_polling")
        try:
            while True:
                batch = await self._insist(
                    poll(offset=self._offset), seconds=POLL_SECONDS + REQUEST_SECONDS
                )
                self._offset = None
                if await self._work_off(batch):
                    wait = self._first_wait
                else:
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, LONGEST_WAIT)
        finally:
            await self._confirm()

    async def _confirm(self) -> None:
        """Tell Telegram what is durable, before leaving."""
        if self._offset is None:
            return
        with suppress(AiogramError):
            await self._bot(RawUpdates(offset=self._offset, limit=1), request_timeout=3)
            self._offset = None

    async def _work_off(self, batch: Sequence[Raw]) -> bool:
        """Take in a batch, chats side by side; False if some of it must be taken in again."""
        batch = sorted(batch, key=itemgetter("update_id"))
        lanes: dict[Hashable, list[Raw]] = {}
        for raw in batch:
            lanes.setdefault(lane(raw), []).append(raw)
        work = asyncio.gather(*[self._take_in_order(updates) for updates in lanes.values()])
        try:
            return all(await asyncio.shield(work))
        except asyncio.CancelledError:
            await asyncio.wait([work], timeout=FINISH_SECONDS)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise
        finally:
            for raw in batch:
                if self._taken.get(raw["update_id"]) != self._digest(raw):
                    break
                self._offset = raw["update_id"] + 1

    async def _take_in_order(self, updates: Sequence[Raw]) -> bool:
        """Take in one chat's updates up to the first that fails; whether none did."""
        for raw in updates:
            try:
                if not await self._take(raw):
                    return False
            except StoreUnavailableError as error:
                log.warning(
                    "intake_store_unavailable", update=raw["update_id"], problem=str(error)
                )
                return False
        return True

    async def _take(self, raw: Raw) -> bool:
        """Take in an update; False if its handler failed and it may be tried again.

        Raises StoreUnavailableError.
        """
        number, digest = int(raw["update_id"]), self._digest(raw)
        if self._taken.get(number) == digest:
            return True
        try:
            await self._feed(raw)
        except StoreUnavailableError:
            raise
        except Exception as error:
            failures = self._failures.get(number, 0) + 1
            self._failures[number] = failures
            where = _where(error)
            log.error("update_failed", update=number, problem=where, failures=failures)
            if failures < MOST_FAILURES:
                if isinstance(error, DeliveryError) and error.retry_after is not None:
                    await asyncio.sleep(min(error.retry_after, LONGEST_WAIT))
                return False
            await self._bury(raw, digest=digest, problem=where)
        self._failures.pop(number, None)
        self._taken[number] = digest
        while len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]
        return True

    async def _feed(self, raw: Raw) -> None:
        update = Update.model_validate(raw, context={"bot": self._bot})
        try:
            kind = update.event_type
        except UpdateTypeLookupError:
            log.info("update_of_unknown_kind", update=update.update_id)
            return
        if kind in self._used:
            await self._dispatcher.feed_update(self._bot, update, now=self._clock())

    async def _bury(self, raw: Raw, *, digest: bytes, problem: str) -> None:
        """Keep that the update was given up, then tell whoever is concerned."""
        number = raw["update_id"]
        await self._database.write(
            partial(
                dead_letters.keep,
                channel=CHANNEL,
                external_id=self._keys.hash("external", f"{CHANNEL}\0update:{number}"),
                digest=digest,
                problem=problem,
                at=self._clock(),
            )
        )
        log.error("update_given_up", update=number, problem=problem)
        if self._lost is not None:
            try:
                await self._lost(raw)
            except (AiogramError, DeliveryError) as error:
                log.warning("loss_not_told", problem=type(error).__name__)

    def _digest(self, raw: Raw) -> bytes:
        return self._keys.hash("update", json.dumps(raw, ensure_ascii=False, sort_keys=True))

    async def _insist(self, method: TelegramMethod[T], *, seconds: float = REQUEST_SECONDS) -> T:
        """Telegram's answer, however long it takes until there is one.

        Raises TelegramSetupError where asking again would not help.
        """
        wait, troubled = self._first_wait, False
        while True:
            try:
                answer = await self._bot(method, request_timeout=int(seconds))
            except TelegramUnauthorizedError as error:
                raise TelegramSetupError(
                    "Telegram 不认这个令牌，请核对 ZIXUN_BOT_TOKEN（网页照常服务）"
                ) from error
            except TelegramBadRequest as error:
                if isinstance(method, SetWebhook):
                    raise TelegramSetupError(
                        f"Telegram 不接受 ZIXUN_WEBHOOK_URL：{in_words(error, self._bot)}"
                    ) from error
                problem, pause = in_words(error, self._bot), wait
            except TelegramRetryAfter as error:
                problem, pause = in_words(error, self._bot), float(error.retry_after)
            except AiogramError as error:
                problem, pause = in_words(error, self._bot), wait
            else:
                if troubled:
                    log.info("telegram_answers_again")
                return answer
            troubled = True
            log.warning(
                "telegram_away", method=method.__api_method__, problem=problem, seconds=pause
            )
            await asyncio.sleep(pause)
            wait = min(wait * 2, LONGEST_WAIT)


def lane(raw: Mapping[str, Any]) -> Hashable:
    """What must be taken in order: the updates of one chat; others stand for themselves."""
    for kind, content in raw.items():
        if kind == "update_id" or not isinstance(content, dict):
            continue
        chat = (content.get("message") or content).get("chat") or content.get("from")
        if isinstance(chat, dict) and "id" in chat:
            return ("chat", chat["id"])
    return ("update", raw["update_id"])


def _where(error: Exception) -> str:
    """The error's kind and place. Its message may quote what the citizen wrote, so it is left."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {place}"
