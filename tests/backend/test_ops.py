"""The operators against their plain formulations in float64, at sizes and types the layers use."""

from __future__ import annotations

import math

import plain
import pytest
import torch
import torch.nn.functional as F
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.ops import (
    Kernels,
    convolve,
    convolve_doubled,
    convolve_in_phases,
    demodulation,
    finish,
    is_whole_layer,
    native,
    pays,
    scaled_window,
    tamed,
    to_rgb,
    upsample_rgb,
    whole_layer,
    winograd_layer,
    winograd_phases,
)
from soat.soat_backend.ops.finish import blur
from soat.soat_backend.ops.modulation import put_together
from soat.soat_backend.synthesis.cost import kernel_bytes

SQRT_2 = math.sqrt(2)


@pytest.fixture(params=["native", "reference"], autouse=True)
def operators(request, monkeypatch):
    """Everything twice: what is built, and what it was built after."""
    if request.param == "reference":
        monkeypatch.setattr(native, "library", lambda: None)
    elif native.library() is None:
        pytest.skip(f"native operators need a C++ compiler: {native.status()}")


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def conv_inputs(kernel: int, batch: int = 2, style_batch: int | None = None):
    """Activation without its halo, weight, style."""
    x, weight = randn(batch, 5, 6, 7, seed=1), randn(4, 5, kernel, kernel, seed=2)
    return x, weight, randn(style_batch or batch, 5, seed=3) + 1.0


def layer(x, weight, style, noise=None, bias=None, clamp=None, *, doubled=False, phases=False, winograd=False):
    """The operators as a layer uses them, the weight's gain in the style; whole, or by phases if doubled."""
    style = style / math.sqrt(weight[0].numel())
    if x.dtype == torch.float16:
        style = tamed(style, 9)
    canvas, kernels = Canvas(*x.shape[2:]), Kernels(weight)
    bias = torch.zeros(len(weight)) if bias is None else bias
    scale = demodulation(style, kernels.power)
    if winograd:
        whole, points = canvas.window, kernels.winograd_doubling if doubled else kernels.winograd
        if not doubled:
            return winograd_layer(x, canvas, whole, points, style, scale, bias, noise, clamp)
        y = winograd_phases(x, canvas, whole, points, len(bias), style)
        return finish(y, scale, bias, noise, clamp, doubled=True)
    patch = scaled_window(x, canvas, canvas.window, style, halo=1)
    convolution = convolve_in_phases if phases else convolve_doubled if doubled else convolve
    return finish(convolution(patch, kernels), scale, bias, noise, clamp, doubled=doubled)


def plain_layer(x, weight, style, noise=0.0, bias=None, clamp=None, *, doubled=False):
    bias = torch.zeros(len(weight)) if bias is None else bias
    return plain.activate(plain.modulated_conv(x, weight, style, double=doubled), bias, noise, clamp)


def assert_near(actual: torch.Tensor, expected: torch.Tensor, limit: float = 1e-5) -> None:
    """Both of one size, and apart by less than the limit times the expected's largest value."""
    assert actual.shape == expected.shape
    error = ((actual.double() - expected.double()).abs().max() / expected.abs().max()).item()
    assert error < limit, f"relative error {error:.1e}"


HOWS = {"same_size": {}, "doubled": {"doubled": True}, "phases": {"doubled": True, "phases": True}}
WINOGRAD = {"winograd": {"winograd": True}, "winograd_doubled": {"doubled": True, "winograd": True}}
EVERY_HOW = {**HOWS, **WINOGRAD}
WAYS = pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
# Winograd's filtering has no reference of its own but the others, no gradient and no half precision.
ALL_WAYS = pytest.mark.parametrize("how", EVERY_HOW.values(), ids=EVERY_HOW)


def skip_without_operators(how):
    if how.get("winograd") and native.library() is None:
        pytest.skip("only the native operators have Winograd's filtering")


@ALL_WAYS
@pytest.mark.parametrize("style_batch", [3, 1])
@pytest.mark.parametrize("noise_batch", [0, 1, 3])
@pytest.mark.parametrize("clamp", [None, 0.7])
def test_a_layer(clamp, noise_batch, style_batch, how):
    skip_without_operators(how)
    x, weight, style = conv_inputs(3, 3, style_batch)
    size = (12, 14) if how.get("doubled") else (6, 7)
    noise = randn(noise_batch, 1, *size, seed=4) if noise_batch else None
    bias = randn(4, seed=5)
    expected = plain_layer(
        x.double(), weight.double(), style.double(), 0.0 if noise is None else noise.double(), bias.double(), clamp,
        doubled=how.get("doubled", False),
    )  # fmt: skip
    actual = layer(x, weight, style, noise, bias, clamp, **how)
    assert actual.dtype == torch.float32 and actual.shape == (3, 4, *size)
    assert_near(actual, expected)
    if clamp:
        assert expected.abs().max() == clamp


