# Two commands do everything from nothing: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test quick cluster cluster-down demo-cluster e2e bench quality faults bundled-model lock verify format clean

help: ## This list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/'

$(READY): requirements/dev.lock pyproject.toml
	@echo "==> setting up $(VENV) (about a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "the venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements/dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## See it work: an FAQ stream with and without the cache (UPSTREAM=http://... for a real engine)
	@$(BIN)/python -m tests.demo $(if $(UPSTREAM),--upstream $(UPSTREAM))

test: $(READY) ## Every lane: lint, fast, stores, the real vLLM
	@$(BIN)/python -m tests.lanes $(LANES)

quick: $(READY) ## Lint and the fast lane
	@$(BIN)/python -m tests.lanes lint fast

cluster: $(READY) ## A cluster with the operator and an example: kind with Docker, our own without
	@$(BIN)/python -m tests.cluster up

cluster-down: $(READY) ## End that cluster
	@$(BIN)/python -m tests.cluster down

demo-cluster: $(READY) ## An FAQ bot's day through that cluster, and what the resource says of it
	@$(BIN)/python -m tests.cluster demo

e2e: $(READY) ## The end-to-end tests at full size, on KUBECONFIG or a cluster made for them
	@$(BIN)/python -m tests.e2e $(E2E)

bench: $(READY) ## Speed, side by side with the floor (BENCH="--quick" for a minute's worth)
	@$(BIN)/python -m tests.bench $(BENCH)
	@$(BIN)/python -m tests.bench.semantic $(BENCH_SEMANTIC)

quality: $(READY) ## How many hits are right, on labelled data (LLMCACHE_QUALITY_DATA for more of it)
	@$(BIN)/python -m tests.quality $(QUALITY)
	@$(BIN)/python -m tests.quality.answers
	@$(BIN)/python -m tests.quality.policy
	@$(BIN)/python -m tests.quality.hit_rates

faults: $(READY) ## Break things on purpose for an hour (FAULTS="--minutes 5" for less)
	@$(BIN)/python -m tests.faults $(FAULTS)

bundled-model: $(READY) ## Make the bundled embedding model anew (needs torch once)
	@$(BIN)/python -m tests.sidecar.embeddings.torch_venv -m llmcache_sidecar.tools.bundled_model

verify: $(READY) ## Generated files are what their sources say
	@$(BIN)/python -m tests.lanes verify

format: $(READY) ## Format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock: $(READY) ## Renew the lock files
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	  pyproject.toml --extra sidecar --extra redis --extra encryption --extra qdrant --extra pgvector --extra operator --group dev --output-file requirements/dev.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	  pyproject.toml --extra sidecar --extra redis --extra encryption --extra qdrant --extra pgvector --output-file requirements/sidecar.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	  pyproject.toml --extra operator --output-file requirements/operator.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	  requirements/build.in --output-file requirements/build.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	  tests/clients/python/requirements.in --output-file tests/clients/python/requirements.lock

clean: ## Remove what was set up here
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
