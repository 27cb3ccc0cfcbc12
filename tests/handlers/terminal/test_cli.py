"""The command line as a user types it: real processes, real files, one clear line when wrong."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.guides import load_guides

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def zixun(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ZIXUN_")}
    environment |= {"PYTHONPATH": str(ROOT)} | settings
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command_at_once(folder: Path) -> None:
    def children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = children()
    shown = zixun(folder, "--help")
    took = children() - before

    assert shown.returncode == 0
    for command in ("serve", "ask", "kb", "evaluate", "export", "report", "staff", "doctor"):
        assert command in shown.stdout
    # Half a second by the clock on an idle machine; computing time does not mind a busy one.
    assert took < 0.5


@pytest.mark.parametrize(
    "words", [("--help",), ("deadline", "--from", "2026-11-23", "--days", "20")]
)
def test_light_commands_load_neither_telegram_nor_the_word_cutter(
    folder: Path, words: tuple[str, ...]
) -> None:
    program = (
        "import sys\n"
        "from bot.__main__ import main\n"
        f"sys.argv = ['zixun', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'aiogram', 'jieba', 'sqlalchemy', 'fastapi', 'opencc'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_a_question_is_answered_with_its_basis_and_logged(folder: Path) -> None:
    done = zixun(folder, "ask", "--json", "申请信息公开要多久答复")

    given = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (given["state"], given["outcome"], given["decision"]) == ("open", None, "answer")
    assert given["expected_outcome"] == "ANSWERED_KB"
    assert "20个工作日" in given["answers"][0]["text"]
    assert "第三十三条" in given["answers"][0]["basis"][0]
    assert given["answers"][0]["in_force_since"] == "2019-05-15"
    assert given["answers"][0]["understood_as"] == "按“多久答复”理解您的问题。"
    assert len(given["receipt"]) == 14
    assert (folder / "data" / "zixun.db").exists()
    assert (folder / "data" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_the_words_are_read_by_people_without_json(folder: Path) -> None:
    done = zixun(folder, "ask", "申请信息公开要多久答复")

    assert "依据：《政府信息公开条例》第三十三条" in done.stdout
    assert done.stderr.strip().startswith("受理编号 ")
    assert "查询码 " in done.stderr


def test_an_answer_to_other_words_says_how_they_were_understood(folder: Path) -> None:
    done = zixun(folder, "ask", "信息公开这个事要交费不")

    assert "\n\n按“收不收费”理解您的问题。\n\n依据：" in done.stdout


def test_what_is_asked_back_names_the_choices(folder: Path) -> None:
    done = zixun(folder, "ask", "我想要那个文件")

    assert done.stdout.startswith("您想问的是哪一件事？\n· ")


def test_a_question_that_is_too_long_is_one_clear_line(folder: Path) -> None:
    done = zixun(folder, "ask", "公" * 10_000)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_lost_key_is_not_replaced_beside_a_database(folder: Path) -> None:
    assert zixun(folder, "staff", "list").returncode == 0
    (folder / "data" / "secret.key").unlink()

    done = zixun(folder, "staff", "list")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "不见了" in done.stderr
    assert not (folder / "data" / "secret.key").exists()


def test_a_member_gets_a_sign_in_link(folder: Path) -> None:
    zixun(folder, "staff", "add", "王敏")

    given, unknown = zixun(folder, "staff", "link", "1"), zixun(folder, "staff", "link", "9")

    assert "/console/sign-in?token=" in given.stdout
    assert unknown.returncode == 2


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_question_is_one_clear_line(folder: Path, text: str) -> None:
    done = zixun(folder, "ask", text)

    assert done.returncode == 2
    assert done.stderr == "请写上要问的话。\n"
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ZIXUN_PORT": "x"}, "ZIXUN_PORT："),
        ({"ZIXUN_BOT_TOKEN": "x"}, "ZIXUN_BOT_TOKEN："),
        ({"ZIXUN_DATABASE_URL": "mysql://x/y"}, "ZIXUN_DATABASE_URL"),
        ({"ZIXUN_DATABASE_URL": "::"}, "ZIXUN_DATABASE_URL"),
        ({"ZIXUN_OFFICE": "missing.toml"}, "missing.toml"),
        ({"ZIXUN_SECRET_KEY": "short"}, "ZIXUN_SECRET_KEY"),
    ],
)
def test_a_wrong_setting_ends_a_command_with_one_line(
    folder: Path, settings: dict[str, str], words: str
) -> None:
    done = zixun(folder, "ask", "你好", **settings)

    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_database_that_is_none_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "zixun.db").write_text("这不是数据库" * 200)
    (folder / "data" / "secret.key").write_text("a secret that is long enough")
    before = (folder / "data" / "zixun.db").read_bytes()

    done = zixun(folder, "ask", "你好")

    assert done.returncode == 2
    assert done.stderr == "这个文件不是 Zixun 的数据库\n"
    assert (folder / "data" / "zixun.db").read_bytes() == before


def test_the_staff_list_is_kept(folder: Path) -> None:
    assert zixun(folder, "staff", "add", "王敏", "--telegram", "4711").returncode == 0

    again = zixun(folder, "staff", "add", "王敏", "--telegram", "4711")
    listed = zixun(folder, "staff", "list")
    stopped = zixun(folder, "staff", "disable", "1")

    assert (again.returncode, again.stderr) == (2, "这个 Telegram 账号已经在名单里\n")
    assert listed.stdout == "1\t王敏\t经办人、有 Telegram\n"
    assert stopped.returncode == 0
    assert "已停用" in zixun(folder, "staff", "list").stdout
    assert zixun(folder, "staff", "add", "李", "--role", "king").returncode == 2


def test_the_doctor_finds_nothing_wrong_in_a_fresh_folder(folder: Path) -> None:
    done = zixun(folder, "doctor")

    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout
    assert f"指南 {len(load_guides())} 条" in done.stdout


def test_the_guides_are_listed_and_have_nothing_to_repair(folder: Path) -> None:
    listed = zixun(folder, "kb", "list", "--json")
    checked = zixun(folder, "kb", "lint", "--json")

    assert len(json.loads(listed.stdout)["guides"]) >= 122
    assert (checked.returncode, json.loads(checked.stdout)) == (0, {"findings": []})


def test_a_broken_guide_is_named_by_file_and_field(folder: Path) -> None:
    source = (ROOT / "knowledge" / "guides" / "C01.md").read_text()
    (folder / "C01.md").write_text(source.replace("ANSWERED_KB", "DONE"))

    done = zixun(folder, "kb", "lint", "C01.md", "--json")

    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["guide"], finding["field"], finding["rule"]) == ("C01.md", "outcome", "load")


def test_a_search_says_what_is_found_and_why(folder: Path) -> None:
    done = zixun(folder, "kb", "search", "申请信息公开要多久答复", "--json")

    given = json.loads(done.stdout)
    assert given["candidates"][0]["guide_id"] == "C01"
    assert given["candidates"][0]["why"]["words"]
    assert given["candidates"][0]["explanation"].startswith("同有：")
    assert not (folder / "data" / "zixun.db").exists()


def test_a_search_is_read_by_people_a_line_for_each_candidate(folder: Path) -> None:
    done = zixun(folder, "kb", "search", "申请信息公开要多久答复")

    verdict, first, *others = done.stdout.splitlines()
    assert verdict.startswith("判断：answer（sure），把握 0.")
    assert first.startswith("C01  ")
    for part in ("  多久答复  同有：", "多久→", "最像", "引用“答案”一段"):
        assert part in first
    assert len(others) == 9
    assert done.stdout.count("把握") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("ask",),
        ("ask", "--loud", "问"),
        ("export", "--month", "2026-10"),
        ("deadline", "--from", "2026-11-23", "--days", "many"),
        ("report", "--year", "sixteen", "--output", "x.docx"),
    ],
)
def test_a_command_typed_wrongly_is_told_in_one_line(folder: Path, words: tuple[str, ...]) -> None:
    done = zixun(folder, *words)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_without_a_command_the_help_is_shown(folder: Path) -> None:
    done = zixun(folder)

    assert done.returncode == 2
    assert "serve" in done.stderr
