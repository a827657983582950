"""Bodies that are too large are refused without being read into memory."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Problem, ProblemError, problem_response


class BodyLimit:
    """ASGI middleware that answers 413 to a body over the limit, however it is sent.

    One that says its length is refused by that, one without is counted as it arrives. What is
    left of it is thrown away up to a polite amount, because many senders write everything
    before they listen.

    Parameters
    ----------
    limit_bytes
        Of bodies.
    exceptions
        Other limits, by path.
    """

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int, exceptions: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._exceptions = exceptions or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit_bytes = self._exceptions.get(scope["path"], self._limit_bytes)
        detail = f"A body may hold up to {limit_bytes:,} bytes; send it in parts."
        if _declared_bytes(scope) > limit_bytes:
            await _discard(receive, limit_bytes)
            error = ProblemError(Problem.BODY_TOO_LARGE, detail)
            await problem_response(error, scope["path"])(scope, receive, send)
            return
        received_bytes = 0

        async def counted_receive() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > limit_bytes:
                if message.get("more_body", False):
                    await _discard(receive, limit_bytes)
                raise HTTPException(Problem.BODY_TOO_LARGE.status, detail)
            return message

        await self._app(scope, counted_receive, send)


async def _discard(receive: Receive, limit_bytes: int) -> None:
    left_bytes = 4 * limit_bytes
    more = True
    while more and left_bytes > 0:
        message = await receive()
        left_bytes -= len(message.get("body", b""))
        more = message.get("more_body", False)


def _declared_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
