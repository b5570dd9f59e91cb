"""Pictures of any shape with a base code: canvases of several pictures, parts that are masked out, and refusals."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.feature_ops import get_features, panorama
from soat.soat_backend.inversion import InversionSettings, check_room, inversion_bytes, invert
from soat.soat_backend.inversion.layout import layout_of
from soat.soat_backend.latents import sample, select, to_style_space
from soat.soat_backend.support.errors import LatentError, SoatError
from soat.soat_backend.synthesis.loop import synthesize
from soat.soat_backend.synthesis.render import render

QUICK = {"steps": 8, "candidates": 3, "patience": 0}
SETTINGS = InversionSettings(**QUICK, base_layer="b8.conv1")
OUTPUTS = ("latent", "reconstruction", "report", "generator", "features")


def run(**inputs):
    with torch.inference_mode():
        found = NODE_CLASS_MAPPINGS["InvertImage"]().invert(**{**QUICK, "base_layer": "b8.conv1", **inputs})
    return dict(zip(OUTPUTS, found, strict=True))


def to_image(pictures):
    return (pictures.permute(0, 2, 3, 1) / 2 + 0.5).clamp(0, 1)


@pytest.fixture
def row(make_generator):
    """Renders a row of pictures of consecutive seeds as one canvas, `[1, 3, 32, 32 * count]`."""

    def make(count, seed=4):
        generator = make_generator()
        return render(panorama(generator, sample(generator, seed, count, 1.0)))

    return make


# --- how a picture is covered ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "size", "canvas", "tops", "lefts"),
    [
        ("b8.conv1", (32, 32), (8, 8), (0,), (0,)),
        ("b8.conv1", (500, 1500), (8, 24), (0,), (0, 4, 8)),
        ("b16.conv0", (1500, 500), (48, 16), (0, 4, 8), (0,)),
        # 40 samples are 10 of b4's.
        ("b16.conv1", (100, 250), (16, 40), (0,), (0, 3, 6)),
        # 19 are more than 4 of b4's, so the second window reaches beyond the canvas.
        ("b16.conv1", (32, 38), (16, 19), (0,), (0, 1)),
        # Two pixels more than a square are no sample more.
        ("b8.conv1", (32, 34), (8, 8), (0,), (0,)),
        ("b4.conv1", (10, 20), (4, 8), (0,), (0, 4)),
    ],
)
def test_windows_of_one_picture_cover_it(make_generator, layer, size, canvas, tops, lefts):
    generator = make_generator()
    layout = layout_of(generator, generator.layers.find(layer), size)
    assert (layout.height, layout.width) == canvas and (layout.tops, layout.lefts) == (tops, lefts)
    assert layout.picture_size == tuple(side * 32 // layout.layer.sampling_rate for side in canvas)
    picture = torch.rand(2, 3, *layout.picture_size)
    windows = layout.windows(picture)
    assert windows.shape == (2 * layout.count, 3, 32, 32)
    # Put back where they were cut out, they are the picture, and nothing beyond it.
    side = max(tops[-1], lefts[-1]) * 8 + 32
    again, count = torch.zeros(2, 3, side, side), 0
    for top in tops:
        for left in lefts:
            again[:, :, top * 8 : top * 8 + 32, left * 8 : left * 8 + 32] = windows[count :: layout.count]
            count += 1
    assert torch.equal(again[:, :, : picture.shape[2], : picture.shape[3]], picture)
    assert again[:, :, picture.shape[2] :].abs().sum() == 0 and again[:, :, :, picture.shape[3] :].abs().sum() == 0


def test_of_one_window_the_canvas_is_the_codes_picture(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, 1, 1.0)
    layout = layout_of(generator, generator.layers.find("b16.conv0"), (32, 32))
    made = layout.canvas([get_features(generator, latent, "b4.conv1")])
    expected = get_features(generator, latent, "b16.conv0")
    assert torch.equal(made.activation, expected.activation) and torch.equal(made.rgb_skip, expected.rgb_skip)


def test_of_several_it_is_their_panorama(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, 3, 1.0)
    first = get_features(generator, latent, "b4.conv1")
    maps = [first.item(index) for index in range(3)]
    expected = synthesize(panorama(generator, latent, blend_width=0.5), generator.layers.find("b8.conv1"))
    layout = layout_of(generator, expected.layer, (32, 96))
    torch.testing.assert_close(layout.canvas(maps).activation, expected.activation, rtol=0, atol=1e-6)
    # Half a sample of b4 shorter it is the same, cut off.
    shorter = layout_of(generator, expected.layer, (32, 92))
    assert shorter.width == 23 and shorter.lefts == layout.lefts
    cut = shorter.canvas(maps)
    torch.testing.assert_close(cut.activation, expected.activation[..., :23], rtol=0, atol=1e-6)
    torch.testing.assert_close(render(cut)[..., :80], render(expected)[..., :80], rtol=0, atol=1e-5)


# --- what is found ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(32, 64), (96, 32), (32, 44), (40, 56)])
def test_its_features_make_the_reconstruction(node, make_generator, size):
    generator = make_generator()
    image = torch.rand(2, *size, 3, generator=torch.Generator().manual_seed(0))
    found = run(generator=generator, image=image, at_once=2)
    features = found["features"]
    windows = found["latent"].batch // 2
    assert features.batch == 2 and len(features.branches) == windows and features.layer.name == "b8.conv1"
    assert found["reconstruction"].shape == (2, 4 * features.inner.height, 4 * features.inner.width, 3)
    picture = node("Render", features=features)
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-5)
    own = node("SetStyles", features=features, latent=found["latent"])
    torch.testing.assert_close(node("Render", features=own), found["reconstruction"], rtol=0, atol=1e-5)
    for line in found["report"].splitlines():
        assert "base code " in line and "8 steps" in line


def test_known_codes_give_their_canvas(make_generator, alexnet):
    """With no step taken: the canvas is that of the codes it began with."""
    generator = make_generator()
    latent = sample(generator, 3, 2, 1.0)
    expected = synthesize(panorama(generator, latent, blend_width=0.5), generator.layers.find("b8.conv1"))
    found = invert(generator, render(expected), alexnet, replace(SETTINGS, steps=0), init=latent)
    torch.testing.assert_close(found.features.activation, expected.activation, rtol=0, atol=1e-3)
    torch.testing.assert_close(found.pictures, render(expected), rtol=0, atol=1e-3)
    assert found.reports[0].psnr > 50
    own, asked = to_style_space(generator, found.latent).codes, to_style_space(generator, latent).codes
    assert all(torch.allclose(a, b, atol=1e-3) for a, b in zip(own, asked, strict=True))


def test_a_wide_picture_comes_back_as_its_squares_do(make_generator, alexnet, row):
    generator, picture = make_generator(), row(2)
    settings = replace(SETTINGS, steps=120, base_layer="b16.conv0", candidates=20)
    alone = invert(generator, torch.cat(picture.split(32, 3)), alexnet, replace(settings, at_once=2)).pictures
    wide = invert(generator, picture, alexnet, settings).pictures
    # In what the squares are as one picture, there is an edge where they meet; in the canvas there is none.
    squares = torch.cat(list(alone.split(1)), 3)
    errors = [(each - picture).square().mean() for each in (wide, squares)]
    assert errors[0] < 1.3 * errors[1]
    across = [(each - picture).diff(dim=3).abs().mean((0, 1, 2)) for each in (wide, squares)]
    jumps = [each[31] / each.mean() for each in across]
    assert jumps[0] < jumps[1]


def test_a_batch_is_each_of_it_alone(make_generator, alexnet, row):
    generator, pictures = make_generator(), torch.cat((row(2), row(2, 9)))
    together = invert(generator, pictures, alexnet, SETTINGS)
    at_once = invert(generator, pictures, alexnet, replace(SETTINGS, at_once=2))
    for index in range(2):
        alone = invert(generator, pictures[index][None], alexnet, SETTINGS)
        assert torch.equal(alone.features.activation[0], together.features.activation[index])
        assert torch.equal(alone.latent.codes[0], select(together.latent, [2 * index, 2 * index + 1]).codes[0])
        torch.testing.assert_close(at_once.pictures[index], alone.pictures[0], rtol=0, atol=1e-3)


def test_steps_are_counted_as_of_one_picture(make_generator, alexnet, row):
    seen = []
    settings = replace(SETTINGS, candidates=0)
    invert(make_generator(), row(3), alexnet, settings, watch=lambda done, total, *_: seen.append((done, total)))
    assert seen == [(done, 8) for done in range(9)]


@pytest.mark.parametrize("calls", [1, 3, 7, 9])
def test_an_interrupt_keeps_the_best_so_far(node, make_generator, row, monkeypatch, calls):
    @contextmanager
    def progress(*_):
        answers = iter([True] * (calls - 1) + [False])
        yield lambda *_: next(answers)

    monkeypatch.setattr(host, "stoppable_progress", progress)
    found = run(generator=make_generator(), image=to_image(torch.cat((row(2), row(2)))))
    assert [line.split(": ")[-1] for line in found["report"].splitlines()] == ["stopped, the best so far", "not begun"]
    assert f"{calls - 1} steps" in found["report"].splitlines()[0]
    torch.testing.assert_close(node("Render", features=found["features"]), found["reconstruction"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "kind",
    [
        {"constant": (4, 2)},
        {"constant": (3, 5), "img_channels": 1},
        {"block_architecture": "resnet", "img_channels": 4},
        {"block_architecture": "orig"},
    ],
)
def test_of_generators_of_other_shapes(make_generator, alexnet, kind):
    generator = make_generator(16, **kind)
    height, width = generator.img_size
    picture = torch.rand(1, 3, height, 2 * width, generator=torch.Generator().manual_seed(1)) * 2 - 1
    found = invert(generator, picture, alexnet, SETTINGS)
    assert found.pictures.shape == (1, generator.img_channels, height, 2 * width)
    assert len(found.features.branches) == 2 == found.latent.batch
    torch.testing.assert_close(render(found.features), found.pictures, rtol=0, atol=1e-5)


def test_tuning_fits_the_generator_to_the_canvas(make_generator, alexnet, row):
    generator = make_generator()
    found = invert(generator, row(2), alexnet, replace(SETTINGS, tune_steps=4))
    assert found.generator is not generator and found.reports[0].steps == 12
    torch.testing.assert_close(render(found.features), found.pictures, rtol=0, atol=1e-5)


# --- parts under a mask ----------------------------------------------------------------------------------------------


def test_outside_the_mask_it_is_invented(node, make_generator, alexnet):
    """ImagePadForOutpaint's picture and mask, inverted: a picture with as much room on both sides."""
    generator = make_generator()
    inside = render(get_features(generator, sample(generator, 3, 1, 1.0)))
    mask = F.pad(torch.ones(1, 1, 32, 32), (32, 32))
    grey, white = (F.pad(inside, (32, 32), value=value) for value in (0.0, 1.0))
    one, two = (invert(generator, each, alexnet, SETTINGS, mask) for each in (grey, white))
    # What lies outside isn't looked at.
    assert torch.equal(one.features.activation, two.features.activation) and torch.equal(one.pictures, two.pictures)
    other = invert(generator, grey, alexnet, replace(SETTINGS, seed=5), mask)
    assert (one.pictures - other.pictures)[..., :32].abs().mean() > 0.05
    # Away from the mask the map is what the codes make; within it is fitted.
    maps = get_features(generator, one.latent, "b4.conv1")
    layout = layout_of(generator, one.features.layer, (32, 96))
    anchor = layout.canvas([maps.item(index) for index in range(3)])
    moved = (one.features.activation - anchor.activation).abs().amax((0, 1, 2))
    assert moved[:5].max() < 1e-3 and moved[-5:].max() < 1e-3 and moved[8:16].min() > 0.01
    # What is invented is painted by the codes of what is seen.
    last = to_style_space(generator, one.latent).codes[-1]
    assert torch.equal(last[0], last[1]) and torch.equal(last[2], last[1])
    first = to_style_space(generator, one.latent).codes[0]
    assert not torch.allclose(first[0], first[1]) and not torch.allclose(first[0], first[2])


