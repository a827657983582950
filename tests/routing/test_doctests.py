"""Every example in the documentation of `routing` does what it says."""

import doctest
import importlib
import pkgutil

import routing


def test_examples_in_docstrings_work() -> None:
    names = ["routing", *(one.name for one in pkgutil.iter_modules(routing.__path__, "routing."))]
    found = [doctest.testmod(importlib.import_module(name)) for name in names]
    assert [one.failed for one in found] == [0] * len(names)
    assert sum(one.attempted for one in found) > 20
