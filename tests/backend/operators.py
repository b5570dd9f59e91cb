"""The operators, all their implementations, and cases for each: the one list that the tests of operators go by.

A new operator is one more `Operator` in OPERATORS: how it is called, the same once more plain, who can do it, and what
with. It then is held against the plain formulation in float64, in float32 and bfloat16, with gradients, with any number
of threads, in any memory order and under any of torch's defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from unittest import mock

import operator_calls as calls
import plain
import pytest
import torch
from operator_cases import (
    DEMODULATED_CASES,
    FILTERED_CASES,
    FINISH_CASES,
    LARGE_FILTERED,
    LARGE_FINISHES,
    LARGE_WINDOW,
    NOT_NATIVE,
    RGB_CASES,
    Case,
    Tensors,
    demodulated_case,
    modulated_case,
    modulated_cases,
    randn,
    rgb_case,
    styled_cases,
    styled_tensors,
    window_cases,
)
from soat.soat_backend import ops
from soat.soat_backend.ops import native, reference
from soat.soat_backend.ops.convolution import convolve_doubled, convolve_in_phases


@dataclass(frozen=True)
class Implementation:
    """Who does it.

    Attributes:
        run: With the operator's own arguments.
        native: Whether it needs the native operators.
        gradient_of: The tensors of a case whose gradients it has.
    """

    run: Callable[..., Any]
    native: bool = False
    gradient_of: tuple[str, ...] = ()


def everyone(name: str, gradient_of: tuple[str, ...], **native_ones: Implementation) -> dict[str, Implementation]:
    """The reference, the dispatch, which takes one of them all, the dispatch where nothing is built, native ones."""
    chosen = getattr(ops, name)

    @wraps(chosen)
    def alone(*arguments: Any, **options: Any) -> Any:
        with mock.patch.object(native, "library", lambda: None):
            return chosen(*arguments, **options)

    return {
        "reference": Implementation(getattr(reference, name), gradient_of=gradient_of),
        "dispatch": Implementation(chosen, gradient_of=gradient_of),
        "dispatch without library": Implementation(alone, gradient_of=gradient_of),
        **{by.replace("_", " "): each for by, each in native_ones.items()},
    }


@dataclass(frozen=True)
class Operator:
    """An operator.

    Attributes:
        name: Its own.
        call: Calls an implementation's `run` with a case's tensors and options.
        plain: The same, slow and literal, of tensors in any type.
        implementations: By name.
        cases: By name.
        large: Some that several threads share.
        maps: The tensors that are of the maps' type; all others stay float32.
        keeps_type: Whether the result is of that type too.
    """

    name: str
    call: Callable[..., torch.Tensor]
    plain: Callable[..., torch.Tensor]
    implementations: dict[str, Implementation]
    cases: dict[str, Case]
    large: tuple[Case, ...]
    maps: tuple[str, ...] = ("x",)
    keeps_type: bool = True

    def run(self, who: str, tensors: Tensors, dtype: torch.dtype = torch.float32, **options: Any) -> torch.Tensor:
        """What an implementation makes of tensors, the maps in a type."""
        typed = {name: each.to(dtype) if name in self.maps else each for name, each in tensors.items()}
        return self.call(self.implementations[who].run, **typed, **options)


ALL_PARTS = ("x", "weight", "style", "bias", "noise")
WITHOUT_WEIGHT = ("x", "style", "bias", "noise")
FINISH_PARTS = ("y", "scale", "bias", "noise")
RGB_PARTS = ("x", "weight", "style", "bias")


def steps(operators: Any, twice: Callable[..., Any], finish: Callable[..., Any], *more: Any) -> Implementation:
    return Implementation(calls.in_steps(operators, twice, finish), *more)


STYLED = Operator(
    "styled_convolution",
    calls.styled,
    calls.plain_styled,
    {
        **everyone("styled_convolution", ALL_PARTS),
        "dispatch, weights frozen": Implementation(ops.styled_convolution, gradient_of=WITHOUT_WEIGHT),
        "native": Implementation(native.styled_convolution, True),
        "native with gradient": Implementation(native.styled_convolution_with_gradient, True, ALL_PARTS),
        "reference in phases": steps(reference, convolve_in_phases, reference.finish, False, ALL_PARTS),
        "native in steps": steps(native, convolve_doubled, native.finish, True),
        "native in phases": steps(native, convolve_in_phases, native.finish, True),
        "native finish with gradient": steps(reference, convolve_doubled, native.finish_with_gradient, True, ALL_PARTS),
        "native finish of phases with gradient": steps(
            reference, convolve_in_phases, native.finish_with_gradient, True, ALL_PARTS
        ),
    },
    dict(styled_cases()),
    (
        Case(styled_tensors((2, 64, 128, 96), 32, 2, (1, 1, 128, 96)), {"clamp": 2.0}),
        Case(styled_tensors((1, 32, 64, 48), 16, 1, None), {"doubled": True}),
    ),
)


def modulated(name: str, doubled: bool, **native_ones: Implementation) -> Operator:
    implementations = everyone("modulated_convolution", ALL_PARTS[:3], **native_ones)
    large = (modulated_case((2, 64, 128, 96), 32, 2, doubled),)
    return Operator(name, calls.modulated, calls.plain_modulated, implementations, modulated_cases(doubled), large)


OPERATORS = [
    STYLED,
    modulated("modulated_convolution", False),
    modulated("modulated_convolution, doubled", True, native=Implementation(calls.in_native_phases, True)),
    Operator(
        "demodulated_convolution",
        calls.demodulated,
        calls.plain_demodulated,
        everyone("demodulated_convolution", ALL_PARTS[:3]),
        DEMODULATED_CASES,
        (demodulated_case((2, 64, 60, 50), 32, 2, beyond=1),),
    ),
    Operator(
        "demodulated_convolution, 3x3",
        calls.demodulated,
        calls.plain_demodulated,
        {
            "native": Implementation(native.demodulated_convolution, True),
            "dispatch, weights frozen": Implementation(ops.demodulated_convolution, gradient_of=("x", "style")),
            "native with gradient": Implementation(native.demodulated_convolution_with_gradient, True, ("x", "style")),
        },
        {name: case for name, case in DEMODULATED_CASES.items() if name not in NOT_NATIVE},
        (demodulated_case((2, 64, 60, 50), 32, 2, beyond=1),),
    ),
    Operator(
        "scaled_window",
        calls.window,
        calls.plain_window,
        everyone("scaled_window", ("x", "style"), native=Implementation(native.scaled_window, True)),
        dict(window_cases()),
        (LARGE_WINDOW,),
    ),
    Operator(
        "finish",
        calls.finish,
        calls.plain_finish,
        everyone(
            "finish",
            FINISH_PARTS,
            native=Implementation(native.finish, True),
            native_with_gradient=Implementation(native.finish_with_gradient, True, FINISH_PARTS),
        ),
        FINISH_CASES,
        LARGE_FINISHES,
        maps=("y",),
    ),
    Operator(
        "filtered_leaky_relu",
        calls.filtered,
        calls.plain_filtered,
        everyone(
            "filtered_leaky_relu",
            ("x", "bias"),
            native=Implementation(native.filtered_leaky_relu, True),
            native_with_gradient=Implementation(native.filtered_leaky_relu_with_gradient, True, ("x", "bias")),
        ),
        FILTERED_CASES,
        LARGE_FILTERED,
    ),
    Operator(
        "blur",
        calls.of_one_map,
        calls.plain_blur,
        {"reference": Implementation(reference.blur, gradient_of=("x",)), "native": Implementation(native.blur, True)},
        {"small": Case({"x": randn(2, 5, 8, 9)})},
        (Case({"x": randn(2, 32, 130, 99)}),),
    ),
    Operator(
        "to_rgb",
        calls.to_rgb,
        calls.plain_to_rgb,
        everyone("to_rgb", RGB_PARTS, native=Implementation(native.to_rgb, True, RGB_PARTS)),
        RGB_CASES,
        (rgb_case(2, 64, 2, (128, 96), None),),
        keeps_type=False,
    ),
    Operator(
        "upsample_rgb",
        calls.upsample_rgb,
        plain.upsample,
        everyone("upsample_rgb", ("x",), native=Implementation(native.upsample_rgb, True, ("x",))),
        {"small": Case({"x": randn(2, 3, 5, 4)}), "one pixel": Case({"x": randn(1, 3, 1, 1)})},
        (Case({"x": randn(2, 3, 128, 96)}),),
        maps=(),
    ),
]


def implementations(only: str | None = None) -> list[Any]:
    """Every operator, or one, with each of its implementations, as parameters of a test."""
    built = native.library() is not None
    without = pytest.mark.skipif(not built, reason=f"native operators need a C++ compiler: {native.status()}")
    return [
        pytest.param(operator, who, marks=[without] if each.native else [], id=f"{operator.name}-{who}")
        for operator in OPERATORS
        for who, each in operator.implementations.items()
        if only in (None, operator.name)
    ]


def by_name(name: str) -> Any:
    """A test of each implementation of one operator."""
    return pytest.mark.parametrize(("operator", "who"), implementations(name))


def assert_near(actual: torch.Tensor, expected: torch.Tensor, limit: float = 1e-5) -> None:
    """Both of one size, and apart by less than the limit times the expected's largest value."""
    assert actual.shape == expected.shape
    error = ((actual.double() - expected.double()).abs().max() / expected.abs().max()).item()
    assert error < limit, f"relative error {error:.1e}"
