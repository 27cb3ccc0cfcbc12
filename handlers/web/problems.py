"""Problems: what a request that cannot be served gets, a sentence for API and page alike."""

import math

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.desk.acts import (
    ExpiredChoiceError,
    KeyReusedError,
    LockedError,
    NotAllowedError,
    TextTooLongError,
    UnknownConsultationError,
)
from bot.store.errors import StoreUnavailableError
from handlers.web import sentences
from handlers.web.front import front_of
from handlers.web.limits import TooManyRequestsError
from handlers.web.pages import page

STORE_RETRY_SECONDS = 5

log = structlog.get_logger()


def handle_problems(application: FastAPI) -> None:
    """Let the application answer every problem in one sentence."""
    add = application.add_exception_handler
    for kind in (
        UnknownConsultationError,
        LockedError,
        NotAllowedError,
        ExpiredChoiceError,
        KeyReusedError,
        TextTooLongError,
        TooManyRequestsError,
        StoreUnavailableError,
        RequestValidationError,
        HTTPException,
    ):
        add(kind, _refuse)
    add(Exception, _break)


def explain(error: Exception, request: Request) -> tuple[int, str]:
    """The status and the sentence for a refusal."""
    match error:
        case UnknownConsultationError():
            return 404, sentences.UNKNOWN_CONSULTATION
        case LockedError():
            return 429, sentences.LOCKED
        case TooManyRequestsError():
            return 429, sentences.TOO_MANY
        case NotAllowedError():
            return 409, sentences.of_act(error.act, error.state)
        case ExpiredChoiceError():
            return 409, sentences.EXPIRED_CHOICE
        case KeyReusedError():
            return 409, sentences.KEY_REUSED
        case TextTooLongError():
            return 422, sentences.TOO_LONG
        case StoreUnavailableError():
            return 503, sentences.STORE_AWAY
        case HTTPException():
            return _of_status(error.status_code, request)
    return 500, sentences.BROKEN


def _of_status(status: int, request: Request) -> tuple[int, str]:
    if status == 404:
        return status, sentences.NOT_FOUND
    if status == 400 and is_api(request):
        # The framework could not read the body at all (not even as broken JSON).
        sentence, _ = sentences.of_validation([{"loc": ("body",), "type": "json_invalid"}])
        return 422, sentence
    return status, sentences.NOT_POSSIBLE if status < 500 else sentences.BROKEN


def is_api(request: Request) -> bool:
    """Whether a program asks, which wants JSON."""
    return request.url.path.startswith(("/api/", "/telegram/"))


def _says_json(request: Request) -> bool:
    """Whether the request calls its body JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


async def _refuse(request: Request, error: Exception) -> Response:
    headers = dict(getattr(error, "headers", None) or {})
    field: str | None = None
    if isinstance(error, RequestValidationError):
        sentence, field = sentences.of_validation(error.errors(), is_json=_says_json(request))
        status = 422
    else:
        status, sentence = explain(error, request)
        field = "text" if isinstance(error, TextTooLongError) else None
        field = "body" if status == 422 and field is None else field
    if (wait := _seconds_to_wait(error, request)) is not None:
        headers["Retry-After"] = str(wait)
    return _answer(request, status, sentence, field=field, headers=headers)


async def _break(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.scope.get("path"), error=type(error).__name__)
    return _answer(request, 500, sentences.BROKEN, field=None, headers={})


def _answer(
    request: Request, status: int, sentence: str, *, field: str | None, headers: dict[str, str]
) -> Response:
    if is_api(request):
        content = {"detail": sentence} | ({} if field is None else {"field": field})
        return JSONResponse(content, status_code=status, headers=headers)
    return page(request, "problem.html", {"sentence": sentence}, status=status, headers=headers)


def _seconds_to_wait(error: Exception, request: Request) -> int | None:
    match error:
        case LockedError():
            left = (error.until - front_of(request).now()).total_seconds()
            return max(1, math.ceil(left))
        case TooManyRequestsError():
            return error.retry_after
        case StoreUnavailableError():
            return STORE_RETRY_SECONDS
    return None
