"""The staff's console: signing in, the table, one consultation."""

import csv
import io
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Connection

from bot.desk import mine
from bot.store import consultations, staff
from bot.store.consultations import Consultation

from .conftest import House, reply_as_staff, text_of


async def sign_in(web: httpx.AsyncClient, house: House) -> httpx.Response:
    """The answer to the first administrator's sign-in."""
    token = await house.service.staffing.first_sign_in_link(now=house.clock())
    assert token is not None
    return await web.post("/console/sign-in", data={"token": token})


async def escalated(web: httpx.AsyncClient) -> dict[str, str]:
    """A consultation that waits for staff."""
    given = (await web.post("/api/consultations", json={"text": "转人工"})).json()
    assert given["decision"] == "hand_over"
    return {"receipt": given["receipt"], "code": given["retrieval_code"]}


async def test_a_stranger_is_told_how_to_get_in(web: httpx.AsyncClient) -> None:
    for address in ("/console", "/console/open.csv", "/console/consultations/26112300000005"):
        answer = await web.get(address)

        assert answer.status_code == 401
        assert "请先登录" in text_of(answer.text)


async def test_looking_at_the_link_does_not_use_it_up(
    web: httpx.AsyncClient, house: House
) -> None:
    token = await house.service.staffing.first_sign_in_link(now=house.clock())
    for _ in range(3):
        page = await web.get(f"/console/sign-in?token={token}")
        assert page.status_code == 200
        assert "登录" in text_of(page.text)

    answer = await web.post("/console/sign-in", data={"token": token})

    assert answer.status_code == 303
    assert (await web.get("/console")).status_code == 200


async def test_a_link_works_once(web: httpx.AsyncClient, house: House) -> None:
    token = await house.service.staffing.first_sign_in_link(now=house.clock())
    await web.post("/console/sign-in", data={"token": token})
    web.cookies.clear()

    again = await web.post("/console/sign-in", data={"token": token})

    assert again.status_code == 403
    assert "不能用了" in text_of(again.text)
    assert (await web.get("/console")).status_code == 401


async def test_an_old_link_does_not_work(web: httpx.AsyncClient, house: House) -> None:
    token = await house.service.staffing.first_sign_in_link(now=house.clock())
    house.clock.advance(timedelta(minutes=16))

    assert (await web.post("/console/sign-in", data={"token": token})).status_code == 403


async def test_the_staffs_cookie_is_kept_from_scripts_and_from_citizens_pages(
    web: httpx.AsyncClient, house: House
) -> None:
    cookie = (await sign_in(web, house)).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "Path=/console" in cookie
    assert "samesite=lax" in cookie.lower()


async def test_a_session_ends_after_twelve_hours_or_when_left(
    web: httpx.AsyncClient, house: House
) -> None:
    await sign_in(web, house)
    assert (await web.get("/console")).status_code == 200
    await web.post("/console/sign-out")
    assert (await web.get("/console")).status_code == 401
    house.clock.advance(timedelta(hours=13))
    assert (await web.get("/console")).status_code == 401


async def test_a_copied_cookie_is_no_good_after_signing_out(
    web: httpx.AsyncClient, house: House
) -> None:
    await sign_in(web, house)
    copied = {"Cookie": f"zixun_staff={web.cookies['zixun_staff']}"}
    await web.post("/console/sign-out")
    web.cookies.clear()

    assert (await web.get("/console", headers=copied)).status_code == 401


async def test_a_disabled_member_is_out_at_once(web: httpx.AsyncClient, house: House) -> None:
    await sign_in(web, house)
    (member,) = await house.service.staffing.everyone()

    await house.service.staffing.disable(member.id)

    assert (await web.get("/console")).status_code == 401


async def test_the_table_shows_what_is_open_and_what_is_late(
    web: httpx.AsyncClient, house: House
) -> None:
    waiting = await escalated(web)
    await web.post("/api/consultations", json={"text": "申请信息公开收费吗"})
    await web.post("/api/consultations", json={"text": "今天天气怎么样"})
    await sign_in(web, house)

    page = (await web.get("/console")).text
    said = text_of(page)
    assert "在办2" in said
    assert "待认领1" in said
    assert "逾期0" in said
    assert "今天收到3" in said
    assert said.index("待认领", said.index("应答复")) < said.index("等公民回应机器人")
    assert f"/console/consultations/{waiting['receipt']}" in page
    assert 'class="late"' not in page

    house.clock.advance(timedelta(days=2))
    await web.post("/console/sign-out")
    token = await _another_link(house)
    await web.post("/console/sign-in", data={"token": token})
    late = (await web.get("/console")).text
    assert 'class="late"' in late
    assert "逾期1" in text_of(late)


