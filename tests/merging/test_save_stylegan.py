"""Merged and fitted generators in files: the same pictures again, and where they come from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.checkpoints import convert_checkpoint, inspect_checkpoint, load_generator, save_generator
from soat.soat_backend.checkpoints.save import TOOL_VERSION
from soat.soat_backend.generators.provenance import licences, read_provenance, trained_on
from soat.soat_backend.support.errors import SoatError

sys.path.insert(0, str(Path(__file__).parents[1] / "stylegan3"))

from alias_free_models import SETTINGS, random_alias_free

DAY, NEON = "demo/landscape_256.safetensors", "demo/landscape_neon_256.safetensors"
REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Models are read from elsewhere than results are saved to."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    (tmp_path / "models" / "stylegan").mkdir(parents=True)
    host.set_folders(models=str(tmp_path / "models"), output=str(tmp_path / "output"))
    return tmp_path


def moved(path: str, folder: Path) -> str:
    """A saved file, moved to where it can be loaded; its name there."""
    target = folder / "models" / "stylegan" / Path(path).name
    Path(path).rename(target)
    return target.name


def pictures(node, generator):
    latent = node("SampleLatent", generator=generator, seed=3, batch_size=2)
    return node("Render", features=node("GetFeatures", generator=generator, latent=latent))


def told(path: str) -> dict:
    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()["provenance"])


@pytest.mark.parametrize("method", ["swap", "average", "curve"])
def test_a_merged_generator_comes_back_bit_for_bit(method, node, folders):
    a, b = (node("LoadStyleGAN", checkpoint=name) for name in (DAY, NEON))
    merged = node("MergeGenerators", generator_a=a, generator_b=b, method=method, strength=0.75)
    assert merged.name == f"{DAY} + {NEON}"
    path = node("SaveStyleGAN", generator=merged)
    assert path == str(folders / "output" / "stylegan" / "merged_00001_.safetensors")
    expected = pictures(node, merged)
    found = node("LoadStyleGAN", checkpoint=moved(path, folders))
    assert torch.equal(pictures(node, found), expected)
    for name, tensor in merged.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor) and found.state_dict()[name].dtype == tensor.dtype


def test_a_merged_stylegan3_comes_back_bit_for_bit(node, folders):
    a, b = (random_alias_free(SETTINGS["short"], seed) for seed in (0, 1))
    merged = node("MergeGenerators", generator_a=a, generator_b=b, method="curve", first_layer="L0", last_layer="L3")
    expected = pictures(node, merged)
    found = node("LoadStyleGAN", checkpoint=moved(node("SaveStyleGAN", generator=merged), folders))
    assert torch.equal(pictures(node, found), expected)
    assert found.provenance["method"] == "curve" and len(found.provenance["parents"]) == 2


def test_what_the_file_says(node, folders):
    a, b = (node("LoadStyleGAN", checkpoint=name) for name in (DAY, NEON))
    a.provenance["licence"] = "Apache-2.0"
    merged = node("MergeGenerators", generator_a=a, generator_b=b, first_layer="b32.conv0", strength=0.5)
    path = node("SaveStyleGAN", generator=merged, licence=" CC BY 4.0 ", notes="neon at dusk")
    said = told(path)
    assert {name: said[name] for name in said if name != "parents"} == {
        "made_by": "merging two generators",
        "method": "swap",
        "strength": 0.5,
        "mapping": "a",
        "first_layer": "b32.conv0",
        "last_layer": "b256.torgb",
        "licence": "CC BY 4.0",
        "notes": "neon at dusk",
        "tool": TOOL_VERSION,
    }
    first, second = said["parents"]
    assert (first["name"], first["fingerprint"]) == (DAY, a.fingerprint)
    assert trained_on(first["provenance"]) == "procedural:landscape"
    assert first["provenance"]["licence"] == "Apache-2.0" and "licence" not in second["provenance"]
    assert trained_on(second["provenance"]) == "procedural:landscape-neon"
    lines = inspect_checkpoint(path).describe().splitlines()
    assert "  licence      CC BY 4.0" in lines
    assert f"  parent       {DAY}, licence: Apache-2.0" in lines
    assert f"  parent       {NEON}, licence: none named in its file" in lines
    loaded = load_generator(path)
    assert loaded.provenance == said and licences(said) == ["CC BY 4.0", "Apache-2.0"]
    # Saved again, with nothing added, it says the same.
    assert told(node("SaveStyleGAN", generator=loaded)) == said
    convert_checkpoint(path, folders / "again.safetensors")
    assert (folders / "again.safetensors").read_bytes() == Path(path).read_bytes()


def test_a_generator_of_another_program_says_which_file_it_was(node, folders):
    loaded = load_generator(REFERENCE / "nvidia_ada_32.pkl", name="nvidia")
    path = node("SaveStyleGAN", generator=loaded, licence="NVIDIA's")
    assert told(path)["source_file"] == "nvidia_ada_32.pkl" and told(path)["licence"] == "NVIDIA's"
    assert torch.equal(pictures(node, load_generator(path)), pictures(node, loaded))


@pytest.mark.parametrize(("fitting", "said"), [({"noise_maps": True}, (True, 0)), ({"tune_steps": 2}, (False, 2))])
def test_a_fitted_generator_says_so(fitting, said, node, make_generator):
    own = make_generator(name="own.pt")
    own.provenance = {"licence": "research only"}
    with torch.inference_mode():
        result = NODE_CLASS_MAPPINGS["InvertImage"]().invert(own, torch.rand(1, 32, 32, 3), steps=2, **fitting)
    fitted = result[3]
    path = node("SaveStyleGAN", generator=fitted)
    assert told(path)["made_by"] == "inversion, fitted to one picture"
    assert (told(path)["noise_maps"], told(path)["tune_steps"]) == said
    assert told(path)["parents"] == [
        {"name": "own.pt", "fingerprint": own.fingerprint, "provenance": {"licence": "research only"}}
    ]
    assert licences(told(path)) == ["research only"]
    found = load_generator(path)
    assert torch.equal(pictures(node, found), pictures(node, fitted))
    assert not torch.equal(pictures(node, found), pictures(node, own))


@pytest.mark.parametrize("weights", ["float16", "bfloat16"])
@pytest.mark.parametrize("architecture", ["stylegan2", "stylegan3"])
def test_smaller_types(weights, architecture, node, make_generator):
    own = make_generator() if architecture == "stylegan2" else random_alias_free(SETTINGS["short"])
    found = load_generator(node("SaveStyleGAN", generator=own, weights=weights))
    dtype = getattr(torch, weights)
    for name, tensor in own.state_dict().items():
        expected = tensor if name == "mapping.w_avg" else tensor.to(dtype)
        assert torch.equal(found.state_dict()[name], expected), name


def test_what_cannot_be_saved_is_refused(node, make_generator):
    with pytest.raises(SoatError, match="weights: expected one of as they are, float16, bfloat16, got 'int8'"):
        node("SaveStyleGAN", generator=make_generator(), weights="int8")
    with pytest.raises(SoatError, match="too large"):
        large = make_generator()
        large.synthesis.b4.const[0, 0, 0] = 1e6
        node("SaveStyleGAN", generator=large, weights="float16")
    with pytest.raises(SoatError, match="licence: expected at most 500 characters, got 501"):
        node("SaveStyleGAN", generator=make_generator(), licence="x" * 501)
    long = node("SaveStyleGAN", generator=make_generator(), notes="長" * 10_000)
    assert load_generator(long).provenance["notes"] == "長" * 10_000
    assert NODE_CLASS_MAPPINGS["SaveStyleGAN"].VALIDATE_INPUTS(filename_prefix="../x") is not True


def test_lines_of_ancestors_do_not_grow_without_end_and_keep_all_licences(node, make_generator):
    own, other = make_generator(seed=0), make_generator(seed=1)
    own.provenance, other.provenance = {"licence": "X"}, {"licence": "Y", "data": "x" * 3000}
    for _ in range(12):
        own = node("MergeGenerators", generator_a=own, generator_b=other, method="average", strength=0.5)
        own = node("MergeGenerators", generator_a=own, generator_b=own)
        own.name = "own"
    assert len(json.dumps(own.provenance)) < 10_000
    assert sorted(licences(own.provenance)) == ["X", "Y"]


@pytest.mark.parametrize(
    "text",
    [
        "by hand",
        "[1, 2]",
        '{"parents": 3, "licence": ["x"], "data": null}',
        '{"parents": [1, {"provenance": [], "licences": {"a": 1}}, {"name": 5}]}',
        '{"a": ' + "[" * 3000 + "]" * 3000 + "}",
        '{"a": 1, "a": 2}',
        '{"a": "' + "x" * 200_000 + '"}',
        "",
    ],
)
def test_whatever_a_file_says_does_no_harm(text, node, make_generator, tmp_path):
    """What anybody may have written is read, shown, inherited and saved."""
    save_generator(make_generator(), tmp_path / "x.safetensors", provenance=text)
    assert inspect_checkpoint(tmp_path / "x.safetensors").describe()
    loaded = load_generator(tmp_path / "x.safetensors")
    assert loaded.provenance == read_provenance(text)
    merged = node("MergeGenerators", generator_a=loaded, generator_b=loaded)
    path = node("SaveStyleGAN", generator=merged)
    assert inspect_checkpoint(path).describe() and licences(told(path)) == []


def test_the_node_tells_of_other_style_spaces(make_generator, comfyui):
    a, b = make_generator(seed=0), make_generator(seed=1, mapping_seed=1)
    with torch.inference_mode():
        shown = NODE_CLASS_MAPPINGS["MergeGenerators"]().merge(a, b)
        alike = NODE_CLASS_MAPPINGS["MergeGenerators"]().merge(a, a)
    assert "different style spaces" in shown["ui"]["soat_text"][0] and alike["ui"]["soat_text"] == [""]
    report = shown["result"][1].splitlines()
    assert report[0] == "random + random" and report[2] == "b4.conv1: 0.000 of B" and report[-1].endswith("1.000 of B")
