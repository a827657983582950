"""Both search engines, for tests that hold for any."""

import pytest

from tests.routing.engines import ENGINES, EngineOf


@pytest.fixture(params=ENGINES, ids=["bucket", "cch", "scipy"])
def engine_of(request: pytest.FixtureRequest) -> EngineOf:
    """Makes a search engine of a metric."""
    kind: EngineOf = request.param
    return kind