@ALL_WAYS
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 70, 9, 5), (2, 33, 3, 40), (1, 64, 26, 39)])
def test_a_layer_of_any_size(shape, how):
    skip_without_operators(how)
    x, weight, style = randn(*shape), randn(37, shape[1], 3, 3, seed=1), randn(1, shape[1], seed=2)
    assert_near(
        layer(x, weight, style, **how),
        plain_layer(x.double(), weight.double(), style.double(), doubled=how.get("doubled", False)),
    )


def test_many_threads_make_the_same():
    x, weight, style = randn(2, 64, 128, 96), randn(32, 64, 3, 3, seed=1), randn(2, 64, seed=2)
    style = style / 24
    canvas, kernels = Canvas(128, 96), Kernels(weight)
    patch = scaled_window(x, canvas, canvas.window, style, halo=1)
    convolved, rest = convolve_in_phases(patch, kernels), (demodulation(style, kernels.power), randn(32))
    weight = randn(3, 64, 1, 1)

    def by_winograd():
        if native.library() is None:
            return ()
        own = winograd_layer(x, canvas, canvas.window, kernels.winograd, style, *rest, None, None)
        return own, *winograd_phases(x, canvas, canvas.window, kernels.winograd_doubling, 32, style)

    def everything():
        return (
            scaled_window(x, canvas, canvas.window, style, halo=1),
            finish(tuple(each.clone() for each in convolved), *rest, doubled=True),
            finish(put_together(convolved), *rest, doubled=True),
            finish(patch[:, :32].clone(), *rest),
            to_rgb(x, weight, style, torch.zeros(3)),
            upsample_rgb(x[:, :3]),
            *by_winograd(),
        )

    alone = everything()
    torch.set_num_threads(5)
    for one, many in zip(alone, everything(), strict=True):
        assert torch.equal(one, many) if native.library() else torch.allclose(one, many, atol=1e-4)


