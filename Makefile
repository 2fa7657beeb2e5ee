# Two commands do all set-up: `make build` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
# The lock files hold the whole closure, so pip has nothing to resolve.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# The distributed engine is tested where it can run; without Java its tests are skipped and say so.
JAVA_VERSION := $(shell "$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
SPARK := $(if $(shell [ "0$(JAVA_VERSION)" -ge 17 ] && echo yes),.venv/spark)

.PHONY: build test check explore benchmark goals lint lint-graph lint-python lock spark identity metrics dashboard screenshots clean

# Environment, demo company, every model and test, and what came out.
build: .venv/default
	$(BIN)/profit land demo
	$(BIN)/profit run
	$(BIN)/profit summary

PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test: .venv/test .venv/identity .venv/metrics .venv/docs .venv/dashboard $(SPARK) lint
	$(PYTEST)

# What a change is held against before a commit: linters, types, and the tests that build nothing.
check: .venv/test lint-python
	$(BIN)/python .ci/lint_sql.py --quick
	$(PYTEST) -m fast

# Properties on new cases, many times as many as in `make test`: rounds of them for as long as it is told to.
MINUTES ?= 10
explore: .venv/test
	end=$$(( $$(date +%s) + 60 * $(MINUTES) )); while [ $$(date +%s) -lt $$end ]; do \
		PROFIT_TEST_CASES=explore $(PYTEST) -m hypothesis || exit 1; done

# The rules of the graph first: the linter of SQL takes the project as dbt has read it for them.
lint: .venv/test
	$(MAKE) --jobs 2 lint-python lint-graph
	$(BIN)/python .ci/lint_sql.py
	$(BIN)/sqlfluff lint --templater raw profit/connectors

lint-graph: .venv/test
	$(BIN)/python -m profit.conformance

lint-python: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m profit.contract_docs --check
	$(BIN)/python -m profit.metric_docs --check

# How long a whole build takes at several sizes: `make benchmark SIZES="100000 1000000"`, order lines.
SIZES ?= 100000
benchmark: .venv/default
	$(BIN)/python benchmarks/full_build.py $(SIZES)

# How large and deep the project is, and how long dbt takes to read it.
goals: .venv/default
	$(BIN)/python benchmarks/goals.py

.venv/default: requirements/default.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, found " + sys.version.split()[0] + "; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(INSTALL) --no-deps --require-hashes --requirement requirements/default.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test: .venv/default requirements/test.lock
	$(INSTALL) --no-deps --require-hashes --requirement requirements/test.lock
	@touch $@

# The distributed engine, an extra: `make spark`. PySpark comes as source; setuptools, which packs it, is locked.
spark: .venv/spark

.venv/spark: .venv/default requirements/spark.lock
	$(INSTALL) --no-deps --no-build-isolation --require-hashes --requirement requirements/spark.lock
	@touch $@

# Training of identity weights, an extra: `make identity`.
identity: .venv/identity

.venv/identity: .venv/default requirements/identity.lock
	$(INSTALL) --no-deps --require-hashes --requirement requirements/identity.lock
	@touch $@

# Queries of the governed metrics, an extra: `make metrics`, then `mf query`.
metrics: .venv/metrics

.venv/metrics: .venv/default requirements/metrics.lock
	$(INSTALL) --no-deps --require-hashes --requirement requirements/metrics.lock
	@touch $@

# Pages on what is published, an extra: `make dashboard` opens them at http://localhost:8501.
dashboard: .venv/dashboard
	$(BIN)/python -m streamlit run dashboards/Overview.py

# The picture in the documents, of what is published; needs Chromium and its driver.
screenshots: .venv/dashboard
	$(BIN)/python -m dashboards.pictures docs --page overview --width 1280 --height 1000

.venv/dashboard: .venv/default requirements/dashboard.lock
	$(INSTALL) --no-deps --require-hashes --requirement requirements/dashboard.lock
	@touch $@

# The documentation as a site, an extra: site/index.html, which opens without a server.
.PHONY: site
site: .venv/docs
	$(BIN)/mkdocs build --strict

.venv/docs: .venv/default requirements/docs.lock
	$(INSTALL) --no-deps --require-hashes --requirement requirements/docs.lock
	@touch $@

# Resolves the environments anew; the files hold names, versions and hashes, no addresses.
lock: .venv/default
	$(INSTALL) uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" pyproject.toml requirements/build.in --output-file requirements/default.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" --extra test --constraint requirements/default.lock \
		pyproject.toml requirements/build.in --output-file requirements/test.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" --extra spark --constraint requirements/test.lock \
		pyproject.toml requirements/build.in --output-file requirements/spark.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" --extra identity --constraint requirements/test.lock \
		pyproject.toml requirements/build.in --output-file requirements/identity.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" --extra metrics --constraint requirements/test.lock \
		pyproject.toml requirements/build.in --output-file requirements/metrics.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" --extra dashboard --constraint requirements/test.lock \
		pyproject.toml requirements/build.in --output-file requirements/dashboard.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
		--custom-compile-command "make lock" --extra docs --constraint requirements/test.lock \
		pyproject.toml requirements/build.in --output-file requirements/docs.lock

clean:
	rm -rf target logs warehouse .cache .pytest_cache
