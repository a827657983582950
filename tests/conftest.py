"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("whatever the machine", deadline=None)
settings.load_profile("whatever the machine")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def london_data() -> Path:
    """Directory of real London data, which is not part of the project."""
    directory = Path(os.environ.get("NEAREST_CREW_LONDON_DATA", ROOT.parent / "shared" / "london"))
    if not directory.is_dir():
        pytest.skip(f"no real London data at {directory}; set NEAREST_CREW_LONDON_DATA")
    return directory
