"""Pages: templates filled in with what every page shows."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from handlers.web.front import front_of
from handlers.web.prose import laid_out

HERE = Path(__file__).parent
STATIC = HERE / "static"
SIZE_COOKIE = "zixun_size"
LARGE = "large"


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A whole page, or a piece of one, from a template. Needs no database of its own."""
    front = front_of(request)
    office = front.service.office
    filled = (
        _templates()
        .get_template(template)
        .render(
            {
                "office": office,
                "hours_today": front.speaker.hours_today(front.today()),
                "large": request.cookies.get(SIZE_COOKIE) == LARGE,
                "path": request.url.path,
                "assets": _assets_version(),
                **values,
            }
        )
    )
    return HTMLResponse(filled, status_code=status, headers=dict(headers or {}))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["laid_out"] = laid_out
    environment.filters["tel"] = lambda phone: "tel:" + phone.replace("-", "")
    return environment


@cache
def _assets_version() -> str:
    """A name for the present style and script, so that browsers may keep them for long."""
    digest = sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
