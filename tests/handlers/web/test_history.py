"""A consultation as its first events left it."""

import httpx

from bot.store import consultations, events
from handlers.web.history import as_of

from .conftest import House


async def test_replaying_every_event_gives_the_row_back(
    web: httpx.AsyncClient, house: House
) -> None:
    given = (await web.post("/api/consultations", json={"text": "我想要那个文件"})).json()
    code = {"X-Retrieval-Code": given["retrieval_code"]}
    base = f"/api/consultations/{given['receipt']}"
    guide_id = given["choices"][0]["guide_id"]
    await web.post(f"{base}/choice", json={"guide_id": guide_id}, headers=code)
    await web.post(f"{base}/escalation", json={}, headers=code)

    row = await house.service.database.read(
        lambda connection: consultations.by_receipt(connection, given["receipt"])
    )
    assert row is not None
    log = await house.service.database.read(
        lambda connection: events.of_consultation(connection, row.id)
    )

    assert as_of(row, log) == row
    assert as_of(row, log[:1]).state == "OPEN_BOT"
    assert row.state == "OPEN_QUEUE"
