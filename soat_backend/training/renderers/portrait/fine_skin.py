"""Skin on fine canvases: pores, uneven colour, freckles and moles one by one, the shine on top of it."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import BROW_Y, EYE_X, EYE_Y, MOUTH_Y, NOSE_TIP_Y
from .brushes import blend, bump, linear
from .paint import Paint
from .person import Person
from .textures import sample, textures

_RED, _YELLOW, _BLUE = (np.array(tint, F) for tint in ((1.10, 0.93, 0.90), (1.03, 1.0, 0.90), (0.93, 0.95, 1.02)))
_MOLES = 5


def paint_fine_skin(person: Person, paint: Paint) -> tuple[np.ndarray, np.ndarray]:
    """Paint what is seen of skin up close, in place.

    Returns:
        Slopes of the pores along x and y, to bend normals with.
    """
    x, y, albedo, skin, grain = paint.x, paint.y, paint.albedo, person.skin, F(person.grain)
    from_middle = np.abs(x)
    patches = sample(textures().soft, x * 95 + grain * 5, y * 95)
    veins = sample(textures().soft, x * 40 + grain * 9, y * 40 + 50)
    _tint(albedo, _RED, np.clip(0.35 * patches + 0.25 * veins, -1, 1))
    # Blood is near the surface on cheeks, nose and ears; the forehead is yellower, the jaw and the sockets are bluer.
    warm = bump(from_middle, 0.40, 0.22) * bump(y, -0.32, 0.20) + bump(x, 0, 0.13) * bump(y, NOSE_TIP_Y, 0.13)
    _tint(albedo, _RED, np.clip(warm, 0, 1) * F(0.35 + 0.6 * skin.blush))
    _tint(albedo, _YELLOW, bump(y, 0.42, 0.25) * bump(x, 0, 0.5) * F(0.8))
    eye = bump(from_middle, EYE_X, 0.20) * bump(y, EYE_Y - 0.17, 0.07)
    _tint(albedo, _BLUE, np.clip(eye * F(0.9), 0, 1))
    if person.clothes.neck > 0.33:
        jaw = smoothstep(MOUTH_Y + 0.28, MOUTH_Y - 0.05, y - 0.35 * from_middle) * smoothstep(-0.1, 0.2, paint.z)
        _tint(albedo, _BLUE, jaw * F(0.75))
    pores = sample(textures().fine, x * 215 + grain * 3, y * 215)
    where = np.clip(bump(from_middle, 0.22, 0.30) * bump(y, -0.28, 0.30) + 0.35, 0, 1)
    albedo *= (1 + F(0.020) * pores * where)[..., None]
    if skin.freckles > 0:
        _freckles(person, paint)
    _moles(person, paint)
    _shine(person, paint, pores)
    beside = sample(textures().fine, x * 215 + grain * 3 + F(1), y * 215)
    below = sample(textures().fine, x * 215 + grain * 3, y * 215 + F(1))
    deep = F(0.016 + 0.014 * person.face.age) * where
    return (beside - pores) * deep, (below - pores) * deep


def _tint(albedo: np.ndarray, tint: np.ndarray, amount: np.ndarray) -> None:
    for channel in range(3):
        albedo[..., channel] *= 1 + (tint[channel] - 1) * amount


def _freckles(person: Person, paint: Paint) -> None:
    """Small spots on nose and cheeks, thinner towards the forehead."""
    x, y, grain = paint.x, paint.y, F(person.grain)
    fine = sample(textures().fine, x * 150 + grain * 11, y * 150 + 17)
    more = sample(textures().fine, x * 95 + grain * 5, y * 95 + 71)
    zone = bump(np.abs(x), 0.22, 0.30) * bump(y, -0.27, 0.20) + 0.25 * bump(y, 0.35, 0.25) * bump(x, 0, 0.45)
    spots = smoothstep(0.9, 1.5, fine + 0.5 * zone) * 0.8 + smoothstep(1.0, 1.6, more + 0.4 * zone)
    amount = np.clip(spots * zone, 0, 1) * F(0.5 * person.skin.freckles)
    _tint(paint.albedo, np.array([0.62, 0.42, 0.30], F), amount)


def _moles(person: Person, paint: Paint) -> None:
    """None to a few, where the grain puts them: never in the middle of the face."""
    rng = np.random.default_rng(int(person.grain * 1e6))
    for _ in range(int(rng.integers(0, _MOLES)) if rng.random() < 0.35 else 0):
        at_x, at_y = rng.choice((-1, 1)) * rng.uniform(0.22, 0.55), rng.uniform(-0.75, 0.05)
        radius = rng.uniform(0.007, 0.015)
        distance = np.sqrt((paint.x - F(at_x)) ** 2 + (paint.y - F(at_y)) ** 2)
        spot = smoothstep(radius * 1.5, radius * 0.5, distance) * (paint.z > 0.1)
        blend(paint.albedo, linear(person.skin.colour) * np.array([0.25, 0.16, 0.13], F), spot * F(0.5))


def _shine(person: Person, paint: Paint, pores: np.ndarray) -> None:
    """Oily along the forehead, the nose and the cheekbones, broken up by pores."""
    from_middle, y = np.abs(paint.x), paint.y
    oily = bump(paint.x, 0, 0.05) * smoothstep(0.1, -0.1, y) * smoothstep(-0.5, -0.36, y) * 1.8
    oily += bump(paint.x, 0, 0.22) * bump(y, 0.40, 0.16)
    oily += bump(from_middle, 0.44, 0.13) * bump(y, -0.26, 0.09) * 1.1
    oily += bump(from_middle, 0.30, 0.22) * bump(y, BROW_Y + 0.05, 0.05) * 0.6
    oily += bump(paint.x, 0, 0.10) * bump(y, -0.88, 0.06) * 0.5
    paint.gloss += F(0.055 * person.skin.shine) * oily * np.clip(1 - 0.12 * pores, 0.3, 1.5)
