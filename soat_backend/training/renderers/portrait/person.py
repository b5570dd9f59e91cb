"""A person: all that a portrait shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .attributes import (
    Background,
    Beard,
    Brows,
    Clothes,
    Eyes,
    Face,
    Glasses,
    Hair,
    Hat,
    Light,
    Mouth,
    Nose,
    Pose,
    Skin,
)


@dataclass(frozen=True)
class Person:
    """Everything a portrait shows; `grain` shifts the textures of skin, hair and cloth."""

    pose: Pose
    face: Face
    skin: Skin
    eyes: Eyes
    brows: Brows
    nose: Nose
    mouth: Mouth
    hair: Hair
    beard: Beard
    glasses: Glasses
    hat: Hat
    clothes: Clothes
    light: Light
    background: Background
    grain: float


def take(person: Person, other: Person, part: str) -> Person:
    """The person with one part of another: the true attribute transfer.

    Args:
        person: Keeps all else, the pose included.
        other: Gives the part.
        part: An attribute of Person: `eyes`, `mouth`, `hair`, `pose`, `glasses` and so on.
    """
    return replace(person, **{part: getattr(other, part)})
