"""The two ways on maps made by hand: where a point is found, what is drawn where, against slow plain formulations."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from soat.soat_backend.dragging.line import Line
from soat.soat_backend.dragging.pixel_grid import PixelGrid, Sight, disc_offsets
from soat.soat_backend.dragging.track import Track

SIDE, SCALE, MARGIN = 64, 2.0, 3
GRID = PixelGrid(SCALE, MARGIN, (SIDE, SIDE))


def bumps(x: torch.Tensor | float, y: torch.Tensor | float, width: float = 5.0) -> torch.Tensor:
    """A map `[2, H, W]` with a hill and a slope beside it around a place in pixels."""
    samples = SIDE // int(SCALE) + 2 * MARGIN
    line = (torch.arange(samples) - MARGIN + 0.5) * SCALE
    down, right = line[:, None] - y, line[None, :] - x
    hill = torch.exp(-(down**2 + right**2) / (2 * width**2))
    return torch.stack((hill, hill * right / width))


def point(x: float, y: float) -> torch.Tensor:
    return torch.tensor([[x, y]])


def sight(maps) -> Sight:
    return Sight((GRID,), tuple(torch.ones(len(x)) for x in maps))


def test_a_place_is_read_bilinearly():
    """As a whole resized map has it, at the middles of pixels."""
    torch.manual_seed(0)
    activation = torch.randn(5, SIDE // 2, SIDE // 2)
    grid = PixelGrid(SCALE, 0, (SIDE, SIDE))
    resized = F.interpolate(activation[None], size=(SIDE, SIDE), mode="bilinear", align_corners=False)[0]
    pixels = [(0, 0), (3, 7), (20, 63), (63, 1)]
    places = torch.tensor([[x + 0.5, y + 0.5] for x, y in pixels])
    expected = torch.stack([resized[:, y, x] for x, y in pixels])
    torch.testing.assert_close(grid.sample(activation, places), expected, rtol=0, atol=1e-6)
    # A margin moves the samples and no more.
    padded = F.pad(activation, (MARGIN,) * 4)
    torch.testing.assert_close(GRID.sample(padded, places[1:2]), expected[1:2], rtol=0, atol=1e-6)


def test_a_disc_is_round():
    assert disc_offsets(1.0, 1.0).tolist() == [[0, -1], [-1, 0], [0, 0], [1, 0], [0, 1]]
    assert len(disc_offsets(4.5, 1.0)) == sum(math.hypot(x, y) <= 4.5 for x in range(-4, 5) for y in range(-4, 5))


@pytest.mark.parametrize(("right", "down"), [(2.0, 0.0), (-1.0, 2.0), (0.4, -1.7), (0.0, 0.0)])
def test_a_point_is_found_where_it_has_gone(right, down):
    """Also by parts of a step."""
    first = [bumps(30.0, 28.0)]
    way = Track(sight(first), first, point(31.0, 30.0), point(40.0, 30.0))
    found = way.follow([bumps(30.0 + right, 28.0 + down)])
    torch.testing.assert_close(found, point(31.0 + right, 30.0 + down), rtol=0, atol=0.05)


def test_the_loss_is_the_formula_and_draws_towards_the_target():
    """Mean difference of what is a step on from what was around the handle; a slow loop gives the same."""
    first = [bumps(30.0, 30.0)]
    way = Track(sight(first), first, point(30.0, 30.0), point(36.0, 38.0))
    place = torch.tensor([30.0, 30.0], requires_grad=True)
    now = [bumps(place[0], place[1])]
    loss = way.loss(now)
    expected, disc = 0.0, disc_offsets(64 * 18 / 128, 2.0)
    for x, y in disc.tolist():
        there = GRID.sample(now[0], point(30.0 + 0.6 + x, 30.0 + 0.8 + y))
        here = GRID.sample(first[0], point(30.0 + x, 30.0 + y))
        expected += float((((there - here) ** 2 + 1e-4).sqrt() - 0.01).mean().detach()) / len(disc)
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-4)
    loss.backward()
    assert float(place.grad[0]) < 0 and float(place.grad[1]) < 0


def test_an_anchor_is_held():
    first = [bumps(30.0, 30.0)]
    way = Track(sight(first), first, point(30.0, 30.0), point(30.0, 30.0))
    assert float(way.loss(first)) == 0.0 and float(way.distances) == 0.0
    assert float(way.loss([bumps(32.0, 30.0)])) > 0.05 and float(way.distances) == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(("kind", "left"), [(Track, 0.5), (Line, 2.0)])
def test_a_hill_is_brought_to_its_target(kind, left):
    """By steps of Adam on where it is, on a map that obeys, 12.6 px; a line's templates take over what they meet."""
    first = [bumps(24.0, 30.0)]
    way = kind(Sight.first((GRID,), first), first, point(24.0, 30.0), point(36.0, 26.0))
    place = torch.tensor([24.0, 30.0], requires_grad=True)
    optimiser = torch.optim.Adam([place], lr=0.3)
    for _ in range(150):
        optimiser.zero_grad()
        loss = way.loss([bumps(place[0], place[1])])
        if float(way.distances) < 0.4:
            break
        loss.backward()
        optimiser.step()
    assert float((place.detach() - torch.tensor([36.0, 26.0])).norm()) < left


def test_what_changed_counts_only_where_nothing_may():
    first = [bumps(30.0, 30.0)]
    where = torch.zeros(1, 1, SIDE // 2, SIDE // 2)
    where[..., :8] = 1.0
    seen = sight(first)
    moved = first[0].clone()
    moved[:, :, MARGIN + 8 :] += 1.0  # allowed, and beyond the picture
    moved[:, :, :MARGIN] += 1.0
    assert float(seen.change([moved], first, where)) == 0.0
    moved[0, MARGIN, MARGIN] += 2.0
    assert float(seen.change([moved], first, where)) == pytest.approx(1.99 / (2 * 32 * 32), rel=1e-4)


def test_channels_count_alike_unless_nothing_happens_in_them():
    """By their own deviations, none by less than 0.3 of the map's; a channel twice as loud changes nothing."""
    torch.manual_seed(0)
    first = torch.randn(3, SIDE // 2 + 2 * MARGIN, SIDE // 2 + 2 * MARGIN)
    first[1] *= 2.0
    first[2] *= 1e-3
    inner = first[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    units = Sight.first((GRID,), [first]).units[0]
    expected = [float(inner[0].std()), float(inner[1].std()), 0.3 * float(inner.std())]
    torch.testing.assert_close(units, torch.tensor(expected), rtol=1e-5, atol=0)
