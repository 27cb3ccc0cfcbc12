"""The staff list, their sign-in links and sessions, and the replies that they draft."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.store import staff
from bot.store.database import Database
from bot.store.staff import Draft, Member
from tests.bot.store.rows import NOON, kept, minutes

LI: dict[str, Any] = {
    "name": "李梅",
    "role": "clerk",
    "at": NOON,
    "agency": "州政府办",
    "telegram": b"l" * 32,
}
CHEN: dict[str, Any] = {"name": "陈刚", "role": "administrator", "at": minutes(1)}
TOKEN, OTHER = b"t" * 32, b"o" * 32


async def added(database: Database, *members: dict[str, Any]) -> list[int]:
    """The ids of these members, newly on the list."""
    return await database.write(
        lambda connection: [staff.add(connection, **member) for member in members]
    )


async def test_members_are_listed_in_the_order_in_which_they_came(database: Database) -> None:
    li, chen = await added(database, LI, CHEN)

    first = Member(li, "李梅", "clerk", "州政府办", b"l" * 32, disabled=False, added_at=NOON)
    second = Member(chen, "陈刚", "administrator", None, None, False, minutes(1))
    assert await database.read(staff.everyone) == [first, second]
    assert await database.read(partial(staff.by_id, staff_id=chen)) == second
    assert await database.read(partial(staff.by_id, staff_id=99)) is None
    assert await database.read(partial(staff.by_telegram, telegram=b"l" * 32)) == first
    assert await database.read(partial(staff.by_telegram, telegram=OTHER)) is None


async def test_a_telegram_account_is_one_members(database: Database) -> None:
    await added(database, LI, CHEN, CHEN)

    with pytest.raises(IntegrityError):
        await added(database, LI | {"name": "王强"})


async def test_who_is_disabled_stays_on_the_list_and_may_nothing(database: Database) -> None:
    li, chen = await added(database, LI, CHEN)
    assert await database.read(staff.administrators) == 1

    await database.write(partial(staff.disable, staff_id=chen))

    assert [member.disabled for member in await database.read(staff.everyone)] == [False, True]
    assert await database.read(staff.administrators) == 0
    assert li != chen


async def test_a_sign_in_link_is_good_once_and_in_time(database: Database) -> None:
    (li,) = await added(database, LI)
    keep = partial(staff.keep_link, expires_at=minutes(15))
    await database.write(partial(keep, token=TOKEN, staff_id=li))
    await database.write(partial(keep, token=OTHER))

    use = partial(staff.use_link, token=TOKEN)
    assert await database.write(partial(use, now=minutes(15))) == (False, None)
    assert await database.write(partial(use, now=minutes(14.9))) == (True, li)
    assert await database.write(partial(use, now=minutes(14.9))) == (False, None)
    first = partial(staff.use_link, token=OTHER, now=NOON)
    assert await database.write(first) == (True, None)
    unknown = partial(staff.use_link, token=b"u" * 32, now=NOON)
    assert await database.write(unknown) == (False, None)


async def test_a_session_ends_by_itself_and_with_its_member(database: Database) -> None:
    (li,) = await added(database, LI)
    opened = partial(staff.open_session, token=TOKEN, staff_id=li, expires_at=minutes(60))
    await database.write(opened)

    look = partial(staff.by_session, token=TOKEN)
    found = await database.read(partial(look, now=minutes(59.9)))
    assert found is not None
    assert found.id == li
    assert await database.read(partial(look, now=minutes(60))) is None
    assert await database.read(partial(staff.by_session, token=OTHER, now=NOON)) is None
    await database.write(partial(staff.disable, staff_id=li))
    assert await database.read(partial(look, now=NOON)) is None


async def test_a_closed_session_is_gone_and_the_others_stay(database: Database) -> None:
    (li,) = await added(database, LI)
    for token in (TOKEN, OTHER):
        opened = partial(staff.open_session, token=token, staff_id=li, expires_at=minutes(60))
        await database.write(opened)

    for _ in range(2):
        await database.write(partial(staff.close_session, token=TOKEN))

    assert await database.read(partial(staff.by_session, token=TOKEN, now=NOON)) is None
    assert await database.read(partial(staff.by_session, token=OTHER, now=NOON)) is not None


async def test_a_draft_is_settled_once(database: Database) -> None:
    (li,) = await added(database, LI)

    def unit(connection: Connection) -> Draft:
        matter = kept(connection)
        number = staff.keep_draft(
            connection, consultation_id=matter.id, staff_id=li, text="可以来取", at=NOON
        )
        return Draft(number, matter.id, li, "可以来取", NOON, settled=None)

    draft = await database.write(unit)
    look = partial(staff.draft, draft_id=draft.id)
    assert await database.read(look) == draft
    assert await database.read(partial(staff.draft, draft_id=99)) is None

    settle = partial(staff.settle_draft, draft_id=draft.id)
    assert await database.write(partial(settle, settled="sent")) is True
    assert await database.write(partial(settle, settled="dropped")) is False
    found = await database.read(look)
    assert found is not None
    assert found.settled == "sent"
