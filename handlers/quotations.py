"""Quotations: a guide's passage as it is given, with the office's facts and all that backs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.desk.shelf import Shelf
from knowledge.explanation import for_citizen
from knowledge.guides import ANSWER_HEADING, OFFICE_BASIS, Basis, Guide, Law
from knowledge.office import Office
from knowledge.text import to_traditional


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quoted passage with everything that is shown beside it; texts are filled in.

    ``understood_as`` says how the question was understood, None if the guide was not found by the
    citizen's words (it was picked, or it is danger that speaks for it); ``is_literal`` if they
    asked in the guide's own words.
    """

    text: str
    guide_id: str
    guide_version: str
    guide_title: str
    passage: str
    basis: tuple[str, ...]
    in_force_since: date
    source_url: str | None
    next_step: str
    forms: tuple[str, ...]
    understood_as: str | None = None
    is_literal: bool = False


def quotations(
    values: Mapping[str, Any], *, shelf: Shelf, office: Office, on: date
) -> tuple[Quotation, ...]:
    """What a reply's values quote, in its order, filled with the office's facts of that day.

    Each is in the version that was decided on, and in traditional characters if they wrote so.
    """
    found = []
    for item in values.get("answers", ()):
        guide = shelf.quoted(item["guide_id"], item["version"])
        if guide is not None:
            found.append(_quotation(guide, item, office=office, on=on))
    return tuple(map(_traditional, found)) if values.get("traditional") else tuple(found)


def basis_labels(basis: Sequence[Basis]) -> tuple[str, ...]:
    """The bases as citizens read them, each law once with all its articles."""
    articles: dict[tuple[Law | None, bool], list[str]] = {}
    for item in basis:
        named = articles.setdefault((item.law, item.verified), [])
        named.extend([item.article] if item.article else [])
    return tuple(
        Basis(law=law, article="、".join(named) or None, verified=verified).label()
        for (law, verified), named in articles.items()
    )


def basis_line(quotation: Quotation) -> str:
    """Basis, guide and section of a quotation in one line."""
    section = "" if quotation.passage == ANSWER_HEADING else f"（{quotation.passage}）"
    basis = "、".join(quotation.basis) or OFFICE_BASIS
    return f"依据：{basis} · 指南：{quotation.guide_title}{section}"


def _quotation(guide: Guide, item: Mapping[str, Any], *, office: Office, on: date) -> Quotation:
    number = int(item["passage"])
    quoted = guide.passages[number if number < len(guide.passages) else 0]
    literal = item.get("literal")
    return Quotation(
        text=office.fill(quoted.text, on=on),
        guide_id=guide.id,
        guide_version=guide.version,
        guide_title=guide.title,
        passage=quoted.heading,
        basis=basis_labels(guide.basis),
        in_force_since=guide.in_force_from,
        source_url=guide.source_url,
        next_step=office.fill(guide.next_step, on=on),
        forms=guide.forms,
        understood_as=None if literal is None else for_citizen(guide, passage=quoted.number),
        is_literal=bool(literal),
    )


def _traditional(quotation: Quotation) -> Quotation:
    understood = quotation.understood_as
    return replace(
        quotation,
        text=to_traditional(quotation.text),
        next_step=to_traditional(quotation.next_step),
        understood_as=None if understood is None else to_traditional(understood),
    )
