# Every target sets up what it needs; set-up does nothing, quickly, when nothing changed.
#   make run                      serve on 127.0.0.1 with the sample project
#   make run ARGS="--port 9000"   the same with other options of `segmentarium serve`
#   make test                     unit, API, storage, browser and frontend tests
#   make check                    what CI runs before the tests: format, lint, types, contracts

ARGS ?=
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench bench-boxnet openapi screenshots clean

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@sh scripts/setup.sh dev

run:
	@sh scripts/setup.sh base
	@exec .venv/bin/segmentarium serve --sample $(ARGS)

test:
	@sh scripts/setup.sh dev
	@$(PY) -m scripts.programs
	@sh scripts/test.sh $(ARGS)

check:
	@sh scripts/setup.sh dev
	@sh scripts/check.sh

format:
	@sh scripts/setup.sh dev
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format --quiet .
	cd frontend && npx biome check --write .

# The server's contract, and the frontend's types made from it; no server is started.
openapi:
	@sh scripts/setup.sh dev
	@sh scripts/openapi.sh frontend/src/api/schema.gen.ts

bench:
	@sh scripts/setup.sh dev
	@$(PY) -m bench $(ARGS)

bench-boxnet:
	@sh scripts/setup.sh dev
	@$(PY) -m bench boxnet $(ARGS)

# The browser tests write the pictures of docs/images as they go.
screenshots:
	@sh scripts/setup.sh dev
	@$(PY) -m scripts.programs
	$(PY) -m pytest tests/e2e

clean:
	rm -rf .venv build dist *.egg-info frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
