"""Hair: traced, with soft strands from the crown and a silky highlight."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .brushes import FARTHEST, Canvas, blend, filled, linear
from .fine_hair import draw_fine_hair, shade_strands
from .flyaways import draw_flyaways
from .hair_textures import sample_channels, strand_texture
from .haircuts import CUTS, hair_thickness
from .hats import hat_edge
from .lighting import Lamps
from .person import Person
from .textures import SIDE, sample, sample_nearest, textures
from .tracing import Hit, Place, Rays, Surface, Triple, normalised, trace

_HAIR_WRAP = (0.35, 0.35, 0.35)
# How far hair goes on under the edge of a hat.
_UNDER_HAT = 0.16


def trace_hair(canvas: Canvas, person: Person, place: Place, surface: Surface) -> Hit | None:
    """Where rays meet the hair's shell; None for a bald head."""
    if person.hair.cut == "bald":
        return None
    cut, thickness = CUTS[person.hair.cut], hair_thickness(person)
    wide, low = 0.93 + thickness + 0.2 * cut.long, 2.2 if cut.long else 1.0
    top = 1.10 + thickness + 0.3 * (person.hair.cut == "quiff")
    rays = Rays(canvas, (-wide, wide, -low, top), place)
    floor = -0.3 if cut.long else FARTHEST
    return trace(rays, surface, max(1.3, wide + 0.12, top), rate=0.85, floor=floor)


def draw_hair_behind(canvas: Canvas, person: Person, lamps: Lamps, hit: Hit) -> None:
    """The inner far wall of the hair, behind neck and shoulders."""
    cut, colour = CUTS[person.hair.cut], linear(person.hair.colour)
    x, y, _ = hit.point
    end = cut.end * person.hair.length if cut.long else cut.end + 0.22
    ragged = sample(textures().locks, x * 40 + person.grain, np.full_like(x, 3))
    alpha = hit.cover * smoothstep(-0.03, 0.03, y - end - 0.04 * ragged) * smoothstep(-0.10, 0.08, hit.normal[2])
    strands = sample(textures().locks, x * 60 + person.grain, y * 12)
    light = lamps.sky * F(0.55) + lamps.key * F(0.18) + F(0.02)
    if canvas.fine:
        # Strands hang in the dark behind the neck.
        angle = np.arctan2(x, F(0.4)) * F(SIDE)
        tone, _, _, gap, _ = sample_channels(strand_texture(), angle + person.grain, y * 98)
        strands = 2.0 * tone - 4.0 * gap - 2.5 - 2.0 * smoothstep(0.7, 0.1, np.abs(x))
    canvas.lay(
        hit.window, colour * light * np.clip(1 + 0.12 * strands, 0.3 if canvas.fine else 0.6, 1.4)[..., None], alpha
    )


def draw_hair(canvas: Canvas, person: Person, lamps: Lamps, hit: Hit, edge: Surface) -> None:
    """The hair in front, thinning out at its outline."""
    cut = CUTS[person.hair.cut]
    x, y, z = hit.point
    inside = edge(x, y, z)
    if canvas.fine:
        if person.hat.style != "none":
            # No strand reaches through the hat.
            inside = np.minimum(inside, F(_UNDER_HAT) - hat_edge(x, y, z))
        draw_fine_hair(canvas, person, lamps, hit, inside)
        draw_flyaways(canvas, person, lamps, hit, inside)
        return
    colour, strands, locks = _shade(person, lamps, hit, (person.hair.parting * 0.4, cut.crown))
    teeth = (0.006 * strands + 0.018 * locks) * (1 + 0.8 * smoothstep(-0.5, -0.9, y))
    soft = 0.05 if cut.long else 0.07
    alpha = smoothstep(-0.02, soft, inside + np.clip(teeth, F(-0.06), F(0.05)))
    # Only curls fray where the hair turns away: creases inside straight hair turn away too, and must stay closed.
    frayed = hit.normal[2] + np.minimum(0.09 * cut.curl * (locks * 1.2 + strands * 0.6 - 1), 0)
    outline = hit.cover * smoothstep(-0.10, 0.03, frayed)
    colour *= (0.78 + 0.22 * smoothstep(-0.02, 0.20, inside))[..., None]
    canvas.lay(hit.window, colour, alpha * outline, hit.depth + 0.015)


