"""Which implementation a call takes."""

from __future__ import annotations

import pytest
import torch
from operator_cases import randn
from soat.soat_backend import ops
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.ops import Kernels, dispatch, native, reference
from soat.soat_backend.ops.conditions import native_supports, winograd_is_faster
from soat.soat_backend.ops.dispatch import choose_styled_convolution

needs_operators = pytest.mark.skipif(
    native.library() is None, reason=f"native operators need a C++ compiler: {native.status()}"
)


def chosen(
    height=32, width=32, *, x=None, style=None, weight=None, bias=None, noise=None, canvas=None, window=None,
    doubled=False, wanting="",
):  # fmt: skip
    """What runs a layer of such a size, if the tensor that is named in `wanting` wants its gradient."""
    canvas = canvas or Canvas(height, width)
    given = {
        "x": randn(2, 4, canvas.height, canvas.width) if x is None else x,
        "style": randn(1, 4) if style is None else style,
        "weight": randn(4, 4, 3, 3) if weight is None else weight,
        "bias": randn(4) if bias is None else bias,
        "noise": noise,
    }
    if wanting:
        given[wanting] = (randn(1, 1, 1, 1) if given[wanting] is None else given[wanting]).clone().requires_grad_()
    kernels = Kernels(given.pop("weight"))
    parts = given["x"], canvas, window or canvas.window, given["style"], kernels, given["bias"], given["noise"]
    return choose_styled_convolution(*parts, doubled)


@needs_operators
@pytest.mark.parametrize("doubled", [False, True])
def test_without_gradients_winograd_where_it_is_faster(doubled):
    assert chosen(doubled=doubled) is native.styled_convolution
    assert chosen(8, 8, doubled=doubled) is dispatch._in_steps
    assert (chosen(16, 16, doubled=doubled) is native.styled_convolution) is not doubled
    with torch.no_grad():
        assert chosen(doubled=doubled, x=randn(2, 4, 32, 32).requires_grad_()) is native.styled_convolution


@pytest.mark.parametrize("doubled", [False, True])
def test_what_native_operators_cant_take_is_the_references(doubled, monkeypatch):
    x = randn(2, 4, 32, 32)
    for other in (x.half(), x.double(), x.to("meta")):
        assert not native_supports(other)
        assert chosen(x=other, doubled=doubled) is reference.styled_convolution
    assert native_supports(x) and native_supports(x.bfloat16())
    monkeypatch.setattr(native, "library", lambda: None)
    assert chosen(doubled=doubled) is reference.styled_convolution
    assert chosen(doubled=doubled, x=randn(2, 4, 32, 32).requires_grad_()) is reference.styled_convolution


@needs_operators
@pytest.mark.parametrize("doubled", [False, True])
def test_a_whole_picture_that_something_learns_from_is_one_step_of_autograd(doubled):
    whole = native.styled_convolution_with_gradient
    for wanting in ("x", "style", "noise", "weight"):
        assert chosen(24, 24, doubled=doubled, wanting=wanting) is whole
    steps = dispatch._in_steps
    assert chosen(24, 24, doubled=doubled, wanting="bias") is steps
    x = randn(2, 4, 24, 24).requires_grad_()
    assert chosen(24, 24, doubled=doubled, x=x.bfloat16(), wanting="weight") is steps
    assert chosen(24, 24, doubled=doubled, x=x.bfloat16()) is whole
    for canvas in (Canvas(24, 24, wrap_x=True), Canvas(24, 24, wrap_y=True)):
        assert chosen(x=x, canvas=canvas, doubled=doubled) is steps
    assert chosen(x=x, canvas=Canvas(24, 24), window=Window(0, 0, 20, 24), doubled=doubled) is steps
    assert chosen(x=x, canvas=Canvas(24, 24), style=randn(3, 4), doubled=doubled) is steps
    assert chosen(8, 8, doubled=doubled, wanting="x") is steps
    assert chosen(x=x.double(), canvas=Canvas(24, 24), doubled=doubled) is reference.styled_convolution


def test_when_winograd_is_faster():
    for doubled, smallest in ((False, 16), (True, 24)):
        assert winograd_is_faster(Window(0, 0, 32, 32), torch.float32, doubled=doubled)
        assert winograd_is_faster(Window(0, 0, smallest, smallest), torch.float32, doubled=doubled)
        assert not winograd_is_faster(Window(0, 0, 8, 8), torch.float32, doubled=doubled)
        # Its tiles would lie mostly beside it.
        assert not winograd_is_faster(Window(0, 0, 1024, 1), torch.float32, doubled=doubled)
    assert not winograd_is_faster(Window(0, 0, 16, 16), torch.float32, doubled=True)


