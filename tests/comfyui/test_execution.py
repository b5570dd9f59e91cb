"""What ComfyUI does with our nodes: the pictures, the cache, errors on the right node, and stopping."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageSequence
from safetensors import safe_open
from safetensors.numpy import save_file
from safetensors.torch import load_file
from soat.nodes import host
from soat.nodes.core.scaling import METHODS
from soat.soat_backend.pictures.film import read_film
from soat.soat_backend.sound.files import read_sound
from soat.soat_backend.workflow import execute, read_workflow
from soat.soat_backend.workflow.api_format import read_api_format

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "models" / "landscape_256.safetensors"
EXAMPLES = sorted((ROOT / "example_workflows").glob("*.json"))
# As an artist does: open, press the button, look.
QUEUE = """async workflow => {
    await window.app.loadGraphData(workflow);
    const {api} = window.app;
    await new Promise((done, failed) => {
        api.addEventListener("execution_success", done, {once: true});
        api.addEventListener("execution_error", event => failed(new Error(JSON.stringify(event.detail))), {once: true});
        window.app.queuePrompt(0, 1);
    });
    return {...window.app.nodeOutputs};
}"""


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """A node of the API format; a link is written as (id, output)."""
    links = {name: list(value) if isinstance(value, tuple) else value for name, value in inputs.items()}
    return {"class_type": kind, "inputs": links}


def sample(
    checkpoint="demo/landscape_256.safetensors",
    seed=0,
    batch_size=1,
    noise_mode="const",
    layer="b8.conv1",
    noise_seed=0,
):
    """Seed to saved picture."""
    return {
        "load": node("LoadStyleGAN", checkpoint=checkpoint, precision="float32"),
        "latent": node(
            "SampleLatent",
            generator=("load", 0),
            seed=seed,
            batch_size=batch_size,
            truncation_psi=0.7,
            truncation_cutoff=-1,
            class_idx=-1,
            rng="numpy",
        ),
        "cut": node(
            "GetFeatures",
            generator=("load", 0),
            latent=("latent", 0),
            layer=layer,
            noise_mode=noise_mode,
            noise_seed=noise_seed,
        ),
        "render": node("Render", features=("cut", 0), tile_size=0),
        "save": node("SaveImage", images=("render", 0), filename_prefix="test/picture"),
    }


def blend(features_b: str, **more):
    """An InterpolateFeatures node of "cut" and another."""
    inputs = {"alpha": 1.0, "shape": "constant", "first_layer": "b4.conv1", "last_layer": "b1024.torgb", **more}
    return node("InterpolateFeatures", features_a=("cut", 0), features_b=(features_b, 0), **inputs)


def written(told: dict[str, Any]) -> list[dict[str, str]]:
    """The files a node made: of SaveCanvas, whose images are small copies, the canvases."""
    return told.get("files") or told["images"]


def pixels(path: Path) -> np.ndarray:
    """All frames, `[N, H, W, 3]`."""
    with Image.open(path) as file:
        return np.stack([np.asarray(frame.convert("RGB"), np.int16) for frame in ImageSequence.Iterator(file)])


def assert_same_film(ours: Path, theirs: Path) -> None:
    """As many pictures, much alike, as fast, and a sound in both or in none."""
    av = pytest.importorskip("av", reason="films take PyAV: pip install av")
    assert ours.name == theirs.name
    (here, fps, size), (there, *told) = read_film(ours), read_film(theirs)
    frames = [np.stack(list(each)).astype(np.int16) for each in (here, there)]
    assert told == [fps, size] and frames[0].shape == frames[1].shape
    # x264 makes another film of the same pictures each time, off by up to 3 of 255 in a pixel. Blocks even that out.
    blocks = [F.avg_pool2d(torch.from_numpy(each).float().permute(0, 3, 1, 2), 8) for each in frames]
    difference = float((blocks[0] - blocks[1]).abs().mean())
    assert difference < 2.0, f"{ours.name} is off by {difference:.2f} of 255"
    lengths = []
    for path in (ours, theirs):
        with av.open(str(path)) as container:
            lengths.append([float(each.duration * each.time_base) for each in container.streams.audio])
    assert lengths[0] == pytest.approx(lengths[1], abs=0.1)


def assert_same_tensors(ours: Path, theirs: Path) -> None:
    here, there = load_file(ours), load_file(theirs)
    assert here.keys() == there.keys() and here
    for name, values in here.items():
        assert torch.allclose(values, there[name], rtol=1e-3, atol=1e-4 * float(values.abs().max())), name


@pytest.fixture
def assert_same_pictures(comfyui, tmp_path, monkeypatch):
    """Runs a graph here and there, and compares all that was saved."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path, "input": comfyui.base / "input"})

    def compare(graph, catalog, limit=1):
        report = execute(graph, catalog)
        run = comfyui.run(graph.to_prompt())
        assert run.status == "success", run.messages
        # In ComfyUI other nodes show something too.
        assert report.ui.keys() <= run.outputs.keys() and report.files
        for node_id, ui in report.ui.items():
            if graph.nodes[node_id].class_type in ("SaveVideo", "RenderWalk"):
                (entry,), (theirs,) = ui["images"], comfyui.saved(run, node_id)
                assert_same_film(tmp_path / entry["subfolder"] / entry["filename"], theirs)
                continue
            headless = [tmp_path / entry["subfolder"] / entry["filename"] for entry in written(ui)]
            there = [
                comfyui.base / "output" / each["subfolder"] / each["filename"] for each in written(run.outputs[node_id])
            ]
            for ours, theirs in zip(headless, there, strict=True):
                assert ours.name == theirs.name
                if ours.suffix == ".safetensors":
                    assert_same_tensors(ours, theirs)
                    continue
                assert np.abs(pixels(ours) - pixels(theirs)).max() <= limit
        return report, run

    return compare


