"""Seeds stay as they are until the user wants otherwise, so that what hasn't changed doesn't run again."""

from __future__ import annotations

import time
from typing import Any

import pytest

RENDERERS = {"classic": False, "vue": True}
# A fresh graph, as dragged out of the node library.
BUILD = """() => {
    const {app, LiteGraph} = window;
    app.graph.clear();
    const [model, sample, features, render] = ["LoadStyleGAN", "SampleLatent", "GetFeatures", "Render"].map(kind => {
        const node = LiteGraph.createNode(kind);
        app.graph.add(node);
        return node;
    });
    model.connect(0, sample, "generator");
    model.connect(0, features, "generator");
    sample.connect(0, features, "latent");
    features.connect(0, render, "features");
    for (const node of [model, sample, features, render]) node.pos = [100 + 350 * app.graph.nodes.indexOf(node), 100];
}"""
QUEUE = """() => new Promise((done, failed) => {
    const api = window.app.api;
    api.addEventListener("execution_success", ({detail}) => done(detail.prompt_id), {once: true});
    api.addEventListener("execution_error", ({detail}) => failed(detail), {once: true});
    window.app.queuePrompt(0, 1);
})"""
EXPORT = "async () => (await window.app.graphToPrompt()).output"
# Widgets of a node with what changes them after each run.
CONTROLLED = """([kind, name]) => {
    const node = window.app.graph.nodes.find(each => each.type === kind);
    const widget = node.widgets.find(each => each.name === name);
    return [widget.value, widget.linkedWidgets[0].value];
}"""
# As a typed value arrives, and is noticed.
TYPE = """([kind, name, value]) => {
    const node = window.app.graph.nodes.find(each => each.type === kind);
    const widget = node.widgets.find(each => each.name === name);
    widget.value = value;
    widget.callback?.(value);
    window.app.extensionManager.workflow.activeWorkflow.changeTracker.checkState();
}"""
MODE = "mode => { window.app.extensionManager.queueSettings.mode = mode; }"
IDLE_SECONDS = 10


@pytest.fixture(params=RENDERERS, scope="module")
def fresh(request, page, comfyui) -> Any:
    comfyui.request("/api/settings/Comfy.VueNodes.Enabled", RENDERERS[request.param])
    page.reload()
    page.wait_for_function("!!(window.app?.graph && window.LiteGraph?.registered_node_types['Render'])", timeout=90_000)
    page.wait_for_function("!!window.app.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
    yield page
    comfyui.request("/api/settings/Comfy.VueNodes.Enabled", False)


def classes(page: Any) -> dict[str, str]:
    return {node["class_type"]: node_id for node_id, node in page.evaluate(EXPORT).items()}


def test_what_follows_a_fresh_seed_is_cached_at_the_next_run(fresh, comfyui):
    fresh.evaluate(BUILD)
    before = fresh.evaluate(EXPORT)
    first, second = fresh.evaluate(QUEUE), fresh.evaluate(QUEUE)
    assert fresh.evaluate(EXPORT) == before
    for kind, name in (("SampleLatent", "seed"), ("GetFeatures", "noise_seed")):
        assert fresh.evaluate(CONTROLLED, [kind, name]) == [0, "fixed"]
    ran = [comfyui.wait(prompt_id, before) for prompt_id in (first, second)]
    assert classes(fresh)["GetFeatures"] in ran[1].cached
    assert ran[1].cached == set(before)


def test_run_on_change_rests_when_nothing_changes(fresh, comfyui):
    fresh.evaluate(BUILD)
    fresh.evaluate(QUEUE)
    told = len(comfyui.json("/history"))
    fresh.evaluate(MODE, "change")
    try:
        fresh.evaluate(TYPE, ["SampleLatent", "truncation_psi", 0.5])
        until_runs(fresh, comfyui, told + 1, 60)
        assert len(comfyui.json("/history")) == told + 1
        until_runs(fresh, comfyui, told + 3, IDLE_SECONDS)
        assert len(comfyui.json("/history")) <= told + 2
    finally:
        fresh.evaluate(MODE, "disabled")


def until_runs(page: Any, comfyui: Any, wanted: int, seconds: float) -> None:
    """Wait until the server has done so many, or for that long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(comfyui.json("/history")) < wanted:
        page.wait_for_timeout(100)


@pytest.mark.parametrize(("saved", "expected"), [(["randomize"], [5, "randomize"]), ([], [5, "fixed"])])
def test_the_control_of_an_older_workflow_is_kept(fresh, saved, expected):
    """Also where there was none, as in files written by hand: it is the last value of GetFeatures."""
    node = {"id": 1, "type": "GetFeatures", "pos": [0, 0], "size": [290, 299], "flags": {}, "order": 0, "mode": 0}
    workflow = {
        "last_node_id": 1,
        "last_link_id": 0,
        "nodes": [{**node, "inputs": [], "outputs": [], "widgets_values": ["b8.conv1", "random", 5, *saved]}],
        "links": [],
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }
    fresh.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)
    assert fresh.evaluate(CONTROLLED, ["GetFeatures", "noise_seed"]) == expected


def test_a_class_that_the_model_lacks_is_said_on_the_node(fresh):
    said = """wanted => window.app.graph.nodes.find(each => each.type === "SampleLatent").widgets
        .some(each => typeof each.value === "string" && each.value.includes("has no classes")) === wanted"""
    fresh.evaluate(BUILD)
    fresh.evaluate(TYPE, ["SampleLatent", "class_idx", 3])
    fresh.evaluate(QUEUE)
    fresh.wait_for_function(said, arg=True)
    fresh.evaluate(TYPE, ["SampleLatent", "class_idx", -1])
    fresh.evaluate(TYPE, ["SampleLatent", "truncation_psi", 0.6])
    fresh.evaluate(QUEUE)
    fresh.wait_for_function(said, arg=False)
