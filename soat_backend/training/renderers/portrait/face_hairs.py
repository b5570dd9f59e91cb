"""The hairs of a face, one by one on fine canvases: brows, lashes, beards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import BROW_Y, EYE_X, EYE_Y, MOUTH_Y, SKULL_DEPTH, front_of_skull
from .beard import beard_cover
from .brushes import Canvas, linear
from .lighting import Lamps
from .person import Person
from .strokes import Strokes, draw_strokes
from .tracing import Place, normalised

_BROW_HAIRS, _UPPER_LASHES, _LOWER_LASHES = 190, 30, 16
# Tried places of hairs, and their length; those outside the beard don't grow.
_BEARDS = {"stubble": (6500, 0.014), "moustache": (5200, 0.070), "goatee": (5200, 0.085), "full": (5200, 0.120)}

# The z of the skin's front at head x and y.
FaceDepth = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass
class _Sitter:
    """What every kind of hair needs to know."""

    canvas: Canvas
    person: Person
    lamps: Lamps
    place: Place
    depth: FaceDepth
    rng: np.random.Generator

    def lit(self, colour: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Colours `[n, 3]` in the light that falls on the head at points of it."""
        width = self.person.face.width
        outwards = np.stack([x / width**2, y, z / SKULL_DEPTH**2], -1) @ self.place.axes.T
        normal = normalised([outwards[:, None, i].astype(F) for i in range(3)])
        return self.lamps.shade(colour[:, None], normal)[:, 0]

    def lay(
        self, start: tuple[np.ndarray, np.ndarray], bend: np.ndarray, end: np.ndarray, colour: np.ndarray, width: float
    ) -> None:
        """Lay hairs that start on the skin and leave it by the vectors `bend` and `end`, `[n, 3]`."""
        x, y = start
        root = np.stack([x, y, self.depth(x, y)], -1).astype(F)
        lit = self.lit(np.broadcast_to(colour, root.shape).astype(F), *root.T)
        draw_strokes(self.canvas, self.place, Strokes(root, root + bend, root + end, lit, width))


def draw_face_hairs(canvas: Canvas, person: Person, lamps: Lamps, place: Place, depth: FaceDepth) -> None:
    """Draw brows, lashes and a beard over a painted face."""
    sitter = _Sitter(canvas, person, lamps, place, depth, np.random.default_rng(int(person.grain * 1e6) + 1))
    if person.beard.style != "none":
        _beard(sitter)
    for side in (-1, 1):
        _brow(sitter, side)
        _lashes(sitter, side)


def _brow(sitter: _Sitter, side: int) -> None:
    """They stand up at the inner end, lie down outwards, and meet along the brow's middle."""
    brows, rng, count = sitter.person.brows, sitter.rng, _BROW_HAIRS
    along = rng.uniform(-0.04, 1.0, count)
    offset = rng.uniform(-1, 1, count)
    arch = 0.05 * brows.arch * (1 - (2 * along - 1.2) ** 2)
    middle = BROW_Y + brows.height * 0.04 + side * brows.uneven * 0.025 + arch - 0.12 * brows.anger * (0.55 - along)
    thickness = brows.thickness * smoothstep(-0.12, 0.15, along) * (1.02 - 0.75 * np.clip(along, 0, 1) ** 1.3)
    x = 0.12 + 0.41 * along
    y = middle + offset * thickness * 0.85 - 0.25 * thickness
    length = (0.075 - 0.030 * along) * rng.uniform(0.7, 1.15, count)
    # Radians from outwards; hairs of the upper rim are combed down, of the lower one up.
    angle = 1.25 * (1 - smoothstep(-0.1, 0.35, along)) + 0.35 - 0.55 * offset * smoothstep(0.0, 0.5, along)
    angle = angle - 0.75 * smoothstep(0.45, 1.0, along) + rng.normal(0, 0.10, count)
    outwards, up = np.cos(angle) * length, np.sin(angle) * length
    bend = np.stack([side * outwards * 0.55, up * 0.62, np.full(count, 0.012)], -1)
    end = np.stack([side * outwards, up * 0.85, np.full(count, 0.010)], -1)
    shade = rng.uniform(0.55, 1.25, count)[:, None]
    sitter.lay((side * x, y), bend, end, linear(brows.colour) * shade * 0.85, 0.0105)


