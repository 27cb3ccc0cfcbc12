"""The service without its handlers: the store, the desk and all that they need, opened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot.desk.calendar import WorkingCalendar, load_calendar
from bot.desk.channels import Channel, registry
from bot.desk.desk import Desk
from bot.desk.keys import Keys, SecretKeyError, load_or_make_secret
from bot.desk.register import Register
from bot.desk.shelf import Shelf
from bot.desk.staffing import Staffing
from bot.jobs.encoder import CachedEncoder, open_encoder, vectors_folder
from bot.settings import Settings
from bot.store.database import Database, parse_url, sqlite_path
from bot.store.errors import StoreUnavailableError
from bot.store.migrate import migrate
from knowledge.encoder import EncoderError
from knowledge.guides import Guide, load_guides
from knowledge.office import Office, load_office
from knowledge.understanding import Reader

log = structlog.get_logger()

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """All that handlers work with; ``doorbell`` rings when a reply was put in the outbox.

    ``encoder`` is None where it cannot be had. The reader asks it from the start if every guide's
    vectors are kept; ``learn`` makes those that are missing.
    """

    settings: Settings
    database: Database
    office: Office
    calendar: WorkingCalendar
    keys: Keys
    reader: Reader
    encoder: CachedEncoder | None
    shelf: Shelf
    desk: Desk
    staffing: Staffing
    channels: Mapping[str, Channel]
    doorbell: asyncio.Event
    clock: Clock

    async def learn(self) -> None:
        """Have the encoder read the guides that it has not read yet: up to minutes, elsewhere."""
        if self.encoder is None or self.reader.has_learnt:
            return
        try:
            await asyncio.to_thread(
                self.reader.learn, self.encoder, guides=self.encoder.for_guides
            )
        except EncoderError as error:
            log.info("encoder_off", reason=str(error))


@asynccontextmanager
async def open_service(
    settings: Settings, *, connected: Iterable[Channel] = (), clock: Clock = utc_now
) -> AsyncIterator[Service]:
    """The service, with the database brought up to date first; closed at the end of the block.

    ``connected`` are the channels that can send here. Raises OfficeError, GuideError,
    CalendarError, SecretKeyError and StoreError, each one sentence for a person.
    """
    office = await asyncio.to_thread(load_office, settings.office)
    calendar = load_calendar()
    parse_url(settings.database_url)
    keys = Keys(_secret(settings))
    # The guides are read and indexed while the database is opened: both take their time.
    reading = asyncio.create_task(asyncio.to_thread(_read_guides, settings))
    try:
        await migrate(settings.database_url)
    except BaseException:
        reading.cancel()
        raise
    guides, reader, encoder = await reading
    database = Database(settings.database_url)
    shelf = Shelf(guides)
    channels = registry(connected)
    doorbell = asyncio.Event()
    desk = Desk(
        database,
        reader=reader,
        shelf=shelf,
        office=office,
        calendar=calendar,
        keys=keys,
        channels=channels,
        wake=doorbell.set,
    )
    staffing = Staffing(database, register=desk.register, keys=keys, wake=doorbell.set)
    try:
        await shelf.sync(database, now=clock())
        yield Service(
            settings=settings,
            database=database,
            office=office,
            calendar=calendar,
            keys=keys,
            reader=reader,
            encoder=encoder,
            shelf=shelf,
            desk=desk,
            staffing=staffing,
            channels=channels,
            doorbell=doorbell,
            clock=clock,
        )
    finally:
        desk.close()
        if encoder is not None:
            await asyncio.to_thread(encoder.close)
        await database.close()


@asynccontextmanager
async def open_staffing(settings: Settings) -> AsyncIterator[Staffing]:
    """The staff's side alone, for commands that answer nothing: no guide is read.

    Raises OfficeError, SecretKeyError and StoreError.
    """
    office = load_office(settings.office)
    parse_url(settings.database_url)
    keys = Keys(_secret(settings))
    await migrate(settings.database_url)
    database = Database(settings.database_url)
    register = Register(keys, channels=registry(), zone=office.zone)
    try:
        yield Staffing(database, register=register, keys=keys)
    finally:
        await database.close()


def _secret(settings: Settings) -> str:
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = sqlite_path(parse_url(settings.database_url))
    if path is not None and path.exists() and not settings.secret_file.exists():
        # A new key would make every receipt's code, contact and staff account wrong, silently.
        raise SecretKeyError(
            f"数据库 {path} 还在，密钥文件 {settings.secret_file} 不见了；"
            "请放回备份的密钥，或用 ZIXUN_SECRET_KEY 给出"
        )
    try:
        return load_or_make_secret(settings.secret_file)
    except OSError as error:
        raise StoreUnavailableError(
            f"写不了密钥文件 {settings.secret_file}：{error.strerror}"
        ) from error


def _read_guides(
    settings: Settings,
) -> tuple[tuple[Guide, ...], Reader, CachedEncoder | None]:
    guides = load_guides()
    reader = Reader(guides)
    encoder = open_encoder(settings.encoder, folder=vectors_folder(settings.database_url))
    if encoder is not None:
        # Where a guide's vectors are still to be made, this start answers by words alone.
        with suppress(EncoderError):
            reader.learn(encoder, guides=encoder.only_kept)
    return guides, reader, encoder
