"""The tables in the documents are those of the results that are kept."""

from pathlib import Path

import pytest

from benchmarks.tables import PAGES, filled, growth


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.parent.name))
def test_a_page_shows_the_results_that_are_kept(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "<!-- growth -->" in text
    assert filled(text) == text


def test_growth_is_that_of_the_largest_over_the_one_before() -> None:
    table = growth({"extracts": [_extract(100, 1.0), _extract(200, 2.0), _extract(800, 5.0)]})
    assert "| 4 times the junctions |" in table
    assert "| one route with its path | 1, 3 | 2, 6 | 5, 15.0 | x 2.5 |" in table
    assert "| ready: files | 1 MB | 2 MB | 5 MB | x 2.5 |" in table


def _extract(junctions: int, cost: float) -> dict[str, object]:
    """An extract on which everything costs so much."""
    timing = {"questions": 9, "median_ms": cost, "p99_ms": 3 * cost}
    ours = {
        "engine": "nearest-crew",
        **dict.fromkeys(("build_s", "load_s", "memory_mb", "disk_mb"), cost),
        "measured": [
            {"task": "one route with its path", "engine": "nearest-crew", "timing": timing}
        ],
    }
    return {"junctions": junctions, "engines": [ours]}
