"""Windows of a canvas: read with a halo, found around a map, split at seams."""

from __future__ import annotations

import pytest
import torch
from soat.soat_backend.geometry.canvas import Canvas, Window, read, support

# What the library doesn't do yet; strict, so that a fix asks for the mark to be taken away.
WRAPS = [(False, False), (True, False), (False, True), (True, True)]


def numbered(height: int, width: int, batch: int = 2, channels: int = 3) -> torch.Tensor:
    """No value twice, and none zero."""
    return torch.arange(1.0, 1 + batch * channels * height * width).reshape(batch, channels, height, width)


def value_at(x: torch.Tensor, canvas: Canvas, y: int, column: int) -> torch.Tensor:
    """All channels at one place of the canvas, by the definition: the other side where it wraps, else zero."""
    y = y % canvas.height if canvas.wrap_y else y
    column = column % canvas.width if canvas.wrap_x else column
    inside = 0 <= y < canvas.height and 0 <= column < canvas.width
    return x[:, :, y, column] if inside else torch.zeros_like(x[:, :, 0, 0])


@pytest.mark.parametrize(("wrap_y", "wrap_x"), WRAPS)
@pytest.mark.parametrize("halo", [0, 1, 3])
def test_read_all(wrap_y, wrap_x, halo):
    canvas = Canvas(4, 5, wrap_y, wrap_x)
    x = numbered(4, 5)
    patch = read(x, canvas, canvas.window, halo)
    assert patch.shape == (2, 3, 4 + 2 * halo, 5 + 2 * halo)
    for row in range(patch.shape[2]):
        for column in range(patch.shape[3]):
            assert torch.equal(patch[:, :, row, column], value_at(x, canvas, row - halo, column - halo))


@pytest.mark.parametrize(("wrap_y", "wrap_x"), WRAPS)
@pytest.mark.parametrize("window", [Window(0, 0, 1, 1), Window(1, 2, 2, 3), Window(3, 4, 1, 1), Window(0, 1, 4, 2)])
def test_read_part(wrap_y, wrap_x, window):
    canvas = Canvas(4, 5, wrap_y, wrap_x)
    x = numbered(4, 5)
    patch = read(x, canvas, window, halo=1)
    assert patch.shape == (2, 3, window.height + 2, window.width + 2)
    for row in range(window.height + 2):
        for column in range(window.width + 2):
            expected = value_at(x, canvas, window.top + row - 1, window.left + column - 1)
            assert torch.equal(patch[:, :, row, column], expected)


def test_read_over_the_edges_of_a_canvas_that_wraps():
    canvas = Canvas(4, 5, wrap_y=True, wrap_x=True)
    x = numbered(4, 5)
    patch = read(x, canvas, Window(3, 4, 3, 4), halo=1)
    for row in range(5):
        for column in range(6):
            assert torch.equal(patch[:, :, row, column], value_at(x, canvas, row + 2, column + 3))


def test_read_by_hand():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, None]
    zeros = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]]
    around_x = [[0, 0, 0, 0], [2, 1, 2, 1], [4, 3, 4, 3], [0, 0, 0, 0]]
    around_y = [[0, 3, 4, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 1, 2, 0]]
    around_both = [[4, 3, 4, 3], [2, 1, 2, 1], [4, 3, 4, 3], [2, 1, 2, 1]]
    for (wrap_y, wrap_x), expected in zip(WRAPS, (zeros, around_y, around_x, around_both), strict=True):
        canvas = Canvas(2, 2, wrap_y, wrap_x)
        assert read(x, canvas, canvas.window, 1)[0, 0].tolist() == expected


def mask_of(height: int, width: int, rows, columns) -> torch.Tensor:
    mask = torch.zeros(1, 1, height, width)
    for row in rows:
        for column in columns:
            mask[0, 0, row, column] = 0.5
    return mask


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        ([2], [3], Window(2, 3, 1, 1)),
        ([1, 2, 3], [0, 5], Window(1, 0, 3, 6)),
        (range(4), range(6), Window(0, 0, 4, 6)),
        ([0, 3], [5], Window(0, 5, 4, 1)),
    ],
)
def test_support(rows, columns, expected):
    assert support(mask_of(4, 6, rows, columns), Canvas(4, 6)) == expected


@pytest.mark.parametrize(
    ("columns", "left", "width"),
    [([6, 7, 0, 1], 6, 4), ([7, 1], 7, 3), ([3], 3, 1), ([1, 2, 5], 1, 5), ([0, 3, 4], 0, 5), ([5, 6, 2], 2, 5)],
)
def test_support_on_a_circle(columns, left, width):
    """The shortest arc that holds all of it."""
    assert support(mask_of(4, 8, [1], columns), Canvas(4, 8, wrap_x=True)) == Window(1, left, 1, width)
    turned = mask_of(4, 8, [1], columns).transpose(2, 3)
    assert support(turned, Canvas(8, 4, wrap_y=True)) == Window(left, 1, width, 1)


