"""The Telegram channel, put together and opened: intake and sending over one connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer

from bot.desk.channels import DeliveryError, Parcel, Sender
from bot.desk.desk import Desk
from bot.desk.staffing import Staffing
from bot.service import Service
from bot.settings import Settings
from handlers.replies import Speaker
from handlers.telegram import citizen, guides, mine, notices, staff, taps
from handlers.telegram.group import StaffGroup
from handlers.telegram.intake import Intake, TelegramSetupError
from handlers.telegram.sending import TelegramSender

FINISH_SENDING_SECONDS = 5.0
_WEBHOOK_PATH = "/telegram/webhook"

log = structlog.get_logger()


class Joined:
    """Telegram as the rest of the service sees it, while the channel is open."""

    def __init__(self, bot: Bot, *, sender: Sender, intake: Intake) -> None:
        self._bot = bot
        self._sender = sender
        self._intake = intake
        self._closing = False
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Take in updates until cancelled.

        When Telegram refuses the token or the webhook's address, one line of the log says so; the
        rest of the service goes on, and replies wait in the outbox.
        """
        try:
            await notices.announce_commands(self._bot)
            await self._intake.run()
        except TelegramSetupError as error:
            log.error("telegram_refused", problem=str(error))
            await asyncio.Event().wait()

    async def take_webhook(self, body: bytes, secret: str | None) -> int:
        """The HTTP status for an update that came to the webhook; see ``Intake``."""
        return await self._intake.handle_webhook(body, secret)

    async def send(self, parcel: Parcel) -> str | None:
        """Send one reply; see ``channels.Sender``. While closing, nothing new is begun."""
        if self._closing:
            raise DeliveryError("服务正在停止", retry_after=1)
        self._under_way += 1
        self._idle.clear()
        try:
            return await self._sender(parcel)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def close(self) -> None:
        """Let what is being sent arrive, then hang up."""
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SENDING_SECONDS):
                await self._idle.wait()
        await self._bot.session.close()


@asynccontextmanager
async def open_telegram(service: Service, speaker: Speaker) -> AsyncIterator[Joined]:
    """The channel for as long as the block lasts; nothing is asked of Telegram before ``run``."""
    settings = service.settings
    bot = build_bot(settings)
    group = StaffGroup(settings.staff_chat_id)
    public_url = public_url_of(settings)
    dispatcher = build_dispatcher(
        service.desk, service.staffing, speaker=speaker, group=group, public_url=public_url
    )
    intake = Intake(
        bot,
        dispatcher,
        database=service.database,
        keys=service.keys,
        clock=service.clock,
        webhook_url=settings.webhook_url,
        lost=partial(notices.tell_of_loss, bot=bot, speaker=speaker, group=group),
    )
    sender = TelegramSender(bot, speaker=speaker, group=group, public_url=public_url)
    joined = Joined(bot, sender=sender, intake=intake)
    try:
        yield joined
    finally:
        await joined.close()


def build_bot(settings: Settings) -> Bot:
    """A bot that talks to Telegram, or to the Bot API server that the settings name."""
    if settings.bot_token is None:
        raise ValueError("there is no token")
    api = settings.telegram_api
    server = PRODUCTION if api is None else TelegramAPIServer.from_base(api.rstrip("/"))
    return Bot(settings.bot_token.get_secret_value(), session=AiohttpSession(api=server))


def build_dispatcher(
    desk: Desk,
    staffing: Staffing,
    *,
    speaker: Speaker,
    group: StaffGroup,
    public_url: str | None,
) -> Dispatcher:
    """A dispatcher of its own; whoever feeds it an update also gives the time, ``now``.

    Without a ``public_url`` citizens who would rather not use Telegram are sent to the office's
    site.
    """
    dispatcher = Dispatcher(
        disable_fsm=True,
        desk=desk,
        staffing=staffing,
        speaker=speaker,
        web_page=public_url or speaker.office.site,
    )
    dispatcher.callback_query.outer_middleware(taps.AnswerFirst())
    # Commands before questions, and the buttons that nobody knows last.
    dispatcher.include_routers(
        guides.build_router(),
        mine.build_router(),
        citizen.build_router(),
        staff.build_router(group),
        taps.build_router(),
    )
    return dispatcher


def public_url_of(settings: Settings) -> str | None:
    """Where people reach the web side: as set, else as the webhook's address tells, else None."""
    if settings.public_url is not None:
        return settings.web_address
    if settings.webhook_url is None:
        return None
    return settings.webhook_url.removesuffix(_WEBHOOK_PATH).rstrip("/")
