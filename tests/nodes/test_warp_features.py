"""WarpFeatures as ComfyUI runs it."""

from __future__ import annotations

import json

import pytest
import torch
from soat.soat_backend.feature_ops import get_features, warp
from soat.soat_backend.geometry.points import read_points
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import SoatError

POINTS = '[{"from": [0.5, 0.5], "to": [0.7, 0.4]}]'


@pytest.fixture
def run(node):
    return lambda **inputs: node("WarpFeatures", **{"points": POINTS, **inputs})


def cut(generator, layer):
    return get_features(generator, sample(generator, 3, 2), layer)


def test_features_of_earlier_layers_are_made_up_to_a_quarter_of_the_resolution(run, make_generator):
    """Of a generator of 32 px, b8.conv0; what is further is taken as it is."""
    generator = make_generator()
    expected = warp(cut(generator, "b8.conv0"), read_points(POINTS))
    for layer in ("b4.conv1", "b8.conv0"):
        found = run(features=cut(generator, layer))
        assert found.layer.name == "b8.conv0"
        torch.testing.assert_close(found.activation, expected.activation, rtol=0, atol=1e-5)
    assert run(features=cut(generator, "b16.conv1")).layer.name == "b16.conv1"
    assert run(features=cut(generator, "b4.conv1"), layer="b16.conv0").layer.name == "b16.conv0"
    assert run(features=cut(generator, "b8.conv1"), layer="b4.conv1").layer.name == "b8.conv1"


def test_values_and_masks_are_what_the_library_takes(run, make_generator):
    features = cut(make_generator(), "b8.conv1")
    mask = torch.rand(1, 16, 16, generator=torch.Generator().manual_seed(0))
    found = run(features=features, radius=0.3, amount=-0.5, mask=mask)
    expected = warp(features, read_points(POINTS), radius=0.3, amount=-0.5, mask=mask[:, None])
    assert torch.equal(found.activation, expected.activation)


def test_without_points_the_picture_is_the_same(node, run, make_generator):
    features = cut(make_generator(), "b4.conv1")
    same = node("Render", features=run(features=features, points="[]"))
    torch.testing.assert_close(same, node("Render", features=features), rtol=0, atol=1e-4)


def test_refusals(run, make_generator):
    features = cut(make_generator(), "b8.conv1")
    with pytest.raises(SoatError, match="WarpFeatures: points: this is no JSON"):
        run(features=features, points="peak")
    two = json.dumps([{"from": [x, 0.5], "to": [0.5, 0.2]} for x in (0.2, 0.4)])
    with pytest.raises(SoatError, match="points 1 and 2 end at one place"):
        run(features=features, points=two)
