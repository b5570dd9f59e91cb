"""Motions, pans and animated files."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.pictures.animation import Motion, pan
from soat.soat_backend.support.errors import SoatError


def test_motions():
    assert Motion(5).between(0.0, 1.0) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert Motion(4, "around").between(0.0, 360.0) == [0.0, 90.0, 180.0, 270.0]
    assert Motion(8, "back_and_forth").between(0.0, 1.0) == [0.0, 0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25]
    assert Motion(5, "back_and_forth").between(0.0, 1.0) == [0.0, 0.5, 1.0, pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert Motion(2, "back_and_forth").between(0.0, 1.0) == [0.0, 1.0]
    for kind in ("once", "back_and_forth", "around"):
        assert Motion(1, kind).between(3.0, 5.0) == [3.0]
    smooth = Motion(5, "once", "smooth").between(0.0, 1.0)
    assert smooth == pytest.approx([0.0, 0.146447, 0.5, 0.853553, 1.0], abs=1e-6)


def test_values_come_as_a_list_and_rounded():
    values, rounded = NODE_CLASS_MAPPINGS["AnimateValue"]().animate(0.0, 5.0, 3, "once", "linear")
    assert (values, rounded) == ([0.0, 2.5, 5.0], [0, 2, 5])


@pytest.mark.parametrize(
    ("change", "said"), [({"frames": 0}, "frames"), ({"kind": "x"}, "motion"), ({"easing": "x"}, "easing")]
)
def test_wrong_motions_are_refused(change, said):
    with pytest.raises(SoatError, match=f"AnimateValue, {said}"):
        Motion(**{"frames": 4, **change})


@pytest.fixture
def strip():
    """A picture of 4 x 12 whose pixels say where they are."""
    x = torch.arange(12.0).repeat(4, 1)
    return torch.stack((x, torch.arange(4.0)[:, None].repeat(1, 12), torch.zeros(4, 12)), dim=-1)[None]


def starts(frames, axis):
    return frames[:, 0, 0, axis].tolist()


def test_pan_from_end_to_end(strip):
    frames = pan(strip, Motion(5))
    assert frames.shape == (5, 4, 4, 3)
    assert starts(frames, 0) == [0, 2, 4, 6, 8]
    assert torch.equal(frames[2], strip[0, :, 4:8])


def test_pan_around_comes_in_at_the_other_side(strip):
    frames = pan(strip, Motion(4, "around"), length=6)
    assert starts(frames, 0) == [0, 3, 6, 9]
    assert frames[3, 0, :, 0].tolist() == [9, 10, 11, 0, 1, 2]


def test_pan_down(strip):
    frames = pan(strip, Motion(3), "vertical", length=2)
    assert frames.shape == (3, 2, 12, 3)
    assert starts(frames, 1) == [0, 1, 2]


def test_pan_refuses_batches_and_long_windows(strip):
    with pytest.raises(SoatError, match="a window of 13 pixels doesn't fit into a picture of 12"):
        pan(strip, Motion(2, node="PanImage"), length=13)
    with pytest.raises(SoatError, match="PanImage: expected one picture to pan over, got a batch of 2"):
        pan(strip.repeat(2, 1, 1, 1), Motion(2, node="PanImage"))


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.setenv("SOAT_OUTPUT", str(tmp_path))
    return tmp_path


def frames_of(path):
    with Image.open(path) as file:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(file)], dict(file.info)


@pytest.mark.parametrize(("kind", "quality"), [("webp", 100), ("png", 90)])
def test_lossless_files_have_the_very_frames_in_order(node, output, kind, quality):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 12, 3), dtype=np.uint8)
    images = [torch.from_numpy(part).float() / 255 for part in (pixels[:2], pixels[2:])]
    batch = node(
        "SaveAnimation",
        images=images,
        filename_prefix=["walks/a"],
        format=[kind],
        quality=[quality],
        fps=[8.0],
        loop=[True],
    )
    assert torch.equal(batch, torch.cat(images))
    saved, info = frames_of(output / "walks" / f"a_00001_.{kind}")
    assert len(saved) == 3
    for frame, expected in zip(saved, pixels, strict=True):
        np.testing.assert_array_equal(frame, expected)
    assert (info["loop"], info["duration"]) == (0, 125)


def test_gif_has_all_frames_and_plays_once(node, output):
    images = [torch.full((1, 8, 8, 3), level) for level in (0.0, 0.5, 1.0)]
    node("SaveAnimation", images=images, filename_prefix=["g"], format=["gif"], fps=[10.0], loop=[False])
    saved, info = frames_of(output / "g_00001_.gif")
    assert [int(frame[0, 0, 0]) for frame in saved] == [0, 127, 255]
    assert "loop" not in info and info["duration"] == 100


def test_the_workflow_is_in_the_file_where_comfyui_looks_for_it(node, output):
    workflow, prompt = {"nodes": [1, 2]}, {"1": {"class_type": "X"}}
    for kind in ("webp", "png"):
        node(
            "SaveAnimation",
            images=[torch.zeros(2, 8, 8, 3)],
            filename_prefix=["w"],
            format=[kind],
            prompt=[prompt],
            extra_pnginfo=[{"workflow": workflow}],
        )
    with Image.open(output / "w_00001_.webp") as file:
        exif = file.getexif()
    assert exif[0x0110] == "prompt:" + json.dumps(prompt)
    assert exif[0x010F] == "workflow:" + json.dumps(workflow)
    with Image.open(output / "w_00002_.png") as file:
        assert json.loads(file.text["workflow"]) == workflow and json.loads(file.text["prompt"]) == prompt


def test_each_part_of_the_metadata_has_a_tag_of_its_own(node, output):
    images, extra = [torch.zeros(2, 8, 8, 3)], {"workflow": 1, "more": 2}
    node("SaveAnimation", images=images, filename_prefix=["%width%x%height%"], extra_pnginfo=[extra])
    with Image.open(output / "8x8_00001_.webp") as file:
        assert (file.getexif()[0x010F], file.getexif()[0x010E]) == ("workflow:1", "more:2")


def test_frames_too_large_for_webp_and_too_short_for_gif(node, output):
    with pytest.raises(SoatError, match="WebP holds 16383 pixels a side at most, the frames have 16384 x 8"):
        node("SaveAnimation", images=[torch.zeros(1, 8, 16384, 3)])
    assert list(output.rglob("*.webp")) == []
    images = [torch.full((1, 8, 8, 3), level) for level in (0.0, 1.0)]
    node("SaveAnimation", images=images, filename_prefix=["g"], format=["gif"], fps=[60.0])
    assert frames_of(output / "g_00001_.gif")[1]["duration"] == 20


def test_a_gif_that_stands_still_too_long_and_no_frames_at_all(node, output):
    with pytest.raises(SoatError, match="stands still for longer than the file can say"):
        node("SaveAnimation", images=[torch.zeros(700, 4, 4, 3)], format=["gif"], fps=[1.0])
    with pytest.raises(SoatError, match="there are no frames"):
        node("SaveAnimation", images=[])
    assert [path for path in output.rglob("*") if path.is_file()] == []


def test_a_pan_that_memory_would_hardly_hold_is_refused():
    with pytest.raises(SoatError, match="4096 frames of 512 x 512 pixels are more than memory"):
        pan(torch.zeros(1, 512, 1024, 3), Motion(4096))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e12])
def test_values_that_are_none_are_refused(value):
    with pytest.raises(SoatError, match="AnimateValue, end"):
        NODE_CLASS_MAPPINGS["AnimateValue"]().animate(0.0, value)


def test_frames_of_several_sizes_are_refused_and_leave_nothing(node, output):
    with pytest.raises(SoatError, match="different sizes: 8 x 8 and 16 x 8"):
        node("SaveAnimation", images=[torch.zeros(1, 8, 8, 3), torch.zeros(1, 8, 16, 3)])
    assert list(output.rglob("*")) == []


def test_names_cant_leave_the_folder():
    for prefix in ("../x", ["../x"]):
        assert isinstance(NODE_CLASS_MAPPINGS["SaveAnimation"].VALIDATE_INPUTS(filename_prefix=prefix), str)
