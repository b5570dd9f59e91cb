"""Portraits of 256 px: the same people as the small ones, with what there are pixels for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from soat.soat_backend.training.renderers.portrait import averaged, paint, paint_large, random_person
from soat.soat_backend.training.renderers.portrait.anatomy import place_head, skull
from soat.soat_backend.training.renderers.portrait.brushes import FARTHEST, HEAD_SCALE, PARTS, Canvas
from soat.soat_backend.training.renderers.portrait.fine_relief import HEIGHT, SLOPE_X, SLOPE_Y, fine_relief
from soat.soat_backend.training.renderers.portrait.garments import GARMENTS
from soat.soat_backend.training.renderers.portrait.hair_textures import (
    GAP,
    REACH,
    TONE,
    ringlet_texture,
    sample_channels,
    strand_texture,
)
from soat.soat_backend.training.renderers.portrait.relief import MAP_REACH
from soat.soat_backend.training.renderers.portrait.strand_flow import strand_flow
from soat.soat_backend.training.renderers.portrait.strokes import Strokes, draw_strokes
from soat.soat_backend.training.renderers.portrait.tracing import Place, Rays, rotation, trace

GOLDEN = Path(__file__).parent / "portrait_fine_golden.npy"
GOLDEN_SEEDS = (0, 3, 21)
FINE = 256


def person_of(seed):
    return random_person(np.random.default_rng(seed))


def first_person(suits):
    return next(person for person in map(person_of, range(500)) if suits(person))


def shrink(image, size):
    factor = image.shape[0] // size
    return image.reshape(size, factor, size, factor, 3).astype(float).mean(axis=(1, 3))


def detail(image):
    """How much of the picture is finer than two pixels of 128."""
    image = image.astype(float)
    return np.abs(image - shrink(image, 128).repeat(2, 0).repeat(2, 1)).mean()


def share_of(person, part):
    return (paint_large(person, FINE).parts == PARTS.index(part)).mean()


def test_golden_pictures():
    """Looked at when they were made; a change of looks raises portrait.VERSION and makes them anew."""
    golden = np.load(GOLDEN)
    assert golden.shape == (len(GOLDEN_SEEDS), 64, 64, 3)
    for seed, expected in zip(GOLDEN_SEEDS, golden, strict=True):
        off = np.abs(shrink(paint(person_of(seed), FINE), 64) - expected)
        assert (off <= 1).mean() > 0.99
        assert off.max() <= 16


def test_the_same_person_gives_the_same_picture():
    picture = paint(person_of(5), FINE)
    assert picture.shape == (FINE, FINE, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture, paint(person_of(5), FINE))


def test_they_are_the_people_of_the_small_pictures_up_close():
    """Averaged down they are much nearer to themselves than to anybody else, and there is more to see in them."""
    for seed in range(4):
        large, small = paint(person_of(seed), FINE), paint(person_of(seed), 128)
        other = paint(person_of(seed + 50), 128).astype(int)
        off = np.abs(shrink(large, 128) - small).mean()
        assert off < 14
        assert off < np.abs(small - other).mean() / 4
        enlarged = np.asarray(Image.fromarray(small).resize((FINE, FINE), Image.Resampling.BICUBIC))
        assert detail(large) > 1.4 * detail(enlarged)


def test_a_person_at_512_px_is_the_one_at_256():
    person = person_of(2)
    assert np.abs(shrink(paint(person, 512), FINE) - paint(person, FINE)).mean() < 4


def test_what_is_worn_is_seen():
    """Glasses, hats and beards are in the pictures of those who have them, and of nobody else."""
    people = [person_of(seed) for seed in range(400)]
    for part in ("glasses", "hat"):
        wearing = [person for person in people if getattr(person, part).style != "none"][:5]
        bare = [person for person in people if getattr(person, part).style == "none"][:3]
        assert min(share_of(person, part) for person in wearing) > (0.01 if part == "glasses" else 0.08)
        assert max(share_of(person, part) for person in bare) == 0
    for person in [person for person in people if person.beard.style != "none"][:5]:
        shaved = replace(person, beard=replace(person.beard, style="none"))
        off = np.abs(paint(person, FINE).astype(int) - paint(shaved, FINE))
        assert (off.max(-1) > 24).mean() > 0.003
        assert off[: FINE // 3].max() <= 2  # What shines spreads a little over the whole picture.


def test_no_hair_comes_through_a_hat():
    parts = paint_large(random_person(np.random.default_rng([7, 32])), FINE).parts
    rows = np.flatnonzero((parts == PARTS.index("hat")).any(1))
    assert (parts[: rows[0] + (rows[-1] - rows[0]) // 2] == PARTS.index("hair")).sum() == 0


def test_parts_are_where_they_are():
    painting = paint_large(first_person(lambda p: p.hair.cut == "long" and p.hat.style == "none"), FINE)
    side = len(painting.parts)
    assert painting.image.shape == (side, side, 3) and side == FINE * 3 // 2
    assert painting.image.min() >= 0 and painting.image.max() <= 1
    assert PARTS[painting.parts[side // 2, side // 2]] == "head"
    assert PARTS[painting.parts[-1, side // 2]] in ("cloth", "body")
    backdrop = painting.parts == PARTS.index("backdrop")
    assert backdrop[0, 0] and 0.2 < backdrop.mean() < 0.75
    assert (painting.parts == PARTS.index("hair")).mean() > 0.1
    assert painting.depth[0, 0] == np.float32(FARTHEST) < painting.depth[side // 2, side // 2]


def test_garments_occur_as_often_as_said():
    people = [person_of(seed) for seed in range(1500)]
    for collar, shares in GARMENTS.items():
        worn = [person.clothes.garment for person in people if person.clothes.collar == collar]
        for garment, share in shares.items():
            assert np.mean([one == garment for one in worn]) == pytest.approx(share / sum(shares.values()), abs=0.07)
        assert set(worn) == set(shares)


def test_what_only_large_pictures_show_changes_no_small_one():
    person = person_of(1)
    others = [garment for garment in GARMENTS[person.clothes.collar] if garment != person.clothes.garment]
    changed = replace(person, clothes=replace(person.clothes, garment=others[0]))
    assert np.array_equal(paint(person, 128), paint(changed, 128))
    off = np.abs(paint(person, FINE).astype(int) - paint(changed, FINE)).sum(-1)
    assert off[FINE * 3 // 4 :].sum() > 0.97 * off.sum() > 1000


# --- what they are made of -------------------------------------------------------------------------------------------


def test_every_second_ray_is_enough():
    """Solids met on a fine canvas are those that all rays meet, but for a pixel at the outline."""
    person = person_of(3)
    place = place_head(person.pose)

    def surface(x, y, z):
        return skull(person.face, x, y, z)

    hits = [trace(Rays(Canvas(192, fine), (-1.0, 1.0, -1.3, 1.1), place), surface, 1.2) for fine in (True, False)]
    assert np.abs(hits[0].cover - hits[1].cover).mean() < 0.005
    inside = (hits[0].cover > 0.99) & (hits[1].normal[2] > 0.3)
    assert np.abs(hits[0].depth - hits[1].depth)[inside].max() < 0.01
    for fast, slow in zip(hits[0].normal, hits[1].normal, strict=True):
        assert np.abs(fast - slow)[inside].max() < 0.03


def test_one_and_a_half_pixels_average_to_one():
    image = np.random.default_rng(0).random((96, 96, 3)).astype(np.float32)
    weights = np.kron(np.eye(32), np.array([[1, 0.5, 0], [0, 0.5, 1]]) / 1.5)
    expected = np.einsum("ij,jkc,lk->ilc", weights, image, weights)
    assert np.abs(averaged(image, 64) - expected).max() < 1e-5


def test_strokes_cover_their_area_and_hide_behind_things():
    canvas, flat = Canvas(256, fine=True), Place(rotation(0, 0, 0), np.zeros(3, np.float32))
    length, width = 0.8, 0.006
    line = [np.array([[x, 0.1, 0.0]]) for x in (-length / 2, 0.0, length / 2)]
    white = Strokes(*line, np.ones((1, 3), np.float32), width)
    draw_strokes(canvas, flat, white)
    area = length * width * (1 - 0.85 / 2) * (256 * HEAD_SCALE) ** 2
    assert canvas.image[..., 0].sum() == pytest.approx(area, rel=0.25)
    assert canvas.image.max() <= 1
    rows = np.flatnonzero(canvas.image[..., 0].sum(1))
    assert np.abs((rows + 0.5) / 256 - (0.49 - 0.1 * HEAD_SCALE)).max() < 2 / 256
    behind = Canvas(256, fine=True)
    behind.depth[:] = 1.0
    draw_strokes(behind, flat, white)
    assert behind.image.max() == 0
    away = [point + np.array([9.0, 0, 0]) for point in line]
    draw_strokes(canvas := Canvas(64, fine=True), flat, Strokes(*away, np.ones((1, 3), np.float32), width))
    assert canvas.image.max() == 0


@pytest.mark.parametrize("texture", [strand_texture, ringlet_texture])
def test_textures_of_hair_are_in_their_ranges_and_tile(texture):
    channels = texture()
    side = len(channels)
    assert channels[..., TONE].mean() == pytest.approx(0, abs=1e-3)
    assert channels[..., TONE].std() == pytest.approx(1, abs=1e-3)
    assert 0 <= channels[..., GAP].min() < channels[..., GAP].max() <= 1
    assert np.abs(channels[..., REACH]).max() <= 1.5
    within = np.abs(np.diff(channels[..., TONE], axis=1)).mean()
    across_seam = np.abs(channels[:, 0, TONE] - channels[:, -1, TONE]).mean()
    assert across_seam < 2.5 * within
    here, later = (
        sample_channels(channels, np.full((2, 2), 3.25 + shift), np.full((2, 2), 7.5)) for shift in (0, side)
    )
    assert np.allclose(here, later, atol=1e-4)


def test_strands_run_down_from_a_parting():
    person = first_person(lambda p: p.hair.cut == "lob" and p.hair.fringe == "curtain")
    middle = np.float32(person.hair.parting * 0.3)
    x, y, z = (np.array([value], np.float32) for value in (middle, 1.0, 0.2))
    left, on, right = (strand_flow(person, x + np.float32(step), y, z) for step in (-0.3, 0.0, 0.3))
    assert left.across < 0 < right.across
    assert on.from_parting < 0.01 < min(left.from_parting, right.from_parting)
    assert np.hypot(left.around[0], left.around[2]) == pytest.approx(1, abs=1e-5)


def test_slopes_of_the_small_forms_are_those_of_their_heights():
    relief = fine_relief(person_of(0))
    step = 2 * MAP_REACH / len(relief)
    height = relief[..., HEIGHT]
    assert np.abs(height).max() < 0.05
    assert np.allclose(relief[1:-1, 1:-1, SLOPE_X], (height[1:-1, 2:] - height[1:-1, :-2]) / (2 * step), atol=1e-4)
    assert np.allclose(relief[1:-1, 1:-1, SLOPE_Y], (height[2:, 1:-1] - height[:-2, 1:-1]) / (2 * step), atol=1e-4)
    older = fine_relief(replace(person_of(0), face=replace(person_of(0).face, age=1.0)))
    younger = fine_relief(replace(person_of(0), face=replace(person_of(0).face, age=0.0)))
    assert np.abs(older[..., SLOPE_Y]).mean() > 1.1 * np.abs(younger[..., SLOPE_Y]).mean()
