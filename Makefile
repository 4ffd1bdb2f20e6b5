# The commands of accords. Nothing is assumed but make, Python 3.11 or newer with venv, and a package index.
#
#     make serve                   everything from nothing to a running service; again at any time, data is kept
#     make serve PORT=8001         HOST, PORT, DATABASE_URL and the other variables of config/settings.py pass through
#     make test                    the whole suite, on SQLite and on PostgreSQL at once
#     make test ARGS="-k renewal"  a part of it
#     make bench ROWS="10000 100000" ENGINES=sqlite

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT
unexport PYTHONDONTWRITEBYTECODE  # hundreds of processes of the tests import the same modules

VENV := .venv
PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
PIP := $(PY) -m pip -qq --disable-pip-version-check --no-input
# Tests and checks start from the defaults, whatever the shell's environment says.
LOCAL := env -u DATABASE_URL -u SECRET_KEY -u ALLOWED_HOSTS -u DEBUG -u STATIC_FILES -u LOG_LEVEL ENVIRONMENT=local
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(ARGS)
ROWS := 100000
FUZZ_EXAMPLES := 500
MIRROR_ROUNDS := 20
MIRROR_SECONDS := 60
DELIVERIES := 10000
ENGINES := sqlite postgresql
PYTEST := $(PY) -m pytest $(ARGS)
STATIC := $(shell find accords -path '*/static/*' -type f 2>/dev/null)

define CHECK_PYTHON
import sys
if sys.version_info < (3, 11):
    sys.exit("accords needs Python 3.11 or newer; %s is %s. Name another: make PYTHON=python3.12 ..."
             % (sys.executable, sys.version.split()[0]))
try:
    import ensurepip, venv
except ImportError:
    sys.exit("This Python cannot make virtual environments (on Debian and Ubuntu: apt-get install python3-venv).")
endef
export CHECK_PYTHON

define CHECK_PORT
import os, socket, sys
host, port = os.environ["HOST"], os.environ["PORT"]
try:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, int(port)), family=family).close()
except (OSError, OverflowError, ValueError) as error:
    sys.exit("accords cannot listen on %s port %s: %s. Choose another: make serve PORT=8001" % (host, port, error))
endef
export CHECK_PORT

define WELCOME
import os
host, port = os.environ["HOST"], os.environ["PORT"]
shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, "[%s]" % host if ":" in host else host)
base = "http://%s:%s" % (shown, port)
print("""
  accords
    start     {0}/
    API       {0}/api/v1/
    docs      {0}/api/docs/
    schema    {0}/api/schema/
    admin     {0}/admin/    (make the first editor, in another terminal: make editor)
  Ctrl-C stops it; the data stays.
""".format(base), flush=True)
endef
export WELCOME

.PHONY: help serve test versions fuzz mirror deliveries chaos clients bench production lint format types schema messages initial-migration screenshots fixtures release dist lock editor clean
.DEFAULT_GOAL := help

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## */  make \1: /p' $(MAKEFILE_LIST)

serve: $(VENV)/installed var/collected  ## install, migrate, load the deal, and serve it on HOST and PORT
	@$(PY) -c "$$CHECK_PORT"
	@DATABASE_STATEMENT_TIMEOUT=0 $(MANAGE) migrate --no-input --verbosity 0
	@$(MANAGE) load_deal
	@$(PY) -c "$$WELCOME"
	@STATIC_FILES=hashed exec $(PY) -m config.serve

test: $(VENV)/installed-dev  ## run the suite on SQLite and, where it matters, on a PostgreSQL of its own; ARGS go to pytest
	@$(LOCAL) $(PY) tests/run.py $(ARGS)

versions: $(VENV)/installed-dev  ## run the suite with each Python that is installed, and with the newest Django, which may fail
	@$(LOCAL) $(PY) tests/versions.py $(ARGS)

fuzz: $(VENV)/installed-dev  ## try FUZZ_EXAMPLES of every property and of every operation of the API, on both databases
	@$(LOCAL) FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(PYTEST) -m hypothesis
	@$(LOCAL) DATABASE_IDLE_TIMEOUT=0 FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(PY) tests/postgres.py -- $(PYTEST) -m "hypothesis and database"

mirror: $(VENV)/installed-dev  ## follow the changes of many writers, one killed again and again, in MIRROR_ROUNDS of MIRROR_SECONDS on both databases
	@$(LOCAL) MIRROR_ROUNDS=$(MIRROR_ROUNDS) MIRROR_SECONDS=$(MIRROR_SECONDS) $(PYTEST) -n0 -s tests/api/test_changes_concurrent.py
	@$(LOCAL) DATABASE_IDLE_TIMEOUT=0 MIRROR_ROUNDS=$(MIRROR_ROUNDS) MIRROR_SECONDS=$(MIRROR_SECONDS) $(PY) tests/postgres.py -- $(PYTEST) -n0 -s tests/api/test_changes_concurrent.py

