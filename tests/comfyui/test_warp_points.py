"""WarpFeatures' drawing: DragPoints' over the picture before, and after a run over what Render made of it."""

from __future__ import annotations

import pytest
from drags import difference, picture_of, seed_picture, warped_seed

CHIN = (0.5, 0.78)
ENDS = [{"from": pytest.approx(CHIN, abs=0.011), "to": pytest.approx((0.5, 0.9), abs=0.011)}]


def test_a_pull_is_drawn_and_then_seen(frontend, comfyui):
    node, render = warped_seed(frontend)
    before = seed_picture(comfyui)
    node.until_it_shows(before)
    node.pull(CHIN, (0.5, 0.9))
    assert node.points() == ENDS
    frontend.run()
    (entry,) = frontend.page.evaluate("id => window.app.nodeOutputs[id].images", render.id)
    after = picture_of(comfyui, entry)
    assert difference(after, before) > 2
    node.leave()
    node.until_it_shows(after)
    assert difference(node.shown(), after) < difference(node.shown(), before)
    # Under the pointer it is what the pull begins with.
    node.drawing.hover()
    node.until_it_shows(before)
    assert difference(node.shown(), before) < difference(node.shown(), after)


def test_of_features_that_are_no_seeds_it_is_what_the_run_has_told(frontend, comfyui):
    node, render = warped_seed(frontend)
    # Behind another edit nothing else shows the picture before.
    turned = frontend.add("TransformFeatures", (-200, 300), flip_horizontal=True)
    (features,) = frontend.ids("GetFeatures")
    frontend.connect(features, "features", turned.id, "features")
    frontend.connect(turned.id, "features", node.id, "features")
    node.pull(CHIN, (0.5, 0.9))
    frontend.run()
    (entry,) = node.told("soat_before")
    before = picture_of(comfyui, entry)
    node.drawing.hover()
    node.until_it_shows(before)
    # Without a pull Render makes the same of them.
    node.set_points()
    frontend.run()
    (made,) = frontend.page.evaluate("id => window.app.nodeOutputs[id].images", render.id)
    assert difference(picture_of(comfyui, made), before) < 2


def test_a_live_render_follows_the_hand(frontend, comfyui):
    node, render = warped_seed(frontend)
    frontend.run()
    render.bring_to_the_middle()
    render.settle()
    render.choose("Live picture: on")
    picture = "id => window.app.nodeOutputs[id].images[0].filename"
    first = frontend.page.evaluate(picture, render.id)
    node.centre()
    node.pull(CHIN, (0.5, 0.9))
    frontend.page.wait_for_function(
        "([id, first]) => window.app.nodeOutputs[id].images[0].filename !== first", arg=[render.id, first]
    )
    assert node.points() == ENDS