def with_few_steps(path: Path) -> dict[str, Any]:
    """A workflow whose searches end soon: whole, all of them would take a quarter of an hour."""
    workflow = json.loads(path.read_text(encoding="utf-8"))
    for graph in (workflow, *workflow.get("definitions", {}).get("subgraphs", [])):
        for each in graph["nodes"]:
            named = each.get("widgets_values_named") or {}
            for name in {"steps", "inversion_steps"} & named.keys():
                each["widgets_values"][list(named).index(name)] = named[name] = 12
    return workflow


@pytest.mark.parametrize("workflow", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gives_the_picture_that_headless_gives(
    workflow, catalog, assert_same_pictures, has_browser, request, tmp_path
):
    """Headless, sent to the server, and queued in the browser where there is one."""
    quick = with_few_steps(workflow)
    path = tmp_path / workflow.name
    path.write_text(json.dumps(quick), encoding="utf-8")
    _, run = assert_same_pictures(read_workflow(path, catalog), catalog)
    if not has_browser:
        return
    shown = request.getfixturevalue("page").evaluate(QUEUE, quick)
    # Nothing is made anew, so what the browser shows are the very files.
    told = {node_id: written(ui) for node_id, ui in run.outputs.items() if "images" in ui}
    saved = {node_id: entries for node_id, entries in told.items() if entries[0]["type"] == "output"}
    assert saved and {node_id: written(shown[node_id]) for node_id in saved} == saved


def test_a_film_of_comfyuis_own_has_the_sound_that_was_followed(catalog, comfyui, assert_same_pictures):
    """Create Video and Save Video, and a film to the beat beside it, with frames of a list and of a batch."""
    pytest.importorskip("av", reason="films take PyAV: pip install av")
    prompt = sample(seed=3, batch_size=2, layer="b4.conv1")
    del prompt["save"]
    prompt["sound"] = node("ProceduralSound", seconds=1.0, tempo=120.0, seed=2)
    heard = {"fps": 12.0, "what": "onsets", "frames": 0, "start": 0.0, "end": 1.0, "low_hz": 20.0, "high_hz": 200.0}
    heard |= {"pitch": "A", "attack": 0.0, "release": 0.1, "smoothing": 0.0, "level": "peak"}
    prompt["heard"] = node("AudioValue", audio=("sound", 0), **heard)
    walk = {"latent": ("latent", 0), "frames": 6, "loop": True, "method": "lerp"}
    cut = {"generator": ("load", 0), "layer": "b4.conv1", "noise_mode": "const", "noise_seed": 0}
    prompt["walk"] = node("LatentWalk", **walk)
    prompt["cut"] = node("GetFeatures", latent=("walk", 0), **cut)
    prompt["video"] = node("CreateVideo", images=("render", 0), fps=12.0, audio=("sound", 0))
    prompt["save"] = node("SaveVideo", video=("video", 0), filename_prefix="test/created", format="mp4", codec="auto")
    prompt["at beats"] = node("LatentWalk", position=("heard", 2), **walk)
    prompt["cut at beats"] = node("GetFeatures", latent=("at beats", 0), **cut)
    film = {"filename_prefix": "test/walked", "fps": 12.0, "format": "mp4", "crf": 18}
    prompt["film"] = node("RenderWalk", features=("cut at beats", 0), audio=("sound", 0), **film)
    # What is on its wire is a film that ComfyUI's nodes take.
    prompt["again"] = node("SaveVideo", video=("film", 0), filename_prefix="test/again", format="mp4", codec="auto")
    _, run = assert_same_pictures(read_api_format(prompt), catalog)
    for node_id in ("save", "film", "again"):
        (path,) = comfyui.saved(run, node_id)
        assert len(read_sound(path).samples) == 1 and read_sound(path).samples.abs().max() > 0.5
        assert len(list(read_film(path)[0])) == 12


def test_a_moving_value_gives_the_frames_that_headless_gives(catalog, comfyui, assert_same_pictures):
    prompt = sample(seed=3)
    prompt["move"] = node("AnimateValue", start=0.0, end=0.5, frames=4, motion="once", easing="linear")
    place = {"rotate": 0.0, "scale": 1.0, "translate_y": 0.0, "flip_horizontal": False, "flip_vertical": False}
    prompt["place"] = node(
        "TransformFeatures",
        features=("cut", 0),
        translate_x=("move", 0),
        border="reflect",
        bend="none",
        bend_amount=1.0,
        channels="all",
        **place,
    )
    prompt["render"]["inputs"]["features"] = ["place", 0]
    film = {"filename_prefix": "test/film", "fps": 8.0, "format": "png", "quality": 90, "loop": True}
    prompt["save"] = node("SaveAnimation", images=("render", 0), **film)
    prompt["pictures"] = node("SaveImage", images=("render", 0), filename_prefix="test/frame")
    report, run = assert_same_pictures(read_api_format(prompt), catalog)
    (film_path,), frames = comfyui.saved(run, "save"), comfyui.saved(run, "pictures")
    assert len(frames) == 4
    for moving, still in zip(pixels(film_path), frames, strict=True):
        assert np.array_equal(moving, pixels(still)[0])
    assert run.outputs["save"]["animated"] == [True] and report.ui["save"]["animated"] == (True,)
    assert comfyui.run(prompt).executed == set()


def test_values_are_shown_as_headless_shows_them(catalog, comfyui):
    """Numbers, texts, and what is a list to ComfyUI."""
    values = {"a": ("PrimitiveInt", 7), "b": ("PrimitiveFloat", 0.1), "c": ("PrimitiveBoolean", True)}
    values |= {"d": ("PrimitiveString", 'one "two"\nthree')}
    prompt = {name: node(kind, value=value) for name, (kind, value) in values.items()}
    prompt |= {f"shown {name}": node("PreviewAny", source=(name, 0)) for name in values}
    report, run = execute(read_api_format(prompt), catalog), comfyui.run(prompt)
    for name in values:
        assert list(report.ui[f"shown {name}"]["text"]) == run.outputs[f"shown {name}"]["text"]
    assert run.outputs["shown a"]["text"] == ["7"]


def test_an_unchanged_rerun_executes_nothing(comfyui):
    prompt = sample(seed=11)
    assert comfyui.run(prompt).status == "success"
    again = comfyui.run(prompt)
    assert again.status == "success" and again.executed == set()


def test_another_seed_runs_what_depends_on_it(comfyui):
    comfyui.run(sample(seed=12))
    assert comfyui.run(sample(seed=13)).executed == {"latent", "cut", "render", "save"}


def test_random_noise_is_a_value_of_its_seed(comfyui):
    comfyui.run(sample(seed=14, noise_mode="random"))
    assert comfyui.run(sample(seed=14, noise_mode="random")).executed == set()
    assert comfyui.run(sample(seed=14, noise_mode="random", noise_seed=1)).executed == {"cut", "render", "save"}


def test_a_replaced_checkpoint_is_loaded_again(comfyui):
    path = comfyui.base / "models" / "stylegan" / "replaced.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(BUNDLED, path)
    prompt = sample("replaced.safetensors")
    before = comfyui.run(prompt)
    assert comfyui.run(prompt).executed == set()
    _make_redder(path)
    after = comfyui.run(prompt)
    assert after.executed == set(prompt)
    (old,), (new,) = comfyui.saved(before, "save"), comfyui.saved(after, "save")
    assert (pixels(new)[..., 0] >= pixels(old)[..., 0]).all() and pixels(new)[..., 0].mean() > pixels(old)[
        ..., 0
    ].mean() + 10
    assert (np.abs(pixels(new) - pixels(old))[..., 1:] <= 1).all()


def _make_redder(path: Path) -> None:
    with safe_open(path, "np") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    tensors["synthesis.b64.torgb.bias"] = tensors["synthesis.b64.torgb.bias"] + np.array([0.3, 0, 0], np.float16)
    save_file(tensors, path, metadata)


def test_a_checkpoint_that_is_not_there_is_reported_on_its_node(comfyui):
    errors = comfyui.refusal(sample("missing.safetensors"))
    assert errors.keys() == {"load"} and errors["load"]["class_type"] == "LoadStyleGAN"
    (error,) = errors["load"]["errors"]
    assert error["extra_info"]["input_name"] == "checkpoint" and "missing.safetensors" in error["details"]


def test_an_empty_layer_range_is_reported_on_its_node(comfyui):
    prompt = sample()
    prompt["mix"] = blend("cut", first_layer="b16.conv0", last_layer="b8.conv1")
    prompt["render"]["inputs"]["features"] = ["mix", 0]
    errors = comfyui.refusal(prompt)
    assert errors.keys() == {"mix"}
    assert "b16.conv0 comes after" in errors["mix"]["errors"][0]["details"]


def test_an_error_while_running_is_reported_on_its_node(comfyui):
    prompt = sample()
    prompt["other"] = node(
        "GetFeatures", generator=("load", 0), latent=("latent", 0), layer="b16.conv1", noise_mode="const", noise_seed=0
    )
    prompt["mix"] = blend("other")
    prompt["render"]["inputs"]["features"] = ["mix", 0]
    run = comfyui.run(prompt)
    error = run.messages["execution_error"]
    assert run.status == "error" and error["node_id"] == "mix" and error["node_type"] == "InterpolateFeatures"
    assert error["exception_message"].startswith("InterpolateFeatures: The two inputs come from different layers")
    assert "features_a is at b8.conv1" in error["exception_message"]
    assert "features_b at b16.conv1" in error["exception_message"]
    # Not the path under which ComfyUI imports the pack.
    assert error["exception_type"] == "soat.FeatureError"


@pytest.mark.parametrize(
    ("batch_size", "sides", "wait"),
    [
        pytest.param(128, 1.0, 0.0, id="large batch"),
        pytest.param(1, 16.0, 0.0, id="large canvas, at once"),
        pytest.param(1, 16.0, 2.0, id="large canvas, in its tiles"),
    ],
)
def test_an_interrupt_stops_a_long_render_within_a_second(batch_size, sides, wait, comfyui, messages):
    prompt = sample(batch_size=batch_size, layer="b4.conv1")
    sizes = dict.fromkeys(("left", "right", "top", "bottom"), sides)
    prompt["pad"] = node("PadExpand", features=("cut", 0), mode="reflect", **sizes)
    prompt["render"]["inputs"]["features"] = ["pad", 0]
    prompt_id = comfyui.queue(prompt, messages.client_id)
    messages.wait_for("executing", prompt_id=prompt_id, node="render")
    if wait:
        progress = messages.wait_for("progress", prompt_id=prompt_id, node="render")
        assert progress["value"] < progress["max"] / 4
        time.sleep(wait)
    asked = time.time()
    comfyui.request("/interrupt", {})
    run = comfyui.wait(prompt_id, prompt)
    stopped = run.messages["execution_interrupted"]
    assert stopped["node_id"] == "render"
    assert stopped["timestamp"] / 1000 - asked <= 1.0
    assert comfyui.run(sample(seed=15)).status == "success"


def test_an_interrupt_of_an_inversion_keeps_the_best_so_far(comfyui, messages):
    """The nodes that follow go on with it, after previews of the picture on the node."""
    prompt = {
        "load": node("LoadStyleGAN", checkpoint="demo/landscape_256.safetensors", precision="float32"),
        "paint": node("ProceduralImage", scene="landscape", seed=3, size="64", batch_size=1),
        "invert": node(
            "InvertImage",
            generator=("load", 0),
            image=("paint", 0),
            steps=100_000,
            learning_rate=0.2,
            space="style_space",
            perceptual_weight=1.0,
            mse_weight=10.0,
            prior_weight=0.02,
            seed=0,
            patience=0,
            candidates=4,
        ),
        "text": node("PreviewAny", source=("invert", 2)),
        "save": node("SaveImage", images=("invert", 1), filename_prefix="test/inverted"),
    }
    prompt_id = comfyui.queue(prompt, messages.client_id)
    while messages.wait_for("progress", prompt_id=prompt_id, node="invert")["value"] < 25:
        pass
    comfyui.request("/interrupt", {})
    run = comfyui.wait(prompt_id, prompt)
    assert run.status == "success" and run.outputs["save"]["images"]
    assert "stopped, the best so far" in run.outputs["text"]["text"][0]
    assert comfyui.run(sample(seed=15)).status == "success"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [0.37, 2.5])
