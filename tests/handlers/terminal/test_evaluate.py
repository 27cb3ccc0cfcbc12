import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from handlers.terminal.evaluate import run_evaluation

KB = '{"id": "land", "title": "征地批文在哪里看", "body": "在平台上按村名查。"}\n'
QUERIES = '{"query": "征地批文在哪看", "relevant": ["land"]}\n'
OOS = '{"query": "讲个笑话"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("kb", KB), ("queries", QUERIES), ("oos", OOS)):
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *more: str, kb: str | None = None) -> Result:
    app = typer.Typer()
    app.command()(run_evaluation)
    return CliRunner().invoke(
        app,
        [
            "--kb", kb or str(folder / "kb.jsonl"), "--queries", str(folder / "queries.jsonl"),
            "--oos", str(folder / "oos.jsonl"), "--output", str(folder / "results.jsonl"), *more,
        ],
    )  # fmt: skip


def test_results_are_the_questions_in_order_then_those_out_of_scope(folder: Path) -> None:
    result = run(folder)

    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert result.exit_code == 0
    assert [row["query"] for row in rows] == ["征地批文在哪看", "讲个笑话"]
    assert all(row.keys() == {"query", "ranking", "probability", "decision"} for row in rows)
    assert "R@1）：100.0%" in result.stdout
    assert "2/2" in result.stderr


def test_the_summary_can_be_json(folder: Path) -> None:
    summary = json.loads(run(folder, "--json").stdout)

    assert (summary["asked"], summary["asked_outside"], summary["first"]) == (1, 1, 1.0)


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    run(folder)
    first = (folder / "results.jsonl").read_bytes()
    run(folder)

    assert (folder / "results.jsonl").read_bytes() == first


def test_the_embedded_guides_can_be_asked(folder: Path) -> None:
    (folder / "queries.jsonl").write_text(
        '{"query": "征地的批文在哪看", "relevant": ["H18"]}\n', encoding="utf-8"
    )

    assert "R@1）：100.0%" in run(folder, kb="embedded").stdout


def test_bad_input_is_one_sentence_and_leaves_nothing_behind(folder: Path) -> None:
    (folder / "kb.jsonl").write_text(KB + "{\n", encoding="utf-8")
    before = set(folder.iterdir())

    result = run(folder)

    assert result.exit_code == 2
    assert result.stderr == "kb.jsonl 第 2 行不是 JSON\n"
    assert set(folder.iterdir()) == before


def test_a_folder_that_does_not_exist_is_refused_before_the_work(folder: Path) -> None:
    result = run(folder, "--output", str(folder / "none" / "results.jsonl"))

    assert result.exit_code == 2
    assert "没有文件夹" in result.stderr
