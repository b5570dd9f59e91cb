"""PadExpand's drawing shows the picture of the features it is given, and what its mode puts around it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from artist import Frontend, Node, opened
from PIL import Image

MARGIN = 6 + 8  # Of the drawing's box, and of the canvas in it.
SIDE = 64


def canvas_of(node: Node) -> np.ndarray:
    """The larger canvas as it is drawn, [64, 128, 3]: twice as wide as the picture."""
    width, height = node.size()
    wide = min(width - 2 * MARGIN, 2 * (height - 2 * MARGIN))
    place = [(width - wide) / 2, (height - wide / 2) / 2, wide, wide / 2]
    data = node.drawing.evaluate(
        """(canvas, [left, top, width, height]) => {
            const ratio = canvas.width / canvas.clientWidth, small = document.createElement("canvas");
            [small.width, small.height] = [128, 64];
            const context = small.getContext("2d");
            context.drawImage(canvas, left * ratio, top * ratio, width * ratio, height * ratio, 0, 0, 128, 64);
            return [...context.getImageData(0, 0, 128, 64).data];
        }""",
        place,
    )
    return np.array(data, np.int16).reshape(SIDE, 2 * SIDE, 4)[..., :3]


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Away from edges, which have lines on them."""
    return float(np.abs(a - b)[4:-4, 4:-4].mean())


def seed_picture(comfyui: Any, seed: int) -> np.ndarray:
    content = comfyui.request(f"/soat/samples?checkpoint=demo/landscape_256.safetensors&seed={seed}&count=1")
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB").resize((SIDE, SIDE)), np.int16)


def until_it_shows(node: Node, expected: np.ndarray) -> None:
    """Its picture in the middle is the expected one, but for rescaling."""
    for _ in range(200):
        if difference(canvas_of(node)[:, 32:96], expected) < 12:
            return
        node.settle()
    assert difference(canvas_of(node)[:, 32:96], expected) < 12


def pad_by_halves(node: Node) -> None:
    for name, value in {"left": 0.5, "right": 0.5, "top": 0.0, "bottom": 0.0, "mode": "reflect"}.items():
        node.type_value(name, value)
    node.settle()


def test_the_seeds_picture_is_padded_as_the_mode_says(frontend, comfyui):
    node = opened(frontend, "03_pad.json", "PadExpand")
    pad_by_halves(node)
    sample = frontend.node("SampleLatent")
    for seed in (5, 9):
        sample.type_value("seed", seed)
        picture = seed_picture(comfyui, seed)
        until_it_shows(node, picture)
    assert difference(seed_picture(comfyui, 5), seed_picture(comfyui, 9)) > 30
    mirrored = picture[:, ::-1]
    expected = {
        "reflect": (mirrored[:, 32:], mirrored[:, :32]),
        "circular": (picture[:, 32:], picture[:, :32]),
        "replicate": (picture[:, :1].repeat(32, 1), picture[:, -1:].repeat(32, 1)),
    }
    for mode, (left, right) in expected.items():
        node.type_value("mode", mode)
        node.settle()
        drawn = canvas_of(node)
        assert difference(drawn[:, :32], left) < 12 and difference(drawn[:, 96:], right) < 12
    node.type_value("mode", "zeros")
    node.settle()
    assert canvas_of(node)[4:-4, 4:28].std((0, 1)).max() < 1
    node.type_value("mode", "stretch")
    node.settle()
    wide = np.asarray(Image.fromarray(picture.astype(np.uint8)).resize((128, 64)), np.int16)
    assert difference(canvas_of(node), wide) < 12


@pytest.mark.parametrize("inside", [("PadExpand",), ("GetFeatures", "PadExpand"), ("SampleLatent", "GetFeatures")])
def test_the_seeds_picture_is_found_through_a_subgraph(inside, frontend, comfyui):
    frontend.example("03_pad.json")
    frontend.node("SampleLatent").type_value("seed", 5)
    frontend.convert_to_subgraph(*inside)
    if "PadExpand" in inside:
        frontend.go_into_the_subgraph()
    node = frontend.shown_node("PadExpand")
    pad_by_halves(node)
    node.centre()
    until_it_shows(node, seed_picture(comfyui, 5))


def preview(frontend: Frontend, comfyui: Any, render: str) -> np.ndarray:
    """What a Render has shown, in small."""
    (entry,) = frontend.page.evaluate("id => window.app.nodeOutputs[id].images", render)
    path = comfyui.base / "temp" / entry["subfolder"] / entry["filename"]
    return np.asarray(Image.open(path).convert("RGB").resize((SIDE, SIDE)), np.int16)


def test_what_was_shown_of_the_features_is_padded_until_they_are_others(frontend, comfyui):
    """An edited map is no seed's any more: it is known once it has been rendered."""
    frontend.example("06_shift_blend.json")
    pad_id = frontend.page.evaluate(
        """() => {
            const {app, LiteGraph} = window, pad = LiteGraph.createNode("PadExpand");
            app.graph.add(pad);
            pad.pos = [0, 3000];
            app.graph.nodes.find(node => node.type === "ShiftBlend").connect(0, pad, "features");
            return pad.id;
        }"""
    )
    node = Node(frontend, str(pad_id))
    pad_by_halves(node)
    node.centre()
    before = canvas_of(node)[:, 32:96]
    frontend.run()
    blend = frontend.node("ShiftBlend").id
    (render,) = (
        key
        for key, each in frontend.prompt().items()
        if each["class_type"] == "Render" and each["inputs"]["features"][0] == blend
    )
    picture = preview(frontend, comfyui, render)
    assert difference(before, picture) > 30
    until_it_shows(node, picture)
    frontend.page.evaluate("id => window.app.graph.getNodeById(id).disconnectInput(0)", pad_id)
    until_it_shows(node, before)
