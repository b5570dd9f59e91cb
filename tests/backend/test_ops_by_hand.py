"""Operators where the result is known: numbers worked out by hand, constants, statistics, finite differences."""

from __future__ import annotations

import math

import plain
import pytest
import torch
from operator_cases import randn
from operators import by_name
from soat.soat_backend.geometry.canvas import Canvas
from soat.soat_backend.ops import Kernels, demodulation, normalise_style_fp16
from soat.soat_backend.ops.convolution import convolve, convolve_doubled, convolve_in_phases, interleave_phases
from soat.soat_backend.ops.filters import fir_kernel
from soat.soat_backend.ops.reference import blur

SQRT_2 = math.sqrt(2)
TAPS = torch.tensor([1.0, 3.0, 3.0, 1.0])


@by_name("scaled_window")
def test_demodulated_output_has_unit_variance(operator, who):
    """What demodulation is for: whatever the style, noise of unit variance stays noise of unit variance."""
    x, kernels = randn(1, 16, 64, 64), Kernels(randn(8, 16, 3, 3, seed=1))
    canvas = Canvas(64, 64)
    for scale in (1e-3, 1.0, 1e3):
        style = scale * (randn(1, 16, seed=2) + 1.0)
        y = convolve(operator.implementations[who].run(x, canvas, canvas.window, style, halo=1), kernels)
        y = y * demodulation(style, kernels.power)[:, :, None, None]
        assert y.std(dim=(2, 3)).sub(1).abs().max() < 0.1


def test_a_style_for_half_precision_is_small_and_as_before_otherwise():
    style = torch.tensor([[3.0, -6.0, 0.0], [1e9, 1.0, 2e9]])
    normal = normalise_style_fp16(style, 9)
    torch.testing.assert_close(normal.abs().amax(1), torch.full((2,), 1 / math.sqrt(27)))
    torch.testing.assert_close(normal[0], style[0] / 6 / math.sqrt(27))
    assert torch.equal(normalise_style_fp16(torch.zeros(1, 3), 9), torch.zeros(1, 3))


def test_phases_are_the_doubled_convolution_taken_apart():
    x, kernels = randn(2, 3, 7, 6), Kernels(randn(4, 3, 3, 3, seed=1))
    whole = convolve_doubled(x, kernels)
    assert whole.shape == (2, 4, 13, 11) and interleave_phases(whole) is whole
    torch.testing.assert_close(interleave_phases(convolve_in_phases(x, kernels)), whole, atol=1e-5, rtol=1e-5)


def test_plain_gradients_are_the_finite_differences():
    x, weight, style = randn(2, 5, 3, 2, seed=1), randn(2, 5, 3, 3, seed=2), randn(2, 5, seed=3) + 1.0
    parts = tuple(part.double().requires_grad_() for part in (x, weight, style))
    assert torch.autograd.gradcheck(lambda *parts: plain.modulated_conv(*parts, double=True), parts)


@by_name("upsample_rgb")
def test_upsample_rgb_of_a_constant(operator, who):
    """A constant stays one wherever the filter lies inside."""
    upsampled = operator.implementations[who].run(torch.full((1, 3, 6, 6), 0.5))
    assert torch.equal(upsampled, torch.full((1, 3, 8, 8), 0.5))


@by_name("blur")
def test_blur_of_one_pixel(operator, who):
    """Its neighbourhood shows the filter: outer([1, 3, 3, 1]) / 16."""
    x = torch.zeros(1, 1, 7, 7)
    x[0, 0, 3, 3] = 1.0
    assert torch.equal(operator.implementations[who].run(x)[0, 0], torch.outer(TAPS, TAPS) / 16)


@by_name("finish")
def test_finish_by_hand(operator, who):
    x = torch.tensor([1.0, -1.0, 300.0]).reshape(1, 1, 1, 3)
    noise = torch.tensor([0.5, 0.25, 0.0]).reshape(1, 1, 1, 3)
    y = operator.implementations[who].run(x, torch.ones(1, 1), torch.tensor([0.5]), noise, clamp=256.0)
    torch.testing.assert_close(y.flatten(), torch.tensor([2 * SQRT_2, -0.25 * 0.2 * SQRT_2, 256.0]))


@by_name("finish")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_finish_keeps_the_type(dtype, operator, who):
    if operator.implementations[who].native and dtype == torch.float16:
        pytest.skip("half precision is the reference's alone")
    parts = randn(1, 2, 3, 3).to(dtype), torch.ones(1, 2), randn(2), randn(1, 1, 3, 3)
    assert operator.implementations[who].run(*parts, 256.0).dtype == dtype


def test_the_blurs_filter_is_made_once_and_fits_any_calculation():
    fir_kernel.cache_clear()
    with torch.inference_mode():
        first = fir_kernel(torch.device("cpu"), torch.float32)
    assert fir_kernel(torch.device("cpu"), torch.float32) is first and not first.is_inference()
    assert torch.equal(first, torch.outer(TAPS, TAPS) / 16)
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        assert torch.equal(fir_kernel(torch.device("cpu"), dtype), first.to(dtype))
    assert fir_kernel(torch.device("meta"), torch.float32).device.type == "meta"
    x = torch.ones(1, 2, 5, 5, requires_grad=True)
    blur(x).sum().backward()
    assert x.grad.sum() == 2 * 4 * 4
