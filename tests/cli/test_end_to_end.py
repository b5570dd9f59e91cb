"""The real nodes on the bundled generator: both formats, --seeds and --set give the same pictures."""

import json

import numpy as np
import pytest
from PIL import Image
from soat import nodes
from soat.nodes import host
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.cli import NodePack, demo_command, main

CHECKPOINT = "demo/landscape_256.safetensors"
G, W, F = "SOAT_GENERATOR", "SOAT_LATENT", "SOAT_FEATURES"


def ui_node(node_id, kind, values, *inputs, outputs=()):
    return {
        "id": node_id,
        "type": kind,
        "mode": 0,
        "inputs": [{"name": name, "type": link_type, "link": link} for name, link_type, link in inputs],
        "outputs": [{"name": each, "type": each} for each in outputs],
        "widgets_values": values,
    }


UI = {
    "nodes": [
        ui_node(1, "LoadStyleGAN", [CHECKPOINT, "float32"], outputs=[G, "STRING"]),
        ui_node(2, "SampleLatent", [0, "randomize", 1, 0.7, -1, -1, "numpy"], ("generator", G, 1), outputs=[W]),
        ui_node(
            3, "GetFeatures", ["b4.conv1", "const", 0, "fixed"], ("generator", G, 2), ("latent", W, 3), outputs=[F]
        ),
        ui_node(4, "Render", [0], ("features", F, 4), outputs=["IMAGE"]),
        ui_node(5, "SaveImage", ["pic"], ("images", "IMAGE", 5)),
    ],
    "links": [[1, 1, 0, 2, 0, G], [2, 1, 0, 3, 0, G], [3, 2, 0, 3, 1, W], [4, 3, 0, 4, 0, F], [5, 4, 0, 5, 0, "IMAGE"]],
    "version": 0.4,
}
API = {
    "1": {"class_type": "LoadStyleGAN", "inputs": {"checkpoint": CHECKPOINT, "precision": "float32"}},
    "2": {
        "class_type": "SampleLatent",
        "inputs": {
            "generator": ["1", 0],
            "seed": 0,
            "batch_size": 1,
            "truncation_psi": 0.7,
            "truncation_cutoff": -1,
            "class_idx": -1,
            "rng": "numpy",
        },
    },
    "3": {
        "class_type": "GetFeatures",
        "inputs": {
            "generator": ["1", 0],
            "latent": ["2", 0],
            "layer": "b4.conv1",
            "noise_mode": "const",
            "noise_seed": 0,
        },
    },
    "4": {"class_type": "Render", "inputs": {"features": ["3", 0], "tile_size": 0}},
    "5": {"class_type": "SaveImage", "inputs": {"images": ["4", 0], "filename_prefix": "pic"}},
}


@pytest.fixture
def pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    pack = NodePack({**nodes.NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}, host)

    def run(workflow, *options):
        path = tmp_path / "flow.json"
        path.write_text(json.dumps(workflow))
        code = main(["run", str(path), "--output", str(tmp_path / "out"), "--quiet", *options], pack)
        captured = capsys.readouterr()
        assert (code, captured.err) == (0, "")
        return [np.asarray(Image.open(line)).astype(int) for line in captured.out.splitlines()]

    return run


def test_formats_seeds_and_set_agree(pictures):
    first, second = pictures(UI, "--seeds", "6:8")
    assert first.shape == (256, 256, 3)
    assert np.abs(first - second).mean() > 5, "two seeds are two pictures"
    (alone,) = pictures(API, "--set", "SampleLatent.seed=7")
    # One step of 255 of room: sums may be ordered differently in another process state.
    assert np.abs(alone - second).max() <= 1


def test_demo_shows_many_pictures_of_one_node_as_a_sheet(tmp_path, monkeypatch, capsys):
    """Sixteen of one size are a sheet; a panorama that is saved beside them isn't in it."""
    examples = tmp_path / "examples"
    examples.mkdir()
    name = "08_hand_picked_panorama.json"
    (examples / name).write_bytes((demo_command.EXAMPLES / name).read_bytes())
    monkeypatch.setattr(demo_command, "EXAMPLES", examples)
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    pack = NodePack({**nodes.NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}, host)
    assert main(["demo", "--output", str(tmp_path / "out")], pack) == 0
    said = capsys.readouterr().out.splitlines()[1:]
    assert [line.rsplit("/", 1)[1] for line in said] == [
        "08_sheet_00001_.png",
        "08_sheet_sheet.png",
        "08_hand_picked_panorama_00001_.png",
    ]
    folder = tmp_path / "out" / "soat"
    sheet = np.asarray(Image.open(folder / "08_sheet_sheet.png"))
    assert sheet.shape == (1024, 1024, 3)
    assert np.array_equal(sheet[256:512, 256:512], np.asarray(Image.open(folder / "08_sheet_00006_.png")))


@pytest.mark.parametrize(("size", "shown"), [((64, 64), (128, 128)), ((32, 16), (256, 128)), ((130, 256), (130, 256))])
def test_a_sheets_pictures_are_enlarged_if_they_are_small(size, shown, tmp_path):
    path = tmp_path / "a_00001_.png"
    Image.new("RGB", size, "red").save(path)
    assert Image.open(demo_command.make_sheet([path])).size == shown
