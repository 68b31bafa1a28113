# Every target says what it does: `make help`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SERVING := $(VENV)/.serving
READY := $(VENV)/.ready
export BENTOML_DO_NOT_TRACK := True

.DEFAULT_GOAL := help
.PHONY: help run demo desk-styles test check train teacher report rules disguise fuzz card data-check clean test-faults test-crash test-hostile test-schema test-soak test-overload test-races test-swap test-canaries bench bench-store bench-http test-dataset notebooks

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(SERVING) ## set up, score a few real messages, serve on 127.0.0.1:3000
	@$(BIN)/sendsafe score "Hi Sam, your library books are due back on Tuesday"
	@$(BIN)/sendsafe score "Your Universal Credit payment of £368.74 is on its way"
	@$(BIN)/sendsafe score "The curfew box comes off on Friday"
	@SENDSAFE_STATE_FOLDER=$${SENDSAFE_STATE_FOLDER:-$(CURDIR)/.state} $(BIN)/sendsafe serve

demo: $(READY) ## fill a review desk with 300 fictional messages, print a link to sign in with, serve on 127.0.0.1:3000
	@export SENDSAFE_STATE_FOLDER=$(CURDIR)/.demo SENDSAFE_REGISTER_FOLDER=data/demo_registers; \
		$(BIN)/python -m data demo && $(BIN)/sendsafe review login "Sam Okafor" --role reviewer --role adjudicator --role manager && $(BIN)/sendsafe serve

desk-styles: ## make the review desk's style sheet and script again from npm's govuk-frontend (needs npm)
	cd serving/review/desk/styles && npm install --no-package-lock --no-audit --no-fund --ignore-scripts && npx sass --style=compressed --no-source-map --quiet-deps desk.scss ../static/govuk-frontend.css
	sed 's#//\# sourceMappingURL=.*##' serving/review/desk/styles/node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js > serving/review/desk/static/govuk-frontend.js

test: $(READY) ## install what is missing and run every fast test
	$(BIN)/python -m pytest

test-faults: $(READY) ## inject every fault three times and write the table in docs/reliability.md (slow)
	$(BIN)/python tests/faults/run.py --write

test-crash: $(READY) ## kill -9 the service 200 times under load on each database, and compare what was acknowledged (slow)
	$(BIN)/python tests/faults/crash.py --out evaluation/reports/crash

test-hostile: $(READY) ## send 100,000 hostile requests; none may be answered with 5xx or not at all (slow)
	$(BIN)/python tests/faults/hostile.py --out evaluation/reports/hostile

test-schema: $(READY) ## make requests from the OpenAPI description, right and wrong ones, and check every answer against it
	$(BIN)/python tests/faults/openapi.py --out evaluation/reports/schema

test-soak: $(READY) ## send REQUESTS (1,000,000) messages and look at memory, files and threads (slow)
	$(BIN)/python tests/faults/soak.py --requests $(or $(REQUESTS),1000000) --out evaluation/reports/soak

test-overload: $(READY) ## ask for 2 to 50 times as much as there is, with wrk
	$(BIN)/python tests/faults/overload.py --out evaluation/reports/overload

test-races: $(READY) ## let two reviewers reach for the same message 1,000 times on each database (slow)
	$(BIN)/python tests/faults/races.py --out evaluation/reports/races

test-swap: $(READY) ## promote and roll back under load, two workers, for 20 seconds
	$(BIN)/python tests/faults/swap.py --out evaluation/reports/swap

test-canaries: $(READY) ## send 10,000 requests with canaries in every field and look for them everywhere (slow)
	$(BIN)/python tests/faults/canaries.py

bench-store: $(READY) ## measure what keeping a verdict adds, on SQLite and PostgreSQL
	$(BIN)/python -m evaluation keeping

bench-http: $(READY) ## measure what HTTP adds to a verdict, and 50 messages a second on one core, into evaluation/reports/
	$(BIN)/python -m evaluation http --out evaluation/reports/http

bench: $(READY) ## measure beside torch, ONNX fp32, OpenVINO, FastAPI, BentoML and Presidio; write docs/performance.md and docs/scale.md (about 5 minutes; SIZES of files)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m evaluation bench --docs docs $(foreach each,$(SIZES),--size $(each))

test-dataset: $(READY) ## judge ROWS (1,000,000) rows on Ray Data with two workers and kill one in mid run (slow)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[batch]'
	$(BIN)/python tests/faults/dataset.py --rows $(or $(ROWS),1000000) --out evaluation/reports/dataset

