"""Losses against their formulas, the R1 gradient against finite differences."""

import math

import pytest
import torch
from soat.soat_backend.training.discriminator import Discriminator, append_deviation
from soat.soat_backend.training.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    hinge_discriminator_loss,
    hinge_generator_loss,
)


def test_generator_loss_is_mean_softplus_of_minus_logits():
    logits = torch.tensor([-1.0, 2.0])
    expected = (math.log(1 + math.exp(1.0)) + math.log(1 + math.exp(-2.0))) / 2
    assert generator_loss([logits]).item() == pytest.approx(expected, rel=1e-6)


def test_discriminator_loss_is_the_logistic_loss():
    real, fake = torch.tensor([3.0]), torch.tensor([0.5])
    expected = math.log(1 + math.exp(-3.0)) + math.log(1 + math.exp(0.5))
    assert discriminator_loss([real], [fake]).item() == pytest.approx(expected, rel=1e-6)


def test_hinge_losses_are_their_formulas_and_heads_count_alike():
    """A head of one place and one of three: real logits within the margin cost, fake ones beyond it."""
    real, fake = (
        [torch.tensor([[0.5]]), torch.tensor([[2.0, 1.5, -1.0]])],
        [torch.tensor([[-3.0]]), torch.tensor([[0.0, -0.5, 1.0]])],
    )
    assert hinge_discriminator_loss(real, fake).item() == pytest.approx(0.5 + 2 / 3 + 0 + (1 + 0.5 + 2) / 3)
    assert hinge_generator_loss(fake).item() == pytest.approx(3.0 - 0.5 / 3)


def test_gradient_penalty_of_a_linear_discriminator_is_its_weight_squared():
    weight = torch.randn(3, 2, 2, generator=torch.Generator().manual_seed(0))
    images = torch.randn(5, 3, 2, 2, generator=torch.Generator().manual_seed(1), requires_grad=True)
    penalty = gradient_penalty([(images * weight).sum(dim=(1, 2, 3))], images)
    assert penalty.item() == pytest.approx(weight.square().sum().item(), rel=1e-6)


def test_r1_gradient_agrees_with_finite_differences():
    torch.manual_seed(0)
    discriminator = Discriminator({4: 4, 8: 4}).double()
    images = torch.randn(4, 3, 8, 8, dtype=torch.float64)
    discriminator.dtype = torch.float64
    # The head runs in float32, so a step small in double is lost in it: one as large as a thousandth isn't.
    weight = discriminator.b8.conv0.weight

    def penalty():
        real = images.clone().requires_grad_()
        return gradient_penalty(discriminator(real), real)

    (analytic,) = torch.autograd.grad(penalty(), weight)
    direction = torch.randn_like(weight)
    step = 1e-3
    with torch.no_grad():
        weight += step * direction
        above = penalty_value(penalty)
        weight -= 2 * step * direction
        below = penalty_value(penalty)
    assert (above - below) / (2 * step) == pytest.approx((analytic * direction).sum().item(), rel=2e-2)


def penalty_value(penalty):
    with torch.enable_grad():
        return penalty().item()


def test_deviation_channel_is_the_mean_deviation_of_each_group():
    x = torch.randn(8, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    y = append_deviation(x)
    assert torch.equal(y[:, :3], x)
    for start in (0, 4):
        expected = x[start : start + 4].std(dim=0, correction=0).mean()
        torch.testing.assert_close(y[start : start + 4, 3], expected.expand(4, 4, 4), rtol=1e-5, atol=1e-6)


def test_faded_out_block_shows_the_discriminator_the_halved_picture():
    torch.manual_seed(0)
    grown = Discriminator({4: 4, 8: 4, 16: 4})
    small = Discriminator({4: 4, 8: 4})
    small.load_state_dict({name: tensor for name, tensor in grown.state_dict().items() if name in small.state_dict()})
    images = torch.randn(4, 3, 16, 16)
    halved = torch.nn.functional.avg_pool2d(images, 2)
    torch.testing.assert_close(grown(images, fade=0.0)[0], small(halved)[0], rtol=1e-5, atol=1e-5)