def test_what_is_half_seen_is_searched(make_generator, alexnet):
    generator = make_generator()
    inside = render(get_features(generator, sample(generator, 3, 1, 1.0)))
    picture, mask = F.pad(inside, (16, 16)), F.pad(torch.ones(1, 1, 32, 32), (16, 16))
    found = invert(generator, picture, alexnet, SETTINGS, mask)
    last = to_style_space(generator, found.latent).codes[-1]
    assert found.latent.batch == 2 and not torch.equal(last[0], last[1])


def test_a_mask_of_another_size_is_stretched(make_generator, alexnet, row):
    small = torch.zeros(1, 1, 4, 8)
    small[..., :5] = 1.0
    generator, picture = make_generator(), row(2)
    layout = layout_of(generator, generator.layers.find("b8.conv1"), (32, 64))
    as_large = F.interpolate(small, layout.picture_size, mode="bicubic", antialias=True).clamp(0, 1)
    one, two = (invert(generator, picture, alexnet, SETTINGS, mask) for mask in (small, as_large))
    torch.testing.assert_close(one.pictures, two.pictures, rtol=0, atol=1e-4)


# --- what is refused, and what isn't ---------------------------------------------------------------------------------


def test_a_very_large_picture_is_that_of_its_shape(make_generator, alexnet, row):
    picture = row(2)
    large = picture.repeat_interleave(125, 2).repeat_interleave(125, 3)
    assert large.shape[3] == 8000
    generator = make_generator()
    one, two = (invert(generator, each, alexnet, replace(SETTINGS, steps=0, candidates=0)) for each in (picture, large))
    assert torch.equal(one.pictures, two.pictures)
    assert one.reports[0].psnr == pytest.approx(two.reports[0].psnr, abs=1.0)


