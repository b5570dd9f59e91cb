"""Winograd's filtering where sizes, edges and batches might tell: as PyTorch's convolutions do it."""

from __future__ import annotations

import pytest
import torch
from operator_cases import randn
from operators import assert_near
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.ops import Kernels, native, reference
from soat.soat_backend.ops.convolution import convolve, convolve_in_phases
from soat.soat_backend.ops.native.winograd import convolution_in_phases, finished_convolution

pytestmark = pytest.mark.skipif(
    native.library() is None, reason=f"native operators need a C++ compiler: {native.status()}"
)


@pytest.mark.parametrize(("wrap_y", "wrap_x"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windows(dtype, wrap_y, wrap_x):
    """Inside, at the edges and over them, with a style for each picture."""
    x, style, canvas = randn(2, 5, 12, 9).to(dtype), randn(2, 5, seed=1), Canvas(12, 9, wrap_y, wrap_x)
    kernels, scale, bias = Kernels(randn(7, 5, 3, 3, seed=2)), randn(2, 7, seed=3), randn(7, seed=4)
    limit = 1e-2 if dtype == torch.bfloat16 else 1e-5
    for window in (canvas.window, Window(3, 1, 8, 4), Window(10 if wrap_y else 4, 7 if wrap_x else 5, 8, 4)):
        noise = randn(1, 1, window.height, window.width, seed=5)
        patch = reference.scaled_window(x.float(), canvas, window, style, halo=1)
        expected = reference.finish(convolve(patch, kernels), scale, bias, noise, 2.0)
        actual = finished_convolution(x, canvas, window, style, kernels, scale, bias, noise, 2.0)
        assert actual.dtype == dtype
        assert_near(actual, expected, limit)
        phases = convolution_in_phases(x, canvas, window, style, kernels)
        for own, direct in zip(phases, convolve_in_phases(patch, kernels), strict=True):
            assert own.dtype == dtype
            assert_near(own, direct, limit)


def test_a_batch_is_each_picture_by_itself():
    """To the last bit, though tiles are taken in other groups."""
    x, style, canvas, kernels = randn(3, 24, 20, 16), randn(3, 24, seed=1), Canvas(20, 16), Kernels(randn(40, 24, 3, 3))
    scale, bias, whole = randn(3, 40, seed=2), randn(40, seed=3), canvas.window
    together = finished_convolution(x, canvas, whole, style, kernels, scale, bias, None, None)
    phases = convolution_in_phases(x, canvas, whole, style, kernels)
    for k in range(3):
        own = x[k : k + 1], canvas, whole, style[k : k + 1], kernels
        assert torch.equal(finished_convolution(*own, scale[k : k + 1], bias, None, None)[0], together[k])
        of_one = convolution_in_phases(*own)
        assert all(torch.equal(one[0], many[k]) for one, many in zip(of_one, phases, strict=True))
