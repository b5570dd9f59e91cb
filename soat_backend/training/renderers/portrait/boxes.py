"""Where the parts of a person lie in the picture: boxes to mask them with."""

from __future__ import annotations

import numpy as np

from .anatomy import BROW_Y, EYE_X, EYE_Y, NOSE_TIP_Y, front_of_skull, place_head
from .brushes import CENTRE_Y, HEAD_SCALE, Canvas
from .glasses import LENSES, lens_centre, sheet_depth
from .hair import trace_hair
from .haircuts import CUTS, hair_edge, hair_surface
from .hats import HAT_LINE, hat_radii
from .mouth import mouth_curves
from .person import Person

# Left, top, width, height in fractions of the picture's side.
PartBox = tuple[float, float, float, float]
_EVERYWHERE: PartBox = (0.0, 0.0, 1.0, 1.0)
_NOWHERE: PartBox = (0.0, 0.0, 0.0, 0.0)
_HAIR_CANVAS_SIDE = 128
_COLLAR_TOP = -1.0


def part_box(person: Person, part: str) -> PartBox:
    """The box a part of a person lies in, in the picture of this person.

    Args:
        person: Their pose moves and turns the part.
        part: An attribute of Person. What is everywhere (pose, light, skin and so on) has the whole picture, and
            what is not there (no glasses, a bald head) an empty box.

    Returns:
        `(left, top, width, height)` in fractions of the picture's side, cut off at its borders.
    """
    if part == "hair":
        return _hair_box(person)
    if (part == "glasses" and person.glasses.style == "none") or (part == "hat" and person.hat.style == "none"):
        return _NOWHERE
    if part == "glasses":
        return _projected(person, *_glasses_points(person))
    if part == "hat":
        return _projected(person, *_hat_points(person))
    if part == "clothes":
        top = float(np.clip(CENTRE_Y - _COLLAR_TOP * HEAD_SCALE, 0, 1))
        return (0.0, top, 1.0, 1.0 - top)
    outline = _outline_on_face(person, part)
    if outline is None:
        return _EVERYWHERE
    left, right, bottom, top, relief = outline
    x, y = np.meshgrid(np.linspace(left, right, 17), np.linspace(bottom, top, 9))
    return _projected(person, x, y, front_of_skull(person.face, x, y) + relief)


def _outline_on_face(person: Person, part: str) -> tuple[float, float, float, float, float] | None:
    """Left, right, bottom and top of a part on the face, and how far it stands out of the skull."""
    face, eyes, brows = person.face, person.eyes, person.brows
    eye_x = EYE_X * face.eye_spacing
    if part == "eyes":
        reach = eye_x + 1.3 * eyes.width
        slant = abs(eyes.tilt) * eyes.width
        return (-reach, reach, EYE_Y - 0.75 * eyes.height - slant, EYE_Y + 1.1 * eyes.height + 0.05 + slant, 0.0)
    if part == "brows":
        middle, spread = BROW_Y + 0.04 * brows.height, 0.05 + 0.06 * abs(brows.anger) + brows.thickness
        return (-0.56, 0.56, middle - spread - 0.03, middle + spread + 0.05 * brows.arch, 0.0)
    if part == "nose":
        tip, reach = NOSE_TIP_Y + person.nose.tip, 2 * person.nose.width + 0.03
        return (-reach, reach, tip - 0.15, EYE_Y + 0.1, person.nose.bridge * 0.8)
    if part == "mouth":
        curves = mouth_curves(person.mouth, np.linspace(0, person.mouth.width, 9))
        # With the hollow below and the folds that a smile makes beside it.
        reach = 1.15 * person.mouth.width + 0.08
        return (-reach, reach, float(curves.bottom.min()) - 0.10, float(curves.top.max()) + 0.08, 0.05)
    if part == "beard":
        reach = 0.45 if person.beard.style in ("moustache", "goatee") else 0.9 * face.width
        return (-reach, reach, -1.0, -0.30 if reach < 0.5 else -0.1, 0.05)
    return None


def _projected(person: Person, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> PartBox:
    """The box around points of the head, turned by the pose."""
    place = place_head(person.pose)
    points = place.axes @ np.stack([x.ravel(), y.ravel(), z.ravel()]) + place.origin[:, None]
    across, down = 0.5 + points[0] * HEAD_SCALE, CENTRE_Y - points[1] * HEAD_SCALE
    return _clipped(across.min(), down.min(), across.max(), down.max())


def _clipped(left: float, top: float, right: float, bottom: float) -> PartBox:
    left, top, right, bottom = (float(np.clip(edge, 0, 1)) for edge in (left, top, right, bottom))
    return left, top, right - left, bottom - top


def _glasses_points(person: Person) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    half_width, half_height, _ = (length * person.glasses.size for length in LENSES[person.glasses.style])
    reach, margin = lens_centre(person) + half_width + 0.04, half_height + 0.06
    x, y = np.meshgrid(np.linspace(-reach, reach, 17), np.linspace(EYE_Y - margin, EYE_Y + margin + 0.02, 3))
    return x, y, sheet_depth(x)


def _hat_points(person: Person) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    wide, high, deep = hat_radii(person)
    lowest = np.arcsin((HAT_LINE - 0.1) / high)
    around, height = np.meshgrid(np.linspace(0, 2 * np.pi, 33), np.linspace(lowest, np.pi / 2, 9))
    across = np.cos(height) * 1.05
    return across * wide * np.sin(around), high * 1.05 * np.sin(height), across * deep * np.cos(around)


def _hair_box(person: Person) -> PartBox:
    """Traced, since a haircut's outline has no simple shape."""
    canvas = Canvas(_HAIR_CANVAS_SIDE)
    hit = trace_hair(canvas, person, place_head(person.pose), hair_surface(person, hair_edge(person)))
    if hit is None:
        return _NOWHERE
    cut = CUTS[person.hair.cut]
    end = cut.end * person.hair.length if cut.long else cut.end
    seen = (hit.cover > 0.5) & (hit.point[1] > end)
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    top, left = hit.window[0].start + rows[0], hit.window[1].start + columns[0]
    bottom, right = hit.window[0].start + rows[-1] + 1, hit.window[1].start + columns[-1] + 1
    return _clipped(left / canvas.side, top / canvas.side, right / canvas.side, bottom / canvas.side)
