"""Writes graphs in ComfyUI's format (0.4), with every input and output the nodes have now: for docs/blueprints.py."""

from __future__ import annotations

import uuid
from typing import Any

from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.core import HEADLESS_NODE_CLASSES

CLASSES: dict[str, Any] = {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}
WIDGETS = ("INT", "FLOAT", "STRING", "BOOLEAN")
# Their seeds have a value more: what becomes of them after a run.
SEEDS = ("seed", "noise_seed")
INPUT_NODE, OUTPUT_NODE = -10, -20
# Names of ours within UUIDs made from names, so that a subgraph keeps its id when it is written anew.
NAMESPACE = uuid.UUID("50a7b1ee-0000-4000-8000-000000000000")


def node(kind: str, node_id: int, title: str = "", **values: Any) -> dict[str, Any]:
    """A node with its usual values and these, not yet linked."""
    declared = CLASSES[kind].INPUT_TYPES()
    entries = [(n, e, False) for n, e in declared.get("required", {}).items()]
    entries += [(n, e, True) for n, e in declared.get("optional", {}).items()]
    sockets, widgets, named, listed = [], [], {}, []
    for name, entry, optional in entries:
        options = entry[1] if len(entry) > 1 else {}
        is_choice = isinstance(entry[0], (list, tuple))
        slot: dict[str, Any] = {"localized_name": name, "name": name}
        if optional:
            slot["shape"] = 7
        slot["type"] = "COMBO" if is_choice else entry[0]
        if not is_choice and (entry[0] not in WIDGETS or options.get("forceInput")):
            sockets.append({**slot, "link": None})
            continue
        value = values.pop(name, options.get("default", entry[0][0] if is_choice else ""))
        widgets.append({**slot, "widget": {"name": name}, "link": None})
        named[name] = value
        listed.append(value)
        if name in SEEDS and options.get("control_after_generate", True):
            named["control_after_generate"] = "fixed"
            listed.append("fixed")
    assert not values, f"{kind} has no {sorted(values)}"
    cls = CLASSES[kind]
    names = getattr(cls, "RETURN_NAMES", cls.RETURN_TYPES)
    outputs = [
        {"localized_name": name, "name": name, "type": out, "links": None}
        for name, out in zip(names, cls.RETURN_TYPES, strict=True)
    ]
    made: dict[str, Any] = {"id": node_id, "type": kind, "pos": [0, 0], "size": [250, 100], "flags": {}, "order": 0}
    made |= {"mode": 0, "inputs": sockets + widgets, "outputs": outputs}
    if title:
        made["title"] = title
    properties = {"Node name for S&R": kind} if kind in NODE_CLASS_MAPPINGS else {"cnr_id": "comfy-core"}
    return made | {"properties": properties, "widgets_values": listed, "widgets_values_named": named}


def slot_of(slots: list[dict[str, Any]], name: str) -> int:
    return [slot["name"] for slot in slots].index(name)


def instance(definition: dict[str, Any], node_id: int, title: str = "", **values: Any) -> dict[str, Any]:
    """The node that stands for a subgraph, with other values of its promoted inputs."""
    inner = {each["id"]: each for each in definition["nodes"]}
    inputs, named = [], {}
    for index, each in enumerate(definition["inputs"]):
        slot = {"localized_name": each["name"], "name": each["name"], "type": each["type"]}
        link = next(k for k in definition["links"] if k["origin_id"] == INPUT_NODE and k["origin_slot"] == index)
        target = inner[link["target_id"]]
        fed = target["inputs"][link["target_slot"]]
        if fed.get("widget"):
            slot["widget"] = {"name": each["name"]}
            named[each["name"]] = values.pop(each["name"], target["widgets_values_named"][fed["name"]])
        inputs.append({**slot, "link": None})
    assert not values, f"{definition['name']} has no {sorted(values)}"
    outputs = [
        {"localized_name": each["name"], "name": each["name"], "type": each["type"], "links": None}
        for each in definition["outputs"]
    ]
    return {
        "id": node_id,
        "type": definition["id"],
        "pos": [0, 0],
        "size": [250, 100],
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": inputs,
        "outputs": outputs,
        "title": title or definition["name"],
        "properties": {},
        "widgets_values": list(named.values()),
        "widgets_values_named": named,
    }


