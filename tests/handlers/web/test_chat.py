"""The citizens' page without a script: forms, redirects, cookies, headers."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.store.tables import consultations, events
from bot.store.tables import words as kept_words

from .conftest import House, reply_as_staff, text_of

FEES, DEADLINE, VAGUE = "申请信息公开收费吗", "交了申请表多久给答复啊", "我想要那个文件"


async def count(house: House, table: Any = consultations) -> int:
    """How many rows the table has."""
    return await house.service.database.read(
        lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one()
    )


def fields_of(page: str, do: str) -> dict[str, str]:
    """The fields that a browser sends when that button is pressed."""
    for form in re.findall(r"<form[^>]*action=\"/act\".*?</form>", page, re.DOTALL):
        if f'value="{do}"' in form:
            hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
            return dict(hidden) | {"do": do}
    raise AssertionError(f"the page has no button {do}")


def buttons_of(page: str) -> list[str]:
    """What the buttons of the page do, in order."""
    return re.findall(r'name="do" value="([^"]+)"', page)


def key_of(page: str) -> str:
    """The page's one-time key."""
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


async def opened(web: httpx.AsyncClient) -> str:
    """The page as a browser first sees it."""
    answer = await web.get("/")
    assert answer.status_code == 200
    return answer.text


async def say(web: httpx.AsyncClient, text: str) -> str:
    """The page after that was written and sent."""
    answer = await web.post("/ask", data={"text": text, "key": key_of(await opened(web))})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/#latest"
    return await opened(web)


async def press(web: httpx.AsyncClient, page: str, do: str) -> str:
    """The page after that button of it was pressed."""
    answer = await web.post("/act", data=fields_of(page, do))
    assert answer.status_code == 303, text_of(answer.text)
    return await opened(web)


async def test_the_first_page_greets_and_says_where_we_are(web: httpx.AsyncClient) -> None:
    page = await opened(web)

    said = text_of(page)
    assert "您想问什么" in said
    assert "0690-2120012" in said
    assert "政通路1号" in said
    assert "今天8:30–12:00" in said
    assert buttons_of(page) == ["guide:B01", "guide:C01", "guide:H01", "staff"]
    assert 'lang="zh-CN"' in page
    assert "!" not in said.replace("<!doctype html>", "")


async def test_looking_at_the_page_writes_nothing(web: httpx.AsyncClient, house: House) -> None:
    await opened(web)
    await web.get("/conversation")

    assert await count(house) == 0


async def test_an_answer_comes_first_and_the_law_after_it(web: httpx.AsyncClient) -> None:
    said = text_of(await say(web, FEES))

    places = [
        said.index(part) for part in (FEES, "一般不收", "下一步", "依据：", "受理编号", "查询码")
    ]
    assert places == sorted(places)
    assert "不是正式申请" in said


async def test_an_answer_to_other_words_says_how_they_were_understood(
    web: httpx.AsyncClient,
) -> None:
    page = await say(web, "信息公开这个事要交费不")

    said = text_of(page)
    places = [said.index(part) for part in ("一般不收", "按“收不收费”理解您的问题。", "依据：")]
    assert places == sorted(places)
    assert 'class="part understood"' in page


@pytest.mark.parametrize("text", ["收不收费", "你好", "我不想活了", "转人工"])
async def test_what_needs_no_explanation_gets_none(web: httpx.AsyncClient, text: str) -> None:
    assert "理解您的问题" not in await say(web, text)


async def test_a_form_sent_twice_writes_once(web: httpx.AsyncClient, house: House) -> None:
    form = {"text": FEES, "key": key_of(await opened(web))}
    await web.post("/ask", data=form)
    written = await count(house, events)

    again = await web.post("/ask", data=form)

    assert again.status_code == 303
    assert await count(house, events) == written


async def test_going_back_and_changing_the_words_asks_again(
    web: httpx.AsyncClient, house: House
) -> None:
    key = key_of(await opened(web))
    await web.post("/ask", data={"text": FEES, "key": key})
    await web.post("/ask", data={"text": DEADLINE, "key": key})

    page = text_of(await opened(web))

    assert FEES in page
    assert DEADLINE in page


