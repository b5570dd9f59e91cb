"""StyleGAN3's codes through what edits, converts and keeps codes."""

from __future__ import annotations

import pytest
import torch
from alias_free_models import SETTINGS, random_alias_free
from safetensors.torch import load_file, save_file
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.latents import (
    bring_back,
    concatenate,
    edit,
    find_direction,
    load_latent,
    mix_styles,
    sample,
    save_latent,
    to_style_space,
    truncate,
)
from soat.soat_backend.support.errors import LatentError, SoatError
from soat.soat_backend.synthesis.render import render


def picture(generator, latent) -> torch.Tensor:
    with torch.no_grad():
        return render(get_features(generator, latent, "L1"))


def test_style_space_is_four_numbers_and_a_style_for_each_layer(short):
    codes = to_style_space(short, sample(short, 1))
    assert [code.shape[1] for code in codes.codes] == [4, 12, *(layer.in_channels for layer in short.config.layers[1:])]
    torch.testing.assert_close(picture(short, codes), picture(short, sample(short, 1)), rtol=0, atol=1e-5)


def test_codes_are_kept_in_files_with_their_layers(short, tmp_path):
    mixed = mix_styles(sample(short, 1), sample(short, 2), "L0", "L2")
    for name, latent in (("w", mixed), ("s", to_style_space(short, mixed))):
        save_latent(latent, tmp_path / f"{name}.safetensors")
        again = load_latent(tmp_path / f"{name}.safetensors")
        assert again.is_like(latent) and [layer.name for layer in again.layers] == [each.name for each in short.layers]
        assert all(torch.equal(*pair) for pair in zip(again.codes, latent.codes, strict=True))
        torch.testing.assert_close(picture(short, again), picture(short, latent), rtol=0, atol=1e-4)
        assert again.layers.range("input", "L2_30_9") == (0, 3)
        assert concatenate([again, latent]).batch == 2


@pytest.mark.parametrize("layers", ["none", "[]", '[["input", 16], ["L1", 16]]', '[["L0", 16], ["L1", 16]]'])
def test_layers_in_a_file_that_are_none_are_refused(short, tmp_path, layers):
    import json

    from safetensors import safe_open

    save_latent(sample(short, 1), tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors", "pt") as file:
        metadata = file.metadata()
    about = json.loads(metadata["latent"])
    about["stylegan3_layers"] = json.loads(layers) if layers != "none" else layers
    save_file(
        load_file(tmp_path / "x.safetensors"), tmp_path / "y.safetensors", {**metadata, "latent": json.dumps(about)}
    )
    with pytest.raises(LatentError):
        load_latent(tmp_path / "y.safetensors")


def test_truncation_and_realism(short):
    latent = sample(short, 3, truncation_psi=1.0)
    w_avg = short.mapping.w_avg
    torch.testing.assert_close(truncate(short, latent, 0.0).codes[0][0], w_avg.expand(7, -1))
    placed = truncate(short, latent, 0.0, "input", "input").codes[0]
    assert torch.equal(placed[:, 1:], latent.codes[0][:, 1:]) and torch.equal(placed[0, 0], w_avg)
    assert bring_back(short, latent, 0.0, "full").sigmas.shape == (1,)


@pytest.mark.parametrize("method", ["sefa", "pca_w", "pca_style_space"])
def test_directions(short, method):
    direction = find_direction(short, method, 0, "input", "L5")
    latent = sample(short, 3)
    moved = edit(short, latent, direction, 2.0, "L0", "L5")
    assert (picture(short, moved) - picture(short, latent)).abs().max() > 1e-3


def test_sefa_goes_by_what_is_in_the_picture_not_by_where_it_is(short):
    all_of_them, without_input = (find_direction(short, "sefa", 0, first, "L5") for first in ("input", "L0"))
    assert torch.equal(all_of_them.rows[0], without_input.rows[0])
    alone = find_direction(short, "sefa", 0, "input", "input")
    assert not torch.equal(alone.rows[0], without_input.rows[0])


def test_noise_that_is_not_there_is_not_fitted(short):
    picture = torch.zeros(1, 3, 32, 32)
    with pytest.raises(SoatError, match="adds no noise"):
        invert(short, picture, None, InversionSettings(noise_maps=True))


def test_gradients_reach_the_place_and_every_style():
    from soat.soat_backend.optimise import reconstruct

    generator = random_alias_free(SETTINGS["short"])
    styles = [code.clone().requires_grad_(True) for code in to_style_space(generator, sample(generator, 1)).codes]
    reconstruct(generator, styles).picture.square().mean().backward()
    assert all(style.grad is not None and bool(style.grad.abs().max() > 0) for style in styles)


@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize("layer", ["input", "L2"])
def test_a_picture_of_any_shape_is_fitted_by_a_map_with_its_margins(kind, layer):
    from soat.soat_backend.perceptual import load_alexnet

    generator = random_alias_free(SETTINGS[kind])
    height, width = generator.img_size
    picture = torch.rand(1, 3, height, width + width // 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
    settings = InversionSettings(steps=4, candidates=2, patience=0, base_layer=layer)
    found = invert(generator, picture, load_alexnet(), settings)
    assert found.pictures.shape == picture.shape and found.latent.batch == len(found.features.branches) == 2
    torch.testing.assert_close(render(found.features), found.pictures, rtol=0, atol=1e-4)
