"""A generator in the manner of a picture."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.optimise import StopSearch, painting_weights
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.pictures.faces import find_faces
from soat.soat_backend.stylizing import StylizeSettings, fit_style_pictures, stylize
from soat.soat_backend.stylizing.manner import Manner
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.renderers import render_one


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def landscape():
    return load_generator(Path(__file__).parents[1] / "generators" / "landscape_small.safetensors").float()


@pytest.fixture(scope="module")
def ink():
    return torch.from_numpy(render_one(3, "landscape-ink", 128, 7)).float()[None] / 255.0


QUICK = StylizeSettings(steps=6, inversion_steps=4)


def run(**inputs):
    with torch.inference_mode():
        result = NODE_CLASS_MAPPINGS["StylizeGenerator"]().stylize(**inputs)
    return result["result"] if isinstance(result, dict) else result


@pytest.fixture(scope="module")
def first(make_generator):
    return make_generator(32)


@pytest.fixture(scope="module")
def given():
    return torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(3)) * 2 - 1


@pytest.fixture(scope="module")
def alexnet():
    return load_alexnet()


@pytest.fixture(scope="module")
def stylized(first, given, alexnet):
    torch.set_num_threads(1)
    return stylize(first, given, alexnet, QUICK).generator


def test_pictures_come_nearer_to_the_manner(landscape, ink, alexnet, node):
    fitted = fit_style_pictures(landscape, [ink.permute(0, 3, 1, 2)])[0]
    found = stylize(landscape, fitted, alexnet, StylizeSettings(steps=30, inversion_steps=10))
    manner = Manner(alexnet, fitted)
    latent = node("SampleLatent", generator=landscape, seed=40, batch_size=4)
    distances = []
    for each in (landscape, found.generator):
        made = node("Render", features=node("GetFeatures", generator=each, latent=latent)).permute(0, 3, 1, 2) * 2 - 1
        distances.append(float(manner.distance(made, torch.zeros(4, dtype=torch.long)).mean()))
    assert distances[1] < 0.8 * distances[0]


def test_what_is_changed_is_how_it_paints(first, stylized, make_generator):
    """Mapping and affines, and so codes and their fingerprint, are the first one's bit for bit."""
    changed = {name for name, own in first.named_parameters() if not torch.equal(own, stylized.get_parameter(name))}
    assert changed == painting_weights(first).keys()
    assert stylized.fingerprint == first.fingerprint
    for name, buffer in first.named_buffers():
        assert torch.equal(buffer, stylized.get_buffer(name)), name
    again = make_generator(32)
    assert all(torch.equal(own, again.get_parameter(name)) for name, own in first.named_parameters())


def test_the_same_again(first, given, alexnet, stylized):
    generator = stylize(first, given, alexnet, QUICK).generator
    assert all(torch.equal(a, b) for a, b in zip(generator.parameters(), stylized.parameters(), strict=True))


def test_strength_is_the_way_between_the_weights(first, given, alexnet, stylized):
    half, none = (stylize(first, given, alexnet, replace(QUICK, strength=s)).generator for s in (0.5, 0.0))
    for name, own in first.named_parameters():
        assert torch.equal(none.get_parameter(name), own)
        torch.testing.assert_close(half.get_parameter(name), own.lerp(stylized.get_parameter(name), 0.5))


def test_the_way_back_is_bit_for_bit_the_first_generator(first, stylized, node):
    latent = node("SampleLatent", generator=first, seed=1)
    a, b = (node("GetFeatures", generator=each, latent=latent) for each in (first, stylized))
    for alpha, own in ((0.0, a), (1.0, b)):
        blended = node("InterpolateFeatures", features_a=a, features_b=b, alpha=alpha)
        assert torch.equal(node("Render", features=blended), node("Render", features=own))


def test_colours_can_be_kept(first, given, alexnet):
    generator = stylize(first, given, alexnet, replace(QUICK, preserve_colour=True)).generator
    changed = {name for name, own in first.named_parameters() if not torch.equal(own, generator.get_parameter(name))}
    assert changed == painting_weights(first, colours=False).keys()
    assert not any("torgb" in name for name in changed) and len(changed) > 10


def test_a_stop_keeps_what_is_found(first, given, monkeypatch):
    @contextmanager
    def progress(*_):
        yield lambda done, *_: done < 103

    monkeypatch.setattr(host, "stoppable_progress", progress)
    node = NODE_CLASS_MAPPINGS["StylizeGenerator"]
    before = node.IS_CHANGED(unique_id="9")
    image = (given.permute(0, 2, 3, 1) + 1) / 2
    generator, _, report = run(generator=first, image=image, steps=50, unique_id="9")
    assert "; 3 steps" in report and report.endswith("stopped, as far as it had come")
    assert not torch.equal(generator.synthesis.b8.conv0.weight, first.synthesis.b8.conv0.weight)
    assert node.IS_CHANGED(unique_id="9") == before + 1


