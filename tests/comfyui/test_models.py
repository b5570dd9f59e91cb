"""What drawings say of the generator that their node works with, and what they ask of it."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path

import pytest
from artist import EXAMPLES, opened

CORPUS = Path(__file__).parents[1] / "workflow" / "corpus" / "0.1.0.json"
PORTRAIT = "demo/portrait_256.safetensors"
# How opaque the bar is in the middle of a layer, near its foot.
OPAQUE = """([canvas, index]) => {
    const zoom = canvas.width / canvas.clientWidth, layer = (canvas.clientWidth - 12) / 29;
    const place = [6 + (index + 0.5) * layer, canvas.clientHeight - 26].map(value => Math.round(value * zoom));
    return canvas.getContext("2d").getImageData(...place, 1, 1).data[3];
}"""


def test_layers_that_the_model_lacks_are_grey(frontend):
    node = opened(frontend, "14_translation.json", "InterpolateFeatures")
    node.type_value("first_layer", "b8.conv0")
    node.type_value("last_layer", "b1024.torgb")
    canvas = node.drawing.element_handle()
    frontend.page.wait_for_function(f"canvas => ({OPAQUE})([canvas, 20]) < 128", arg=canvas)
    # 256 x 256: layers 0 to 19.
    assert [canvas.evaluate(f"(canvas, index) => ({OPAQUE})([canvas, index])", index) for index in (0, 3, 12)] == [
        255
    ] * 3
    assert canvas.get_attribute("title") in ("", None)


BEYOND = [
    ("14_translation.json", "InterpolateFeatures", "b512.conv0", "b256.conv1", 256),
]


@pytest.mark.parametrize(("example", "kind", "beyond", "within", "resolution"), BEYOND)
def test_a_range_beyond_the_model_is_warned_of(example, kind, beyond, within, resolution, frontend):
    node = opened(frontend, example, kind)
    node.type_value("first_layer", beyond)
    node.type_value("last_layer", "b1024.torgb")
    node.until(f"canvas.title === 'Beyond this {resolution} px model: only its last layer counts.'")
    node.type_value("first_layer", within)
    node.until("canvas.title === ''")


def test_a_range_beyond_the_model_is_warned_of_in_a_subgraph(frontend):
    """Mix Styles is inside one: the last layer is chosen outside, where the latents and so the model come from."""
    frontend.example("21_attribute_transfer.json")
    frontend.page.evaluate(
        """() => {
            const mixes = ({type}) => type === "MixStyles";
            const host = window.app.graph.nodes.find(each => each.subgraph?.nodes.some(mixes));
            host.widgets.find(each => each.name === "last_layer").value = "b1024.torgb";
        }"""
    )
    frontend.go_into_the_subgraph()
    node = frontend.shown_node("MixStyles")
    node.centre()
    node.type_value("first_layer", "b512.conv0")
    node.until("canvas.title === 'Beyond this 256 px model: only its last layer counts.'")
    node.type_value("first_layer", "b128.torgb")
    node.until("canvas.title === ''")


def test_a_file_that_is_opened_asks_only_for_its_own_model(frontend):
    asked = set()

    def note(request) -> None:
        address = urllib.parse.urlsplit(request.url)
        if "/soat/" in address.path:
            asked.update(urllib.parse.parse_qs(address.query)["checkpoint"])

    workflow = json.loads((EXAMPLES / "00_start_here.json").read_text(encoding="utf-8"))
    for node in workflow["nodes"]:
        if node["type"] == "LoadStyleGAN":
            node["widgets_values"][0] = PORTRAIT
    frontend.page.on("request", note)
    try:
        frontend.load(workflow)
        frontend.node("SampleLatent").centre()
        frontend.node("SampleLatent").until_it_shows_a_picture()
    finally:
        frontend.page.remove_listener("request", note)
    assert asked == {PORTRAIT}


def test_a_shared_workflow_that_names_a_replaced_generator_opens_and_runs(frontend):
    """As it was frozen, before there was a successor."""
    frontend.load(json.loads(CORPUS.read_text(encoding="utf-8"))["00_start_here"]["workflow"])
    node = frontend.node("LoadStyleGAN")
    old, new = "demo/landscape_128.safetensors", "demo/landscape_256.safetensors"
    assert node.values("checkpoint") == [old]
    note = f"{new} has taken the place of {old}: its seeds and latents are other pictures."
    node.until(f"canvas.textContent === '{note}'")
    node.until("canvas.title.includes('256 x 256')")
    node.until("canvas.querySelector('canvas').height > 30 && canvas.querySelector('canvas').clientHeight > 20")
    frontend.run()
    (inputs,) = (each["inputs"] for each in frontend.prompt().values() if each["class_type"] == "LoadStyleGAN")
    assert inputs["checkpoint"] == old


def test_a_class_that_the_model_has_not_is_said_on_the_sheet(frontend):
    node = opened(frontend, "00_start_here.json", "SampleLatent")
    node.until_it_shows_a_picture()
    node.type_value("class_idx", 5)
    node.until("canvas.title === 'This model has no classes: class_idx 5 is ignored.'")
    node.until_it_shows_a_picture()
    node.type_value("class_idx", -1)
    node.until("canvas.title === ''")
