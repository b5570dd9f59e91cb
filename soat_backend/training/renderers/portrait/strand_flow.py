"""Which way hair grows on fine canvases: coordinates along and across the strands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .haircuts import CUTS
from .person import Person
from .tracing import Triple

_SIDE_PARTING = 0.30


@dataclass
class StrandFlow:
    """Coordinates of points on hair.

    Attributes:
        across: Radians about the head, from the left of the parting to its right.
        along: Head units down the strands, roughly.
        around: Unit vectors across the strands, in the head's coordinates.
        from_parting: Distance from the line the hair is parted along; large where there is none.
    """

    across: np.ndarray
    along: np.ndarray
    around: Triple
    from_parting: np.ndarray


def strand_flow(person: Person, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> StrandFlow:
    """How the strands of a person's hair run through points of the head's coordinates."""
    hair, cut = person.hair, CUTS[person.hair.cut]
    side = 1 if hair.parting > 0 else -1
    parted = cut.long and hair.fringe in ("side", "curtain", "swept back")
    wave = max(cut.wave, hair.wave)
    if parted:
        middle = side * _SIDE_PARTING if hair.fringe == "side" else hair.parting * 0.3
        back, front = -0.55, 0.50
        beyond = z - np.clip(z, F(back), F(front))
        # In front of the parting strands fan out; beside it they leave it at right angles.
        beside = x - F(middle)
        angle = np.arctan2(beside, beyond + F(0.05))
        across = angle - np.clip(z, F(back), F(front)) * np.tanh(beside * 8) * F(0.9)
        from_parting = np.abs(beside) + np.maximum(z - F(front + 0.2), 0) + np.maximum(F(0.55) - y, 0)
    else:
        beside = x - F(hair.parting * 0.4)
        angle = np.arctan2(beside, z - F(cut.crown))
        across = angle
        from_parting = np.full_like(x, 9)
    if hair.fringe == "side":
        sweep = np.clip(0.85 - y, 0, 0.65) * smoothstep(0.1, 0.6, z)
        if parted:
            # Away from the parting only, and gently: where strands' coordinates turned back there would be knots.
            sweep = sweep * smoothstep(0.35, -0.55, side * beside)
        across = across + side * (1.5 if parted else 2.0) * sweep
    elif hair.fringe == "tousled":
        across = across + 0.16 * np.sin(y * 5 + angle * 3 + person.grain) * smoothstep(0.0, 0.5, y)
    across = across + 0.012 * np.sin(y * 5.3 + angle * 4)
    swing = np.sin(y * 7.5 + person.grain + np.sin(angle * 5 + person.grain) * 1.4)
    across = across + (0.075 * wave) * swing * smoothstep(0.75, 0.0, y)
    around = [np.cos(angle), np.zeros_like(angle), -np.sin(angle)]
    return StrandFlow(across, F(1.0) - y, around, from_parting)
