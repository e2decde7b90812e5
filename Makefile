# CRI: everything a contributor or an operator types. `make help` lists it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
DISTRIBUTIONS := $(dir $(wildcard shared/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml))
CODE := $(wildcard shared/cri_shared services/*/cri_* deploy/*/cri_*)
SPEAKING := cri_shared $(notdir $(patsubst %/locale,%,$(wildcard services/*/cri_*/locale)))
MIGRATED := cri_shared.identity $(notdir $(patsubst %/migrations,%,$(wildcard services/*/cri_*/migrations)))
SOURCES := shared services deploy tests
ARGS ?=
N ?= 2000
WORKERS ?= 2

# What Python compiled is kept, also where images forbid it: each of many processes starts sooner.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup up demo test check bench faults security lives messages catalogue names register capacity lock release

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/ready ## make .venv and install everything from the lock

$(VENV)/ready: requirements/all.txt $(addsuffix pyproject.toml,$(DISTRIBUTIONS))
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(addprefix -e ./,$(DISTRIBUTIONS))
	@touch $@

up: setup ## run the whole platform on this machine until Ctrl-C
	$(BIN)/cri up $(ARGS)

demo: setup ## play every question of the demo on a platform of its own (ARGS=--exit checks and leaves)
	$(BIN)/cri demo $(ARGS)

test: setup ## every test: real NATS, SQLite and PostgreSQL, SMTP, Chromium (WORKERS=2 side by side)
	$(BIN)/pytest --numprocesses $(WORKERS) --no-loadscope-reorder $(ARGS)

bench: setup ## the budgets measured on real parts; figures under var/bench (ARGS="--only record,bus --quick")
	$(BIN)/python -m tests.bench $(ARGS)

faults: setup ## N questions (N=2000) on each database while every part fails; report in var/faults (ARGS="--database sqlite")
	$(BIN)/pytest -m long tests/faults tests/stack
	$(BIN)/python -m tests.faults --questions $(N) $(ARGS)

security: setup ## attacks on what the desk sees and on a played platform, beside their floors; figures under var/security (ARGS="--only leaks --missed")
	$(BIN)/python -m tests.security $(ARGS)

lives: setup ## lives of a question and of an entry, 20 seeds of 5,000 steps each, most of an hour: what leaves that nobody let go
	$(BIN)/python -m tests.security --only lives

check: setup ## style, types, layers, translations, migrations, event catalogue, register, capacity
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/python -m cri_shared.web.messages --check $(SPEAKING)
	$(BIN)/python -m cri_shared.db.migrate check $(MIGRATED)
	$(BIN)/python -m cri_shared.events.catalogue --check
	$(BIN)/python -m cri_stack.register --check
	$(BIN)/python -m tests.bench.capacity --check
	$(BIN)/python -m cri_shared.privacy.detectors.making --check

messages: setup ## bring the catalogues in line with what the pages say
	$(BIN)/python -m cri_shared.web.messages $(SPEAKING)

catalogue: setup ## write the pages that tell every event (EVENTS.md of each service) from the code
	$(BIN)/python -m cri_shared.events.catalogue

names: setup ## pack the names and places that libraries know, for the detectors of what is personal
	$(BIN)/python -m cri_shared.privacy.detectors.making

register: setup ## write what is kept where, why and how long, and the impact assessment (deploy/dpia)
	$(BIN)/python -m cri_stack.register

capacity: setup ## write the tables of deploy/capacity.md from what one of each costs and the model
	$(BIN)/python -m tests.bench.capacity

release: setup ## freeze what this version says and stores: events, migrations (shared/RELEASING.md)
	$(BIN)/python -m tests.contracts.released
	$(BIN)/python -m cri_shared.db.migrate release $(MIGRATED)

lock: ## resolve the requirements anew, with hashes and without addresses
	requirements/lock
