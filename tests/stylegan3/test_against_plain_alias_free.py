"""Agreement of every layer with the formulas in float64, for settings that no public model has."""

from __future__ import annotations

import pytest
import torch
from alias_free_models import SETTINGS, random_alias_free
from plain_alias_free import PlainAliasFree
from soat.soat_backend.feature_ops import get_features, pad_expand
from soat.soat_backend.latents import draw_z, map_z
from soat.soat_backend.synthesis.render import render

LIMIT = 1e-4


def z_of(*seeds: int) -> torch.Tensor:
    return torch.cat([draw_z(seed, 16, "numpy") for seed in seeds])


def assert_near(actual: torch.Tensor, expected: torch.Tensor) -> None:
    assert actual.shape == expected.shape
    error = (actual.double() - expected).abs().max() / expected.std()
    assert error <= LIMIT, f"max error {error:.2e} of the deviation"


@torch.no_grad()
def test_every_layer(unusual):
    generator, settings = unusual
    z = z_of(1, 2)
    plain = PlainAliasFree(generator, settings)
    latent = map_z(generator, z)
    assert_near(latent.codes[0][:, 0], plain.mapped(z))
    *maps, picture = plain.maps(plain.mapped(z))
    for name, expected in zip(["input", *plain.names], maps, strict=True):
        assert_near(get_features(generator, latent, name).activation, expected)
    assert_near(render(get_features(generator, latent, "input")), picture)


@torch.no_grad()
def test_wider(unusual):
    generator, settings = unusual
    latent = map_z(generator, z_of(3))
    plain = PlainAliasFree(generator, settings)
    expected = plain.maps(plain.mapped(z_of(3)), more=(0.25, 0.5))[-1]
    wider = pad_expand(get_features(generator, latent, "L1"), 0.25, 0.5, 0.0, 0.0, "continue")
    assert_near(render(wider), expected)


@torch.no_grad()
@pytest.mark.parametrize("label", [0, 2])
def test_classes(label):
    generator = random_alias_free(SETTINGS["short"], c_dim=3)
    plain = PlainAliasFree(generator, SETTINGS["short"])
    latent = map_z(generator, z_of(4), class_idx=label)
    assert_near(latent.codes[0][:, 0], plain.mapped(z_of(4), label))
