# make setup   a .venv with everything in it        make demo    sync the sample reel
# make desk    the window too: PyQt5 and its system libraries
# make quick   style, types, layers, quick tests    make test    every test
# make check   style, types, layers                 make docs    the documentation, in build/docs
# make bench   the figures of docs/benchmarks.md    make clean   remove .venv and build
# make hosts   Blender and Kdenlive, for the tests of their plugins: heavy

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.ready
# A process for each core, one thread each: more threads than cores wait longer than they work.
PYTEST := OMP_NUM_THREADS=1 $(RUN) -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

# Hundreds of short processes: where the surroundings forbid bytecode, each would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup desk hosts demo quick test check bench docs slow-list clean
.DEFAULT_GOAL := setup

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt .ci/system-packages .ci/install.py
	@echo "1/3  System libraries (.ci/system-packages)"
	@sh .ci/system-packages "$(PYTHON)"
	@echo "2/3  Virtual environment in $(VENV)"
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@echo "3/3  Python packages: about 147, 0.7 GB to download, 2.5 GB on disk; more if torch brings CUDA"
	@$(RUN) .ci/install.py -c constraints.txt -e ".[test,check]"
	@touch $(STAMP)
	@echo "Done. Try: make demo, or $(VENV)/bin/dubsync --help"

# The window: PyQt5 and what it needs of the system.  `make test` tests it where this was done.
desk: $(STAMP)
	@sh .ci/system-packages "$(PYTHON)" desk
	@$(RUN) .ci/install.py -c constraints.txt -e ".[desk,desk-test]"
	@echo "Done. Try: $(VENV)/bin/dubsync desk sample_projects/two_hander"

# Blender, Blender as a module, and Kdenlive: plugins are tested in those that are there.
hosts: $(STAMP)
	@sh .ci/hosts "$(PYTHON)"

# Ends with the cut in six formats, whose ProRes Premiere, Avid, Resolve and Final Cut list as theirs.
# In the last shot ELISE turns her head to the right of the picture and looks into the camera.
# It signs with a key of its own, made in sample_projects/demo_keys, and ends verified.
demo: export DUBSYNC_KEYS := $(CURDIR)/sample_projects/demo_keys
demo: $(STAMP)
	@test -f "$$DUBSYNC_KEYS/using.json" || $(VENV)/bin/dubsync keys new --house "Demo House"
	$(VENV)/bin/dubsync tweak sample_projects/two_hander A001C006_251114_ELISE_CU \
		--language it-IT --set region=head@+2..+34 --set yaw=8@+8..+26 \
		--set look_at=camera@+8..+30
	$(VENV)/bin/dubsync run sample_projects/two_hander --language it-IT
	$(VENV)/bin/dubsync deliver sample_projects/two_hander --language it-IT \
		--as otio,edl,aaf,ale,fcpxml,xml
	$(VENV)/bin/dubsync verify sample_projects/two_hander

# Every test but those of tests/slow.txt, with few examples of each property.
quick: check
	$(PYTEST) -m "not slow" --hypothesis-profile quick

test: $(STAMP)
	$(PYTEST)

check: $(STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy
	MYPYPATH=plugins/otio $(VENV)/bin/mypy plugins/otio/dubsync_otio

bench: $(STAMP)
	$(RUN) -m benchmarks

docs: $(STAMP)
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[docs]"
	$(RUN) -m docs.generate --check
	$(RUN) -m mkdocs build --strict

# Measures every test and writes tests/slow.txt; on a quiet machine, when tests were added.
slow-list: $(STAMP)
	$(PYTEST) -p tests.record_slow

clean:
	rm -rf $(VENV) build *.egg-info
