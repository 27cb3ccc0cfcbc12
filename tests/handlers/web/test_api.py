"""The JSON API, each line of its contract."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.desk.inquiries import LONGEST_TEXT
from bot.store.tables import consultations, events
from handlers.web.application import build_application

from .conftest import House, reply_as_staff

ASK = "/api/consultations"
OBJECT = {
    "receipt", "state", "outcome", "expected_outcome", "decision", "probability", "answers",
    "choices", "next_step",
}  # fmt: skip
ANSWER = {
    "text", "guide_id", "guide_version", "guide_title", "passage", "basis", "in_force_since",
    "source_url", "understood_as",
}  # fmt: skip
KEY = "5b0c7c1e-6d0e-4c6b-9f0e"
FEES, DEADLINE, VAGUE = "申请信息公开收费吗", "交了申请表多久给答复啊", "我想要那个文件"


async def ask(web: httpx.AsyncClient, text: str = FEES, **more: Any) -> dict[str, Any]:
    """What a first question comes to."""
    answer = await web.post(ASK, json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    given: dict[str, Any] = answer.json()
    return given


def code_of(given: dict[str, Any]) -> dict[str, str]:
    """The header that authorises later calls."""
    return {"X-Retrieval-Code": given["retrieval_code"]}


async def count(house: House, table: Any = consultations) -> int:
    """How many rows the table has."""
    return await house.service.database.read(
        lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one()
    )


async def test_a_question_opens_a_consultation_with_its_answer(web: httpx.AsyncClient) -> None:
    given = await ask(web, DEADLINE)

    assert set(given) == OBJECT | {"session", "retrieval_code", "replies"}
    assert len(given["receipt"]) == 14
    assert given["receipt"].isdigit()
    assert len(given["retrieval_code"]) == 4
    assert (given["state"], given["outcome"]) == ("open", None)
    assert given["expected_outcome"] == "ANSWERED_KB"
    assert given["decision"] == "answer"
    assert 0 < given["probability"] <= 1
    answer = given["answers"][0]
    assert set(answer) == ANSWER
    assert answer["guide_id"] == "C01"
    assert "20个工作日" in answer["text"]
    assert any("第三十三条" in basis for basis in answer["basis"])
    assert answer["in_force_since"] == "2019-05-15"
    assert given["choices"] == []
    assert given["next_step"]
    assert [reply["kind"] for reply in given["replies"]] == ["answer"]


@pytest.mark.parametrize(
    ("text", "understood_as"),
    [
        (FEES, "按“收不收费”理解您的问题。"),
        ("信息公開這個事要交費不", "按“收不收費”理解您的問題。"),
        ("收不收费", "按“收不收费”理解您的问题。"),
        ("我不想活了", None),
    ],
)
async def test_an_answer_says_how_the_question_was_understood(
    web: httpx.AsyncClient, text: str, understood_as: str | None
) -> None:
    given = await ask(web, text)

    assert [answer["understood_as"] for answer in given["answers"]] == [understood_as]
    looked_up = await web.get(f"{ASK}/{given['receipt']}", headers=code_of(given))
    assert looked_up.json()["answers"] == given["answers"]


async def test_a_guide_that_was_picked_is_not_explained(web: httpx.AsyncClient) -> None:
    given = await ask(web, VAGUE)

    chosen = await web.post(
        f"{ASK}/{given['receipt']}/choice",
        json={"guide_id": given["choices"][0]["guide_id"]},
        headers=code_of(given),
    )

    assert [answer["understood_as"] for answer in chosen.json()["answers"]] == [None]


async def test_a_vague_question_gets_choices(web: httpx.AsyncClient) -> None:
    given = await ask(web, VAGUE)

    assert given["decision"] == "clarify"
    assert (given["state"], given["expected_outcome"]) == ("open", "ABANDONED")
    assert given["answers"] == []
    assert 2 <= len(given["choices"]) <= 3
    assert all(set(choice) == {"guide_id", "title"} for choice in given["choices"])


async def test_what_is_not_ours_is_declined_and_closed(web: httpx.AsyncClient) -> None:
    given = await ask(web, "今天天气怎么样")

    assert given["decision"] == "decline"
    assert (given["state"], given["outcome"]) == ("closed", "OUT_OF_SCOPE")


async def test_small_talk_is_declined_as_invalid(web: httpx.AsyncClient) -> None:
    given = await ask(web, "谢谢")

    assert given["decision"] == "decline"
    assert (given["state"], given["outcome"]) == ("closed", "INVALID")
    assert given["next_step"]


@pytest.mark.parametrize("text", ["你好", "在嗎"])
async def test_a_greeting_by_program_points_at_no_buttons(
    web: httpx.AsyncClient, text: str
) -> None:
    given = await ask(web, text)

    assert given["choices"] == []
    assert given["next_step"].startswith("您好，")
    assert given["next_step"] == given["replies"][0]["text"]
    assert "选一个" not in given["next_step"]
    assert "選一個" not in given["next_step"]


async def test_asking_for_a_person_puts_it_into_the_queue(web: httpx.AsyncClient) -> None:
    given = await ask(web, "转人工")

    assert given["decision"] == "hand_over"
    assert (given["state"], given["expected_outcome"]) == ("open", None)


async def test_the_same_key_and_text_give_the_first_object_again(
    web: httpx.AsyncClient, house: House
) -> None:
    key = {"Idempotency-Key": KEY}
    first = await web.post(ASK, json={"text": VAGUE}, headers=key)
    given = first.json()
    chosen = await web.post(
        f"{ASK}/{given['receipt']}/choice",
        json={"guide_id": given["choices"][0]["guide_id"]},
        headers=code_of(given),
    )
    assert chosen.json()["choices"] == []
    written = await count(house, events)

    again = await web.post(ASK, json={"text": VAGUE}, headers=key)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == given
    assert await count(house, events) == written


async def test_a_repeated_follow_up_gives_its_own_object_again(web: httpx.AsyncClient) -> None:
    opened = await ask(web, "转人工", session="the portal's own session")
    key = {"Idempotency-Key": "b1"}
    body = {"text": "那要等到什么时候", "session": "the portal's own session"}
    first = await web.post(ASK, json=body, headers=key)

    again = await web.post(ASK, json=body, headers=key)

    assert first.json()["receipt"] == opened["receipt"]
    assert first.json()["state"] == "open"
    assert again.json() == first.json()


async def test_the_same_key_with_another_text_is_a_conflict(web: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": KEY}
    await web.post(ASK, json={"text": FEES}, headers=key)

    answer = await web.post(ASK, json={"text": DEADLINE}, headers=key)

    assert answer.status_code == 409
    assert "Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["1", "a" * 15, "1" + " " * 20])
async def test_a_key_that_others_may_use_too_needs_a_session(
    web: httpx.AsyncClient, house: House, key: str
) -> None:
    answer = await web.post(ASK, json={"text": FEES}, headers={"Idempotency-Key": key})

    problem = answer.json()
    assert answer.status_code == 422
    assert problem["field"] == "Idempotency-Key"
    assert problem["detail"].endswith("。")
    assert problem["detail"].count("。") == 1
    assert await count(house) == 0
    with_session = {"text": FEES, "session": "the portal's own session"}
    given = await web.post(ASK, json=with_session, headers={"Idempotency-Key": key})
    assert given.status_code == 201


async def test_keys_of_different_sessions_are_different_keys(web: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": KEY}
    first = await web.post(ASK, json={"text": FEES, "session": "first person"}, headers=key)
    other = await web.post(ASK, json={"text": DEADLINE, "session": "other person"}, headers=key)

    assert (first.status_code, other.status_code) == (201, 201)


async def test_simultaneous_repeats_write_once(web: httpx.AsyncClient, house: House) -> None:
    key = {"Idempotency-Key": KEY}

    answers = await asyncio.gather(
        *[web.post(ASK, json={"text": FEES}, headers=key) for _ in range(8)]
    )

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert await count(house) == 1


async def test_a_session_carries_a_follow_up_question(web: httpx.AsyncClient) -> None:
    first = await ask(web, FEES)
    second = await ask(web, "那超过多少件才收", session=first["session"])

    assert second["receipt"] == first["receipt"]
    assert second["session"] == first["session"]


async def test_without_a_session_every_request_is_another_person(web: httpx.AsyncClient) -> None:
    first, second = await ask(web), await ask(web)

    assert first["session"] != second["session"]
    assert first["receipt"] != second["receipt"]
    assert not web.cookies


async def test_a_looked_up_consultation_says_all_that_was_said(web: httpx.AsyncClient) -> None:
    given = await ask(web, FEES)

    answer = await web.get(f"{ASK}/{given['receipt']}", headers=code_of(given))

    found = answer.json()
    assert answer.status_code == 200
    assert set(found) == OBJECT | {"replies"}
    assert found["answers"] == given["answers"]
    assert found["decision"] == "answer"
    assert [reply["kind"] for reply in found["replies"]] == ["answer"]


async def test_a_receipt_is_read_as_people_type_it(web: httpx.AsyncClient) -> None:
    given = await ask(web)
    receipt = given["receipt"]
    typed = f"{receipt[:6]} {receipt[6:10]} {receipt[10:]}"

    answer = await web.get(f"{ASK}/{typed}", headers=code_of(given))

    assert answer.json()["receipt"] == receipt


async def test_the_session_cookie_authorises_too(web: httpx.AsyncClient) -> None:
    given = await ask(web)

    answer = await web.get(
        f"{ASK}/{given['receipt']}", headers={"Cookie": f"zixun_session={given['session']}"}
    )

    assert answer.status_code == 200


async def test_a_session_that_a_portal_chose_is_no_cookie(web: httpx.AsyncClient) -> None:
    given = await ask(web, FEES, session="user-1")

    answer = await web.get(f"{ASK}/{given['receipt']}", headers={"Cookie": "zixun_session=user-1"})

    assert answer.status_code == 404


async def test_unknown_receipts_and_wrong_codes_look_alike(web: httpx.AsyncClient) -> None:
    given = await ask(web)
    wrong = f"{(int(given['retrieval_code']) + 1) % 10_000:04d}"
    attempts = [
        await web.get(f"{ASK}/{given['receipt']}", headers={"X-Retrieval-Code": wrong}),
        await web.get(f"{ASK}/{given['receipt']}"),
        await web.get(f"{ASK}/26112300000005", headers={"X-Retrieval-Code": wrong}),
        await web.get(f"{ASK}/hello", headers={"X-Retrieval-Code": wrong}),
        await web.post(
            f"{ASK}/{given['receipt']}/escalation", json={}, headers={"X-Retrieval-Code": wrong}
        ),
    ]

    assert {answer.status_code for answer in attempts} == {404}
    assert len({answer.text for answer in attempts}) == 1


async def test_five_wrong_codes_lock_the_receipt_for_an_hour(
    web: httpx.AsyncClient, house: House
) -> None:
    given = await ask(web)
    address = f"{ASK}/{given['receipt']}"
    wrong = {"X-Retrieval-Code": f"{(int(given['retrieval_code']) + 1) % 10_000:04d}"}
    for _ in range(5):
        assert (await web.get(address, headers=wrong)).status_code == 404

    locked = await web.get(address, headers=code_of(given))

    assert locked.status_code == 429
    assert locked.headers["retry-after"] == "3600"
    house.clock.advance(timedelta(minutes=61))
    assert (await web.get(address, headers=code_of(given))).status_code == 200


async def test_a_choice_is_answered(web: httpx.AsyncClient) -> None:
    given = await ask(web, VAGUE)
    guide_id = given["choices"][0]["guide_id"]
    address = f"{ASK}/{given['receipt']}/choice"

    answer = await web.post(address, json={"guide_id": guide_id}, headers=code_of(given))

    found = answer.json()
    assert answer.status_code == 200
    assert found["answers"][0]["guide_id"] == guide_id
    assert found["choices"] == []
    expired = await web.post(address, json={"guide_id": guide_id}, headers=code_of(given))
    assert expired.status_code == 409


async def test_none_of_the_choices_is_no_failure(web: httpx.AsyncClient) -> None:
    given = await ask(web, VAGUE)

    answer = await web.post(
        f"{ASK}/{given['receipt']}/choice", json={"guide_id": "none"}, headers=code_of(given)
    )

    assert answer.json()["state"] == "open"
    assert answer.json()["answers"] == []
    assert "转给工作人员" in answer.json()["next_step"]


async def test_a_choice_that_was_not_offered_is_a_conflict(web: httpx.AsyncClient) -> None:
    given = await ask(web, VAGUE)

    answer = await web.post(
        f"{ASK}/{given['receipt']}/choice", json={"guide_id": "ZZZ"}, headers=code_of(given)
    )

    assert answer.status_code == 409


async def test_an_escalation_says_where_it_stands(web: httpx.AsyncClient) -> None:
    given = await ask(web)
    address = f"{ASK}/{given['receipt']}/escalation"

    first = await web.post(address, json={"note": "上午方便"}, headers=code_of(given))
    second = await web.post(address, json={}, headers=code_of(given))

    assert first.json()["decision"] == "hand_over"
    assert first.json()["expected_outcome"] is None
    assert given["retrieval_code"] in first.json()["replies"][0]["text"]
    assert second.json()["decision"] == "hand_over"
    assert second.json()["replies"][0]["kind"] == "status"


async def test_only_a_closed_consultation_is_rated_and_once(web: httpx.AsyncClient) -> None:
    given = await ask(web)
    address = f"{ASK}/{given['receipt']}/rating"
    early = await web.post(address, json={"value": "satisfied"}, headers=code_of(given))
    await web.post(
        f"{ASK}/{given['receipt']}/messages",
        json={"text": "解决了", "idempotency_key": "m1"},
        headers=code_of(given),
    )

    rated = await web.post(
        address, json={"value": "satisfied", "reason": "很清楚"}, headers=code_of(given)
    )
    again = await web.post(address, json={"value": "dissatisfied"}, headers=code_of(given))

    assert early.status_code == 409
    assert rated.status_code == 200
    assert (rated.json()["state"], rated.json()["outcome"]) == ("closed", "ANSWERED_KB")
    assert again.status_code == 409


async def test_a_message_stays_in_its_consultation(web: httpx.AsyncClient, house: House) -> None:
    given = await ask(web)
    body = {"text": "那超过多少件才收", "idempotency_key": "m1"}
    address = f"{ASK}/{given['receipt']}/messages"

    first = await web.post(address, json=body, headers=code_of(given))
    again = await web.post(address, json=body, headers=code_of(given))
    other = await web.post(address, json=body | {"text": "怎么申请"}, headers=code_of(given))

    assert first.status_code == 200
    assert again.json() == first.json()
    assert other.status_code == 409
    assert await count(house) == 1


async def test_a_closed_consultation_takes_no_more_messages(web: httpx.AsyncClient) -> None:
    given = await ask(web, "今天天气怎么样")

    answer = await web.post(
        f"{ASK}/{given['receipt']}/messages",
        json={"text": "那明天呢", "idempotency_key": "m1"},
        headers=code_of(given),
    )

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \u3000\n\u200b"}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": ["收费吗"]}, "text"),
        ({"text": "问" * (LONGEST_TEXT + 1)}, "text"),
        ({"text": FEES, "session": 5}, "session"),
        ({"text": FEES, "session": ""}, "session"),
        ({"text": FEES, "session": "s" * 129}, "session"),
        ([], "body"),
        ("收费吗", "body"),
        (None, "body"),
    ],
)
async def test_a_wrong_question_gets_one_sentence_and_the_field(
    web: httpx.AsyncClient, house: House, body: Any, field: str
) -> None:
    answer = await web.post(ASK, json=body)

    problem = answer.json()
    assert answer.status_code == 422
    assert set(problem) == {"detail", "field"}
    assert problem["field"] == field
    assert problem["detail"].endswith("。")
    assert problem["detail"].count("。") == 1
    assert await count(house) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{'text': 1}", b"\xff\xfe", b"[" * 20_000, b'{"text": "\\ud800"}'],
)
async def test_a_body_that_cannot_be_read_gets_one_sentence(
    web: httpx.AsyncClient, content: bytes
) -> None:
    answer = await web.post(ASK, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert set(answer.json()) == {"detail", "field"}


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"text=1", "application/x-www-form-urlencoded", "Content-Type: application/json"),
        (b'{"text": "1"}', "text/plain", "Content-Type: application/json"),
        (b"[]", "application/json", "不能是数组"),
        (b'"1"', "application/json; charset=utf-8", "不能是数组"),
        (b"null", "application/json", "null"),
        (b"", "application/json", "没有内容"),
        (b"{", "application/json", "不是有效的 JSON"),
    ],
)
async def test_what_is_wrong_with_a_whole_body_is_said(
    web: httpx.AsyncClient, content: bytes, kind: str, reason: str
) -> None:
    answer = await web.post(ASK, content=content, headers={"Content-Type": kind})

    assert answer.status_code == 422
    assert answer.json()["field"] == "body"
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize("value", ["great", "", 5, None])
async def test_a_wrong_rating_value_names_the_right_ones(
    web: httpx.AsyncClient, value: Any
) -> None:
    given = await ask(web, "今天天气怎么样")

    answer = await web.post(
        f"{ASK}/{given['receipt']}/rating", json={"value": value}, headers=code_of(given)
    )

    assert answer.status_code == 422
    assert answer.json()["field"] == "value"


async def test_a_text_of_the_greatest_length_is_taken_in(web: httpx.AsyncClient) -> None:
    given = await ask(web, (FEES + "？").ljust(LONGEST_TEXT, "？"))

    assert given["receipt"]


async def test_a_text_with_nul_and_escapes_is_taken_in(web: httpx.AsyncClient) -> None:
    given = await ask(web, "申请信息公开\0收费吗\x1b")

    assert given["receipt"]


async def test_a_body_over_the_limit_is_refused(web: httpx.AsyncClient) -> None:
    content = b'{"text": "' + b"x" * 70_000 + b'"}'

    async def unannounced() -> Any:
        for start in range(0, len(content), 1_000):
            yield content[start : start + 1_000]

    announced = await web.post(ASK, content=content, headers={"Content-Type": "application/json"})
    streamed = await web.post(
        ASK, content=unannounced(), headers={"Content-Type": "application/json"}
    )

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert announced.json() == streamed.json()


async def test_a_client_that_sends_too_much_is_told_when_to_go_on(house: House) -> None:
    application = build_application(house.service, house.speaker, posts_of_session=3)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://zixun.test") as web:
        body = {"text": FEES, "session": "one busy person"}
        statuses = [(await web.post(ASK, json=body)).status_code for _ in range(3)]
        refused = await web.post(ASK, json=body)
        other = await web.post(ASK, json=body | {"session": "somebody else"})

        assert statuses == [201, 201, 201]
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert other.status_code == 201
        house.clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
        assert (await web.post(ASK, json=body)).status_code == 201


async def test_who_looks_up_too_often_is_told_when_to_go_on(house: House) -> None:
    application = build_application(house.service, house.speaker, posts_of_address=4)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://zixun.test") as web:
        given = await ask(web)
        address = f"{ASK}/{given['receipt']}"
        found = [await web.get(address, headers=code_of(given)) for _ in range(4)]

        assert [answer.status_code for answer in found] == [200, 200, 200, 429]
        assert 0 < int(found[-1].headers["retry-after"]) <= 60


async def test_a_store_that_is_away_is_said_and_nothing_is_written(
    web: httpx.AsyncClient, house: House
) -> None:
    await house.service.database.close()

    answer = await web.post(ASK, json={"text": FEES})

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "没有存下来" in answer.json()["detail"]


async def test_a_reply_by_staff_can_be_fetched(web: httpx.AsyncClient, house: House) -> None:
    given = await ask(web, "转人工")
    await house.service.staffing.add(name="李晓", role="clerk", telegram=77, at=house.clock.moment)
    await reply_as_staff(house, given["receipt"], "材料已经寄出。")

    answer = await web.get(f"{ASK}/{given['receipt']}", headers=code_of(given))

    found = answer.json()
    assert (found["state"], found["outcome"]) == ("closed", "ANSWERED_STAFF")
    assert found["replies"][-1]["kind"] == "staff_reply"
    assert "材料已经寄出。" in found["replies"][-1]["text"]


async def test_the_documentation_names_every_route_with_examples(web: httpx.AsyncClient) -> None:
    document = (await web.get("/openapi.json")).json()

    paths = document["paths"]
    base = "/api/consultations/{receipt}"
    assert set(paths) >= {
        ASK, base, f"{base}/choice", f"{base}/rating", f"{base}/escalation", f"{base}/messages",
        "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
    assert set(paths[ASK]["post"]["responses"]) >= {"200", "201", "409", "422", "429", "503"}
    for name in ("Question", "Choice", "RatingGiven", "Escalation", "Message"):
        assert document["components"]["schemas"][name]["examples"]
    assert "X-Retrieval-Code" in str(paths[base]["get"]["parameters"])
    (key,) = paths[ASK]["post"]["parameters"]
    assert key["name"] == "Idempotency-Key"
    assert "at least 16 characters" in key["description"]
    assert "/console" not in paths


@pytest.mark.parametrize("address", ["/docs", "/redoc"])
async def test_no_page_loads_documentation_from_another_host(
    web: httpx.AsyncClient, address: str
) -> None:
    assert (await web.get(address)).status_code == 404


async def test_unknown_addresses_and_methods_answer_in_json(web: httpx.AsyncClient) -> None:
    missing = await web.get("/api/nothing")
    wrong = await web.delete(ASK)

    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert set(missing.json()) == set(wrong.json()) == {"detail"}
