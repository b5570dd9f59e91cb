"""The state of a picture while it is painted, and the few brushes every part of it uses."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..spectral_noise import PROFILE_LENGTH, TEXTURE_SIDE, F
from .nature import Flora, Weather
from .palettes import Palette, mix

# Texture steps are given for a canvas of this side; other sizes scale them, so that a picture looks the same at any.
REFERENCE_SIDE = 256


@dataclass
class Scene:
    """One picture in the making. Positions are fractions of the side, y pointing down.

    Attributes:
        rng: Source of all its randomness, consumed in painting order.
        palette: Its colours.
        image: `[side, side, 3]` float32, painted back to front in place.
        position: `[side]` float32, centres of the pixels, both as x and as y.
        horizon: y of the horizon.
        sun_x: x of the sun or moon.
        sun_y: y of the sun or moon.
        sun_visible: Whether it is drawn, with its glow and its path on water.
        details: Source of randomness for what only large pictures show; nothing of it moves anything else.
        flora: What grows there.
        weather: What falls and drifts there.
        disc_radius: Of the sun or moon.
        kinds: What each region shows: the sky, then one more for each thing painted over it, back to front.
        regions: `[side, side]` uint8, the index into `kinds` of what is seen at each pixel.
    """

    rng: np.random.Generator
    palette: Palette
    image: np.ndarray
    position: np.ndarray
    horizon: np.float32
    sun_x: np.float32
    sun_y: np.float32
    sun_visible: bool
    details: np.random.Generator
    flora: Flora
    weather: Weather
    disc_radius: np.float32
    kinds: list[str] = field(default_factory=lambda: ["sky"])
    regions: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.regions = np.zeros(self.image.shape[:2], np.uint8)

    @property
    def side(self) -> int:
        """Side of the canvas in pixels."""
        return self.image.shape[0]

    @property
    def texel(self) -> float:
        """Texture steps per pixel, relative to the reference canvas."""
        return REFERENCE_SIDE / self.side

    @property
    def haze(self) -> np.ndarray:
        """The colour that distance fades to."""
        return mix(self.palette.horizon, self.palette.middle, F(0.25))

    @property
    def light(self) -> float:
        """The side the light comes from: 1 right, -1 left."""
        return 1.0 if self.sun_x > 0.5 else -1.0

    def row_of(self, y: float) -> int:
        """The row at height y, kept on the canvas."""
        return max(int(y * self.side), 0)

    def below(self, curve: np.ndarray, first_row: int, last_row: int | None = None) -> np.ndarray:
        """Antialiased coverage of what lies below `curve` `[side]`, for a range of rows: `[rows, side]` in 0..1."""
        rows = self.position[first_row:last_row, None]
        return np.clip((rows - curve[None]) * self.side + 0.5, 0, 1)

    def mark(self, kind: str, cover: np.ndarray, row: int = 0, column: int = 0) -> None:
        """Note as a region of its own what has just been painted with `cover`, its first pixel at `(row, column)`."""
        rows, columns = cover.shape
        self.regions[row : row + rows, column : column + columns][cover > 0.5] = len(self.kinds)
        self.kinds.append(kind)

    def grow(self, cover: np.ndarray, row: int = 0) -> None:
        """Note that what has just been painted belongs to the region marked last, as trees do to their hill."""
        self.regions[row : row + len(cover)][cover > 0.5] = len(self.kinds) - 1


def blend(region: np.ndarray, colour: np.ndarray, amount: np.ndarray) -> None:
    """Paint `colour` over a region `[rows, columns, 3]` in place, by `amount` `[rows, columns]`."""
    region += (colour - region) * amount[..., None]


def choose(rng: np.random.Generator, options):
    """Draw one of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def random_origin(rng: np.random.Generator) -> tuple[int, int]:
    """Draw a row and column where a texture begins."""
    row, column = rng.integers(0, TEXTURE_SIDE, 2)
    return row, column


def wrap(texture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Read a tileable texture at real coordinates (nearest); rows and columns broadcast against each other."""
    return texture[rows.astype(np.int32) % TEXTURE_SIDE, columns.astype(np.int32) % TEXTURE_SIDE]


def wrap_smoothly(texture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The same, interpolated: for heights, whose slopes are looked at."""
    row, column = np.floor(rows), np.floor(columns)
    down, across = (rows - row).astype(F), (columns - column).astype(F)
    above, left = row.astype(np.int32) % TEXTURE_SIDE, column.astype(np.int32) % TEXTURE_SIDE
    below, right = (above + 1) % TEXTURE_SIDE, (left + 1) % TEXTURE_SIDE
    upper = mix(texture[above, left], texture[above, right], across)
    return mix(upper, mix(texture[below, left], texture[below, right], across), down)


def smoothed(line: np.ndarray, radius: float) -> np.ndarray:
    """A line's mean over `radius` pixels to each side, twice; its ends go on level."""
    width = round(radius)
    for _ in range(2):
        total = np.cumsum(np.pad(line, (width + 1, width), mode="edge"), dtype=np.float64)
        line = ((total[2 * width + 1 :] - total[: len(line)]) / (2 * width + 1)).astype(F)
    return line


def crop(
    scene: Scene,
    texture: np.ndarray,
    step_y: float,
    step_x: float,
    rows: int,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """A crop of a texture, `[rows, side]`, with steps in texels per pixel of the reference canvas.

    It is placed by `rng`, the scene's own if none is given, and interpolated where its texels are larger than pixels.
    """
    row, column = random_origin(scene.rng if rng is None else rng)
    down = row + np.arange(rows) * (step_y * scene.texel)
    across = column + np.arange(scene.side) * (step_x * scene.texel)
    read = wrap_smoothly if max(step_y, step_x) * scene.texel < 1 else wrap
    return read(texture, down[:, None], across[None])


def crest(scene: Scene, profiles: list[np.ndarray], zoom: float, margin: int = 0) -> np.ndarray:
    """A random window of a random profile, mirrored half the time; zoom 4 shows all of it.

    Returns:
        `[margin + side + margin]`: the margins lie beyond the canvas.
    """
    rng = scene.rng
    profile = choose(rng, profiles)
    columns = np.arange(-margin, scene.side + margin)
    x = (rng.random() * PROFILE_LENGTH + columns * (4.0 * zoom * scene.texel)) % PROFILE_LENGTH
    index = x.astype(np.int32)
    fraction = (x - index).astype(F)
    line = profile[index % PROFILE_LENGTH] * (1 - fraction) + profile[(index + 1) % PROFILE_LENGTH] * fraction
    return line[::-1].copy() if rng.random() < 0.5 else line


def fir_line(scene: Scene, count: int, lowest: float, highest: float, steepness: float) -> np.ndarray:
    """Height over x of a row of fir trees, `[side]`."""
    rng = scene.rng
    centres = rng.random(count).astype(F) * 1.1 - 0.05
    heights = (lowest + (highest - lowest) * rng.random(count) ** 1.6).astype(F)
    distance = np.abs(scene.position[None] - centres[:, None])
    flanks = steepness * (0.8 + 0.4 * rng.random((count, 1)).astype(F))
    return np.maximum((heights[:, None] - distance * flanks).max(0), 0)