def test_stopped_before_it_has_begun_it_is_the_first_generator(first, given, alexnet):
    def watch(*_):
        raise StopSearch

    found = stylize(first, given, alexnet, QUICK, watch)
    assert all(torch.equal(own, found.generator.get_parameter(name)) for name, own in first.named_parameters())
    assert found.report.endswith("stopped, as far as it had come")


def test_manner_is_the_mean_and_deviation_of_features():
    network = load_alexnet()
    pictures = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    manner = Manner(network, pictures[:2])
    expected = []
    for picture, wanted in ((pictures[2], pictures[1]), (pictures[1], pictures[1])):
        total = 0.0
        for a, b in zip(network(picture[None]), network(wanted[None]), strict=True):
            difference, length = 0.0, 0.0
            for c in range(a.shape[1]):
                for of in (torch.mean, lambda x: x.std(unbiased=False)):
                    difference += float(of(a[0, c]) - of(b[0, c])) ** 2
                    length += float(of(b[0, c])) ** 2
            total += (difference / length) ** 0.5 / 5
        expected.append(total)
    found = manner.distance(pictures[[2, 1]], torch.tensor([1, 1]))
    torch.testing.assert_close(found, torch.tensor(expected), rtol=1e-4, atol=1e-5)


def test_a_face_is_brought_to_where_the_generator_has_it():
    """A portrait, turned, small and beside the middle of a wide picture, comes back as it was."""
    portraits = NODE_CLASS_MAPPINGS["LoadStyleGAN"]().load(
        checkpoint="demo/portrait_256.safetensors", precision="float32"
    )[0]
    portrait = torch.from_numpy(render_one(5, "portrait", 256, 3)).float().permute(2, 0, 1)[None] / 255.0
    angle, scale = torch.tensor(0.2), 2.2
    turn = torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]]) * scale
    matrix = torch.cat((turn @ torch.tensor([[1.5, 0.0], [0.0, 1.0]]), torch.tensor([[0.6], [-0.2]])), dim=1)[None]
    wide = F.grid_sample(
        portrait,
        F.affine_grid(matrix, [1, 3, 480, 720], align_corners=False),
        padding_mode="border",
        align_corners=False,
    )
    fitted, aligned = fit_style_pictures(portraits, [portrait, wide])
    assert aligned == [True, True] and fitted.shape == (2, 3, 256, 256)
    faces = [find_faces(F.interpolate(each[None] * 127.5 + 127.5, scale_factor=2.0))[0].landmarks for each in fitted]
    width = float((faces[0][16] - faces[0][0]).norm())
    assert float((faces[0] - faces[1]).norm(dim=1).mean()) < 0.06 * width


def test_pictures_of_other_things_are_cut_from_their_middle(landscape):
    wide = torch.rand(1, 3, 64, 192, generator=torch.Generator().manual_seed(0))
    fitted, aligned = fit_style_pictures(landscape, [wide])
    assert aligned == [False]
    torch.testing.assert_close(fitted, wide[..., 64:128] * 2 - 1, rtol=0, atol=3e-5)


@pytest.mark.parametrize("count, message", [(0, "from 1 to 8 pictures, got 0"), (9, "got 9")])
def test_as_many_pictures_as_can_be_learnt_from(landscape, count, message):
    with pytest.raises(SoatError, match=message):
        fit_style_pictures(landscape, [torch.rand(1, 3, 8, 8)] * count)


def test_one_colour_has_no_manner(landscape):
    with pytest.raises(SoatError, match="Picture 0 is of one colour"):
        run(generator=landscape, image=torch.full((1, 64, 64, 3), 0.3), steps=1)


def test_a_large_picture_is_brought_to_size(make_generator):
    generator = make_generator(16)
    picture = torch.rand(1, 1, 2000, 3, generator=torch.Generator().manual_seed(0)).expand(1, 2000, 2000, 3)
    _, image, _ = run(generator=generator, image=picture, steps=1)
    assert image.shape == (1, 16, 48, 3)


def test_grey_generators_and_several_pictures(make_generator):
    generator = make_generator(16, img_channels=1)
    pictures = torch.rand(3, 24, 24, 3, generator=torch.Generator().manual_seed(0))
    stylized, image, report = run(generator=generator, image=pictures, steps=2)
    assert stylized.img_channels == 1 and image.shape == (3, 16, 48, 3) and report.count("LPIPS 0.") == 1
