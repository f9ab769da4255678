# make setup   a .venv with everything in it        make demo    sync the sample reel
# make test    every test                           make check   style, types, architecture
# make bench   the figures of docs/benchmarks.md   make docs     the documentation, in build/docs

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.ready

.PHONY: setup demo test check bench docs clean
.DEFAULT_GOAL := setup

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt .ci/system-packages
	sh .ci/system-packages "$(PYTHON)"
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[test,check]"
	touch $(STAMP)

demo: $(STAMP)
	$(VENV)/bin/dubsync run sample_projects/two_hander --language it-IT

# A process for each core, one thread each: more threads than cores wait longer than they work.
test: $(STAMP)
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n auto --maxprocesses 8 --dist loadfile

check: $(STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	MYPYPATH=plugins/otio $(VENV)/bin/mypy plugins/otio/dubsync_otio
	$(VENV)/bin/lint-imports

bench: $(STAMP)
	$(RUN) -m benchmarks

docs: $(STAMP)
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[docs]"
	$(RUN) -m docs.generate --check
	$(RUN) -m mkdocs build --strict

clean:
	rm -rf $(VENV) build *.egg-info
