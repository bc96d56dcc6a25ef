# The only list of commands. Each one installs what it needs into .venv and can be run again at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-config \
	--quiet --upgrade --extra classifier
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint record bench drafts pictures train messages lock clean browser

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.run ## draft three real replies with the embedded model (fetched on first use)
	@$(BIN)/drafter demo

serve: $(VENV)/.run ## serve the console and the API at http://127.0.0.1:8000, with sample cases on first start
	@$(BIN)/drafter serve

test: $(VENV)/.dev browser ## run every test, the embedded model, a real browser and a real PostgreSQL included
	@$(BIN)/drafter model pull
	@$(BIN)/pytest -n auto --maxprocesses=4 --dist loadfile

lint: $(VENV)/.dev ## style, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

record: $(VENV)/.dev ## record the cassettes again from the embedded model
	@$(BIN)/drafter model pull
	@rm -rf cassettes/test_trip
	@$(BIN)/pytest tests/test_trip.py --record-mode=rewrite -m "not model"

bench: $(VENV)/.dev ## measure every figure that the README quotes (but bench/killing.py, half an hour)
	@for script in $(filter-out bench/texts.py bench/twenty_drafts.py bench/judge.py bench/killing.py,$(wildcard bench/*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

drafts: $(VENV)/.run ## draw twenty drafts of the recorded run into docs/drafts.md
	@$(BIN)/python bench/twenty_drafts.py bench/runs/embedded.jsonl > docs/drafts.md

pictures: $(VENV)/.dev browser ## take the pictures of the guide from the running desk, in both languages
	@for lang in zh en; do DRAFTER_LANG=$$lang $(BIN)/python -m tests.browser.pictures docs/pictures || exit 1; done

train: $(VENV)/.dev ## train what judges replies and what hears messages again, from the labelled corpora and the examples
	@$(BIN)/python -m guardrails.training
	@$(BIN)/python -m drafter.desk.learning

messages: $(VENV)/.dev ## collect what the terminal says, for drafter/locale/*/LC_MESSAGES/drafter.po, and compile it
	@errors=$$(sed -nE 's/^class ([A-Za-z]+Error).*/-k \1/p' drafter/errors.py); \
		$(BIN)/pybabel -q extract -F pyproject.toml $$errors -k lost -k say -k Failure:2 --no-location --sort-output --project drafter -o $(VENV)/drafter.pot drafter
	@$(BIN)/pybabel -q update -i $(VENV)/drafter.pot -d drafter/locale -D drafter -l zh \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(BIN)/pybabel -q compile -d drafter/locale -D drafter

lock: $(VENV)/.dev ## pin what pyproject.toml asks for: names, versions and hashes
	@$(BIN)/uv pip compile pyproject.toml --group install $(LOCK) -o requirements/run.txt
	@$(BIN)/uv pip compile pyproject.toml --group install --group dev $(LOCK) -o requirements/dev.txt

# The console is tested in the distribution's own browser.
browser:
	@test -n "$$DRAFTER_TEST_BROWSER" || for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name > /dev/null && exit 0; done && exit 0; \
	echo "Installing Chromium from the distribution ..."; \
	test "$$(id -u)" = 0 || sudo="sudo -n"; \
	{ $$sudo apt-get -qq update && $$sudo env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y install --no-install-recommends chromium > /dev/null; } \
		|| { echo "No browser, and none could be installed: install Chromium, or name one in DRAFTER_TEST_BROWSER." >&2; exit 2; }

clean: ## remove the environment; the model and your data stay
	@rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.11 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is missing; on Debian: apt install python3-venv" >&2; exit 2; }

# pip itself is pinned in the lock, so the one that came with Python only has to install it.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing drafter into $(VENV) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@
