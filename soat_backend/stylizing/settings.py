"""What can be chosen about stylizing a generator."""

from __future__ import annotations

from dataclasses import dataclass

from ..latents.sampling import MAX_SEED
from ..support.errors import require_between

MAX_PICTURES = 8
MAX_STEPS = 100_000
MAX_STRENGTH = 2.0
MAX_LEARNING_RATE = 1.0
MAX_WEIGHT = 1e6


@dataclass(frozen=True)
class StylizeSettings:
    """Source: Chong and Forsyth 2022, JoJoGAN (2112.11641), section 3; what differs is said where it does.

    Attributes:
        strength: How far the weights go from the generator's to those found: 0 leaves them, 1 is all the way, more goes
            beyond. (JoJoGAN mixes codes less instead, and would have to be run again.)
        preserve_colour: Learn from the pictures' luminance only, and leave the layers that make colours as they are.
        steps: At most so many.
        seed: Of the random codes that are mixed in.
        learning_rate: Of Adam, on the weights.
        mixed_from: Layers of so many times the picture's resolution and more get random styles: what they paint is
            manner, what those before them paint is content. JoJoGAN's 1/16 of 1024 px is too early for smaller models:
            with 1/8 of 64 px all landscapes become the one that was given.
        style_weight: Of how far the manner of random codes' pictures is from that of the given ones. It isn't in
            JoJoGAN; without it, what only random codes have (dark hair beside a fair model) keeps its manner.
        inversion_steps: To find the code of each picture.
    """

    strength: float = 1.0
    preserve_colour: bool = False
    steps: int = 300
    seed: int = 0
    learning_rate: float = 0.002
    mixed_from: float = 0.25
    style_weight: float = 0.02
    inversion_steps: int = 100

    def __post_init__(self) -> None:
        for name, low, high in (
            ("strength", 0, MAX_STRENGTH),
            ("steps", 0, MAX_STEPS),
            ("seed", 0, MAX_SEED),
            ("learning_rate", 0, MAX_LEARNING_RATE),
            ("mixed_from", 0, 1),
            ("style_weight", 0, MAX_WEIGHT),
            ("inversion_steps", 0, MAX_STEPS),
        ):
            require_between(name, getattr(self, name), low, high)
