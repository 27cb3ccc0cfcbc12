"""The routes for machines: is the process alive, is it ready, what does it count, and Telegram."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from bot.store import overview
from bot.store.errors import StoreUnavailableError
from handlers.web.front import TheFront
from handlers.web.sentences import NO_TELEGRAM, STORE_AWAY

TAG = "service"


def build_router() -> APIRouter:
    """Probes, metrics and the webhook."""
    router = APIRouter(tags=[TAG])
    router.add_api_route(
        "/healthz", is_alive, methods=["GET"], summary="Whether the process is alive"
    )
    router.add_api_route(
        "/readyz",
        is_ready,
        methods=["GET"],
        summary="Whether the store answers",
        responses={503: {"description": "The store is away"}},
    )
    router.add_api_route(
        "/metrics",
        show_metrics,
        methods=["GET"],
        response_class=Response,
        summary="Counters in Prometheus' text format",
    )
    router.add_api_route(
        "/telegram/webhook", take_update, methods=["POST"], include_in_schema=False
    )
    return router


async def is_alive() -> dict[str, str]:
    """The process runs and answers."""
    return {"status": "ok"}


async def is_ready(front: TheFront) -> Response:
    """The store answers a read."""
    try:
        await front.service.database.read(overview.newest_event)
    except StoreUnavailableError:
        return JSONResponse({"status": "unavailable", "detail": STORE_AWAY}, status_code=503)
    return JSONResponse({"status": "ok"})


async def show_metrics(front: TheFront) -> Response:
    """Inquiries by channel and decision, request times by route, replies that wait."""
    pending = await front.service.database.read(overview.pending_replies)
    return Response(
        front.meters.exposition(pending=pending), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


async def take_update(
    request: Request,
    front: TheFront,
    secret: Annotated[str | None, Header(alias="X-Telegram-Bot-Api-Secret-Token")] = None,
) -> Response:
    """Hand an update to Telegram's side, which says how it went; 503 makes it come again."""
    if front.telegram_webhook is None:
        return JSONResponse({"detail": NO_TELEGRAM}, status_code=404)
    return Response(status_code=await front.telegram_webhook(await request.body(), secret))