def link(nodes: dict[int, dict[str, Any]], link_id: int, origin: tuple[int, str], target: tuple[int, str]) -> list[Any]:
    """Join an output with an input, by their names; the link as the outermost level of a file writes it."""
    a, b = nodes[origin[0]], nodes[target[0]]
    slot, target_slot = slot_of(a["outputs"], origin[1]), slot_of(b["inputs"], target[1])
    a["outputs"][slot]["links"] = [*(a["outputs"][slot]["links"] or []), link_id]
    b["inputs"][target_slot]["link"] = link_id
    return [link_id, a["id"], slot, b["id"], target_slot, a["outputs"][slot]["type"]]


def subgraph(
    name: str,
    nodes: list[dict[str, Any]],
    links: list[tuple[tuple[int, str], tuple[int, str]]],
    inputs: list[tuple[str, list[tuple[int, str]]]],
    outputs: list[tuple[str, tuple[int, str]]],
    description: str = "",
) -> dict[str, Any]:
    """A definition.

    Args:
        name: As it is shown.
        nodes: What is in it.
        links: From (node, output) to (node, input).
        inputs: Names, and the (node, input) each feeds; one that feeds a widget is shown on the outside.
        outputs: Names, and the (node, output) each comes from.
        description: What a user reads of it.
    """
    by_id, made = {each["id"]: each for each in nodes}, []
    for origin, target in links:
        entry = link(by_id, len(made) + 1, origin, target)
        made.append(
            dict(zip(("id", "origin_id", "origin_slot", "target_id", "target_slot", "type"), entry, strict=True))
        )
    ins, outs = [], []
    for index, (label, targets) in enumerate(inputs):
        ids = []
        for node_id, wanted in targets:
            slots = by_id[node_id]["inputs"]
            slot = slot_of(slots, wanted)
            kind = slots[slot]["type"]
            made.append(_half_link(len(made) + 1, INPUT_NODE, index, node_id, slot, kind))
            slots[slot]["link"] = made[-1]["id"]
            ids.append(made[-1]["id"])
        ins.append({"id": _id(name, "in", label), "name": label, "type": kind, "linkIds": ids, "localized_name": label})
    for index, (label, (node_id, wanted)) in enumerate(outputs):
        slots = by_id[node_id]["outputs"]
        slot = slot_of(slots, wanted)
        made.append(_half_link(len(made) + 1, node_id, slot, OUTPUT_NODE, index, slots[slot]["type"]))
        slots[slot]["links"] = [*(slots[slot]["links"] or []), made[-1]["id"]]
        entry = {"id": _id(name, "out", label), "name": label, "type": slots[slot]["type"]}
        outs.append({**entry, "linkIds": [made[-1]["id"]], "localized_name": label})
    state = {"lastGroupId": 0, "lastNodeId": max(by_id), "lastLinkId": len(made), "lastRerouteId": 0}
    return {
        "id": _id(name),
        "version": 1,
        "state": state,
        "revision": 0,
        "config": {},
        "name": name,
        "description": description,
        "inputNode": {"id": INPUT_NODE, "bounding": [0, 0, 120, 20 * len(ins) + 40]},
        "outputNode": {"id": OUTPUT_NODE, "bounding": [0, 0, 120, 20 * len(outs) + 40]},
        "inputs": ins,
        "outputs": outs,
        "widgets": [],
        "nodes": nodes,
        "groups": [],
        "links": made,
        "extra": {},
    }


def place_in_columns(definition: dict[str, Any], columns: list[list[int]], heights: dict[str, int]) -> None:
    """Stand the nodes of a subgraph in columns, and its two ends at the sides."""
    by_id = {each["id"]: each for each in definition["nodes"]}
    for column, ids in enumerate(columns):
        top = 0
        for node_id in ids:
            each = by_id[node_id]
            each["pos"], each["size"] = [column * 330, top], [270, heights.get(each["type"], 120)]
            top += each["size"][1] + 70
    definition["inputNode"]["bounding"][:2] = [-220, 0]
    definition["outputNode"]["bounding"][:2] = [len(columns) * 330, 0]


def _half_link(link_id: int, origin: int, slot: int, target: int, target_slot: int, kind: str) -> dict[str, Any]:
    return {
        "id": link_id,
        "origin_id": origin,
        "origin_slot": slot,
        "target_id": target,
        "target_slot": target_slot,
        "type": kind,
    }


def _id(*names: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))
