"""Stitch Many and Join Many in ComfyUI: their inputs grow as one connects, and mean the same headless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from artist import Frontend, Node
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS, host
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import execute, read_workflow
from soat.soat_backend.workflow.api_format import read_api_format


def pictures_to_stitch(frontend: Frontend) -> tuple[list[Node], Node]:
    """A model, three seeds cut open, and a Stitch Many that nothing is connected to, with what shows and saves."""
    frontend.page.evaluate("() => { window.app.graph.clear(); Object.assign(window.app.canvas.ds, {scale: 0.5}); }")
    frontend.page.evaluate("() => window.app.canvas.ds.offset.splice(0, 2, 200, 300)")
    model = frontend.add("LoadStyleGAN", (0, 0))
    model.type_value("checkpoint", "demo/landscape_256.safetensors")
    cuts = []
    for seed in range(3):
        latent, cut = frontend.add("SampleLatent", (420, 440 * seed)), frontend.add("GetFeatures", (840, 440 * seed))
        latent.type_value("seed", seed + 30)
        for node in (latent, cut):
            connect(model, node, "generator")
        connect(latent, cut, "latent")
        cuts.append(cut)
    many = frontend.add("StitchMany", (1300, 0))
    render, save = frontend.add("Render", (1800, 0)), frontend.add("SaveImage", (2300, 0))
    connect(many, render, "features")
    connect(render, save, "images")
    save.type_value("filename_prefix", "growing/row")
    many.settle()
    return cuts, many


def connect(giver: Node, taker: Node, name: str) -> None:
    giver.page.evaluate(
        """([from, to, name]) => {
            const {graph} = window.app.canvas, taker = graph.getNodeById(to);
            graph.getNodeById(from).connect(0, taker, taker.inputs.findIndex(slot => slot.name === name));
        }""",
        [int(giver.id), int(taker.id), name],
    )


def row(many: Node) -> dict[str, str]:
    """What comes from where."""
    links = many.frontend.prompt()[many.id]["inputs"]
    return {name: link[0] for name, link in links.items() if isinstance(link, list)}


def test_a_row_is_wired_run_saved_and_mended(frontend, comfyui, catalog, tmp_path, monkeypatch):
    cuts, many = pictures_to_stitch(frontend)
    a, b, c = (cut.id for cut in cuts)
    assert many.inputs() == {"features0": [], "features1": []}
    cuts[0].wire_to(many, "features0")
    assert many.inputs() == {"features0": [a], "features1": []}
    cuts[1].wire_to(many, "features1")
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": []}
    cuts[2].wire_to(many, "features2")
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": [c], "features3": []}
    assert row(many) == {"features.features0": a, "features.features1": b, "features.features2": c}

    frontend.run()
    saved, prompt = frontend.saved(), frontend.prompt()
    assert_headless_gives_the_same_picture(saved, comfyui, catalog, tmp_path, monkeypatch)

    frontend.load(saved)
    many = frontend.node("StitchMany")
    assert frontend.prompt() == prompt
    assert frontend.saved()["links"] == saved["links"]
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": [c], "features3": []}

    many.settle()
    # Pulled off and let go over nothing; a click beside it closes the menu that comes.
    x, y = many.socket("features1")
    many.draw_wire((x, y), (x - 60, y + 600))
    frontend.page.mouse.click(1200, 450)
    many.settle()
    assert many.inputs() == {"features0": [a], "features1": [c], "features2": []}
    assert row(many) == {"features.features0": a, "features.features1": c}

    frontend.undo()
    many.until("node.inputs.filter(({link}) => link != null).length === 3")
    assert frontend.prompt() == prompt
    assert many.inputs() == {"features0": [a], "features1": [b], "features2": [c], "features3": []}


def assert_headless_gives_the_same_picture(workflow, comfyui, catalog, tmp_path, monkeypatch):
    (tmp_path / "row.json").write_text(json.dumps(workflow))
    (ours,) = headless(read_workflow(tmp_path / "row.json", catalog), catalog, tmp_path, monkeypatch)
    assert_alike(ours, max((comfyui.base / "output" / "growing").glob("row_*.png")), (768, 256))


def headless(graph, catalog, folder, monkeypatch) -> list[Path]:
    """Files that a run without ComfyUI saves."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": folder})
    return [folder / each["subfolder"] / each["filename"] for each in execute(graph, catalog).files]