async def test_the_list_is_exported_without_a_word_of_anybody(
    web: httpx.AsyncClient, house: House
) -> None:
    waiting = await escalated(web)
    await sign_in(web, house)

    answer = await web.get("/console/open.csv")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["受理编号"].replace(" ", "") == waiting["receipt"]
    assert rows[0]["渠道"] == "网页"
    assert rows[0]["是否逾期"] == "否"
    assert "转人工" not in answer.text


async def test_one_consultation_shows_what_happened_but_not_its_code(
    web: httpx.AsyncClient, house: House
) -> None:
    waiting = await escalated(web)
    await house.service.staffing.add(name="李晓", role="clerk", telegram=77, at=house.clock())
    await reply_as_staff(house, waiting["receipt"], "材料已经寄出。")
    await sign_in(web, house)

    answer = await web.get(f"/console/consultations/{waiting['receipt']}")

    said = text_of(answer.text)
    assert "提问" in said or "转人工" in said
    assert "李晓 工作人员答复" in said
    assert said.count("材料已经寄出。") == 1
    assert "查询码 ····" in said
    assert f"查询码 {waiting['code']}" not in said


async def test_one_consultation_says_why_its_guides_were_thought_of(
    web: httpx.AsyncClient, house: House
) -> None:
    asked = await web.post("/api/consultations", json={"text": "信息公开这个事要交费不"})
    given = asked.json()
    await sign_in(web, house)
    address = f"/console/consultations/{given['receipt']}"

    before = text_of((await web.get(address)).text)
    await _forget_words(house, given["receipt"])
    after = text_of((await web.get(address)).text)

    assert "想到的指南和理由 收不收费（" in before
    assert "同有：信息、公开" in before
    assert "最像" in before
    assert "收不收费（" in after
    assert "同有" not in after
    assert "最像" not in after


async def test_small_talk_has_no_guides_to_explain(web: httpx.AsyncClient, house: House) -> None:
    given = (await web.post("/api/consultations", json={"text": "你好"})).json()
    await sign_in(web, house)

    page = await web.get(f"/console/consultations/{given['receipt']}")

    assert "想到的指南" not in page.text


@pytest.mark.parametrize("said", ["转人工", "我要轉人工，請問徵地補償的檔案為什麼還沒有公開"])
async def test_staff_never_see_the_code_in_either_script(
    web: httpx.AsyncClient, house: House, said: str
) -> None:
    given = (await web.post("/api/consultations", json={"text": said})).json()
    code, receipt = given["retrieval_code"], given["receipt"]
    told = given["replies"][0]["text"]
    if given["decision"] != "hand_over":
        handed = await web.post(
            f"/api/consultations/{receipt}/escalation",
            json={},
            headers={"X-Retrieval-Code": code},
        )
        told = handed.json()["replies"][0]["text"]
    assert code in told
    label = "查询码" if said == "转人工" else "查詢碼"
    assert label in told
    shown = f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}"
    for number, words in enumerate((f"我的{label}：{code}", f"{shown} {code}", f"{code}元")):
        await web.post(
            f"/api/consultations/{receipt}/messages",
            json={"text": words, "idempotency_key": str(number)},
            headers={"X-Retrieval-Code": code},
        )
    await sign_in(web, house)

    page = text_of((await web.get(f"/console/consultations/{receipt}")).text)

    assert f"{label} ····" in page
    assert f"{label}：····" in page
    assert f"{shown} ····" in page
    assert page.count(code) == 1
    assert f"{code}元" in page


async def test_a_number_that_is_no_receipt_is_not_found(
    web: httpx.AsyncClient, house: House
) -> None:
    await sign_in(web, house)

    for number in ("26112300000005", "hello"):
        assert (await web.get(f"/console/consultations/{number}")).status_code == 404


async def _forget_words(house: House, receipt: str) -> None:
    """What /delete does for whoever asked."""

    def find(connection: Connection) -> Consultation | None:
        return consultations.by_receipt(connection, receipt)

    found = await house.service.database.read(find)
    assert found is not None
    await mine.delete(house.service.database, found.asker)


async def _another_link(house: House) -> str:
    """A link for the administrator, who exists by now."""
    token = "another link of the administrator"
    expires = house.clock() + timedelta(minutes=5)
    (member,) = await house.service.staffing.everyone()
    await house.service.database.write(
        lambda connection: staff.keep_link(
            connection,
            token=house.service.keys.hash("sign_in_link", token),
            expires_at=expires,
            staff_id=member.id,
        )
    )
    return token
