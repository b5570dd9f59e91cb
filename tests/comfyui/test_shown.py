"""What nodes show of their last run below their inputs: the pictures of a slider for a part, and a film."""

from __future__ import annotations

import io
import urllib.parse
from typing import Any

import numpy as np
import pytest
from artist import Frontend, Node
from PIL import Image
from soat.soat_backend.pictures.film import read_film

EMPTY = {"version": 0.4, "last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "groups": [], "extra": {}}
MODEL = "demo/portrait_256.safetensors"
MOUTH = {"shape": "ellipse", "x": 0.35, "y": 0.64, "width": 0.3, "height": 0.14, "feather": 0.0}
# The part of the picture that can have changed, and what surely hasn't: rows and columns of 64.
IN_THE_MOUTH, FAR_FROM_IT = np.s_[38:54, 20:46], np.s_[:24]

# What a node shows, in either renderer: the addresses of its pictures, once they are there.
SHOWN = """(() => {
    const element = window.LiteGraph.vueNodesMode && document.querySelector(`[data-node-id="${node.id}"]`);
    const images = element ? [...element.querySelectorAll("img")] : node.imgs ?? [];
    const isThere = images.length && images.every(image => image.complete && image.naturalWidth);
    return isThere ? images.map(image => image.src) : null;
})()"""
FILM = """(() => {
    const element = window.LiteGraph.vueNodesMode
        ? document.querySelector(`[data-node-id="${node.id}"]`)
        : node.widgets?.find(widget => widget.name === "video-preview")?.element;
    return element?.querySelector("video");
})()"""


class Shower(Node):
    """A node that shows what it has made."""

    def look(self, expression: str) -> Any:
        return self.page.evaluate(
            """([id, expression]) =>
                new Function("node", `return ${expression}`)(window.app.canvas.graph.getNodeById(id))""",
            [int(self.id), expression],
        )

    def shown(self, count: int) -> list[dict[str, str]]:
        """What the pictures on the node are, as ComfyUI names files; once there are so many."""
        self.until(f"{SHOWN}?.length === {count}")
        queries = [urllib.parse.parse_qs(urllib.parse.urlsplit(each).query) for each in self.look(SHOWN)]
        names = ("filename", "subfolder", "type")
        return [{name: query.get(name, [""])[0] for name in names} for query in queries]

    def told(self) -> list[dict[str, str]]:
        return self.page.evaluate("id => window.app.nodeOutputs[id].images", self.id)


def picture_of(comfyui: Any, entry: dict[str, str]) -> np.ndarray:
    content = comfyui.request(f"/view?{urllib.parse.urlencode(entry)}")
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB").resize((64, 64)), np.int16)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())


@pytest.fixture
def graph(frontend: Frontend) -> dict[str, Any]:
    """A slider for the mouth, and the picture behind it."""
    frontend.load(EMPTY)
    model = frontend.add("LoadStyleGAN", (-700, 0), checkpoint=MODEL)
    sample = frontend.add("SampleLatent", (-400, 0), seed=18)
    mask = frontend.add("RegionMask", (-400, 450), **MOUTH)
    edit = Shower(frontend, frontend.add("EditLatent", (0, 0), method="region", strength=3.0).id)
    cut = frontend.add("GetFeatures", (300, 0))
    render = Shower(frontend, frontend.add("Render", (600, 0)).id)
    for node in (sample, edit, cut):
        frontend.connect(model.id, "generator", node.id, "generator")
    frontend.connect(sample.id, "latent", edit.id, "latent")
    frontend.connect(mask.id, "mask", edit.id, "mask")
    frontend.connect(edit.id, "latent", cut.id, "latent")
    frontend.connect(cut.id, "features", render.id, "features")
    edit.bring_to_the_middle()
    return {"edit": edit, "render": render}


def test_a_slider_for_a_part_shows_what_it_does_there_and_back(graph, frontend, comfyui):
    edit, render = graph["edit"], graph["render"]
    frontend.run()
    entries = edit.shown(3)
    assert entries == edit.told()
    pictures = [picture_of(comfyui, entry) for entry in entries]
    changed = {}
    for strength, picture in zip((-3.0, 0.0, 3.0), pictures, strict=True):
        edit.type_value("strength", strength)
        frontend.run()
        # What the node shows is what it gives on at that strength.
        made = picture_of(comfyui, render.told()[0])
        assert difference(made, picture) < 2
        changed[strength] = made
    for strength in (-3.0, 3.0):
        before, after = changed[0.0], changed[strength]
        part, rest = (difference(before[where], after[where]) for where in (IN_THE_MOUTH, FAR_FROM_IT))
        assert part > 4 and rest < 2 and part > 4 * rest


def test_a_slider_shows_it_again_when_a_run_finds_it_done(graph, frontend):
    frontend.run()
    before = graph["edit"].shown(3)
    # The same graph opened anew, of which nobody has told anything.
    saved = frontend.saved()
    frontend.load(EMPTY)
    frontend.page.evaluate("() => { window.app.nodeOutputs = {}; }")
    frontend.load(saved)
    frontend.run()
    assert graph["edit"].shown(3) == before


# What a film shows at a second, `[height, width, 4]` in one row.
FRAME = """([id, second]) => new Promise(done => {
    const node = window.app.canvas.graph.getNodeById(id), video = VIDEO;
    video.pause();
    video.addEventListener("seeked", () => requestAnimationFrame(() => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        const context = canvas.getContext("2d");
        context.drawImage(video, 0, 0);
        done([...context.getImageData(0, 0, canvas.width, canvas.height).data]);
    }), {once: true});
    video.currentTime = second;
})""".replace("VIDEO", FILM)


def test_the_film_that_was_written_is_shown(frontend, comfyui):
    pytest.importorskip("av", reason="films take PyAV: pip install av")
    frontend.example("30_film_to_a_beat.json")
    (sound,) = frontend.ids("ProceduralSound")
    Node(frontend, sound).type_value("seconds", 1.0)
    node = Shower(frontend, frontend.ids("RenderWalk")[0])
    node.bring_to_the_middle()
    frontend.run()
    (entry,) = node.told()
    node.until(f"{FILM}?.readyState >= 2")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(node.look(f"{FILM}.currentSrc")).query)
    assert (query["filename"], query["type"]) == ([entry["filename"]], ["output"])
    frames, fps, size = read_film(comfyui.base / "output" / entry["subfolder"] / entry["filename"])
    frames = [np.asarray(each, np.int16) for each in frames]
    assert node.look(f"[{FILM}.videoWidth, {FILM}.videoHeight]") == list(size)[::-1] == [256, 256]
    assert node.look(f"{FILM}.duration") == pytest.approx(len(frames) / fps, abs=0.1)
    # Of several frames that differ each is seen at its time.
    seconds = [(index + 0.5) / fps for index in (0, 5, 11)]
    seen = [
        np.array(node.page.evaluate(FRAME, [int(node.id), each]), np.int16).reshape(256, 256, 4)[..., :3]
        for each in seconds
    ]
    away = [[difference(picture, frames[index]) for index in (0, 5, 11)] for picture in seen]
    assert np.argmin(away, 1).tolist() == [0, 1, 2] and np.min(away, 1).max() < 6