def draw_bun(canvas: Canvas, person: Person, lamps: Lamps, place: Place) -> None:
    """Draw a knot of hair on top of the head."""
    size = person.hair.volume
    radii = (0.36 * size, 0.27, 0.36 * size)
    rays = Rays(canvas, (-0.55, 0.55, -0.45, 0.45), place.part((0, 1.06, -0.30)))
    if rays.window is None:
        return

    def surface(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        swell = 1 + 0.05 * np.sin(y * 9 + x * 4)
        inside = (x / (radii[0] * swell)) ** 2 + (y * F(1 / radii[1])) ** 2 + (z / (radii[2] * swell)) ** 2
        return (np.sqrt(inside) - 1) * F(min(radii) * 0.8)

    hit = trace(rays, surface, max(radii) + 0.06)
    colour = shade_strands(person, lamps, hit)[0] if canvas.fine else _shade(person, lamps, hit, (0.0, 0.0))[0]
    canvas.lay(rays.window, colour, hit.cover * smoothstep(-0.05, 0.1, hit.normal[2]))


def _shade(
    person: Person, lamps: Lamps, hit: Hit, crown: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lit colour, and the strands' and locks' textures, which also fray the outline."""
    hair, cut = person.hair, CUTS[person.hair.cut]
    x, y, z = hit.point
    angle = np.arctan2(x - F(crown[0]), z - F(crown[1]))
    strands, locks, slope = _strands(person, angle, x, y)
    if cut.curl > 0:
        curls = sample(textures().curls, angle * F(SIDE / np.pi) + strands, y * 66 + z * 22 + locks)
        locks = locks * (1 - cut.curl) + curls * cut.curl
    albedo = filled(x.shape, linear(hair.colour))
    blend(albedo, linear(hair.tips), smoothstep(0.25, -1.3, y) if cut.long else smoothstep(0.2, 1.0, y))
    albedo *= np.clip(1 + (0.08 + 0.04 * cut.curl) * locks + 0.04 * strands, 0.5, 1.6)[..., None]
    around = hit.rays.to_camera([np.cos(angle), np.zeros_like(angle), -np.sin(angle)])
    normal = normalised([n + a * slope for n, a in zip(hit.normal, around, strict=True)])
    colour = lamps.shade(
        albedo,
        normal,
        occlusion=np.clip(0.84 + 0.09 * locks, 0.5, 1.1),
        shadow=np.clip(0.92 + 0.07 * locks, 0.6, 1.1),
        wrap=_HAIR_WRAP,
        rim=1.2,
    )
    return colour + _silk(person, lamps, normal, around, strands, locks), strands, locks


def _strands(
    person: Person, angle: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fine and broad streaks that run from the crown, and the slope across the broad ones."""
    cut = CUTS[person.hair.cut]
    wave = max(cut.wave, person.hair.wave)
    across = angle * F(SIDE / (2 * np.pi)) + 1.0 * np.sin(y * 2.3 + angle * 3)
    across = across + 2.4 * wave * np.sin(y * 7.0 + person.grain + np.abs(x) * 2)
    along = y * 16 + person.grain
    strands = sample(textures().strands, across * 2 + person.grain, along)
    locks = sample(textures().locks, across * 2, along * 0.8)
    beside = sample_nearest(textures().locks, across * 2 + 1.5, along * 0.8)
    return strands, locks, (locks - beside) * F(0.20 * (1 - cut.curl))


def _silk(
    person: Person, lamps: Lamps, normal: Triple, around: Triple, strands: np.ndarray, locks: np.ndarray
) -> np.ndarray:
    """A highlight along bands across the strands.

    Source: Kajiya and Kay, "Rendering fur with three dimensional textures", 1989, with two shifted lobes.
    """
    cut, colour = CUTS[person.hair.cut], linear(person.hair.colour)
    tangent = [
        normal[1] * around[2] - normal[2] * around[1],
        normal[2] * around[0] - normal[0] * around[2],
        normal[0] * around[1] - normal[1] * around[0],
    ]
    along = sum(tangent[i] * lamps.halfway[i] for i in range(3)) + 0.02 * strands + 0.04 * locks
    facing = np.clip(sum(normal[i] * lamps.key_direction[i] for i in range(3)) + 0.3, 0, 1)
    strength = facing * F(person.hair.gloss * (1 - 0.75 * cut.curl))
    white = np.clip(1 - (along - 0.12) ** 2, 0, 1) ** 30 * strength * 0.07
    coloured = np.clip(1 - (along + 0.10) ** 2, 0, 1) ** 10 * strength * 0.45
    sheen = white[..., None] * (lamps.key * (0.35 + 0.65 * np.sqrt(colour)))
    return sheen + coloured[..., None] * (lamps.key * colour)
