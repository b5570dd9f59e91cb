"""Walks through latents, grids of latents and features, batches joined and picked apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from soat.soat_backend.feature_ops import get_features, grid, panorama, stitch
from soat.soat_backend.latents import Latent, sample, sample_grid, sample_sequence, select, to_style_space, walk
from soat.soat_backend.latents.walk import walk_at
from soat.soat_backend.support.errors import FeatureError, LatentError, SoatError
from soat.soat_backend.synthesis.render import render

CLOSE = {"rtol": 0, "atol": 2e-5}


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


def latent_of(rows):
    return Latent("z", (torch.tensor(rows, dtype=torch.float32),), "print", 32)


# --- walks -----------------------------------------------------------------------------------------------------------


def test_a_straight_loop():
    steps = walk(latent_of([[0.0], [4.0], [2.0]]), 4, loop=True, method="lerp")
    assert steps.codes[0].flatten().tolist() == [0, 1, 2, 3, 4, 3.5, 3, 2.5, 2, 1.5, 1, 0.5]


def test_a_straight_way_has_both_ends():
    steps = walk(latent_of([[0.0], [4.0], [2.0]]), 2, loop=False, method="lerp")
    assert steps.codes[0].flatten().tolist() == [0, 2, 4, 3, 2]


@pytest.mark.parametrize("loop", [True, False])
def test_a_spline_meets_its_stations_and_doesnt_jump(loop):
    stations = torch.randn(5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    frames = 64
    (steps,) = walk(Latent("z", (stations,), "print", 32), frames, loop, "spline").codes
    assert torch.equal(steps[::frames], stations)
    velocity = steps.diff(dim=0) * frames
    # A kink changes the velocity at a station by as much as it is; from frame to frame of a curve it changes little.
    assert velocity.diff(dim=0).abs().max() < 0.25 * velocity.abs().max()
    straight = walk(Latent("z", (stations,), "print", 32), frames, loop, "lerp").codes[0].diff(dim=0) * frames
    assert straight.diff(dim=0).abs().max() > 0.5 * straight.abs().max()


def test_a_spline_reproduces_a_parabola_away_from_the_ends():
    """Catmull and Rom's curve is exact for polynomials of degree 2 at equal steps."""
    t = torch.arange(6, dtype=torch.float64)
    (steps,) = walk(Latent("z", ((t * t)[:, None],), "print", 32), 4, loop=False).codes
    fine = torch.arange(21, dtype=torch.float64) / 4
    torch.testing.assert_close(steps[4:17, 0], (fine * fine)[4:17])


@pytest.mark.parametrize("method", ["spline", "lerp", "slerp"])
@pytest.mark.parametrize("loop", [True, False])
def test_a_place_of_a_walk_is_its_frame(loop, method):
    stations = Latent("z", (torch.randn(4, 8, generator=torch.Generator().manual_seed(1)),), "print", 32)
    frames = walk(stations, 8, loop, method)
    for frame in range(frames.batch):
        place = walk_at(stations, frame / 8, loop, method)
        assert place.space == "z" and torch.equal(place.codes[0], frames.codes[0][frame : frame + 1])


def test_beyond_its_ends_a_walk_goes_round_or_stands_still():
    stations = latent_of([[0.0], [4.0], [2.0]])
    for position, round_and_round, straight in ((3.5, 2.0, 2.0), (-0.5, 1.0, 0.0), (31.0, 4.0, 2.0), (-3.0, 0.0, 0.0)):
        assert walk_at(stations, position, True, "lerp").codes[0].item() == round_and_round
        assert walk_at(stations, position, False, "lerp").codes[0].item() == straight
    with pytest.raises(SoatError, match="position: expected a number from -1000000 to 1000000, got inf"):
        walk_at(stations, float("inf"))
    with pytest.raises(LatentError, match="A walk needs two latents or more, got 1"):
        walk_at(latent_of([[0.0]]), 0.5)


def test_every_row_of_every_layer_walks(generator):
    styles = to_style_space(generator, sample(generator, 0, 2))
    steps = walk(styles, 2, loop=False, method="lerp")
    for code, stepped in zip(styles.codes, steps.codes, strict=True):
        torch.testing.assert_close(stepped[1], code.mean(dim=0))
    assert (steps.space, steps.fingerprint, steps.batch) == ("style_space", styles.fingerprint, 3)


def test_nowhere_to_walk_and_too_far_are_refused():
    with pytest.raises(LatentError, match="needs two latents or more, got 1"):
        walk(latent_of([[0.0]]), 4)
    with pytest.raises(LatentError, match="8000 frames, more than 4096"):
        walk(latent_of([[0.0], [1.0]]), 4000)


# --- joining and picking ---------------------------------------------------------------------------------------------


def test_join_and_select_are_inverse(node, generator):
    latent = sample(generator, 5, 4)
    first, rest = node("SelectLatents", latent=latent, items="0"), node("SelectLatents", latent=latent, items="1:")
    joined = node("JoinLatents", latent_a=first, latent_b=rest)
    assert torch.equal(joined.codes[0], latent.codes[0])
    turned = node("SelectLatents", latent=latent, items="::-1, 0")
    assert torch.equal(turned.codes[0], latent.codes[0][[3, 2, 1, 0, 0]])


