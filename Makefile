PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
DBT := $(VENV)/bin/dbt
STAMP := $(VENV)/installed
UV := $(VENV)/bin/uv
PIP = $(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all chaos bench bench-plot lint format readers sources profile docs lineage studio-pictures lock audit clean

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install everything into .venv

$(STAMP): requirements.lock requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
		echo "Python 3.11 to 3.14 is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12"; \
		exit 1; \
	}
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements-uv.lock && $(UV) pip install --quiet --compile-bytecode --python $(RUN) --no-deps --require-hashes -r requirements.lock \
		|| $(PIP) -r requirements.lock
	@touch $@

run: $(STAMP) ## Load the example into DuckDB, build the tables, show what there is
	$(RUN) -m loader run --target local --workspace examples/orchestrator
	$(DBT) --quiet build --target local
	$(RUN) -m loader status --target local

test: $(STAMP) ## Run the tests, on DuckDB and on a real PostgreSQL
	$(RUN) -m pytest

test-all: $(STAMP) ## Run also the tests that take long: kills, crashes, fuzzing
	$(RUN) -m pytest --all

chaos: $(STAMP) ## Kill and cut off at length; prints a table (three hours)
	$(RUN) -m pytest tests/reliability --chaos

bench: $(STAMP) ## Measure beside the least that the same work can cost; prints a table (an hour)
	$(RUN) -m benchmarks

bench-plot: $(STAMP) ## Draw what the last benchmark measured
	$(UV) run --no-project --with 'matplotlib>=3.10,<4' benchmarks/plot.py benchmarks/results.json docs/performance.svg

lint: $(STAMP) ## Check formats, rules and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/sqlfmt --check --quiet dbt_project
	$(VENV)/bin/mypy

format: $(STAMP) ## Put everything into its format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/sqlfmt --quiet dbt_project

readers: $(STAMP) ## Write the classes of typed rows from the contracts
	$(RUN) -m scripts.typed_rows
	$(VENV)/bin/ruff format --quiet loader/reading/rows.py

sources: $(STAMP) ## Write the dbt sources from the loader's raw tables
	$(RUN) -m scripts.raw_sources

profile: $(STAMP) ## Write the rules of a database's address into profiles.yml
	$(RUN) -m scripts.profile

docs: $(STAMP) ## Write the dbt documentation, one file that works offline
	$(DBT) --quiet docs generate --static --target local
	@echo "Open target/static_index.html"

lineage: $(STAMP) ## Draw the picture of the models' lineage
	$(DBT) --quiet parse --target local
	$(RUN) -m scripts.lineage target/manifest.json

studio-pictures: run ## Take the README's pictures of the studio, of the example (needs Chromium)
	$(RUN) scripts/studio_pictures.py docs

lock: $(STAMP) ## Resolve the dependencies again
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --all-extras --group dev pyproject.toml -o requirements.lock
	echo 'uv>=0.13,<0.14' | $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate - -o requirements-uv.lock

audit: $(STAMP) ## Look for known vulnerabilities in the locked dependencies
	$(UV) tool run pip-audit --require-hashes --disable-pip -r requirements.lock

clean: ## Remove what the other targets made; loaded data in .warehouse stays
	rm -rf $(VENV) target logs .hypothesis .mypy_cache .pytest_cache .ruff_cache
