"""Drawings inside subgraphs, and beside them: they see through a subgraph's ends."""

from __future__ import annotations

import pytest
from artist import opened

MODEL, SAMPLE, CUT = "LoadStyleGAN", "SampleLatent", "GetFeatures"


def open_the_sheet(frontend) -> None:
    """The contact sheet of the node that is shown."""
    node = frontend.shown_node(SAMPLE)
    node.centre()
    node.click((100, 40))


@pytest.mark.parametrize("levels", [1, 2])
def test_seeds_are_shown_of_the_model_outside(levels, frontend):
    frontend.example("03_pad.json")
    for _ in range(levels):
        frontend.convert_to_subgraph(SAMPLE, CUT, "Subgraph")
        frontend.go_into_the_subgraph()
    open_the_sheet(frontend)
    frontend.shown_node(SAMPLE).until_it_shows_a_picture()


def test_seeds_are_shown_of_a_model_inside(frontend):
    frontend.example("03_pad.json")
    frontend.convert_to_subgraph(MODEL)
    open_the_sheet(frontend)
    frontend.shown_node(SAMPLE).until_it_shows_a_picture()


def test_seeds_are_shown_of_the_model_chosen_on_the_subgraph(frontend):
    """Its choice is promoted: the inner node's own one says nothing."""
    frontend.example("03_pad.json")
    frontend.convert_to_subgraph(MODEL)
    frontend.page.evaluate(
        """() => {
            const {graph} = window.app, host = graph.nodes.find(each => each.subgraph), inside = host.subgraph;
            const load = inside.nodes.find(node => node.type === "LoadStyleGAN");
            const slot = load.inputs.find(each => each.widget?.name === "checkpoint");
            inside.addInput("model", slot.type).connect(slot, load);
        }"""
    )
    open_the_sheet(frontend)
    frontend.shown_node(SAMPLE).until_it_shows_a_picture()
    frontend.page.evaluate(
        """() => {
            const host = window.app.graph.nodes.find(each => each.subgraph);
            const widget = host.widgets.find(each => each.name === "model");
            widget.value = "demo/portrait_256.safetensors";
            widget.callback?.(widget.value);
        }"""
    )
    # A change is noted at a key's or the mouse's release.
    with frontend.page.expect_request(lambda request: "/soat/samples" in request.url and "portrait" in request.url):
        frontend.page.mouse.click(1400, 850)
    frontend.shown_node(SAMPLE).until_it_shows_a_picture()


def test_the_last_picture_lies_behind_a_region_whose_picture_is_made_outside(frontend):
    frontend.example("06_shift_blend.json")
    frontend.convert_to_subgraph("ShiftBlend")
    frontend.convert_to_subgraph("Subgraph")
    frontend.run()
    frontend.go_into_the_subgraph()
    frontend.go_into_the_subgraph()
    node = frontend.shown_node("ShiftBlend")
    node.centre()
    node.until_it_shows_a_picture()


def test_the_last_picture_lies_behind_a_region_whose_picture_is_made_inside(frontend):
    frontend.example("06_shift_blend.json")
    frontend.convert_to_subgraph("Render", "SaveImage")
    frontend.run()
    node = frontend.shown_node("ShiftBlend")
    node.centre()
    node.until_it_shows_a_picture()


def test_pictures_of_a_panorama_are_reordered_where_they_are_picked_inside(frontend):
    node = opened(frontend, "08_hand_picked_panorama.json", "PanoramaFeatures")
    frontend.convert_to_subgraph("SelectLatents", SAMPLE)
    node.type_value("blend_width", 0.4)
    node.settle()
    width, height = node.size()
    tile = min((width - 12) / 5, height - 12)
    left = (width - 5 * tile) / 2
    node.drag((left + 0.5 * tile, height / 2), (left + 2.5 * tile, height / 2))
    items = frontend.page.evaluate(
        """() => window.app.graph.nodes.find(each => each.subgraph).subgraph.nodes
            .find(node => node.type === "SelectLatents").widgets.find(each => each.name === "items").value"""
    )
    assert items == "3, 2, 13, 9, 15"
