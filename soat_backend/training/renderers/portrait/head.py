"""The head and the ears: traced, painted and lit."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import MOUTH_Y, front_of_skull, skull
from .beard import paint_beard
from .brushes import Canvas, linear
from .eyes import paint_brows, paint_eyes
from .face_hairs import draw_face_hairs
from .fine_ears import fold_ear
from .fine_mouth import paint_fine_mouth
from .fine_relief import SLOPE_X, SLOPE_Y, fine_position, fine_relief
from .fine_skin import paint_fine_skin
from .hair_textures import sample_channels
from .lighting import SKIN_WRAP, Lamps
from .mouth import paint_mouth
from .paint import window_around
from .person import Person
from .relief import Relief, make_relief, map_position
from .skin import bare_skin, paint_nostrils, paint_under_hair
from .textures import sample, sample_nearest
from .tracing import Hit, Place, Rays, Surface, Triple, hit_ellipsoid, normalised, rotation, trace


def draw_head(canvas: Canvas, person: Person, lamps: Lamps, place: Place, covered: Surface) -> None:
    """Draw the head without its hair; `covered(x, y, z)` is above 0 where hair or a hat lies on the skin."""
    relief = make_relief(person, lamps)
    hit = _trace_head(canvas, person, place, relief)
    x, y, z = hit.point
    front = np.clip(z * 4, 0, 1)
    paint = bare_skin(person, hit)
    paint.occlusion -= sample(relief.cavity, *map_position(x, y)) * front
    shadow = 1 - (1 - sample(relief.shadow, *map_position(x, y))) * front
    normal = hit.normal
    if canvas.fine:
        details = sample_channels(fine_relief(person), *fine_position(x, y))
        pores = paint_fine_skin(person, paint)
        normal = _bent(hit, details[SLOPE_X] + pores[0], details[SLOPE_Y] + pores[1], front)
    paint_nostrils(canvas, person.nose, paint)
    # On as few pixels as hold them.
    mouth = window_around((y > MOUTH_Y - 0.36) & (y < MOUTH_Y + 0.25) & (np.abs(x) < 0.5) & (z > 0))
    if mouth:
        (paint_fine_mouth if canvas.fine else paint_mouth)(canvas, person.mouth, paint.part(mouth))
    paint_beard(canvas, person, paint)
    shadow *= paint_under_hair(person, lamps, covered, paint)
    eyes = window_around((np.abs(y - 0.04) < 0.36) & (np.abs(x) < 0.66) & (z > 0))
    if eyes:
        paint_brows(canvas, person.brows, paint.part(eyes))
        paint_eyes(canvas, person, lamps, paint.part(eyes))
    colour = lamps.shade(
        paint.albedo,
        normal,
        occlusion=paint.occlusion,
        shadow=shadow,
        wrap=SKIN_WRAP,
        gloss=paint.gloss,
        sharpness=18 if canvas.fine else 12,
        glow=0.08 if canvas.fine else 0.05,
    )
    colour += paint.catch_light[..., None] * (lamps.key * F(0.7) + F(0.35))
    canvas.lay(hit.window, colour, hit.cover)
    np.copyto(canvas.depth[hit.window], hit.depth, where=hit.cover > 0.5)
    if canvas.fine:
        draw_face_hairs(canvas, person, lamps, place, partial(_skin_depth, person, relief))


def _bent(hit: Hit, slope_x: np.ndarray, slope_y: np.ndarray, front: np.ndarray) -> Triple:
    """The head's normals, tilted by slopes along its x and y."""
    tilt = hit.rays.to_camera([slope_x * front, slope_y * front, np.zeros_like(front)])
    return normalised([n - t for n, t in zip(hit.normal, tilt, strict=True)])


def _skin_depth(person: Person, relief: Relief, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The z of the skin's front at head x and y."""
    x, y = x.astype(F), y.astype(F)
    return front_of_skull(person.face, x, y) + sample(relief.height, *map_position(x, y)) * F(1.1)


def _trace_head(canvas: Canvas, person: Person, place: Place, relief: Relief) -> Hit:
    """Meet the skull with the relief on its front."""

    def surface(x: np.ndarray, y: np.ndarray, z: np.ndarray, look_up=sample_nearest) -> np.ndarray:
        front = np.clip(z * 3 + 0.2, 0, 1)
        return skull(person.face, x, y, z) - look_up(relief.height, *map_position(x, y)) * front

    rays = Rays(canvas, (-1.0, 1.0, -1.28, 1.06), place)
    return trace(rays, surface, 1.2, fine=lambda x, y, z: surface(x, y, z, sample))


def draw_ears(canvas: Canvas, person: Person, lamps: Lamps, place: Place) -> None:
    """Draw the ears: two flat ellipsoids with a shaded hollow."""
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
        normal = hit.normal
        if canvas.fine:
            normal, occlusion = fold_ear(side, size, x, y, normal)
        shaded = lamps.shade(colour, normal, occlusion=occlusion, wrap=(0.5, 0.35, 0.3), gloss=0.02, glow=0.12)
        canvas.lay(rays.window, shaded, hit.cover, hit.depth + 0.02 + rays.origin_depth)
