"""What the frontend may ask of model files."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host, routes
from soat.soat_backend import checkpoints, model_cards
from soat.soat_backend.checkpoints import save_generator
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.latents import sample
from soat.soat_backend.model_cards import ModelCards, Recent
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.synthesis.render import render

sys.path.insert(0, str(Path(__file__).parents[1] / "stylegan3"))

from alias_free_models import SETTINGS, random_alias_free

DEMO = {"checkpoint": "demo/landscape_256.safetensors"}


@pytest.fixture(autouse=True)
def cards(monkeypatch):
    cards = ModelCards()
    monkeypatch.setattr(routes, "_cards", cards)
    # However busy the machine is.
    monkeypatch.setattr(model_cards, "PATIENCE", 1000.0)
    return cards


def halved(node, generator, latent):
    """What the nodes make, side by side at half the size, in 0..255."""
    picture = node("Render", features=node("GetFeatures", generator=generator, latent=latent))
    small = torch.nn.functional.avg_pool2d(picture.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    return torch.cat(list(small), dim=1).numpy() * 255


def test_samples_are_the_pictures_that_the_nodes_make(node):
    content, kind, headers = routes.samples({**DEMO, "seed": "5", "count": "3", "truncation_psi": "0.5"})
    strip = np.asarray(Image.open(io.BytesIO(content))).astype(int)
    assert kind == "image/png" and strip.shape == (128, 384, 3) and headers == {"Soat-Made": "3"}
    generator = NODE_CLASS_MAPPINGS["LoadStyleGAN"]().load(DEMO["checkpoint"])[0]
    latent = node("SampleLatent", generator=generator, seed=5, batch_size=3, truncation_psi=0.5)
    assert np.abs(strip - halved(node, generator, latent)).max() <= 1


def test_seeds_are_shown_in_the_order_they_are_asked_for():
    one_by_one = [routes.samples({**DEMO, "seed": seed})[0] for seed in ("40", "3", "18446744073709551615")]
    content, _, _ = routes.samples({**DEMO, "seeds": "40,3,18446744073709551615"})
    expected = np.concatenate([np.asarray(Image.open(io.BytesIO(each))) for each in one_by_one], axis=1)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), expected)


def test_a_model_is_described_as_inspect_does():
    content, kind, _ = routes.model(DEMO)
    told = json.loads(content)
    assert kind == "application/json"
    assert (
        told["summary"]
        == "256 x 256 px, trained on procedural:landscape, SOAT safetensors, 4.6 MB, 2.1 million weights"
    )
    assert (told["resolution"], told["classes"]) == (256, 0)
    assert told["layers"][:3] == ["b4.conv1", "b4.torgb", "b8.conv0"] and told["layers"][-1] == "b256.torgb"
    assert told["text"] == NODE_CLASS_MAPPINGS["LoadStyleGAN"]().load(DEMO["checkpoint"])[1]


def test_of_a_replaced_generator_it_is_said_what_took_its_place(monkeypatch, caplog):
    monkeypatch.setattr(host.models, "SUCCESSORS", {"demo/hills.safetensors": "demo/landscape_256.safetensors"})
    told = json.loads(routes.model({"checkpoint": "demo/hills.safetensors"})[0])
    note = "demo/landscape_256.safetensors has taken the place of demo/hills.safetensors"
    assert told["summary"].startswith(note) and told["resolution"] == 256
    generator, info = NODE_CLASS_MAPPINGS["LoadStyleGAN"]().load("demo/hills.safetensors", "float32")
    assert generator.config.img_resolution == 256 and info == told["text"] and note in caplog.text


def test_a_file_that_is_none_is_refused_and_so_is_one_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"models": tmp_path})
    (tmp_path / "stylegan").mkdir()
    (tmp_path / "stylegan" / "broken.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(SoatError, match=r"broken\.pt"):
        routes.model({"checkpoint": "broken.pt"})
    for name in ("../broken.pt", "/etc/passwd", "demo/../../README.md", ""):
        with pytest.raises(SoatError):
            routes.samples({"checkpoint": name})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[("seed", text) for text in ("-1", "18446744073709551616", "one")],
        *[("count", text) for text in ("0", "37")],
        *[("seeds", text) for text in ("", "1,", "1;2", "-1", "18446744073709551616", ",".join(map(str, range(37))))],
        *[("truncation_psi", text) for text in ("nan", "99")],
        ("truncation_cutoff", "1.5"),
        ("class_idx", "x"),
        ("rng", "dice"),
    ],
)
def test_a_value_that_the_node_would_not_take_is_refused(name, text):
    with pytest.raises(SoatError, match="expected"):
        routes.samples({**DEMO, name: text})


RELATED = {
    "sequence": ("SampleLatentSequence", {"count": 3, "smoothness": 0.5, "loop": False}),
    "grid": ("SampleLatentGrid", {"columns": 2, "rows": 2, "smoothness": 0.5, "loop_x": False, "loop_y": True}),
}


@pytest.mark.parametrize("kind", RELATED)
def test_a_sheet_shows_the_pictures_that_the_nodes_make(kind, node):
    name, values = RELATED[kind]
    query = {key: str(value).lower() for key, value in values.items()}
    content, _, _ = getattr(routes, kind)({**DEMO, "seed": "3", **query})
    strip = np.asarray(Image.open(io.BytesIO(content))).astype(int)
    generator = NODE_CLASS_MAPPINGS["LoadStyleGAN"]().load(DEMO["checkpoint"])[0]
    latent = node(name, generator=generator, seed=3, **values)
    expected = halved(node, generator, latent)
    assert strip.shape == expected.shape and np.abs(strip - expected).max() <= 1


def test_a_sheet_shows_the_first_of_many_and_refuses_more_than_it_can_draw():
    content, _, _ = routes.sequence({**DEMO, "count": "40"})
    assert Image.open(io.BytesIO(content)).size == (36 * 128, 128)
    for query in ({"count": "257"}, {"count": "0"}, {"loop": "maybe"}, {"smoothness": "-1"}):
        with pytest.raises(SoatError, match="expected"):
            routes.sequence({**DEMO, **query})
    for query in ({"columns": "17", "rows": "16"}, {"rows": "0"}):
        with pytest.raises(SoatError, match="expected"):
            routes.grid({**DEMO, **query})


def test_seeds_end_at_the_largest(cards):
    path = host.model_path("stylegan", DEMO["checkpoint"])
    assert len(cards.samples(path, 2**64 - 2, 12)) == 2


def test_a_file_is_read_once_as_long_as_it_is_the_same(cards, make_generator, tmp_path, monkeypatch):
    path, reads = tmp_path / "own.safetensors", []
    read = checkpoints.read_generator
    monkeypatch.setattr(checkpoints, "read_generator", lambda *a, **k: reads.append(1) or read(*a, **k))
    save_generator(make_generator(), path, provenance={})
    first = cards.samples(path, 0, 2)
    assert cards.samples(path, 0, 2) is first and cards.samples(path, 5, 2) is not first and len(reads) == 1
    save_generator(make_generator(seed=9), path, provenance={})
    assert not torch.equal(cards.samples(path, 0, 2), first) and len(reads) == 2
    monkeypatch.setattr(model_cards, "_KEPT_BYTES", 1000)
    cards.samples(path, 7, 1)
    cards.samples(path, 8, 1)
    assert len(reads) == 2
    save_generator(make_generator(), path, provenance={})
    cards.samples(path, 7, 1)
    cards.samples(path, 8, 1)
    assert len(reads) == 4


def test_larger_models_are_seen_as_far_as_it_is_cheap(cards, make_generator, tmp_path, monkeypatch):
    monkeypatch.setattr(model_cards, "SAMPLE_SIDE", 16)
    monkeypatch.setattr(model_cards, "WHOLE_SIDE", 16)
    generator = make_generator()
    save_generator(generator, tmp_path / "large.safetensors", provenance={})
    seen = cards.samples(tmp_path / "large.safetensors", 3, 2)
    rgb = model_cards.rgb_so_far(get_features(generator, sample(generator, 3, 2), "b16.conv1"))
    expected = (rgb - rgb.mean()) / (5 * rgb.std()) + 0.5
    assert seen.shape == (2, 3, 16, 16) and torch.allclose(seen, expected.clamp(0, 1), atol=1e-5)


def test_pictures_a_little_larger_are_made_to_the_end_and_shrunk(cards, make_generator, tmp_path, monkeypatch):
    monkeypatch.setattr(model_cards, "SAMPLE_SIDE", 16)
    generator = make_generator()
    monkeypatch.setattr(model_cards, "WHOLE_SIDE", generator.config.img_resolution)
    save_generator(generator, tmp_path / "large.safetensors", provenance={})
    seen = cards.samples(tmp_path / "large.safetensors", 3, 2)
    whole = (render(get_features(generator, sample(generator, 3, 2))).clamp(-1, 1) + 1) / 2
    assert (seen - torch.nn.functional.adaptive_avg_pool2d(whole, 16)).abs().max() <= 1e-5


@pytest.mark.parametrize("kind", ["orig", "alias-free"])
def test_of_a_slow_model_the_first_pictures_come_first(kind, cards, make_generator, tmp_path, monkeypatch):
    """One at a time, each made once, and in the end the same as all at once."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"models": tmp_path})
    generator = make_generator(block_architecture="orig") if kind == "orig" else random_alias_free(SETTINGS["short"])
    path = tmp_path / "stylegan" / "slow.safetensors"
    path.parent.mkdir()
    save_generator(generator, path, provenance={})
    expected = ModelCards().samples(path, 5, 3)
    monkeypatch.setattr(model_cards, "PATIENCE", 0.0)
    made = []
    cut = model_cards.get_features
    monkeypatch.setattr(model_cards, "get_features", lambda *a: made.append(1) or cut(*a))
    query = {"checkpoint": "slow.safetensors", "seed": "5", "count": "3"}
    for count in (1, 2, 3, 3):
        content, _, headers = routes.samples(query)
        assert headers == {"Soat-Made": str(count)} and len(made) == count
        strip = torch.from_numpy(np.asarray(Image.open(io.BytesIO(content))).copy()).permute(2, 0, 1) / 255.0
        assert (strip - torch.cat(list(expected[:count]), dim=2)).abs().max() <= 1 / 255
    assert torch.equal(cards.samples(path, 5, 3), expected)


def test_a_skips_colours_are_stretched_together_however_slow(cards, make_generator, tmp_path, monkeypatch):
    monkeypatch.setattr(model_cards, "PATIENCE", 0.0)
    monkeypatch.setattr(model_cards, "SAMPLE_SIDE", 16)
    monkeypatch.setattr(model_cards, "WHOLE_SIDE", 16)
    save_generator(make_generator(), tmp_path / "large.safetensors", provenance={})
    assert len(cards.samples(tmp_path / "large.safetensors", 3, 4)) == 4


def test_only_the_latest_are_kept():
    recent, made = Recent(2), []
    for key in "abaca":
        recent.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c"]
    recent.get("b", lambda: made.append("b again"))
    assert made[-1] == "b again"
