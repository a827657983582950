"""What the memory of recent decisions keeps, and what it lets go."""

import asyncio
from datetime import UTC, datetime

from app.store.decisions import Decision, RecentDecisions


def decision(number: int, call_id: str, answer: bytes = b"{}") -> Decision:
    return Decision(f"R{number}", call_id, datetime(2021, 1, 17, tzinfo=UTC), answer)


def test_the_oldest_is_forgotten_first_and_its_call_with_it() -> None:
    async def record() -> None:
        decisions = RecentDecisions(capacity=2)
        for number, call_id in enumerate(("a", "b", "c")):
            await decisions.record(decision(number, call_id))
        assert await decisions.get("R0") is None
        assert await decisions.latest_for("a") is None
        assert await decisions.get("R1") == decision(1, "b")
        assert await decisions.latest_for("c") == decision(2, "c")

    asyncio.run(record())


def test_a_call_stays_known_by_its_latest_decision() -> None:
    async def record() -> None:
        decisions = RecentDecisions(capacity=2)
        for number, call_id in enumerate(("a", "a", "b")):
            await decisions.record(decision(number, call_id))
        assert await decisions.latest_for("a") == decision(1, "a")

    asyncio.run(record())


def test_large_answers_are_forgotten_sooner() -> None:
    async def record() -> None:
        decisions = RecentDecisions(capacity=1000, most_bytes=10)
        for number, size in enumerate((4, 4, 4, 11, 5, 5)):
            await decisions.record(decision(number, f"{number}", b"x" * size))
            kept = [n for n in range(6) if await decisions.get(f"R{n}") is not None]
            assert kept == [[0], [0, 1], [1, 2], [3], [4], [4, 5]][number]

    asyncio.run(record())