async def test_what_a_citizen_writes_is_shown_as_text(web: httpx.AsyncClient) -> None:
    page = await say(web, '<script>alert("收费吗")</script>')

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_an_unclear_question_is_asked_back_chosen_solved_and_rated(
    web: httpx.AsyncClient,
) -> None:
    page = await say(web, VAGUE)
    choices = [do for do in buttons_of(page) if do.startswith("choose:")]
    assert choices[-1] == "choose:none"
    assert 3 <= len(choices) <= 4
    assert "解决了" not in text_of(page)

    page = await press(web, page, choices[0])
    assert not [do for do in buttons_of(page) if do.startswith("choose:")]
    assert buttons_of(page) == ["solved", "unsolved", "escalate"]

    page = await press(web, page, "solved")
    assert "已办结" in text_of(page)
    assert {"rate:satisfied", "rate:mostly", "rate:dissatisfied"} <= set(buttons_of(page))

    page = await press(web, page, "rate:satisfied")
    assert "谢谢您的评价" in text_of(page)
    assert not [do for do in buttons_of(page) if do.startswith("rate:")]


async def test_a_button_pressed_twice_acts_once(web: httpx.AsyncClient, house: House) -> None:
    page = await say(web, FEES)
    fields = fields_of(page, "escalate")
    await web.post("/act", data=fields)
    written = await count(house, events)

    again = await web.post("/act", data=fields)

    assert again.status_code == 303
    assert "notice" not in again.headers["location"]
    assert await count(house, events) == written


async def test_a_button_of_an_older_page_says_that_it_expired(web: httpx.AsyncClient) -> None:
    old = await say(web, VAGUE)
    choice = next(do for do in buttons_of(old) if do.startswith("choose:"))
    await press(web, old, "choose:none")

    answer = await web.post("/act", data=fields_of(old, choice))

    assert answer.headers["location"] == "/?notice=expired#latest"
    page = (await web.get(answer.headers["location"])).text
    assert "过期" in text_of(page)


@pytest.mark.parametrize("do", ["", "explode", "rate:great", "choose", "solve"])
async def test_an_act_that_does_not_exist_changes_nothing(
    web: httpx.AsyncClient, house: House, do: str
) -> None:
    fields = fields_of(await say(web, FEES), "solved") | {"do": do}
    written = await count(house, events)

    answer = await web.post("/act", data=fields)

    assert answer.status_code == 303
    assert await count(house, events) == written


async def test_a_frequent_question_is_answered_at_a_press(web: httpx.AsyncClient) -> None:
    page = await press(web, await opened(web), "guide:C01")

    said = text_of(page)
    assert "多久答复" in said
    assert "20个工作日" in said


async def test_a_person_can_be_asked_for_before_anything_is_said(
    web: httpx.AsyncClient, house: House
) -> None:
    fields = fields_of(await opened(web), "staff")
    await web.post("/act", data=fields)
    await web.post("/act", data=fields)

    page = await opened(web)

    assert "已登记" in text_of(page)
    assert await count(house) == 1
    assert buttons_of(page) == ["status"]


async def test_a_consultation_with_staff_tells_where_it_stands(web: httpx.AsyncClient) -> None:
    page = await press(web, await say(web, FEES), "escalate")
    page = await press(web, page, "status")

    assert "等工作人员接手" in text_of(page)


async def test_the_reply_of_a_person_is_shown_and_can_be_rated(
    web: httpx.AsyncClient, house: House
) -> None:
    page = await press(web, await say(web, FEES), "escalate")
    receipt = fields_of(page, "status")["receipt"]
    await house.service.staffing.add(name="李晓", role="clerk", telegram=77, at=house.clock())
    await reply_as_staff(house, receipt, "请看 https://www.qinglan.example/a。明天也可以来。")

    page = await opened(web)

    assert "工作人员（州政务公开办公室）" in text_of(page)
    assert '<a href="https://www.qinglan.example/a" rel="noreferrer">' in page
    assert "rate:satisfied" in buttons_of(page)


async def test_two_browsers_see_nothing_of_each_other(
    web: httpx.AsyncClient, no_cookies: httpx.AsyncClient
) -> None:
    await say(web, FEES)
    web.cookies.clear()

    assert FEES not in await opened(no_cookies)


async def test_without_cookies_the_answer_is_shown_at_once_and_once(
    web: httpx.AsyncClient, house: House
) -> None:
    form = {"text": FEES, "key": key_of(await opened(web))}
    web.cookies.clear()
    first = await web.post("/ask", data=form)
    web.cookies.clear()

    again = await web.post("/ask", data=form)

    assert (first.status_code, again.status_code) == (200, 200)
    assert "一般不收" in text_of(first.text)
    assert "一般不收" in text_of(again.text)
    assert await count(house) == 1


