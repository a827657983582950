"""Services the tests of this directory share."""

from collections.abc import Iterator

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.serving import served


@pytest.fixture(scope="session")
def london() -> Iterator[httpx.Client]:
    """The service as it starts with nothing set: embedded London and the demo fleet."""
    with served(create_app(Settings())) as client:
        yield client


@pytest.fixture(scope="module")
def empty_london() -> Iterator[httpx.Client]:
    """The same without a vehicle."""
    with served(create_app(Settings(demo_fleet=False))) as client:
        yield client