@pytest.mark.parametrize("colour", [-1.0, 0.0, 1.0])
def test_a_picture_of_one_colour_is_fitted_as_any(make_generator, alexnet, colour):
    found = invert(make_generator(), torch.full((1, 3, 32, 80), colour), alexnet, replace(SETTINGS, steps=40))
    assert bool(found.pictures.isfinite().all()) and 0 < found.reports[0].mse < 0.2


def test_a_layer_beyond_the_last_means_the_last(make_generator, alexnet, row):
    found = invert(make_generator(), row(2), alexnet, replace(SETTINGS, base_layer="b64.conv1"))
    assert found.features.layer.name == "b32.conv1" and found.features.inner.width == 64
    torch.testing.assert_close(render(found.features), found.pictures, rtol=0, atol=1e-5)


def test_refusals(make_generator, alexnet, row):
    generator, picture = make_generator(), row(3)
    with pytest.raises(SoatError, match=r"InvertImage: The picture is 96 x 32, .* choose a base layer, with which"):
        run(generator=generator, image=to_image(picture), base_layer="none")
    with pytest.raises(SoatError, match=r"Noise maps are those of one picture of random, and this one is 3 of them"):
        run(generator=generator, image=to_image(picture), noise_maps=True)
    with pytest.raises(SoatError, match="The mask is empty"):
        invert(generator, picture, alexnet, SETTINGS, torch.zeros(1, 1, 32, 96))
    with pytest.raises(LatentError, match="init has 2 codes for 3 pictures"):
        invert(generator, picture, alexnet, SETTINGS, init=sample(generator, 0, 2))


