"""Shapes of hair: an implicit shell around the skull, and how far into it the hair reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import SKULL_DEPTH
from .brushes import bump, smooth_maximum
from .person import Person
from .tracing import Surface


@dataclass(frozen=True)
class Cut:
    """A haircut at usual volume and length.

    Attributes:
        thickness: How far it stands off the skull.
        flare: How fast it widens below the ears, in proportion to the depth below them.
        curve: The same, to the depth squared.
        end: y where it ends.
        opening: Half-width of the face left free, on a face of half-width 0.72.
        top: y of the hairline.
        crown: z of the point the strands run from.
        ramp: Distance from its edge over which it reaches its thickness.
        curl: 0..1.
        wave: 0..1, at least.
    """

    thickness: float
    flare: float
    curve: float
    end: float
    opening: float
    top: float
    crown: float
    ramp: float
    curl: float = 0.0
    wave: float = 0.0

    @property
    def long(self) -> bool:
        """Whether it hangs below the ears."""
        return self.end < -0.7


CUTS: dict[str, Cut] = {
    "short": Cut(0.15, -0.10, -0.25, -0.40, 0.63, 0.56, -0.2, 0.30),
    "crop": Cut(0.09, -0.08, -0.25, -0.34, 0.64, 0.58, 0.2, 0.22),
    "quiff": Cut(0.13, -0.10, -0.25, -0.36, 0.63, 0.58, -0.6, 0.26),
    "buzz": Cut(0.035, -0.08, -0.25, -0.36, 0.65, 0.58, 0.0, 0.16),
    "bun": Cut(0.09, -0.08, -0.25, -0.46, 0.64, 0.58, -0.6, 0.22),
    "bob": Cut(0.19, 0.16, -0.10, -0.86, 0.60, 0.54, 0.1, 0.26, wave=0.2),
    "lob": Cut(0.18, 0.06, 0.00, -1.25, 0.60, 0.54, 0.2, 0.26, wave=0.4),
    "long": Cut(0.17, 0.02, 0.05, -2.60, 0.60, 0.55, 0.3, 0.26, wave=0.5),
    "curly": Cut(0.27, 0.10, -0.06, -0.90, 0.61, 0.52, 0.0, 0.28, curl=0.7),
    "long curls": Cut(0.25, 0.12, 0.00, -1.70, 0.60, 0.52, 0.1, 0.28, curl=0.6, wave=0.8),
    "afro": Cut(0.36, 0.05, -0.05, -0.60, 0.63, 0.52, 0.0, 0.26, curl=1.0),
    "bald": Cut(0.0, 0.0, 0.0, 9.0, 0.66, 0.60, 0.0, 0.10),
}
FRINGES = ("swept back", "blunt", "side", "curtain", "tousled")
_HAT_ROOM = 0.12


def hair_edge(person: Person) -> Surface:
    """The function of head coordinates that is above 0 where hair grows: about the distance inside its outline."""
    hair, cut, width = person.hair, CUTS[person.hair.cut], person.face.width
    end = cut.end * hair.length if cut.long else cut.end
    opening = cut.opening * width / 0.72

    def edge(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        beside = np.abs(x) - opening
        if cut.long:
            beside = beside + 0.10 * smoothstep(-0.1, -0.7, y)
        inside = smooth_maximum(y - _fringe_line(person, x), beside, 0.12)
        inside = smooth_maximum(inside, -0.02 - z, 0.08)
        if not cut.long:
            # Sideburns in front, longer at the nape.
            lower = y - end - 0.34 * np.clip(z * 2.5 + 0.75, 0, 1)
            inside = -smooth_maximum(-inside, -lower, 0.06)
        elif end > -2.2:
            inside = -smooth_maximum(-inside, end - y, 0.08)
        return inside

    return edge


def _fringe_line(person: Person, x: np.ndarray) -> np.ndarray:
    """The y of the hair's lower outline over the forehead."""
    hair, top = person.hair, CUTS[person.hair.cut].top + person.hair.hairline
    side = 1 if hair.parting > 0 else -1
    if hair.fringe == "blunt":
        return 0.26 - 0.12 * x * x + 0.012 * np.sin(x * 21 + person.grain)
    if hair.fringe == "side":
        line = 0.46 + 0.52 * side * (x - 0.32 * side) - 0.35 * np.maximum(x * side - 0.3, 0)
        return np.maximum(line, F(0.12))
    if hair.fringe == "curtain":
        from_parting = np.abs(x - hair.parting * 0.3)
        return top + 0.06 - 0.95 * from_parting + 0.35 * from_parting * from_parting
    if hair.fringe == "tousled":
        return 0.36 + 0.05 * np.sin(x * 9 + hair.parting * 9) + 0.03 * np.sin(x * 17 + person.grain) - 0.10 * x * x
    # Higher at the temples than in the middle.
    return top + 0.05 * np.exp(-(((np.abs(x) - 0.38) * F(1 / 0.16)) ** 2)) - 0.36 * x * x


def hair_thickness(person: Person) -> float:
    """How far the hair stands off the skull; a hat presses it down."""
    thickness = CUTS[person.hair.cut].thickness * person.hair.volume
    return min(thickness, _HAT_ROOM) if person.hat.style != "none" else thickness


def hair_surface(person: Person, edge: Surface) -> Surface:
    """The shell's implicit surface: thick inside its outline, sunk into the skull towards and beyond it."""
    hair, face, cut = person.hair, person.face, CUTS[person.hair.cut]
    thickness = hair_thickness(person)
    wide, high = face.width + thickness * 0.95 + 0.012, 1 + thickness * 0.9 + 0.015
    deep = SKULL_DEPTH + thickness + 0.02
    ramp = cut.ramp * (2.0 if hair.fringe == "swept back" and not cut.long else 1.0)
    sink = max(thickness - 0.015, 0) / (1 + thickness)
    lump = 0.0 if cut.thickness < 0.05 else 0.028 if cut.long or cut.curl else 0.045
    squareness = face.squareness * (1 - cut.curl)
    # Short hair closes below like the skull.
    closing = 0 if cut.long else 1 / (0.92 + 0.2 * thickness)

    def surface(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        grown = np.clip(edge(x, y, z) * F(1 / ramp), 0, 1)
        grown = grown * (1.5 - 0.5 * grown * grown)
        below = np.maximum(0.12 - y, 0)
        below = below * below / (below + 0.35)
        across, depth = x * F(1 / wide), (z + 0.03) * F(1 / deep)
        height = np.maximum(y, 0) * F(1 / high) - np.minimum(y + 0.05, 0) * closing
        height = height * height
        height = height * (1 + np.where(y > 0, F(0.55 * squareness), F(squareness)) * (height - 1))
        radius = 1 + cut.flare * below + cut.curve * below * below
        if hair.cut == "quiff":
            front = bump(y, 0.85, 0.34) * bump(z, 0.5, 0.5) * bump(x, 0.15 * hair.parting, 0.5)
            radius = radius + 0.24 * hair.volume * front
        if not cut.long and hair.cut != "afro":
            radius = radius - 0.70 * cut.thickness * smoothstep(0.75, 0.05, y)
        lumps = np.sin(x * 7 + z * 4 + person.grain) * np.sin(z * 6 - y * 4 + person.grain * 1.7)
        radius = radius * (1 - sink * (1 - grown)) + grown * lump * lumps
        return (np.sqrt(across * across + height + depth * depth) - radius) * F(0.8)

    return surface
