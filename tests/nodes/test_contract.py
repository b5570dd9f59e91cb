"""The node contract: ids, inputs, defaults and outputs that saved workflows rely on."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import json
from pathlib import Path
from types import ModuleType

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.nodes.inputs import CATEGORY, PACK_WORDS

ROOT = Path(__file__).parents[2]
CONTRACT = json.loads((ROOT / "tests" / "nodes" / "contract.json").read_text(encoding="utf-8"))
PARTS = ("load", "latents", "features", "edit", "pictures", "output")
# Ids that ComfyUI's own nodes have: it keeps those, so ours are there headless only.
ALIASES = {"SaveLatent": "SaveStyleGANLatent", "LoadLatent": "LoadStyleGANLatent"}


def declared(class_id: str) -> dict:
    types = NODE_CLASS_MAPPINGS[class_id].INPUT_TYPES()
    return {**types.get("required", {}), **types.get("optional", {})}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract", ROOT / "docs" / "contract.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_ids():
    assert set(NODE_DISPLAY_NAME_MAPPINGS) == set(CONTRACT), "a new node? Run `make derived`"
    # The display name of an id that ComfyUI's own node keeps would rename that node.
    assert set(NODE_CLASS_MAPPINGS) == set(CONTRACT) | set(ALIASES)
    for alias, class_id in ALIASES.items():
        assert NODE_CLASS_MAPPINGS[alias] is NODE_CLASS_MAPPINGS[class_id]


@pytest.mark.parametrize("class_id", CONTRACT)
def test_inputs_and_outputs(class_id, script):
    found = script.declared()[class_id]
    script.extended({class_id: CONTRACT[class_id]}, {class_id: found})
    assert found == CONTRACT[class_id], "a new input or choice? Run `make derived`"


def test_managers_find_the_pack_by_the_ids_in_a_workflow(script):
    assert json.loads((ROOT / "node_list.json").read_text(encoding="utf-8")) == script.node_list(), "run `make derived`"


OLD = {
    "A": {
        "inputs": {"x": {"type": "INT", "default": 1}, "how": {"default": "a", "choices": ["a", "b"]}},
        "outputs": {"image": "IMAGE"},
    }
}


@pytest.mark.parametrize(
    "new",
    [
        {"inputs": {"how": {"default": "a", "choices": ["a", "b"]}, "x": {"type": "INT", "default": 1}}},
        {"inputs": {"x": {"type": "INT", "default": 1}}},
        {"inputs": {"x": {"type": "INT", "default": 1.0}, "how": {"default": "a", "choices": ["a", "b"]}}},
        {"inputs": {"x": {"type": "INT", "default": 2}, "how": {"default": "a", "choices": ["a", "b"]}}},
        {"inputs": {"x": {"type": "INT", "default": 1}, "how": {"default": "a", "choices": ["a", "c", "b"]}}},
        {"inputs": {"x": {"type": "INT", "default": 1}, "how": {"default": "a", "choices": ["a"]}}},
        {"outputs": {"mask": "MASK", "image": "IMAGE"}},
        {"outputs": {"image": "MASK"}},
    ],
    ids=["moved", "gone", "type", "default", "choice between", "choice gone", "output before", "output's type"],
)
def test_what_saved_workflows_rely_on_is_never_changed(new, script):
    with pytest.raises(script.BrokenContract):
        script.extended(OLD, {"A": OLD["A"] | new})
    with pytest.raises(script.BrokenContract):
        script.extended(OLD, {})


def test_what_is_new_comes_at_the_end(script):
    new = copy.deepcopy(OLD)
    new["A"]["inputs"]["how"]["choices"].append("c")
    new["A"]["inputs"]["y"] = {"type": "INT", "default": 0}
    new["A"]["outputs"]["mask"] = "MASK"
    new["B"] = OLD["A"]
    assert script.extended(OLD, new) == new


@pytest.mark.parametrize("class_id", CONTRACT)
def test_defaults_are_said_once(class_id):
    """By INPUT_TYPES; `host.shield` gives them to the function."""
    node = NODE_CLASS_MAPPINGS[class_id]
    parameters = inspect.signature(getattr(node, node.FUNCTION)).parameters
    for name, entry in CONTRACT[class_id]["inputs"].items():
        if "default" in entry:
            assert parameters[name].default is inspect.Parameter.empty, name


@pytest.mark.parametrize("class_id", CONTRACT)
def test_everything_is_explained(class_id):
    node = NODE_CLASS_MAPPINGS[class_id]
    assert len(node.DESCRIPTION) > 20
    assert len(node.OUTPUT_TOOLTIPS) == len(node.RETURN_TYPES)
    for name, (_, options) in declared(class_id).items():
        assert len(options["tooltip"]) > 5, name


@pytest.mark.parametrize("class_id", CONTRACT)
def test_the_tree_of_categories(class_id):
    assert NODE_CLASS_MAPPINGS[class_id].CATEGORY in {f"{CATEGORY}/{part}" for part in PARTS}


@pytest.mark.parametrize("class_id", NODE_DISPLAY_NAME_MAPPINGS)
def test_every_node_is_found_by_words_people_use(class_id):
    words = NODE_CLASS_MAPPINGS[class_id].SEARCH_ALIASES
    own = [word for word in words if word not in PACK_WORDS]
    assert 3 <= len(own) <= 8 and len(words) == len(own) + len(PACK_WORDS)
    assert len({word.lower() for word in words}) == len(words)
    names = f"{class_id} {NODE_DISPLAY_NAME_MAPPINGS[class_id]}".lower()
    assert not [word for word in words if word.lower() in names]


SEEDS = [
    (class_id, options)
    for class_id in CONTRACT
    for name, (_, options) in declared(class_id).items()
    if name.endswith("seed")
]


def test_seeds_are_as_large_as_those_of_comfyuis_samplers():
    """So that one primitive may feed both."""
    assert SEEDS and {options["max"] for _, options in SEEDS} == {0xFFFFFFFFFFFFFFFF}


@pytest.mark.parametrize(("class_id", "options"), SEEDS, ids=[class_id for class_id, _ in SEEDS])
def test_a_seed_stays_until_the_user_wants_otherwise(class_id, options):
    """ComfyUI's frontend changes any input of these names after each run if nothing is declared."""
    assert options["control_after_generate"] == "fixed"