def test_more_than_the_memory_is_refused_with_figures_and_a_way(make_generator, alexnet, monkeypatch):
    generator = make_generator()
    needed = inversion_bytes(generator, alexnet, SETTINGS, 1, (32, 3200))
    assert needed > 20 * inversion_bytes(generator, alexnet, SETTINGS, 1, (32, 96)) / 3
    check_room(generator, alexnet, SETTINGS, 1, (32, 3200), needed)
    # One picture of the generator's was never refused.
    check_room(generator, alexnet, SETTINGS, 1, (32, 32), 1)
    gigabytes = f"{needed / 1e9:.1f} GB"
    with pytest.raises(SoatError, match=rf"100\.0 pictures of random large.* about {gigabytes}.*Cut it into parts"):
        check_room(generator, alexnet, SETTINGS, 1, (32, 3200), needed - 1)
    with pytest.raises(SoatError, match="Set at_once to 1"):
        check_room(generator, alexnet, replace(SETTINGS, at_once=4), 4, (32, 3200), needed)
    monkeypatch.setattr(host, "device_memory", lambda: 1 << 20)
    with pytest.raises(SoatError, match=r"InvertImage: A picture of 96 x 32 is 3\.0 pictures .* there are 0\.0 GB"):
        run(generator=generator, image=torch.rand(1, 32, 96, 3))
