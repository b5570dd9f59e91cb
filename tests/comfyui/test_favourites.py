"""Seeds that are marked on a contact sheet, and found again."""

from __future__ import annotations

from typing import Any

import pytest
from artist import Node, cells, opened

MOUNTAINS, PORTRAITS = "demo/landscape_256.safetensors", "demo/portrait_256.safetensors"
GOLD = "[250, 204, 21]"
# The node's box of stars, and whether one in gold is there.
IS_GOLD = f"""(canvas, [left, top, width, height]) => {{
    const ratio = canvas.width / canvas.clientWidth;
    const {{data}} = canvas.getContext("2d").getImageData(left * ratio, top * ratio, width * ratio, height * ratio);
    const gold = {GOLD};
    for (let at = 0; at < data.length; at += 4) if (gold.every((value, k) => data[at + k] === value)) return true;
    return false;
}}"""


def sheet(frontend) -> Node:
    """An open contact sheet whose seed is 0."""
    node = opened(frontend, "03_pad.json", "SampleLatent")
    node.type_value("seed", 0)
    node.click((100, 40))
    node.until_it_shows_a_picture()
    return node


def side_of(node: Node) -> float:
    places = cells(node)
    return places[1][0] - places[0][0]


def star(node: Node, index: int) -> tuple[float, float]:
    """The middle of a cell's star: it is in the upper right corner."""
    x, y = cells(node)[index]
    half = side_of(node) / 2
    return x + half - 6, y - half + 5


def switch(node: Node) -> tuple[float, float]:
    return node.size()[0] - 14, 14


def is_gold(node: Node, index: int) -> bool:
    x, y = star(node, index)
    return node.drawing.evaluate(IS_GOLD, [x - 8, y - 5, 13, 14]) if node.drawing.count() else False


def becomes_gold(node: Node, index: int) -> bool:
    """Whether a star is, at the latest when a slow machine has drawn it."""
    return any(is_gold(node, index) or node.settle() for _ in range(50))


def properties(node: Node, name: str) -> Any:
    return node.page.evaluate(
        "([id, name]) => window.app.canvas.graph.getNodeById(id).properties[name]", [int(node.id), name]
    )


def favourites(node: Node) -> list[tuple[str, str, int]]:
    return [(mark["checkpoint"], mark["rng"], mark["seed"]) for mark in properties(node, "soat_favourites") or []]


def until_there_are(node: Node, count: int) -> None:
    node.until(f"(node.properties.soat_favourites ?? []).length === {count}")


def test_a_seed_is_marked_by_its_star_and_unmarked_and_that_undone(frontend):
    node = sheet(frontend)
    assert not is_gold(node, 3)
    node.click(star(node, 3))
    node.click(star(node, 10))
    assert favourites(node) == [(MOUNTAINS, "numpy", 3), (MOUNTAINS, "numpy", 10)]
    assert becomes_gold(node, 3) and becomes_gold(node, 10) and not is_gold(node, 4)
    assert node.values("seed", "batch_size") == [0, 1]
    node.click(star(node, 3))
    assert favourites(node) == [(MOUNTAINS, "numpy", 10)] and not is_gold(node, 3)
    frontend.undo()
    until_there_are(node, 2)
    frontend.undo()
    until_there_are(node, 1)
    node.until_it_shows_a_picture()
    assert becomes_gold(node, 3) and not is_gold(node, 10)


def test_favourites_are_found_again_and_chosen(frontend):
    node = sheet(frontend)
    for index in (7, 2):
        node.click(star(node, index))
    node.click((node.size()[0] - 14, node.size()[1] / 2))
    node.until_it_shows_a_picture()
    node.click(star(node, 0))
    with frontend.page.expect_request(lambda request: "/soat/samples" in request.url and "7%2C2%2C12" in request.url):
        node.click(switch(node))
    node.until_it_shows_a_picture()
    places = cells(node)
    node.type_value("batch_size", 3)
    node.until("(node.widgets.find(each => each.name === 'seed').linkedWidgets[0].value = 'randomize')")
    node.click(places[2])
    assert node.values("seed", "batch_size") == [12, 3]
    node.until("node.widgets.find(each => each.name === 'seed').linkedWidgets[0].value === 'fixed'")
    # They are no row.
    node.click(places[1], modifiers=["Shift"])
    assert node.values("seed", "batch_size") == [2, 3]
    # There is no fourth.
    node.click(places[3])
    assert node.values("seed", "batch_size") == [2, 3]
    node.click(star(node, 0))
    assert [seed for *_, seed in favourites(node)] == [2, 12]
    node.until_it_shows_a_picture()
    # What is shown stays shown when all is made anew.
    frontend.undo()
    until_there_are(node, 3)
    assert properties(node, "soat_shows_favourites") is True
    node.until_it_shows_a_picture()
    node.click(switch(node))
    node.until_it_shows_a_picture()
    node.click(cells(node)[5])
    assert node.values("seed") == [5]


