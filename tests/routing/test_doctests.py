"""Every example in the documentation of `routing` does what it says.

All of them go on from those of the package itself: in its town, with its crews.
"""

import doctest
import importlib
import pkgutil
from typing import Any

import pytest

import routing

MODULES = [one.name for one in pkgutil.iter_modules(routing.__path__, "routing.")]


@pytest.fixture(scope="module")
def town() -> dict[str, Any]:
    """What the examples of the package leave behind, which are run first."""
    (package,) = doctest.DocTestFinder(recurse=False).find(routing)
    done = doctest.DocTestRunner().run(package, clear_globs=False)
    assert done.failed == 0
    assert done.attempted > 20
    return package.globs


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_work(module: str, town: dict[str, Any]) -> None:
    documented = importlib.import_module(module)
    found = doctest.testmod(documented, globs={**town, **vars(documented)})
    assert found.failed == 0
