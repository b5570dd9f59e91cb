"""Latents in files, and latents of other generators."""

from __future__ import annotations

import json
import logging
import struct
from dataclasses import replace

import pytest
import torch
from against import assert_near, z_latent
from plain import PlainModel
from safetensors.torch import save_file
from soat.nodes import host
from soat.soat_backend.latents import Latent, draw_z, load_latent, save_latent, to_style_space, to_styles
from soat.soat_backend.support.errors import LatentError

# What the library doesn't do yet; strict, so that a fix asks for the mark to be taken away.
# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Output and input are one folder."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path, "output": tmp_path})
    return tmp_path


@pytest.mark.parametrize("space", ["z", "w_plus", "w_plus with a row per layer", "style_space"])
def test_round_trip(node, generator, w_plus, folders, space):
    latent = {
        "z": z_latent(generator, 3, 4),
        "w_plus": w_plus(3, batch=2),
        "w_plus with a row per layer": node(
            "MixStyles", latent_a=w_plus(3, 2), latent_b=w_plus(8), first_layer="b8.conv0", last_layer="b8.conv0"
        ),
        "style_space": to_style_space(generator, w_plus(3, batch=2)),
    }[space]
    path = node("SaveLatent", latent=latent, filename_prefix="mine")
    assert path == str(folders / "mine_00001_.safetensors")
    loaded = node("LoadLatent", latent="mine_00001_.safetensors")
    assert replace(loaded, codes=()).__dict__ == replace(latent, codes=()).__dict__
    assert len(loaded.codes) == len(latent.codes)
    assert all(torch.equal(own, other) for own, other in zip(loaded.codes, latent.codes, strict=True))
    assert sorted(entry.name for entry in folders.iterdir()) == ["mine_00001_.safetensors"]


def test_next_file_is_another(node, w_plus, folders):
    paths = [node("SaveLatent", latent=w_plus(seed), filename_prefix="mine") for seed in (3, 8)]
    assert paths[0] != paths[1]
    assert torch.equal(node("LoadLatent", latent="mine_00001_.safetensors").codes[0], w_plus(3).codes[0])


ABOUT = {"space": "w_plus", "fingerprint": "0" * 32, "img_resolution": 32}


def write(path, codes=None, about=ABOUT, kind="soat-latent"):
    codes = {"code_00": torch.zeros(1, 8, 24)} if codes is None else codes
    save_file(codes, path, metadata={"format": kind, "latent": about if isinstance(about, str) else json.dumps(about)})
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a latent",
        b"\xff" * 64,
        struct.pack("<Q", 2**62) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        b"PK\x03\x04" + b"\0" * 60,
    ],
)
def test_files_that_are_no_safetensors(tmp_path, content):
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content)
    with pytest.raises(LatentError, match=r"^damaged\.safetensors ") as raised:
        load_latent(path)
    assert "Save StyleGAN Latent" in str(raised.value)


@pytest.mark.parametrize("length", [4, 60, 300, -1])
def test_truncated_file(generator, w_plus, tmp_path, length):
    save_latent(w_plus(), tmp_path / "whole.safetensors")
    path = tmp_path / "damaged.safetensors"
    path.write_bytes((tmp_path / "whole.safetensors").read_bytes()[:length])
    with pytest.raises(LatentError, match=r"damaged\.safetensors can't be read as a latent: .* Save it again"):
        load_latent(path)


@pytest.mark.parametrize(
    "about",
    [
        "no json",
        "[]",
        "7",
        "null",
        {},
        {**ABOUT, "space": "x"},
        {**ABOUT, "space": ["w_plus"]},
        {**ABOUT, "space": "z"},
        {**ABOUT, "space": "style_space"},
        {**ABOUT, "img_resolution": "large"},
        {**ABOUT, "img_resolution": None},
        {**ABOUT, "img_resolution": 32.9},
        {**ABOUT, "img_resolution": "32"},
        {**ABOUT, "fingerprint": 7},
        json.dumps(ABOUT).replace('"space"', '"space": "z", "space"'),
        {**ABOUT, "img_resolution": float("nan")},
        {**ABOUT, "img_resolution": float("inf")},
        "[" * 100_000,
        {**ABOUT, "img_resolution": -32},
        {**ABOUT, "img_resolution": 33},
        {**ABOUT, "img_resolution": 1024},
    ],
    ids=lambda about: str(about)[:60],
)
def test_wrong_metadata(tmp_path, about):
    with pytest.raises(LatentError, match=r"damaged\.safetensors"):
        load_latent(write(tmp_path / "damaged.safetensors", about=about))


