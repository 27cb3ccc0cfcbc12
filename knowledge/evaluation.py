"""How well questions are answered: the arithmetic, and the files it is done on.

A knowledge base is JSON lines of ``{id, title, body, variants}``, questions of ``{query,
relevant}``, out-of-scope questions of ``{query}``; other fields are ignored. Questions are read
by the same ``Reader`` as the desk's.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.corpus import Entry
from knowledge.guides import VERIFIED, Guide, Passage
from knowledge.ladder import Decision
from knowledge.understanding import Reader

OUTSIDE_LET_THROUGH = 0.05
Row = dict[str, Any]


class EvaluationError(ValueError):
    """A file that cannot be evaluated; the message names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares from 0 to 1; None where nothing was asked.

    ``first`` and ``three``: a right entry is first, or among the first three. ``sure``: right and
    above the lowest threshold that lets at most 5 % of the out-of-scope questions through. By the
    ladder's own decision, ``right`` and ``wrong`` are the shares of the questions that are
    answered so, and ``outside`` that of the out-of-scope ones that are answered.
    """

    asked: int
    asked_outside: int
    first: float | None
    three: float | None
    sure: float | None
    right: float | None
    wrong: float | None
    outside: float | None


def evaluate(
    reader: Reader,
    texts: Sequence[str],
    *,
    today: date,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Row]:
    """What the reader makes of each text, in their order, as results are written.

    ``progress`` is told how many are done after each.
    """
    rows: list[Row] = []
    for text in texts:
        understanding = reader.read(text, today=today)
        match = understanding.match
        rows.append(
            {
                "query": text,
                "ranking": [{"id": one.id, "score": one.score} for one in match.candidates],
                "probability": round(match.probability, 6),
                "decision": str(understanding.verdict.decision),
            }
        )
        progress(len(rows))
    return rows


def summarise(
    rows: Sequence[Row], *, relevant: Sequence[Collection[str]], outside: Sequence[Row]
) -> Summary:
    """How many of the questions were found and answered rightly, and how many wrongly.

    ``relevant[n]`` are the ids that are right for ``rows[n]``; ``outside`` are the results of
    questions that no entry answers.
    """
    hits = [
        [place for place, one in enumerate(row["ranking"]) if one["id"] in right]
        for row, right in zip(rows, relevant, strict=True)
    ]
    first = [found[:1] == [0] for found in hits]
    threshold = _threshold([row["probability"] for row in outside])
    answered = [row["decision"] == Decision.ANSWER for row in rows]
    return Summary(
        asked=len(rows),
        asked_outside=len(outside),
        first=_share(first),
        three=_share([bool(found) and found[0] < 3 for found in hits]),
        sure=_share(
            [
                right and row["probability"] > threshold
                for right, row in zip(first, rows, strict=True)
            ]
        ),
        right=_share([right and given for right, given in zip(first, answered, strict=True)]),
        wrong=_share([given and not right for right, given in zip(first, answered, strict=True)]),
        outside=_share([row["decision"] == Decision.ANSWER for row in outside]),
    )


def read_entries(path: Path) -> list[Entry]:
    """The knowledge base of a file, as it is matched.

    Raises EvaluationError if a line is not ``{id, title, body, variants}`` or an id comes twice.
    """
    entries: dict[str, Entry] = {}
    for number, row in _lines(path):
        entry = Entry(
            id=_text(row, "id", path=path, number=number),
            title=_text(row, "title", path=path, number=number),
            phrasings=tuple(_texts(row, "variants", path=path, number=number)),
            passages=(str(row.get("body") or ""),),
        )
        if entry.id in entries:
            raise EvaluationError(f"{path.name} 第 {number} 行：编号 {entry.id} 重复")
        entries[entry.id] = entry
    if not entries:
        raise EvaluationError(f"{path.name}：没有条目")
    return list(entries.values())


def as_guides(entries: Sequence[Entry]) -> list[Guide]:
    """Entries as guides that are always in force and whose answer answers."""
    return [
        Guide(
            id=entry.id,
            title=entry.title,
            category="",
            phrasings=entry.phrasings,
            passages=tuple(
                Passage(guide_id=entry.id, number=number, heading="", text=text)
                for number, text in enumerate(entry.passages)
            ),
            next_step="",
            basis=(),
            status=VERIFIED,
            in_force_from=date.min,
            in_force_until=None,
            reviewed_on=date.min,
            outcome="ANSWERED_KB",
        )
        for entry in entries
    ]


def read_questions(
    path: Path, *, ids: Collection[str] | None
) -> list[tuple[str, tuple[str, ...]]]:
    """Each question with the ids that are right for it, in the file's order.

    Raises EvaluationError if a line is not ``{query, relevant}``, or names an id that is not among
    ``ids`` (None: any).
    """
    found = []
    for number, row in _lines(path):
        relevant = tuple(_texts(row, "relevant", path=path, number=number))
        for key in relevant:
            if ids is not None and key not in ids:
                raise EvaluationError(f"{path.name} 第 {number} 行：知识库里没有编号 {key}")
        found.append((_text(row, "query", path=path, number=number), relevant))
    return found


def read_outside(path: Path) -> list[str]:
    """The out-of-scope questions of a file; EvaluationError if a line is not ``{query}``."""
    return [_text(row, "query", path=path, number=number) for number, row in _lines(path)]


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise EvaluationError(f"没有文件 {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path.name} 读不了，应为 UTF-8 的 JSONL 文件") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{path.name} 第 {number} 行不是 JSON") from error
        if not isinstance(row, dict):
            raise EvaluationError(f"{path.name} 第 {number} 行应为一个 JSON 对象")
        yield number, row


def _text(row: Mapping[str, Any], field: str, *, path: Path, number: int) -> str:
    value = row.get(field)
    if not isinstance(value, str) or (field != "query" and not value.strip()):
        raise EvaluationError(f"{path.name} 第 {number} 行：{field} 应为文字")
    return value


def _texts(row: Mapping[str, Any], field: str, *, path: Path, number: int) -> list[str]:
    value = row.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise EvaluationError(f"{path.name} 第 {number} 行：{field} 应为文字的列表")
    return value


def _threshold(probabilities: Sequence[float]) -> float:
    """The probability that all but 5 % of these do not exceed; -1 if there are none."""
    let_through = int(len(probabilities) * OUTSIDE_LET_THROUGH)
    ranked = sorted(probabilities, reverse=True)
    return ranked[let_through] if let_through < len(ranked) else -1.0


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
