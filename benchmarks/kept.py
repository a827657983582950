"""Raw results, kept beside the code that measured them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, processors_of_others

RESULTS = Path(__file__).with_name("results")


def keep(name: str, results: Mapping[str, Any]) -> Path:
    """Write results down, with when and on what they were measured, and how busy that was."""
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "processors_of_others": processors_of_others(),
        **results,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def kept(name: str) -> dict[str, Any]:
    """Results as they were written down."""
    told: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return told
