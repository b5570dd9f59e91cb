"""What a caller has set changes nothing: default types and devices, autocast, and `to` that copies on the CPU."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import torch
from cases import CASES
from compare import assert_same
from running import run


@contextmanager
def default_dtype():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def default_device():
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


def autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16)


@pytest.mark.parametrize("caller", [default_dtype, default_device, autocast])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_the_same_bit_for_bit(case, caller, maker, on_the_cpu):
    expected = on_the_cpu(case)
    assert_same(run(case, maker, caller=caller()), expected, tolerance=0)
