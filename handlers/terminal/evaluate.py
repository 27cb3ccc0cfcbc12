"""``zixun evaluate``: answer labelled questions with the desk's own reader, and count."""

import json
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.jobs.encoder import reading_encoder, vectors_folder
from bot.settings import load_settings
from knowledge.evaluation import (
    EvaluationError,
    Row,
    Summary,
    as_guides,
    evaluate,
    read_entries,
    read_outside,
    read_questions,
    summarise,
)
from knowledge.guides import Guide, GuideError, load_guides
from knowledge.understanding import Reader

BAD_INPUT = 2
EMBEDDED = "embedded"
SHOW_EVERY = 200


def run_evaluation(
    kb: Annotated[
        str, typer.Option("--kb", metavar="KB.jsonl|embedded", help="知识库文件，或随附的指南")
    ],
    queries: Annotated[Path, typer.Option("--queries", metavar="Q.jsonl", help="带答案的问题")],
    output: Annotated[
        Path, typer.Option("--output", metavar="RESULTS.jsonl", help="逐题结果写到哪里")
    ],
    oos: Annotated[
        Path | None, typer.Option("--oos", metavar="O.jsonl", help="知识库答不了的问题")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="汇总输出为 JSON")] = False,
) -> None:
    """用机器人同一套办法回答一批问题，写出逐题结果，并统计答对、答错和不该答而答的。"""
    today = datetime.now(UTC).astimezone().date()
    try:
        guides = _guides(kb)
        questions = read_questions(queries, ids={guide.id for guide in guides})
        outside = read_outside(oos) if oos is not None else []
    except (EvaluationError, GuideError) as error:
        _refuse(str(error).splitlines()[0])
    if not questions:
        _refuse(f"{queries.name}：没有问题")
    if not output.parent.is_dir():
        _refuse(f"没有文件夹 {output.parent}")
    texts = [text for text, _ in questions] + outside
    with _reading(guides) as reader:
        rows = evaluate(
            reader, texts, today=today, progress=lambda done: _show(done, of=len(texts))
        )
    try:
        _write(rows, to=output)
    except OSError:
        _refuse(f"写不了文件 {output}")
    inside = rows[: len(questions)]
    relevant: list[Collection[str]] = [right for _, right in questions]
    summary = summarise(inside, relevant=relevant, outside=rows[len(questions) :])
    if as_json:
        typer.echo(json.dumps(asdict(summary), ensure_ascii=False))
        return
    for line in summary_lines(summary):
        typer.echo(line)


@contextmanager
def _reading(guides: Sequence[Guide]) -> Iterator[Reader]:
    """A reader as the desk's, with the encoder if there is one."""
    reader = Reader(guides)
    settings = load_settings()
    folder = vectors_folder(settings.database_url)
    with reading_encoder(reader, settings.encoder, folder=folder, only_kept=False):
        yield reader


def summary_lines(summary: Summary) -> list[str]:
    """The figures as a person reads them; what could not be measured is shown as a dash."""
    figures = [
        ("第一条就对（R@1）", summary.first),
        ("前三条里有（R@3）", summary.three),
        ("误答不超过 5% 时答对（S5）", summary.sure),
        ("实际答对", summary.right),
        ("实际答错", summary.wrong),
        ("答不了的被答了", summary.outside),
    ]
    return [
        f"问题 {summary.asked} 个，答不了的问题 {summary.asked_outside} 个",
        *(
            f"{label}：{'—' if share is None else f'{100 * share:.1f}%'}"
            for label, share in figures
        ),
    ]


def _guides(kb: str) -> list[Guide]:
    return list(load_guides()) if kb == EMBEDDED else as_guides(read_entries(Path(kb)))


def _show(done: int, *, of: int) -> None:
    if done % SHOW_EVERY == 0 or done == of:
        typer.echo(f"{done}/{of}", err=True)


def _write(rows: Sequence[Row], *, to: Path) -> None:
    """All rows or none: the file appears when it is whole."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=to.parent, prefix=f".{to.name}.", delete=False
    ) as file:
        unfinished = Path(file.name)
        try:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    try:
        unfinished.chmod(0o644)
        unfinished.replace(to)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(BAD_INPUT)
