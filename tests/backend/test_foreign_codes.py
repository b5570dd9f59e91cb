"""Codes that other tools found: told by their shape, and used with the generator they meet."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from soat.nodes import host
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.latents import load_latent, to_styles
from soat.soat_backend.latents.latent import UNKNOWN, Latent
from soat.soat_backend.latents.spaces import open_space
from soat.soat_backend.support.errors import CheckpointError, LatentError

CODES = Path(__file__).parent / "codes"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Output and input are one folder."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path, "output": tmp_path})
    return tmp_path


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.RandomState(seed).randn(*shape).astype(dtype)


def write(path, array, name="w"):
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".npz":
        np.savez(path, **{name: array})
    else:
        torch.save(torch.from_numpy(array), path)
    return path


# --- files that others wrote -----------------------------------------------------------------------------------------


def test_nvidias_projection():
    """`projected_w.npz` of stylegan2-ada-pytorch's projector, here in float64."""
    latent = load_latent(CODES / "projected_w.npz")
    expected = torch.from_numpy(np.load(CODES / "projected_w.npz")["w"]).float()
    assert (latent.space, latent.fingerprint, latent.img_resolution) == ("w_plus", UNKNOWN, 32)
    assert latent.codes[0].dtype == torch.float32 and torch.equal(latent.codes[0], expected)


def test_an_array_of_codes():
    expected = torch.from_numpy(np.load(CODES / "latents.npy")).float()
    assert torch.equal(load_latent(CODES / "latents.npy").codes[0], expected)


def test_a_pivot_of_pti():
    assert torch.equal(load_latent(CODES / "pti.pt").codes[0], torch.load(CODES / "pti.pt"))


def test_rosinalitys_projection():
    """Beside the code there are the picture and the noise."""
    (entry,) = torch.load(CODES / "rosinality_projector.pt").values()
    latent = load_latent(CODES / "rosinality_projector.pt")
    assert entry["latent"].shape == (8, 64) and torch.equal(latent.codes[0], entry["latent"][None])


@pytest.mark.parametrize("name", ["projected_w.npz", "latents.npy", "pti.pt", "rosinality_projector.pt"])
def test_they_make_a_picture(node, folders, name):
    config = GeneratorConfig(32, dict.fromkeys((4, 8, 16, 32), 4), z_dim=64, w_dim=64, mapping_layers=1)
    torch.manual_seed(0)
    wide = StyleGAN2(config, name="wide").eval().requires_grad_(False)
    (folders / name).write_bytes((CODES / name).read_bytes())
    latent = node("LoadStyleGANLatent", latent=name)
    image = node("Render", features=node("GetFeatures", generator=wide, latent=latent))
    own = Latent("w_plus", latent.codes, wide.fingerprint, 32)
    assert torch.equal(image, node("Render", features=node("GetFeatures", generator=wide, latent=own)))


# --- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pt", ".pth"])
@pytest.mark.parametrize(
    ("shape", "codes", "resolution", "shown"),
    [
        ((24,), (1, 1, 24), 0, "1 x w [24]"),
        ((1, 24), (1, 1, 24), 0, "1 x w [24]"),
        ((3, 24), (3, 1, 24), 0, "3 x w [24]"),
        ((2, 24), (2, 1, 24), 0, "2 x w [24]"),
        ((4, 1, 24), (4, 1, 24), 0, "4 x w [24]"),
        ((8, 24), (1, 8, 24), 32, "1 x w_plus [8, 24]"),
        ((18, 24), (1, 18, 24), 1024, "1 x w_plus [18, 24]"),
        ((1, 8, 24), (1, 8, 24), 32, "1 x w_plus [8, 24]"),
        ((5, 8, 24), (5, 8, 24), 32, "5 x w_plus [8, 24]"),
        ((1, 1, 8, 24), (1, 8, 24), 32, "1 x w_plus [8, 24]"),
    ],
)
def test_shapes(tmp_path, suffix, shape, codes, resolution, shown):
    array = numbers(*shape)
    latent = load_latent(write(tmp_path / f"a{suffix}", array))
    assert (latent.space, latent.img_resolution, str(latent)) == ("w_plus", resolution, shown)
    assert torch.equal(latent.codes[0], torch.from_numpy(array).reshape(codes))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (numbers(5, 7, 24), r"\[5, 7, 24\], and codes are decimal numbers of the shape \[w_dim\]"),
        (numbers(2, 3, 8, 24), r"\[2, 3, 8, 24\]"),
        (numbers(0, 8, 24), "should hold one array of codes"),
        (np.full((1, 8, 24), np.nan, np.float32), "not finite"),
        (np.full((1, 8, 24), 1e300), "not finite"),
    ],
)
def test_shapes_that_are_no_codes(tmp_path, array, says):
    with pytest.raises(LatentError, match=rf"^a\.npz .*{says}"):
        load_latent(write(tmp_path / "a.npz", array))


