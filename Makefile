# Everything from nothing: `make demo` shows it work, `make test` proves it. Needs Python 3.11+ and nothing else.
PYTHON ?= python3
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test lint types imports docs check clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv in this folder and install everything into it (2 to 3 minutes, once)

# The stamp is newer than pyproject.toml when what that file asks for is installed.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Python 3.11 or newer is needed, $(PYTHON) is {v.major}.{v.minor}; try: make PYTHON=python3.12 setup")'
	@echo "setup: making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@echo "setup: installing into .venv, about 2 GB; this takes a few minutes"
	@$(BIN)/pip install --disable-pip-version-check --progress-bar off -e '.[dev]' 2>&1 \
	  | awk '/^Collecting / {printf "setup:   %s\n", $$2; fflush()} \
	         /^Installing collected/ {print "setup: unpacking"; fflush()} \
	         /^ *(ERROR|error)/ {print; fflush()}'
	@touch $(READY)
	@echo "setup: done"

demo: $(READY) ## names to a trained age model on drawn people, with a report (about 4 minutes)
	@$(BIN)/python -m benchmarks.demo

# More than four workers would each start a Postgres for little gain; one thread each, for they share the cores.
test: $(READY) ## run all tests
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist worksteal

lint: $(READY) ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	@$(BIN)/mypy

imports: $(READY) ## the import contracts of ARCHITECTURE.md
	@$(BIN)/lint-imports

docs: $(READY) ## write docs/cli.md again
	@$(BIN)/python -m agegap.cli_doc

check: lint types imports test ## all that .ci/run does

clean: ## remove caches and the demo's output; your data and .venv stay
	@rm -rf demo build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
