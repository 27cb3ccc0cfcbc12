"""Explanations: why a guide was found, exactly for staff and in plain words for citizens."""

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.guides import Guide, Passage
from knowledge.matching import Candidate, Evidence, Match
from knowledge.text import to_traditional
from knowledge.understanding import entry_of

LITERAL = 0.8
"""A question this like the guide's title or one of its phrasings is asked in its own words."""


def for_staff(candidate: Candidate, guide: Guide, *, probability: float | None = None) -> str:
    """Everything that spoke for a candidate, in one line; ``guide`` is the one it is about.

    ``probability`` is that of the whole match, which staff are told once. The line quotes the
    question's words, so it is not for a log.
    """
    evidence = candidate.evidence
    told = []
    if evidence.words:
        told.append(f"同有：{'、'.join(evidence.words)}")
    if evidence.official:
        wordings: dict[str, list[str]] = {}
        for everyday, official in evidence.official:
            wordings.setdefault(everyday, []).append(official)
        pairs = (f"{everyday}→{'/'.join(official)}" for everyday, official in wordings.items())
        told.append(f"说法：{'、'.join(pairs)}")
    if evidence.phrasing is not None:
        what = "标题" if evidence.phrasing == guide.title else "问法"
        told.append(f"最像{what}“{evidence.phrasing}”（{evidence.similarity:.2f}）")
    if evidence.covered:
        share = min(evidence.covered, 1)  # a passage much shorter than the question covers more
        heading = _passage(guide, candidate.passage).heading
        told.append(f"引用“{heading}”一段（含问句的 {share:.0%}）")
    if evidence.meaning is not None:
        told.append(f"意思相近 {evidence.meaning:.2f}")
    if probability is not None:
        told.append(f"把握 {probability:.2f}")
    return "；".join(told)


def for_citizen(guide: Guide, *, passage: int = 0) -> str:
    """How the question was understood, as one sentence that quotes only what the guide says.

    That is its title and, of another passage than the first, its heading. A phrasing is never
    quoted: one that is near would echo what was asked, and one that is not would put another
    person's story, or a belief that is wrong, into the asker's mouth.
    """
    quoted = _passage(guide, passage)
    part = f"里的“{quoted.heading}”" if quoted.number else ""
    return f"按“{guide.title}”{part}理解您的问题。"


def is_literal(match: Match, guide: Guide) -> bool:
    """Whether the question is the guide's title or one of its phrasings, or nearly so.

    Then the answer is plainly a reply to what was said, and nothing needs explaining.
    """
    found = next((one for one in match.candidates if one.id == guide.id), None)
    return found is not None and found.evidence.similarity >= LITERAL


def as_logged(candidate: Candidate, guide: Guide, *, text: str) -> dict[str, Any]:
    """A candidate with its evidence as plain JSON without a word of the asker's.

    Their words are places in ``text``, the message as it is kept apart from the log; a word that
    does not stand there as it was matched (a typo, pinyin) is left out. ``guide`` is the one it is
    about, whose title and phrasings are counted from 0.
    """
    evidence = candidate.evidence
    wordings = _wordings(guide)
    logged: dict[str, Any] = {
        "guide_id": candidate.id,
        "version": guide.version,
        "passage": candidate.passage,
        "score": round(candidate.score, 4),
        "similarity": round(evidence.similarity, 2),
        "covered": round(evidence.covered, 2),
        "words": [place for word in evidence.words if (place := _place(word, text))],
        "official": [
            [*place, official]
            for everyday, official in evidence.official
            if (place := _place(everyday, text))
        ],
    }
    if evidence.phrasing in wordings:
        logged["nearest"] = wordings.index(evidence.phrasing)
    if evidence.meaning is not None:
        logged["meaning"] = round(evidence.meaning, 2)
    return logged


def from_log(logged: Mapping[str, Any], guide: Guide, *, text: str | None) -> Candidate:
    """The candidate that was logged, as far as it can still be told.

    Without the ``text`` (it was deleted) nothing is told that could stand for its words, and
    without the ``guide`` in the version of that time the phrasing is not.
    """
    said = text or ""
    same_guide = bool(said) and logged.get("version") == guide.version
    nearest = logged.get("nearest") if same_guide else None
    pairs = ((said[start:end], official) for start, end, official in logged.get("official", ()))
    words = (said[start:end] for start, end in logged.get("words", ()))
    return Candidate(
        id=logged["guide_id"],
        passage=logged.get("passage", 0),
        score=logged["score"],
        evidence=Evidence(
            words=tuple(filter(None, words)),
            official=tuple(pair for pair in pairs if pair[0]),
            phrasing=None if nearest is None else _wordings(guide)[nearest],
            similarity=logged.get("similarity", 0.0),
            covered=logged.get("covered", 0.0),
            meaning=logged.get("meaning"),
        ),
    )


def _wordings(guide: Guide) -> Sequence[str]:
    entry = entry_of(guide)
    return (entry.title, *entry.phrasings)


def _passage(guide: Guide, number: int) -> Passage:
    """The passage, the first if that version of the guide has no such."""
    return guide.passages[number if number < len(guide.passages) else 0]


def _place(word: str, text: str) -> list[int]:
    """Where the word stands in the text, in whichever characters; nothing if it does not."""
    for written in (word, to_traditional(word)):
        if (at := text.find(written)) >= 0:
            return [at, at + len(written)]
    return []
