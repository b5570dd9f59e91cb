"""The operators against their plain formulations in float64, at sizes and types the layers use."""

from __future__ import annotations

import math

import plain
import pytest
import torch
import torch.nn.functional as F
from soat.soat_backend.ops import activate, modulated_conv, upsample_rgb
from soat.soat_backend.ops.resample import blur


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def conv_inputs(kernel: int, batch: int = 2, style_batch: int | None = None):
    """Activation without its halo, weight, style."""
    x, weight = randn(batch, 5, 6, 7, seed=1), randn(4, 5, kernel, kernel, seed=2)
    return x, weight, randn(style_batch or batch, 5, seed=3) + 1.0


def run(x, weight, style, **how):
    """The operator as a layer uses it: on a window with a halo, the weight's gain in the style."""
    halo = weight.shape[2] // 2
    gain = 1 / math.sqrt(weight[0].numel())
    return modulated_conv(F.pad(x, (halo,) * 4), weight, style * gain, **how)


def assert_near(actual: torch.Tensor, expected: torch.Tensor, limit: float = 1e-5) -> None:
    """Both of one size, and apart by less than the limit times the expected's largest value."""
    assert actual.shape == expected.shape
    error = ((actual.double() - expected.double()).abs().max() / expected.abs().max()).item()
    assert error < limit, f"relative error {error:.1e}"


@pytest.mark.parametrize("style_batch", [3, 1])
@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize(("kernel", "double"), [(3, False), (3, True), (1, False)])
def test_modulated_conv(kernel, double, demodulate, style_batch):
    x, weight, style = conv_inputs(kernel, 3, style_batch)
    expected = plain.modulated_conv(x.double(), weight.double(), style.double(), demodulate=demodulate, double=double)
    actual = run(x, weight, style, demodulate=demodulate, double=double)
    assert actual.dtype == torch.float32 and actual.shape == (3, 4, *((12, 14) if double else (6, 7)))
    assert_near(actual, expected)


def test_modulated_conv_takes_any_memory_order():
    x, weight, style = conv_inputs(3)
    channels_last = x.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(run(channels_last, weight, style), run(x, weight, style))


def test_demodulated_output_has_unit_variance():
    """What demodulation is for: whatever the style, noise of unit variance stays noise of unit variance."""
    x, weight = randn(1, 16, 64, 64), randn(8, 16, 3, 3, seed=1)
    for scale in (1e-3, 1.0, 1e3):
        y = modulated_conv(x, weight, scale * (randn(1, 16, seed=2) + 1.0))
        assert y.std(dim=(2, 3)).sub(1).abs().max() < 0.1


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e4, 1e8])
def test_half_precision_has_no_overflow(scale, double):
    """A style's common factor means nothing after demodulation, yet half precision ends at 65504."""
    x, weight, style = conv_inputs(3)
    x = (50 * x).half()
    actual = run(x, weight, scale * style, double=double)
    expected = plain.modulated_conv(x.double(), weight.double(), scale * style.double(), double=double)
    assert actual.dtype == torch.float16 and bool(actual.isfinite().all())
    assert_near(actual, expected, 5e-3)


def test_bfloat16():
    x, weight, style = conv_inputs(3)
    actual = run(x.bfloat16(), weight, 1e8 * style)
    expected = plain.modulated_conv(x.double(), weight.double(), 1e8 * style.double())
    assert actual.dtype == torch.bfloat16
    assert_near(actual, expected, 3e-2)


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("double", [False, True])
def test_gradients(double, demodulate):
    """Of activation, weight and style, against autograd of the plain formulation, which is checked numerically."""
    inputs = conv_inputs(3)
    ours = [part.clone().requires_grad_() for part in inputs]
    theirs = [part.double().requires_grad_() for part in inputs]
    how = {"demodulate": demodulate, "double": double}
    for parts, function in ((ours, run), (theirs, plain.modulated_conv)):
        output = function(*parts, **how)
        (output * randn(*output.shape, seed=9)).sum().backward()
    for own, their in zip(ours, theirs, strict=True):
        assert_near(own.grad, their.grad)


def test_plain_gradients_are_the_finite_differences():
    x, weight, style = (part.double().requires_grad_() for part in conv_inputs(3))
    small = (x[:, :, :3, :2], weight[:2], style)
    assert torch.autograd.gradcheck(lambda *parts: plain.modulated_conv(*parts, double=True), small)


def test_upsample_rgb():
    rgb = randn(2, 3, 5, 4)
    assert_near(upsample_rgb(F.pad(rgb, (1, 1, 1, 1))), plain.upsample(rgb.double()))


def test_upsample_rgb_of_a_constant():
    """A constant stays one wherever the filter lies inside."""
    assert torch.equal(upsample_rgb(torch.full((1, 3, 6, 6), 0.5)), torch.full((1, 3, 8, 8), 0.5))


def test_blur():
    x = randn(2, 5, 8, 9)
    actual = blur(x)
    assert actual.shape == (2, 5, 5, 6)
    assert_near(actual, plain.filtered(x.double(), 0, 0, gain=4.0))


def test_blur_of_one_pixel():
    """Its neighbourhood shows the filter: outer([1, 3, 3, 1]) / 16."""
    x = torch.zeros(1, 1, 7, 7)
    x[0, 0, 3, 3] = 1.0
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    assert torch.equal(blur(x)[0, 0], torch.outer(taps, taps) / 16)


@pytest.mark.parametrize("clamp", [None, 0.7])
@pytest.mark.parametrize("noise_batch", [0, 1, 2])
def test_activate(noise_batch, clamp):
    x, bias = randn(2, 5, 4, 3), randn(5, seed=1)
    noise = randn(noise_batch, 1, 4, 3, seed=2) if noise_batch else None
    expected = plain.activate(x.double(), bias.double(), 0.0 if noise is None else noise.double(), clamp)
    before = x.clone()
    assert_near(activate(x, bias, noise, clamp), expected)
    assert torch.equal(x, before), "the input was changed"
    if clamp:
        assert expected.abs().max() == clamp


def test_activate_by_hand():
    x = torch.tensor([1.0, -1.0, 300.0]).reshape(1, 1, 1, 3)
    y = activate(x, torch.tensor([0.5]), torch.tensor([0.5, 0.25, 0.0]).reshape(1, 1, 1, 3), clamp=256.0)
    expected = [2 * math.sqrt(2), -0.25 * 0.2 * math.sqrt(2), 256.0]
    torch.testing.assert_close(y.flatten(), torch.tensor(expected))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_activate_keeps_the_type(dtype):
    assert activate(randn(1, 2, 3, 3).to(dtype), randn(2), randn(1, 1, 3, 3), 256.0).dtype == dtype