def test_what_few_need_is_advanced():
    found = {
        class_id: [name for name, (_, options) in declared(class_id).items() if options.get("advanced")]
        for class_id in CONTRACT
    }
    assert {class_id: names for class_id, names in found.items() if names} == {
        "InvertImage": [
            "learning_rate",
            "perceptual_weight",
            "mse_weight",
            "candidates",
            "covariance",
            "patience",
            "noise_maps",
            "network",
            "at_once",
            "base_weight",
        ],
        "DragPoints": ["stop_distance", "layer", "rows", "keep_near", "patience"],
        "LearnDirection": ["regularisation"],
        "MergeGenerators": ["mapping"],
        "RegionMask": ["falloff", "resolution"],
        "AnimateValue": ["easing"],
        "AudioValue": ["smoothing", "level"],
        "RenderWalk": ["crf"],
        "SaveCanvas": ["tile_size"],
        "SquareCrop": ["aspect"],
        "WarpFeatures": ["layer"],
        "StylizeGenerator": ["learning_rate", "mixed_from", "style_weight", "inversion_steps"],
    }


def test_layers():
    layers = declared("GetFeatures")["layer"][0]
    assert layers[:3] == ["b4.conv1", "b8.conv0", "b8.conv1"] and "b1024.conv1" in layers
    styles = declared("MixStyles")["first_layer"][0]
    assert styles[:5] == ["b4.conv1", "b4.torgb", "b8.conv0", "b8.conv1", "b8.torgb"] and "b1024.torgb" in styles


def test_random_noise_is_a_value_of_its_seed_and_runs_nothing_anew():
    for class_id in ("GetFeatures", "PanoramaFeatures", "GridFeatures"):
        assert not hasattr(NODE_CLASS_MAPPINGS[class_id], "IS_CHANGED")