deliveries: $(VENV)/installed-dev  ## deliver DELIVERIES messages to a receiver that fails, hangs and is down, from workers that are killed
	@$(LOCAL) DELIVERIES=$(DELIVERIES) DELIVERIES_DOWN=60 $(PYTEST) -n0 -s tests/api/test_webhooks_concurrent.py
	@$(LOCAL) DATABASE_IDLE_TIMEOUT=0 DELIVERIES=$(DELIVERIES) DELIVERIES_DOWN=60 $(PY) tests/postgres.py -- $(PYTEST) -n0 -s tests/api/test_webhooks_concurrent.py

chaos: $(VENV)/installed-dev  ## kill the server and its database while many write, 20 rounds on each; ARGS="--rounds 4 --engines sqlite"
	@$(LOCAL) $(PY) -m tests.chaos $(ARGS)

clients: $(VENV)/installed-dev  ## lint the schema, generate clients in Python, TypeScript, Go and Java, and use each; ARGS="lint hey-api"
	@$(LOCAL) $(PY) -m tests.generated_clients $(ARGS)

production: $(VENV)/installed  ## execute docs/guide/production.md on a PostgreSQL and an nginx of its own
	@$(PY) tests/postgres.py -- bash tests/production.sh

bench: $(VENV)/installed-dev  ## measure against the usual service, write docs/performance.md; ROWS, ENGINES, ARGS
	@$(LOCAL) $(PY) -m tests.bench --rows "$(ROWS)" --engines "$(ENGINES)" --fresh --write $(ARGS)

lint: $(VENV)/installed-dev  ## look for faults and for other forms than ruff's
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(VENV)/installed-dev  ## put the code into ruff's form
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

types: $(VENV)/installed-dev  ## check the types
	$(LOCAL) $(PY) -m mypy

schema: $(VENV)/installed-dev  ## write the OpenAPI schema that the tests compare
	$(LOCAL) $(MANAGE) write_schema

messages: $(VENV)/installed-dev  ## bring the French catalogue into step with the code, and compile it
	@$(LOCAL) $(PY) -m tests.messages

initial-migration: $(VENV)/installed-dev  ## write the first migration anew from the models, as long as nothing is released
	@$(LOCAL) $(PY) -m tests.initial_migration
	@$(PY) -m ruff check --quiet --select I --fix accords/migrations && $(PY) -m ruff format --quiet accords/migrations

screenshots: $(VENV)/installed-dev  ## take the pictures of the editors' pages in docs/screenshots
	@$(LOCAL) $(PY) -m pytest -n0 -q tests/admin/screenshots.py

fixtures: $(VENV)/installed  ## build fixtures/ from seeds/
	$(LOCAL) $(MANAGE) build_fixtures

release: $(VENV)/installed  ## prepare a release: check, migrate, collect static files, complete the search index
	@$(MANAGE) prepare_release

dist: $(VENV)/installed-dev  ## build the wheel in dist/, beside the locked requirements, an SBOM (CycloneDX) and checksums
	@rm -rf dist
	@$(PY) -m hatchling build --target wheel --directory dist
	@cp requirements.lock dist/
	@sed "s/^dynamic = .*/version = \"$$($(PY) -c 'import accords; print(accords.__version__)')\"/" pyproject.toml >dist/pyproject.toml
	@$(VENV)/bin/cyclonedx-py requirements requirements.lock --pyproject dist/pyproject.toml --output-reproducible \
		--output-file dist/sbom.cdx.json
	@rm dist/pyproject.toml
	@cd dist && sha256sum * >SHA256SUMS

lock: $(PY)  ## pin what requirements*.txt allow, for every platform; ARGS=--upgrade takes the newest
	$(PIP) install 'uv>=0.9,<1'
	$(PY) -m uv pip compile $(COMPILE) requirements.txt --output-file requirements.lock
	$(PY) -m uv pip compile $(COMPILE) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock
	$(PY) -m uv pip compile $(COMPILE) tests/generated_clients/requirements.txt --output-file tests/generated_clients/requirements.lock
	if command -v npm >/dev/null; then cd tests/generated_clients && npm install --package-lock-only --ignore-scripts --no-audit --no-fund; fi

editor: $(VENV)/installed  ## make a user who may edit everything
	@$(MANAGE) createsuperuser

clean:  ## remove what can be made again; the local database and key in var/ stay
	rm -rf $(VENV) dist var/static var/collected .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: the environment is made once, and installed into when its lock changes.

$(PY):
	@$(PYTHON) -c "$$CHECK_PYTHON"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.lock | $(PY)
	@echo "Installing what requirements.lock pins"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock | $(PY)
	@echo "Installing what requirements-dev.lock pins"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

var/collected: $(VENV)/installed $(STATIC)
	@STATIC_FILES=hashed $(MANAGE) collectstatic --no-input --verbosity 0
	@touch $@