def test_codes_mixed_between_two_layers_of_a_row_join_others(node, generator):
    """MixStyles gives them a row for each style layer; the others get one too, and no picture changes."""
    a, b = sample(generator, 1), sample(generator, 2)
    mixed = node("MixStyles", latent_a=a, latent_b=b, first_layer="b8.conv0", last_layer="b8.torgb")
    assert mixed.codes[0].shape[1:] != a.codes[0].shape[1:]
    joined = node("JoinLatents", latent_a=a, latent_b=mixed)
    for item, alone in enumerate((a, mixed)):
        picture = render(get_features(generator, select(joined, [item])))
        torch.testing.assert_close(picture, render(get_features(generator, alone)), rtol=0, atol=0)


def test_joining_what_doesnt_belong_together_is_refused(node, generator, make_generator):
    latent = sample(generator, 0)
    other = make_generator(mapping_seed=1)
    with pytest.raises(LatentError, match="latent 1 and latent 2 come from generators that share no style space"):
        node("JoinLatents", latent_a=latent, latent_b=sample(other, 0))
    with pytest.raises(LatentError, match="latent 3 is 1 x style_space"):
        node("JoinLatents", latent_a=latent, latent_b=latent, latent_c=to_style_space(generator, latent))


# --- grids -----------------------------------------------------------------------------------------------------------


def test_sampled_grid_by_hand(generator):
    """Both filters written out: a Gaussian along rows that wraps, one along columns that mirrors."""
    seed, columns, rows, sigma = 11, 4, 3, 0.7
    z = np.random.RandomState(seed).randn(rows, columns, generator.config.z_dim)
    taps = np.exp(-0.5 * (np.arange(-3, 4) / sigma) ** 2)
    taps /= taps.sum()
    smoothed = np.zeros_like(z)
    mirrored = [*range(rows), *reversed(range(rows))]
    for row in range(rows):
        for column in range(columns):
            for down, tap_y in zip(range(-3, 4), taps, strict=True):
                for right, tap_x in zip(range(-3, 4), taps, strict=True):
                    source = z[mirrored[(row + down) % (2 * rows)], (column + right) % columns]
                    smoothed[row, column] += tap_y * tap_x * source
    smoothed /= np.sqrt(np.mean(smoothed**2))
    w = generator.mapping(torch.from_numpy(smoothed.reshape(rows * columns, -1)).float())
    expected = generator.mapping.w_avg.lerp(w, 0.7)
    latent = sample_grid(generator, seed, columns, rows, sigma, loop_x=True, loop_y=False)
    torch.testing.assert_close(latent.codes[0], expected[:, None].expand_as(latent.codes[0]), rtol=0, atol=1e-5)


def test_one_row_is_the_sequence(generator):
    grid_of_one = sample_grid(generator, 4, columns=5, rows=1, loop_x=True)
    assert torch.allclose(grid_of_one.codes[0], sample_sequence(generator, 4, 5, loop=True).codes[0], atol=1e-6)


def test_one_row_is_the_panorama(generator):
    latent = sample(generator, 0, 3)
    for wrap in (False, True):
        one_row = grid(generator, latent, 3, wrap_x=wrap)
        torch.testing.assert_close(render(one_row), render(panorama(generator, latent, wrap=wrap)), rtol=0, atol=0)


def test_one_column_is_a_vertical_stitch(generator):
    latent = sample(generator, 0, 3)
    maps = [get_features(generator, select(latent, [k])) for k in range(3)]
    expected = render(stitch(maps, "vertical"))
    torch.testing.assert_close(render(grid(generator, latent, 1)), expected, **CLOSE)


@pytest.mark.parametrize("noise_mode", ["none", "const"])
def test_a_grid_that_wraps_rolled_is_the_grid_of_rolled_latents(generator, noise_mode):
    latent = sample_grid(generator, 3, columns=3, rows=2, loop_y=True)
    rolled = select(latent, [4, 5, 3, 1, 2, 0])  # one row down, one column to the left
    pictures = [
        render(grid(generator, part, 3, "b8.conv1", wrap_x=True, wrap_y=True, noise_mode=noise_mode))
        for part in (latent, rolled)
    ]
    torch.testing.assert_close(pictures[0].roll((32, -32), (2, 3)), pictures[1], **CLOSE)


def test_equal_latents_tile_without_a_trace(generator):
    """The same latent everywhere, wrapping both ways and without noise, repeats with the picture's period."""
    latent = select(sample(generator, 2), [0] * 4)
    picture = render(grid(generator, latent, 2, wrap_x=True, wrap_y=True, noise_mode="none"))
    torch.testing.assert_close(picture.roll(32, 3), picture, **CLOSE)
    torch.testing.assert_close(picture.roll(32, 2), picture, **CLOSE)


def test_rows_that_arent_full_are_refused(node, generator):
    with pytest.raises(FeatureError, match="5 latents don't fill rows of 2: the last row would have 1"):
        node("GridFeatures", generator=generator, latent=sample(generator, 0, 5), columns=2)
