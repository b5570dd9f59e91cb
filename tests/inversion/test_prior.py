"""The priors against their plain formulas and against samples."""

from __future__ import annotations

import pytest
import torch
from soat.soat_backend.latents import sample
from soat.soat_backend.latents.sampling import random_w
from soat.soat_backend.latents.spaces import open_space
from soat.soat_backend.latents.statistics import SAMPLES, SAMPLES_SEED, SHRINKAGE, statistics, undo_last_lrelu


def flat_styles(generator, count=4_000, seed=5):
    w = random_w(generator, count, seed)
    return torch.cat(generator.styles(w[:, None].expand(-1, generator.layers.num_ws, -1)), dim=1)


def test_moments_of_style_space_are_those_of_samples(generator):
    gaussian = statistics(generator).style_space
    styles = flat_styles(generator)
    deviation = styles.std(0)
    assert ((gaussian.mean - styles.mean(0)).abs() / deviation).max() < 0.08
    assert (gaussian.deviation / deviation - 1).abs().max() < 0.08


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_distance_is_the_formula(generator, covariance):
    gaussian = statistics(generator).style_space
    styles = flat_styles(generator, 8).double()
    styles[4:] += torch.randn(4, styles.shape[1], generator=torch.Generator().manual_seed(0)) * 0.1
    correlation = torch.eye(styles.shape[1], dtype=torch.float64)
    if covariance == "full":
        along = gaussian.directions.double()
        exact = along.t() @ torch.diag(gaussian.strengths.double()) @ along
        correlation = (1 - SHRINKAGE) * exact + SHRINKAGE * correlation
        # What samples have on average: E[x^T S^-1 x] = tr(S^-1 C).
        usual = torch.trace(torch.linalg.solve(correlation, exact))
    else:
        usual = torch.tensor(styles.shape[1], dtype=torch.float64)
    x = (styles - gaussian.mean) / gaussian.deviation
    expected = (x * torch.linalg.solve(correlation, x.t()).t()).sum(1) / usual
    torch.testing.assert_close(
        gaussian.squared_sigmas(styles.float(), covariance).double(), expected, rtol=1e-3, atol=0
    )


def test_full_covariance_is_the_samples(generator):
    """The principal axes put together are the samples' own correlations."""
    gaussian = statistics(generator).style_space
    found = gaussian.directions.t() @ torch.diag(gaussian.strengths) @ gaussian.directions
    assert (found - torch.corrcoef(flat_styles(generator, SAMPLES, SAMPLES_SEED).t())).abs().max() < 2e-3


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
@pytest.mark.parametrize("space", ["style_space", "w_plus", "w"])
def test_samples_are_one_sigma_away(generator, space, covariance):
    opened = open_space(space, generator)
    codes = opened.read(sample(generator, 100, 400, 1.0))
    assert float(opened.squared_sigmas(codes, covariance).mean()) == pytest.approx(1.0, abs=0.1)
    assert torch.equal(opened.squared_sigmas(opened.start(1), "diagonal") < 0.2, torch.tensor([True]))


def test_full_sees_what_the_diagonal_does_not(generator):
    """Styles each usual by themselves but of different pictures are improbable together."""
    opened = open_space("style_space", generator)
    codes = opened.read(sample(generator, 0, 64, 1.0))
    shuffled = torch.stack(
        [codes[(torch.arange(codes.shape[2]) * 7 + k) % 64, 0, torch.arange(codes.shape[2])] for k in range(64)]
    )
    ratio = {
        covariance: float(
            opened.squared_sigmas(shuffled[:, None], covariance).mean()
            / opened.squared_sigmas(codes, covariance).mean()
        )
        for covariance in ("diagonal", "full")
    }
    assert ratio["diagonal"] == pytest.approx(1.0, abs=1e-4)
    assert ratio["full"] > 3


def test_the_last_leaky_relu_is_undone():
    x = torch.randn(100, generator=torch.Generator().manual_seed(0))
    w = torch.nn.functional.leaky_relu(x, 0.2)
    torch.testing.assert_close(undo_last_lrelu(w), x)


@pytest.mark.parametrize("space", ["style_space", "w_plus", "w"])
def test_codes_come_back_as_latents(generator, space):
    opened = open_space(space, generator)
    latent = sample(generator, 3, 2, 0.7)
    code = opened.read(latent)
    again = opened.read(opened.latent(code))
    torch.testing.assert_close(again, code, rtol=1e-4, atol=1e-5)
    for ours, theirs in zip(
        opened.styles(code),
        open_space("style_space", generator).styles(open_space("style_space", generator).read(latent)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