def test_whole_numbers_in_a_torch_file_are_no_codes(tmp_path):
    torch.save(torch.ones(8, 24, dtype=torch.int64), tmp_path / "a.pt")
    with pytest.raises(LatentError, match="of int64, and codes are decimal numbers"):
        load_latent(tmp_path / "a.pt")


def test_z_is_told_by_its_name_alone(node, generator, tmp_path):
    z = numbers(3, 16)
    np.savez(tmp_path / "z.npz", z=z, seeds=np.arange(3))
    latent = load_latent(tmp_path / "z.npz")
    assert latent.space == "z" and torch.equal(latent.codes[0], torch.from_numpy(z))
    expected = node("ConvertLatent", generator=generator, latent=Latent("z", latent.codes, generator.fingerprint, 32))
    found = node("ConvertLatent", generator=generator, latent=latent)
    assert all(torch.equal(a, b) for a, b in zip(found.codes, expected.codes, strict=True))
    np.savez(tmp_path / "both.npz", z=z, w=numbers(1, 8, 24))
    assert load_latent(tmp_path / "both.npz").space == "w_plus"


# --- torch's files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 24), (24,)])
@pytest.mark.parametrize("legacy", [False, True])
def test_several_faces_of_a_projection_are_a_batch(tmp_path, shape, legacy):
    """In the order of the file; with and without --w_plus. Paths may be long, and alike at their beginnings."""
    folder = "/home/somebody/" + "pictures/" * 20
    codes = [torch.from_numpy(numbers(*shape, seed=seed)).requires_grad_() for seed in range(3)]
    entries = {
        f"{folder}{name}.png": {"img": torch.zeros(3, 8, 8), "latent": code, "noise": [torch.zeros(1, 1, 4, 4)]}
        for name, code in zip("bca", codes, strict=True)
    }
    torch.save(entries, tmp_path / "project.pt", _use_new_zipfile_serialization=not legacy)
    latent = load_latent(tmp_path / "project.pt")
    assert torch.equal(latent.codes[0], torch.stack(codes).detach().reshape(3, -1, 24))


def test_nothing_but_codes_of_one_shape_is_a_batch_too(tmp_path):
    codes = [torch.from_numpy(numbers(1, 8, 24, seed=seed)) for seed in range(3)]
    torch.save(dict(zip("bca", codes, strict=True)), tmp_path / "named.pt")
    torch.save(codes, tmp_path / "listed.pt")
    for name in ("named.pt", "listed.pt"):
        assert torch.equal(load_latent(tmp_path / name).codes[0], torch.cat(codes))
    torch.save({"mean": torch.ones(24), "std": torch.ones(24)}, tmp_path / "statistics.pt")
    with pytest.raises(LatentError, match=r"It has mean \[24\], std \[24\]"):
        load_latent(tmp_path / "statistics.pt")


def test_faces_of_several_shapes_are_no_batch(tmp_path):
    torch.save({"a": {"latent": torch.ones(8, 24)}, "b": {"latent": torch.ones(24)}}, tmp_path / "x.pt")
    with pytest.raises(LatentError, match=r"several shapes.*a\.latent \[8, 24\], b\.latent \[24\]"):
        load_latent(tmp_path / "x.pt")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_tensors_of_other_types(tmp_path, dtype):
    code = torch.from_numpy(numbers(1, 8, 24)).to(dtype)
    torch.save({"w": code, "loss": torch.tensor(0.5)}, tmp_path / "x.pt")
    assert torch.equal(load_latent(tmp_path / "x.pt").codes[0], code.float())