@pytest.mark.parametrize("seed", range(20))
def test_support_on_a_circle_holds_all(seed):
    size = 12
    rng = torch.Generator().manual_seed(seed)
    columns = torch.randperm(size, generator=rng)[: 1 + seed % 7].tolist()
    canvas = Canvas(1, size, wrap_x=True)
    window = support(mask_of(1, size, [0], columns), canvas)
    covered = set(window.columns(canvas).tolist())
    assert set(columns) <= covered and len(covered) == window.width
    shortest = min(max((column - first) % size for column in columns) + 1 for first in columns)
    assert window.width == shortest


def test_support_of_broadcast_sides():
    canvas = Canvas(4, 6)
    column = torch.tensor([0.0, 1, 1, 0]).reshape(1, 1, 4, 1)
    row = torch.tensor([0.0, 0, 1, 0, 1, 0]).reshape(1, 1, 1, 6)
    assert support(column, canvas) == Window(1, 0, 2, 6)
    assert support(row, canvas) == Window(0, 2, 4, 3)
    assert support(torch.ones(1, 1, 1, 1), canvas) == canvas.window
    wrapped = Canvas(4, 6, wrap_x=True)
    assert support(torch.tensor([1.0, 0, 0, 0, 0, 1]).reshape(1, 1, 1, 6), wrapped) == Window(0, 5, 4, 2)
    assert support(torch.ones(1, 1, 1, 1), wrapped) == wrapped.window


def test_support_of_all_of_a_circle():
    """All of the canvas is `canvas.window`, which a layer writes without a copy, not one that starts elsewhere."""
    for canvas in (Canvas(4, 6, wrap_x=True), Canvas(4, 6, wrap_y=True), Canvas(4, 6, True, True)):
        assert support(torch.ones(1, 1, 4, 6), canvas) == canvas.window


def test_support_of_nothing():
    assert support(torch.zeros(1, 1, 4, 6), Canvas(4, 6)) is None
    assert support(torch.zeros(2, 1, 1, 1), Canvas(4, 6, wrap_x=True)) is None


def test_support_of_a_batch_holds_every_item():
    masks = torch.cat([mask_of(4, 6, [0], [1]), mask_of(4, 6, [2], [4])])
    assert support(masks, Canvas(4, 6)) == Window(0, 1, 3, 4)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(2, 4, 2, 2), Window(2, 4, 2, 2)),
        (Window(1, 3, 1, 1), Window(0, 2, 2, 2)),
        (Window(1, 3, 2, 2), Window(0, 2, 4, 4)),
        (Window(0, 0, 3, 5), Window(0, 0, 4, 6)),
        (Window(0, 0, 8, 8), Window(0, 0, 8, 8)),
    ],
)
def test_even(window, expected):
    assert window.in_steps(2, Canvas(8, 8)) == expected
    half = expected.halved()
    doubled = tuple(2 * side for side in (half.top, half.left, half.height, half.width))
    assert doubled == (expected.top, expected.left, expected.height, expected.width)


@pytest.mark.parametrize("left", range(8))
@pytest.mark.parametrize("width", range(1, 9))
def test_even_on_a_circle(left, width):
    """Even edges, all of the window inside, and never more than once around."""
    canvas = Canvas(2, 8, wrap_x=True)
    window = Window(0, left, 2, width)
    even = window.in_steps(2, canvas)
    assert even.left % 2 == 0 and even.width % 2 == 0 and even.width <= 8
    assert set(window.columns(canvas).tolist()) <= set(even.columns(canvas).tolist())


@pytest.mark.parametrize(
    "window", [Window(0, 0, 4, 6), Window(1, 2, 2, 3), Window(1, 5, 2, 4), Window(3, 4, 3, 3), Window(2, 3, 4, 6)]
)
def test_pieces(window):
    """Written piece by piece, each pixel of the window arrives at its place, and none twice."""
    canvas = Canvas(4, 6, wrap_y=True, wrap_x=True)
    patch = numbered(window.height, window.width, 1, 1)[0, 0]
    written, times = torch.zeros(4, 6), torch.zeros(4, 6)
    for (rows, columns), (own_rows, own_columns) in window.pieces(canvas):
        written[rows, columns] = patch[own_rows, own_columns]
        times[rows, columns] += 1
    assert int(times.sum()) == window.height * window.width and times.max() == 1
    for y in range(window.height):
        for x in range(window.width):
            assert written[(window.top + y) % 4, (window.left + x) % 6] == patch[y, x]
