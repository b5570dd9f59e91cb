"""StyleGAN3's activation beyond what holds for every operator: its layers' sizes, windows, axes that wrap, refusals."""

from __future__ import annotations

import operator_calls as calls
import pytest
import torch
import torch.nn.functional as F
from operator_cases import filtered_case, randn
from operators import assert_near, by_name
from soat.soat_backend import ops
from soat.soat_backend.ops import RateError, Rates, native, reference

needs_operators = pytest.mark.skipif(
    native.library() is None, reason=f"native operators need a C++ compiler: {native.status()}"
)
SAME, DOUBLING = Rates(2, 2, 12, 12), Rates(4, 2, 24, 12)


@pytest.mark.parametrize(
    ("rates", "size", "border", "results"),
    [
        # Configuration T; samples are a 3x3 convolution's, two more than its map.
        (SAME, 38, (9, 8), 36), (DOUBLING, 38, (-6, -9), 52), (DOUBLING, 150, (-6, -9), 276),
        (SAME, 278, (-11, -12), 256),
        # Configuration R.
        (SAME, 36, (11, 10), 36), (DOUBLING, 36, (-2, -5), 52), (SAME, 276, (-9, -10), 256),
        (Rates(1, 1, 1, 1), 256, (0, 0), 256),
    ],
)  # fmt: skip
def test_sizes_of_stylegan3s_layers(rates, size, border, results):
    assert rates.results(size, border) == results


@by_name("filtered_leaky_relu")
@pytest.mark.parametrize("rates", [SAME, DOUBLING], ids=["same", "doubling"])
@pytest.mark.parametrize("square", [None, "mirrored"])
def test_windows_are_parts_of_the_whole(operator, who, rates, square):
    """At every edge, in the middle, and of a single result."""
    case = filtered_case((1, 5, 20, 20), rates.up, rates.down, (3, 5), square=square)
    whole = operator.run(who, case.tensors, **case.options)
    side = rates.results(20, (3, 5))
    assert whole.shape[2:] == (side, side)
    for top, left, height, width in (
        (0, 0, 5, 6), (side - 4, side - 3, 4, 3), (7, 9, 1, 1), (5, 0, 6, side), (0, 0, side, side),
    ):  # fmt: skip
        (row, rows), along = rates.samples(top, height, 3, 20)
        (column, columns), across = rates.samples(left, width, 3, 20)
        part = {**case.tensors, "x": case.tensors["x"][:, :, row : row + rows, column : column + columns]}
        actual = operator.run(who, part, **{**case.options, "padding": (across, along)})
        expected = whole[:, :, top : top + height, left : left + width]
        assert_near(actual, expected) if who == "reference" else torch.testing.assert_close(actual, expected)


@pytest.mark.parametrize("rates", [SAME, DOUBLING, Rates(2, 2, 12, 2), Rates(1, 1, 1, 1)])
def test_windows_read_no_more_than_they_need(rates):
    """The first sample lies under the first place's filter and the last one under the last place's, and none beyond."""
    for first in range(5, 12):
        (_, count), (low, high) = rates.samples(first, 3, 9)
        assert rates.results(count, (low, high)) == 3
        assert 0 <= low < rates.up and -rates.up < high <= 0


