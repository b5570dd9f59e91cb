"""Small StyleGAN3s: the reference's files, and random ones of unusual settings."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file
from soat.soat_backend.checkpoints import load_generator

# What several test files share, which pytest's importlib mode doesn't let them import by itself.
sys.path.insert(0, str(Path(__file__).parent))

from alias_free_models import SETTINGS, random_alias_free

REFERENCE = Path(__file__).parents[1] / "reference" / "architectures"
CASES = {case["case"]: case for case in json.loads((REFERENCE / "cases_sg3.json").read_text())}
NAMES = sorted(CASES)


@pytest.fixture(scope="session")
def expected():
    return load_file(REFERENCE / "expected_sg3.safetensors")


@pytest.fixture(scope="session", params=NAMES)
def case(request):
    return CASES[request.param]


@pytest.fixture(scope="session")
def known(case):
    return load_generator(REFERENCE / case["model"], name=case["model"])


@pytest.fixture(scope="session")
def sg3_t():
    return load_generator(REFERENCE / "sg3_t_64.pkl", name="sg3_t_64.pkl")


@pytest.fixture(params=sorted(SETTINGS))
def unusual(request):
    settings = SETTINGS[request.param]
    return random_alias_free(settings), settings


@pytest.fixture(scope="session")
def short():
    return random_alias_free(SETTINGS["short"])
