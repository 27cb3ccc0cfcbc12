"""The pages in a real browser: with and without a script, small, large, by keyboard alone."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.store.tables import consultations, events

from .conftest import House, Served, reply_as_staff

api = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
Page = Any

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FEES, VAGUE = "申请信息公开收费吗", "我想要那个文件"
TURN = "[data-turn]:not([data-turn=welcome])"

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}; install Chromium"
)

Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser(served: Served) -> AsyncIterator[Open]:
    """Opens a page of a new browser window, options as Playwright's contexts have them."""
    problems: list[str] = []
    async with api.async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS, headless=True
        )

        def foreign(url: str) -> None:
            if not url.startswith(served.address):
                problems.append(url)

        def failed(request: Any) -> None:
            # Going on to the next page breaks off what the last one still loads.
            if request.failure != "net::ERR_ABORTED":
                problems.append(f"{request.url}: {request.failure}")

        async def opened(path: str = "/", **options: Any) -> Page:
            context = await chromium.new_context(base_url=served.address, **options)
            page = await context.new_page()
            page.set_default_timeout(10_000)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("requestfailed", failed)
            page.on("request", lambda request: foreign(request.url))
            await page.goto(path)
            return page

        yield opened
        assert problems == []
        await chromium.close()


async def say(page: Page, text: str) -> None:
    """Write into the box and send, until the answer is there."""
    before = await page.locator(TURN).count()
    await page.fill("#text", text)
    await page.click(".composer .send")
    await page.locator(TURN).nth(before).wait_for()


async def press(page: Page, do: str) -> None:
    """Press a button under a reply, until what it leads to is there."""
    before = await page.locator(TURN).count()
    await page.click(f'button[value="{do}"]')
    await page.locator(TURN).nth(before).wait_for()


async def first_choice(page: Page) -> str:
    """The first guide that is offered."""
    value = await page.locator(".choices button").first.get_attribute("value")
    assert value is not None
    return str(value)


async def count(house: House, table: Any = consultations) -> int:
    """How many rows the table has."""
    return await house.service.database.read(
        lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one()
    )


async def is_too_wide(page: Page) -> bool:
    """Whether a reader would have to scroll sideways."""
    wide = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return bool(wide)


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
async def test_a_whole_consultation_from_the_first_word_to_the_rating(
    browser: Open, script: bool
) -> None:
    page = await browser(java_script_enabled=script)

    await say(page, VAGUE)
    await press(page, await first_choice(page))
    assert "依据：" in await page.inner_text("#latest")
    await press(page, "solved")
    await press(page, "rate:satisfied")

    said = await page.inner_text("#conversation")
    assert "谢谢您的评价" in said
    assert re.search(r"受理编号\s*\d{6} \d{4} \d{4}", said)
    assert await page.locator("#conversation button").count() == 0


async def test_with_a_script_nothing_is_loaded_again(browser: Open) -> None:
    page = await browser()
    await page.evaluate("window.stayed = true")

    await say(page, FEES)

    assert await page.evaluate("window.stayed") is True
    assert await page.evaluate("document.activeElement.id") == "text"
    assert await page.input_value("#text") == ""
    await press(page, "escalate")
    assert await page.evaluate("document.activeElement.id") == "latest"
    assert await page.evaluate("window.stayed") is True


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
async def test_a_double_click_writes_once(browser: Open, house: House, script: bool) -> None:
    page = await browser(java_script_enabled=script)
    await page.fill("#text", FEES)
    await page.dblclick(".composer .send")
    await page.locator(TURN).first.wait_for()
    assert await count(house, events) == 1

    await page.dblclick('button[value="escalate"]')
    await page.locator(TURN).nth(1).wait_for()

    await page.reload()
    assert await page.locator(TURN).count() == 2
    assert await count(house, events) == 2


async def test_loading_the_page_again_sends_nothing_again(browser: Open, house: House) -> None:
    page = await browser(java_script_enabled=False)
    await say(page, FEES)

    await page.reload()
    await page.go_back()
    await page.go_forward()

    assert await count(house, events) == 1


@pytest.mark.parametrize("width", [320, 360])
async def test_nothing_is_wider_than_a_small_telephone(browser: Open, width: int) -> None:
    page = await browser(viewport={"width": width, "height": 640})
    assert not await is_too_wide(page)
    await say(page, "怎么申请公开政府信息")
    assert not await is_too_wide(page)
    await page.click("text=大字版")
    assert not await is_too_wide(page)
    for path in ("/privacy", "/find", "/console", "/nothing"):
        await page.goto(path)
        assert not await is_too_wide(page), path


async def test_text_of_twice_the_size_still_fits(browser: Open) -> None:
    page = await browser(viewport={"width": 720, "height": 800})
    await say(page, "怎么申请公开政府信息")

    await page.evaluate("document.documentElement.style.fontSize = '36px'")

    assert not await is_too_wide(page)
    cut = await page.evaluate(
        """[...document.querySelectorAll("button, .part, .asked p, .contact, label")]
        .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth)
        .map((part) => part.textContent.trim())"""
    )
    assert cut == []


async def test_large_print_is_24_pixels(browser: Open) -> None:
    page = await browser(java_script_enabled=False)
    await page.click("text=大字版")

    size = await page.evaluate("getComputedStyle(document.body).fontSize")

    assert size == "24px"
    await page.click("text=标准字号")
    assert await page.evaluate("getComputedStyle(document.body).fontSize") == "18px"