@pytest.mark.parametrize(("wrap_y", "wrap_x"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_scaled_window(dtype, wrap_y, wrap_x):
    """Zeros or the other side around it, pixel by pixel."""
    x, style, canvas = randn(2, 5, 6, 7).to(dtype), randn(2, 5, seed=1), Canvas(6, 7, wrap_y, wrap_x)
    for window in (canvas.window, Window(1, 2, 3, 4), Window(5 if wrap_y else 4, 6 if wrap_x else 5, 2, 2)):
        actual = scaled_window(x, canvas, window, style, halo=1)
        expected = torch.zeros(2, 5, window.height + 2, window.width + 2, dtype=dtype)
        for i in range(window.height + 2):
            for j in range(window.width + 2):
                row, column = window.top - 1 + i, window.left - 1 + j
                if (wrap_y or 0 <= row < 6) and (wrap_x or 0 <= column < 7):
                    expected[:, :, i, j] = (x[:, :, row % 6, column % 7].float() * style).to(dtype)
        assert actual.dtype == dtype
        torch.testing.assert_close(actual, expected, rtol=1e-2 if dtype == torch.bfloat16 else 0, atol=0)


@pytest.mark.parametrize(("wrap_y", "wrap_x"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windows_by_winograd(dtype, wrap_y, wrap_x):
    """Windows inside, at the edges and over them, with a style for each picture: as the other operators do it."""
    skip_without_operators(WINOGRAD["winograd"])
    x, style, canvas = randn(2, 5, 12, 9).to(dtype), randn(2, 5, seed=1), Canvas(12, 9, wrap_y, wrap_x)
    kernels, scale, bias = Kernels(randn(7, 5, 3, 3, seed=2)), randn(2, 7, seed=3), randn(7, seed=4)
    limit = 1e-2 if dtype == torch.bfloat16 else 1e-5
    for window in (canvas.window, Window(3, 1, 8, 4), Window(10 if wrap_y else 4, 7 if wrap_x else 5, 8, 4)):
        noise = randn(1, 1, window.height, window.width, seed=5)
        patch = scaled_window(x.float(), canvas, window, style, halo=1)
        expected = finish(convolve(patch, kernels), scale, bias, noise, 2.0)
        actual = winograd_layer(x, canvas, window, kernels.winograd, style, scale, bias, noise, 2.0)
        assert actual.dtype == dtype
        assert_near(actual, expected, limit)
        phases = winograd_phases(x, canvas, window, kernels.winograd_doubling, 7, style)
        for own, direct in zip(phases, convolve_in_phases(patch, kernels), strict=True):
            assert_near(own, direct, limit)


def test_winograd_of_a_batch_is_that_of_each_picture():
    """To the last bit, though tiles are taken in other groups."""
    skip_without_operators(WINOGRAD["winograd"])
    x, style, canvas, kernels = randn(3, 24, 20, 16), randn(3, 24, seed=1), Canvas(20, 16), Kernels(randn(40, 24, 3, 3))
    scale, bias, whole = randn(3, 40, seed=2), randn(40, seed=3), canvas.window
    together = winograd_layer(x, canvas, whole, kernels.winograd, style, scale, bias, None, None)
    phases = winograd_phases(x, canvas, whole, kernels.winograd_doubling, 40, style)
    for k in range(3):
        own = x[k : k + 1], canvas, whole
        alone = winograd_layer(*own, kernels.winograd, style[k : k + 1], scale[k : k + 1], bias, None, None)
        assert torch.equal(alone[0], together[k])
        of_one = winograd_phases(*own, kernels.winograd_doubling, 40, style[k : k + 1])
        assert all(torch.equal(one[0], many[k]) for one, many in zip(of_one, phases, strict=True))


def test_when_winograd_pays():
    window, x = Window(0, 0, 32, 32), randn(1, 4, 32, 32)
    has = native.library() is not None
    assert pays(window, x, None) == pays(window, x, x, doubles=True) == has
    assert pays(Window(0, 0, 16, 16), x) == has and not pays(Window(0, 0, 16, 16), x, doubles=True)
    assert not pays(Window(0, 0, 8, 8), x) and not pays(Window(0, 0, 1024, 1), x)
    assert not pays(window, x.half()) and not pays(window, x, x.clone().requires_grad_())
    with torch.no_grad():
        assert pays(window, x, x.clone().requires_grad_()) == has


@pytest.mark.parametrize("can", [True, False])
def test_bfloat16_doubles_by_what_the_processor_does_faster(can, monkeypatch):
    window, x = Window(0, 0, 32, 32), randn(1, 4, 32, 32).bfloat16()
    library = native.library()
    if library is None:
        assert not pays(window, x) and not pays(window, x, doubles=True)
        return
    monkeypatch.setattr(library, "multiplies_bfloat16", can)
    assert pays(window, x) and pays(window, x, doubles=True) is not can
    assert pays(window, x.float(), doubles=True)


def test_one_picture_and_many_styles():
    x, style, weight = randn(1, 5, 6, 7), randn(3, 5, seed=1), randn(3, 5, 1, 1, seed=2)
    canvas = Canvas(6, 7)
    expected = x * style[:, :, None, None]
    torch.testing.assert_close(scaled_window(x, canvas, canvas.window, style, halo=0), expected)
    rgb = F.conv2d(expected, weight)
    torch.testing.assert_close(to_rgb(x, weight, style, torch.zeros(3)), rgb)


def test_a_layer_takes_any_memory_order():
    x, weight, style = conv_inputs(3)
    channels_last = x.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(layer(channels_last, weight, style), layer(x, weight, style))


def test_demodulated_output_has_unit_variance():
    """What demodulation is for: whatever the style, noise of unit variance stays noise of unit variance."""
    x, kernels = randn(1, 16, 64, 64), Kernels(randn(8, 16, 3, 3, seed=1))
    canvas = Canvas(64, 64)
    for scale in (1e-3, 1.0, 1e3):
        style = scale * (randn(1, 16, seed=2) + 1.0)
        y = convolve(scaled_window(x, canvas, canvas.window, style, halo=1), kernels)
        y = y * demodulation(style, kernels.power)[:, :, None, None]
        assert y.std(dim=(2, 3)).sub(1).abs().max() < 0.1


@WAYS
@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e4, 1e8])
def test_half_precision_has_no_overflow(scale, how):
    """A style's common factor means nothing after demodulation, yet half precision ends at 65504."""
    x, weight, style = conv_inputs(3)
    x = (50 * x).half()
    actual = layer(x, weight, scale * style, **how)
    expected = plain_layer(x.double(), weight.double(), scale * style.double(), doubled=bool(how))
    assert actual.dtype == torch.float16 and bool(actual.isfinite().all())
    assert_near(actual, expected, 5e-3)


@ALL_WAYS
def test_bfloat16(how):
    skip_without_operators(how)
    x, weight, style = conv_inputs(3)
    actual = layer(x.bfloat16(), weight, 1e8 * style, **how)
    doubled = how.get("doubled", False)
    expected = plain_layer(x.double(), weight.double(), 1e8 * style.double(), doubled=doubled)
    assert actual.dtype == torch.bfloat16
    assert_near(actual, expected, 3e-2)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_bfloat16_keeps_what_is_no_number(value):
    x = torch.full((1, 2, 1, 1), value, dtype=torch.bfloat16)
    y = finish(x, torch.ones(1, 2), torch.zeros(2))
    assert torch.equal(y, (x.float() * SQRT_2 * (0.2 if value < 0 else 1.0)).bfloat16()) or bool(
        y.isnan().all() and value != value
    )


@WAYS
@pytest.mark.parametrize("clamp", [None, 0.7])
@pytest.mark.parametrize("noise_batch", [1, 2])
def test_gradients(noise_batch, clamp, how):
    """Of activation, weight, style, noise and bias, against autograd of the plain formulation."""
    size = (12, 14) if how.get("doubled") else (6, 7)
    inputs = (*conv_inputs(3), randn(noise_batch, 1, *size, seed=4), randn(4, seed=5))
    ours = [part.clone().requires_grad_() for part in inputs]
    theirs = [part.double().requires_grad_() for part in inputs]
    for parts, output in (
        (ours, layer(*ours, clamp, **how)),
        (theirs, plain_layer(*theirs, clamp, doubled=bool(how))),
    ):
        (output * randn(*output.shape, seed=9)).sum().backward()
        assert all(part.grad is not None for part in parts)
    for own, their in zip(ours, theirs, strict=True):
        assert_near(own.grad, their.grad)


@pytest.mark.parametrize("clamp", [None, 0.7])
@pytest.mark.parametrize("doubles", [False, True])
@pytest.mark.parametrize(
    ("shape", "style_batch", "noise_batch"),
    [((2, 5, 24, 24, 7), 2, 2), ((1, 33, 26, 31, 20), 1, 1), ((2, 16, 24, 30, 16), 1, 1)],
)
def test_a_whole_layer_and_its_gradients(shape, style_batch, noise_batch, doubles, clamp):
    batch, channels, height, width, out = shape
    times = 2 if doubles else 1
    weight = randn(out, channels, 3, 3, seed=1)
    inputs = (
        randn(batch, channels, height, width),
        randn(style_batch, channels, seed=2) + 1.0,
        randn(out, seed=3),
        randn(noise_batch, 1, times * height, times * width, seed=4),
    )
    ours = [part.clone().requires_grad_() for part in inputs]
    theirs = [part.double().requires_grad_() for part in inputs]
    kernels, canvas = Kernels(weight), Canvas(height, width)
    if native.library() is None:
        assert not is_whole_layer(ours[0], canvas, canvas.window, ours[1], kernels, ours[3], doubles)
        return
    assert is_whole_layer(ours[0], canvas, canvas.window, ours[1], kernels, ours[3], doubles)
    x, style, bias, noise = ours
    gained = style / math.sqrt(9 * channels)
    y = whole_layer(x, gained, demodulation(gained, kernels.power), bias, noise, kernels, clamp, doubles)
    x, style, bias, noise = theirs
    expected = plain_layer(x, weight.double(), style, noise, bias, clamp, doubled=doubles)
    assert_near(y, expected)
    factor = randn(*y.shape, seed=9)
    (y * factor).sum().backward()
    (expected * factor).sum().backward()
    for own, their in zip(ours, theirs, strict=True):
        assert_near(own.grad, their.grad)


def test_when_a_layer_is_run_as_a_whole():
    x, style, canvas = randn(1, 4, 24, 24).requires_grad_(), randn(1, 4), Canvas(24, 24)
    kernels = Kernels(randn(4, 4, 3, 3))

    def whole(x=x, canvas=canvas, window=canvas.window, style=style, kernels=kernels):
        return is_whole_layer(x, canvas, window, style, kernels, None, False)

    assert whole() == (native.library() is not None)
    assert not whole(x=x.detach()) and not whole(canvas=Canvas(24, 24, wrap_x=True))
    assert not whole(window=Window(0, 0, 20, 24)) and not whole(kernels=Kernels(randn(4, 4, 3, 3).requires_grad_()))
    assert not whole(x=x.double()) and not whole(style=randn(3, 4))
    small = Canvas(8, 8)
    assert not whole(x=randn(1, 4, 8, 8).requires_grad_(), canvas=small, window=small.window)


def test_gradients_of_a_large_map_in_threads():
    """The sums over pixels are added up from the threads' shares."""
    torch.set_num_threads(3)
    inputs = (randn(2, 32, 160, 120), randn(2, 32, seed=1) + 2, randn(32, seed=2), randn(1, 1, 160, 120, seed=3))
    ours = [part.clone().requires_grad_() for part in inputs]
    theirs = [part.double().requires_grad_() for part in inputs]
    x, scale, bias, noise = theirs
    expected = plain.activate(x * scale[:, :, None, None], bias, noise, None)
    (expected * randn(*expected.shape, seed=9)).sum().backward()
    y = finish(*ours)
    (y * randn(*y.shape, seed=9)).sum().backward()
    for own, their in zip(ours, theirs, strict=True):
        assert_near(own.grad, their.grad)


def test_plain_gradients_are_the_finite_differences():
    x, weight, style = (part.double().requires_grad_() for part in conv_inputs(3))
    small = (x[:, :, :3, :2], weight[:2], style)
    assert torch.autograd.gradcheck(lambda *parts: plain.modulated_conv(*parts, double=True), small)


@pytest.mark.parametrize("clamp", [None, 0.7])
@pytest.mark.parametrize(("channels", "style_batch"), [(5, 2), (40, 1), (16, 2)])
def test_to_rgb(channels, style_batch, clamp):
    # 130 pixels: two strips and a rest.
    x, weight, bias = randn(2, channels, 10, 13), randn(3, channels, 1, 1, seed=1), randn(3, seed=2)
    style = randn(style_batch, channels, seed=3)
    actual = to_rgb(x, weight, style / math.sqrt(channels), bias, clamp)
    expected = plain.modulated_conv(x.double(), weight.double(), style.double(), demodulate=False)
    expected = expected + bias.double()[None, :, None, None]
    assert_near(actual, expected if clamp is None else expected.clamp(-clamp, clamp))


def test_gradients_to_rgb():
    inputs = (randn(2, 5, 4, 4), randn(3, 5, 1, 1, seed=1), randn(2, 5, seed=2), randn(3, seed=3))
    ours = [part.clone().requires_grad_() for part in inputs]
    theirs = [part.double().requires_grad_() for part in inputs]
    x, weight, style, bias = theirs
    expected = plain.modulated_conv(x, weight, style, demodulate=False, gain=1.0) + bias[None, :, None, None]
    for output in (to_rgb(*ours), expected):
        (output * randn(*output.shape, seed=9)).sum().backward()
    for own, their in zip(ours, theirs, strict=True):
        assert_near(own.grad, their.grad)


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


def test_finish_by_hand():
    x = torch.tensor([1.0, -1.0, 300.0]).reshape(1, 1, 1, 3)
    noise = torch.tensor([0.5, 0.25, 0.0]).reshape(1, 1, 1, 3)
    y = finish(x, torch.ones(1, 1), torch.tensor([0.5]), noise, clamp=256.0)
    torch.testing.assert_close(y.flatten(), torch.tensor([2 * SQRT_2, -0.25 * 0.2 * SQRT_2, 256.0]))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_finish_keeps_the_type(dtype):
    assert finish(randn(1, 2, 3, 3).to(dtype), torch.ones(1, 2), randn(2), randn(1, 1, 3, 3), 256.0).dtype == dtype


def test_a_layers_kernels_are_kept_and_follow_the_weight(make_generator):
    generator = make_generator().requires_grad_(False)
    layer = generator.module(generator.layers[0])
    first = layer._kernels()
    power = first.power.clone()
    assert layer._kernels() is first
    with torch.no_grad():
        layer.weight.mul_(2.0)
    second = layer._kernels()
    assert second is not first
    torch.testing.assert_close(second.power, 4.0 * power)
    generator.double()
    assert layer._kept is None
    layer.weight.requires_grad_()
    assert layer._kernels() is not layer._kernels()


def test_what_kernels_take(make_generator):
    """The most that a layer keeps: what is said of the generator is the sum."""
    generator = make_generator().requires_grad_(False)
    kept = 0
    for each in generator.layers:
        if each.has_features:
            kernels = generator.module(each)._kernels()
            kept += (kernels.winograd_doubling if each.kind == "conv0" else kernels.winograd).nbytes
    padded = sum(
        generator.module(each).weight.shape[1] * (-generator.config.channels[each.sampling_rate] % 16)
        * (49 if each.kind == "conv0" else 36) * 4
        for each in generator.layers if each.has_features
    )  # fmt: skip
    assert kernel_bytes(generator) == kept - padded > 0
