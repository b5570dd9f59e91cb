"""Glasses: frame and lenses on a curved sheet before the eyes, and temples to the ears."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import EYE_X, EYE_Y
from .brushes import Canvas, blend, linear
from .lighting import Lamps
from .person import Person
from .tracing import Place, Rays, rotation

# Half-width, half-height and corner radius of a lens.
LENSES = {"round": (0.235, 0.225, 0.225), "square": (0.25, 0.19, 0.08), "cat": (0.255, 0.18, 0.13)}
_SHEET_Z = 0.93
_BEND = 0.28


def lens_centre(person: Person) -> float:
    """The x of the right lens's middle."""
    return EYE_X * person.face.eye_spacing + 0.015


def sheet_depth(x):
    """The z of the bent sheet the glasses lie on at x, a number or an array."""
    return _SHEET_Z - _BEND * x * x


def draw_glasses(canvas: Canvas, person: Person, lamps: Lamps, place: Place) -> None:
    """Draw the glasses over the face, with a shadow where they touch it."""
    glasses = person.glasses
    rays = Rays(canvas, (-1.1, 1.1, -0.75, 0.6), place)
    assert rays.window is not None
    x, y, depth = _meet_sheet(rays)
    middle = EYE_Y + 0.01
    lens, rim, outwards = _outline(person, x, y)
    image, covered = canvas.image[rays.window], canvas.edge(-lens)
    near = smoothstep(0.45, 0.25, depth - canvas.depth[rays.window])
    image *= (1 - 0.18 * near * smoothstep(0.06, -0.01, rim + 0.02))[..., None]
    darker_above = np.clip(0.85 + 1.5 * (y - middle), 0.5, 1.1)
    tint = linear(glasses.lens) * (lamps.key * 0.25 + lamps.sky * 0.5)
    blend(image, tint, covered * np.clip(glasses.tint * darker_above, 0, 0.97))
    diagonal = outwards * 0.8 + (y - middle)
    streak = smoothstep(-0.12, -0.04, diagonal) * smoothstep(0.14, 0.05, diagonal)
    image += (covered * streak * F(0.03 + 0.12 * glasses.tint))[..., None] * lamps.key
    if canvas.fine:
        _mirror_room(lamps, lens, outwards, y - middle, image, covered)
    round_off = np.clip(lens * F(1 / glasses.thickness), -1, 1)
    slope = [round_off * 0.6 * np.sign(x), -round_off * 0.5 * np.sign(y - middle), np.full_like(x, 0.75)]
    normal = rays.to_camera(slope)
    frame = linear(glasses.frame)
    shaded = lamps.shade(frame, normal, gloss=0.3, sharpness=18)
    if canvas.fine:
        # A bevel: its upper side catches the light.
        bevel = np.exp(-(((rim + 0.35 * glasses.thickness) * F(1 / 0.006)) ** 2))
        shaded += (bevel * np.clip(normal[1] + 0.35, 0, 1))[..., None] * (lamps.key * (0.12 + 0.35 * frame))
    canvas.lay(rays.window, shaded, canvas.edge(-rim))
    hinge_x = lens_centre(person) + LENSES[glasses.style][0] * glasses.size
    for side in (-1, 1):
        hinge = place.to_camera((side * hinge_x, middle + 0.05, sheet_depth(hinge_x)))
        ear = place.to_camera((side * (person.face.width + 0.05), middle + 0.04, -0.02))
        _draw_rod(canvas, lamps, hinge, ear, max(glasses.thickness * 0.9, 0.018), linear(glasses.frame))


def _mirror_room(
    lamps: Lamps, lens: np.ndarray, outwards: np.ndarray, up: np.ndarray, image: np.ndarray, covered: np.ndarray
) -> None:
    """What a lens mirrors: a window in its corner, and light along its lower rim, in place."""
    towards = 1 if lamps.key_direction[0] > 0 else -1
    pane_x, pane_y = (outwards * towards - 0.10) * F(1 / 0.055), (up - 0.10 - 0.2 * outwards) * F(1 / 0.065)
    pane = smoothstep(1.15, 0.75, np.maximum(np.abs(pane_x), np.abs(pane_y)))
    bars = 1 - 0.7 * np.exp(-((pane_x * 6) ** 2)) - 0.7 * np.exp(-((pane_y * 6) ** 2))
    rim = np.exp(-(((lens + 0.018) * F(1 / 0.012)) ** 2)) * smoothstep(0.0, -0.12, up)
    image += (covered * (0.10 * pane * np.clip(bars, 0, 1) + 0.10 * rim))[..., None] * lamps.key


def _meet_sheet(rays: Rays) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where rays meet the bent sheet: head x, y and the camera's depth."""
    depth = (_SHEET_Z - rays.start[2]) / rays.direction[2]
    for _ in range(2):
        x, _, _ = rays.at(depth)
        depth = (sheet_depth(x) - rays.start[2]) / rays.direction[2]
    x, y, _ = rays.at(depth)
    return x, y, depth


def _outline(person: Person, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distances from the lenses and from the frame, negative inside, and x from the lens's middle."""
    glasses = person.glasses
    half_width, half_height, corner = (length * glasses.size for length in LENSES[glasses.style])
    centre, down = lens_centre(person), y - (EYE_Y + 0.01)
    outwards = np.abs(x) - centre
    if glasses.style == "cat":
        down = down - 0.22 * np.maximum(outwards, 0)
    over_x, over_y = np.abs(outwards) - (half_width - corner), np.abs(down) - (half_height - corner)
    corner_distance = np.sqrt(np.maximum(over_x, 0) ** 2 + np.maximum(over_y, 0) ** 2)
    lens = corner_distance + np.minimum(np.maximum(over_x, over_y), 0) - corner
    bridge = np.maximum(
        np.abs(y - (EYE_Y + 0.06) + 0.3 * x * x) - glasses.thickness * 0.9, np.abs(x) - (centre - half_width + 0.01)
    )
    return lens, np.minimum(np.abs(lens) - glasses.thickness, bridge), outwards


def _draw_rod(
    canvas: Canvas, lamps: Lamps, start: np.ndarray, end: np.ndarray, radius: float, colour: np.ndarray
) -> None:
    """A capsule between two points of the camera's coordinates."""
    low, high = np.minimum(start, end) - radius - 0.02, np.maximum(start, end) + radius + 0.02
    rays = Rays(canvas, (low[0], high[0], low[1], high[1]), Place(rotation(0, 0, 0), np.zeros(3, F)))
    if rays.window is None:
        return
    along = end[:2] - start[:2]
    share = np.clip(((rays.x - start[0]) * along[0] + (rays.y - start[1]) * along[1]) / F(along @ along + 1e-6), 0, 1)
    x, y = rays.x - start[0] - share * along[0], rays.y - start[1] - share * along[1]
    distance = np.sqrt(x * x + y * y)
    normal = [
        x * F(0.8 / radius),
        y * F(0.8 / radius),
        np.sqrt(np.clip(1 - (distance * F(0.8 / radius)) ** 2, 0.05, 1)),
    ]
    depth = start[2] + share * (end[2] - start[2]) + F(0.05)
    canvas.lay(rays.window, lamps.shade(colour, normal, gloss=0.2), canvas.edge(radius - distance), depth)
