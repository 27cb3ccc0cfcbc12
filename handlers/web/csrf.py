"""Requests that another site makes a browser send are refused, without tokens in the forms.

A browser says where a request comes from (``Sec-Fetch-Site``, older ones ``Origin``) and no page
can change that. A client that is no browser sends neither and carries no citizen's cookie.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from handlers.web.sentences import FOREIGN_SITE

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOrigin:
    """Middleware that answers 403 to what another site made the browser send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what changes nothing or comes from our own pages or from no browser."""
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            headers = Headers(scope=scope)
            if is_foreign(headers):
                response = JSONResponse({"detail": FOREIGN_SITE}, status_code=403)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_foreign(headers: Headers) -> bool:
    """Whether these headers tell of a request that another site caused."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
