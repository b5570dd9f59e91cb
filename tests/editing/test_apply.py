"""Truncation and realism: identities, and what each leaves alone."""

from __future__ import annotations

import pytest
import torch
from soat.soat_backend.latents import Latent, bring_back, draw_z, mix_styles, sample, to_style_space, truncate
from soat.soat_backend.latents.spaces import open_space
from soat.soat_backend.support.errors import LatentError, SoatError


def test_truncating_untruncated_codes_is_sampling_truncated_ones(generator):
    full, half = (sample(generator, 5, 3, psi) for psi in (1.0, 0.5))
    torch.testing.assert_close(truncate(generator, full, 0.5).codes[0], half.codes[0])


def test_one_changes_no_bit_and_zero_is_the_average(generator):
    latent = sample(generator, 5, 2, 1.0)
    for codes in (latent, to_style_space(generator, latent)):
        for ours, theirs in zip(truncate(generator, codes, 1.0).codes, codes.codes, strict=True):
            assert torch.equal(ours, theirs)
    average = truncate(generator, latent, 0.0).codes[0]
    assert torch.equal(average, generator.mapping.w_avg.expand_as(average))


def test_spaces_agree(generator):
    """The affines are linear, so truncating w_plus is truncating its styles."""
    latent = sample(generator, 5, 2, 1.0)
    in_w = to_style_space(generator, truncate(generator, latent, 0.3, "b8.conv1", "b16.conv0"))
    in_styles = truncate(generator, to_style_space(generator, latent), 0.3, "b8.conv1", "b16.conv0")
    for ours, theirs in zip(in_w.codes, in_styles.codes, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    z = Latent("z", (draw_z(5, 16),), generator.fingerprint, 32)
    torch.testing.assert_close(
        truncate(generator, z, 0.3).codes[0], truncate(generator, sample(generator, 5, 1, 1.0), 0.3).codes[0]
    )


def test_only_the_range_moves_also_where_layers_share_a_row(generator):
    latent = sample(generator, 5, 1, 1.0)
    moved = to_style_space(generator, truncate(generator, latent, 0.0, "b8.torgb", "b8.torgb")).codes
    before = to_style_space(generator, latent).codes
    changed = [not torch.allclose(a, b, atol=1e-6) for a, b in zip(moved, before, strict=True)]
    assert changed == [index == 4 for index in range(len(before))]


def test_codes_too_far_away_come_to_the_limit_and_others_stay(generator):
    space = open_space("style_space", generator)
    usual = space.read(sample(generator, 0, 2, 1.0))
    codes = space.latent(torch.cat((usual, usual * 4)))
    found = bring_back(generator, codes, 1.5)
    after = bring_back(generator, found.latent, 0).sigmas
    assert float(found.sigmas[:2].max()) < 1.5 < 3 < float(found.sigmas[2:].min())
    torch.testing.assert_close(found.sigmas[2:], found.sigmas[:2] * 4, rtol=1e-4, atol=0)
    torch.testing.assert_close(after, torch.cat((found.sigmas[:2], torch.full((2,), 1.5))), rtol=1e-4, atol=0)
    # Straight towards the mean.
    back = space.read(found.latent)[2:]
    torch.testing.assert_close(back, usual * (1.5 / found.sigmas[:2])[:, None, None], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_measuring_changes_nothing(generator, covariance):
    latent = sample(generator, 0, 50, 1.0)
    for limit in (0, 50):
        found = bring_back(generator, latent, limit, covariance)
        assert found.latent is latent
        assert float(found.sigmas.square().mean()) == pytest.approx(1.0, abs=0.15)


def test_mixed_strangers_are_unusual_together(generator):
    a, b = sample(generator, 0, 40, 1.0), sample(generator, 100, 40, 1.0)
    mixed = mix_styles(a, b, "b8.torgb", "b1024.torgb")
    alone, together = (bring_back(generator, codes, 0, "full").sigmas.mean() for codes in (a, mixed))
    assert float(together) > 1.3 * float(alone)


def test_refusals(generator, make_generator):
    other = sample(make_generator(64), 0)
    for call in (lambda: truncate(generator, other, 0.5), lambda: bring_back(generator, other, 1.0)):
        with pytest.raises(LatentError, match="made for another model"):
            call()
    with pytest.raises(SoatError, match="psi must be a number from -2 to 2"):
        truncate(generator, sample(generator), float("nan"))
    with pytest.raises(SoatError, match="the range is empty"):
        truncate(generator, sample(generator), 0.5, "b16.conv1", "b8.conv0")
