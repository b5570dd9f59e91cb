"""What operators are called with: sizes, batches and options, for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from soat.soat_backend.geometry.canvas import Canvas, Window

Tensors = dict[str, torch.Tensor]


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@dataclass(frozen=True)
class Case:
    """What an operator is called with.

    Attributes:
        tensors: float32, by name.
        options: The rest.
        without_gradient: A tensor whose gradient is nothing but what was rounded.
    """

    tensors: Tensors
    options: dict[str, Any] = field(default_factory=dict)
    without_gradient: str = ""


def styled_tensors(x: tuple[int, ...], out: int, style_batch: int, noise: tuple[int, ...] | None) -> Tensors:
    tensors = {
        "x": randn(*x, seed=1),
        "weight": randn(out, x[1], 3, 3, seed=2),
        "style": randn(style_batch, x[1], seed=3) + 1.0,
        "bias": randn(out, seed=5),
    }
    return tensors if noise is None else {**tensors, "noise": randn(*noise, seed=4)}


def styled_cases() -> Iterator[tuple[str, Case]]:
    for doubled in (False, True):
        size, times = ("doubled", 2) if doubled else ("same size", 1)
        for clamp in (None, 0.7):
            for style_batch in (3, 1):
                for noise_batch in (0, 1, 3):
                    noise = (noise_batch, 1, 6 * times, 7 * times) if noise_batch else None
                    tensors = styled_tensors((3, 5, 6, 7), 4, style_batch, noise)
                    name = f"{size}, {style_batch} styles, noise of {noise_batch}, {clamp or 'no'} clamp"
                    yield name, Case(tensors, {"clamp": clamp, "doubled": doubled})
        for shape in ((1, 1, 1, 1), (1, 70, 9, 5), (2, 33, 3, 40), (1, 64, 26, 39)):
            # A style of one channel is a common factor, which demodulation undoes.
            without = "style" if shape[1] == 1 else ""
            yield f"{size}, {shape}", Case(styled_tensors(shape, 37, 1, None), {"doubled": doubled}, without)
        # Large enough for the dispatch to take whole layers.
        for shape, out, styles, noises in (
            ((2, 5, 24, 24), 7, 2, 2),
            ((1, 33, 26, 31), 20, 1, 1),
            ((2, 16, 24, 30), 16, 1, 1),
        ):
            for clamp in (None, 0.7):
                tensors = styled_tensors(shape, out, styles, (noises, 1, times * shape[2], times * shape[3]))
                yield f"{size}, {shape}, {clamp or 'no'} clamp", Case(tensors, {"clamp": clamp, "doubled": doubled})


def modulated_case(shape: tuple[int, ...], out: int, style_batch: int, doubled: bool) -> Case:
    tensors = styled_tensors(shape, out, style_batch, None)
    return Case({name: tensors[name] for name in ("x", "weight", "style")}, {"doubled": doubled})


def modulated_cases(doubled: bool) -> dict[str, Case]:
    shapes = (((2, 5, 6, 7), 4, 2), ((2, 5, 6, 7), 4, 1), ((1, 33, 26, 31), 20, 1))
    return {f"{shape}, {styles} styles": modulated_case(shape, out, styles, doubled) for shape, out, styles in shapes}


def demodulated_case(shape: tuple[int, ...], out: int, style_batch: int, side: int = 3, **options: Any) -> Case:
    tensors = styled_tensors(shape, out, style_batch, None)
    weight = randn(out, shape[1], side, side, seed=2)
    return Case({"x": tensors["x"], "weight": weight, "style": tensors["style"]}, options)


DEMODULATED_CASES = {
    "same size": demodulated_case((2, 5, 6, 7), 4, 2, gain=0.3),
    "growing": demodulated_case((2, 5, 6, 7), 4, 2, beyond=1),
    "one style": demodulated_case((2, 5, 6, 7), 4, 1, beyond=1),
    "one picture": demodulated_case((1, 5, 6, 7), 4, 2),
    "growing, large": demodulated_case((2, 33, 26, 31), 20, 2, beyond=1, gain=1.7),
    "growing, many styles": demodulated_case((1, 5, 20, 17), 17, 3, beyond=1),
    "part": demodulated_case((2, 5, 26, 31), 4, 1, window=Window(3, -1, 20, 18)),
    "larger kernels": demodulated_case((2, 5, 26, 31), 4, 2, 5, beyond=1),
    "points": demodulated_case((2, 5, 6, 7), 4, 2, 1, gain=0.3),
    "points, one style": demodulated_case((2, 5, 26, 31), 20, 1, 1),
    "points, one picture": demodulated_case((1, 5, 6, 7), 4, 2, 1),
    "points, part": demodulated_case((2, 5, 6, 7), 4, 2, 1, window=Window(3, 1, 2, 6)),
    "wrapping": demodulated_case((2, 5, 20, 24), 4, 2, canvas=Canvas(20, 24, True, True), window=Window(0, 0, 20, 24)),
}
# Native ones are of 3x3 kernels, and with gradient of canvases that don't wrap.
NOT_NATIVE = [name for name in DEMODULATED_CASES if name.startswith(("points", "wrapping", "larger"))]


def window_cases() -> Iterator[tuple[str, Case]]:
    tensors = {"x": randn(2, 5, 6, 7), "style": randn(2, 5, seed=1)}
    for wrap_y in (False, True):
        for wrap_x in (False, True):
            canvas = Canvas(6, 7, wrap_y, wrap_x)
            corner = Window(5 if wrap_y else 4, 6 if wrap_x else 5, 2, 2)
            for name, window in (("whole", canvas.window), ("inside", Window(1, 2, 3, 4)), ("corner", corner)):
                options = {"canvas": canvas, "window": window, "halo": 1}
                yield f"{name}, wraps {wrap_y:d}{wrap_x:d}", Case(tensors, options)
    whole = {"canvas": Canvas(6, 7), "window": Canvas(6, 7).window}
    yield (
        "one picture and many styles",
        Case({"x": randn(1, 5, 6, 7), "style": randn(3, 5, seed=1)}, {**whole, "halo": 0}),
    )
    yield (
        "many pictures and one style",
        Case({"x": randn(3, 5, 6, 7), "style": randn(1, 5, seed=1)}, {**whole, "halo": 1}),
    )


LARGE_WINDOW = Case(
    {"x": randn(2, 64, 128, 96), "style": randn(2, 64, seed=1)},
    {"canvas": Canvas(128, 96), "window": Canvas(128, 96).window, "halo": 1},
)


def finish_case(batch: int, channels: int, height: int, width: int, noises: int, **options: Any) -> Case:
    more = 3 if options.get("doubled") else 0
    tensors = {
        "y": randn(batch, channels, height + more, width + more),
        "scale": randn(batch, channels, seed=1) + 2.0,
        "bias": randn(channels, seed=2),
    }
    return Case({**tensors, "noise": randn(noises, 1, height, width, seed=3)} if noises else tensors, options)


FINISHES = {"same size": {}, "doubled": {"doubled": True}, "in phases": {"doubled": True, "phases": True}}
LARGE_FINISHES = tuple(finish_case(2, 32, 160, 120, 1, **options) for options in FINISHES.values())
FINISH_CASES = {
    f"{name}, noise of {noises}, {clamp or 'no'} clamp": finish_case(2, 5, 6, 8, noises, clamp=clamp, **options)
    for name, options in FINISHES.items()
    for noises in (0, 1, 2)
    for clamp in (None, 0.7)
}


def rgb_case(
    batch: int, channels: int, styles: int, size: tuple[int, int], clamp: float | None, colours: int = 3
) -> Case:
    tensors = {
        "x": randn(batch, channels, *size),
        "weight": randn(colours, channels, 1, 1, seed=1),
        "style": randn(styles, channels, seed=3),
        "bias": randn(colours, seed=2),
    }
    return Case(tensors, {"clamp": clamp})


# 130 pixels: two strips and a rest.
RGB_CASES = {
    f"{batch} pictures of {channels}, {styles} styles, {clamp or 'no'} clamp": rgb_case(
        batch, channels, styles, (10, 13), clamp
    )
    for batch, channels, styles in ((2, 5, 2), (2, 40, 1), (2, 16, 2), (1, 5, 3))
    for clamp in (None, 0.7)
} | {f"{colours} colours": rgb_case(2, 40, 2, (10, 13), 0.7, colours) for colours in (1, 2, 4)}


def filtered_case(x: tuple[int, ...], up: int, down: int, padding: Any, **options: Any) -> Case:
    """A layer of StyleGAN3's: 6 taps times the factor, or as many as are given, and no symmetry unless asked for.

    Args:
        x: The map's size.
        up: As of the operator.
        down: As of the operator.
        padding: As of the operator.
        **options: `taps` before and after, 0 for no filter; whether the second is `square` ("mirrored": symmetric) and
            whether there is a `bias`; the operator's own.
    """
    before, after = options.pop("taps", (6 * up, 6 * down))
    square = options.pop("square", None)
    tensors = {"x": randn(*x, seed=1)}
    if options.pop("bias", True):
        tensors["bias"] = randn(x[1], seed=2)
    if before:
        tensors["before"] = randn(before, seed=3) / before**0.5
    if after:
        tensors["after"] = randn(*[after] * (2 if square else 1), seed=4) / (after if square else after**0.5)
    if square == "mirrored":
        tensors["after"] = tensors["after"] + tensors["after"].flip(0)
        tensors["after"] = tensors["after"] + tensors["after"].flip(1)
    return Case(tensors, {"up": up, "down": down, "padding": padding, **options})


FILTERED_CASES = {
    "same rate": filtered_case((2, 5, 9, 7), 2, 2, (9, 8)),
    "same rate, clamp": filtered_case((1, 3, 9, 7), 2, 2, (9, 8), clamp=0.7),
    "many channels, many columns": filtered_case((1, 37, 7, 140), 2, 2, (9, 8), clamp=2.0),
    "doubling": filtered_case((2, 17, 13, 16), 4, 2, (-6, -9), clamp=1.5),
    "the last layer": filtered_case((1, 4, 30, 29), 2, 2, (-11, -12)),
    "doubling and back": filtered_case((1, 4, 12, 11), 4, 4, (7, 6)),
    "radial": filtered_case((2, 5, 9, 7), 2, 2, (11, 10), square="mirrored", clamp=1.0),
    "radial, doubling": filtered_case((1, 18, 12, 40), 4, 2, (-2, -5), square="mirrored"),
    "square without symmetry": filtered_case((1, 5, 9, 7), 2, 2, (9, 8), square="any"),
    "no filters": filtered_case((2, 3, 4, 5), 1, 1, (0, 0), taps=(0, 0), slope=1.0, clamp=1.0),
    "no filters, cut off": filtered_case((2, 3, 4, 5), 1, 1, ((-1, -2), (2, -1)), taps=(0, 0), bias=False),
    "no bias": filtered_case((1, 5, 6, 6), 2, 2, (9, 8), bias=False),
    "axes of their own": filtered_case((1, 5, 15, 6), 2, 2, ((9, 8), (-3, 0))),
    "odd taps": filtered_case((1, 5, 9, 7), 2, 3, (5, 6), taps=(7, 5)),
    # Two channels: of one alone oneDNN 3.12 reads memory that nobody wrote, in bfloat16 on processors with AMX.
    "one result": filtered_case((1, 2, 1, 1), 2, 2, (11, 10)),
    "only down": filtered_case((1, 5, 9, 8), 1, 2, (2, 3), taps=(0, 4)),
    "only up": filtered_case((1, 5, 3, 4), 2, 1, (6, 5), taps=(12, 0)),
}
LARGE_FILTERED = (
    filtered_case((2, 40, 50, 90), 2, 2, (9, 8), clamp=2.0),
    filtered_case((1, 40, 50, 45), 4, 2, (-2, -5), square="mirrored"),
)