async def test_a_made_up_cookie_is_nobodys(web: httpx.AsyncClient) -> None:
    web.cookies.set("zixun_session", "made-up.0123456789abcdef")

    answer = await web.get("/")

    assert "zixun_session" in answer.headers["set-cookie"]


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    web: httpx.AsyncClient,
) -> None:
    cookie = (await web.get("/")).headers["set-cookie"]
    over_https = (await web.get("https://zixun.test/")).headers.get("set-cookie", "")
    web.cookies.clear()
    over_https = (await web.get("https://zixun.test/")).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie
    assert "Secure" in over_https


async def test_a_shared_computer_forgets_when_told_to(web: httpx.AsyncClient) -> None:
    await say(web, FEES)

    answer = await web.post("/leave")

    assert answer.status_code == 303
    assert FEES not in await opened(web)


@pytest.mark.parametrize("text", ["", "   \u3000"])
async def test_nothing_written_is_said_beside_the_box(web: httpx.AsyncClient, text: str) -> None:
    await opened(web)

    answer = await web.post("/ask", data={"text": text, "key": "k" * 22})

    assert answer.status_code == 422
    assert "请写下您想问的事。" in text_of(answer.text)


async def test_too_long_a_text_is_kept_in_the_box(web: httpx.AsyncClient) -> None:
    long = "问" * 4001

    answer = await web.post("/ask", data={"text": long, "key": key_of(await opened(web))})

    assert answer.status_code == 422
    assert long in answer.text
    assert "4000" in text_of(answer.text)


async def test_a_receipt_and_its_code_find_the_consultation_from_anywhere(
    web: httpx.AsyncClient,
) -> None:
    page = await say(web, FEES)
    receipt, code = _numbers(page)
    web.cookies.clear()

    found = await web.post("/find", data={"receipt": receipt, "code": _full_width(code)})

    assert found.status_code == 200
    assert "一般不收" in text_of(found.text)
    acted = await web.post("/act", data=fields_of(found.text, "escalate"))
    assert acted.status_code == 200
    assert "已登记" in text_of(acted.text)
    refused = await web.post("/act", data=fields_of(found.text, "solved"))
    assert "不能这样操作" in text_of(refused.text)


