"""Hair on fine canvases: strands with a shine of their own, tips and hairlines of single hairs, a parting."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .brushes import Canvas, blend, filled, linear
from .hair_textures import SIDE, ringlet_texture, sample_channels, strand_texture
from .haircuts import CUTS
from .lighting import Lamps
from .person import Person
from .strand_flow import StrandFlow, strand_flow
from .tracing import Hit, Triple, normalised

_WRAP = (0.35, 0.35, 0.35)
# Texels per radian about the head, and per head unit along the strands.
_ACROSS, _ALONG = SIDE * 2 / np.pi, SIDE / 2.6


def draw_fine_hair(canvas: Canvas, person: Person, lamps: Lamps, hit: Hit, inside: np.ndarray) -> None:
    """Draw the front of the hair; `inside` is the distance inside its edge."""
    cut = CUTS[person.hair.cut]
    y = hit.point[1]
    colour, tone, reach, gap = shade_strands(person, lamps, hit)
    fringe = 1 - 0.6 * (person.hair.cut == "buzz")
    tips = smoothstep(-0.5, -0.9, y) if cut.long else np.zeros_like(y)
    # Strands end where the edge lies across them; along it they lie beside each other.
    ends = np.minimum(np.abs(np.gradient(inside, axis=0)) * F(1 / canvas.pixel), 1)
    ragged = (0.050 + 0.06 * tips) * fringe * reach * (0.25 + 0.75 * ends) * F(1 - 0.4 * cut.curl) - 0.012 * gap
    # Swept back, hair grows out of a hairline that thins out; a fringe has ends.
    soft = 0.045 if person.hair.fringe == "swept back" else 0.0
    alpha = smoothstep(-0.004 - 0.3 * soft, 0.030 + soft, inside + ragged - 0.012 + 0.006 * tone)
    if cut.curl:
        frayed = hit.normal[2] + cut.curl * (0.10 * reach - 0.10 * gap - 0.02)
    else:
        frayed = hit.normal[2] + 0.05 * reach
    outline = hit.cover * smoothstep(-0.06, 0.03, frayed)
    # Hair lies in the shade of the hair above it near its edge.
    colour *= (0.76 + 0.24 * smoothstep(-0.02, 0.16, inside))[..., None]
    canvas.lay(hit.window, colour, alpha * outline, hit.depth + 0.015)


def shade_strands(person: Person, lamps: Lamps, hit: Hit) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Lit colour `[rows, columns, 3]`, and the strands' tone, reach and gaps, as in their textures."""
    hair, cut = person.hair, CUTS[person.hair.cut]
    x, y, z = hit.point
    flow = strand_flow(person, x, y, z)
    tone, slope, slope_down, gap, reach = _texture(person, flow, x, y, z)
    # Where the hair turns away single strands are too thin to be told apart.
    facing = smoothstep(-0.05, 0.40, hit.normal[2])
    tone, slope, gap, reach = tone * facing, slope * facing, gap * (0.35 + 0.65 * facing), reach * (0.3 + 0.7 * facing)
    albedo = filled(x.shape, linear(hair.colour))
    blend(albedo, linear(hair.tips), smoothstep(0.25, -1.3, y) if cut.long else smoothstep(0.2, 1.0, y))
    # Between hairs the eye looks into the dark; light hair is lit from within.
    depth = 0.58 - 0.22 * float(np.mean(linear(hair.colour)))
    albedo *= (np.clip(1.04 + 0.15 * tone, 0.4, 1.7) * (1 - F(depth) * gap))[..., None]
    if cut.curl == 0:
        parting = np.exp(-((flow.from_parting * F(1 / 0.013)) ** 2)) * smoothstep(0.60, 0.85, y)
        blend(albedo, linear(person.skin.colour) * 0.5, parting * F(0.32))
    around = hit.rays.to_camera(flow.around)
    steep = F(0.16 + 0.16 * cut.curl)
    normal = [n + a * (slope * steep) for n, a in zip(hit.normal, around, strict=True)]
    normal[1] = normal[1] + slope_down * (steep * F(0.8))
    normal = normalised(normal)
    colour = lamps.shade(
        albedo,
        normal,
        occlusion=np.clip(0.95 - 0.30 * gap, 0.4, 1.1),
        shadow=np.clip(1.0 - 0.25 * gap, 0.5, 1.1),
        wrap=_WRAP,
        rim=1.4,
    )
    return colour + _shine(person, lamps, normal, around, tone, reach, gap), tone, reach, gap


def _texture(person: Person, flow: StrandFlow, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
    """Tone, slopes across and down, gap and reach at points of the hair."""
    cut = CUTS[person.hair.cut]
    fine = 1.25 if person.hair.cut in ("buzz", "crop") else 1.0
    across, along = flow.across * F(_ACROSS * fine) + F(person.grain * 7), flow.along * F(_ALONG)
    tone, slope, down, gap, reach = sample_channels(strand_texture(), across, along + F(person.grain))
    if cut.curl > 0:
        # Tight curls are small ones.
        small = F(0.85 + 0.75 * cut.curl**3)
        turned = np.arctan2(x, z + F(0.15)) * F(SIDE / np.pi) * small
        wind = sample_channels(ringlet_texture(), turned + F(person.grain * 3), (flow.along * 88 - z * 30) * small)
        straight, share = tone, F(min(cut.curl + 0.1, 1.0))
        tone, slope, down, gap, reach = (
            a + (b - a) * share for a, b in zip((tone, slope, down, gap, reach), wind, strict=True)
        )
        tone = tone + 0.35 * straight
    return tone, slope, down, gap, reach


def _shine(
    person: Person,
    lamps: Lamps,
    normal: Triple,
    around: Triple,
    tone: np.ndarray,
    reach: np.ndarray,
    gap: np.ndarray,
) -> np.ndarray:
    """Two bands of light across the strands, broken up by every strand's own tilt.

    Source: Kajiya and Kay, "Rendering fur with three dimensional textures", 1989; the second, coloured lobe and the
    shifts: Marschner et al., "Light scattering from human hair fibers", 2003.
    """
    cut, colour = CUTS[person.hair.cut], linear(person.hair.colour)
    tangent = [
        normal[1] * around[2] - normal[2] * around[1],
        normal[2] * around[0] - normal[0] * around[2],
        normal[0] * around[1] - normal[1] * around[0],
    ]
    along = sum(tangent[i] * lamps.halfway[i] for i in range(3)) + 0.10 * reach + 0.02 * tone
    facing = np.clip(sum(normal[i] * lamps.key_direction[i] for i in range(3)) + 0.3, 0, 1)
    strength = facing * (1 - 0.8 * gap) * F(person.hair.gloss * (1 - 0.6 * cut.curl))
    white = np.clip(1 - (along - 0.12) ** 2, 0, 1) ** 40 * strength * np.clip(0.11 + 0.05 * tone, 0, 1)
    coloured = np.clip(1 - (along + 0.10) ** 2, 0, 1) ** 12 * strength * 0.55
    sheen = white[..., None] * (lamps.key * (0.35 + 0.65 * np.sqrt(colour)))
    return sheen + coloured[..., None] * (lamps.key * colour)