async def test_everything_is_reached_by_keyboard_with_the_focus_in_sight(browser: Open) -> None:
    page = await browser(viewport={"width": 1000, "height": 800})
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await _tab_to(page, "#text")
    await page.keyboard.type(VAGUE)
    await page.keyboard.press("Enter")
    await page.locator(TURN).first.wait_for()

    await _tab_to(page, ".choices button", key="Shift+Tab")
    await page.keyboard.press("Enter")
    await page.locator(TURN).nth(1).wait_for()
    assert await page.evaluate("document.activeElement.id") == "latest"
    await _tab_to(page, 'button[value="solved"]')
    await page.keyboard.press("Space")
    await page.locator(TURN).nth(2).wait_for()

    assert "满意" in await page.inner_text("#latest")


async def _tab_to(page: Page, selector: str, *, key: str = "Tab") -> None:
    """Press a key until that element has the focus, which must be seen at each step."""
    for _ in range(40):
        await page.keyboard.press(key)
        seen = await page.evaluate(
            """() => {
                const [here, style] = [document.activeElement,
                    getComputedStyle(document.activeElement)];
                const box = here.getBoundingClientRect();
                const dock = document.querySelector(".dock");
                const top = dock && !dock.contains(here)
                    ? dock.getBoundingClientRect().top : innerHeight;
                return {
                    name: here.outerHTML.slice(0, 80),
                    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                    inSight: here === document.body || (box.bottom > 0 && box.top < top),
                };
            }"""
        )
        if "<body" in seen["name"]:
            continue
        assert seen["outlined"], seen
        assert seen["inSight"], seen
        if await page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"{selector} was not reached")


async def test_a_reply_of_a_person_appears_by_itself(browser: Open, house: House) -> None:
    page = await browser()
    await say(page, FEES)
    await press(page, "escalate")
    receipt = await page.locator('input[name="receipt"]').first.input_value()
    await house.service.staffing.add(name="李晓", role="clerk", telegram=77, at=house.clock())
    await page.fill("#text", "我还在写")

    await reply_as_staff(house, receipt, "材料已经寄出。")

    await page.get_by_text("材料已经寄出。").wait_for()
    assert await page.input_value("#text") == "我还在写"
    assert await page.evaluate("document.activeElement.id") == "text"


async def test_a_broken_line_keeps_what_was_written(browser: Open, served: Served) -> None:
    page = await browser()
    await page.route("**/ask", lambda route: route.fulfill(status=502, body="bad gateway"))
    await page.fill("#text", FEES)
    await page.click(".composer .send")

    await page.get_by_text("网络断了").wait_for()

    assert await page.input_value("#text") == FEES
    await page.unroute("**/ask")
    await page.click(".composer .send")
    await page.locator(TURN).first.wait_for()
    assert "网络断了" not in await page.inner_text("#main")


async def test_paper_shows_the_conversation_and_nothing_to_press(browser: Open) -> None:
    page = await browser()
    await say(page, FEES)

    await page.emulate_media(media="print")

    for selector in (".composer", ".tools", ".buttons", ".links"):
        assert not await page.locator(selector).first.is_visible(), selector
    assert await page.locator(".standing").is_visible()
    assert await page.locator(".contact").first.is_visible()
    shades = await page.evaluate(
        """[...new Set([...document.querySelectorAll("#main p, #main b, #main a")]
        .map((part) => getComputedStyle(part).color))]"""
    )
    assert set(shades) <= {"rgb(0, 0, 0)", "rgb(23, 33, 31)"}


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; run npm ci")
async def test_axe_finds_nothing_to_object_to(browser: Open, house: House) -> None:
    token = await house.service.staffing.first_sign_in_link(now=house.clock())
    found: dict[str, Any] = {}
    for name, options in {
        "small": {"viewport": {"width": 360, "height": 740}},
        "wide": {"viewport": {"width": 1100, "height": 900}},
    }.items():
        page = await browser(**options)
        found[f"{name} empty"] = await _violations(page)
        await say(page, VAGUE)
        found[f"{name} choices"] = await _violations(page)
        await press(page, await first_choice(page))
        await say(page, "怎么申请公开政府信息")
        found[f"{name} answers"] = await _violations(page)
        await press(page, "escalate")
        for path in (
            "/privacy",
            "/find",
            "/nothing",
            "/console",
            f"/console/sign-in?token={token}",
        ):
            await page.goto(path)
            found[f"{name} {path[:16]}"] = await _violations(page)
    await page.click(".send")
    found["console"] = await _violations(page)
    await page.locator("tbody a").first.click()
    found["consultation"] = await _violations(page)

    assert {name: problems for name, problems in found.items() if problems} == {}


async def _violations(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text())
    result = await page.evaluate(
        """axe.run(document, {rules: {
            "color-contrast-enhanced": {enabled: true}, "target-size": {enabled: true}}})"""
    )
    return [
        f"{item['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for item in result["violations"]
        for node in item["nodes"]
    ]


async def test_the_picture_of_the_page(browser: Open, tmp_path: Path) -> None:
    page = await browser(viewport={"width": 900, "height": 1040}, device_scale_factor=2)
    await say(page, "交了申请表多久给答复啊")
    await page.locator(TURN).first.scroll_into_view_if_needed()
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    wanted = os.environ.get("ZIXUN_PICTURES") == "1"
    path = (ROOT / "docs" if wanted else tmp_path) / "chat.png"
    path.parent.mkdir(exist_ok=True)

    await page.screenshot(path=path, animations="disabled")

    assert path.read_bytes().startswith(b"\x89PNG")