def assert_alike(ours: Path, theirs: Path, size: tuple[int, int]) -> None:
    with Image.open(ours) as mine, Image.open(theirs) as other:
        assert mine.size == other.size == size
        assert np.abs(np.asarray(mine, np.int16) - np.asarray(other, np.int16)).max() <= 1


def test_a_picture_is_dragged_to_another_place_of_the_row(frontend):
    cuts, many = pictures_to_stitch(frontend)
    for number, cut in enumerate(cuts):
        connect(cut, many, f"features.features{number}")
        many.settle()
    many.centre()
    many.type_value("blend_width", 0.2)
    many.settle()
    a, b, c = (cut.id for cut in cuts)
    width, height = many.size()
    tile = min((width - 12) / 3, height - 28)
    left, middle = (width - 3 * tile) / 2, (height - 16) / 2
    many.drag((left + 0.5 * tile, middle), (left + 2.5 * tile, middle))
    assert row(many) == {"features.features0": b, "features.features1": c, "features.features2": a}
    assert list(many.inputs()) == ["features0", "features1", "features2", "features3"]


def test_the_other_inputs_grow_too(frontend):
    frontend.page.evaluate("() => window.app.graph.clear()")
    latents = [frontend.add("SampleLatent", (0, 400 * number)) for number in range(7)]
    join, save = frontend.add("JoinMany", (600, 0)), frontend.add("SaveStyleGANLatent", (1000, 0))
    connect(join, save, "latent")
    for number, latent in enumerate(latents):
        connect(latent, join, f"latents.latent{number}")
        join.settle()
    assert list(join.inputs()) == [f"latent{number}" for number in range(8)]
    assert row(join) == {f"latents.latent{number}": latent.id for number, latent in enumerate(latents)}


@pytest.mark.parametrize("class_id", ["StitchMany", "JoinMany"])
def test_comfyui_is_told_what_the_plain_class_says(class_id, comfyui):
    plain = NODE_CLASS_MAPPINGS[class_id]
    told = comfyui.json(f"/object_info/{class_id}")[class_id]
    assert (told["display_name"], told["category"]) == (NODE_DISPLAY_NAME_MAPPINGS[class_id], plain.CATEGORY)
    assert (told["description"], told["search_aliases"]) == (plain.DESCRIPTION, list(plain.SEARCH_ALIASES))
    assert (told["output"], told["output_name"]) == (list(plain.RETURN_TYPES), list(plain.RETURN_NAMES))
    assert told["output_tooltips"] == list(plain.OUTPUT_TOOLTIPS)
    assert told["has_intermediate_output"] == getattr(plain, "HAS_INTERMEDIATE_OUTPUT", False)
    inputs, grows = told["input"]["required"], plain.GROWS
    kind, options = inputs.pop(grows.name)
    template = options["template"]
    assert kind == "COMFY_AUTOGROW_V3" and options["tooltip"] == grows.socket[1]["tooltip"]
    assert [f"{grows.name}.{template['prefix']}{number}" for number in range(template["max"])] == grows.names()
    assert template["input"]["optional"] == {grows.prefix: list(grows.socket)}
    for name, (declared, options) in plain.INPUT_TYPES()["required"].items():
        choices = {"options": declared} if isinstance(declared, list) else {}
        assert inputs.pop(name) == ["COMBO" if choices else declared, options | choices]
    assert not inputs


