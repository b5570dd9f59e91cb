"""Sheets of what a node gives, before anything is run."""

from __future__ import annotations

import pytest
from artist import Node, cells, opened

RELATED = [("02_panorama.json", "SampleLatentSequence"), ("09_grid_and_tower.json", "SampleLatentGrid")]


def open_the_sheet(node: Node) -> None:
    node.centre()
    node.click((100, 10))
    node.centre()
    node.until_it_shows_a_picture()


@pytest.mark.parametrize(("example", "kind"), RELATED)
def test_what_a_seed_gives_is_shown_when_asked_for(example, kind, frontend):
    node = opened(frontend, example, kind)
    assert node.colours() < 1000
    (before,) = node.values("seed")
    open_the_sheet(node)
    assert node.values("seed") == [before] and node.size()[1] >= 100
    node.click((node.size()[0] - 10, node.size()[1] / 2))
    assert node.values("seed") == [before + 1]
    node.until_it_shows_a_picture()
    (kept,) = (each for each in frontend.saved()["nodes"] if each["id"] == int(node.id))
    assert kept["properties"]["soat_contact_sheet"] is True


def test_pictures_are_picked_by_clicks(frontend):
    node = opened(frontend, "08_hand_picked_panorama.json", "SelectLatents")
    batch = frontend.node("SampleLatent")
    batch.type_value("batch_size", 12)
    node.type_value("items", "3")
    open_the_sheet(node)
    places = cells(node)
    node.click(places[5])
    node.click(places[1])
    assert node.values("items") == ["3, 5, 1"]
    node.click(places[5])
    assert node.values("items") == ["3, 1"]
    frontend.undo()
    node.until("node.widgets.find(each => each.name === 'items').value === '3, 5, 1'")
