"""Our own labelled questions as a gate: who changes a guide or a weight sees what that loses."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from knowledge.guides import load_guides
from knowledge.ladder import Decision, channels
from knowledge.text import tidy
from knowledge.understanding import QUESTION, Reader

TODAY = date(2026, 11, 23)
FOLDER = Path(__file__).parents[1] / "questions"
DEVELOPMENT, HELD_BACK = "development", "held_back"

# Group → least share of questions whose guide is first, and among the first three. A little below
# what was measured on 2026-11-24 without an encoder; raise them when matching gets better.
FOUND: Mapping[str, Mapping[str, tuple[float, float]]] = {
    DEVELOPMENT: {
        "plain": (0.85, 0.95), "typo": (0.92, 0.98), "traditional": (0.93, 0.98),
        "pinyin": (0.91, 0.96), "dialect": (0.92, 0.98), "long": (0.88, 0.97),
        "trap": (0.72, 0.95),
    },
    HELD_BACK: {
        "plain": (0.82, 0.92), "typo": (0.92, 0.98), "traditional": (0.93, 0.96),
        "pinyin": (0.91, 0.96), "dialect": (0.86, 0.95), "long": (0.92, 0.97),
        "trap": (0.74, 0.90),
    },
}  # fmt: skip
# Of near misses, the least share that is sent to the right channel.
SENT_ON: Mapping[str, Mapping[str, float]] = {
    DEVELOPMENT: {
        "near_complaint": 0.80, "near_business": 0.80, "near_legal": 0.76, "near_petition": 0.93,
        "emergency": 0.99, "long_rambling": 0.83,
    },
    HELD_BACK: {
        "near_complaint": 0.52, "near_business": 0.65, "near_legal": 0.80, "near_petition": 0.70,
        "emergency": 0.89, "long_rambling": 0.57,
    },
}  # fmt: skip
MOST_OUTSIDE_ANSWERED = {DEVELOPMENT: 0.01, HELD_BACK: 0.03}
MOST_WRONG_OF_GIVEN = {DEVELOPMENT: 0.055, HELD_BACK: 0.065}


@dataclass(frozen=True, slots=True)
class Told:
    """What was made of a question: guides best first (what was given leads), and the decision."""

    row: Mapping[str, Any]
    ranking: tuple[str, ...]
    decision: str
    given: tuple[str, ...]

    @property
    def wanted(self) -> frozenset[str]:
        """The guides that are right; a narrower referral is as right as the general one."""
        named = [*self.row["relevant"], *filter(None, [self.row.get("refer_to")])]
        under = _channels()
        return frozenset(key for one in named for key in under.get(one, (one,)))

    @property
    def first(self) -> bool:
        return bool(self.wanted.intersection(self.ranking[:1]))

    @property
    def line(self) -> str:
        return f"{self.row['query']} → {'/'.join(self.ranking[:3])}, not {'/'.join(self.wanted)}"


@cache
def _channels() -> dict[str, tuple[str, ...]]:
    return channels(load_guides())


@cache
def _reader() -> Reader:
    return Reader(load_guides())


@cache
def _rows(kind: str, split: str) -> tuple[dict[str, Any], ...]:
    lines = (FOLDER / f"{kind}_{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


@cache
def _told(kind: str, split: str) -> tuple[Told, ...]:
    return tuple(map(_tell, _rows(kind, split)))


def _tell(row: Mapping[str, Any]) -> Told:
    understanding = _reader().read(row["query"], today=TODAY)
    verdict = understanding.verdict
    given = tuple(quote.guide_id for quote in verdict.answers)
    found = dict.fromkeys((*given, *(one.id for one in understanding.match.candidates)))
    decision = str(verdict.decision) if understanding.kind == QUESTION else "smalltalk"
    return Told(row, tuple(found), decision, given)


def _cases() -> Iterator[tuple[str, str]]:
    for split, groups in FOUND.items():
        for group in groups:
            yield split, group


@pytest.mark.parametrize(("split", "group"), list(_cases()))
def test_no_more_questions_are_lost(split: str, group: str) -> None:
    told = [one for one in _told("in_scope", split) if one.row["group"] == group]
    first, three = FOUND[split][group]
    known = set((FOLDER / "lost.txt").read_text(encoding="utf-8").splitlines())

    lost = [one for one in told if not one.first]
    far = [one for one in told if not one.wanted.intersection(one.ranking[:3])]

    newly = [one.line for one in lost if split == HELD_BACK or one.row["query"] not in known]
    if split == DEVELOPMENT:
        assert newly == [], "lost; if that is as it should be, name them in lost.txt"
    assert 1 - len(lost) / len(told) >= first, "\n".join(newly)
    assert 1 - len(far) / len(told) >= three, "\n".join(one.line for one in far)


@pytest.mark.parametrize("split", [DEVELOPMENT, HELD_BACK])
def test_what_is_out_of_scope_is_hardly_ever_answered(split: str) -> None:
    told = _told("out_of_scope", split)

    answered = [one for one in told if one.decision == Decision.ANSWER]

    share = len(answered) / len(told)
    assert share <= MOST_OUTSIDE_ANSWERED[split], "\n".join(one.line for one in answered)


@pytest.mark.parametrize("split", [DEVELOPMENT, HELD_BACK])
def test_what_is_given_is_hardly_ever_wrong(split: str) -> None:
    given = [one for one in _told("in_scope", split) if one.given]

    wrong = [one for one in given if not one.wanted.intersection(one.given)]

    share = len(wrong) / len(given)
    assert share <= MOST_WRONG_OF_GIVEN[split], "\n".join(one.line for one in wrong)


@pytest.mark.parametrize(
    ("split", "group"), [(split, group) for split, bars in SENT_ON.items() for group in bars]
)
def test_near_misses_are_sent_to_the_right_channel(split: str, group: str) -> None:
    told = [
        one
        for one in _told("out_of_scope", split)
        if one.row["group"] == group and one.row["expect"] == Decision.REFER
    ]

    missed = [
        one
        for one in told
        if one.decision != Decision.REFER or not one.wanted.intersection(one.given)
    ]

    assert 1 - len(missed) / len(told) >= SENT_ON[split][group], "\n".join(
        f"{one.decision}: {one.line}" for one in missed
    )


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        ("信息公开不是15天答复吗", "C01"),
        ("法律不是规定15天答复吗 你们超期了吧", "C01"),
        ("要证明特殊需要吗", "B05"),
        ("复印费多少钱一张", "D05"),
        ("不答复是不是就算同意了", "C04"),
        ("你帮我提交申请", "B14"),
        ("我可以不复议直接起诉吧", "G04"),
    ],
)
def test_a_trap_gets_the_rule_in_force(text: str, guide: str) -> None:
    verdict = _reader().read(text, today=TODAY).verdict

    assert verdict.decision is Decision.ANSWER
    assert verdict.answers[0].guide_id == guide


@pytest.mark.parametrize("kind", ["in_scope", "out_of_scope"])
def test_a_third_of_the_questions_is_held_back_by_their_digest(kind: str) -> None:
    def third(row: Mapping[str, Any]) -> bool:
        return int(hashlib.sha256(row["query"].encode()).hexdigest(), 16) % 3 == 0

    assert all(third(row) for row in _rows(kind, HELD_BACK))
    assert not any(third(row) for row in _rows(kind, DEVELOPMENT))


@pytest.mark.parametrize("split", [DEVELOPMENT, HELD_BACK])
def test_no_question_repeats_a_phrasing_of_its_guide(split: str) -> None:
    phrasings = {guide.id: [_pairs(text) for text in guide.phrasings] for guide in load_guides()}

    repeated = [
        row["query"]
        for row in _rows("in_scope", split)
        for pairs in [_pairs(row["query"])]
        if pairs
        and any(
            2 * len(pairs & phrasing) > len(pairs)
            for key in row["relevant"]
            for phrasing in phrasings[key]
        )
    ]

    assert repeated == []


def _pairs(text: str) -> set[str]:
    normal = tidy(text)
    return {normal[at : at + 2] for at in range(len(normal) - 1)}