def api(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def cuts_of(count: int) -> dict[str, Any]:
    """A prompt with feature maps of seeds, "cut 0" and so on."""
    sampled = {"truncation_psi": 0.7, "truncation_cutoff": -1, "class_idx": -1, "rng": "numpy", "batch_size": 1}
    prompt = {"load": api("LoadStyleGAN", checkpoint="demo/landscape_256.safetensors", precision="float32")}
    for seed in range(count):
        prompt[f"latent {seed}"] = api("SampleLatent", generator=["load", 0], seed=seed, **sampled)
        cut = {"layer": "b8.conv1", "noise_mode": "const", "noise_seed": 0}
        prompt[f"cut {seed}"] = api("GetFeatures", generator=["load", 0], latent=[f"latent {seed}", 0], **cut)
    return prompt


def stitched(prompt: dict[str, Any], wires: dict[int, str], direction: str = "horizontal") -> dict[str, Any]:
    """That prompt with a row of some of its nodes, by the sockets they are connected to."""
    features = {f"features.features{number}": [node, 0] for number, node in wires.items()}
    return prompt | {
        "row": api("StitchMany", direction=direction, blend_width=0.6, wrap=direction == "vertical", **features),
        "render": api("Render", features=["row", 0], tile_size=0),
        "save": api("SaveImage", images=["render", 0], filename_prefix="growing/sent"),
    }


def faded(prompt: dict[str, Any]) -> dict[str, Any]:
    """With three frames, "frames", between the first two maps."""
    ramp = {"alpha": ["values", 0], "shape": "constant", "first_layer": "b4.conv1", "last_layer": "b1024.torgb"}
    return prompt | {
        "values": api("AnimateValue", start=0.0, end=1.0, frames=3, motion="once", easing="linear"),
        "frames": api("InterpolateFeatures", features_a=["cut 0", 0], features_b=["cut 1", 0], **ramp),
    }


SENT = {
    "one": (stitched(cuts_of(1), {0: "cut 0"}), [(256, 256)]),
    "a gap": (stitched(cuts_of(2), {1: "cut 0", 3: "cut 1"}, "vertical"), [(256, 512)]),
    "frames": (stitched(faded(cuts_of(2)), {0: "cut 0", 1: "frames"}), [(512, 256)] * 3),
    "fifty": (stitched(cuts_of(3), {number: f"cut {number % 3}" for number in range(50)}), [(12800, 256)]),
}


@pytest.mark.parametrize("name", SENT)
def test_a_prompt_gives_the_pictures_that_headless_gives(name, comfyui, catalog, tmp_path, monkeypatch):
    prompt, sizes = SENT[name]
    run = comfyui.run(prompt)
    assert run.status == "success", run.messages
    ours, theirs = headless(read_api_format(prompt), catalog, tmp_path, monkeypatch), comfyui.saved(run, "save")
    for mine, other, size in zip(ours, theirs, sizes, strict=True):
        assert_alike(mine, other, size)


def test_nothing_connected_is_said_in_plain_words_there_and_headless(comfyui, catalog):
    prompt = stitched(cuts_of(1), {})
    told = comfyui.run(prompt).messages["execution_error"]
    assert (told["node_id"], told["exception_type"]) == ("row", "soat.SoatError")
    assert told["exception_message"].startswith("StitchMany: Nothing is connected.")
    with pytest.raises(WorkflowError, match=r"Node row .StitchMany. failed: Nothing is connected"):
        execute(read_api_format(prompt), catalog)


def test_a_wire_of_another_type_is_refused_there_and_headless(comfyui, catalog):
    prompt = stitched(cuts_of(2), {0: "cut 0", 7: "latent 1"})
    (error,) = comfyui.refusal(prompt)["row"]["errors"]
    assert error["type"] == "return_type_mismatch" and "features.features7" in error["details"]
    with pytest.raises(WorkflowError, match=r"input features\.features7 expects SOAT_FEATURES"):
        execute(read_api_format(prompt), catalog)


def test_more_than_there_may_be_is_refused_there_and_headless(comfyui, catalog):
    prompt = stitched(cuts_of(1), {0: "cut 0", 50: "cut 0"})
    told = comfyui.run(prompt).messages["execution_error"]
    said = "StitchMany: There is no input 'features.features50': there are up to 50"
    assert told["exception_message"].startswith(said)
    with pytest.raises(WorkflowError, match=r"has no input 'features\.features50'"):
        execute(read_api_format(prompt), catalog)
