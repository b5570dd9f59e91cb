"""Stray hairs over the head and beyond its outline, on fine canvases."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .brushes import Canvas, linear
from .haircuts import CUTS
from .lighting import Lamps
from .person import Person
from .strand_flow import strand_flow
from .strokes import Strokes, draw_strokes
from .tracing import Hit, normalised

_COUNT = 180
_COLOUR_SPREAD = (0.7, 1.5)


def draw_flyaways(canvas: Canvas, person: Person, lamps: Lamps, hit: Hit, inside: np.ndarray) -> None:
    """Draw hairs that left their strands, most of them along the outline; `inside` is the distance inside the edge."""
    cut, rng = CUTS[person.hair.cut], np.random.default_rng(int(person.grain * 1e6) + 2)
    outline = np.clip(1.1 - hit.normal[2], 0, 1) ** 2
    likely = ((hit.cover > 0.9) & (inside > 0.06) & (hit.normal[2] > -0.05)) * outline
    total = np.cumsum(likely.ravel(), dtype=np.float64)
    if total[-1] <= 0 or person.hair.cut == "buzz":
        return
    chosen = np.searchsorted(total, rng.uniform(0, total[-1], _COUNT))
    chosen = np.minimum(chosen, total.size - 1)
    root = np.stack([component.ravel()[chosen] for component in hit.point], -1)
    seen = np.stack([component.ravel()[chosen] for component in hit.normal], -1)
    axes = hit.rays.axes
    normal = seen @ axes
    flow = strand_flow(person, *(root[:, i] for i in range(3)))
    around = np.stack(flow.around, -1)
    down = np.cross(normal, around)
    down *= -np.sign(down[:, 1:2] + 1e-6) / (np.linalg.norm(down, axis=1, keepdims=True) + 1e-6)
    length = rng.uniform(0.08, 0.30, (_COUNT, 1)) * (1.3 if cut.long else 0.55)
    lift = rng.uniform(0.02, 0.16, (_COUNT, 1)) ** 1.2 * (1 + cut.curl)
    sway = around * rng.normal(0, 0.10 + 0.25 * cut.curl, (_COUNT, 1))
    bend = root + (down * 0.5 + sway) * length + normal * lift * 0.9
    end = root + (down + sway * 0.5) * length + normal * lift * rng.uniform(-0.2, 1.0, (_COUNT, 1))
    facing = normalised([seen[:, None, i].astype(F) for i in range(3)])
    colour = np.broadcast_to(linear(person.hair.colour), (_COUNT, 3)) * rng.uniform(*_COLOUR_SPREAD, (_COUNT, 1))
    lit = lamps.shade(colour[:, None].astype(F), facing, rim=1.6)[:, 0]
    draw_strokes(
        canvas,
        hit.rays.place,
        Strokes(root, bend, end, lit, 0.0075, rng.uniform(0.35, 0.9, _COUNT)),
        tolerance=0.12,
        taper=0.6,
    )
