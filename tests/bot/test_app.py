"""The service as a process: it answers, it stops, and it refuses what it cannot do."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
STARTING_SECONDS = 60


@dataclass
class Served:
    """A running ``zixun serve``: its process, address, and what it printed at the start."""

    process: asyncio.subprocess.Process
    address: str
    printed: str


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ZIXUN_")}
    return kept | {"PYTHONPATH": str(ROOT), "ZIXUN_PORT": "0", "HOME": str(folder)} | settings


async def start(folder: Path, **settings: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "serve",
        cwd=folder,
        env=environment(folder, **settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def serving(folder: Path, **settings: str) -> AsyncIterator[Served]:
    process = await start(folder, **settings)
    if process.stdout is None:
        raise AssertionError("the output is not captured")
    printed = ""
    async with asyncio.timeout(STARTING_SECONDS):
        while "Ctrl-C" not in printed:
            line = await process.stdout.readline()
            if not line:
                raise AssertionError((await process.communicate())[1].decode())
            printed += line.decode()
    found = re.search(r"http://localhost:\d+", printed)
    if found is None:
        raise AssertionError(printed)
    try:
        yield Served(process, found[0], printed)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def refused(folder: Path, **settings: str) -> str:
    """What a ``serve`` that cannot start says, having checked that it is one line, status 2."""
    process = await start(folder, **settings)
    async with asyncio.timeout(STARTING_SECONDS):
        _, said = await process.communicate()
    lines = [line for line in said.decode().splitlines() if not line.startswith("{")]
    assert process.returncode == 2, said.decode()
    assert len(lines) == 1, lines
    return lines[0]


async def test_it_answers_over_http_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    async with serving(tmp_path) as served, httpx.AsyncClient(base_url=served.address) as client:
        answer = await client.post("/api/consultations", json={"text": "申请信息公开要多久答复"})
        served.process.send_signal(signal.SIGINT)
        status = await served.process.wait()

    given = answer.json()
    assert answer.status_code == 201
    assert "20个工作日" in given["answers"][0]["text"]
    assert "第三十三条" in given["answers"][0]["basis"][0]
    assert status == 0


async def test_ten_open_live_pages_do_not_hold_up_the_end(tmp_path: Path) -> None:
    async with serving(tmp_path) as served, asyncio.TaskGroup() as group:
        opened = asyncio.Semaphore(0)

        async def live_page() -> None:
            async with httpx.AsyncClient(base_url=served.address, timeout=30) as client:
                await client.get("/")
                async with client.stream("GET", "/live") as stream:
                    assert stream.status_code == 200
                    opened.release()
                    async for _ in stream.aiter_raw():
                        pass

        for _ in range(10):
            group.create_task(live_page())
        for _ in range(10):
            await opened.acquire()
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        status = await served.process.wait()
        took = time.monotonic() - began

    assert status == 0
    assert took < 2


async def test_the_first_administrators_link_goes_to_the_terminal_alone_and_works_once(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as served, httpx.AsyncClient(base_url=served.address) as client:
        found = re.search(r"/console/sign-in\?token=(\S+)", served.printed)
        assert found is not None
        own = {"Origin": served.address}
        page = await client.get(found[0])
        first = await client.post("/console/sign-in", data={"token": found[1]}, headers=own)
        async with httpx.AsyncClient(base_url=served.address) as other:
            second = await other.post("/console/sign-in", data={"token": found[1]}, headers=own)
        console = await client.get("/console")
        served.process.send_signal(signal.SIGTERM)
        _, log = await served.process.communicate()

    assert page.status_code == 200
    assert first.status_code in (302, 303)
    assert second.status_code >= 400
    assert console.status_code == 200
    assert found[1] not in log.decode()


async def test_with_an_administrator_there_is_no_link_any_more(tmp_path: Path) -> None:
    async with serving(tmp_path) as served, httpx.AsyncClient(base_url=served.address) as client:
        found = re.search(r"token=(\S+)", served.printed)
        assert found is not None
        await client.post(
            "/console/sign-in", data={"token": found[1]}, headers={"Origin": served.address}
        )
        served.process.send_signal(signal.SIGTERM)
        await served.process.wait()

    async with serving(tmp_path) as again:
        assert "token=" not in again.printed


async def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path):
        said = await refused(tmp_path)

    assert "另一个 zixun serve 正在用" in said


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        port = served.address.rsplit(":", 1)[1]
        (tmp_path / "other").mkdir()
        said = await refused(tmp_path / "other", ZIXUN_PORT=port)

    assert f"127.0.0.1:{port}" in said


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        served.process.send_signal(signal.SIGTERM)
        await served.process.wait()
    path = tmp_path / "data" / "zixun.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    said = await refused(tmp_path)

    assert "由更新版本的 Zixun 写成（9999）" in said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ZIXUN_BOT_TOKEN": "wrong"}, "ZIXUN_BOT_TOKEN"),
        ({"ZIXUN_DATABASE_URL": "sqlite:////proc/zixun/zixun.db"}, "/proc/zixun"),
        ({"ZIXUN_OFFICE": "broken.toml"}, "broken.toml"),
    ],
)
async def test_what_cannot_work_is_said_before_anything_is_served(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    (tmp_path / "broken.toml").write_text("name = ")

    assert words in await refused(tmp_path, **settings)


async def test_commands_run_beside_a_running_service(tmp_path: Path) -> None:
    async with serving(tmp_path):
        beside = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "ask",
            "--json",
            "申请信息公开要多久答复",
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await beside.communicate()

    assert json.loads(said)["decision"] == "answer"
