"""Where facial hair grows, and its paint."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import MOUTH_Y
from .attributes import Beard, Mouth
from .brushes import Canvas, blend, linear
from .mouth import mouth_curves
from .paint import Paint
from .person import Person
from .textures import sample, textures

# How far it stands off the skin.
THICKNESS = {"none": 0.0, "stubble": 0.0, "moustache": 0.03, "goatee": 0.04, "full": 0.04}


def beard_cover(beard: Beard, mouth: Mouth, x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Where the beard grows at head coordinates `(x, y)`, 0..1; None without one."""
    if beard.style == "none":
        return None
    from_middle = np.abs(x)
    curves = mouth_curves(mouth, x)
    ridge = MOUTH_Y + 0.125 + 0.02 * mouth.smile - 0.55 * from_middle * from_middle
    moustache = smoothstep(0.085, 0.03, np.abs(y - ridge)) * smoothstep(1.28, 0.95, curves.across)
    beyond_lips = np.maximum(y - curves.top, curves.bottom - y) + np.maximum(curves.across - 1, 0) * 0.2
    chin = smoothstep(0.28, 0.18, from_middle) * smoothstep(MOUTH_Y - 0.05, MOUTH_Y - 0.13, y)
    outwards = np.clip(from_middle - 0.24, 0, 0.5)
    cheek_line = -0.60 + 0.42 * outwards + 1.9 * outwards * outwards
    jaw = smoothstep(0.14, -0.10, y - cheek_line)
    if beard.style == "moustache":
        cover = moustache
    elif beard.style == "goatee":
        cover = np.maximum(moustache, chin)
    else:
        cover = np.maximum(moustache, jaw)
    return cover * smoothstep(-0.015, 0.03, beyond_lips)


def paint_beard(canvas: Canvas, person: Person, paint: Paint) -> None:
    """Paint the beard, if there is one; on a fine canvas only the shade under its hairs."""
    cover = beard_cover(person.beard, person.mouth, paint.x, paint.y)
    if cover is None:
        return
    cover = cover * smoothstep(-0.25, 0.10, paint.z)
    colour = linear(person.beard.colour)
    if person.beard.style == "stubble":
        blend(paint.albedo, linear(person.skin.colour) * 0.45 + colour * 0.25, cover * F(0.34 if canvas.fine else 0.42))
    else:
        grain = sample(textures().strands, paint.x * 90 + paint.y * 30, paint.y * 30)
        shaded = colour * np.clip(1 + 0.05 * grain, 0.6, 1.5)[..., None]
        if canvas.fine:
            blend(paint.albedo, shaded * 0.55, smoothstep(0.15, 1.1, cover) * F(0.80))
        else:
            blend(paint.albedo, shaded, smoothstep(0.10, 0.85, cover) * F(0.92))
    paint.gloss *= 1 - F(0.8) * cover
