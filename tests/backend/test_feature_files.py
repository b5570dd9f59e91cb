"""Feature maps in files: what comes back, and what is refused."""

from __future__ import annotations

import json
import logging
import struct
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import FeatureError, SoatError
from soat.soat_backend.synthesis.feature_files import load_features, save_features
from soat.soat_backend.synthesis.render import render

SG3 = Path(__file__).parents[1] / "reference" / "architectures" / "sg3_t_64.pkl"


@pytest.fixture(scope="module")
def sg3():
    return load_generator(SG3, name="sg3")


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Output and input are one folder."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path, "output": tmp_path})
    return tmp_path


@pytest.fixture
def maps(node, make_generator):
    """Makes feature maps by what is done to them."""
    generator = make_generator()

    def make(kind):
        latent = sample(generator, 3, 2, 1.0)
        features = node("GetFeatures", generator=generator, latent=latent, layer="b8.conv1", noise_mode="random")
        other = node("GetFeatures", generator=generator, latent=sample(generator, 9, 1, 1.0), layer="b8.conv1")
        return {
            "a batch": lambda: features,
            "padded": lambda: node("PadExpand", features=features, left=0.5, right=0.25, mode="reflect"),
            "padded with zeros": lambda: node("PadExpand", features=features, mode="zeros"),
            "shifted": lambda: node("ShiftBlend", features=features, edit_rgb_skip=False),
            "interpolated": lambda: node(
                "InterpolateFeatures", features_a=features, features_b=other, alpha=0.5, shape="left_to_right"
            ),
            "by a mask": lambda: node(
                "InterpolateFeatures", features_a=features, features_b=other, mask=torch.rand(2, 8, 8)
            ),
            "a panorama": lambda: node("PanoramaFeatures", generator=generator, latent=latent, wrap=True),
            "a part of one": lambda: node(
                "PadExpand", features=node("StitchFeatures", features_a=features, features_b=other), left=0.25
            ),
            "right at the start": lambda: node("GetFeatures", generator=generator, latent=latent, layer="b4.conv1"),
            "at the end": lambda: node("GetFeatures", generator=generator, latent=latent, layer="b32.conv1"),
        }[kind]()

    return generator, make


