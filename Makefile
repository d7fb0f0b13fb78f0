# Each target makes the virtual environment itself when it is missing. Without make: see README.md, "Without make".
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
SHEET := out/contact-sheet.png

# One BLAS thread: more change the last bits, and fight with the test workers for the cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: run sheet test quick laws bench peers lint style types imports format clean

run: $(READY)          ## the trainer in the browser; prints its address where there is no screen
	$(BIN)/epifluoro train

sheet: $(READY)        ## contact sheet of the default patient
	@mkdir -p $(dir $(SHEET))
	$(BIN)/epifluoro sheet --output $(SHEET)

test: $(READY)         ## the whole suite, slow acceptance tests included; then the page alone, for a browser wants both cores
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/e2e
	$(BIN)/python -m pytest tests/e2e

quick: $(READY)        ## what to run while working
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

laws: $(READY)         ## the laws over random attempts, controls and files with their full counts; the ordinary suite draws a seeded few
	EPIFLUORO_LAWS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m laws --ignore tests/e2e

bench: $(READY)        ## one table: measured, target, ratio
	$(BIN)/python -m benchmarks

peers: $(READY)        ## gVirtualXray on the same meshes and views
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[peers]"
	$(BIN)/python -m benchmarks --peers

lint: style types imports   ## style, format, types, and who may import whom

style: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

format: $(READY)       ## rewrite to the house format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/pip || rm -rf $(VENV)
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "epifluoro needs Python 3.11 or later with its venv module (Debian: apt-get install python3-venv); try PYTHON=python3.12" >&2; exit 2; }
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev,viewer,dicom,physics]"
	@rm -f $(VENV)/.ready-*
	@touch $@

clean:                 ## the virtual environment and what was made
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .benchmarks
