"""Forms: the office's blank forms and filled-in examples, to be downloaded."""

from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from handlers.web.front import TheFront

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXAMPLE = "-example"


def build_router() -> APIRouter:
    """The route under which every form of the office is found by its key."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/forms/{name}.docx", download, methods=["GET", "HEAD"])
    return router


async def download(name: str, front: TheFront) -> Response:
    """A form, or with ``-example`` after its key the same one filled in."""
    key = name.removesuffix(_EXAMPLE)
    form = front.service.office.forms.get(key)
    if form is None:
        raise HTTPException(404)
    is_example = name != key
    path = form.example_path if is_example else form.path
    shown = f"{form.title}（填写示例）.docx" if is_example else f"{form.title}.docx"
    return FileResponse(
        path,
        media_type=DOCX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(shown)}"},
    )