def test_tensors_as_optimisers_and_gpus_leave_them(tmp_path, monkeypatch):
    code = torch.from_numpy(numbers(1, 8, 24))
    torch.save(torch.nn.Parameter(code), tmp_path / "parameter.pt")
    torch.save([code[:, :1].expand(-1, 8, -1)], tmp_path / "expanded.pt")
    torch.save(code[:, :1].expand(999, 8, -1), tmp_path / "endless.pt")
    torch.save({"w": code.transpose(1, 2).contiguous().transpose(1, 2)}, tmp_path / "turned.pt")
    monkeypatch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:3")
    torch.save({"latent_in": code, "noise": [torch.ones(1, 1, 4, 4)], "w": code}, tmp_path / "cuda.pt")
    for name in ("parameter", "turned", "cuda"):
        assert torch.equal(load_latent(tmp_path / f"{name}.pt").codes[0], code)
    assert torch.equal(load_latent(tmp_path / "expanded.pt").codes[0], code[:, :1].repeat(1, 8, 1))
    with pytest.raises(CheckpointError, match=r"endless\.pt: .* has only 24 stored values"):
        load_latent(tmp_path / "endless.pt")


def test_files_of_something_else_say_what_they_have(tmp_path):
    torch.save({"ckpt": "x", "eigvec": torch.ones(24, 24)}, tmp_path / "factor.pt")
    with pytest.raises(LatentError, match=r"holds directions, no codes.*EditLatent"):
        load_latent(tmp_path / "factor.pt")
    torch.save({"a": torch.ones(24), "b": torch.ones(3, 24)}, tmp_path / "x.pt")
    with pytest.raises(LatentError, match=r"called w or latent. It has a \[24\], b \[3, 24\]"):
        load_latent(tmp_path / "x.pt")


# --- used ------------------------------------------------------------------------------------------------------------


def foreign(tmp_path, *shape):
    return load_latent(write(tmp_path / "x.npy", numbers(*shape)))


def test_a_w_is_for_all_layers(generator, tmp_path, caplog):
    latent = foreign(tmp_path, 3, 24)
    with caplog.at_level(logging.WARNING):
        styles = to_styles(generator, latent)
    assert len(caplog.messages) == 1 and "are taken as codes of random" in caplog.messages[0]
    with torch.no_grad():
        expected = generator.styles(latent.codes[0].repeat(1, 8, 1))
    assert all(torch.equal(own, other) for own, other in zip(styles, expected, strict=True))


