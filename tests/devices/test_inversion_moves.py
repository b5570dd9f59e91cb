"""Inversion with weights that really move when they are brought to a device, as they do to a GPU, in inference mode."""

from __future__ import annotations

import pytest
import torch
from cases import CASES
from compare import assert_same
from running import run, tolerance
from soat.soat_backend.generators import Generator
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.perceptual import load_alexnet

INVERSIONS = [
    case for case in CASES if case.node == "InvertImage" and case.name in ("w", "noise-maps", "tuned", "mask")
]
QUICK = InversionSettings(steps=3, candidates=2)


def copying_to(self: torch.nn.Module, *_: object, **__: object) -> torch.nn.Module:
    return self._apply(lambda tensor: tensor.clone())


@pytest.mark.parametrize("host", ["headless", "comfyui"])
@pytest.mark.parametrize("case", INVERSIONS, ids=str)
def test_weights_that_are_copied_give_the_same_report(case, host, maker, on_the_cpu, comfyui_on, monkeypatch):
    expected = on_the_cpu(case)
    if host == "comfyui":
        comfyui_on(torch.device("cpu"))
    monkeypatch.setattr(torch.nn.Module, "to", copying_to)
    assert_same(run(case, maker), expected, tolerance(case))


@pytest.mark.parametrize("settings", [{}, {"noise_maps": True, "steps": 2}, {"tune_steps": 2}], ids=str)
@pytest.mark.parametrize("wanted", [True, False, None], ids=["all", "none", "some"])
def test_a_callers_generator_is_as_it_was(settings, wanted, make_generator):
    generator: Generator = make_generator()
    wants = {name: wanted if wanted is not None else "affine" in name for name, _ in generator.named_parameters()}
    for name, parameter in generator.named_parameters():
        parameter.requires_grad_(wants[name])
    before = {name: tensor.detach().clone() for name, tensor in generator.state_dict().items()}
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2.0 - 1.0
    found = invert(generator, picture, load_alexnet(), InversionSettings(**{"steps": 3, "candidates": 2, **settings}))
    assert {name: parameter.requires_grad for name, parameter in generator.named_parameters()} == wants
    assert all(parameter.grad is None for parameter in generator.parameters())
    after = generator.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert (found.generator is generator) == (not settings)
