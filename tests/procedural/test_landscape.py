"""Landscapes: golden pictures, the same scene at every size."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.renderers.landscape import render
from soat.soat_backend.training.renderers.landscape import textures as textures_module
from soat.soat_backend.training.renderers.landscape.landscapes import paint
from soat.soat_backend.training.renderers.landscape.perspective import recede
from soat.soat_backend.training.renderers.landscape.rows import Paint, plant
from soat.soat_backend.training.renderers.landscape.sprites import strips
from soat.soat_backend.training.renderers.landscape.terrain import margin_of, raise_range
from soat.soat_backend.training.renderers.landscape.weather import paint_fog, paint_rain, paint_snowfall

render_module = sys.modules[paint.__module__]
GOLDEN = Path(__file__).parent / "landscape_golden.npy"
GOLDEN_SEEDS = (0, 1, 2, 3, 5, 8)


def draw(seed, size):
    return render(np.random.default_rng(seed), size).astype(int)


def shrink(image, size):
    factor = image.shape[0] // size
    return image.reshape(size, factor, size, factor, 3).mean(axis=(1, 3))


def test_golden_pictures():
    """Looked at when made; a change of looks raises landscape.VERSION and makes them anew."""
    golden = np.load(GOLDEN)
    assert golden.shape == (len(GOLDEN_SEEDS), 16, 16, 3)
    for seed, expected in zip(GOLDEN_SEEDS, golden, strict=True):
        # One level: libraries round transcendental functions differently.
        assert np.abs(draw(seed, 16) - expected).max() <= 1


def test_same_scene_at_smaller_sizes():
    for seed in (0, 4):
        large = draw(seed, 128)
        for size in (32, 64):
            assert np.abs(draw(seed, size) - shrink(large, size)).max() <= 1


def test_same_scene_at_larger_sizes():
    difference = np.abs(shrink(draw(3, 256), 32) - shrink(draw(3, 128), 32))
    assert difference.mean() < 4
    assert difference.mean() < np.abs(shrink(draw(3, 128), 32) - draw(4, 32)).mean() / 5


def test_a_large_picture_is_the_small_one_with_more_in_it():
    """Shrunk it is the small one's; what shrinking loses is more than a small one's own finest detail, enlarged."""
    for seed in (0, 3, 6):
        large, small = draw(seed, 256), draw(seed, 64)
        off = np.abs(shrink(large, 64) - small).mean()
        assert off < 3
        assert off < np.abs(draw(seed + 1, 64) - small).mean() / 3
        lost = large - shrink(large, 64).repeat(4, 0).repeat(4, 1)
        assert lost[128:].std() > 4


def test_nothing_is_seen_at_the_borders():
    """Neighbouring pixels differ at the left and right border as they do inside, over many pictures."""
    pictures = np.array([draw(seed, 64) for seed in range(40)])
    steps = np.abs(np.diff(pictures, axis=2)).mean(axis=(0, 1, 3))
    for border in (steps[0], steps[-1]):
        assert border < 1.25 * steps[4:-4].mean()


def test_pictures_are_finite_before_they_are_cut_to_bytes():
    for seed in range(8):
        image = paint(np.random.default_rng(seed), 32).image
        assert np.isfinite(image).all()
        assert image.min() > -0.2 and image.max() < 1.8


def test_details_leave_the_scene_as_it_is(monkeypatch):
    """Whatever the stream of details gives, horizon, sun, palette and what comes after them stay."""
    before = [paint(np.random.default_rng(seed), 32) for seed in range(4)]
    monkeypatch.setattr(render_module.copy, "deepcopy", lambda _: np.random.default_rng(99))
    for seed, scene in enumerate(before):
        other = paint(np.random.default_rng(seed), 32)
        assert (other.horizon, other.sun_x, other.sun_y) == (scene.horizon, scene.sun_x, scene.sun_y)
        assert other.rng.bit_generator.state == scene.rng.bit_generator.state


# --- parts -----------------------------------------------------------------------------------------------------------


def scene_of(seed, size=64):
    return paint(np.random.default_rng(seed), size)


@pytest.mark.parametrize("kind", ["mountains", "alps", "hills", "mesas", "dunes"])
def test_a_range_stands_between_its_crest_and_its_foot(kind):
    scene = scene_of(0)
    side, margin = scene.side, margin_of(scene)
    crest = 0.6 + 0.3 * np.sin(np.arange(side + 2 * margin) / 40).astype(np.float32)
    face = raise_range(scene, kind, crest, base=0.6, amplitude=0.3, lift=0.0)
    rows = np.arange(face.first, face.first + len(face.cover))
    skyline = face.first + (face.cover > 0.5).argmax(0)
    above = skyline / side - (0.6 - 0.3 * crest[margin : margin + side])
    # It may rise above its crest, where a spur hides it, but not fall below; terraces step down by a layer.
    assert above.max() < (0.04 if kind == "mesas" else 0.012)
    assert np.median(np.abs(above)) < (0.05 if kind == "mesas" else 0.012)
    seen = face.cover > 0.99
    for field, low, high in (
        (face.nearness, 0, 1), (face.shadow, 0, 1), (face.steepness, 0, 1), (face.relief, -2.2, 2.2),
    ):  # fmt: skip
        assert field[seen].min() >= low and field[seen].max() <= high
    # Down each column the ground comes nearer, and where it is hidden it has no place.
    assert (np.diff(face.nearness, axis=0)[rows[1:, None] > skyline[None]] >= 0).all()
    visible = np.isfinite(face.ground)
    assert visible[-1].all()
    assert (np.diff(np.where(visible, face.ground, np.nan), axis=0)[visible[1:] & visible[:-1]] > -0.6 / side).all()


def test_ranges_are_lit_from_the_suns_side():
    """A lone peak: its flank towards the sun is brighter, and the shadow lies on the other."""
    scene = scene_of(0, 128)
    side, margin = scene.side, margin_of(scene)
    x = np.arange(-margin, side + margin) / side
    crest = np.exp(-(((x - 0.5) / 0.12) ** 2)).astype(np.float32)
    face = raise_range(scene, "mountains", crest, base=0.7, amplitude=0.35, lift=0.0)
    seen = (face.cover > 0.99) & (face.height > 0.3)
    towards = (scene.position[None] - 0.5) * scene.light
    lit, dark = seen & (towards > 0.02), seen & (towards < -0.02)
    assert face.relief[lit].mean() > face.relief[dark].mean() + 0.5
    assert face.shadow[lit].mean() < face.shadow[dark].mean()


@pytest.mark.parametrize("name", ["conifers", "broadleaf", "bushes", "grass", "flowers", "reeds", "stones"])
def test_strips_are_as_dense_at_every_level_and_stand_on_their_lower_edge(name):
    strip = strips()[name]
    means = [cover.mean() for cover in strip.cover]
    assert means == pytest.approx([means[0]] * len(means), rel=1e-3)
    assert 0.05 < means[0] < 0.9
    assert strip.cover[0][-1].max() > 0.8
    for cover, light, accent in zip(strip.cover, strip.light, strip.accent, strict=True):
        assert cover.min() >= 0 and cover.max() <= 1 + 1e-5
        assert np.abs(light).max() <= 1 + 1e-4
        assert accent.min() >= 0 and accent.max() <= 1 + 1e-4
    assert strip.rank.min() >= 0 and strip.rank.max() <= 1


def test_planted_things_stand_on_their_line():
    scene = scene_of(1)
    black, white = np.zeros(3, np.float32), np.ones(3, np.float32)
    for density, expected in ((0.0, 0.0), (1.1, 0.1)):
        scene.image[:] = 0.5
        plant(scene, "conifers", np.full(scene.side, 0.5), 0.2, Paint(black, white), density)
        changed = np.abs(scene.image - 0.5).max(-1) > 0.02
        assert changed[scene.row_of(0.3) : scene.row_of(0.5)].mean() >= expected
        assert not changed[scene.row_of(0.5) + 1 :].any()
        assert not changed[: scene.row_of(0.5 - 0.2 * 1.06) - 1].any()
        assert changed.any() == (density > 0)


def test_level_ground_fades_before_it_becomes_noise():
    scene = scene_of(0)
    near = np.linspace(0, 1, 128).astype(np.float32)
    waves = recede(scene, textures_module.textures().waves, near, (5, 7), 200.0)
    assert waves.shape == (128, scene.side)
    assert not waves[:8].any()
    assert 0.6 < waves[-20:].std() < 1.4


def test_fair_weather_paints_nothing_and_foul_weather_something():
    scene = scene_of(2)
    before = scene.image.copy()
    fair = replace(scene.weather, rain=0.0, fog=0.0, snowfall=0.0)
    for part, brush in (("rain", paint_rain), ("fog", lambda s: paint_fog(s, 1.0)), ("snowfall", paint_snowfall)):
        scene.image[:], scene.weather = before, fair
        brush(scene)
        assert np.array_equal(scene.image, before)
        scene.weather = replace(fair, **{part: 1.0})
        brush(scene)
        assert np.abs(scene.image - before).mean() > 0.01


def test_weather_suits_the_scene():
    weathers = [scene_of(seed, 8) for seed in range(80)]
    rainy = np.mean([scene.weather.rain > 0 for scene in weathers])
    foggy = np.mean([scene.weather.fog > 0 for scene in weathers])
    assert 0.02 < rainy < 0.2
    assert 0.08 < foggy < 0.35
    for scene in weathers:
        assert not (scene.flora.snowed and scene.weather.rain)
        assert not (scene.weather.snowfall and scene.flora.dry > 0.9)


def test_moons_and_suns_are_round():
    """The region of a disc that nothing hides is as wide as high, and as large as its radius says."""
    whole = 0
    for seed in range(60):
        scene = scene_of(seed)
        if not scene.sun_visible or scene.palette.night or "sun" not in scene.kinds:
            continue
        disc = scene.regions == scene.kinds.index("sun")
        area = np.pi * (scene.disc_radius * scene.side) ** 2
        if disc.sum() < 0.97 * area:
            continue
        whole += 1
        rows, columns = np.nonzero(disc)
        assert abs(np.ptp(rows) - np.ptp(columns)) <= 1
        assert disc.sum() == pytest.approx(area, rel=0.06)
    assert whole > 10


def test_pictures_vary():
    """Mean colours and light of many pictures spread over days and nights."""
    means = np.array([draw(seed, 8).mean(axis=(0, 1)) for seed in range(60)])
    assert means.mean(axis=1).min() < 60
    assert means.mean(axis=1).max() > 180
    assert (means.std(axis=0) > 30).all()


def test_textures_are_not_made_on_import():
    module = "soat.soat_backend.training.renderers.landscape.textures"
    code = f"import {module} as made\nprint(made.textures.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("size", [0, 4, 48, 100])
def test_other_sizes_are_refused(size):
    with pytest.raises(SoatError, match="power of two"):
        render(np.random.default_rng(0), size)
