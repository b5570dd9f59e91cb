"""Films: pictures encoded as they come, with a sound beside them; by PyAV, which is an extra (and part of ComfyUI)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..sound.pyav import needs_pyav
from ..support.errors import SoatError, number_text, require_between, require_choice

if TYPE_CHECKING:
    from ..sound import Sound

FILM_FORMATS = ("mp4", "webm", "mkv")
MIN_FPS, MAX_FPS = 1.0, 120.0
MAX_CRF = 51
# Of each format its encoders of pictures and of sound, and the sample rates that this one takes; others become 48000.
_ENCODERS = {"mp4": ("libx264", "aac"), "webm": ("libvpx-vp9", "libopus"), "mkv": ("libx264", "aac")}
_CONTAINERS = {"mkv": "matroska"}
_RATES = {"aac": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)}
_USUAL_RATE = 48000
# What sRGB is called, by the numbers of ITU-T H.273, and that the range is narrow.
_BT709 = 1
_COLOURS = {"color_primaries": _BT709, "color_trc": 13, "colorspace": _BT709, "color_range": 1}


class FilmWriter:
    """A film that is being written. Use as `with FilmWriter(...) as film: film.add(picture)`.

    Nothing is kept but what the encoder looks ahead, some 40 pictures of 1.5 bytes a pixel, whatever the film's length.

    Args:
        path: To write, of any name; that there is no half film is its caller's care (`support.files.replacing`).
        kind: One of FILM_FORMATS: H.264 and AAC, or for webm VP9 and Opus.
        fps: Pictures a second.
        crf: How much is lost: 0 next to nothing, 18 as good as nothing to the eye, MAX_CRF most.
        sound: Runs along; cut where the film ends.
        texts: Metadata by name, such as `prompt` and `workflow`, where ComfyUI looks for it.

    Raises:
        SoatError: PyAV isn't there, or lacks an encoder; a number out of its range; an unknown format.
    """

    def __init__(
        self,
        path: Path,
        kind: str,
        fps: float,
        *,
        crf: int = 18,
        sound: Sound | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        require_choice("format", kind, FILM_FORMATS)
        require_between("fps", fps, MIN_FPS, MAX_FPS)
        require_between("crf", crf, 0, MAX_CRF)
        self._av = needs_pyav("write a film")
        for encoder in _ENCODERS[kind][: 2 if sound else 1]:
            if encoder not in self._av.codecs_available:
                raise SoatError(
                    f"A film of format {kind} needs the encoder {encoder}, and this PyAV ({self._av.__version__}) was "
                    "built without it. Choose the other format, or install PyAV from PyPI: pip install av."
                )
        self.fps, self.frames = Fraction(round(fps * 1000), 1000), 0
        self._size: tuple[int, int] | None = None
        # Without the flag an mp4 keeps no metadata but what it knows.
        options = {"movflags": "use_metadata_tags"} if kind == "mp4" else {}
        self._container = self._av.open(str(path), "w", format=_CONTAINERS.get(kind, kind), options=options)
        for name, text in (texts or {}).items():
            self._container.metadata[name] = text
        self._kind, self._crf = kind, crf
        self._track = None if sound is None else _Track(self._av, self._container, _ENCODERS[kind][1], sound)

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        try:
            if kind is None:
                if self._size is None:
                    raise SoatError("There are no pictures to make a film of; the list or batch is empty.")
                self._container.mux(self._video.encode(None))
                if self._track:
                    self._track.end()
        finally:
            self._container.close()

    def add(self, picture: np.ndarray) -> None:
        """Encode the next picture, and the sound until its end.

        Args:
            picture: uint8 `[H, W, 3]`; of an odd side the last row or column is doubled, since films have even ones.

        Raises:
            SoatError: It is of another size than the first.
        """
        height, width = picture.shape[:2]
        if self._size is None:
            self._size = (height, width)
            self._video = self._begin(height + height % 2, width + width % 2)
        if self._size != (height, width):
            raise SoatError(
                f"The pictures of a film are of one size: the first has {self._size[1]} x {self._size[0]}, number "
                f"{self.frames + 1} has {width} x {height}. Make all of them alike."
            )
        even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame = _as_srgb(frame.reformat(format="yuv420p", dst_colorspace=_BT709))
        frame.pts = self.frames
        frame.time_base = 1 / self.fps
        self._container.mux(self._video.encode(frame))
        self.frames += 1
        if self._track:
            self._track.until(self.frames / self.fps)

    def _begin(self, height: int, width: int) -> Any:
        video = self._container.add_stream(_ENCODERS[self._kind][0], rate=self.fps)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.options = {"crf": str(self._crf)}
        if self._kind == "webm":
            # Else VP9 means its rate, and takes its time.
            video.bit_rate = 0
            video.options = {**video.options, "deadline": "good", "cpu-used": "4", "row-mt": "1"}
        _as_srgb(video.codec_context)
        return video


class _Track:
    """The sound of a film, encoded as the pictures come, so that neither waits in memory for the other."""

    def __init__(self, av: Any, container: Any, encoder: str, sound: Sound) -> None:
        samples = sound.samples
        if len(samples) not in (1, 2):
            samples = samples.mean(0, keepdim=True)
        self._samples, self._rate = samples.numpy(), sound.rate
        self._layout = "mono" if len(samples) == 1 else "stereo"
        rate = sound.rate if sound.rate in _RATES.get(encoder, ()) else _USUAL_RATE
        self._av, self._container = av, container
        self._stream = container.add_stream(encoder, rate=rate, layout=self._layout)
        self._resampler = av.AudioResampler(format=self._stream.codec_context.format, layout=self._layout, rate=rate)
        self._done = 0

    def until(self, seconds: Fraction) -> None:
        """Encode on to a time of the film."""
        end = min(round(seconds * self._rate), self._samples.shape[1])
        if end <= self._done:
            return
        part = np.ascontiguousarray(self._samples[:, self._done : end].clip(-1.0, 1.0))
        frame = self._av.AudioFrame.from_ndarray(part, format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._done, Fraction(1, self._rate)
        self._encode(self._resampler.resample(frame))
        self._done = end

    def end(self) -> None:
        """Encode what is still in the pipes."""
        if self._done:
            self._encode(self._resampler.resample(None))
        self._container.mux(self._stream.encode(None))

    def _encode(self, frames: Iterable[Any]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


def write_film(pictures: Iterable[np.ndarray], path: Path, kind: str, fps: float, **more: Any) -> int:
    """Write pictures as they come; the arguments are FilmWriter's.

    Returns:
        How many there were.
    """
    with FilmWriter(path, kind, fps, **more) as film:
        for picture in pictures:
            film.add(picture)
    return film.frames


def read_film(path: Path) -> tuple[Iterator[np.ndarray], float, tuple[int, int]]:
    """The pictures of a film, uint8 `[H, W, 3]`, decoded as they are asked for; how many a second has; H and W.

    Raises:
        SoatError: PyAV isn't there, or finds no pictures in the file.
    """
    av = needs_pyav("read a film")
    try:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            rate, size = float(video.average_rate), (video.height, video.width)
    except (av.error.FFmpegError, IndexError) as error:
        raise SoatError(f"{path.name} can't be read as a film: {error}. Save it again as mp4.") from error

    def pictures() -> Iterator[np.ndarray]:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")

    return pictures(), rate, size


def describe_film(frames: int, fps: float, size: tuple[int, int]) -> str:
    """A sentence for whoever waits: so many pictures, so long."""
    height, width = size
    return f"{frames} pictures of {width} x {height}, {number_text(round(frames / fps, 2))} s"


def _as_srgb(target: Any) -> Any:
    """Say of a frame or an encoder what its colours are; PyAV before 13 has no names for it, and players guess."""
    for name, value in _COLOURS.items():
        if hasattr(target, name):
            setattr(target, name, value)
    return target
