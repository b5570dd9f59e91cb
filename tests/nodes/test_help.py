"""The help pages say what the nodes are: every input, output, default, range and choice, and nothing that is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.nodes.inputs import STYLE_LAYERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "web" / "docs"
WORKFLOWS = {path.stem: path for path in (ROOT / "example_workflows").glob("*.json")}
SHOWN = sorted(NODE_DISPLAY_NAME_MAPPINGS)  # The other ids are headless only: ComfyUI keeps its own nodes of these ids.
WORKFLOW_NAME = re.compile(r"\b\d\d_\w+")
RANGE = re.compile(r"\((-?[\d.]+) to (-?[\d.]+)\)")
CODE = re.compile(r"`([^`]+)`")
ITEM = re.compile(r"`(?P<name>\w+)` \((?P<default>default `[^`]*`|a wire|wires|a file|optional)\): (?P<what>.+)")
PICTURE = re.compile(r"^!\[([^]]+)\]\(([^)]+)\)$", flags=re.M)


def page(class_id: str) -> str:
    return (DOCS / f"{class_id}.md").read_text(encoding="utf-8")


def declared(class_id: str) -> dict:
    """Inputs as a reader sees them: one that grows is one."""
    node = NODE_CLASS_MAPPINGS[class_id]
    types = node.INPUT_TYPES()
    inputs = {**types.get("required", {}), **types.get("optional", {})}
    if not hasattr(node, "GROWS"):
        return inputs
    own = {name: entry for name, entry in inputs.items() if name not in node.GROWS.names()}
    return {node.GROWS.name: node.GROWS.socket, **own}


def section(text: str, title: str) -> str:
    return re.split(r"^## ", text.split(f"## {title}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def listed(text: str) -> dict[str, tuple[str, str]]:
    """The list of inputs: input -> (default, what). A table would be cut off in the narrow panel that shows a page."""
    items = [" ".join(item.split()) for item in re.findall(r"^- (.+(?:\n  .+)*)$", section(text, "Inputs"), flags=re.M)]
    rows = [ITEM.fullmatch(item) for item in items]
    assert all(rows), items
    assert len({row["name"] for row in rows}) == len(rows)
    return {row["name"]: (row["default"].removeprefix("default "), row["what"]) for row in rows}


def as_written(default: object) -> str:
    """A default as a page writes it."""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_a_page_for_each_node_and_no_other():
    assert sorted(path.stem for path in DOCS.glob("**/*.md")) == SHOWN


@pytest.mark.parametrize("class_id", SHOWN)
def test_its_shape(class_id):
    lines = page(class_id).splitlines()
    assert lines[0] == f"# {NODE_DISPLAY_NAME_MAPPINGS[class_id]}"
    headings = [line for line in lines if line.startswith("#")]
    assert headings[1:] == ["## Inputs", "## Outputs", "## Tips", "## At the edges", "## Examples"]
    assert 25 <= len(lines) <= 72
    assert not [line for line in lines if line.startswith("|")]


@pytest.mark.parametrize("class_id", SHOWN)
def test_its_picture(class_id):
    before_inputs = page(class_id).split("## Inputs")[0]
    assert PICTURE.findall(before_inputs) == [
        (f"what {NODE_DISPLAY_NAME_MAPPINGS[class_id]} makes", f"images/{class_id}.jpg")
    ]
    with Image.open(DOCS / "images" / f"{class_id}.jpg") as picture:
        assert picture.format == "JPEG" and picture.width == 640
    assert (DOCS / "images" / f"{class_id}.jpg").stat().st_size < 65_000


@pytest.mark.parametrize("class_id", SHOWN)
def test_inputs_and_defaults(class_id):
    rows = listed(page(class_id))
    inputs = declared(class_id)
    assert list(rows) == list(inputs)
    optional = NODE_CLASS_MAPPINGS[class_id].INPUT_TYPES().get("optional", {})
    for name, (kind, options) in inputs.items():
        if "default" in options:
            expected = as_written(options["default"])
        elif name == getattr(getattr(NODE_CLASS_MAPPINGS[class_id], "GROWS", None), "name", ""):
            expected = "wires"
        elif name in optional:
            expected = "optional"
        else:
            expected = "a file" if isinstance(kind, list) else "a wire"
        assert rows[name][0] == expected, name


@pytest.mark.parametrize("class_id", SHOWN)
def test_ranges_and_choices(class_id):
    rows = listed(page(class_id))
    for name, (kind, options) in declared(class_id).items():
        what = rows[name][1]
        if kind in ("INT", "FLOAT"):
            found = RANGE.findall(what)
            assert [tuple(map(float, pair)) for pair in found] == [(float(options["min"]), float(options["max"]))], name
        elif isinstance(kind, list) and "default" in options:
            assert set(kind) - set(STYLE_LAYERS) <= set(CODE.findall(what)), name


@pytest.mark.parametrize("class_id", SHOWN)
def test_outputs(class_id):
    named = re.findall(r"^- `(\w+)`:", section(page(class_id), "Outputs"), flags=re.M)
    assert tuple(named) == tuple(NODE_CLASS_MAPPINGS[class_id].RETURN_NAMES)


@pytest.mark.parametrize("class_id", SHOWN)
def test_layers_exist(class_id):
    assert set(re.findall(r"\bb\d+\.\w+", page(class_id))) <= set(STYLE_LAYERS)


def _types(workflow):
    """Of all nodes, in subgraphs too."""
    levels = [workflow, *workflow.get("definitions", {}).get("subgraphs", [])]
    return {node["type"] for level in levels for node in level["nodes"]}


@pytest.mark.parametrize("class_id", SHOWN)
def test_example_workflows_exist_and_all_that_use_the_node_are_named(class_id):
    text = page(class_id)
    assert set(WORKFLOW_NAME.findall(text)) <= set(WORKFLOWS)
    using = [
        name
        for name, path in sorted(WORKFLOWS.items())
        if class_id in _types(json.loads(path.read_text(encoding="utf-8")))
    ]
    sentences = re.findall(r"^Used in (.+?)\.$", section(text, "Examples"), flags=re.M | re.S)
    assert [WORKFLOW_NAME.findall(sentence) for sentence in sentences] == ([using] if using else [])


@pytest.mark.parametrize("class_id", SHOWN)
def test_nodes_are_called_by_the_names_users_see(class_id):
    """Ids are for workflow files; in ComfyUI a user reads display names."""
    prose = PICTURE.sub("", CODE.sub("", page(class_id)))
    ids = {other for other in SHOWN if other != NODE_DISPLAY_NAME_MAPPINGS[other]}
    assert not ids & set(re.findall(r"\w+", prose)) - {"Render"}
