"""Hats: a knitted beanie."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .brushes import Canvas, filled, linear
from .haircuts import CUTS
from .lighting import Lamps
from .person import Person
from .tracing import Hit, Place, Rays, Triple, normalised, trace

HAT_LINE = 0.29


def hat_edge(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """About the distance above the hat's lower edge, which is lower at the back."""
    return y - HAT_LINE + 0.10 * z + 0 * x


def hat_radii(person: Person) -> tuple[float, float, float]:
    """Half-width, height above the head's middle and half-depth; a hat over hair is wider."""
    room = 0.155 if CUTS[person.hair.cut].thickness > 0.05 else 0.07
    return person.face.width + room, 1.12 + person.hat.height * 0.18, 0.88 + room


def draw_hat(canvas: Canvas, person: Person, lamps: Lamps, place: Place) -> None:
    """Draw the hat over head and hair."""
    hat = person.hat
    rays = Rays(canvas, (-1.5, 1.5, -1.9, 1.6), place)
    assert rays.window is not None
    wide, high, deep = hat_radii(person)

    def surface(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        height = (y * F(1 / high)) ** 2
        edge = hat_edge(x, y, z)
        cuff = smoothstep(-0.02, 0.06, edge) * smoothstep(0.30, 0.24, edge) * 0.03
        return (np.sqrt((x * F(1 / wide)) ** 2 + height + ((z + 0.02) * F(1 / deep)) ** 2) - 1.02 - cuff) * F(0.8)

    hit = trace(rays, surface, 1.45, rate=0.85)
    x, y, z = hit.point
    edge = hat_edge(x, y, z)
    albedo = filled(x.shape, linear(hat.colour))
    albedo *= (0.95 + 0.06 * np.sin(np.arctan2(x, z) * 30))[..., None]
    occlusion = 1 - 0.3 * np.exp(-(((edge - 0.315) * F(1 / 0.04)) ** 2))
    normal = hit.normal
    if canvas.fine:
        normal, stitched = _knitted(hit, edge)
        occlusion = occlusion * stitched
    colour = lamps.shade(albedo, normal, occlusion=occlusion, rim=1.2)
    canvas.lay(rays.window, colour, hit.cover * canvas.edge(edge, 1.3), hit.depth + 0.06)


def _knitted(hit: Hit, edge: np.ndarray) -> tuple[Triple, np.ndarray]:
    """Normals bent along ribs and rows of stitches, and what share of the light reaches between."""
    x, _, z = hit.point
    around = np.arctan2(x, z) * F(30)
    rows = edge * F(46) + 1.2 * np.abs(np.sin(around * 0.5 + F(np.pi / 4)))
    ribs, stitches = np.sin(around), np.sin(rows * F(2 * np.pi / 2))
    sideways = hit.rays.to_camera([z, np.zeros_like(z), -x])
    normal = [n - s * (0.30 * np.cos(around)) for n, s in zip(hit.normal, sideways, strict=True)]
    normal[1] = normal[1] + 0.16 * np.cos(rows * F(np.pi))
    return normalised(normal), 1 - 0.22 * np.clip(-ribs, 0, 1) - 0.12 * np.clip(-stitches, 0, 1)
