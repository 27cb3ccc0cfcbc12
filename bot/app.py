"""The wiring: one process that serves the web, Telegram and everything that runs by itself."""

import asyncio
import contextlib
import fcntl
import gc
import importlib
import signal
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from bot.desk.channels import Channel, DeliveryError, Parcel, Sender
from bot.jobs import timers
from bot.jobs.delivery import Delivery
from bot.logs import configure
from bot.service import Service, open_service
from bot.settings import Settings
from bot.store import outbox
from bot.store.database import parse_url, sqlite_path
from bot.store.errors import StoreError
from handlers.replies import Speaker
from handlers.terminal.welcome import welcome
from handlers.web.application import build_application

GRACEFUL_SECONDS = 10

log = structlog.get_logger()


class _Server(uvicorn.Server):
    """uvicorn's server under our signals: its own would end the process by the signal again.

    ``answering`` is set once requests are taken.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answering.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Telegram:
    """Telegram's place in the wiring: it joins after HTTP answers, since aiogram loads slowly."""

    def __init__(self) -> None:
        self.sender: Sender | None = None
        self.webhook: Any = None

    async def send(self, parcel: Parcel) -> str | None:
        """Send by Telegram, once it has joined."""
        if self.sender is None:
            raise DeliveryError("Telegram 还没有连上", retry_after=1)
        return await self.sender(parcel)

    async def take_webhook(self, body: bytes, secret: str | None) -> int:
        """Take in a webhook's update; 503 asks Telegram to come again."""
        if self.webhook is None:
            return 503
        return int(await self.webhook(body, secret))


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way and return.

    Raises StoreError, and the errors of ``open_service``, before anything was served.
    """
    configure()
    telegram = _Telegram() if settings.bot_token is not None else None
    connected = [] if telegram is None else [
        Channel("telegram", "Telegram", "telegram", sender=telegram.send)
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        stack.enter_context(_only_process(settings))
        service = await stack.enter_async_context(open_service(settings, connected=connected))
        speaker = Speaker(
            office=service.office,
            shelf=service.shelf,
            calendar=service.calendar,
            keys=service.keys,
        )
        door = stack.enter_context(_bound(settings))
        server = _server(service, speaker, telegram)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, partial(setattr, server, "should_exit", True))
        if service.database.is_sqlite:
            await service.database.write(outbox.free_leases)
        delivery = Delivery(
            service.database,
            channels=service.channels,
            keys=service.keys,
            clock=service.clock,
            undeliverable=partial(_note_undeliverable, service),
            doorbell=service.doorbell,
        )
        await stack.enter_async_context(_running(delivery.run(), "delivery"))
        await stack.enter_async_context(
            _running(timers.run(service.desk, clock=service.clock), "timers")
        )
        await stack.enter_async_context(_running(_learn(service, server), "vectors"))
        if telegram is not None:
            await stack.enter_async_context(
                _running(_join_telegram(service, speaker, telegram, server), "telegram")
            )
        port = door.getsockname()[1]
        await stack.enter_async_context(_running(_greet(service, server, port=port), "welcome"))
        await server.serve(sockets=[door])


def _server(service: Service, speaker: Speaker, telegram: _Telegram | None) -> _Server:
    settings = service.settings
    holder: list[_Server] = []
    application = build_application(
        service,
        speaker,
        telegram_webhook=None if telegram is None else telegram.take_webhook,
        should_exit=lambda: holder[0].should_exit,
    )
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    holder.append(_Server(config))
    return holder[0]


async def _learn(service: Service, server: _Server) -> None:
    """Have the encoder read the guides once questions are taken; they wait for none of it."""
    await server.answering.wait()
    await service.learn()


async def _greet(service: Service, server: _Server, *, port: int) -> None:
    """Say where the pages are, once they answer."""
    await server.answering.wait()
    # Whatever start-up made lives on: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    token = await service.staffing.first_sign_in_link(now=service.clock())
    welcome(host=service.settings.host, port=port, token=token, settings=service.settings)


async def _join_telegram(
    service: Service, speaker: Speaker, place: _Telegram, server: _Server
) -> None:
    """Load the Telegram channel once HTTP answers, and take in its updates."""
    await server.answering.wait()
    module = await asyncio.to_thread(importlib.import_module, "handlers.telegram.channel")
    async with module.open_telegram(service, speaker) as joined:
        place.sender, place.webhook = joined.send, joined.take_webhook
        service.doorbell.set()
        await joined.run()


async def _note_undeliverable(service: Service, outgoing: outbox.Outgoing, problem: str) -> None:
    await service.staffing.note_undeliverable(outgoing, problem, now=service.clock())


@contextlib.asynccontextmanager
async def _running(job: Any, name: str) -> Any:
    """A job that runs beside the block and is cancelled at its end."""

    async def guarded() -> None:
        try:
            await job
        except Exception:
            log.exception("job_failed", job=name)

    task = asyncio.create_task(guarded(), name=name)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _bound(settings: Settings) -> socket.socket:
    """The socket requests come by; bound before anything is served, so that it can be refused."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise StoreError(
            f"用不了 {settings.host}:{settings.port}（{error.strerror}）；"
            "请换一个 ZIXUN_HOST 或 ZIXUN_PORT"
        ) from error


@contextmanager
def _only_process(settings: Settings) -> Iterator[None]:
    """Hold the lock that keeps a second ``serve`` off the same SQLite file."""
    path = sqlite_path(parse_url(settings.database_url))
    if path is None:
        yield
        return
    lock = path.with_name(path.name + ".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("w")
    except OSError as error:
        raise StoreError(f"写不了数据文件夹 {Path(lock.parent)}：{error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"另一个 zixun serve 正在用 {path}；要开几个进程请用 PostgreSQL"
            ) from error
        yield
