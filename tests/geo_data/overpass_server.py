"""An Overpass and Nominatim server on the loopback interface, for tests of real downloads."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

FREE = """Connected as: 1
Current time: 2026-01-01T00:00:00Z
Announced endpoint: none
Rate limit: 2
2 slots available now.
Currently running queries (pid, space limit, time limit, start time):
"""


def busy_until(moment: str) -> str:
    """What `/api/status` says when all slots are taken until `moment` (RFC 3339, UTC)."""
    return FREE.replace("2 slots available now.", f"Slot available after: {moment}, in 3 seconds.")


@dataclass(frozen=True)
class Answer:
    """One answer to a query."""

    body: bytes
    status: int = 200


@dataclass
class OverpassServer:
    """What the server answers, and what it was asked.

    Attributes
    ----------
    answers
        Given to queries in turn; the last one stays.
    places
        What Nominatim knows, by place name.
    status
        Text of `/api/status`.
    queries
        Every Overpass QL query received.
    requests
        Every request received, as "METHOD path".
    """

    answers: list[Answer]
    places: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: str = FREE
    queries: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    user_agents: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def overpass_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def nominatim_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nominatim"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @contextmanager
    def running(self) -> Iterator["OverpassServer"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def elements(parts: Sequence[dict[str, Any]], timestamp: str = "") -> Answer:
    """Return an Overpass answer that holds the given elements."""
    osm3s = {"timestamp_osm_base": timestamp} if timestamp else {}
    return Answer(json.dumps({"version": 0.6, "osm3s": osm3s, "elements": parts}).encode())


def _handler(server: OverpassServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._note(url.path)
            if url.path == "/api/status":
                self._send(Answer(server.status.encode()), "text/plain")
            elif url.path == "/nominatim/search":
                place = parse_qs(url.query)["q"][0]
                self._send(Answer(json.dumps(server.places.get(place, [])).encode()))
            else:
                self._send(Answer(b"no such page", 404), "text/plain")

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._note(self.path)
            server.queries.append(parse_qs(form)["data"][0])
            self._send(server.next_answer())

        def _note(self, path: str) -> None:
            server.requests.append(f"{self.command} {path}")
            server.user_agents.add(self.headers["User-Agent"])

        def _send(self, answer: Answer, kind: str = "application/json") -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    return Handler
