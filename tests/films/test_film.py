"""Films: what is encoded is what was given, with its sound in time; none is left half."""

from __future__ import annotations

import gc
import json
import math
import sys
import weakref

import numpy as np
import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.nodes.render_walk import RenderWalk
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.latents import sample
from soat.soat_backend.pictures.film import FilmWriter, read_film, write_film
from soat.soat_backend.sound import Sound
from soat.soat_backend.sound.files import read_sound
from soat.soat_backend.support.errors import SoatError

av = pytest.importorskip("av", reason="films take PyAV: pip install av")
FORMATS = {"mp4": ("h264", "aac"), "webm": ("vp9", "opus"), "mkv": ("h264", "aac")}


def pictures(count: int = 24, height: int = 48, width: int = 64) -> list[np.ndarray]:
    """A bright square that moves over a blue ground."""
    made = []
    for k in range(count):
        picture = np.full((height, width, 3), (40, 90, 200), np.uint8)
        picture[8:24, k : k + 16] = (220, 60, 30)
        made.append(picture)
    return made


def beep(at: float = 0.5, seconds: float = 1.0, rate: int = 44_100, channels: int = 1) -> Sound:
    t = torch.arange(round(seconds * rate), dtype=torch.float64) / rate
    wave = 0.5 * torch.sin(2.0 * math.pi * 880.0 * t) * (t >= at)
    return Sound(wave.float().expand(channels, -1).contiguous(), rate)


def begins(sound: Sound) -> float:
    """When it is first loud, in seconds."""
    return int((sound.samples.abs().amax(0) > 0.25).nonzero()[0]) / sound.rate


@pytest.mark.parametrize("kind", FORMATS)
def test_a_film_is_its_pictures_and_its_sound(kind, tmp_path):
    path, given = tmp_path / "film", pictures()
    assert write_film(iter(given), path, kind, 24.0, sound=beep(), texts={"prompt": '{"a": 1}'}) == 24
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == FORMATS[kind]
        # Told to be sRGB, so that no player guesses.
        assert (video.codec_context.color_primaries, video.codec_context.colorspace) == (1, 1)
        texts = {name.lower(): text for name, text in container.metadata.items()}
        assert texts["prompt"] == '{"a": 1}'
    found, rate, size = read_film(path)
    found = list(found)
    assert (len(found), rate, size) == (24, 24.0, (48, 64))
    errors = [np.abs(one.astype(int) - other).mean() for one, other in zip(found, given, strict=True)]
    assert max(errors) < 4.0
    assert begins(read_sound(path)) == pytest.approx(0.5, abs=0.01)


def test_less_is_lost_with_a_lower_crf(tmp_path):
    given = pictures()
    for crf in (0, 18, 45):
        write_film(given, tmp_path / str(crf), "mp4", 24.0, crf=crf)
    sizes = [(tmp_path / str(crf)).stat().st_size for crf in (0, 18, 45)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_sound_ends_where_the_film_does_or_before(tmp_path):
    for seconds, expected in ((3.0, 1.0), (0.5, 0.5)):
        write_film(pictures(), tmp_path / "film", "mp4", 24.0, sound=beep(0.1, seconds))
        assert read_sound(tmp_path / "film").seconds == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("rate", "channels", "kept"), [(44_100, 2, 2), (48_000, 1, 1), (37_000, 4, 1)])
def test_other_rates_and_channels_sound_the_same(rate, channels, kept, tmp_path):
    for kind in ("mp4", "webm"):
        write_film(pictures(), tmp_path / "film", kind, 24.0, sound=beep(0.5, 1.0, rate, channels))
        found = read_sound(tmp_path / "film")
        assert len(found.samples) == kept and begins(found) == pytest.approx(0.5, abs=0.01)
        assert found.samples[0, -found.rate // 4 : -found.rate // 8].abs().max() == pytest.approx(0.5, abs=0.05)


def test_odd_sides_become_even_by_a_doubled_edge(tmp_path):
    given = pictures(3, 47, 63)
    write_film(given, tmp_path / "film", "mp4", 24.0, crf=0)
    found, _, size = read_film(tmp_path / "film")
    assert size == (48, 64)
    assert np.abs(next(found)[:47, :63].astype(int) - given[0]).mean() < 4.0


def test_pictures_are_let_go_as_they_come(tmp_path):
    """At most one is held besides the one that is asked for, however long the film is."""
    alive: list[weakref.ref] = []

    def stream():
        for number in range(120):
            gc.collect(0)
            assert sum(each() is not None for each in alive) <= 1, number
            picture = np.full((32, 32, 3), number, np.uint8)
            alive.append(weakref.ref(picture))
            yield picture
            del picture

    assert write_film(stream(), tmp_path / "film", "mp4", 24.0) == 120


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: write_film([], p, "mp4", 24.0), "There are no pictures to make a film of"),
        (lambda p: write_film(pictures(), p, "avi", 24.0), "format: expected one of mp4, webm, mkv, got 'avi'."),
        (lambda p: write_film(pictures(), p, "mp4", 0.0), "fps: expected a number from 1 to 120, got 0.0."),
        (lambda p: write_film(pictures(), p, "mp4", 24.0, crf=52), "crf: expected a number from 0 to 51, got 52."),
        (
            lambda p: write_film([*pictures(2), *pictures(1, 32)], p, "mp4", 24.0),
            "The pictures of a film are of one size: the first has 64 x 48, number 3 has 64 x 32. Make all of",
        ),
    ],
)
def test_what_makes_no_film_is_refused(make, message, tmp_path):
    with pytest.raises(SoatError, match=message):
        make(tmp_path / "film")