KINDS = (
    *("a batch", "padded", "padded with zeros", "shifted", "interpolated", "by a mask", "a panorama", "a part of one"),
    *("right at the start", "at the end"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_back_makes_the_same_picture(node, maps, folders, kind):
    generator, make = maps
    features = make(kind)
    path = node("SaveFeatures", features=features, filename_prefix="mine")
    assert path == str(folders / "mine_00001_.safetensors")
    loaded = node("LoadFeatures", generator=generator, features="mine_00001_.safetensors")
    assert torch.equal(loaded.activation, features.activation) and torch.equal(loaded.rgb_skip, features.rgb_skip)
    assert torch.equal(render(loaded), render(features))
    # And goes on being edited as it would have been.
    for node_id, inputs in (
        ("PadExpand", {"left": 0.5, "top": 0.25, "mode": "reflect"}),
        ("TransformFeatures", {"rotate": 10.0}),
        ("ShiftBlend", {"shift_x": 0.25}),
    ):
        edited = [render(node(node_id, features=each, **inputs)) for each in (features, loaded)]
        torch.testing.assert_close(edited[0], edited[1], rtol=0, atol=1e-5)
    assert sorted(entry.name for entry in folders.iterdir()) == ["mine_00001_.safetensors"]


@pytest.mark.parametrize("layer", ["input", "L2"])
def test_of_a_stylegan3(node, folders, sg3, layer):
    features = node("GetFeatures", generator=sg3, latent=sample(sg3, 3, 1, 1.0), layer=layer)
    turned = node("TransformFeatures", features=features, rotate=30.0)
    for each in (features, turned):
        save_features(each, folders / "mine.safetensors")
        loaded = load_features(folders / "mine.safetensors", sg3)
        assert loaded.untouched == each.untouched
        assert torch.equal(render(loaded), render(each))
        if each.is_of_places:
            again = [render(node("PadExpand", features=one, mode="continue")) for one in (each, loaded)]
            assert torch.equal(*again)


def test_of_a_relative_and_of_another_model(node, maps, folders, make_generator, caplog):
    make = maps[1]
    save_features(make("a batch"), folders / "mine.safetensors")
    relative = make_generator(seed=1, name="relative")
    with caplog.at_level(logging.WARNING):
        assert load_features(folders / "mine.safetensors", relative).generator is relative
        assert not caplog.records
        load_features(folders / "mine.safetensors", make_generator(mapping_seed=1))
    assert "share no style space" in caplog.text
    with pytest.raises(SoatError, match=r"LoadFeatures: mine\.safetensors was made for 32 px, random makes 16 px"):
        node("LoadFeatures", generator=make_generator(16), features="mine.safetensors")
    with pytest.raises(FeatureError, match=r"it has 10 channels at b8\.conv1, random has 14"):
        load_features(folders / "mine.safetensors", make_generator(width=16))
    mixed = node(
        "InterpolateFeatures",
        features_a=make("a batch"),
        features_b=node("GetFeatures", generator=relative, latent=sample(relative, 1, 1, 1.0), layer="b8.conv1"),
    )
    with pytest.raises(SoatError, match="SaveFeatures: These features go on with two generators, random and relative"):
        node("SaveFeatures", features=mixed, filename_prefix="mine")


# --- hostile files ---------------------------------------------------------------------------------------------------


@pytest.fixture
def whole(maps, tmp_path):
    """A sound file of two branches, taken apart: where it is, its tensors, and what it says; and how to write it."""
    generator, make = maps
    path = tmp_path / "damaged.safetensors"
    save_features(make("interpolated"), path)
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        about = json.loads(file.metadata()["features"])

    def write(tensors, about):
        said = about if isinstance(about, str) else json.dumps(about)
        save_file(tensors, path, metadata={"format": "soat-features", "features": said})
        return path, generator

    return tensors, about, write


def refused(path, generator, match=r"damaged\.safetensors can't be read as features: .*"):
    with pytest.raises(FeatureError, match=match):
        load_features(path, generator)


def test_the_whole_file_is_sound(whole):
    tensors, about, write = whole
    assert load_features(*write(tensors, about)).batch == 2


@pytest.mark.parametrize("content", [b"", b"no features", struct.pack("<Q", 2**62) + b"{}", b"PK\x03\x04" + b"\0" * 60])
def test_files_that_are_no_safetensors(make_generator, tmp_path, content):
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content)
    refused(path, make_generator())


@pytest.mark.parametrize("length", [4, 60, 3000, -1])
def test_truncated_files(whole, length):
    path, generator = whole[2](*whole[:2])
    path.write_bytes(path.read_bytes()[:length])
    refused(path, generator)


def test_files_of_something_else(make_generator, tmp_path):
    path = tmp_path / "damaged.safetensors"
    save_file({"code_00": torch.zeros(1, 8, 24)}, path, metadata={"format": "soat-latent", "latent": "{}"})
    refused(path, make_generator(), r"is a safetensors file, but holds no features: expected one that Save Features")


@pytest.mark.parametrize(
    "change",
    [
        {"layer": "b8.torgb"},
        {"layer": "b64.conv1"},
        {"layer": ["b8.conv1"]},
        {"layer": "b16.conv1"},
        {"layer": None},
        {"fingerprint": 7},
        {"wrap_x": 1},
        {"wrap_x": None},
        {"torgb_pending": "yes"},
        {"branches": []},
        {"branches": 2},
        {"branches": None},
        {"branches": [{}] * 2000},
        {"branches": [{}, {}]},
        {"img_resolution": [32]},
    ],
    ids=str,
)
def test_wrong_metadata(whole, change):
    tensors, about, write = whole
    refused(*write(tensors, {**about, **change}), r"damaged\.safetensors ")


@pytest.mark.parametrize("said", ["no json", "[]", "7", "null", "{}", "[" * 100_000])
def test_metadata_that_is_none(whole, said):
    refused(*whole[2](whole[0], said))


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("noise", "mode", "loud"),
        ("noise", "seed", -1),
        ("noise", "seed", 1.5),
        ("noise", "seed", 2**90),
        ("noise", "top", 1e300),
        ("noise", "top", "0"),
        ("noise", "top", True),
        ("noise", "period_x", 0.0),
        ("noise", "period_x", -1.0),
        ("noise", "pictures", []),
        ("noise", "pictures", [[0.0]]),
        ("noise", "pictures", [[0.0, 0.0]] * 5000),
        ("frame", "matrix", [0.0] * 6),
        ("frame", "matrix", [1.0] * 5),
        ("frame", "matrix", None),
        ("frame", "period_y", "1"),
    ],
)
def test_wrong_branches(whole, part, name, value):
    tensors, about, write = whole
    about["branches"][1][part][name] = value
    refused(*write(tensors, about))


