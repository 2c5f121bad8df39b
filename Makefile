# `make demo` and `make test` set up everything on a machine that has Python >= 3.11 and make.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip
COMPILE := $(UV) compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

help: ## the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("turnwise needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv

.venv/.run: $(BIN)/uv requirements/run.txt pyproject.toml
	$(UV) install --quiet --require-hashes -r requirements/run.txt
	$(UV) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	$(UV) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.extras: .venv/.dev requirements/extras.txt
	$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet torch==2.13.0
	$(UV) install --quiet --no-deps --require-hashes -r requirements/extras.txt
	@touch $@

demo: .venv/.run ## the main job, offline: starter benchmark, a simulated target, the rules judge
	$(BIN)/turnwise run

test: .venv/.dev ## format, lint, types, layers, tests with coverage, documentation blocks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --cov --cov-report=term -n 2 -m "not extra"

test-extras: .venv/.extras browser ## the tests that need torch, transformers, pyarrow or a browser
	$(BIN)/pytest -m extra

browser: ## Debian's chromium, where it is missing and can be installed
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } \
	  || echo "chromium is missing and could not be installed: the browser tests will skip"

bench/.inspect-venv/.made: $(BIN)/uv requirements/bench-inspect.txt
	$(BIN)/python -m venv --clear bench/.inspect-venv
	$(UV) install --quiet --python bench/.inspect-venv/bin/python --require-hashes -r requirements/bench-inspect.txt
	@touch $@

bench: .venv/.run bench/.inspect-venv/.made ## speed and memory against Inspect AI and a bare loop, ten minutes
	$(BIN)/python bench/compare.py

bench-quick: .venv/.run bench/.inspect-venv/.made ## the same on a tenth of the dialogues, two minutes
	$(BIN)/python bench/compare.py --quick

format: .venv/.dev ## rewrite the sources as the formatter wants them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/.dev ## put the real output of every command into README.md and docs/
	$(BIN)/python tests/docs/doc_blocks.py --write

lock: $(BIN)/uv ## make the lock files anew (versions and hashes only)
	$(COMPILE) --group build pyproject.toml -o requirements/run.txt
	$(COMPILE) --group build --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	$(COMPILE) --group extras -c requirements/dev.txt --override requirements/no-torch.txt --no-emit-package torch pyproject.toml -o requirements/extras.txt
	printf 'inspect-ai\nopenai\n' | $(COMPILE) - -o requirements/bench-inspect.txt

clean: ## everything the targets made, but not runs/
	rm -rf .venv bench/.inspect-venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

.PHONY: help demo test test-extras browser bench bench-quick format docs lock clean
