"""Real services on loopback ports, for tests that talk HTTP."""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

READY_WITHIN_S = 300.0


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of an application that is served in a thread, once it is ready."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        port = listening.getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_until_ready(client)
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def started(*options: str) -> Iterator[httpx.Client]:
    """A client of `nearest-crew serve`, run as a process of its own, once it is ready."""
    command = [sys.executable, "-m", "app", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            greeting = server.stdout.readline()
            url = re.search(r"http://[\d.:]+", greeting)
            assert url is not None, greeting
            with httpx.Client(base_url=url[0], timeout=30) as client:
                wait_until_ready(client)
                yield client
        finally:
            server.terminate()


def wait_until_ready(client: httpx.Client) -> None:
    """Ask until the service is ready."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not _is_ready(client):
        if time.monotonic() > deadline:
            msg = f"not ready within {READY_WITHIN_S:g} s"
            raise TimeoutError(msg)
        time.sleep(0.05)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
