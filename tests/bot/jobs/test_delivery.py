"""Delivery, with a real store and a channel that records what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest

from bot.desk.channels import Channel, DeliveryError, registry
from bot.jobs import delivery as delivery_module
from bot.jobs.delivery import LEASE, LONGEST_SENDING, Delivery
from bot.store import contacts, outbox
from bot.store.database import Database
from bot.store.errors import StoreUnavailableError
from bot.store.outbox import CITIZEN, PENDING, SENT, STAFF, UNDELIVERABLE
from tests.bot.jobs.world import KEYS, World, store_down
from tests.bot.store.rows import ALICE, NOON

FOR_EVER = 3600.0


@pytest.fixture
async def world(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(delivery_module, "POLL_SECONDS", FOR_EVER)
    database = Database(url)
    yield World(database, url)
    await database.close()


@asynccontextmanager
async def running(delivery: Delivery) -> AsyncIterator["asyncio.Task[None]"]:
    """Delivery by itself, for as long as the block lasts."""
    task = asyncio.create_task(delivery.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


async def until_sent(world: World, count: int) -> None:
    """Wait until so many replies have arrived and are marked."""
    while len(world.post.sent) < count:
        world.post.arrived.clear()
        await asyncio.wait_for(world.post.arrived.wait(), 10)
    async with asyncio.timeout(10):
        while not await world.all_marked():
            pass


async def test_replies_arrive_in_the_order_in_which_they_were_decided(world: World) -> None:
    alices = await world.put(CITIZEN, STAFF, CITIZEN, CITIZEN, STAFF)
    bobs = await world.put(CITIZEN, CITIZEN)

    assert await world.delivery.drain() == 7

    assert sorted(world.post.ids) == alices + bobs
    order = {number: place for place, number in enumerate(world.post.ids)}
    for one in ([alices[0], alices[2], alices[3]], [alices[1], alices[4]], bobs):
        assert sorted(one, key=order.__getitem__) == one
    assert await world.delivery.drain() == 0


async def test_a_reply_comes_with_all_it_takes_to_send_it(world: World) -> None:
    to_citizen, to_staff = await world.put(CITIZEN, STAFF, contact="1001")

    await world.delivery.drain()

    first, second = sorted(world.post.sent, key=lambda parcel: parcel.outgoing.id)
    assert (first.outgoing.id, first.contact) == (to_citizen, "1001")
    assert (second.outgoing.id, second.contact) == (to_staff, None)
    assert first.consultation.receipt == first.outgoing.receipt


async def test_what_was_sent_is_marked_under_the_hash_of_its_message(world: World) -> None:
    (reply,) = await world.put(STAFF)

    await world.delivery.drain()

    found = await world.found(reply)
    assert (found.status, found.settled_at) == (SENT, NOON)
    assert found.message_ref == KEYS.hash("message", f"chat:{reply}").hex()


async def test_a_channel_that_names_no_messages_is_marked_all_the_same(world: World) -> None:
    (reply,) = await world.put(CITIZEN)

    async def nameless(_parcel: object) -> None:
        return None

    world.channels = registry([Channel("telegram", "Telegram", "telegram", sender=nameless)])
    assert await world.another(world.database).drain() == 1
    found = await world.found(reply)
    assert (found.status, found.message_ref) == (SENT, None)


async def test_a_flood_limit_is_waited_out_and_holds_back_the_rest(world: World) -> None:
    first, second = await world.put(CITIZEN, CITIZEN)
    (other,) = await world.put(CITIZEN)
    world.post.failures[first] = [DeliveryError("Too Many Requests", retry_after=37.5)]

    await world.delivery.drain()
    assert world.post.ids == [other]
    found = await world.found(first)
    assert (found.status, found.problem) == (PENDING, "Too Many Requests")

    world.clock.pass_by(seconds=37.4)
    assert await world.delivery.drain() == 0
    world.clock.pass_by(seconds=0.1)
    assert await world.delivery.drain() == 2
    assert world.post.ids == [other, first, second]


async def test_what_fails_is_tried_again_later_each_time(world: World) -> None:
    (reply,) = await world.put(CITIZEN)
    tries = 50
    world.post.failures[reply] = [DeliveryError("Bad Gateway") for _ in range(tries)]

    waits = []
    for _ in range(tries):
        assert await world.delivery.drain() == 1
        waits.append((await world.found(reply)).not_before - world.clock.now)
        world.clock.now += waits[-1]

    assert [wait.total_seconds() for wait in waits[:12]] == [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600
    ]  # fmt: skip
    assert set(waits[10:]) == {timedelta(minutes=10)}
    assert await world.delivery.drain() == 1
    assert world.post.ids == [reply]


async def test_what_can_never_arrive_is_written_down_and_the_next_is_tried(world: World) -> None:
    first, second = await world.put(CITIZEN, CITIZEN)
    world.post.failures[first] = [DeliveryError("bot was blocked by the user", permanent=True)]

    assert await world.delivery.drain() == 2

    found = await world.found(first)
    assert (found.status, found.problem) == (UNDELIVERABLE, "bot was blocked by the user")
    assert world.post.ids == [second]
    matter, kinds = await world.matter(first)
    assert kinds == ["asked", "asked", "undeliverable"]
    assert (matter.labels, matter.expected_outcome) == (("undeliverable",), "UNDELIVERABLE")


async def test_a_deleted_contact_makes_replies_undeliverable(world: World) -> None:
    (reply,) = await world.put(CITIZEN)
    await world.database.write(partial(contacts.delete_of_asker, asker=ALICE))

    assert await world.delivery.drain() == 1

    assert world.post.sent == []
    found = await world.found(reply)
    assert (found.status, found.problem) == (UNDELIVERABLE, "联系方式已经删除")
    _, kinds = await world.matter(reply)
    assert kinds[-1] == "undeliverable"


async def test_staff_are_reached_without_the_citizens_contact(world: World) -> None:
    (reply,) = await world.put(STAFF, contact=None)

    await world.delivery.drain()

    assert world.post.ids == [reply]


async def test_channels_that_do_not_send_are_left_alone(world: World) -> None:
    (reply,) = await world.put(CITIZEN)
    world.channels = registry()
    idle = world.another(world.database)

    await asyncio.wait_for(idle.run(), 10)
    assert await idle.drain() == 0
    assert (await world.found(reply)).status == PENDING


@pytest.mark.usefixtures("impatient")
async def test_what_arrived_while_the_store_failed_is_marked_later_and_not_sent_again(
    world: World,
) -> None:
    first, second = await world.put(CITIZEN, CITIZEN)
    async with AsyncExitStack() as fault:
        world.post.after = lambda: fault.enter_async_context(store_down(world.url))
        with pytest.raises(StoreUnavailableError):
            await world.delivery.drain()
        assert world.post.ids == [first]
        assert (await world.found(first)).status == PENDING
        with pytest.raises(StoreUnavailableError):
            await world.delivery.drain()

    world.post.after = None
    world.clock.now += LEASE
    assert await world.delivery.drain() == 1
    assert world.post.ids == [first, second]
    assert (await world.found(first)).status == SENT


async def test_what_a_dead_process_was_sending_is_sent_when_its_lease_ends(world: World) -> None:
    first, second = await world.put(CITIZEN, CITIZEN)
    world.post.held = {first}
    died = world.delivery
    dying = asyncio.create_task(died.drain())
    await asyncio.wait_for(world.post.began.wait(), 10)
    world.post.held = set()

    alive = world.another(world.database)
    world.clock.now += LEASE - timedelta(microseconds=1)
    assert await alive.drain() == 0
    world.clock.now += timedelta(microseconds=1)
    assert await alive.drain() == 2
    assert world.post.ids == [first, second]

    world.post.let_go.set()
    await dying
    assert world.post.ids == [first, second, first]


async def test_starting_alone_sends_at_once_what_was_left(world: World) -> None:
    (reply,) = await world.put(CITIZEN)
    until = NOON + LEASE
    channels = frozenset({"telegram"})
    await world.database.write(partial(outbox.lease, now=NOON, until=until, channels=channels))
    assert await world.delivery.drain() == 0

    await world.database.write(outbox.free_leases)

    assert await world.delivery.drain() == 1
    assert world.post.ids == [reply]


async def test_two_processes_send_each_reply_once(world: World) -> None:
    replies = [number for _ in range(20) for number in await world.put(CITIZEN, CITIZEN)]
    other = Database(world.url)
    try:
        await asyncio.gather(world.delivery.drain(), world.another(other).drain())
        await world.delivery.drain()
    finally:
        await other.close()

    assert sorted(world.post.ids) == replies
    for first, second in zip(replies[::2], replies[1::2], strict=True):
        assert world.post.ids.index(first) < world.post.ids.index(second)


async def test_a_fault_in_one_reply_does_not_stop_the_others(world: World) -> None:
    (odd,), (good,) = await world.put(CITIZEN), await world.put(CITIZEN)
    world.post.failures[odd] = [KeyError("no such guide")]

    assert await world.delivery.drain() == 2

    assert world.post.ids == [good]
    found = await world.found(odd)
    assert (found.status, found.problem, found.attempts) == (PENDING, "KeyError", 1)
    world.clock.pass_by(seconds=1)
    assert await world.delivery.drain() == 1
    assert world.post.ids == [good, odd]


async def test_sending_that_hangs_is_given_up_before_the_lease_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LONGEST_SENDING < LEASE
    monkeypatch.setattr(delivery_module, "LONGEST_SENDING", timedelta(milliseconds=5))
    (reply,) = await world.put(CITIZEN)
    world.post.held = {reply}

    assert await world.delivery.drain() == 1

    found = await world.found(reply)
    assert (found.status, found.problem) == (PENDING, "TimeoutError")


async def test_the_doorbell_sends_at_once(world: World) -> None:
    async with running(world.delivery):
        (reply,) = await world.put(CITIZEN)
        world.doorbell.set()
        await until_sent(world, 1)

    assert world.post.ids == [reply]


async def test_without_a_doorbell_the_outbox_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "POLL_SECONDS", 0.001)
    async with running(world.delivery):
        first, second = await world.put(CITIZEN, CITIZEN)
        await until_sent(world, 2)

    assert world.post.ids == [first, second]


async def test_one_slow_reply_holds_up_nobody_elses(world: World) -> None:
    (slow,) = await world.put(CITIZEN)
    world.post.held = {slow}
    async with running(world.delivery):
        await asyncio.wait_for(world.post.began.wait(), 10)
        others = await world.put(CITIZEN, CITIZEN)
        world.doorbell.set()
        await until_sent(world, 2)
        assert world.post.ids == others
        world.post.let_go.set()
        await until_sent(world, 3)


async def test_no_more_is_sent_at_once_than_there_is_room_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "MOST_AT_ONCE", 2)
    slow, *replies = [(await world.put(CITIZEN))[0] for _ in range(7)]
    world.post.held = {slow}
    async with running(world.delivery):
        await until_sent(world, 6)
        world.post.let_go.set()
        await until_sent(world, 7)

    assert world.post.ids == [*replies, slow]
    assert world.post.most_under_way == 2


async def test_what_is_still_being_sent_when_its_lease_ends_is_not_begun_again(
    world: World,
) -> None:
    (slow,) = await world.put(CITIZEN)
    world.post.held = {slow}
    async with running(world.delivery):
        await asyncio.wait_for(world.post.began.wait(), 10)
        world.clock.now += LEASE
        (other,) = await world.put(CITIZEN)
        world.doorbell.set()
        await until_sent(world, 1)
        world.post.let_go.set()
        await until_sent(world, 2)

    assert world.post.ids == [other, slow]


async def test_a_delivery_that_ends_finishes_what_it_is_sending(world: World) -> None:
    first, _second = await world.put(CITIZEN, CITIZEN)
    world.post.held = {first}
    task = asyncio.create_task(world.delivery.run())
    await asyncio.wait_for(world.post.began.wait(), 10)

    task.cancel()
    assert (await world.found(first)).status == PENDING
    assert not task.done()
    world.post.let_go.set()
    await asyncio.wait([task])

    assert task.cancelled()
    assert world.post.ids == [first]
    assert (await world.found(first)).status == SENT


async def test_a_delivery_that_ends_while_it_leases_sends_what_it_has_leased(
    world: World,
) -> None:
    (reply,) = await world.put(CITIZEN)
    task = asyncio.create_task(world.delivery.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert (await world.found(reply)).status == SENT


@pytest.mark.usefixtures("impatient")
async def test_a_store_that_is_away_for_a_while_does_not_end_the_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "POLL_SECONDS", 0.001)
    (reply,) = await world.put(CITIZEN)
    async with store_down(world.url):
        task = asyncio.create_task(world.delivery.run())
        with pytest.raises(StoreUnavailableError):
            await world.database.write(outbox.free_leases)
        assert not task.done()
        assert world.post.sent == []
    try:
        await until_sent(world, 1)
    finally:
        task.cancel()
        await asyncio.wait([task])

    assert world.post.ids == [reply]


@pytest.mark.parametrize("turns", range(4))
async def test_a_delivery_ends_also_when_the_doorbell_rings_just_then(
    world: World, turns: int
) -> None:
    (reply,) = await world.put(CITIZEN)
    task = asyncio.create_task(world.delivery.run())
    await until_sent(world, 1)
    async with asyncio.timeout(10):
        while world.doorbell.is_set():
            await world.found(reply)
    await world.found(reply)

    world.doorbell.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=10)

    assert task.cancelled()
