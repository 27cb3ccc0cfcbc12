"""``zixun kb``: what the knowledge base holds, what an editor should repair, what is found."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import typer

from bot.settings import load_settings
from handlers.terminal.errors import BadInputError
from knowledge.guides import Guide, GuideError, in_force, load_guides, parse_guide
from knowledge.lint import Finding, lint
from knowledge.office import load_office

FINDING = 1


def list_guides(*, as_json: bool) -> int:
    """Print every guide: id, title, category, version, outcome, dates."""
    guides = load_guides()
    if as_json:
        rows = [
            {
                "id": guide.id,
                "title": guide.title,
                "category": guide.category,
                "version": guide.version,
                "status": guide.status,
                "outcome": guide.outcome,
                "in_force_from": guide.in_force_from.isoformat(),
                "in_force_until": guide.in_force_until and guide.in_force_until.isoformat(),
                "reviewed_on": guide.reviewed_on.isoformat(),
            }
            for guide in guides
        ]
        typer.echo(json.dumps({"guides": rows}, ensure_ascii=False, indent=2))
        return 0
    for guide in guides:
        mark = "" if guide.status == "verified" else f"（{guide.status}）"
        typer.echo(f"{guide.id}\t{guide.category}\t{guide.title}{mark}\t{guide.version[:12]}")
    typer.echo(f"共 {len(guides)} 条", err=True)
    return 0


def lint_guides(files: Sequence[Path], *, as_json: bool) -> int:
    """Print what should be repaired in these files, or in all guides; 1 if there is anything."""
    office = load_office(load_settings().office)
    guides, findings = _read(files) if files else _all()
    known = guides if not files else _with_neighbours(guides)
    names = {guide.id for guide in guides}
    findings += [
        finding
        for finding in lint(
            known,
            on=datetime.now(office.zone).date(),
            unknown_placeholders=office.unknown_placeholders,
            forms=tuple(office.forms),
        )
        if finding.guide in names
    ]
    if as_json:
        given = {"findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(given, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{finding.guide}：{finding.field}：{finding.message}")
        typer.echo(f"检查了 {len(guides)} 条指南，{len(findings)} 处要改", err=True)
    return FINDING if findings else 0


def search_guides(text: str, *, as_json: bool) -> int:
    """Print what is found for a text and why, best first; nothing is logged."""
    from bot.jobs.encoder import reading_encoder, vectors_folder
    from knowledge.explanation import for_staff
    from knowledge.understanding import Reader

    settings = load_settings()
    office = load_office(settings.office)
    today = datetime.now(office.zone).date()
    guides = load_guides()
    reader = Reader(guides)
    folder = vectors_folder(settings.database_url)
    with reading_encoder(reader, settings.encoder, folder=folder, only_kept=True):
        found = reader.read(text, today=today)
    given = {guide.id: guide for guide in in_force(guides, on=today)}
    candidates = [one for one in found.match.candidates if one.id in given]
    rows = [
        {
            "guide_id": one.id,
            "title": given[one.id].title,
            "passage": given[one.id].passages[one.passage].heading,
            "score": round(one.score, 4),
            "why": asdict(one.evidence),
            "explanation": for_staff(one, given[one.id]),
        }
        for one in candidates
    ]
    if as_json:
        result = {
            "kind": str(found.kind),
            "decision": str(found.verdict.decision),
            "reason": found.verdict.reason,
            "probability": round(found.match.probability, 4),
            "known": round(found.match.known, 4),
            "candidates": rows,
        }
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return 0
    typer.echo(f"判断：{found.verdict.decision}（{found.verdict.reason}），"
               f"把握 {found.match.probability:.2f}")  # fmt: skip
    for one in candidates:
        guide = given[one.id]
        typer.echo(f"{one.id}  {one.score:.2f}  {guide.title}  {for_staff(one, guide)}")
    return 0


def _all() -> tuple[tuple[Guide, ...], list[Finding]]:
    try:
        return load_guides(), []
    except GuideError as error:
        return (), _problems(error)


def _read(files: Sequence[Path]) -> tuple[tuple[Guide, ...], list[Finding]]:
    guides: list[Guide] = []
    findings: list[Finding] = []
    for path in files:
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"读不了 {path}：{error}") from error
        try:
            guides.append(parse_guide(source, name=path.name))
        except GuideError as error:
            findings.extend(_problems(error))
    return tuple(guides), findings


def _with_neighbours(guides: Sequence[Guide]) -> tuple[Guide, ...]:
    """These guides among the embedded ones, so that references between them can be checked."""
    ours = {guide.id: guide for guide in guides}
    embedded = {guide.id: guide for guide in load_guides()}
    return tuple((embedded | ours).values())


def _problems(error: GuideError) -> list[Finding]:
    found = []
    for problem in error.problems:
        name, field, message = [*problem.split(": ", 2), "", ""][:3]
        found.append(Finding(guide=name, field=field, rule="load", message=message or field))
    return found
