"""The subgraph blueprints are whole, as their script writes them, and run."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.pictures.film import read_film
from soat.soat_backend.workflow import execute, read_workflow
from soat.soat_backend.workflow.node_types import NodeCatalog

ROOT = Path(__file__).parents[2]
CLASSES = {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}
FILES = sorted((ROOT / "subgraphs").glob("*.json"))
SIDES = {
    "Sample panorama": (256, 256 * 3),
    "Photo edit": (256, 256),
    "Redraw photo": (256, 256),
    "Translate": (256, 256),
    "Wide photo": (256, 512),
}
SMALL = {"count": 3, "steps": 1, "frames": 2}


def _load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def writing():
    """The scripts in docs/, of which one imports the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        yield _load("blueprints")


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def blueprint(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_there_are_seven_as_the_script_writes_them(writing):
    made = [make() for make in writing.BLUEPRINTS]
    files = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
    assert len(files) == 7
    assert files == {definition["name"]: writing.blueprint(definition, aliases) for definition, aliases in made}


def test_one_node_stands_for_the_subgraph(blueprint):
    (outer,), (definition,) = blueprint["nodes"], blueprint["definitions"]["subgraphs"]
    assert outer["type"] == definition["id"] and blueprint["links"] == []
    assert [slot["name"] for slot in outer["inputs"]] == [slot["name"] for slot in definition["inputs"]]
    assert [slot["type"] for slot in outer["outputs"]] == [slot["type"] for slot in definition["outputs"]]
    assert outer["widgets_values"] == list(outer["widgets_values_named"].values())
    assert blueprint["extra"]["BlueprintDescription"] and len(blueprint["extra"]["BlueprintSearchAliases"]) >= 3


def test_links_join_what_is_there(blueprint):
    (definition,) = blueprint["definitions"]["subgraphs"]
    nodes = {node["id"]: node for node in definition["nodes"]}
    assert len({link["id"] for link in definition["links"]}) == len(definition["links"])
    for link in definition["links"]:
        if link["origin_id"] == -10:
            assert link["id"] in definition["inputs"][link["origin_slot"]]["linkIds"]
        else:
            output = nodes[link["origin_id"]]["outputs"][link["origin_slot"]]
            assert link["id"] in output["links"] and output["type"] == link["type"]
        if link["target_id"] == -20:
            assert link["id"] in definition["outputs"][link["target_slot"]]["linkIds"]
        else:
            slot = nodes[link["target_id"]]["inputs"][link["target_slot"]]
            assert slot["link"] == link["id"] and slot["type"] == link["type"]


def test_nodes_have_every_input_they_have_now(blueprint):
    for node in blueprint["definitions"]["subgraphs"][0]["nodes"]:
        types = CLASSES[node["type"]].INPUT_TYPES()
        declared = [*types.get("required", {}), *types.get("optional", {})]
        assert sorted(slot["name"] for slot in node["inputs"]) == sorted(declared)


def test_it_runs(blueprint, writing, tmp_path, monkeypatch):
    """With what a user would connect to it."""
    if is_film := "film" in blueprint["extra"]["BlueprintSearchAliases"]:
        pytest.importorskip("av", reason="films take PyAV: pip install av")
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    node, link = writing.node, sys.modules["graph_writing"].link
    outer = copy.deepcopy(blueprint["nodes"][0])
    outer["id"] = 50
    is_face = "face" in blueprint["extra"]["BlueprintSearchAliases"]
    kind = "portrait_256" if is_face else "landscape_256"
    sources = {
        "generator": (node("LoadStyleGAN", 51, checkpoint=f"demo/{kind}.safetensors"), "generator"),
        "second": (node("LoadStyleGAN", 55, checkpoint="demo/portrait_comic_256.safetensors"), "generator"),
        "its sibling": (node("LoadStyleGAN", 52, checkpoint="demo/landscape_neon_256.safetensors"), "generator"),
        "photo": (node("ProceduralImage", 53, scene="portrait" if is_face else "landscape", size="256"), "image"),
        "latent": (node("SampleLatent", 54), "latent"),
    }
    nodes, links = {50: outer}, []
    for slot in outer["inputs"]:
        if slot["name"] in sources:
            source, output = sources[slot["name"]]
            nodes[source["id"]] = source
            links.append(((source["id"], output), (50, slot["name"])))
        if slot["name"] in SMALL:
            value = SMALL[slot["name"]]
            names = list(outer["widgets_values_named"])
            outer["widgets_values_named"][slot["name"]] = outer["widgets_values"][names.index(slot["name"])] = value
    if 54 in nodes:
        links.append(((51, "generator"), (54, "generator")))
    if outer["outputs"][0]["type"] == "SOAT_LATENT":
        nodes[56] = node("GetFeatures", 56, layer="b4.conv1")
        nodes[57] = node("Render", 57)
        links += [
            ((50, "latent"), (56, "latent")),
            ((50, "tuned"), (56, "generator")),
            ((56, "features"), (57, "features")),
        ]
        last = (57, "image")
    else:
        last = (50, outer["outputs"][0]["name"])
    is_film = outer["outputs"][0]["type"] == "VIDEO"
    nodes[60] = node("SaveVideo" if is_film else "SaveImage", 60, filename_prefix="made")
    links.append((last, (60, "video" if is_film else "images")))
    path = tmp_path / "workflow.json"
    entries = [link(nodes, index + 1, *each) for index, each in enumerate(links)]
    workflow = {**blueprint, "nodes": list(nodes.values()), "links": entries}
    path.write_text(json.dumps(workflow), encoding="utf-8")
    catalog = NodeCatalog(CLASSES)
    graph = read_workflow(path, catalog)
    assert {key.split(":")[0] for key in graph.to_prompt()} == {str(each) for each in nodes}
    (entry,) = execute(graph, catalog).files
    if is_film:
        # A walk of three stations and back, each step of two frames.
        pictures = np.stack(list(read_film(tmp_path / entry["subfolder"] / entry["filename"])[0]))
        assert pictures.shape == (6, 256, 256, 3) and pictures.std() > 10
        return
    with Image.open(tmp_path / entry["subfolder"] / entry["filename"]) as made:
        assert getattr(made, "n_frames", 1) == 1
        height, width = SIDES.get(blueprint["definitions"]["subgraphs"][0]["name"], (256, 256))
        assert made.size == (width, height)
        assert np.asarray(made.convert("RGB"), float).std() > 10