@pytest.mark.parametrize(
    "codes",
    [
        {},
        {"code_00": torch.zeros(1, 8, 24).half()},
        {"code_00": torch.full((1, 8, 24), float("nan"))},
        {"code_00": torch.full((1, 8, 24), float("inf"))},
        {"code_00": torch.zeros(8, 24)},
        {"code_00": torch.zeros(0, 8, 24)},
        {"code_00": torch.zeros(1, 8, 24), "code_01": torch.zeros(1, 8, 24)},
        {"code_00": torch.zeros(1, 8, 24), "code_01": torch.zeros(2, 8, 24)},
    ],
)
def test_wrong_codes(tmp_path, codes):
    with pytest.raises(LatentError, match=r"damaged\.safetensors"):
        load_latent(write(tmp_path / "damaged.safetensors", codes))


def test_other_safetensors_files(tmp_path):
    with pytest.raises(LatentError, match="is a safetensors file, but no latent"):
        load_latent(write(tmp_path / "other.safetensors", kind="pt"))
    save_file({"x": torch.zeros(2)}, tmp_path / "plain.safetensors")
    with pytest.raises(LatentError, match="is a safetensors file, but no latent"):
        load_latent(tmp_path / "plain.safetensors")
    with pytest.raises(LatentError, match="can't be read as a latent"):
        load_latent(tmp_path / "absent.safetensors")


# --- latents of other generators -------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", ["w_plus", "style_space"])
@pytest.mark.parametrize("resolution", [8, 64, 128])
def test_latent_of_another_shape(node, generator, make_generator, w_plus, resolution, space):
    """The message names the generator and the latent."""
    other = make_generator(resolution, name="other.pkl")
    latent = w_plus() if space == "w_plus" else to_style_space(generator, w_plus())
    with pytest.raises(LatentError) as raised:
        node("GetFeatures", generator=other, latent=latent)
    text = str(raised.value)
    assert f"other.pkl makes {resolution} px" in text and f"the latent is {latent}, made for 32 px" in text
    assert "Connect the same generator" in text


def test_as_many_rows_as_another_generator_has_layers(node, make_generator, w_plus):
    """w_plus of 32 px has 8 rows, a 16 px generator 8 layers (256 and 64 px: 14): no row per layer for that."""
    with pytest.raises(LatentError, match="made for 32 px"):
        node("GetFeatures", generator=make_generator(16), latent=w_plus())


def test_z_without_its_class(conditional):
    latent = Latent("z", (draw_z(3, 16),), conditional.fingerprint, 32)
    with pytest.raises(LatentError, match="conditional"):
        to_styles(conditional, latent)


def test_z_of_another_length(generator, make_generator):
    latent = Latent("z", (torch.zeros(1, 17),), generator.fingerprint, 32)
    with pytest.raises(LatentError, match=r"from z \[16\], the latent is 1 x z \[17\]"):
        to_styles(generator, latent)


def test_same_shape_of_another_mapping_warns(node, make_generator, w_plus, generator, caplog):
    other = make_generator(mapping_seed=1, name="other.pkl")
    with caplog.at_level(logging.WARNING):
        node("GetFeatures", generator=generator, latent=w_plus())
        assert not caplog.messages
        features = node("GetFeatures", generator=other, latent=w_plus())
    assert len(caplog.messages) == 1
    assert "comes from another generator than other.pkl, and they share no style space" in caplog.messages[0]
    expected = PlainModel(other).styles(w_plus().codes[0].double())
    assert_near(features.branches[0].styles[4], expected["b8.torgb"], 1e-5)


def test_frozen_mapping_doesnt_warn(node, make_generator, caplog):
    first, second = make_generator(seed=1, mapping_seed=5), make_generator(seed=2, mapping_seed=5)
    with caplog.at_level(logging.WARNING):
        node("GetFeatures", generator=second, latent=node("SampleLatent", generator=first))
    assert not caplog.messages
