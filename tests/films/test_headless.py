"""Films of headless runs: ComfyUI's Create Video and Save Video, with PyAV and without, and the template with sound."""

from __future__ import annotations

import logging
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.nodes.core import HEADLESS_NODE_CLASSES, video
from soat.nodes.core.video import CreateVideo, SaveVideo
from soat.soat_backend.pictures.film import read_film
from soat.soat_backend.workflow import NodeCatalog, execute, read_workflow

av = pytest.importorskip("av", reason="films take PyAV: pip install av")
TEMPLATE = Path(__file__).parents[2] / "example_workflows" / "30_film_to_a_beat.json"
SOUND = {"waveform": 0.3 * torch.sin(torch.arange(8000) * 0.3)[None, None], "sample_rate": 8000}


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path / "out", "input": tmp_path})
    return tmp_path / "out"


def made(audio=SOUND):
    frames = torch.linspace(0.0, 1.0, 12)[:, None, None, None].expand(12, 32, 48, 3)
    return CreateVideo().create(frames, 12.0, audio)[0]


@pytest.mark.parametrize(("asked", "extension"), [("auto", "mp4"), ("mp4", "mp4"), ("mkv", "mkv"), ("webm", "webm")])
def test_a_film_with_its_sound(asked, extension, output):
    told = SaveVideo().save(made(), "soat/film", asked, prompt={"1": {}})
    (entry,) = told["ui"]["images"]
    assert entry == {"filename": f"film_00001_.{extension}", "subfolder": "soat", "type": "output"}
    path = output / "soat" / entry["filename"]
    frames, fps, size = read_film(path)
    means = [frame.mean() / 255.0 for frame in frames]
    assert fps == 12.0 and size == (32, 48)
    assert means == pytest.approx(np.linspace(0.0, 1.0, 12), abs=0.02)
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.channels == 1
        assert "prompt" in {name.lower() for name in container.metadata}


def test_a_film_without_sound(output):
    SaveVideo().save(made(None))
    with av.open(str(output / "video" / "ComfyUI_00001_.mp4")) as container:
        assert len(container.streams) == 1


def test_a_film_of_a_file_is_saved_in_another_format(output):
    SaveVideo().save(made(), "a")
    SaveVideo().save(host.VideoFile(output / "a_00001_.mp4"), "b", "webm")
    with av.open(str(output / "b_00001_.webm")) as container:
        assert container.streams.video[0].codec_context.name == "vp9" and container.streams.audio
    assert len(list(read_film(output / "b_00001_.webm")[0])) == 12


def test_without_pyav_its_pictures_and_its_sound_are_saved_and_it_says_why(output, monkeypatch, caplog):
    monkeypatch.setattr(video, "has_pyav", lambda: False)
    with caplog.at_level(logging.WARNING):
        told = SaveVideo().save(made(), "film")
    assert 'one by one as PNG, the sound as WAV. For a film: pip install "soat-stylegan[video]"' in caplog.text
    names = [entry["filename"] for entry in told["ui"]["images"]]
    assert names[:12] == [f"film_{number:05}_.png" for number in range(1, 13)] and names[12].endswith(".wav")
    assert np.asarray(Image.open(output / names[11])).min() == 255
    with wave.open(str(output / names[12])) as file:
        assert (file.getframerate(), file.getnframes()) == (8000, 8000)


def test_the_template_makes_a_film_to_its_beat(output):
    catalog = NodeCatalog({**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES})
    graph = read_workflow(TEMPLATE, catalog)
    told = execute(graph, catalog).ui
    (entry,) = [entry for ui in told.values() for entry in ui["images"]]
    path = output / entry["subfolder"] / entry["filename"]
    frames, fps, size = read_film(path)
    film = np.stack(list(frames)).astype(int)
    assert (len(film), fps, size) == (48, 12.0, (256, 256))
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.name == "aac" and container.duration >= 3.9e6
    # It moves most at the beats, which are every sixth frame.
    moved = np.abs(np.diff(film, axis=0)).mean((1, 2, 3))
    at_beats = moved[5::6]
    assert at_beats.mean() > 2.0 * np.delete(moved, np.arange(5, len(moved), 6)).mean()
