"""The head and the ears: traced, painted and lit."""

from __future__ import annotations

import numpy as np

from ..noise import F, smoothstep
from .anatomy import MOUTH_Y, NOSE_TIP_Y, skull
from .beard import beard_cover, paint_beard
from .canvas import Canvas, Window, blend, bump, filled, linear
from .eyes import paint_brows, paint_eyes
from .lighting import SKIN_WRAP, Lamps
from .mouth import paint_mouth
from .person import Person
from .relief import make_relief, map_position
from .textures import sample, sample_nearest, textures
from .tracing import Place, Rays, Surface, hit_ellipsoid, rotation, trace

_FLUSH = linear((255, 158, 146))


def draw_head(canvas: Canvas, person: Person, lamps: Lamps, place: Place, covered: Surface) -> None:
    """Draw the head without its hair; `covered(x, y, z)` is above 0 where hair or a hat lies on the skin."""
    relief = make_relief(person, lamps)
    rays = Rays(canvas, (-1.0, 1.0, -1.28, 1.06), place)
    assert rays.window is not None

    def surface(x: np.ndarray, y: np.ndarray, z: np.ndarray, look_up=sample_nearest) -> np.ndarray:
        front = np.clip(z * 3 + 0.2, 0, 1)
        return skull(person.face, x, y, z) - look_up(relief.height, *map_position(x, y)) * front

    hit = trace(rays, surface, 1.2, fine=lambda x, y, z: surface(x, y, z, sample))
    x, y, z = hit.point
    front = np.clip(z * 4, 0, 1)
    occlusion = 1 - sample(relief.cavity, *map_position(x, y)) * front
    shadow = 1 - (1 - sample(relief.shadow, *map_position(x, y))) * front
    albedo = _complexion(person, x, y)
    gloss = 0.035 * person.skin.shine * (1 + np.exp(-((x * F(10)) ** 2)) * (y < 0.1) + front)
    _paint_nostrils(person, x, y, front, albedo)
    _paint_low(canvas, person, x, y, z, albedo, occlusion, gloss)
    cover = beard_cover(person.beard, person.mouth, x, y)
    if cover is not None:
        paint_beard(person, cover * smoothstep(-0.25, 0.10, z), x, y, albedo, gloss)
    shadow, occlusion = _under_hair(person, lamps, covered, hit.point, albedo, shadow, occlusion)
    catch_lights = _paint_high(canvas, person, lamps, x, y, z, albedo, occlusion, gloss)
    colour = lamps.shade(
        albedo, hit.normal, occlusion=occlusion, shadow=shadow, wrap=SKIN_WRAP, gloss=gloss, sharpness=12, glow=0.05
    )
    colour += catch_lights[..., None] * (lamps.key * F(0.7) + F(0.35))
    canvas.lay(rays.window, colour, hit.cover)
    np.copyto(canvas.depth[rays.window], hit.depth, where=hit.cover > 0.5)