def test_favourites_are_marked_and_found_with_keys(frontend):
    node = sheet(frontend)
    node.drawing.press("ArrowRight")
    node.drawing.press("f")
    assert favourites(node) == [(MOUNTAINS, "numpy", 1)]
    node.drawing.press("Shift+F")
    assert properties(node, "soat_shows_favourites") is True
    node.drawing.press("f")
    assert favourites(node) == []
    # ComfyUI's own F hides all but the graph.
    assert not frontend.page.evaluate("() => window.app.extensionManager.focusMode")


def test_favourites_are_saved_with_the_workflow_and_copied_with_the_node(frontend):
    node = sheet(frontend)
    node.click(star(node, 4))
    workflow = frontend.saved()
    frontend.example("00_start_here.json")
    frontend.load(workflow)
    node = frontend.node("SampleLatent")
    node.centre()
    node.until_it_shows_a_picture()
    assert becomes_gold(node, 4)
    copied = frontend.page.evaluate(
        """id => {
            const {graph} = window.app, node = graph.getNodeById(id), copy = node.clone();
            copy.pos = [node.pos[0], node.pos[1] + 2000];
            graph.add(copy);
            return copy.properties.soat_favourites.map(({seed}) => seed);
        }""",
        int(node.id),
    )
    assert copied == [4]
    node.click(star(node, 5))
    # Each has its own.
    kept = frontend.page.evaluate(
        "() => window.app.graph.nodes.filter(node => node.type === 'SampleLatent')"
        ".map(node => node.properties.soat_favourites.length).sort()"
    )
    assert kept == [1, 2]


def test_another_model_and_other_random_numbers_have_other_favourites(frontend):
    node = sheet(frontend)
    node.click(star(node, 4))
    frontend.node("LoadStyleGAN").type_value("checkpoint", PORTRAITS)
    node.settle()
    node.until_it_shows_a_picture()
    assert not is_gold(node, 4)
    node.click(star(node, 6))
    node.type_value("rng", "torch")
    node.settle()
    node.until_it_shows_a_picture()
    assert not is_gold(node, 6)
    assert favourites(node) == [(MOUNTAINS, "numpy", 4), (PORTRAITS, "numpy", 6)]
    node.type_value("rng", "numpy")
    frontend.node("LoadStyleGAN").type_value("checkpoint", MOUNTAINS)
    node.settle()
    node.until_it_shows_a_picture()
    assert becomes_gold(node, 4) and not is_gold(node, 6)


@pytest.mark.parametrize("levels", [1, 2])
def test_seeds_are_marked_in_a_subgraph(levels, frontend):
    frontend.example("03_pad.json")
    for _ in range(levels):
        frontend.convert_to_subgraph("SampleLatent", "GetFeatures", "Subgraph")
        frontend.go_into_the_subgraph()
    node = frontend.shown_node("SampleLatent")
    # Its seed may be chosen on the subgraph's node.
    chosen = Node(frontend, frontend.ids("SampleLatent")[0])
    (before,) = chosen.values("seed")
    index = (before + 1) % 12
    node.centre()
    node.click((100, 40))
    node.until_it_shows_a_picture()
    node.click(star(node, index))
    seed = 12 * (before // 12) + index
    assert favourites(node) == [(MOUNTAINS, "numpy", seed)] and chosen.values("seed") == [before]
    node.click(switch(node))
    node.settle()
    node.until_it_shows_a_picture()
    node.click(cells(node)[0])
    assert chosen.values("seed") == [seed]
