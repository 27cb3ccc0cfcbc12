"""The main job on real input: three channels, one answer, three rows that add up."""

import json
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.reports.periods import parse_month
from bot.service import open_service
from bot.settings import Settings
from handlers.terminal.export import open_log, write_export
from tests.bot.test_app import serving
from tests.bot_api import BotApi
from tests.test_telegram_end_to_end import TOKEN, connected

QUESTION = "申请信息公开要多久答复"
FACT, BASIS = "最迟20个工作日答复", "第三十三条"


async def exported(settings: Settings, output: Path, *, now: datetime) -> tuple[Any, Any]:
    """This month's figures by code, and the rows behind them."""
    month = f"{now.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m}"
    async with open_log(settings) as log:
        code = await write_export(
            log, period=parse_month(month), format="json", output=output, rows=True, now=now
        )
    assert code == 0
    given = json.loads(output.read_text(encoding="utf-8"))
    listed = output.with_name(f"{output.stem}-明细.json").read_text(encoding="utf-8")
    return {figure["code"]: figure for figure in given["figures"]}, json.loads(listed)


def some(counts: dict[str, int]) -> dict[str, int]:
    """The counts that are not 0."""
    return {key: count for key, count in counts.items() if count}


async def test_three_channels_give_one_answer_and_three_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        BotApi.start(TOKEN, poll_second=0.02) as api,
        serving(tmp_path, **connected(api)) as served,
        httpx.AsyncClient(base_url=served.address, follow_redirects=True) as page,
    ):
        alice = api.person(1001, "Alice")
        await api.says(alice, QUESTION)
        in_telegram = (await api.next_sent(alice, within=20)).text

        async with httpx.AsyncClient(base_url=served.address) as portal:
            given = await portal.post("/api/consultations", json={"text": QUESTION})
        by_api = given.json()["answers"][0]
        key = re.search(r'name="key" value="([^"]+)"', (await page.get("/")).text)
        assert key is not None
        on_page = await page.post(
            "/ask", data={"key": key[1], "text": QUESTION}, headers={"Origin": served.address}
        )
        served.process.send_signal(signal.SIGTERM)
        assert await served.process.wait() == 0

    for words in (in_telegram, by_api["text"] + by_api["basis"][0], on_page.text):
        assert FACT in words
        assert BASIS in words

    monkeypatch.chdir(tmp_path)
    settings, now = Settings(), datetime.now(UTC)
    figures, rows = await exported(settings, tmp_path / "open.json", now=now)
    assert figures["Q1"]["value"] == 3
    assert some(figures["Q1"]["by"]["channel"]) == {"telegram": 1, "web": 2}
    assert some(figures["Q1"]["by"]["topic"]) == {"C01": 3}
    assert figures["O*"]["value"] == 0
    assert [row["first_outcome"] for row in rows] == [None, None, None]

    later = now + timedelta(hours=24, minutes=1)
    async with open_service(settings, clock=lambda: later) as service:
        assert await service.desk.close_silent(later) == 3
        assert await service.desk.close_silent(later) == 0

    figures, rows = await exported(settings, tmp_path / "closed.json", now=later)
    assert figures["Q1"]["value"] == 3
    assert some(figures["O*"]["by"]["outcome"]) == {"ANSWERED_KB": 3}
    assert figures["X0"]["value"] == 0
    assert len({row["receipt"] for row in rows}) == 3
