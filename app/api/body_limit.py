"""Bodies that are too large are refused without being read into memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Problem, ProblemError, problem_response


class BodyLimit:
    """ASGI middleware that answers 413 to a body over the limit, however it is sent.

    One that says its length is refused by that, one without is counted as it arrives. What is
    left of it is thrown away up to a polite amount, because many senders write everything
    before they listen.
    """

    def __init__(self, app: ASGIApp, *, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._detail = f"A body may hold up to {limit_bytes:,} bytes; send it in parts."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _declared_bytes(scope) > self._limit_bytes:
            await self._discard(receive)
            error = ProblemError(Problem.BODY_TOO_LARGE, self._detail)
            await problem_response(error, scope["path"])(scope, receive, send)
            return
        received_bytes = 0

        async def counted_receive() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._limit_bytes:
                if message.get("more_body", False):
                    await self._discard(receive)
                raise HTTPException(Problem.BODY_TOO_LARGE.status, self._detail)
            return message

        await self._app(scope, counted_receive, send)

    async def _discard(self, receive: Receive) -> None:
        left_bytes = 4 * self._limit_bytes
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