def _lashes(sitter: _Sitter, side: int) -> None:
    """Long ones that bend up and outwards, short ones below."""
    eyes, rng = sitter.person.eyes, sitter.rng
    centre = EYE_X * sitter.person.face.eye_spacing
    dark = linear(sitter.person.skin.colour) * 0.05 + 0.003
    for upper, count in ((True, _UPPER_LASHES), (False, _LOWER_LASHES)):
        across = np.linspace(-0.80 if upper else -0.5, 1.0, count) + rng.uniform(-0.03, 0.03, count)
        squared = across * across
        if upper:
            lid = eyes.height * eyes.opening * (1 - squared) * (1 + eyes.roundness * squared) * (1 - 0.12 * across)
            length = (
                (0.035 + 0.055 * eyes.lashes) * (0.75 + 0.45 * across * (across > 0)) * (1 - 0.35 * (across < -0.4))
            )
            rise, ahead = 0.9 - 0.35 * squared, 0.35
        else:
            lid = -0.72 * eyes.height * (1 - squared) * (1 + 0.55 * squared) - 0.012
            length = np.full(count, 0.016 + 0.022 * eyes.lashes)
            rise, ahead = np.full(count, -0.75), 0.2
        length = length * rng.uniform(0.8, 1.15, count)
        x, y = across * eyes.width, np.maximum(lid, -0.2) + eyes.tilt * across * eyes.width
        outwards = 0.15 + 0.65 * across
        bend = np.stack([side * outwards * 0.55, rise * 0.30, np.full(count, ahead)], -1) * length[:, None]
        end = np.stack([side * outwards, rise, np.full(count, ahead * 1.2)], -1) * length[:, None]
        width = (0.0085 if upper else 0.0055) * (0.7 + 0.4 * eyes.lashes)
        sitter.lay((side * (centre + x), EYE_Y + y + 0.006 * upper), bend, end, dark, width)


def _beard(sitter: _Sitter) -> None:
    """Hairs down and outwards from the mouth, each of its own length and tone."""
    person, rng = sitter.person, sitter.rng
    tried, longest = _BEARDS[person.beard.style]
    x = person.face.width * np.sin(rng.uniform(-1.35, 1.35, tried))
    y = rng.uniform(-1.02, -0.10, tried)
    cover = beard_cover(person.beard, person.mouth, x.astype(F), y.astype(F))
    assert cover is not None
    # Not where the head turns away: what grows there can't be told from the front.
    front = front_of_skull(person.face, x.astype(F), y.astype(F)) > 0.18
    grows = (cover > rng.uniform(0.15, 1.0, tried)) & front
    x, y, count = x[grows], y[grows], int(grows.sum())
    if count == 0:
        return
    moustache = smoothstep(MOUTH_Y - 0.02, MOUTH_Y + 0.06, y) * (np.abs(x) < 0.36)
    length = longest * rng.uniform(0.55, 1.2, count) * (1 - 0.45 * moustache)
    outwards = np.clip(x * 0.9, -0.7, 0.7) * (1 + 1.6 * moustache) + rng.normal(0, 0.16, count)
    down = -1 + 0.35 * moustache
    ahead = 0.45 if person.beard.style == "stubble" else 0.30
    bend = np.stack([outwards * 0.35, down * 0.45, np.full(count, ahead)], -1) * length[:, None]
    end = np.stack([outwards, down, np.full(count, ahead * 0.6)], -1) * length[:, None]
    colour = linear(person.beard.colour) * rng.uniform(0.5, 1.7, count)[:, None]
    if person.beard.style == "stubble":
        colour = colour * 0.40 + linear(person.skin.colour) * 0.12
    sitter.lay((x, y), bend, end, colour, 0.0065 if person.beard.style == "stubble" else 0.0115)
