"""What there is to see of a feature map."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from soat.soat_backend.feature_ops import get_features, interpolate
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.synthesis.render import render
from soat.soat_backend.synthesis.views import (
    EnergyLog,
    channel_sheet,
    describe_features,
    energy,
    principal_colours,
    strongest_channels,
    view_features,
)


@pytest.fixture
def features(make_generator):
    generator = make_generator()
    return get_features(generator, sample(generator, 5, 3, 1.0), "b8.conv1")


def as_unit(values: np.ndarray) -> np.ndarray:
    """To [0, 1], with a hundredth cut off at either end."""
    ordered = np.sort(values.ravel())
    low, high = (ordered[round(share * (len(ordered) - 1))] for share in (0.01, 0.99))
    return np.clip((values - low) / (high - low), 0, 1)


def test_principal_colours_are_those_of_a_singular_value_decomposition(features):
    found = principal_colours(features.activation).numpy()
    vectors = features.activation.double().permute(0, 2, 3, 1).reshape(-1, features.activation.shape[1]).numpy()
    vectors -= vectors.mean(0)
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    for index in range(3):
        direction = directions[index] * np.sign(directions[index][np.abs(directions[index]).argmax()])
        values = (vectors @ direction).reshape(3, 8, 8)
        assert np.abs(found[:, index] - as_unit(values)).max() < 1e-3


def test_so_are_those_of_a_map_with_more_channels_than_places():
    activation = torch.randn(1, 40, 3, 3, generator=torch.Generator().manual_seed(2))
    found = principal_colours(activation).numpy()
    vectors = activation.double().permute(0, 2, 3, 1).reshape(9, 40).numpy()
    vectors -= vectors.mean(0)
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    for index in range(3):
        direction = directions[index] * np.sign(directions[index][np.abs(directions[index]).argmax()])
        assert np.abs(found[0, index] - as_unit((vectors @ direction).reshape(3, 3))).max() < 1e-4


def test_like_content_has_like_colours_whichever_way_it_lies(features):
    turned = principal_colours(features.activation.flip(3)).flip(3)
    assert torch.allclose(turned, principal_colours(features.activation), atol=1e-4)


def test_few_channels_and_flat_maps_are_grey():
    assert torch.equal(principal_colours(torch.ones(2, 5, 4, 4)), torch.full((2, 3, 4, 4), 0.5))
    two = principal_colours(torch.randn(1, 2, 4, 4))
    assert torch.equal(two[:, 2], torch.full((1, 4, 4), 0.5)) and two[:, :2].std() > 0.1


def test_energy_is_the_root_mean_square(features):
    assert energy(features.activation) == pytest.approx(float(np.sqrt((features.activation.numpy() ** 2).mean())), 1e-5)
    picture = view_features(features, "energy")
    expected = np.sqrt((features.activation.numpy() ** 2).mean(1))
    ordered = np.sort(expected.ravel())
    assert (
        np.abs(picture[:, 0].numpy() - np.clip(expected / ordered[round(0.99 * (len(ordered) - 1))], 0, 1)).max() < 1e-5
    )


def test_each_layers_energy_is_that_of_the_map_cut_there(make_generator):
    generator = make_generator()
    latent, log = sample(generator, 5, 2, 1.0), EnergyLog()
    get_features(generator, latent, "b1024.conv1", watch=log)
    names = [layer.name for layer in generator.layers.with_features]
    assert [layer.name for layer in log.layers] == names
    for name, value in zip(names, log.values, strict=True):
        assert value == pytest.approx(energy(get_features(generator, latent, name).activation), 1e-5)


def test_the_strongest_channels_lie_row_by_row():
    activation = torch.zeros(1, 6, 2, 2)
    activation[0, 4] = torch.tensor([[0.0, 3.0], [3.0, 0.0]])
    activation[0, 1] = torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    activation[0, 2] = 7.0
    assert strongest_channels(activation, 2) == [4, 1]
    sheet = channel_sheet(activation, [4, 1, 2])
    assert sheet.shape == (1, 3, 4, 4)
    assert torch.equal(sheet[0, 0, :2, :2], activation[0, 4] / 3) and torch.equal(
        sheet[0, 0, :2, 2:], activation[0, 1] / 2
    )
    assert torch.equal(sheet[0, 0, 2:, :2], torch.full((2, 2), 0.5)) and not sheet[0, 0, 2:, 2:].any()


def test_the_rgb_so_far_of_the_last_layer_is_the_picture(make_generator):
    generator = make_generator()
    latent = sample(generator, 5, 2, 1.0)
    seen = view_features(get_features(generator, latent, "b1024.conv1"), "rgb_so_far")
    picture = render(get_features(generator, latent))
    assert torch.allclose(seen, (picture / 2 + 0.5).clamp(0, 1), atol=1e-5)


def test_shares_show_which_branch_counts_where(make_generator):
    generator = make_generator()
    a, b = (get_features(generator, sample(generator, seed, 1, 1.0), "b8.conv1") for seed in (1, 2))
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 4:] = 1.0
    picture = view_features(interpolate(a, b, mask=mask), "shares")
    first, second = picture[0, :, 0, 0], picture[0, :, 0, 7]
    assert torch.allclose(first, torch.tensor([0.90, 0.35, 0.25])) and torch.allclose(
        second, torch.tensor([0.25, 0.55, 0.90])
    )
    half = view_features(interpolate(a, b, 0.5), "shares")
    assert torch.allclose(half[0, :, 3, 3], (first + second) / 2)


def test_it_is_described(features):
    text = describe_features(features, 4)
    channels = ", ".join(map(str, strongest_channels(features.activation, 4)))
    assert text.startswith("layer: b8.conv1, ") and "8 x 8 pixels, batch of 3" in text
    assert text.endswith(f"channels that vary most: {channels}")


@pytest.mark.parametrize("arguments", [("mud", 4), ("channels", 0), ("channels", 257)])
def test_what_is_no_view_is_refused(features, arguments):
    with pytest.raises(SoatError, match="expected"):
        view_features(features, *arguments)


def test_numbers_that_are_none_are_told():
    with pytest.raises(SoatError, match="no numbers"):
        channel_sheet(torch.full((1, 1, 2, 2), float("nan")), [0])


def test_a_picture_is_put_where_it_is_asked_for_as_it_comes(make_generator):
    generator = make_generator()
    canvas = get_features(generator, sample(generator, 5, 2, 1.0))
    size = generator.config.img_resolution
    for tile in (0, size // 2):
        place, seen = torch.zeros(2, 3, size, size), []
        picture = render(
            canvas, tile, lambda done, total, place=place, seen=seen: seen.append(float(place.abs().sum())), place
        )
        assert picture.data_ptr() == place.data_ptr() and torch.equal(picture, render(canvas, tile))
    assert seen == sorted(seen) and len(set(seen)) > 4
