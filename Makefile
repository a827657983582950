# make run    serve the embedded London with a demo fleet on http://127.0.0.1:8000
# make test   every check: ruff, mypy, import-linter, pytest
# make bench  the benchmarks, with their peers (needs Python 3.12 or later and wrk; takes an hour)
# make lock   resolve the dependencies anew

PYTHON ?= python3
BENCH_PYTHON ?= python3.12
VENV := .venv
BENCH_VENV := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test lint types imports tests bench lock clean

run: $(VENV)/.run
	NEAREST_CREW_REPLAY_INPUTS=$${NEAREST_CREW_REPLAY_INPUTS-examples} $(BIN)/nearest-crew serve --host $(HOST) --port $(PORT)

test: lint types imports tests

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

imports: $(VENV)/.test
	$(BIN)/lint-imports

tests: $(VENV)/.test
	$(BIN)/pytest

bench: $(BENCH_VENV)/.bench
	$(BENCH_VENV)/bin/python -m benchmarks
	$(BENCH_VENV)/bin/python -m benchmarks.growth
	$(BENCH_VENV)/bin/python -m benchmarks.peers speed
	$(BENCH_VENV)/bin/python -m benchmarks.peers agreement
	$(BENCH_VENV)/bin/python -m benchmarks.replay
	$(BENCH_VENV)/bin/python -m benchmarks.tables

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "nearest-crew needs Python 3.11 or later; name one with make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --requirement requirements.lock
	$(PIP) install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements-dev.lock $(VENV)/.run
	$(PIP) install --quiet --requirement requirements-dev.lock
	@touch $@

# The peers' wheels want Python 3.12 or later, so they are measured in an environment of their own.
$(BENCH_VENV)/.bench: requirements-dev.lock requirements.lock benchmarks/requirements.txt
	$(BENCH_PYTHON) -m venv $(BENCH_VENV)
	for file in requirements.lock requirements-dev.lock benchmarks/requirements.txt; do \
	  $(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --requirement $$file || exit; done
	@touch $@

# Universal: one lock for every supported Python and platform.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet
lock: | $(BIN)/python
	$(PIP) install --quiet uv
	$(BIN)/$(LOCK) --upgrade --output-file requirements.lock
	$(BIN)/$(LOCK) --upgrade --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	find app benchmarks geo_data routing tests -name __pycache__ -prune -exec rm -rf {} +
	rm -rf $(VENV) $(BENCH_VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