@needs_operators
@pytest.mark.parametrize("can", [True, False])
def test_bfloat16_doubles_by_what_the_processor_does_faster(can, monkeypatch):
    monkeypatch.setattr(native.library(), "multiplies_bfloat16", can)
    x = randn(2, 4, 32, 32).bfloat16()
    assert chosen(x=x) is native.styled_convolution
    assert (chosen(x=x, doubled=True) is dispatch._in_steps) is can
    assert chosen(x=x.float(), doubled=True) is native.styled_convolution
    # With a gradient there is more to save.
    assert chosen(24, 24, x=randn(2, 4, 24, 24).bfloat16().requires_grad_(), doubled=True) is (
        native.styled_convolution_with_gradient
    )


@pytest.fixture
def seen(monkeypatch):
    """Names of what is called of native operators, the reference and PyTorch's convolutions."""
    names: list[str] = []

    def watched(module, name, own):
        run = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args, **more: (names.append(own), run(*args, **more))[1])

    for name in (
        *("scaled_window", "finish", "finish_with_gradient", "to_rgb", "upsample_rgb"),
        "convolution_in_phases",
    ):
        watched(native, name, f"native {name}")
    for name in ("scaled_window", "finish", "to_rgb", "upsample_rgb"):
        watched(reference, name, f"reference {name}")
    for name in ("convolve", "convolve_doubled", "convolve_in_phases"):
        watched(dispatch, name, name)
    return names


def steps_of(size, doubled, wanting=""):
    canvas = Canvas(size, size)
    parts = {"x": randn(2, 4, size, size), "style": randn(2, 4), "weight": randn(4, 4, 3, 3), "bias": randn(4)}
    x, style, weight, bias = (each.requires_grad_(name == wanting) for name, each in parts.items())
    dispatch._in_steps(x, canvas, canvas.window, style, Kernels(weight), bias, None, None, doubled=doubled)


@needs_operators
def test_steps_without_gradients(seen):
    steps_of(8, False)
    assert seen == ["native scaled_window", "convolve", "native finish"]
    seen.clear()
    steps_of(8, True)
    assert seen == ["native scaled_window", "convolve_in_phases", "native finish"]
    seen.clear()
    steps_of(32, True)
    assert seen == ["native convolution_in_phases", "native finish"]


@needs_operators
def test_steps_with_gradients(seen):
    for wanting in ("x", "style", "weight"):
        steps_of(32, True, wanting)
        first = "native" if wanting == "weight" else "reference"
        assert seen == [f"{first} scaled_window", "convolve_doubled", "native finish_with_gradient"]
        seen.clear()
    steps_of(32, True, "bias")
    assert seen == ["native convolution_in_phases", "native finish_with_gradient"]


@needs_operators
def test_colours_are_natively_made_where_they_can_be(seen):
    x, weight, style = randn(1, 5, 6, 7), randn(3, 5, 1, 1, seed=2), randn(1, 5, seed=1)
    for dtype, who in ((torch.float32, "native"), (torch.bfloat16, "native"), (torch.float64, "reference")):
        ops.to_rgb(x.to(dtype), weight, style, torch.zeros(3))
        assert seen.pop() == f"{who} to_rgb" and not seen
        ops.upsample_rgb(x[:, :3].to(dtype))
        # Of RGB skips, which are float32.
        assert seen.pop() == f"{'native' if dtype == torch.float32 else 'reference'} upsample_rgb" and not seen


@needs_operators
def test_a_demodulated_convolution_alone(monkeypatch):
    """Winograd where it is faster, with gradient where its formulas hold, products of matrices for single points."""
    taken = []

    def watched(module, name, own):
        run = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: (taken.append(own), run(*args))[1])

    watched(native, "demodulated_convolution", "native")
    watched(native, "demodulated_convolution_with_gradient", "with gradient")
    watched(reference, "demodulated_convolution", "reference")
    watched(dispatch, "convolve_points", "points")

    def run(size=24, side=3, wanting="", canvas=None, change=lambda x: x):
        parts = {"x": change(randn(2, 4, size, size)), "style": randn(2, 4), "weight": randn(4, 4, side, side)}
        x, style, weight = (each.requires_grad_(name == wanting) for name, each in parts.items())
        canvas = canvas or Canvas(size, size)
        made = ops.demodulated_convolution(x, canvas, canvas.window, style, Kernels(weight))
        assert made.requires_grad is bool(wanting) and made.shape == x.shape
        return taken.pop()

    assert run() == "native" and run(change=lambda x: x.bfloat16()) == "native" and run(8) == "reference"
    wrapping = Canvas(24, 24, wrap_x=True)
    assert run(canvas=wrapping) == "native" and run(canvas=wrapping, wanting="x") == "reference"
    assert run(wanting="x") == run(wanting="style") == "with gradient" and run(8, wanting="x") == "reference"
    assert run(wanting="weight") == "reference" and run(change=lambda x: x.double()) == "reference"
    assert run(side=1) == run(side=1, wanting="x") == run(side=1, wanting="weight") == "points"
    assert run(side=1, change=lambda x: x.double()) == "reference"
    monkeypatch.setattr(native, "library", lambda: None)
    assert run() == run(side=1) == "reference"
