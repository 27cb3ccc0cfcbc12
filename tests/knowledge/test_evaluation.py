from datetime import date
from pathlib import Path

import pytest

from knowledge.evaluation import (
    EvaluationError,
    as_guides,
    evaluate,
    read_entries,
    read_outside,
    read_questions,
    summarise,
)
from knowledge.understanding import Reader

TODAY = date(2026, 11, 23)
KB = """\
{"id": "land", "title": "征地批文在哪里看", "body": "在省征地信息公开平台按村名查。"}
{"id": "fee", "title": "申请公开收不收费", "body": "一般不收费。", "variants": ["要钱吗"]}

"""


def row(*ids: str, probability: float, decision: str = "answer") -> dict[str, object]:
    ranking = [{"id": key, "score": 1.0} for key in ids]
    return {"query": "", "ranking": ranking, "probability": probability, "decision": decision}


def written(folder: Path, text: str) -> Path:
    path = folder / "file.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_results_are_what_the_reader_says(tmp_path: Path) -> None:
    reader = Reader(as_guides(read_entries(written(tmp_path, KB))))

    (found,) = evaluate(reader, ["征地批文在哪看"], today=TODAY)

    understanding = reader.read("征地批文在哪看", today=TODAY)
    assert [one["id"] for one in found["ranking"]] == [
        one.id for one in understanding.match.candidates
    ]
    assert found["ranking"][0]["id"] == "land"
    assert found["decision"] == understanding.verdict.decision
    assert found["probability"] == round(understanding.match.probability, 6)


def test_the_same_question_twice_is_two_results(tmp_path: Path) -> None:
    path = written(tmp_path, '{"query": "要钱吗", "relevant": ["fee"]}\n' * 2)

    assert read_questions(path, ids={"fee"}) == [("要钱吗", ("fee",))] * 2


def test_the_figures_are_counted_as_defined() -> None:
    rows = [
        row("a", "b", probability=0.9),
        row("b", "a", probability=0.8),
        row("c", "d", "e", "a", probability=0.1, decision="clarify"),
        row("a", probability=0.3, decision="clarify"),
    ]
    outside = [row("a", probability=0.5)] + [
        row("a", probability=0.2, decision="hand_over") for _ in range(19)
    ]

    summary = summarise(rows, relevant=[{"a"}] * 4, outside=outside)

    assert (summary.first, summary.three) == (0.5, 0.75)
    assert summary.sure == 0.5  # one of twenty may pass, so the threshold is 0.2
    assert (summary.right, summary.wrong, summary.outside) == (0.25, 0.25, 0.05)


def test_too_few_questions_out_of_scope_let_none_through() -> None:
    summary = summarise(
        [row("a", probability=0.4)], relevant=[{"a"}], outside=[row("b", probability=0.5)]
    )

    assert summary.sure == 0.0


def test_what_was_not_asked_has_no_figure() -> None:
    summary = summarise([row("a", probability=0.4)], relevant=[{"a"}], outside=[])

    assert summary.outside is None
    assert summary.sure == 1.0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "第 1 行不是 JSON"),
        ("[]", "第 1 行应为一个 JSON 对象"),
        ('{"id": "a"}', "第 1 行：title"),
        ('{"id": "a", "title": "甲", "variants": "乙"}', "第 1 行：variants"),
        ('{"id": "a", "title": "甲"}\n{"id": "a", "title": "乙"}', "第 2 行：编号 a 重复"),
        ("", "没有条目"),
    ],
)
def test_a_wrong_knowledge_base_is_named_with_its_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(EvaluationError, match=complaint):
        read_entries(written(tmp_path, text))


def test_a_question_must_name_entries_that_exist(tmp_path: Path) -> None:
    path = written(tmp_path, '{"query": "甲", "relevant": ["nobody"]}')

    with pytest.raises(EvaluationError, match="第 1 行：知识库里没有编号 nobody"):
        read_questions(path, ids={"a"})


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(EvaluationError, match="没有文件"):
        read_outside(tmp_path / "none.jsonl")
    with pytest.raises(EvaluationError, match=r"broken\.jsonl 读不了"):
        read_outside(broken)
