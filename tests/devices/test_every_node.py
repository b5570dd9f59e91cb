"""Every node on a device that isn't the CPU gives what it gives on the CPU."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from typing import Any

import pretended
import pytest
import torch
from cases import CASES, Case, Maker
from compare import assert_same, written
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.features import FeatureMap
from soat.soat_backend.generator import Generator
from soat.soat_backend.inversion import prior

# Searches amplify what rounding leaves. What they found is as good.
SEARCHED = {"InvertImage": 1e-2}


def placed(x: Any, device: Any) -> Any:
    """Inputs brought to a device; latents, which nodes keep on the CPU, are left."""
    if isinstance(x, dict):
        return {name: placed(value, device) for name, value in x.items()}
    if isinstance(x, list):
        return [placed(value, device) for value in x]
    if isinstance(x, FeatureMap):
        for branch in x.branches:
            branch.generator.to(device)
        return x.to(device)
    return x.to(device) if isinstance(x, torch.Tensor | Generator) else x


def run(case: Case, maker: Maker, place: Any = "cpu", inference: bool = True) -> list[Any]:
    """All that a node gives: its outputs, what features look like when they are rendered, and its files."""
    with torch.inference_mode(inference):
        inputs = placed(case.inputs(maker), place)
        outputs = list(call(case.node, inputs))
        for features in [each for each in outputs if isinstance(each, FeatureMap)]:
            outputs.append(call("Render", {"features": features})[0])
    folder = maker.folder / "output"
    outputs.append(written(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return [x.replace(str(maker.folder), "") if isinstance(x, str) else x for x in outputs]


def call(node: str, inputs: dict[str, Any]) -> Any:
    node_class = NODE_CLASS_MAPPINGS[node]
    result = getattr(node_class(), node_class.FUNCTION)(**inputs)
    return result["result"] if isinstance(result, dict) else result


@pytest.fixture(scope="module")
def on_the_cpu(make_generator):
    """Of a case, what the CPU gives, made once."""
    known: dict[str, list[Any]] = {}

    def get(case: Case, maker: Maker) -> list[Any]:
        if str(case) not in known:
            known[str(case)] = run(case, Maker(make_generator, maker.folder))
            prior._kept.clear()
        return known[str(case)]

    return get


def test_every_node_has_a_case():
    assert {NODE_CLASS_MAPPINGS[case.node] for case in CASES} == set(NODE_CLASS_MAPPINGS.values())
    assert len({str(case) for case in CASES}) == len(CASES)


# Where inputs come from, whether the device has float64, and whether it is inference mode.
WAYS = [("cpu", "any type", True), ("cpu", "no float64", False), ("device", "no float64", True)]


@pytest.mark.parametrize(("comes_from", "types", "inference"), WAYS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_on_a_device(case, comes_from, types, inference, device, maker, on_the_cpu, monkeypatch):
    expected = on_the_cpu(case, maker)
    monkeypatch.setenv("SOAT_DEVICE", str(device))
    with pretended.refusing() if types == "no float64" else nullcontext():
        found = run(case, maker, device if comes_from == "device" else "cpu", inference)
    assert_same(found, expected, SEARCHED.get(case.node, case.tolerance))
