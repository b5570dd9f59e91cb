"""The coarse pictures that a live Render shows while a hand moves."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.latents import sample
from soat.soat_backend.synthesis.coarse import coarse_picture
from soat.soat_backend.synthesis.views import rgb_so_far


@pytest.mark.parametrize("side, layer", [(8, "b8.conv1"), (31, "b16.conv1")])
def test_they_are_what_the_layers_so_far_have_painted(make_generator, node, side, layer):
    generator = make_generator(32)
    codes = sample(generator, seed=3, batch_size=2)
    features = get_features(generator, codes, "b4.conv1")
    painted = rgb_so_far(get_features(generator, codes, layer))
    expected = ((painted - painted.mean()) / (5 * painted.std()) + 0.5).clamp(0, 1)
    image = node("Render", features=features, coarse_side=side)
    torch.testing.assert_close(image, expected.permute(0, 2, 3, 1), atol=2e-6, rtol=0)


def test_a_wide_canvas_is_coarse_all_over(make_generator, node):
    generator = make_generator(32)
    features = node("PadExpand", features=get_features(generator, sample(generator, seed=3, batch_size=1), "b4.conv1"))
    assert node("Render", features=features, coarse_side=16).shape == (1, 16, 32, 3)


def test_where_nothing_coarse_is_left_the_picture_is_whole(make_generator, node):
    generator = make_generator(32)
    codes = sample(generator, seed=3, batch_size=1)
    whole = node("Render", features=get_features(generator, codes, "b4.conv1"))
    for features, side in (
        (get_features(generator, codes, "b32.conv0"), 16),
        (get_features(generator, codes, "b4.conv1"), 32),
    ):
        assert coarse_picture(features, side) is None
        assert torch.equal(node("Render", features=features, coarse_side=side), whole)


def test_they_show_what_will_be_seen(node):
    generator = node("LoadStyleGAN", checkpoint="demo/portrait_256.safetensors", precision="float32")
    features = node("GetFeatures", generator=generator, latent=node("SampleLatent", generator=generator, seed=5))
    coarse = node("Render", features=features, coarse_side=64)
    whole = node("Render", features=features)
    assert coarse.shape == (1, 64, 64, 3)
    shrunk = F.avg_pool2d(whole.permute(0, 3, 1, 2), 4).permute(0, 2, 3, 1)
    assert torch.corrcoef(torch.stack((coarse.flatten(), shrunk.flatten())))[0, 1] > 0.9
