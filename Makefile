# One environment for everything, in .venv. `make demo` and `make test` make it themselves on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo derived gallery sheets test lint bench gpu clean

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

# The main job on the bundled generator, through the example workflows; the pictures are in output/.
demo: $(READY)
	$(BIN)/python -m soat demo --output output

# After a node was added or changed: its English texts, its contract, its help page's picture.
derived: $(READY)
	$(BIN)/python docs/derived.py

# The pictures of the README and of the template cards, from the example workflows' real outputs.
gallery: $(READY)
	$(BIN)/python docs/gallery.py

# Every manipulation on 32 seeds, nothing chosen.
sheets: $(READY)
	$(BIN)/python docs/sheets.py

# Several processes of one thread are faster than one of several; a ComfyUI is started once, and has its threads.
test: $(READY)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --ignore tests/comfyui
	$(BIN)/python -m pytest tests/comfyui

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# On an accelerator: the references and every node there, then speed, memory and inversion into gpu.json.
DEVICE ?= cuda
gpu: $(READY)
	SOAT_TEST_DEVICE=$(DEVICE) SOAT_DEVICE=$(DEVICE) $(BIN)/python -m pytest -q tests/devices tests/nodes/test_reference.py
	$(BIN)/python benchmarks/gpu.py --device $(DEVICE) --minutes 3 --out gpu.json

bench: $(READY)
	$(BIN)/python benchmarks/report.py

clean:
	rm -rf $(VENV) build *.egg-info