def test_numbers_that_are_none(whole):
    tensors, about, write = whole
    refused(*write(tensors, json.dumps(about).replace('"top": 0.0', '"top": NaN')))
    refused(*write(tensors, json.dumps(about).replace('"top": 0.0', '"top": Infinity')))
    refused(*write(tensors, json.dumps(about).replace('"top"', '"left": 0.0, "top"')))


@pytest.mark.parametrize("name", ["activation", "rgb_skip", "branch_000.style_05", "branch_001.weight_07"])
def test_wrong_tensors(whole, name):
    tensors, about, write = whole
    value = tensors[name]
    without = {key: tensor for key, tensor in tensors.items() if key != name}
    refused(*write(without, about))
    for wrong in (
        value.double(),
        value.to(torch.int32),
        torch.full_like(value, float("nan")),
        torch.full_like(value, float("inf")),
        value[..., None].clone(),
        torch.cat((value, value, value)),
        value.repeat_interleave(3, 1),
        value[:0].clone(),
    ):
        refused(*write({**without, name: wrong}, about))
    refused(*write({**tensors, "branch_000.style_99": value.clone()}, about))
    refused(*write({**tensors, "../../elsewhere": value.clone()}, about))


def test_maps_without_a_size_and_weights_that_are_none(whole):
    tensors, about, write = whole
    for side in (2, 3):
        empty = {name: tensors[name].narrow(side, 0, 0).clone() for name in ("activation", "rgb_skip")}
        refused(*write({**tensors, **empty}, about))
    long = {name: tensors[name][:, :, :1, :1].expand(-1, -1, 1, 70_000) for name in ("activation", "rgb_skip")}
    refused(*write({**tensors, **{name: each.contiguous() for name, each in long.items()}}, about))
    weight = tensors["branch_001.weight_07"]
    refused(*write({**tensors, "branch_001.weight_07": weight + 0.5}, about), r"don't sum to 1")
    both = {"branch_001.weight_07": weight + 2.0, "branch_000.weight_07": tensors["branch_000.weight_07"] - 2.0}
    refused(*write({**tensors, **both}, about), r"is below 0")
    refused(*write({**tensors, "branch_001.weight_07": torch.ones(1, 1, 5, 5)}, about), r"of another size")


def test_a_name_that_leads_out_and_a_file_that_is_missing(node, maps, folders):
    generator, make = maps
    with pytest.raises(SoatError, match="SaveFeatures: "):
        node("SaveFeatures", features=make("a batch"), filename_prefix="../mine")
    assert "features: There is no file" in NODE_CLASS_MAPPINGS["LoadFeatures"].VALIDATE_INPUTS(
        features="none.safetensors"
    )
    with pytest.raises(SoatError, match="LoadFeatures: "):
        node("LoadFeatures", generator=generator, features="../../etc/passwd")


def test_a_file_that_was_replaced_is_another(maps, folders):
    make = maps[1]
    node = NODE_CLASS_MAPPINGS["LoadFeatures"]
    save_features(make("a batch"), folders / "mine.safetensors")
    before = node.IS_CHANGED(features="mine.safetensors", generator=None)
    save_features(make("a panorama"), folders / "mine.safetensors")
    assert node.IS_CHANGED(features="mine.safetensors", generator=None) != before
