"""Drags of pictures: where points end, what stays, and what is the same."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.dragging import DragSettings, drag
from soat.soat_backend.geometry.points import Drag
from soat.soat_backend.latents import sample, select
from soat.soat_backend.latents.latent import rows_per_layer, to_style_space, to_w_plus
from soat.soat_backend.latents.realism import bring_back
from soat.soat_backend.optimise import StopSearch
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.perceptual.lpips import PerceptualTarget
from soat.soat_backend.pictures.faces import find_faces
from soat.soat_backend.support.errors import SoatError

MODELS = Path(__file__).parents[2] / "models"
QUICK = DragSettings(steps=4, frames=3)
DRAGS = [[Drag((0.5, 0.5), (0.7, 0.4))]]
ANCHORS = [[Drag((0.5, 0.5), (0.5, 0.5)), Drag((0.2, 0.3), (0.2, 0.3))]]


def same(a, b) -> bool:
    return a.space == b.space and all(torch.equal(x, y) for x, y in zip(a.codes, b.codes, strict=True))


@pytest.fixture(scope="module")
def portraits():
    return load_generator(MODELS / "portrait_256.safetensors", name="portrait_256")


@pytest.mark.parametrize("space", ["z", "w_plus", "style_space"])
def test_a_drag_of_nothing_changes_no_bit(make_generator, space):
    generator = make_generator()
    latent = sample(generator, 3)
    latent = to_style_space(generator, latent) if space == "style_space" else latent
    if space == "z":
        latent = latent.__class__("z", (torch.randn(1, 16),), latent.fingerprint, latent.img_resolution)
    found = drag(generator, latent, ANCHORS, DragSettings())
    before = to_w_plus(generator, latent) if space == "z" else latent
    assert same(found.latent, before) and found.reports[0].steps == 0
    still = drag(generator, latent, DRAGS, DragSettings(steps=0))
    assert same(still.latent, before) and torch.equal(still.pictures, found.pictures)


@pytest.mark.parametrize("method", ["track", "line"])
def test_a_batch_is_what_each_gives_alone_and_again(make_generator, method):
    generator = make_generator()
    latent = sample(generator, 3, 2)
    settings = DragSettings(method=method, steps=4, frames=3)
    found = drag(generator, latent, DRAGS, settings)
    assert not same(found.latent, to_w_plus(generator, latent))
    for index in range(2):
        alone = drag(generator, select(latent, [index]), DRAGS, settings)
        assert same(alone.latent, select(found.latent, [index]))
        assert same(alone.path, select(found.path, [3 * index + k for k in range(3)]))
    each = drag(generator, latent, [DRAGS[0], ANCHORS[0]], settings)
    assert same(select(each.latent, [0]), select(found.latent, [0]))
    assert same(select(each.latent, [1]), select(to_w_plus(generator, latent), [1]))


def test_the_way_begins_and_ends_where_the_drag_does(make_generator):
    generator = make_generator()
    latent = sample(generator, 3)
    found = drag(generator, latent, DRAGS, DragSettings(steps=12, frames=5))
    path = found.path.codes[0]
    assert torch.equal(path[0], latent.codes[0][0]) and torch.equal(path[-1], found.latent.codes[0][0])
    lengths = (path[1:] - path[:-1]).flatten(1).norm(dim=1)
    assert float(lengths.min()) > 0


def test_later_rows_stay(make_generator):
    generator = make_generator()
    latent = sample(generator, 3)
    found = drag(generator, latent, DRAGS, DragSettings(steps=4, rows=2))
    moved = (found.latent.codes[0] != latent.codes[0]).any(dim=2)[0]
    assert moved.tolist() == [True] * 2 + [False] * (generator.layers.num_ws - 2)


def test_style_space_and_rows_per_layer_move_as_w_does(make_generator):
    """The first steps are the same but for rounding, whatever the code is written in."""
    generator = make_generator()
    latent = sample(generator, 3)
    by_rows = drag(generator, latent, DRAGS, QUICK)
    styles = drag(generator, to_style_space(generator, latent), DRAGS, QUICK)
    assert styles.latent.space == "style_space"
    torch.testing.assert_close(styles.pictures, by_rows.pictures, rtol=0, atol=2e-2)
    each = latent.__class__(
        "w_plus", (rows_per_layer(latent.codes[0], generator.layers),), latent.fingerprint, latent.img_resolution
    )
    by_layer = drag(generator, each, DRAGS, QUICK)
    assert by_layer.latent.codes[0].shape == each.codes[0].shape
    torch.testing.assert_close(by_layer.pictures, by_rows.pictures, rtol=0, atol=2e-2)


@pytest.fixture(scope="module", params=[101, 110], ids=lambda seed: f"seed {seed}")
def nose_up(portraits, request):
    """A nose dragged up by a twentieth of the picture, what may move being the head: all that it takes and gives."""
    latent = sample(portraits, request.param, truncation_psi=0.7)
    before = drag(portraits, latent, ANCHORS, DragSettings(steps=0)).pictures
    x, y = (nose(before) / 256).tolist()
    rows, columns = torch.meshgrid(*((torch.arange(256) + 0.5) / 256,) * 2, indexing="ij")
    mask = (((columns - 0.5) / 0.4) ** 2 + ((rows - 0.55) / 0.55) ** 2 <= 1).float()[None, None]
    drags, settings = [[Drag((x, y), (x, y - 0.05))]], DragSettings(steps=60)
    return latent, before, drags, settings, mask, drag(portraits, latent, drags, settings, mask)


def nose(picture: torch.Tensor) -> torch.Tensor:
    """Its tip, as the face networks see it: x, y in pixels."""
    return find_faces((picture.clamp(-1, 1) + 1) * 127.5)[0].landmarks[30]


def test_a_nose_comes_where_the_face_networks_see_its_target(nose_up):
    """2.5 and 2.4 px of 256 when this was written, of a way of 12.8."""
    _, before, drags, _, _, found = nose_up
    target = torch.tensor(drags[0][0].target) * 256
    assert float((nose(before) - target).norm()) == pytest.approx(12.8, abs=0.01)
    assert float((nose(found.pictures) - target).norm()) < 3.0
    assert found.reports[0].furthest < 1.0


def test_what_is_masked_out_stays(portraits, nose_up):
    """A twentieth and a third of what changes outside without the mask; nobody sees it."""
    latent, before, drags, settings, mask, found = nose_up
    free = drag(portraits, latent, drags, settings)
    change, without = (
        float(((each.pictures - before).square() * (1 - mask)).sum() / (3 * (1 - mask).sum())) for each in (found, free)
    )
    assert change < 0.001 and change < without / 2
    held = before * mask + found.pictures * (1 - mask)
    assert float(PerceptualTarget(load_alexnet(), before).distance(held)) < 0.005


def test_there_and_back(portraits, nose_up):
    """LPIPS to the start is two fifths of that of the way out; the code ends a little farther from the mean."""
    latent, before, drags, settings, mask, found = nose_up
    back = drag(portraits, found.latent, [[Drag(each.target, each.start) for each in drags[0]]], settings, mask)
    target = PerceptualTarget(load_alexnet(), before)
    assert float(target.distance(back.pictures)) < 0.65 * float(target.distance(found.pictures))
    sigmas = [float(bring_back(portraits, each, 0.0).sigmas) for each in (latent, found.latent)]
    assert sigmas[1] < sigmas[0] + 0.4


def test_a_stop_keeps_what_was_reached(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, 2)
    seen = []

    def watch(done, total, picture, distance, reached):
        seen.append((done, total, distance, picture().shape))
        (way,) = reached()
        assert way.start == pytest.approx(DRAGS[0][0].start)
        assert done or way.target == way.start
        sides = [32 * (a - b) for a, b in zip(way.target, DRAGS[0][0].target, strict=True)]
        assert math.hypot(*sides) == pytest.approx(distance, abs=1e-4)
        if done == 3:
            raise StopSearch

    found = drag(generator, latent, DRAGS, DragSettings(steps=8), watch=watch)
    assert [each[:2] for each in seen] == [(0, 16), (1, 16), (2, 16), (3, 16)] and seen[0][3] == (1, 3, 32, 32)
    assert [each.ending for each in found.reports] == ["stopped, the best so far", "not begun"]
    assert found.reports[0].furthest == pytest.approx(min(each[2] for each in seen))
    assert same(select(found.latent, [1]), select(latent, [1]))


def test_without_points_nothing_moves(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, 2)
    found = drag(generator, latent, [[], DRAGS[0]], QUICK)
    assert same(select(found.latent, [0]), select(to_w_plus(generator, latent), [0]))
    assert str(found.reports[0]) == "no points, so nothing moves" and found.reports[1].steps > 0
    assert found.path.batch == 2 * QUICK.frames


def test_stylegan3(portraits):
    reference = Path(__file__).parents[1] / "reference" / "architectures" / "sg3_t_64.pkl"
    generator = load_generator(reference, name="sg3_t_64.pkl")
    latent = sample(generator, 1)
    found = drag(generator, latent, DRAGS, QUICK)
    assert found.pictures.shape == (1, 3, 64, 64) and found.reports[0].steps == 4
    assert not same(found.latent, to_w_plus(generator, latent))


def test_masks_that_dont_fit(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, 3)
    with pytest.raises(SoatError, match="mask: it is 64 x 32, and random makes pictures of 32 x 32"):
        drag(generator, latent, DRAGS, QUICK, torch.ones(1, 1, 32, 64))
    with pytest.raises(SoatError, match="mask: it is empty, so nothing may move"):
        drag(generator, latent, DRAGS, QUICK, torch.zeros(1, 1, 32, 32))
    with pytest.raises(SoatError, match="mask: expected one for all, or one for each of 3 pictures, got 2 masks"):
        drag(generator, latent, DRAGS, QUICK, torch.ones(2, 1, 32, 32))
    with pytest.raises(SoatError, match="points: expected one for all, or one for each of 3 pictures, got 2 lists"):
        drag(generator, latent, DRAGS * 2, QUICK)
    with pytest.raises(SoatError, match=r"There is no convolution named 'b9.conv1'"):
        drag(generator, latent, DRAGS, DragSettings(layer="b9.conv1"))
    with pytest.raises(SoatError, match="method: expected one of track, line, got 'pull'"):
        DragSettings(method="pull")


def test_a_handle_that_may_not_move_is_named(make_generator):
    generator = make_generator()
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., :4] = 1.0
    found = drag(generator, sample(generator, 3), DRAGS, QUICK, mask)
    assert "point 1 begins where the mask lets nothing move" in str(found.reports[0])