def test_a_scaled_picture_is_the_one_that_headless_gives(method, scale, catalog, assert_same_pictures):
    prompt = sample(seed=3)
    prompt["larger"] = node("ImageScaleBy", image=("render", 0), upscale_method=method, scale_by=scale)
    prompt["save"]["inputs"] |= {"images": ["larger", 0], "filename_prefix": f"test/{method}_{scale}"}
    assert_same_pictures(read_api_format(prompt), catalog)


@pytest.mark.parametrize("feathering", [0, 12])
def test_padding_and_its_mask_are_those_of_headless_runs(feathering, catalog, assert_same_pictures):
    prompt = sample(seed=3, batch_size=1)
    prompt["other"] = {**prompt["latent"], "inputs": {**prompt["latent"]["inputs"], "seed": 4}}
    prompt["other_cut"] = {**prompt["cut"], "inputs": {**prompt["cut"]["inputs"], "latent": ["other", 0]}}
    sides = {"left": 64, "top": 0, "right": 32, "bottom": 8}
    prompt["pad"] = node("ImagePadForOutpaint", image=("render", 0), feathering=feathering, **sides)
    prompt["fit"] = node("InvertMask", mask=("pad", 1))
    prompt["mixed"] = blend("other_cut", mask=("fit", 0))
    prompt["drawn"] = node("Render", features=("mixed", 0), tile_size=0)
    prompt["save"]["inputs"] |= {"images": ["pad", 0], "filename_prefix": f"test/padded_{feathering}"}
    prompt["save_mixed"] = node("SaveImage", images=("drawn", 0), filename_prefix=f"test/mixed_{feathering}")
    assert_same_pictures(read_api_format(prompt), catalog)