def test_without_pyav_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SoatError, match=r"Can't write a film: .* pip install \"soat-stylegan\[video\]\""):
        FilmWriter(tmp_path / "film", "mp4", 24.0)


def test_an_encoder_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"libvpx-vp9", "libopus"})
    with pytest.raises(SoatError, match="A film of format mp4 needs the encoder libx264"):
        FilmWriter(tmp_path / "film", "mp4", 24.0)


def test_what_is_no_film_is_told(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(SoatError, match=r"a\.mp4 can't be read as a film"):
        read_film(tmp_path / "a.mp4")


# --- through the node ------------------------------------------------------------------------------------------------


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path / "out"})
    return tmp_path / "out"


def film_of(features, **more):
    """RenderWalk as a run calls it: with lists."""
    given = {"filename_prefix": "film", "fps": 24.0, "format": "mp4", "crf": 4, **more}
    with torch.inference_mode():
        return RenderWalk().save(features, **{name: [value] for name, value in given.items()})


@pytest.fixture
def walk(make_generator):
    generator = make_generator(32)
    with torch.inference_mode():
        return get_features(generator, sample(generator, 0, 5), "b4.conv1")


def test_its_pictures_are_those_of_render(walk, output, node):
    told = film_of([walk], audio={"waveform": beep().samples[None], "sample_rate": 44_100}, prompt={"1": {}})
    (entry,) = told["ui"]["images"]
    assert entry == {"filename": "film_00001_.mp4", "subfolder": "", "type": "output"}
    assert told["ui"]["animated"] == (True,) and told["ui"]["soat_text"] == ["5 pictures of 32 x 32, 0.21 s"]
    (video,) = told["result"]
    assert video.path == output / "film_00001_.mp4"
    found = np.stack(list(read_film(video.path)[0])).astype(int)
    expected = (node("Render", features=walk, tile_size=0).numpy() * 255).astype(int)
    assert found.shape == expected.shape and np.abs(found - expected).mean() < 6.0
    with av.open(str(video.path)) as container:
        assert json.loads(container.metadata["prompt"]) == {"1": {}} and container.streams.audio


def test_a_list_is_the_film_that_a_batch_is(walk, output):
    batch = film_of([walk])["result"][0].path
    listed = film_of([walk.item(index) for index in range(walk.batch)])["result"][0].path
    assert batch.name == "film_00001_.mp4" and listed.name == "film_00002_.mp4"
    assert batch.read_bytes() == listed.read_bytes()


@pytest.mark.parametrize("stops", [1, 4])
def test_stopped_it_leaves_no_file(walk, output, monkeypatch, stops):
    class Stopped(BaseException):
        pass

    def progress(self, done, total, preview=None):
        if preview is not None and done >= stops:
            raise Stopped

    monkeypatch.setattr(host.Progress, "__call__", progress)
    with pytest.raises(Stopped):
        film_of([walk])
    assert not list(output.rglob("*.*"))


def test_what_it_refuses(walk, output, make_generator):
    other = make_generator(16)
    with torch.inference_mode():
        small = get_features(other, sample(other, 0), "b4.conv1")
    for features, more, message in (
        ([], {}, "RenderWalk: There are no frames; the list that is connected is empty."),
        ([walk, small], {}, "the first has 32 x 32, number 6 has 16 x 16"),
        ([walk], {"format": "mkv"}, "format: expected one of mp4, webm, got 'mkv'."),
        ([walk], {"filename_prefix": "../film"}, "outside"),
    ):
        with pytest.raises(SoatError, match=message):
            film_of(features, **more)
        assert not output.exists() or not list(output.rglob("*.*"))
    assert NODE_CLASS_MAPPINGS["RenderWalk"].VALIDATE_INPUTS(["film"]) is True
    assert "outside" in NODE_CLASS_MAPPINGS["RenderWalk"].VALIDATE_INPUTS("../film")
