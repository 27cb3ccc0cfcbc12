"""The web application: everything people and programs reach by HTTP, put together."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from bot.service import Service
from handlers.replies import Speaker
from handlers.web import api, chat, console, forms, privacy, service
from handlers.web.csrf import SameOrigin
from handlers.web.front import Front, Webhook
from handlers.web.headers import SafetyHeaders
from handlers.web.limits import BodyLimit, Limiter
from handlers.web.live import Watch
from handlers.web.meters import Meters, Stopwatch
from handlers.web.pages import STATIC
from handlers.web.problems import handle_problems

POSTS_OF_SESSION = 60
"""What one person may send in a minute."""
POSTS_OF_ADDRESS = 600
"""What one address may send in a minute: a portal or a whole office may stand behind it."""

DESCRIPTION = (
    "Zixun answers consultations about government information disclosure. Answers are quoted from "
    "guides in force, with their legal basis. A consultation is not an application and starts no "
    "legal time limit."
)


def build_application(
    opened: Service,
    speaker: Speaker,
    *,
    telegram_webhook: Webhook | None = None,
    should_exit: Callable[[], bool] = lambda: False,
    meters: Meters | None = None,
    posts_of_session: int = POSTS_OF_SESSION,
    posts_of_address: int = POSTS_OF_ADDRESS,
) -> FastAPI:
    """The application over an opened service.

    ``telegram_webhook`` takes an update's body and secret and gives the HTTP status; without it
    that route is not there. Live pages end once ``should_exit`` is true. ``meters`` may be shared
    with other channels. The limits are requests a minute that write or look a receipt up.
    """
    meters = meters or Meters()
    application = FastAPI(
        title="Zixun",
        version="1.0",
        description=DESCRIPTION,
        openapi_tags=[
            {"name": api.TAG, "description": api.DESCRIPTION},
            {"name": service.TAG, "description": "For those who run the service."},
        ],
        # The framework's own documentation pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    application.state.front = Front(
        service=opened,
        speaker=speaker,
        meters=meters,
        watch=Watch(opened.database, should_exit=should_exit),
        of_session=Limiter(posts_of_session),
        of_address=Limiter(posts_of_address),
        telegram_webhook=telegram_webhook,
    )
    for router in (
        api.build_router(),
        service.build_router(),
        chat.build_router(),
        privacy.build_router(),
        forms.build_router(),
        console.build_router(),
    ):
        application.include_router(router)
    application.mount("/static", _Assets(directory=STATIC), name="static")
    handle_problems(application)
    application.add_exception_handler(console.NotSignedInError, console.ask_to_sign_in)
    # The last one added is the first one a request meets.
    application.add_middleware(BodyLimit)
    application.add_middleware(SameOrigin)
    application.add_middleware(Stopwatch, meters=meters)
    application.add_middleware(SafetyHeaders)
    return application


class _Assets(StaticFiles):
    """Style and script, which browsers keep: their addresses name their version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
