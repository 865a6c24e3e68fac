PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
DBT := $(VENV)/bin/dbt
RUNTIME := $(VENV)/installed
DEVELOPMENT := $(VENV)/installed-dev
UV := $(VENV)/uv/bin/uv
PIP = $(RUN) -m pip install --disable-pip-version-check --no-deps
# Install a lock with uv, which takes seconds; if there is no uv for this machine, with pip.
LOCKED = { [ -x $(UV) ] && $(UV) pip install --python $(RUN) --no-deps --require-hashes $(1); } \
	|| $(PIP) --require-hashes $(1)

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-header

# Python must keep what it has compiled: each command would compile all packages again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all chaos bench bench-plot lint format readers sources profile docs lineage studio-pictures lock audit clean

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(DEVELOPMENT) ## Install everything into .venv

$(UV): requirements-uv.lock | $(RUN)
	@rm -rf $(VENV)/uv
	@$(PIP) --quiet --require-hashes --target $(VENV)/uv -r $< && touch $@ || echo "There is no uv for this machine: pip takes over."

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
		echo "Python 3.11 to 3.14 is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12"; \
		exit 1; \
	}
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock pyproject.toml | $(RUN)
	@$(MAKE) --no-print-directory $(UV)
	@echo "Installing the packages of $<: 10 seconds with uv, 90 with pip."
	@$(call LOCKED,-r $<)
	@$(PIP) --quiet --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUNTIME)
	@$(MAKE) --no-print-directory $(UV)
	@echo "Installing what development needs, from $<."
	@$(call LOCKED,-r $<)
	@touch $@

run: $(RUNTIME) ## Load the example into DuckDB, build the tables, show what there is
	@rm -rf $(VENV)/uv
	$(RUN) -m loader run --target local --workspace examples/orchestrator
	$(DBT) build --target local --exclude-resource-type unit_test
	$(RUN) -m loader status --target local --next

test: $(DEVELOPMENT) ## Run the tests, on DuckDB and on a real PostgreSQL
	$(RUN) -m pytest

test-all: $(DEVELOPMENT) ## Run also the tests that take long: kills, crashes, fuzzing
	$(RUN) -m pytest --all

chaos: $(DEVELOPMENT) ## Kill and cut off at length; prints a table (three hours)
	$(RUN) -m pytest tests/reliability --chaos

bench: $(DEVELOPMENT) ## Measure the loader beside other programs; prints a table (hours)
	$(RUN) -m benchmarks

bench-plot: $(DEVELOPMENT) ## Draw what the last benchmark measured
	$(RUN) -m benchmarks.plot

lint: $(DEVELOPMENT) ## Check formats, rules and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/sqlfmt --check --quiet dbt_project
	$(VENV)/bin/mypy

format: $(DEVELOPMENT) ## Put everything into its format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/sqlfmt --quiet dbt_project

readers: $(DEVELOPMENT) ## Write the classes of typed rows from the contracts
	$(RUN) -m scripts.typed_rows
	$(VENV)/bin/ruff format --quiet loader/reading/rows.py

sources: $(DEVELOPMENT) ## Write the dbt sources from the loader's raw tables
	$(RUN) -m scripts.raw_sources

profile: $(DEVELOPMENT) ## Write the rules of a database's address into profiles.yml
	$(RUN) -m scripts.profile

docs: $(RUNTIME) ## Write the dbt documentation, one file that works offline
	$(DBT) --quiet docs generate --static --target local
	@echo "Open target/static_index.html"

lineage: $(DEVELOPMENT) ## Draw the picture of the models' lineage
	$(DBT) --quiet parse --target local
	$(RUN) -m scripts.lineage target/manifest.json

studio-pictures: $(DEVELOPMENT) run ## Take the README's pictures of the studio, of the example (needs Chromium)
	$(RUN) scripts/studio_pictures.py docs

lock: $(DEVELOPMENT) $(UV) ## Resolve the dependencies again
	$(COMPILE) --upgrade --extra studio --group build pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade --all-extras --group build --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock \
		$$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock)
	echo 'uv>=0.13,<0.14' | $(COMPILE) --no-annotate - -o requirements-uv.lock

audit: $(DEVELOPMENT) $(UV) ## Look for known vulnerabilities in the locked dependencies
	$(UV) tool run pip-audit --require-hashes --disable-pip -r requirements.lock -r requirements-dev.lock

clean: ## Remove what the other targets made; loaded data in .warehouse stays
	rm -rf $(VENV) target logs .hypothesis .mypy_cache .pytest_cache .ruff_cache
