"""Stitch Many and Join Many in ComfyUI: their inputs grow as one connects, and mean the same headless."""

from __future__ import annotations

import json

import numpy as np
import pytest
from artist import Frontend, Node
from PIL import Image
from soat.nodes import host
from soat.soat_backend.workflow import execute, read_workflow


def pictures_to_stitch(frontend: Frontend) -> tuple[list[Node], Node]:
    """A model, three seeds cut open, and a Stitch Many that nothing is connected to, with what shows and saves."""
    frontend.page.evaluate("() => { window.app.graph.clear(); Object.assign(window.app.canvas.ds, {scale: 0.5}); }")
    frontend.page.evaluate("() => window.app.canvas.ds.offset.splice(0, 2, 200, 300)")
    model = frontend.add("LoadStyleGAN", (0, 0))
    model.type_value("checkpoint", "demo/landscape_64.safetensors")
    cuts = []
    for seed in range(3):
        latent, cut = frontend.add("SampleLatent", (420, 440 * seed)), frontend.add("GetFeatures", (840, 440 * seed))
        latent.type_value("seed", seed + 30)
        for node in (latent, cut):
            connect(model, node, "generator")
        connect(latent, cut, "latent")
        cuts.append(cut)
    many = frontend.add("StitchMany", (1300, 0))
    render, save = frontend.add("Render", (1800, 0)), frontend.add("SaveImage", (2300, 0))
    connect(many, render, "features")
    connect(render, save, "images")
    save.type_value("filename_prefix", "growing/row")
    many.settle()
    return cuts, many


def connect(giver: Node, taker: Node, name: str) -> None:
    giver.page.evaluate(
        """([from, to, name]) => {
            const {graph} = window.app.canvas, taker = graph.getNodeById(to);
            graph.getNodeById(from).connect(0, taker, taker.inputs.findIndex(slot => slot.name === name));
        }""",
        [int(giver.id), int(taker.id), name],
    )


def row(many: Node) -> dict[str, str]:
    """What comes from where."""
    links = many.frontend.prompt()[many.id]["inputs"]
    return {name: link[0] for name, link in links.items() if isinstance(link, list)}


def test_a_row_is_wired_run_saved_and_mended(frontend, comfyui, catalog, tmp_path, monkeypatch):
    cuts, many = pictures_to_stitch(frontend)
    a, b, c = (cut.id for cut in cuts)
    assert many.inputs() == {"features0": [], "features1": []}
    cuts[0].wire_to(many, "features0")
    assert many.inputs() == {"features0": [a], "features1": []}
    cuts[1].wire_to(many, "features1")
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": []}
    cuts[2].wire_to(many, "features2")
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": [c], "features3": []}
    assert row(many) == {"features.features0": a, "features.features1": b, "features.features2": c}

    frontend.run()
    saved, prompt = frontend.saved(), frontend.prompt()
    assert_headless_gives_the_same_picture(saved, comfyui, catalog, tmp_path, monkeypatch)

    frontend.load(saved)
    many = frontend.node("StitchMany")
    assert frontend.prompt() == prompt
    assert frontend.saved()["links"] == saved["links"]
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": [c], "features3": []}

    many.settle()
    # Pulled off and let go over nothing; a click beside it closes the menu that comes.
    x, y = many.socket("features1")
    many.draw_wire((x, y), (x - 60, y + 600))
    frontend.page.mouse.click(1200, 450)
    many.settle()
    assert many.inputs() == {"features0": [a], "features1": [c], "features2": []}
    assert row(many) == {"features.features0": a, "features.features1": c}

    frontend.undo()
    many.until("node.inputs.filter(({link}) => link != null).length === 3")
    assert frontend.prompt() == prompt
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": [c], "features3": []}


def assert_headless_gives_the_same_picture(workflow, comfyui, catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    (tmp_path / "row.json").write_text(json.dumps(workflow))
    (ours,) = execute(read_workflow(tmp_path / "row.json", catalog), catalog).files
    theirs = max((comfyui.base / "output" / "growing").glob("row_*.png"))
    with Image.open(tmp_path / ours["subfolder"] / ours["filename"]) as mine, Image.open(theirs) as other:
        assert mine.size == other.size == (192, 64)
        assert np.abs(np.asarray(mine, np.int16) - np.asarray(other, np.int16)).max() <= 1
