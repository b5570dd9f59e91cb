"""Every implementation of every operator against its plain formulation in float64 (`operators.OPERATORS`)."""

from __future__ import annotations

import operator_calls as calls
import pytest
import torch
from operator_cases import randn
from operators import OPERATORS, STYLED, Operator, assert_near, by_name, implementations
from soat.soat_backend.ops import native

EVERYONE = pytest.mark.parametrize(("operator", "who"), implementations())


def plainly(operator: Operator, tensors, **options) -> torch.Tensor:
    return operator.plain(**{name: each.double() for name, each in tensors.items()}, **options)


@EVERYONE
def test_values(operator, who):
    for case in operator.cases.values():
        actual = operator.run(who, case.tensors, **case.options)
        assert actual.dtype == torch.float32
        assert_near(actual, plainly(operator, case.tensors, **case.options))


@EVERYONE
def test_bfloat16(operator, who):
    for case in operator.cases.values():
        actual = operator.run(who, case.tensors, torch.bfloat16, **case.options)
        typed = operator.keeps_type and operator.maps
        assert actual.dtype == (torch.bfloat16 if typed else torch.float32)
        expected = plainly(operator, case.tensors, **case.options)
        # What is rounded on the way is as large as what isn't clamped yet.
        before = {**case.options, "clamp": None} if "clamp" in case.options else case.options
        reach = plainly(operator, case.tensors, **before).abs().max() / expected.abs().max()
        assert_near(actual, expected, 3e-2 * float(reach))


@EVERYONE
def test_gradients(operator, who):
    """Of each tensor whose gradient an implementation has, against autograd of the plain formulation."""
    wanted = operator.implementations[who].gradient_of
    for case in operator.cases.values():
        names = [name for name in case.tensors if name in wanted and name != case.without_gradient]
        ours = {name: each.clone().requires_grad_(name in names) for name, each in case.tensors.items()}
        theirs = {name: each.double().requires_grad_(name in names) for name, each in case.tensors.items()}
        if not names:
            return
        result, expected = operator.run(who, ours, **case.options), operator.plain(**theirs, **case.options)
        assert_near(result.detach(), expected.detach())
        factor = randn(*expected.shape, seed=9)
        (result * factor).sum().backward()
        (expected * factor).sum().backward()
        for name in names:
            assert_near(ours[name].grad, theirs[name].grad)


@EVERYONE
def test_many_threads_make_the_same(operator, who):
    """Native operators to the last bit; PyTorch's convolutions needn't."""
    for case in operator.large:
        torch.set_num_threads(1)
        alone = operator.run(who, case.tensors, **case.options)
        torch.set_num_threads(5)
        many = operator.run(who, case.tensors, **case.options)
        own = who == "native" or (
            operator.name in ("filtered_leaky_relu", "finish", "to_rgb", "upsample_rgb") and "native" in who
        )
        assert torch.equal(alone, many) if own else torch.allclose(alone, many, atol=1e-4)


@EVERYONE
def test_any_memory_order(operator, who):
    """Maps that lie as torch's do, as ours do, and as a part of a larger one."""
    case = next(iter(operator.cases.values()))
    expected = operator.run(who, case.tensors, **case.options)
    for arranged in (
        lambda x: x.contiguous(memory_format=torch.channels_last),
        lambda x: torch.cat([x, x], dim=3)[..., : x.shape[3]],
        lambda x: x.transpose(2, 3).contiguous().transpose(2, 3),
    ):
        tensors = {name: arranged(each) if each.ndim == 4 else each for name, each in case.tensors.items()}
        torch.testing.assert_close(operator.run(who, tensors, **case.options), expected)


