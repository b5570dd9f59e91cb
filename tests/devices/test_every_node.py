"""Every node on a device that isn't the CPU gives what it gives on the CPU."""

from __future__ import annotations

from contextlib import nullcontext

import pretended
import pytest
from cases import CASES
from compare import assert_same
from running import run
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
    with nullcontext() if inference else pretended.refusing():
        found = run(case, maker, "cpu", inference)
    assert_same(found, expected, case.tolerance)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_where_comfyui_keeps_all_on_the_device(case, device, maker, on_the_cpu, comfyui_on):
    expected = on_the_cpu(case)
    comfyui_on(device)
    with pretended.refusing():
        found = run(case, maker, device)
    assert_same(found, expected, case.tolerance, everywhere=True)
