"""Every node on a device that isn't the CPU gives what it gives on the CPU."""

from __future__ import annotations

from contextlib import nullcontext

import pretended
import pytest
import torch
from cases import CASES
from compare import assert_same
from running import REAL, run, tolerance
from soat.nodes import NODE_CLASS_MAPPINGS


def test_every_node_has_a_case():
    assert {NODE_CLASS_MAPPINGS[case.node] for case in CASES} == set(NODE_CLASS_MAPPINGS.values())
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("inference", [True, False], ids=["inference", "gradients"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_on_a_device(case, inference, device, maker, on_the_cpu, monkeypatch):
    """Of all types in inference mode, else without float64."""
    expected = on_the_cpu(case)
    monkeypatch.setenv("SOAT_DEVICE", str(device))
    with nullcontext() if inference or REAL else pretended.refusing():
        found = run(case, maker, "cpu", inference)
    assert_same(found, expected, tolerance(case))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_where_comfyui_keeps_all_on_the_device(case, device, maker, on_the_cpu, comfyui_on):
    expected = on_the_cpu(case)
    comfyui_on(device)
    with nullcontext() if REAL else pretended.refusing():
        found = run(case, maker, device)
    assert_same(found, expected, tolerance(case), everywhere=True)


BACK_AND_FORTH = (
    "Render-two-generators",
    "EditLatent-pca_w",
    "LatentRealism-full",
    "InvertImage-w",
    "InvertImage-tuned",
)


@pytest.mark.parametrize("case", [case for case in CASES if str(case) in BACK_AND_FORTH], ids=str)
def test_the_same_generator_here_and_there(case, device, maker, on_the_cpu, monkeypatch):
    """What is kept of a generator on one device is of no use on another."""
    expected = on_the_cpu(case)
    for place in (torch.device("cpu"), device, torch.device("cpu"), device):
        monkeypatch.setenv("SOAT_DEVICE", str(place))
        assert_same(run(case, maker), expected, tolerance(case))
        assert maker.generator().device == place