@pytest.mark.parametrize("shape", [(24,), (8, 24)])
@pytest.mark.parametrize("class_id", ["ConvertLatent", "EditLatent", "TruncateLatent", "LatentRealism", "GetFeatures"])
def test_every_node_takes_them_as_codes_of_its_generator(node, generator, tmp_path, shape, class_id):
    latent = foreign(tmp_path, *shape)
    rows = latent.codes[0].repeat(1, 8 // latent.codes[0].shape[1], 1)
    own = Latent("w_plus", (rows,), generator.fingerprint, 32)
    found, expected = (node(class_id, generator=generator, latent=each) for each in (latent, own))
    if class_id == "GetFeatures":
        assert torch.equal(found.activation, expected.activation)
        return
    found, expected = (each[0] if isinstance(each, tuple) else each for each in (found, expected))
    assert (found.space, found.fingerprint) == (expected.space, generator.fingerprint)
    assert all(torch.equal(a, b) for a, b in zip(found.codes, expected.codes, strict=True))


@pytest.mark.parametrize("shape", [(24,), (8, 24)])
@pytest.mark.parametrize("space", ["w", "w_plus", "style_space"])
def test_an_inversion_may_begin_at_them(generator, tmp_path, shape, space):
    latent = foreign(tmp_path, *shape)
    rows = latent.codes[0].repeat(1, 8 // latent.codes[0].shape[1], 1)
    opened = open_space(space, generator)
    expected = opened.read(Latent("w_plus", (rows,), generator.fingerprint, 32))
    assert torch.equal(opened.read(latent), expected)


@pytest.mark.parametrize("shape", [(24,), (8, 24)])
def test_they_are_mixed_with_others_once_their_generator_is_known(node, generator, w_plus, tmp_path, shape):
    latent = foreign(tmp_path, *shape)
    for class_id in ("MixStyles", "InterpolateLatents", "JoinLatents"):
        with pytest.raises(LatentError, match=f"{class_id}: one of the latents comes from a file.*ConvertLatent"):
            node(class_id, latent_a=w_plus(), latent_b=latent)
    known = node("ConvertLatent", generator=generator, latent=latent, space="w_plus")
    assert known.fingerprint == generator.fingerprint and known.codes[0].shape == (1, 8, 24)
    between = node("InterpolateLatents", latent_a=w_plus(), latent_b=known, t=1.0)
    torch.testing.assert_close(between.codes[0], known.codes[0])


def test_among_themselves_they_are_joined_walked_mixed_and_saved(node, folders):
    one, two, rows = (
        load_latent(write(folders / f"{i}.npy", numbers(*shape, seed=i)))
        for i, shape in enumerate([(24,), (1, 24), (8, 24)])
    )
    both = node("JoinLatents", latent_a=one, latent_b=two)
    assert str(both) == "2 x w [24]" and node("LatentWalk", latent=both, frames=3).batch == 6
    node("SaveLatent", latent=both, filename_prefix="w")
    again = node("LoadLatent", latent="w_00001_.safetensors")
    assert str(again) == str(both) and torch.equal(again.codes[0], both.codes[0])
    with pytest.raises(LatentError, match=r"latent 1 is 1 x w \[24\], latent 2 is 1 x w_plus \[8, 24\]"):
        node("JoinLatents", latent_a=one, latent_b=rows)
    with pytest.raises(LatentError, match="MixStyles: the latents are w of an unknown generator"):
        node("MixStyles", latent_a=one, latent_b=two)
    mixed = node("MixStyles", latent_a=rows, latent_b=rows, first_layer="b8.conv0", last_layer="b8.conv0")
    assert torch.equal(mixed.codes[0], rows.codes[0])


def test_styles_mixed_among_themselves_are_still_usable(node, generator, tmp_path):
    a, b = (load_latent(write(tmp_path / f"{seed}.npy", numbers(8, 24, seed=seed))) for seed in (0, 1))
    layers = {"first_layer": "b8.conv0", "last_layer": "b8.conv0"}
    mixed = node("MixStyles", latent_a=a, latent_b=b, **layers)
    assert mixed.codes[0].shape[1] == len(generator.layers)
    own = (Latent("w_plus", each.codes, generator.fingerprint, 32) for each in (a, b))
    expected = node("MixStyles", **dict(zip(("latent_a", "latent_b"), own, strict=True)), **layers)
    for found, other in zip(to_styles(generator, mixed), to_styles(generator, expected), strict=True):
        assert torch.equal(found, other)


@pytest.mark.parametrize("shape", [(18, 24), (4, 24), (512,), (1, 8, 512)])
def test_codes_of_another_model(generator, tmp_path, shape):
    latent = foreign(tmp_path, *shape)
    expected = re.escape(f"random takes w [24] or w_plus [8, 24], the latent is {latent}. ")
    with pytest.raises(LatentError, match=expected + r".*save them as \[batch, 1, w_dim\]"):
        to_styles(generator, latent)


def test_the_node_offers_them(folders):
    from soat.nodes.load_latent import LoadLatent

    names = ["a.npy", "b.NPZ", "c.pt", "d.pth", "e.pkl", "f.safetensors"]
    for name in (*names, "g.png", "h.txt"):
        (folders / name).touch()
    assert LoadLatent.INPUT_TYPES()["required"]["latent"][0] == names
