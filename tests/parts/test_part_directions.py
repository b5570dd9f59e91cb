"""Sliders for a part: what is found against plain formulations, and on a generator made so that the answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from alias_free_models import SETTINGS, random_alias_free
from safetensors.torch import save_file
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend import parts
from soat.soat_backend.latents import read_direction, sample, select
from soat.soat_backend.latents.sampling import random_w
from soat.soat_backend.latents.spaces import StyleSpace
from soat.soat_backend.optimise import searchable, with_gradients
from soat.soat_backend.parts import part_directions
from soat.soat_backend.parts.slopes import squared_slopes
from soat.soat_backend.parts.trials import shared_changes
from soat.soat_backend.parts.view import View
from soat.soat_backend.perceptual import PerceptualTarget, load_alexnet
from soat.soat_backend.support.errors import FeatureError, LatentError, SoatError


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(part_directions, "SLOPES", 8)
    monkeypatch.setattr(part_directions, "TRIALS", 2)
    monkeypatch.setattr(part_directions, "CANDIDATES", 12)
    part_directions._kept.clear()


def left(size: int = 32) -> torch.Tensor:
    mask = torch.zeros(1, 1, size, size)
    mask[..., : size // 2] = 1.0
    return mask


@pytest.fixture
def one_sided(make_generator):
    """Whose fifth channel before the first torgb is there at the left edge only; there is no noise."""
    generator = make_generator()
    for name, parameter in generator.named_parameters():
        if name.endswith("noise_strength"):
            parameter.zero_()
    const, weight = (generator.get_parameter(f"synthesis.b4.{name}") for name in ("const", "conv1.weight"))
    const[2] = 0.0
    const[2, :, 0] = 1.0
    weight[5] = 0.0
    weight[5, 2, 1, 1] = 1.0
    generator.get_parameter("synthesis.b4.conv1.bias")[5] = 0.0
    # Seen at all, beside what later layers paint.
    generator.get_parameter("synthesis.b4.torgb.weight")[:, 5] *= 6.0
    return generator


def run(**inputs):
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["EditLatent"]().edit(
            **{
                "method": "region",
                "component": 0,
                "strength": 3.0,
                "first_layer": "b4.conv1",
                "last_layer": "b1024.torgb",
                "unit": "standard deviations",
                "file": "none",
                **inputs,
            }
        )


def test_the_channel_that_touches_the_part_alone_is_found_first(one_sided):
    """All channels of a torgb but this one touch both sides."""
    direction = parts.find_part_direction(one_sided, left(), 0, "b4.torgb", "b4.torgb")
    row = direction.rows[1] / StyleSpace(one_sided).gaussian.deviation.split([len(r) for r in direction.rows])[1]
    assert int(row.abs().argmax()) == 5 and float(row.abs().max()) > 0.9 * float(row.norm())
    assert not direction.rows[0].any() and not any(each.any() for each in direction.rows[2:])
    assert direction.space == "style_space"
    assert float(row.norm()) == pytest.approx(direction.deviation, rel=1e-4)


def plain_slopes(view, space, code):
    """Central differences, one channel after the other."""
    found = []
    before = view.pictures(space.styles(code))
    for channel in range(code.shape[2]):
        moved = [code.clone(), code.clone()]
        for each, step in zip(moved, (0.01, -0.01), strict=True):
            each[0, 0, channel] += step
        up, down = (view.pictures(space.styles(each)) for each in moved)
        slopes = [
            (view.seen(before, up, where) - view.seen(before, down, where)) / 0.02 for where in (view.part, view.rest)
        ]
        found.append([float(each.square().sum()) for each in slopes])
    return torch.tensor(found).t()


def test_slopes_are_those_of_all_channels_one_by_one(make_generator):
    generator = make_generator(16)
    with with_gradients(generator):
        space, view = StyleSpace(searchable(generator)), View(generator, left())
        code = space.of_w(random_w(generator, 1, 4) * 0.5)
        found = torch.stack(squared_slopes(view, space, code.repeat(96, 1, 1), 32, 0, lambda _: None))
        with torch.no_grad():
            plain = plain_slopes(view, space, code)
    # A random vector heard 96 times is right to a seventh.
    strong = plain > plain.mean() * 0.05
    torch.testing.assert_close(found[strong], plain[strong], rtol=0.7, atol=0)
    torch.testing.assert_close(found.sum(1), plain.sum(1), rtol=0.2, atol=0)


def test_changes_are_lpips_of_pictures_changed_in_one_place(make_generator):
    generator = make_generator()
    channels = torch.tensor([1, 30, 70])
    with with_gradients(generator), torch.no_grad():
        space, view = StyleSpace(searchable(generator)), View(generator, left())
        codes = space.of_w(random_w(generator, 2, 4) * 0.5)
        part, rest = shared_changes(view, space, codes, channels, 5.0, 2, lambda _: None)
        one_by_one = shared_changes(view, space, codes, channels, 5.0, 1, lambda _: None)
        torch.testing.assert_close(one_by_one[0], part, rtol=1e-3, atol=1e-9)
        network = load_alexnet()
        for number, channel in enumerate(channels):
            distances = torch.zeros(2)
            for code, step in zip(codes, (5.0, -5.0), strict=True):
                moved = code[None].clone()
                moved[0, 0, channel] += step
                before, after = view.pictures(space.styles(code[None])), view.pictures(space.styles(moved))
                mask = left()
                for place, where in enumerate((mask, 1.0 - mask)):
                    mixed = before * (1.0 - where) + after * where
                    distance = PerceptualTarget(network, before).distance(mixed)
                    distances[place] += float(distance / where.mean()) / 25.0 / 2.0
            assert float(part[number, number]) == pytest.approx(float(distances[0]), rel=1e-3)
            assert float(rest[number, number]) == pytest.approx(float(distances[1]), rel=1e-3)


def test_axes_are_generalised_eigenvectors():
    random = torch.Generator().manual_seed(0)
    roots = [torch.randn(5, 5, generator=random, dtype=torch.float64) for _ in range(2)]
    part, rest = (root @ root.t() + 0.1 * torch.eye(5) for root in roots)
    axes = part_directions._generalised(part, rest)
    ratios = [float(axis @ part @ axis / (axis @ rest @ axis)) for axis in axes]
    assert ratios == sorted(ratios, reverse=True)
    expected = torch.linalg.eigvals(torch.linalg.solve(rest, part)).real.sort(descending=True).values
    torch.testing.assert_close(torch.tensor(ratios, dtype=torch.float64), expected)


def test_the_same_is_found_again_without_a_search(make_generator, monkeypatch):
    generator = make_generator()
    first = parts.find_part_direction(generator, left(), 1)
    again = parts.find_part_direction(generator, left(), 1)
    assert again is first
    part_directions._kept.clear()
    searched = parts.find_part_direction(generator, left(), 1)
    assert searched is not first
    assert all(torch.equal(a, b) for a, b in zip(searched.rows, first.rows, strict=True))
    monkeypatch.setattr(part_directions, "_find", lambda *_: pytest.fail("it searched again"))
    latent = sample(generator, 3, 2)
    run(generator=generator, latent=latent, mask=left()[:, 0], strength=1.0)
    run(generator=generator, latent=latent, mask=left()[:, 0], strength=2.0, component=3)


def test_each_of_a_batch_is_moved_as_alone(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, 3)
    together, _ = run(generator=generator, latent=latent, mask=left()[:, 0])
    alone, _ = run(generator=generator, latent=select(latent, [1]), mask=left()[:, 0])
    for own, other in zip(together.codes, alone.codes, strict=True):
        torch.testing.assert_close(own[1:2], other, rtol=1e-6, atol=1e-6)


def test_a_saved_direction_gives_the_same_picture_bit_for_bit(node, make_generator, tmp_path, monkeypatch):
    generator = make_generator()
    latent = sample(generator, 3, 2)
    monkeypatch.setenv("SOAT_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("SOAT_MODELS", str(tmp_path / "models"))
    _, direction = run(generator=generator, latent=latent, mask=left()[:, 0], component=2)
    _, pca = run(generator=generator, latent=latent, method="pca_w")
    save = NODE_CLASS_MAPPINGS["SaveDirection"]()
    _, kept = save.save(pca, "everything", "x/first")["result"]
    path, kept = save.save(direction, " the   left ", "x/second", kept)["result"]
    assert kept.names == ("everything", "the left")
    (tmp_path / "models" / "stylegan_directions").mkdir(parents=True)
    Path(path).rename(tmp_path / "models" / "stylegan_directions" / "two.safetensors")
    for unit in ("standard deviations", "as found"):
        want, _ = run(generator=generator, latent=latent, mask=left()[:, 0], component=2, unit=unit)
        loaded, _ = run(
            generator=generator, latent=latent, method="file", file="two.safetensors", component=1, unit=unit
        )
        assert all(torch.equal(own, other) for own, other in zip(loaded.codes, want.codes, strict=True))
    in_w = run(generator=generator, latent=latent, method="file", file="two.safetensors")[0]
    assert torch.equal(in_w.codes[0], run(generator=generator, latent=latent, method="pca_w")[0].codes[0])
    with pytest.raises(SoatError, match=r"contains 2 directions, so component is a number from 0 to 1, got 2"):
        run(generator=generator, latent=latent, method="file", file="two.safetensors", component=2)
    with pytest.raises(LatentError, match="made for another model"):
        read_direction(tmp_path / "models" / "stylegan_directions" / "two.safetensors", make_generator(64), 1)
    other = run(generator=make_generator(mapping_seed=7), latent=sample(make_generator(mapping_seed=7)), method="pca_w")
    with pytest.raises(SoatError, match="generators that share no style space"):
        save.save(other[1], "other", "x/third", kept)
    with pytest.raises(SoatError, match="name: expected 1 to 100 characters, got 0"):
        save.save(direction, "  ", "x/third")


def test_damaged_files_are_told_of(make_generator, tmp_path):
    generator = make_generator()

    entry = {"name": "a", "space": "w", "deviation": 1.0, "rows": [24]}

    def refused(match, about=None, tensor=None, name="direction_000", **changed):
        path = tmp_path / "x.safetensors"
        if about is None:
            about = json.dumps({"fingerprint": "", "directions": [{**entry, **changed}]})
        tensor = torch.ones(24) if tensor is None else tensor
        save_file({name: tensor}, path, {"format": "soat-directions", "directions": about})
        with pytest.raises(LatentError, match=match):
            read_direction(path, generator, 0)

    refused("can't be read as directions", "no JSON")
    refused("it has 0 directions", '{"fingerprint": "", "directions": []}')
    refused("other sizes", rows=[23])
    refused("what space", space="z")
    refused("no length", deviation=0.0)
    refused("finite", tensor=torch.full((24,), float("inf")))
    refused("Save Direction", name="other")


@pytest.mark.parametrize("kind", ["grey", "alias-free"])
def test_other_generators(kind, make_generator):
    if kind == "grey":
        generator = make_generator(constant=(4, 2), img_channels=1, block_architecture="orig")
    else:
        generator = random_alias_free(SETTINGS["short"], 0)
    direction = parts.find_part_direction(generator, left(), 0)
    assert len(direction.rows) == len(generator.layers) and 0 < direction.deviation < float("inf")
    pictures = parts.strip(generator, sample(generator, 3, 2), direction, "b4.conv1", "b1024.torgb")
    assert pictures.shape == (3, generator.img_channels, *generator.img_size)


def test_refusals(make_generator):
    generator = make_generator()
    latent = sample(generator, 3)
    with pytest.raises(SoatError, match="EditLatent: method is region, and there is no mask"):
        run(generator=generator, latent=latent)
    for mask, match in ((torch.zeros(1, 8, 8), "it is empty"), (torch.ones(1, 8, 8), "covers the whole picture")):
        with pytest.raises(FeatureError, match=match):
            run(generator=generator, latent=latent, mask=mask)
    with pytest.raises(FeatureError, match="expected one mask, got 2"):
        run(generator=generator, latent=latent, mask=torch.rand(2, 8, 8))
    with pytest.raises(SoatError, match="component: expected a number from 0 to 11, got 12"):
        run(generator=generator, latent=latent, mask=left()[:, 0], component=12)
