"""What necks and clothes are made of up close: tendons, ribs, stitches, folds, collars, hoods."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .brushes import Canvas, blend, linear
from .person import Person
from .textures import sample, textures
from .tracing import Hit, Triple, normalised

# Which garments have which collar, and how often.
GARMENTS = {
    "crew": {"tee": 0.40, "sweater": 0.32, "hoodie": 0.28},
    "vneck": {"shirt": 0.50, "sweater": 0.28, "tee": 0.22},
    "turtleneck": {"sweater": 0.65, "ribbed": 0.35},
}
_STITCH = 0.052


def paint_garment(
    canvas: Canvas, person: Person, hit: Hit, inside: np.ndarray, cloth: np.ndarray, albedo: np.ndarray
) -> tuple[Triple, np.ndarray]:
    """Paint neck and clothes in place, and bend their normals.

    Args:
        canvas: A fine one.
        person: Who wears what.
        hit: Of the body.
        inside: Distance below the collar's edge.
        cloth: 0 on skin, 1 on cloth.
        albedo: `[rows, columns, 3]`, of skin and plain cloth.

    Returns:
        Normals in the camera's coordinates, and what share of the light reaches the creases.
    """
    x, y, _ = hit.point
    height, shade = _neck(person, x, y)
    blotches = sample(textures().soft, x * 70 + F(person.grain), y * 70)
    albedo *= 1 + (blotches * (1 - cloth))[..., None] * np.array([0.02, -0.015, -0.02], F)
    worn, creased, tone = _cloth(person, x, y, inside)
    if person.clothes.garment == "shirt":
        _open_collar(person, x, inside, albedo)
    albedo *= (1 + (tone - 1) * cloth)[..., None]
    height += (worn - height) * cloth
    shade += (creased - shade) * cloth
    # The collar's edge stands off the neck.
    height += 0.012 * smoothstep(-0.012, 0.012, inside)
    down, right = np.gradient(height, canvas.pixel)
    bent = normalised([hit.normal[0] - right, hit.normal[1] + down, hit.normal[2]])
    return bent, shade


def _neck(person: Person, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two tendons that meet in the hollow over the breastbone, the larynx, creases, and their heights."""
    across = np.abs(x)
    tendon = across - 0.06 - 0.42 * np.clip(y + 1.42, 0, 0.6)
    strength = 0.010 if person.clothes.neck > 0.33 else 0.007
    height = strength * np.exp(-((tendon * F(1 / 0.05)) ** 2))
    if person.clothes.neck > 0.33:
        height += 0.016 * np.exp(-((x * F(1 / 0.06)) ** 2 + ((y + 1.10) * F(1 / 0.07)) ** 2))
    ring = np.sin((y + 0.10 * x * x) * 34 + person.grain)
    creases = np.clip(ring - 0.75, 0, 1) * smoothstep(0.30, 0.05, across)
    height = height - F(0.016 * person.face.age) * creases
    return height.astype(F), 1 - F(0.12 * person.face.age) * creases


def _cloth(
    person: Person, x: np.ndarray, y: np.ndarray, inside: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights, what share of the light reaches them, and how light the cloth is, over all."""
    garment, grain = person.clothes.garment, F(person.grain)
    folds = sample(textures().folds, x * 17 + grain + 14 * y * x, y * 21 + grain)
    small = sample(textures().folds, x * 34 + grain * 3, y * 26 + 9)
    weave = sample(textures().fine, x * 190, y * 190 + grain)
    height, shade = 0.020 * folds + 0.007 * small, 1 - 0.07 * np.clip(-folds, 0, 2)
    tone = 1 + 0.025 * weave + 0.02 * folds
    band = {"tee": 0.075, "sweater": 0.11, "ribbed": 9.0, "hoodie": 0.0, "shirt": 0.0}[garment]
    if garment == "hoodie":
        return _hood(x, y, inside, height, shade, tone)
    ribs = np.sin(x * (150 if garment == "tee" else 92) * (1 + 0.25 * np.abs(x)))
    on_band = smoothstep(0.006, -0.006, inside - band)
    if garment == "sweater":
        stitches, between = _stitches(x, y)
        height = height + 0.010 * stitches * (1 - on_band)
        shade = shade * (1 - 0.30 * between * (1 - on_band))
    height = height + on_band * (0.006 * ribs + 0.010)
    seam = np.exp(-(((inside - band) * F(1 / 0.009)) ** 2)) + 0.5 * np.exp(-(((inside - 0.014) * F(1 / 0.006)) ** 2))
    deep = 0.10 if garment == "tee" else 0.20
    return height, shade * (1 - 0.30 * seam) * (1 - deep * on_band * np.clip(-ribs, 0, 1)), tone


def _stitches(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heights 0..1 of knitted columns of V's, and the gaps between, 0..1."""
    column = x * F(1 / _STITCH)
    within = np.abs(column - np.floor(column) - F(0.5)) * 2
    row = y * F(1.25 / _STITCH) + within * F(0.85)
    bow = 0.5 + 0.5 * np.cos(row * F(2 * np.pi))
    leg = np.clip(1 - ((within - 0.5) * F(1 / 0.5)) ** 2, 0, 1)
    return bow * leg, np.clip(1 - bow * 0.7 - leg * 0.6, 0, 1)


def _hood(
    x: np.ndarray, y: np.ndarray, inside: np.ndarray, height: np.ndarray, shade: np.ndarray, tone: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A roll of cloth around the neck, and two cords."""
    roll = np.clip(1 - ((inside - 0.085) * F(1 / 0.085)) ** 2, 0, 1)
    height = height + 0.085 * np.sqrt(roll)
    edge = np.exp(-(((inside - 0.175) * F(1 / 0.020)) ** 2))
    front = np.exp(-((x * F(1 / 0.012)) ** 2)) * (inside < 0.17)
    cord = np.abs(np.abs(x) - 0.15 - 0.03 * np.sin(y * 4)) * F(1 / 0.019)
    on_cord = np.clip(1 - cord * cord, 0, 1) * smoothstep(0.10, 0.13, inside)
    height = height + 0.03 * np.sqrt(on_cord)
    beside = np.exp(-((cord - 1.3) ** 2) * 4) * smoothstep(0.10, 0.13, inside)
    return height, shade * (1 - 0.45 * edge) * (1 - 0.35 * front) * (1 - 0.3 * beside), tone + 0.45 * (on_cord > 0.1)


def _open_collar(person: Person, x: np.ndarray, inside: np.ndarray, albedo: np.ndarray) -> None:
    """The two points of a shirt's collar, in a lighter shade, with the shade they cast."""
    across = np.abs(x)
    point = 0.10 + 0.55 * np.clip(across - 0.10, 0, 0.22) - 1.1 * np.clip(across - 0.30, 0, 0.2)
    below = inside - np.maximum(point, 0.05)
    flap = smoothstep(0.006, -0.006, below) * (inside > 0)
    lighter = np.minimum(linear(person.clothes.colour) * 1.18 + 0.02, 1)
    blend(albedo, lighter, flap * F(0.8))
    albedo *= (1 - 0.38 * np.exp(-(((below - 0.010) * F(1 / 0.016)) ** 2)) * (below > -0.004))[..., None]
    placket = np.abs(x - 0.035) * F(1 / 0.006)
    albedo *= (1 - 0.25 * np.exp(-placket * placket) * (1 - flap) * (inside > 0))[..., None]
