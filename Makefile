# Everything from git, make and Python 3.11: `make demo`, `make test`, `make check`.
PYTHON ?= python3.11
UV_VERSION := 0.13.9
BIN := .venv/bin
DEMO_LAKE ?= build/demo

export UV_PYTHON_DOWNLOADS := never
# Certificates are the user's affair; uv then trusts what the system trusts.
export UV_SYSTEM_CERTS ?= true
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.PHONY: demo test test-container test-sagemaker .venv-sagemaker check format bench docs lock clean
.DELETE_ON_ERROR:

.boot/bin/uv:
	@echo "preparing: uv $(UV_VERSION)"
	@$(PYTHON) -m venv .boot
	@.boot/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

# The environment knows the checkout, and `clv` is a command in it.
$(BIN)/python: | .boot/bin/uv
	@.boot/bin/uv venv --quiet --python $(PYTHON) .venv
	@echo "$(CURDIR)" > .venv/lib/python3.11/site-packages/clv-checkout.pth
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m app "$$@"\n' > $(BIN)/clv
	@chmod +x $(BIN)/clv

# One stamp a group: each command installs what it needs and no more.
.venv/.%: requirements/%.txt | $(BIN)/python
	@echo "preparing: $*"
	@.boot/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@

# A marketplace of 20,000 customers, the weekly run on it, the backtest, an HTML report.
demo: .venv/.laptop
	$(BIN)/python -m app demo --lake $(DEMO_LAKE)

test: .venv/.test
	$(BIN)/python -m pytest $(TESTS)

# Environments of their own, one a requirement file: what runs there must find nothing else.
.venv-%/.ready: requirements/%.txt | .boot/bin/uv
	@echo "preparing: .venv-$*"
	@.boot/bin/uv venv --quiet --clear --python $(PYTHON) .venv-$*
	@.boot/bin/uv pip install --quiet --python .venv-$*/bin/python --require-hashes --no-deps -r $<
	@touch $@

# Training and serving under the toolkit of the XGBoost container, and with its libraries alone.
test-container: .venv/.test .venv-toolkit/.ready .venv-container/.ready
	$(BIN)/python -m pytest tests/container

# The job that the sagemaker SDK starts by hand is the one that the weekly machine starts.
test-sagemaker: .venv/.test .venv-sagemaker
	$(BIN)/python -m pytest tests/sagemaker

.venv-sagemaker: .venv-sagemaker/.ready

check: .venv/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/.check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Ratios, interleaved in one run; results go to bench/RESULTS.md.
bench: .venv/.laptop
	$(BIN)/python -m bench $(BENCH)

docs: .venv/.laptop
	$(BIN)/python -m app docs

# The check group's versions bind those it holds; the environments of their own are bound by nothing.
lock: | .boot/bin/uv
	@for group in check test aws laptop container; do \
	  echo "locking: $$group"; \
	  .boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header $$([ $$group = check ] || echo --constraints requirements/check.txt) \
	    --group $$group --output-file requirements/$$group.txt || exit 1; \
	done
	@for group in toolkit sagemaker; do \
	  echo "locking: $$group"; \
	  .boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --group $$group --output-file requirements/$$group.txt || exit 1; \
	done

clean:
	rm -rf .venv .venv-* .boot build .pytest_cache .mypy_cache .ruff_cache .hypothesis