def _complexion(person: Person, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Skin with slight mottling, flushed cheeks and nose, and freckles."""
    skin, colour = person.skin, linear(person.skin.colour)
    albedo = filled(x.shape, colour)
    albedo *= (1 + 0.02 * sample(textures().soft, x * 70 + person.grain, y * 70))[..., None]
    from_middle = np.abs(x)
    flush = bump(from_middle, 0.43, 0.2) * bump(y, -0.36, 0.17) * skin.blush
    flush += bump(x, 0, 0.12) * bump(y, NOSE_TIP_Y + person.nose.tip, 0.11) * (0.3 * skin.blush)
    blend(albedo, colour * _FLUSH, np.minimum(flush, 1) * F(0.75))
    if skin.freckles > 0:
        spots = smoothstep(1.1, 2.0, sample(textures().fine, x * 100 + person.grain * 3, y * 100))
        zone = bump(from_middle, 0.2, 0.3) * bump(y, -0.28, 0.2)
        albedo *= 1 - (spots * zone * (0.5 * skin.freckles))[..., None] * np.array([0.5, 0.8, 1], F)
    return albedo


def _paint_nostrils(person: Person, x: np.ndarray, y: np.ndarray, front: np.ndarray, albedo: np.ndarray) -> None:
    nose = person.nose
    across = (np.abs(x) - nose.width * 0.55) * F(1 / 0.045)
    down = (y - (NOSE_TIP_Y + nose.tip - 0.088)) * F(1 / 0.024)
    albedo *= 1 - (smoothstep(1.5, 0.4, np.sqrt(across**2 + down**2)) * front * 0.55)[..., None]


def _paint_low(canvas, person, x, y, z, albedo, occlusion, gloss) -> None:
    """The mouth, on as few pixels as hold it."""
    window = _bounds((y > MOUTH_Y - 0.36) & (y < MOUTH_Y + 0.25) & (np.abs(x) < 0.5) & (z > 0))
    if window:
        paint_mouth(canvas, person.mouth, x[window], y[window], albedo[window], occlusion[window], gloss[window])


def _paint_high(canvas, person, lamps, x, y, z, albedo, occlusion, gloss) -> np.ndarray:
    """Eyes and brows, likewise; returns the eyes' catch lights."""
    catch_lights = np.zeros_like(x)
    window = _bounds((np.abs(y - 0.04) < 0.36) & (np.abs(x) < 0.66) & (z > 0))
    if window:
        parts = x[window], y[window], albedo[window]
        paint_brows(person.brows, *parts, gloss[window])
        catch_lights[window] = paint_eyes(canvas, person, lamps, *parts, occlusion[window], gloss[window])
    return catch_lights


def _under_hair(person, lamps, covered, point, albedo, shadow, occlusion) -> tuple[np.ndarray, np.ndarray]:
    """Tint the scalp, and shade the skin that hair or a hat hangs over."""
    x, y, z = point
    here = covered(x, y, z)
    if person.hair.cut != "bald":
        scalp = linear(person.hair.colour) * 0.6 + linear(person.skin.colour) * 0.1
        blend(albedo, scalp, smoothstep(-0.02, 0.06, here) * F(0.85))
    to_x, to_y, _ = lamps.key_direction
    above = covered(x + F(to_x * 0.07), y + F(0.02 + to_y * 0.07), z + F(0.05))
    shadow = shadow * (1 - 0.32 * smoothstep(-0.06, 0.04, above))
    occlusion = occlusion * (1 - 0.18 * smoothstep(-0.18, 0.03, here)) * (0.6 + 0.4 * smoothstep(-1.08, -0.75, y))
    return shadow, occlusion


def _bounds(mask: np.ndarray) -> Window | None:
    """The smallest window around what is true."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) == 0:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def draw_ears(canvas: Canvas, person: Person, lamps: Lamps, place: Place) -> None:
    """Two flat ellipsoids with a shaded hollow."""
    colour, size = linear(person.skin.colour) * np.array([1, 0.86, 0.84], F), person.face.ear
    for side in (-1, 1):
        centre = (side * (person.face.width * 0.97 + 0.02), -0.12, -0.06)
        rays = Rays(canvas, (-0.3, 0.3, -0.34, 0.34), place.part(centre, rotation(side * 28, 0, -side * 9)))
        if rays.window is None:
            continue
        hit = hit_ellipsoid(rays, (0.115 * size, 0.20 * size, 0.07))
        x, y, _ = hit.point
        hollow = np.sqrt(((x - side * 0.012) * F(1 / 0.072)) ** 2 + ((y - 0.02) * F(1 / 0.13)) ** 2) * F(1 / size)
        occlusion = 1 - 0.42 * smoothstep(0.95, 0.45, hollow)
        shaded = lamps.shade(colour, hit.normal, occlusion=occlusion, wrap=(0.5, 0.35, 0.3), gloss=0.02, glow=0.12)
        canvas.lay(rays.window, shaded, hit.cover, hit.depth + 0.02 + rays.origin_depth)