async def test_a_wrong_code_finds_nothing_and_says_so(web: httpx.AsyncClient) -> None:
    receipt, code = _numbers(await say(web, FEES))
    web.cookies.clear()
    wrong = f"{(int(code) + 1) % 10_000:04d}"

    answers = [await web.post("/find", data={"receipt": receipt, "code": wrong}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert "请核对" in text_of(answers[0].text)
    assert receipt in answers[0].text
    assert "一小时后" in text_of(answers[5].text)


async def test_nobody_acts_on_a_consultation_of_others(
    web: httpx.AsyncClient, house: House
) -> None:
    fields = fields_of(await say(web, FEES), "solved")
    written = await count(house, events)
    web.cookies.clear()
    await opened(web)

    answer = await web.post("/act", data=fields)

    assert answer.status_code == 404
    assert FEES not in answer.text
    assert await count(house, events) == written


async def test_a_guide_pressed_under_a_foreign_receipt_shows_only_ones_own(
    web: httpx.AsyncClient,
) -> None:
    page = await say(web, "谢谢")
    theirs = fields_of(page, "guide:B01")
    await press(web, page, "guide:B01")
    await say(web, FEES)
    web.cookies.clear()

    answer = await web.post("/act", data=theirs | {"code": "0000"})

    assert answer.status_code == 200
    assert FEES not in answer.text


async def test_large_print_is_remembered_and_undone(web: httpx.AsyncClient) -> None:
    answer = await web.post("/size", data={"size": "large", "back": "/privacy"})
    assert answer.headers["location"] == "/privacy"
    assert 'class="large"' in await opened(web)

    await web.post("/size", data={"size": "", "back": "/"})
    assert 'class="large"' not in await opened(web)


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/console"])
async def test_the_size_button_leads_to_no_other_site(web: httpx.AsyncClient, back: str) -> None:
    answer = await web.post("/size", data={"size": "large", "back": back})

    assert answer.headers["location"] == "/#latest"


async def test_forms_are_downloaded_blank_and_filled_in(web: httpx.AsyncClient) -> None:
    page = await say(web, "怎么申请公开政府信息")
    assert "/forms/application-person.docx" in page

    blank = await web.get("/forms/application-person.docx")
    example = await web.get("/forms/application-person-example.docx")
    missing = await web.get("/forms/passwd.docx")

    assert blank.content[:2] == example.content[:2] == b"PK"
    assert blank.content != example.content
    assert "attachment" in blank.headers["content-disposition"]
    assert missing.status_code == 404


async def test_a_citizen_takes_a_copy_and_has_their_words_deleted(
    web: httpx.AsyncClient, house: House
) -> None:
    await say(web, FEES)
    copy = (await web.get("/privacy/copy")).json()
    unsure = await web.post("/privacy/deletion", data={})
    kept = await count(house, kept_words)
    sure = await web.post("/privacy/deletion", data={"sure": "yes"})

    assert copy[0]["events"][0]["text"] == FEES
    assert unsure.status_code == 422
    assert kept == 1
    assert "已经删除您说过的 1 段话" in text_of(sure.text)
    assert await count(house, kept_words) == 0
    assert await count(house) == 1
    assert "这句话已经删除" in text_of(await opened(web))


@pytest.mark.parametrize("address", ["/", "/privacy", "/find", "/console", "/nothing"])
async def test_every_page_loads_from_here_only(web: httpx.AsyncClient, address: str) -> None:
    answer = await web.get(address)

    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.findall(r'(?:src|<link[^>]*href)="(?!/static/)', answer.text)
    assert not re.findall(r"<style|style=|\son\w+=|<script(?! src=)", answer.text)


async def test_style_and_script_may_be_kept_by_browsers(web: httpx.AsyncClient) -> None:
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', await opened(web))

    assert len(addresses) == 3
    for address in addresses:
        answer = await web.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("address", ["/ask", "/act", "/find", "/leave", "/privacy/deletion"])
async def test_what_another_site_sends_is_refused(
    web: httpx.AsyncClient, house: House, address: str
) -> None:
    await opened(web)
    data = {"text": FEES, "sure": "yes"}
    foreign = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ]

    statuses = [
        (await web.post(address, data=data, headers=headers)).status_code for headers in foreign
    ]

    assert statuses == [403] * 4
    assert await count(house) == 0


async def test_what_our_own_page_sends_is_taken_in(web: httpx.AsyncClient) -> None:
    form = {"text": FEES, "key": key_of(await opened(web))}
    own = [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://zixun.test"}]

    answers = [await web.post("/ask", data=form, headers=headers) for headers in own]

    assert [answer.status_code for answer in answers] == [303, 303]


async def test_the_script_gets_the_conversation_alone(web: httpx.AsyncClient) -> None:
    form = {"text": FEES, "key": key_of(await opened(web))}

    answer = await web.post("/ask", data=form, headers={"X-Piece": "1"})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "一般不收" in text_of(answer.text)


async def test_an_older_matter_that_is_closed_has_no_buttons_left(web: httpx.AsyncClient) -> None:
    await say(web, FEES)
    page = await say(web, "怎么申请公开政府信息")

    assert page.count('value="solved"') == 1
    assert text_of(page).count("已办结") == 1


async def test_with_the_store_away_the_page_still_says_where_to_call(
    web: httpx.AsyncClient, house: House
) -> None:
    form = {"text": FEES, "key": key_of(await opened(web))}
    await house.service.database.close()

    answer = await web.post("/ask", data=form)

    assert answer.status_code == 503
    assert "没有存下来" in text_of(answer.text)
    assert "0690-2120012" in answer.text


async def test_a_page_that_is_not_there_leads_back(web: httpx.AsyncClient) -> None:
    answer = await web.get("/nothing")

    assert answer.status_code == 404
    assert "没有这个页面" in text_of(answer.text)


async def test_the_day_is_said_once(web: httpx.AsyncClient, house: House) -> None:
    await say(web, FEES)
    house.clock.advance(timedelta(minutes=2))
    page = await say(web, "那超过多少件才收")

    assert page.count('class="day"') == 1
    assert "11月23日" in text_of(page)


def _numbers(page: str) -> tuple[str, str]:
    found = re.search(r"受理编号 ([\d ]{16}).*?查询码 (\d{4})", text_of(page))
    assert found
    return found[1], found[2]


def _full_width(code: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in code)
