"""Live pages: told of what is new, and let go when the service ends."""

import asyncio
from contextlib import AsyncExitStack
from time import monotonic

import httpx

from handlers.web.live import PAGES_OF_SESSION, Places

from .conftest import Served


async def opened(web: httpx.AsyncClient) -> str:
    """The version of the conversation that a fresh page shows."""
    page = (await web.get("/")).text
    return page.partition('data-version="')[2].partition('"')[0]


async def next_change(web: httpx.AsyncClient, seen: str, *, last: str = "") -> str:
    """The next version that the page is told of."""
    headers = {"Last-Event-ID": last} if last else {}
    async with web.stream("GET", f"/live?seen={seen}", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                return line.removeprefix("data: ")
    raise AssertionError("the line was closed")


async def test_a_page_is_told_of_what_is_new_and_shows_it(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.address, timeout=10) as web:
        seen = await opened(web)
        told = asyncio.create_task(next_change(web, seen))
        await web.post("/ask", data={"text": "申请信息公开收费吗", "key": "k" * 22})

        version = await told

        assert version != seen
        assert f'data-version="{version}"' in (await web.get("/conversation")).text


async def test_a_page_that_comes_back_is_told_what_it_missed(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.address, timeout=10) as web:
        seen = await opened(web)
        await web.post("/ask", data={"text": "申请信息公开收费吗", "key": "k" * 22})
        now = await opened(web)

        assert await next_change(web, "", last=seen) == now
        assert await next_change(web, seen) == now


async def test_others_are_told_nothing(served: Served) -> None:
    async with (
        httpx.AsyncClient(base_url=served.address, timeout=10) as web,
        httpx.AsyncClient(base_url=served.address, timeout=10) as other,
    ):
        seen = await opened(other)
        told = asyncio.create_task(next_change(other, seen))
        mine = asyncio.create_task(next_change(web, await opened(web)))
        await web.post("/ask", data={"text": "申请信息公开收费吗", "key": "k" * 22})
        await mine

        assert not told.done()
        await other.post("/ask", data={"text": "多久答复", "key": "j" * 22})
        await told


async def test_without_a_session_nothing_is_listened_to(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.address) as web:
        assert (await web.get("/live")).status_code == 204


async def test_one_person_holds_so_many_pages_and_gives_them_back(served: Served) -> None:
    limits = httpx.Limits(max_connections=PAGES_OF_SESSION + 2)
    async with httpx.AsyncClient(base_url=served.address, timeout=10, limits=limits) as web:
        seen = await opened(web)
        async with AsyncExitStack() as pages:
            for _ in range(PAGES_OF_SESSION):
                page = await pages.enter_async_context(web.stream("GET", f"/live?seen={seen}"))
                assert page.status_code == 200
            refused = await web.get("/live")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")

        async with asyncio.timeout(5):
            # The server notices in its own time that the pages were closed.
            while True:
                async with web.stream("GET", "/live") as page:
                    if page.status_code == 200:
                        break


def test_places_are_counted_by_person_by_address_and_in_all() -> None:
    places = Places(per_session=2, per_address=3, most=4)
    first = places.take(session="a", address="1")
    assert first is not None
    assert places.take(session="a", address="1")
    assert places.take(session="a", address="2") is None
    assert places.take(session="b", address="1")
    assert places.take(session="c", address="1") is None
    assert places.take(session="c", address="2")
    assert places.take(session="d", address="3") is None

    first()

    assert places.take(session="a", address="3")


async def test_ten_open_pages_do_not_hold_the_service_back(served: Served) -> None:
    ready = asyncio.Semaphore(0)

    async def stay() -> str:
        async with httpx.AsyncClient(base_url=served.address, timeout=30) as web:
            await opened(web)
            text = ""
            async with web.stream("GET", "/live") as answer:
                async for part in answer.aiter_text():
                    if not text:
                        ready.release()
                    text += part
            return text

    pages = [asyncio.create_task(stay()) for _ in range(10)]
    for _ in pages:
        await ready.acquire()

    began = monotonic()
    served.server.should_exit = True
    await served.running

    assert monotonic() - began < 2
    assert all("retry" in text for text in await asyncio.gather(*pages))
