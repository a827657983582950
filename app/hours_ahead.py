"""Has the roads of this hour and of the next ready, so that no call waits for them to be priced."""

import asyncio
from datetime import UTC, datetime, timedelta

from app.chores import again_and_again
from app.dispatch.policy import DispatchPolicy
from app.dispatch.time_of_week import hour_of_week
from routing.router import Router

AHEAD = timedelta(minutes=5)
"""How long before an hour begins its roads are priced: pricing takes a second at most."""

LOOK_AGAIN_S = 60.0


class HoursAhead:
    """Prices the roads of every profile that calls are answered by, shortly before their hour."""

    def __init__(self, router: Router, policy: DispatchPolicy) -> None:
        self._router, self._policy = router, policy

    def prepare(self, now: datetime) -> None:
        """Have roads ready for this moment and for a little later."""
        for moment in (now, now + AHEAD):
            for profile in self._policy.profiles:
                self._router.roads(profile, hour_of_week(moment))

    async def run(self) -> None:
        """Prepare until cancelled; what cannot be priced ahead, a call prices when it needs it."""
        await again_and_again(
            lambda: asyncio.to_thread(self.prepare, datetime.now(UTC)),
            every_s=LOOK_AGAIN_S,
            complaint="Roads could not be priced ahead of their hour",
        )
