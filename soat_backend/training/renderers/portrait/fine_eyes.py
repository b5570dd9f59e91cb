"""Eyes on fine canvases: fibres of the iris, wet rims, lids with a thickness, catch lights like windows."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .attributes import Eyes
from .brushes import Canvas, blend, filled, linear
from .hair_textures import GAP, REACH, TONE, sample_channels, strand_texture
from .lighting import Lamps

_WHITE, _VEINED, _CARUNCLE = linear((240, 236, 233)), linear((226, 178, 168)), linear((214, 142, 132))
_HONEY = linear((214, 150, 70))
# Texels of the strands' texture around the iris.
_FIBRES = 256 * 3


def fine_eyeball(
    canvas: Canvas,
    eyes: Eyes,
    across: np.ndarray,
    height: np.ndarray,
    side: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    radius: float,
) -> np.ndarray:
    """White, iris and pupil, `[rows, columns, 3]`.

    Args:
        canvas: For the width of a pixel.
        eyes: Which.
        across: -1..1 from the inner to the outer corner.
        height: From the eye's middle line, in head units.
        side: -1 or 1.
        x: From the iris's middle, outwards, in head units.
        y: The same, upwards.
        radius: Of the iris.
    """
    distance = np.sqrt(x * x + y * y)
    eyeball = filled(x.shape, _WHITE)
    rounded = across**2 * 0.26 + (height * F(1 / eyes.height)) ** 2 * 0.10
    eyeball *= (1 - rounded)[..., None]
    blend(eyeball, _VEINED, smoothstep(0.55, 1.0, np.abs(across)) * F(0.30))
    corner = np.sqrt(((across + 0.96) * F(1 / 0.17)) ** 2 + ((height + 0.008) * F(1 / 0.045)) ** 2)
    blend(eyeball, _CARUNCLE, smoothstep(1.15, 0.55, corner) * F(0.85))
    out = distance * F(1 / radius)
    around = np.arctan2(y, x * side)
    fibres = sample_channels(strand_texture(), around * F(_FIBRES / (2 * np.pi)), out * 42 + F(eyes.iris_size * 90))
    lit = 0.72 + 0.95 * smoothstep(0.35, -1.0, y * F(1 / radius)) * smoothstep(0.2, 0.6, out)
    tone = np.clip(1 + 0.20 * fibres[TONE] - 0.35 * fibres[GAP], 0.35, 1.7)
    iris = linear(eyes.iris) * (lit * tone * 1.16)[..., None]
    # A warm ring about the pupil, ragged, and a darker one between.
    collar = smoothstep(0.66, 0.46, out + 0.07 * fibres[REACH])
    blend(iris, linear(eyes.iris) * 0.5 + _HONEY * 0.45, collar * F(0.42))
    iris *= (1 - 0.25 * np.exp(-(((out - 0.66) * F(1 / 0.07)) ** 2)))[..., None]
    # The limbus is a soft dark ring.
    iris *= (1 - 0.80 * smoothstep(0.76, 1.0, out))[..., None]
    pupil = canvas.edge(distance - radius * 0.42, 1.6)
    iris *= (0.02 + 0.98 * pupil)[..., None]
    blend(eyeball, iris, smoothstep(1.06, 0.94, out))
    return eyeball


def fine_catch_lights(canvas: Canvas, lamps: Lamps, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    """A bright window towards the key light with a mullion's hint, and a soft one across, the same in both eyes."""
    key_x, key_y, _ = lamps.key_direction
    at_x, at_y, half = F(key_x * 0.55 * radius), F((0.16 + key_y * 0.4) * radius), F(0.21 * radius)
    over_x, over_y = np.abs(x - at_x) - half * F(0.55), np.abs(y - at_y - 0.15 * (x - at_x)) - half * F(0.75)
    outside = np.sqrt(np.maximum(over_x, 0) ** 2 + np.maximum(over_y, 0) ** 2) + np.minimum(
        np.maximum(over_x, over_y), 0
    )
    light = canvas.edge(half * F(0.45) - outside, 1.2) * F(1.0)
    far = np.sqrt((x + F(key_x * 0.5 * radius)) ** 2 + (y + F(0.45 * radius)) ** 2)
    light += smoothstep(0.30 * radius, 0.05 * radius, far) * F(0.16)
    # The lamp's own size spreads over the wet cornea.
    spread = np.sqrt((x - at_x) ** 2 + (y - at_y) ** 2)
    return light + smoothstep(0.95 * radius, 0.1 * radius, spread) * F(0.05)


def paint_wet_rims(
    eyes: Eyes, across: np.ndarray, height: np.ndarray, lower: np.ndarray, albedo: np.ndarray
) -> np.ndarray:
    """The lower lid's thickness, pink and wet, and the roots of its lashes.

    Returns:
        How glossy the rim is, 0..1.
    """
    near = smoothstep(1.06, 0.90, np.abs(across))
    rim = np.exp(-(((height - lower + 0.008) * F(1 / 0.009)) ** 2)) * near
    pink = linear((232, 170, 156))
    blend(albedo, pink * 0.5 + albedo * 0.5, rim * F(0.75))
    line = np.exp(-(((height - lower + 0.021) * F(1 / 0.008)) ** 2)) * near * smoothstep(-0.7, 0.3, across)
    albedo *= (1 - (0.16 + 0.22 * eyes.lashes) * line)[..., None]
    return rim


def shade_lids(
    across: np.ndarray, height: np.ndarray, upper: np.ndarray, crease: np.ndarray, albedo: np.ndarray
) -> None:
    """The upper lid is a rounded plate: lighter in its middle, darker at the lashes and in the fold."""
    near = smoothstep(1.25, 0.85, np.abs(across))
    share = np.clip((height - upper) / np.maximum(crease - upper, 0.015), 0, 1.5)
    plate = np.exp(-(((share - 0.5) * F(1 / 0.28)) ** 2)) * near * smoothstep(0.9, 0.2, np.abs(across))
    albedo *= (1 + 0.10 * plate)[..., None]
    fold = np.exp(-(((height - crease) * F(1 / 0.009)) ** 2)) * near * smoothstep(-1.1, -0.5, across)
    for channel, amount in enumerate((0.34, 0.46, 0.48)):
        albedo[..., channel] *= 1 - F(amount) * fold
