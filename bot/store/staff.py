"""Who works here: the staff list, sign-in links, sessions, and replies being drafted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from bot.store.tables import drafts, sign_in_links, staff, staff_sessions


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the staff; ``telegram`` is the keyed hash of their Telegram user id."""

    id: int
    name: str
    role: str
    agency: str | None
    telegram: bytes | None
    disabled: bool
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that a member wrote and has not yet confirmed; ``settled`` is sent or dropped."""

    id: int
    consultation_id: int
    staff_id: int
    text: str
    written_at: datetime
    settled: str | None


def add(
    connection: Connection,
    *,
    name: str,
    role: str,
    at: datetime,
    agency: str | None = None,
    telegram: bytes | None = None,
) -> int:
    """Put someone on the staff list; the result is their id."""
    result = connection.execute(
        staff.insert().values(
            name=name, role=role, agency=agency, telegram=telegram, disabled=False, added_at=at
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def everyone(connection: Connection) -> list[Member]:
    """The staff list, in the order in which they were added."""
    return [
        Member(**row._mapping) for row in connection.execute(select(staff).order_by(staff.c.id))
    ]


def by_id(connection: Connection, staff_id: int) -> Member | None:
    """The member with that id, or None."""
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
    return None if row is None else Member(**row._mapping)


def by_telegram(connection: Connection, telegram: bytes) -> Member | None:
    """The member with that Telegram account, disabled or not, or None."""
    row = connection.execute(select(staff).where(staff.c.telegram == telegram)).one_or_none()
    return None if row is None else Member(**row._mapping)


def disable(connection: Connection, staff_id: int) -> None:
    """Let them do nothing any more; what they did stays theirs."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(disabled=True))


def administrators(connection: Connection) -> int:
    """How many administrators can act."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(staff)
            .where(staff.c.role == "administrator", staff.c.disabled.is_(False))
        ).scalar_one()
    )


def keep_link(
    connection: Connection, *, token: bytes, expires_at: datetime, staff_id: int | None = None
) -> None:
    """Keep the hash of a sign-in link's token; with no member it makes the first administrator."""
    connection.execute(
        sign_in_links.insert().values(token=token, staff_id=staff_id, expires_at=expires_at)
    )


def use_link(connection: Connection, *, token: bytes, now: datetime) -> tuple[bool, int | None]:
    """Use up a sign-in link: whether it was good, and whose (None: the first administrator)."""
    used = connection.execute(
        update(sign_in_links)
        .where(
            sign_in_links.c.token == token,
            sign_in_links.c.used_at.is_(None),
            sign_in_links.c.expires_at > now,
        )
        .values(used_at=now)
    )
    if used.rowcount != 1:
        return False, None
    whose = select(sign_in_links.c.staff_id).where(sign_in_links.c.token == token)
    return True, connection.execute(whose).scalar_one()


def open_session(
    connection: Connection, *, token: bytes, staff_id: int, expires_at: datetime
) -> None:
    """Keep the hash of a console session's token."""
    connection.execute(
        staff_sessions.insert().values(token=token, staff_id=staff_id, expires_at=expires_at)
    )


def close_session(connection: Connection, *, token: bytes) -> None:
    """End a console session; one that is unknown or over already is no matter."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.token == token))


def by_session(connection: Connection, *, token: bytes, now: datetime) -> Member | None:
    """Whose console session that is, if it still runs and they may act."""
    row = connection.execute(
        select(staff)
        .join(staff_sessions, staff_sessions.c.staff_id == staff.c.id)
        .where(
            staff_sessions.c.token == token,
            staff_sessions.c.expires_at > now,
            staff.c.disabled.is_(False),
        )
    ).one_or_none()
    return None if row is None else Member(**row._mapping)


def keep_draft(
    connection: Connection, *, consultation_id: int, staff_id: int, text: str, at: datetime
) -> int:
    """Keep a reply until its writer confirms it; the result is its id."""
    result = connection.execute(
        drafts.insert().values(
            consultation_id=consultation_id, staff_id=staff_id, text=text, written_at=at
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def draft(connection: Connection, draft_id: int) -> Draft | None:
    """The draft with that id, or None."""
    row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()
    return None if row is None else Draft(**row._mapping)


def settle_draft(connection: Connection, draft_id: int, *, settled: str) -> bool:
    """Note that a draft was sent or dropped; False if that was settled before."""
    changed = connection.execute(
        update(drafts)
        .where(drafts.c.id == draft_id, drafts.c.settled.is_(None))
        .values(settled=settled)
    )
    return changed.rowcount == 1