check: $(READY) ## run the static checks: ruff, mypy --strict, import-linter
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && $(BIN)/mypy --no-error-summary && $(BIN)/lint-imports --no-logo >/dev/null && echo "check: ruff, mypy and import-linter are clean"

train: $(READY) ## make the shipped bundle from the corpus: fit, export, calibrate (slow)
	$(BIN)/python -m training fit
	$(BIN)/python -m training export

teacher: $(READY) ## train the larger teacher and keep what it makes of the corpus, for the student (hours)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[teacher]'
	$(BIN)/python -m training fit --config training/configs/teacher.yaml --run runs/teacher
	$(BIN)/python -m training teach

report: $(READY) ## measure the shipped bundle on the test split (and PUBLIC=FILE) into evaluation/reports/
	$(BIN)/python -m evaluation report --out evaluation/reports/test
	$(if $(PUBLIC),$(BIN)/python -m evaluation report --file $(PUBLIC) --out evaluation/reports/public)

rules: $(READY) ## measure every rule on routine messages and drawn values into evaluation/reports/
	$(BIN)/python -m evaluation rules --out evaluation/reports/rules

disguise: $(READY) ## measure what is found in disguise, and what is held because of how it is written (minutes)
	$(BIN)/python -m evaluation disguise --out evaluation/reports/disguise

fuzz: $(READY) ## read hostile texts for MINUTES (60) and write the worst into evaluation/reports/
	$(BIN)/python -m evaluation fuzz --minutes $(or $(MINUTES),60) --out evaluation/reports/fuzz

peers: $(READY) ## compare with the floor, Presidio and the rules, quality and speed in one run
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[peers]'
	$(BIN)/python -m evaluation peers --out evaluation/reports/peers

precision: $(READY) ## compare a run's int8 bundle with fp32 (RUN=FOLDER), and alone with batches
	$(BIN)/python -m training compare-precision $(if $(RUN),--run $(RUN))

demo-retrain: $(READY) ## take 300 simulated reviews through the loop to a candidate that is promoted or refused, and say why (minutes)
	@mkdir -p runs
	$(BIN)/python -m training simulate-reviews runs/demo-reviews.jsonl
	$(BIN)/python -m training retrain --reviews runs/demo-reviews.jsonl --legal-basis "none needed: made-up messages" \
		--config training/configs/demo.yaml --place runs/demo-place --promote || [ $$? = 1 ]

poison: $(READY) ## try to get a worse model promoted by flipped labels, 20 seeds, into evaluation/reports/
	$(BIN)/python -m training poison --out evaluation/reports/poison

curve: $(READY) ## draw the learning curve from the reports in evaluation/reports/curve/
	$(BIN)/python -m evaluation curve

notebooks: $(READY) ## run the notebooks and keep their outputs
	$(BIN)/python notebooks/execute.py

card: $(READY) ## write the model card, README's table and the data sheet's figures from the committed reports and the corpus
	$(BIN)/python -m training card
	$(BIN)/python -m data sheet

data-check: $(READY) ## check the corpus: labels, leaks, repeats, quotas
	$(BIN)/python -m data check

clean: ## remove what was built
	rm -rf $(VENV) .state .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache

# Debian packages that are needed stand in debian-packages.txt; they are installed where we may, else named.
$(BIN)/python:
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -q && xargs apt-get install -qy < debian-packages.txt; } \
		|| { echo "Needed first: apt-get install $$(tr '\n' ' ' < debian-packages.txt)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

# The store's tests run on PostgreSQL and the desk's in Chromium where they are installed, as the README says; CI demands both.
$(VENV)/.debian: debian-packages.txt | $(BIN)/python
	@{ ls /usr/lib/postgresql/*/bin/initdb && command -v chromium strace wrk; } >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && apt-get update -q && xargs apt-get install -qy < debian-packages.txt; } \
		|| echo "Without the packages in debian-packages.txt the tests on PostgreSQL and in a browser are left out."
	@touch $@

# Production only: what `make run` needs. Torch is not in it.
$(SERVING): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

# Everything the tests need; torch first, since its CPU build is a version of its own.
$(READY): pyproject.toml constraints.txt $(VENV)/.debian | $(BIN)/python
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[training,evaluation,dev]'
	@touch $@ $(SERVING)
