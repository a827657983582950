"""Everything a request may need, in one object."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from app.api.area import ServedArea
from app.api.lane import Lane
from app.api.problems import Problem, ProblemError
from app.api.replay_service import ReplayService
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommender import Recommender
from app.store.decisions import DecisionStore
from app.store.held_fleet import HeldFleet
from routing.router import Router


@dataclass(frozen=True, slots=True)
class Service:
    """A loaded and warmed service.

    Attributes
    ----------
    dispatch_lane
        For work that a dispatcher waits for and that would hold up the event loop: it does not
        queue behind the questions of planners, who share the threads of the default limiter.
    """

    version: str
    router: Router
    policy: DispatchPolicy
    recommender: Recommender
    fleet: HeldFleet
    decisions: DecisionStore
    area: ServedArea
    replays: ReplayService
    dispatch_lane: Lane


async def _service_of(request: Request) -> Service:
    service = getattr(request.app.state, "service", None)
    if service is None:
        failure = getattr(request.app.state, "failure", None)
        detail = failure or "The road network is being loaded; ask again in a few seconds."
        raise ProblemError(Problem.NOT_READY, detail, headers={"retry-after": "1"})
    return cast("Service", service)


ServiceOf = Annotated[Service, Depends(_service_of)]
