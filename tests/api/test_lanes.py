"""What a dispatcher waits for does not queue behind what planners ask."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.dispatch.coverage import Coverage, Origin

CALL = {"location": {"lat": 51.508, "lon": -0.1281}, "category": "C1"}
CLOSURE = {"closure_id": "bridge", "street": {"name": "Tower Bridge"}}
PATIENCE_S = 60


def test_calls_and_closures_do_not_wait_for_areas(london: httpx.Client) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    drawn = Origin.coverage

    def slow(*asked: Any) -> Coverage:
        begun.set()
        assert may_go_on.wait(PATIENCE_S)
        return drawn(*asked)

    vehicles = london.get("/v1/vehicles", params={"limit": 100}).json()["vehicles"]
    planners = os.cpu_count() or 1
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(planners) as clients:
        patch.setattr(Origin, "coverage", slow)
        asked = [
            clients.submit(london.post, "/v1/isochrones", json={"from": "fleet"})
            for _ in range(planners)
        ]
        try:
            assert begun.wait(PATIENCE_S)
            dispatched = [
                london.post("/v1/recommendations", json={"call": CALL}),
                london.post("/v1/recommendations", json={"call": CALL, "vehicles": vehicles}),
                london.post("/v1/closures", json=CLOSURE),
                london.delete("/v1/closures/bridge"),
            ]
            assert not any(one.done() for one in asked)
        finally:
            may_go_on.set()
        assert [answer.status_code for answer in dispatched] == [200, 200, 201, 204]
        assert {one.result().status_code for one in asked} == {200}
