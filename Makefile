# Kindred's front door. Needs python3 (3.11 or later), make and git; everything else is set up here.

PYTHON ?= python3
PEOPLE ?= 5000
PORT ?= 3000
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The sandbox's pretend systems are on this machine: no proxy belongs in between.
export NO_PROXY := 127.0.0.1,localhost,$(NO_PROXY)
export no_proxy := $(NO_PROXY)

.DEFAULT_GOAL := help
.PHONY: help demo test soak lint ui docs bench clean

help: ## Show this list (the default)
	@echo "Kindred: an open customer data platform. Targets:"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1|\2/' \
		| while IFS='|' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done
	@echo "Variables: PEOPLE=5000 (size of the sandbox company), PORT=3000 (make ui), KINDRED_HOME=./data"

demo: $(READY) ## Create the sandbox company, run the whole graph, push, and print a summary
	@$(BIN)/kindred demo --people $(PEOPLE)

test: $(READY) ## Run all tests
	@$(BIN)/python -m pytest -n auto

soak: $(READY) ## Kill a first run at many moments; it must come to the same result (7 minutes)
	@$(BIN)/python -m pytest -m slow

lint: $(READY) ## Check style: ruff for Python, sqlfluff for SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests

ui: $(READY) ## Open the Dagster UI on the same data
	@$(BIN)/kindred ui --port $(PORT)

docs: $(READY) ## Build and serve dbt's documentation of every table and column
	@$(BIN)/kindred docs

bench: $(READY) ## Measure rows per second per stage
	@$(BIN)/python -m benchmarks.pipeline

clean: ## Remove the environment and caches (never ./data: that is yours)
	rm -rf $(VENV) .pytest_cache .ruff_cache dbt_project/target dbt_project/logs

# The environment is made once, and again when the locked dependencies change.
$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Kindred needs Python 3.11 or later as '$(PYTHON)' (found: $$($(PYTHON) --version 2>&1))."; \
		echo "Install it, or name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "This Python lacks the module venv. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_PROJECT_ENVIRONMENT=$(CURDIR)/$(VENV) \
		$(BIN)/uv sync --frozen --inexact --compile-bytecode --quiet --python $(CURDIR)/$(BIN)/python
	@touch $@
