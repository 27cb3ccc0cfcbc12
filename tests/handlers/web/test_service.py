"""The routes for machines."""

from dataclasses import replace
from pathlib import Path

import httpx

from bot.store.database import Database
from handlers.web.application import build_application

from .conftest import House

UPDATE = "/telegram/webhook"


async def test_a_living_process_says_so(web: httpx.AsyncClient) -> None:
    answer = await web.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readiness_follows_the_store(
    web: httpx.AsyncClient, house: House, tmp_path: Path
) -> None:
    assert (await web.get("/readyz")).status_code == 200

    away = Database(f"sqlite:///{tmp_path}/no-such-folder/zixun.db")
    application = build_application(replace(house.service, database=away), house.speaker)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://zixun.test") as without:
        assert (await without.get("/readyz")).status_code == 503
        assert (await without.get("/healthz")).status_code == 200
    await away.close()


async def test_metrics_count_inquiries_once_and_time_routes(web: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "5b0c7c1e-6d0e-4c6b-9f0e"}
    for _ in range(2):
        await web.post("/api/consultations", json={"text": "申请信息公开收费吗"}, headers=key)
    given = (await web.post("/api/consultations", json={"text": "转人工"})).json()
    await web.get(f"/api/consultations/{given['receipt']}")
    await web.get("/nothing/at/all")

    text = (await web.get("/metrics")).text

    assert 'zixun_inquiries_total{channel="web",decision="answer"} 1.0' in text
    assert 'zixun_inquiries_total{channel="web",decision="hand_over"} 1.0' in text
    assert 'route="/api/consultations/{receipt}",status="404"' in text
    assert 'route="unmatched",status="404"' in text
    assert "zixun_outbox_pending 1.0" in text
    assert given["receipt"] not in text


async def test_an_update_is_handed_over_with_its_secret(
    web: httpx.AsyncClient, house: House
) -> None:
    house.status_of_update = 503
    secret = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}

    answer = await web.post(UPDATE, content=b'{"update_id": 1}', headers=secret)

    assert answer.status_code == 503
    assert house.updates == [(b'{"update_id": 1}', "s3cret")]


async def test_a_long_update_is_taken_in_and_an_endless_one_is_not(
    web: httpx.AsyncClient, house: House
) -> None:
    long = await web.post(UPDATE, content=b"x" * 200_000)
    endless = await web.post(UPDATE, content=b"x" * 1_100_000)

    assert (long.status_code, endless.status_code) == (200, 413)
    assert len(house.updates) == 1


async def test_without_telegram_there_is_no_webhook(house: House) -> None:
    transport = httpx.ASGITransport(build_application(house.service, house.speaker))
    async with httpx.AsyncClient(transport=transport, base_url="http://zixun.test") as web:
        assert (await web.post(UPDATE, content=b"{}")).status_code == 404
