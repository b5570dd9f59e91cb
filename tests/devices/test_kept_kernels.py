"""The forms of weights that layers keep: for as long as the weights are what they were, and where they were."""

from __future__ import annotations

import pytest
import torch
from running import call
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import sample


@pytest.fixture
def picture(make_generator):
    """Renders a generator's picture, as a node in inference mode."""
    features = {}

    def render(generator: Generator) -> torch.Tensor:
        with torch.inference_mode():
            latent = features.setdefault("latent", sample(make_generator(), 3))
            return call("Render", features=get_features(generator, latent).to("cpu"))[0]

    return render


def kept(generator: Generator) -> list[object]:
    layers = [generator.module(layer) for layer in generator.layers if layer.has_features]
    return [layer._kept and layer._kept[1] for layer in layers]


def assert_all_differ(found: list[object], before: list[object]) -> None:
    assert all(one is not other for one, other in zip(found, before, strict=True))


def test_a_second_run_has_those_of_the_first(make_generator, picture):
    generator = make_generator()
    first = picture(generator)
    before = kept(generator)
    assert all(before)
    assert torch.equal(picture(generator), first)
    assert all(one is other for one, other in zip(kept(generator), before, strict=True))


def halve(generator: Generator) -> None:
    with torch.no_grad():
        for layer in generator.layers:
            generator.module(layer).weight.mul_(0.5)


def halve_the_data(generator: Generator) -> None:
    for layer in generator.layers:
        weight = generator.module(layer).weight
        weight.data = weight.data * 0.5


def load_halves(generator: Generator) -> None:
    state = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    for layer in generator.layers:
        name = f"synthesis.{layer.name}.weight"
        state[name] = state[name] * 0.5
    generator.load_state_dict(state)


def assign_halves(generator: Generator) -> None:
    for layer in generator.layers:
        module = generator.module(layer)
        module.weight = torch.nn.Parameter(module.weight.detach() * 0.5, requires_grad=False)


@pytest.mark.parametrize("change", [halve, halve_the_data, load_halves, assign_halves])
def test_weights_that_change_are_noticed(change, make_generator, picture):
    generator, other = make_generator(), make_generator()
    picture(generator)
    before = kept(generator)
    change(generator)
    halve(other)
    assert torch.equal(picture(generator), picture(other))
    assert_all_differ(kept(generator), before)


def test_those_of_weights_that_move_are_dropped(make_generator, picture, device, monkeypatch):
    generator = make_generator()
    here = picture(generator)
    before = kept(generator)
    generator.to(device)
    assert not any(kept(generator))
    monkeypatch.setenv("SOAT_DEVICE", str(device))
    torch.testing.assert_close(picture(generator), here, rtol=0, atol=1e-5)
    there = kept(generator)
    assert torch.equal(picture(generator), picture(generator))
    assert all(one is other for one, other in zip(kept(generator), there, strict=True))
    assert_all_differ(there, before)


def test_those_of_weights_that_are_copied_are_dropped(make_generator, picture):
    generator = make_generator()
    first = picture(generator)
    generator._apply(lambda tensor: tensor.clone())
    assert not any(kept(generator))
    assert torch.equal(picture(generator), first)
