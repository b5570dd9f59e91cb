"""DragPoints in a graph of its own, and its drawing, as an artist uses them."""

from __future__ import annotations

import io
import json
import urllib.parse
from typing import Any

import numpy as np
from artist import Frontend, Node
from PIL import Image

SIDE = 64
EMPTY = {"version": 0.4, "last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "groups": [], "extra": {}}
MODEL = "demo/portrait_256.safetensors"
SEED = 3


class Drags(Node):
    """A node DragPoints, whose points and drawing are in pictures."""

    def points(self) -> list[dict[str, list[float]]]:
        return json.loads(self.values("points")[0])

    def set_points(self, *drags: tuple[float, float, float, float]) -> None:
        self.type_value("points", json.dumps([{"from": each[:2], "to": each[2:]} for each in drags]))
        self.settle()

    def place(self, x: float, y: float) -> tuple[float, float]:
        """In the drawing's own pixels."""
        width, height = self.size()
        side = min(width, height) - 12
        return (width - side) / 2 + x * side, (height - side) / 2 + y * side

    def pull(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.drag(self.place(*start), self.place(*end))

    def press_twice(self, x: float, y: float) -> None:
        self.drawing.dblclick(position=dict(zip("xy", self.place(x, y), strict=True)))
        self.settle()

    def leave(self) -> None:
        """Take the pointer away from the drawing."""
        self.page.mouse.move(5, 890)
        self.settle()

    def shown(self) -> np.ndarray:
        """The picture in the drawing, `[64, 64, 3]`, with what is drawn on it."""
        (left, top), (right, _) = self.place(0, 0), self.place(1, 1)
        data = self.drawing.evaluate(
            """(canvas, [left, top, side]) => {
                const ratio = canvas.width / canvas.clientWidth, small = document.createElement("canvas");
                small.width = small.height = 64;
                const context = small.getContext("2d");
                context.drawImage(canvas, left * ratio, top * ratio, side * ratio, side * ratio, 0, 0, 64, 64);
                return [...context.getImageData(0, 0, 64, 64).data];
            }""",
            [left, top, right - left],
        )
        return np.array(data, np.int16).reshape(SIDE, SIDE, 4)[..., :3]

    def until_it_shows(self, picture: np.ndarray) -> None:
        """But for what is drawn on it."""
        for _ in range(200):
            if difference(self.shown(), picture) < 12:
                return
            self.settle()
        assert difference(self.shown(), picture) < 12

    def told(self, name: str) -> Any:
        return self.page.evaluate("([id, name]) => window.app.nodeOutputs[id]?.[name]", [self.id, name])


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b)[2:-2, 2:-2].mean())


def picture_of(comfyui: Any, entry: dict[str, str]) -> np.ndarray:
    return _small(comfyui.request(f"/view?{urllib.parse.urlencode(entry)}"))


def seed_picture(comfyui: Any, seed: int = SEED) -> np.ndarray:
    content = comfyui.request(f"/soat/samples?checkpoint={MODEL}&seed={seed}&count=1")
    return _small(content)


def _small(content: bytes) -> np.ndarray:
    """As large as what `Drags.shown` gives."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.int16)


def dragged_seed(frontend: Frontend) -> Drags:
    """A node in a graph of its own, whose picture is that of SEED."""
    frontend.load(EMPTY)
    model = frontend.add("LoadStyleGAN", (-700, 0), checkpoint=MODEL)
    sample = frontend.add("SampleLatent", (-400, 0), seed=SEED)
    node = Drags(frontend, frontend.add("DragPoints", (0, 0), steps=40).id)
    preview = frontend.add("PreviewImage", (400, 0))
    frontend.connect(model.id, "generator", sample.id, "generator")
    frontend.connect(model.id, "generator", node.id, "generator")
    frontend.connect(sample.id, "latent", node.id, "latent")
    frontend.connect(node.id, "image", preview.id, "images")
    # Undo ends here.
    frontend.load(frontend.saved())
    node.centre()
    return node


def warped_seed(frontend: Frontend) -> tuple[Drags, Node]:
    """A node WarpFeatures in a graph of its own, on the picture of SEED, and the Render of it."""
    frontend.load(EMPTY)
    model = frontend.add("LoadStyleGAN", (-1000, 0), checkpoint=MODEL)
    sample = frontend.add("SampleLatent", (-700, 0), seed=SEED)
    features = frontend.add("GetFeatures", (-400, 0))
    node = Drags(frontend, frontend.add("WarpFeatures", (0, 0)).id)
    render = frontend.add("Render", (400, 0))
    frontend.connect(model.id, "generator", sample.id, "generator")
    frontend.connect(model.id, "generator", features.id, "generator")
    frontend.connect(sample.id, "latent", features.id, "latent")
    frontend.connect(features.id, "features", node.id, "features")
    frontend.connect(node.id, "features", render.id, "features")
    frontend.load(frontend.saved())
    node.centre()
    return node, render
