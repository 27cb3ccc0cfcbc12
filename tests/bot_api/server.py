"""The HTTP side: requests to ``/bot<token>/<method>``, long polling, webhooks, waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from aiogram.methods import DeleteWebhook, GetUpdates, GetWebhookInfo, SetWebhook
from aiohttp import web

from .chats import Group, Person
from .faults import Fault, Faults
from .intake import Intake
from .methods import ANSWERS, LARGEST_UPLOAD
from .people import People
from .records import AnsweredCallback, Call, Delivery, Json, Refusal, Sent
from .rules import ApiError, checked, read_call, too_many_requests
from .telegram import Telegram
from .updates import UpdateQueue, announce

TOKEN = "42:TEST"


def _error_response(error: ApiError) -> web.Response:
    headers = {}
    if error.parameters and "retry_after" in error.parameters:
        headers["Retry-After"] = str(error.parameters["retry_after"])
    return web.json_response(error.body(), status=error.code, headers=headers)


def _trouble(request: web.Request, fault: Fault) -> web.Response:
    """The faulty answer, or none: a broken connection."""
    if fault.error is None:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if fault.page:
        text = f"<html><h1>{fault.error.code}</h1></html>"
        return web.Response(status=fault.error.code, text=text, content_type="text/html")
    return _error_response(fault.error)


class BotApi(People):
    """A running Bot API server for one bot, and the people around it.

    ``calls`` is every request that reached it, ``refusals`` those that broke a rule,
    ``deliveries`` the attempts on the webhook; ``sent``, ``edited``, ``deleted``,
    ``answered_callbacks``, ``chat_actions`` and ``commands`` what the bot did.
    """

    def __init__(
        self,
        token: str,
        *,
        username: str = "zixun_test_bot",
        reads_all_group_messages: bool = False,
        first_update_id: int = 700_000_001,
        poll_second: float = 1.0,
        webhook_second: float = 0.02,
    ) -> None:
        bot_id = int(token.partition(":")[0])
        bot = {"id": bot_id, "is_bot": True, "first_name": "Zixun", "username": username}
        telegram = Telegram(bot, reads_all_group_messages=reads_all_group_messages)
        super().__init__(telegram, UpdateQueue(first_update_id))
        self.token = token
        self.base_url = ""
        self.calls: list[Call] = []
        self.refusals: list[Refusal] = []
        self._faults = Faults()
        self._stuck: frozenset[str] = frozenset()
        self._intake = Intake(
            self.queue,
            changed=self._changed,
            poll_second=poll_second,
            webhook_second=webhook_second,
            perform=self._perform_answer,
        )
        self._crashes: list[Exception] = []
        self._read: dict[int, int] = {}  # chat → how many messages next_sent has given

    @classmethod
    @asynccontextmanager
    async def start(cls, token: str = TOKEN, **options: Any) -> AsyncIterator[Self]:
        """A server on a free port of 127.0.0.1 for as long as the block lasts.

        Options: ``username``; ``reads_all_group_messages`` (privacy mode off);
        ``first_update_id``; ``poll_second`` and ``webhook_second``, how long one of Telegram's
        seconds lasts here in a long poll's timeout and in a webhook's retries.

        Raises ExceptionGroup at the end if a request failed by a fault of this server's own.
        """
        api = cls(token, **options)
        app = web.Application(client_max_size=LARGEST_UPLOAD + 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", api._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        api.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield api
        finally:
            api._stuck = frozenset()
            await api._intake.close()
            await runner.cleanup()
        if api._crashes:
            raise ExceptionGroup("the Bot API server itself failed", api._crashes)

    # What the bot did

    @property
    def sent(self) -> list[Sent]:
        return self.telegram.sent

    @property
    def edited(self) -> list[Sent]:
        return self.telegram.edited

    @property
    def deleted(self) -> list[tuple[int, int]]:
        return self.telegram.deleted

    @property
    def answered_callbacks(self) -> list[AnsweredCallback]:
        return self.telegram.answered_callbacks

    @property
    def chat_actions(self) -> list[tuple[int, str]]:
        return self.telegram.chat_actions

    @property
    def commands(self) -> dict[tuple[str, str], list[Json]]:
        return self.telegram.commands

    @property
    def deliveries(self) -> list[Delivery]:
        return self._intake.deliveries

    @property
    def updates(self) -> list[Json]:
        """Every update there ever was, oldest first."""
        return self.queue.updates

    @property
    def pending(self) -> list[Json]:
        """The updates that the bot has not confirmed."""
        return self.queue.pending

    @property
    def confirmed_offset(self) -> int:
        """One past the highest update id that the bot has confirmed, 0 if there is none."""
        return self.queue.confirmed_offset

    def sent_to(self, chat: Person | Group) -> list[Sent]:
        """What the bot sent to one chat, oldest first."""
        return [sent for sent in self.sent if sent.chat == chat.id]

    # Waiting

    async def wait_until(
        self, happened: Callable[[], bool], what: str, *, within: float = 5.0
    ) -> None:
        """Return as soon as something is so; TimeoutError, telling what is, if it never is.

        Looked at after every request and every act of a person, so ``happened`` may ask about
        anything that this server keeps.
        """
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(happened)
        except TimeoutError:
            sent = [(one.method, one.chat, one.text[:40]) for one in self.sent[-5:]]
            last = [call.method for call in self.calls[-8:]]
            raise TimeoutError(
                f"{what}: not within {within} s; last sent {sent}; last calls {last}; "
                f"refusals {self.refusals[-3:]}; {len(self.pending)} updates pending"
            ) from None

    async def wait_for_sent(
        self, count: int = 1, *, chat: Person | Group | None = None, within: float = 5.0
    ) -> list[Sent]:
        """All that was sent (to a chat), once there are at least ``count``."""

        def found() -> list[Sent]:
            return list(self.sent) if chat is None else self.sent_to(chat)

        what = f"{count} messages" + (f" to {chat.id}" if chat else "")
        await self.wait_until(lambda: len(found()) >= count, what, within=within)
        return found()

    async def next_sent(self, chat: Person | Group, *, within: float = 5.0) -> Sent:
        """The oldest message to a chat that this method has not given yet."""
        read = self._read.get(chat.id, 0)
        found = await self.wait_for_sent(read + 1, chat=chat, within=within)
        self._read[chat.id] = read + 1
        return found[read]

    async def wait_for_edited(self, count: int = 1, *, within: float = 5.0) -> list[Sent]:
        """All edits, once there are at least ``count``."""
        await self.wait_until(lambda: len(self.edited) >= count, f"{count} edits", within=within)
        return list(self.edited)

    async def wait_for_call(
        self, method: str, count: int = 1, *, within: float = 5.0
    ) -> list[Call]:
        """All requests of one method, once there are at least ``count``."""

        def found() -> list[Call]:
            return [call for call in self.calls if call.method.lower() == method.lower()]

        await self.wait_until(
            lambda: len(found()) >= count, f"{count} calls of {method}", within=within
        )
        return found()

    async def wait_for_confirmed(self, *, within: float = 5.0) -> None:
        """Return once the bot has confirmed every update."""
        await self.wait_until(lambda: not self.pending, "all updates confirmed", within=within)

    async def wait_for_answered(
        self, callback_id: str, *, within: float = 5.0
    ) -> AnsweredCallback:
        """The bot's answer to one tap."""

        def found() -> list[AnsweredCallback]:
            return [one for one in self.answered_callbacks if one.callback_id == callback_id]

        await self.wait_until(lambda: bool(found()), f"tap {callback_id} answered", within=within)
        return found()[0]

    async def wait_for_delivery(self, count: int = 1, *, within: float = 5.0) -> list[Delivery]:
        """All attempts on the webhook, once there are at least ``count``."""
        await self.wait_until(
            lambda: len(self.deliveries) >= count, f"{count} webhook deliveries", within=within
        )
        return list(self.deliveries)

    # Troubles

    def too_many_requests(
        self, next_n: int = 1, *, retry_after: int = 1, methods: Sequence[str] = ()
    ) -> None:
        """429 for the next requests: of these methods, or of all but getUpdates."""
        self._faults.order(next_n, methods, error=too_many_requests(retry_after))

    def fail_next(
        self,
        next_n: int = 1,
        *,
        status: int = 502,
        page: bool = False,
        methods: Sequence[str] = (),
    ) -> None:
        """An error and no work done for the next requests; an HTML page instead if ``page``."""
        self._faults.order(next_n, methods, error=ApiError(status), page=page)

    def lose_requests(self, next_n: int = 1, *, methods: Sequence[str] = ()) -> None:
        """The connection breaks before the next requests are worked on."""
        self._faults.order(next_n, methods, breaks="before")

    def lose_answers(self, next_n: int = 1, *, methods: Sequence[str] = ()) -> None:
        """The next requests are worked on, and then the connection breaks without an answer."""
        self._faults.order(next_n, methods, breaks="after")

    @asynccontextmanager
    async def stuck(self, *methods: str) -> AsyncIterator[None]:
        """Requests of these methods are not worked on inside the block, but wait for its end.

        They are in ``calls`` at once. One whose bot has gone away by then is never worked on.
        """
        before, self._stuck = self._stuck, self._stuck.union(name.lower() for name in methods)
        try:
            yield
        finally:
            self._stuck = before
            await announce(self._changed)

    def end_troubles(self) -> None:
        """None of the troubles ordered so far happens any more."""
        self._faults.clear()

    # Requests

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        token, _, name = request.path.removeprefix("/bot").partition("/")
        try:
            if not request.path.startswith("/bot") or not name:
                raise ApiError(404)
            if token != self.token:
                raise ApiError(401)
            call = await read_call(request, name)
        except ApiError as error:
            return await self._refuse(name, error)
        self.calls.append(call)
        fault = self._faults.take(name)
        await announce(self._changed)
        async with self._changed:
            await self._changed.wait_for(lambda: name.lower() not in self._stuck)
        if request.transport is None or request.transport.is_closing():
            return web.Response()
        if fault is not None and fault.breaks != "after":
            return _trouble(request, fault)
        try:
            result, description = await self._perform(call)
        except ApiError as error:
            return await self._refuse(name, error)
        except Exception as error:
            self._crashes.append(error)
            return _error_response(ApiError(500))
        await announce(self._changed)
        if fault is not None:
            return _trouble(request, fault)
        body: Json = {"ok": True, "result": result}
        return web.json_response(body | ({"description": description} if description else {}))

    async def _refuse(self, method: str, error: ApiError) -> web.Response:
        self.refusals.append(Refusal(method, error.code, error.description))
        await announce(self._changed)
        return _error_response(error)

    async def _perform(self, call: Call) -> tuple[Any, str]:
        """A method's result and the description that some results carry."""
        match call.method.lower():
            case "getupdates":
                return await self._intake.get_updates(checked(GetUpdates, call.fields)), ""
            case "setwebhook":
                return True, await self._intake.set_webhook(checked(SetWebhook, call.fields))
            case "deletewebhook":
                return True, await self._intake.delete_webhook(checked(DeleteWebhook, call.fields))
            case "getwebhookinfo":
                checked(GetWebhookInfo, call.fields)
                return self._intake.webhook_info(), ""
            case name if name in ANSWERS:
                kind, answer = ANSWERS[name]
                return answer(self.telegram, checked(kind, call.fields), call.files), ""
        raise ApiError(404, "method not found")

    async def _perform_answer(self, answer: Json) -> None:
        """Do what a webhook's answer calls; the bot never learns what came of it."""
        name = str(answer["method"])
        fields = {key: value for key, value in answer.items() if key != "method"}
        call = Call(name, fields)
        self.calls.append(call)
        try:
            await self._perform(call)
        except ApiError as error:
            self.refusals.append(Refusal(name, error.code, error.description))
        await announce(self._changed)