def test_clamps_of_layers_are_reached():
    """Or cases with one would say nothing of it."""
    clamped = [case for case in STYLED.cases.values() if case.options.get("clamp")]
    assert len(clamped) == 18
    for case in clamped:
        assert plainly(STYLED, case.tensors, **case.options).abs().max() == case.options["clamp"]


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("who", ["reference", "dispatch", "reference in phases"])
def test_half_precision_has_no_overflow(who, doubled, scale):
    """A style's common factor means nothing after demodulation, yet half precision ends at 65504."""
    x, weight, style = 50 * randn(2, 5, 6, 7, seed=1), randn(4, 5, 3, 3, seed=2), scale * (randn(2, 5, seed=3) + 1.0)
    tensors = {"x": x, "weight": weight, "style": style, "bias": torch.zeros(4)}
    actual = STYLED.run(who, tensors, torch.float16, doubled=doubled)
    assert actual.dtype == torch.float16 and bool(actual.isfinite().all())
    assert_near(actual, plainly(STYLED, tensors, doubled=doubled), 5e-3)


@by_name("styled_convolution")
@pytest.mark.parametrize("doubled", [False, True])
def test_bfloat16_of_large_styles(operator, who, doubled):
    tensors = next(iter(STYLED.cases.values())).tensors
    tensors = {**tensors, "style": 1e8 * tensors["style"], "bias": torch.zeros(4)}
    actual = operator.run(who, tensors, torch.bfloat16, doubled=doubled)
    assert_near(actual, plainly(operator, tensors, doubled=doubled), 3e-2)


@by_name("scaled_window")
def test_windows_are_exact(operator, who):
    """One multiplication of numbers that are only read: nothing to round differently."""
    for case in operator.cases.values():
        assert torch.equal(
            operator.run(who, case.tensors, **case.options), calls.plain_window(**case.tensors, **case.options)
        )
        actual = operator.run(who, case.tensors, torch.bfloat16, **case.options)
        expected = calls.plain_window(case.tensors["x"].bfloat16().float(), case.tensors["style"], **case.options)
        torch.testing.assert_close(actual, expected.bfloat16(), rtol=1e-2, atol=0)


@by_name("finish")
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_bfloat16_keeps_what_is_no_number(value, operator, who):
    x = torch.full((1, 2, 1, 1), value, dtype=torch.bfloat16)
    y = operator.implementations[who].run(x.clone(), torch.ones(1, 2), torch.zeros(2))
    expected = (x.float() * 2**0.5 * (0.2 if value < 0 else 1.0)).bfloat16()
    assert torch.equal(y, expected) or bool(y.isnan().all() and value != value)


@by_name("finish")
def test_gradients_of_a_large_map_in_threads(operator, who):
    """The sums over pixels are added up from the threads' shares."""
    torch.set_num_threads(3)
    case = operator.large[0]
    if not operator.implementations[who].gradient_of:
        return
    ours = {name: each.clone().requires_grad_() for name, each in case.tensors.items()}
    theirs = {name: each.double().requires_grad_() for name, each in case.tensors.items()}
    for tensors, output in (
        (ours, operator.run(who, ours, **case.options)),
        (theirs, operator.plain(**theirs, **case.options)),
    ):
        assert all(each.grad is None for each in tensors.values())
        (output * randn(*output.shape, seed=9)).sum().backward()
    for name in ours:
        assert_near(ours[name].grad, theirs[name].grad)


def test_every_operator_is_here():
    """What others call, and what is native: all of it stands in the list."""
    listed = {operator.name.split(",")[0] for operator in OPERATORS}
    assert listed == {
        *("styled_convolution", "modulated_convolution", "demodulated_convolution", "scaled_window", "finish"),
        *("filtered_leaky_relu", "to_rgb", "upsample_rgb", "blur"),
    }
    runs = {each.run for operator in OPERATORS for each in operator.implementations.values()}
    own = {
        getattr(native, name)
        for name in native.__all__
        if name not in ("COLOURS", "DTYPES", "Library", "library", "status")
    } - {native.convolution_in_phases}
    assert own <= runs and calls.in_native_phases in runs
