# speechlabel: `make` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test oracles check fix bench docs lock system js

help:
	@echo "make run     start speechlabel on the samples (the first time it installs what it needs)"
	@echo "make test    install what the tests need, then run all of them"
	@echo "make oracles let Lhotse, datasets and others read what is exported, and damage 5,000 examples a format"
	@echo "make check   lint, types, import rules, JavaScript types, unit tests"
	@echo "make fix     format and repair what can be repaired"
	@echo "make bench   run the benchmarks"
	@echo "make docs    write the generated parts of docs/"
	@echo "make lock    pin the newest versions that pyproject.toml allows"

run: .venv/run.stamp
	@$(BIN)/python app.py

test: .venv/dev.stamp system js
	$(BIN)/python -m pytest -n auto -m "not browser"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser
	cd tests/js && node --test

# Programs that train on what is exported, in an environment of 1.5 GB of their own.
oracles: .venv/dev.stamp system
	@tests/oracles/install.sh $(PYTHON)
	$(BIN)/python -m pytest -n auto tests/oracles

check: .venv/dev.stamp js
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	npm --prefix tests/js run --silent types
	cd tests/js && node --test
	$(BIN)/python -m pytest -q -n auto -m "not browser and not slow"

fix: .venv/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev.stamp system
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

docs: .venv/dev.stamp
	$(BIN)/python docs/generate.py

lock: .venv/dev.stamp
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --upgrade --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --upgrade --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.txt

# The browser, the judges of formats and Node; installed where that is allowed, else named.
system:
	@tests/system-packages.sh

js: tests/js/node_modules
tests/js/node_modules: tests/js/package.json tests/js/package-lock.json
	npm --prefix tests/js ci --silent --no-audit --no-fund
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "speechlabel needs Python 3.11 or later; name one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "Python lacks its venv module; on Debian: apt-get install python3-venv"; exit 1; }

.venv/run.stamp: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing speechlabel (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
