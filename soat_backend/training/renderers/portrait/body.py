"""Neck, shoulders and what is worn on them."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .brushes import PARTS, Canvas, blend, filled, linear, smooth_maximum
from .garments import paint_garment
from .lighting import Lamps
from .person import Person
from .textures import sample, textures
from .tracing import Hit, Place, Rays, rotation, trace

# Between skin's and cloth's: both are shaded at once.
_WRAP = (0.395, 0.316, 0.2765)
# The head as the ellipsoid that shades the neck.
_HEAD_RADII = (0.76, 1.02, 0.92)


def draw_body(canvas: Canvas, person: Person, lamps: Lamps, head: Place) -> None:
    """Draw the neck and the clothes; the body turns less than the head."""
    clothes = person.clothes
    place = Place(
        rotation(person.pose.yaw * 0.35, 0, person.pose.roll * 0.2),
        np.array([head.origin[0] * 0.8, head.origin[1] * 0.4, 0], F),
    )
    rays = Rays(canvas, (-3, 3, -3, -0.68), place)
    if rays.window is None:
        return
    turtleneck = 0.05 * (clothes.collar == "turtleneck")

    def surface(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        back = z + 0.22 + 0.10 * (y + 1)
        neck = np.sqrt(x * x + back * back) - clothes.neck - turtleneck * smoothstep(-0.98, -1.04, y)
        across, height, depth = x * F(1 / clothes.shoulders), (y + 2.22) * F(1 / 0.80), (z + 0.28) * F(1 / 0.66)
        across = across * across
        torso = (np.sqrt(across * (0.45 + 0.55 * across) + height * height + depth * depth) - 1) * F(0.66)
        return -smooth_maximum(-neck, -torso, 0.26)

    hit = trace(rays, surface, 2.2, rate=0.95)
    x, y, z = hit.point
    inside = _inside_collar(clothes.collar, x, y, z)
    cloth = canvas.edge(inside, 1.2)
    albedo = filled(x.shape, linear(person.skin.colour))
    blend(albedo, _fabric(person, inside, y), cloth)
    creases: np.ndarray | float = 1.0
    if canvas.fine:
        normal, creases = paint_garment(canvas, person, hit, inside, cloth, albedo)
    else:
        folds = cloth * sample(textures().folds, x * 22 + person.grain, y * 30)
        normal = [hit.normal[0] + 0.05 * folds, hit.normal[1] + 0.04 * folds, hit.normal[2]]
    below_chin = smoothstep(-1.60, -0.95, y) * smoothstep(1.0, 0.2, np.abs(x))
    collar_shade = 1 - 0.35 * np.exp(-((np.minimum(inside, 0) * 20) ** 2)) * (inside < 0.01)
    colour = lamps.shade(
        albedo,
        normal,
        occlusion=(1 - 0.5 * below_chin) * collar_shade * creases,
        shadow=_head_shadow(rays, hit, lamps, place, head) * creases,
        wrap=_WRAP,
        gloss=(1 - cloth) * 0.03,
        sharpness=14,
        glow=0.05,
    )
    canvas.lay(rays.window, colour, hit.cover)
    canvas.parts[rays.window][(hit.cover > 0.5) & (cloth > 0.5)] = PARTS.index("cloth")
    np.copyto(canvas.depth[rays.window], hit.depth, where=hit.cover > 0.5)


def _inside_collar(collar: str, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """About the distance below the collar's edge."""
    round_neck = -1.20 - 0.22 * z - y
    front, from_middle = np.clip(z * 4 + 1, 0, 1), np.abs(x)
    if collar == "turtleneck":
        return -1.04 - y - 0.1 * z
    if collar == "vneck":
        return round_neck - front * np.maximum(0, 0.36 - 1.25 * from_middle)
    return round_neck


def _fabric(person: Person, inside: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Plain or striped cloth with a band along its edge."""
    clothes = person.clothes
    albedo = filled(y.shape, linear(clothes.colour))
    if clothes.stripes:
        blend(albedo, linear(clothes.stripe_colour), smoothstep(-0.3, 0.3, np.sin(y * 30)))
    albedo *= (1 - 0.22 * smoothstep(0.10, 0.08, inside))[..., None]
    return albedo


def _head_shadow(rays: Rays, hit: Hit, lamps: Lamps, place: Place, head: Place) -> np.ndarray:
    """Share of the key light that passes the head, taken as an ellipsoid."""
    position = [rays.x + place.origin[0] - head.origin[0], rays.y + place.origin[1] - head.origin[1], hit.depth]
    scaled = [p * F(1 / radius) for p, radius in zip(position, _HEAD_RADII, strict=True)]
    direction = [F(d / radius) for d, radius in zip(lamps.key_direction, _HEAD_RADII, strict=True)]
    squared = sum(d * d for d in direction)
    along = sum(p * d for p, d in zip(scaled, direction, strict=True))
    closest = np.sqrt(np.maximum(sum(p * p for p in scaled) - along * along / squared, 0))
    return 1 - 0.65 * smoothstep(1.5, 0.55, closest) * smoothstep(0.4, -0.5, along)