@by_name("filtered_leaky_relu")
@pytest.mark.parametrize("rates", [SAME, DOUBLING], ids=["same", "doubling"])
def test_an_axis_that_wraps(operator, who, rates):
    """Samples of the other side around it: a map that is turned gives the result turned."""
    case = filtered_case((1, 3, 16, 9), rates.up, rates.down, (9, 8))
    before = (rates.up_taps + rates.down_taps - 2 + rates.up - rates.down) // 2
    size = 16 * rates.up // rates.down
    (first, count), along = rates.samples(0, size, before)

    def run(x):
        rows = x[:, :, torch.arange(first, first + count) % 16]
        return operator.run(who, {**case.tensors, "x": rows}, **{**case.options, "padding": ((9, 8), along)})

    plain = run(case.tensors["x"])
    assert plain.shape[2] == size
    assert_near(run(case.tensors["x"].roll(3, 2)), plain.roll(3 * rates.up // rates.down, 2))
    # As if it were there many times.
    many = F.pad(case.tensors["x"], (0, 0, 16, 16), mode="circular")
    long = operator.run(who, {**case.tensors, "x": many}, **{**case.options, "padding": ((9, 8), (before, 40))})
    assert_near(long[:, :, size : 2 * size], plain)


@needs_operators
def test_which_implementation_a_call_takes(monkeypatch):
    chosen = []

    def watched(module, name, own):
        run = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: (chosen.append(own), run(*args))[1])

    watched(native, "filtered_leaky_relu", "native")
    watched(native, "filtered_leaky_relu_with_gradient", "with gradient")
    watched(reference, "filtered_leaky_relu", "reference")
    case = filtered_case((1, 3, 9, 7), 2, 2, (9, 8))
    taken = {"": "native", "x": "with gradient", "bias": "with gradient", "before": "reference", "after": "reference"}
    for wanting, expected in taken.items():
        tensors = {name: each.clone().requires_grad_(name == wanting) for name, each in case.tensors.items()}
        calls.filtered(ops.filtered_leaky_relu, **tensors, **case.options)
        assert chosen.pop() == expected
    for change in (lambda x: x.double(), lambda x: x.half(), lambda x: x.to("meta")):
        tensors = {name: change(each) for name, each in case.tensors.items()}
        calls.filtered(ops.filtered_leaky_relu, **tensors, **case.options)
        assert chosen.pop() == "reference"


@pytest.mark.parametrize("square", [None, "mirrored"])
def test_gradients_of_any_order(square):
    """The reference's, by finite differences; at points where nothing is near a corner of the activation."""
    case = filtered_case((1, 2, 4, 5), 2, 2, (9, 8), square=square, clamp=1.0)
    tensors = {name: each.double() for name, each in case.tensors.items()}
    tensors = {name: each.requires_grad_() for name, each in tensors.items()}

    def run(*given):
        return calls.filtered(ops.filtered_leaky_relu, *given, **case.options)

    assert torch.autograd.gradcheck(run, tuple(tensors.values()), eps=1e-7, atol=1e-5)
    assert torch.autograd.gradgradcheck(run, tuple(tensors.values()), eps=1e-7, atol=1e-5)


@by_name("filtered_leaky_relu")
def test_gradients_in_threads_and_bfloat16(operator, who):
    if not operator.implementations[who].gradient_of:
        return
    for case in operator.large:
        found = {}
        for threads, dtype in ((1, torch.float32), (3, torch.float32), (2, torch.bfloat16)):
            torch.set_num_threads(threads)
            x = case.tensors["x"].bfloat16().float().requires_grad_()
            y = operator.run(who, {**case.tensors, "x": x}, dtype, **case.options)
            (y.float() * randn(*y.shape, seed=9)).sum().backward()
            found[threads, dtype] = x.grad
        expected = found[1, torch.float32]
        assert torch.equal(found[3, torch.float32], expected) if "native" in who else True
        assert_near(found[3, torch.float32], expected)
        # Where it is rounded on the way, what is near the activation's corner comes to lie beyond it.
        limit = 0.02 if "native" in who else 0.2
        assert (found[2, torch.bfloat16] - expected).norm() < limit * expected.norm()


@needs_operators
def test_a_batch_is_its_pictures_to_the_last_bit():
    for case in (
        filtered_case((3, 20, 12, 70), 2, 2, (9, 8)),
        filtered_case((3, 20, 12, 20), 4, 2, (-2, -5), square="mirrored"),
    ):
        together = calls.filtered(native.filtered_leaky_relu, **case.tensors, **case.options)
        for index in range(3):
            tensors = {**case.tensors, "x": case.tensors["x"][index : index + 1]}
            alone = calls.filtered(native.filtered_leaky_relu, **tensors, **case.options)
            assert torch.equal(together[index : index + 1], alone)


@by_name("filtered_leaky_relu")
def test_what_isnt_a_number_stays_none(operator, who):
    case = filtered_case((1, 3, 4, 4), 2, 2, (9, 8), clamp=1.0)
    x = case.tensors["x"].clone()
    x[0, 1, 0, 0] = float("nan")
    y = operator.run(who, {**case.tensors, "x": x}, **case.options)
    assert bool(y[0, 1, 0, 0].isnan()) and bool(y[0, ::2].isfinite().all())


@by_name("filtered_leaky_relu")
def test_refusals(operator, who):
    case = filtered_case((1, 3, 4, 4), 2, 2, (0, 0))
    with pytest.raises(RateError, match="4 samples at 2 times their rate, with borders of 0 and 0, are fewer"):
        operator.run(who, case.tensors, **case.options)
    for name, taps in (("before", randn(3, 3)), ("after", randn(3, 4)), ("after", randn(2, 2, 2))):
        with pytest.raises(RateError, match="taps can't be applied"):
            operator.run(who, {**case.tensors, name: taps}, **{**case.options, "padding": (9, 9)})
