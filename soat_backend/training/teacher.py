"""A finished generator of any architecture, from which one of another architecture learns before it sees a picture.

Learning from pairs of w and picture takes far fewer images than learning from a discriminator's opinion; what it
leaves soft is for the discriminator. And both know the same w, so that a seed is the same scene in both.

Beside its picture a teacher has what a pad makes there: the map of a coarse layer reflected, drawn by the later ones.
"""

from __future__ import annotations

from pathlib import Path

import torch

from ..checkpoints import load_generator
from ..feature_ops.pad_expand import pad_expand
from ..generators import Generator
from ..perceptual import PerceptualTarget, load_alexnet
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField
from .options import TrainingError
from .trained_networks import generate

# Of the mean difference of pixels, beside LPIPS.
_PIXELS = 1.0
# The layer whose map is reflected, by its sampling rate.
_REFLECTED = 8
_NO_NOISE = NoiseField("none")


class Teacher:
    """What is learnt from.

    Args:
        path: The generator's file.
        device: To run it on.

    Raises:
        CheckpointError: There is no generator in the file.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        self.generator = load_generator(path).to(device)
        self.network = load_alexnet().to(device)

    def hand_over(self, pupil: Generator) -> None:
        """Give a new generator the mapping, so that it knows what w are like.

        Raises:
            TrainingError: Their mappings or pictures are of different shapes.
        """
        mine, theirs = self.generator.config, pupil.config
        for what in ("z_dim", "w_dim", "mapping_layers", "img_size"):
            if getattr(mine, what) != getattr(theirs, what):
                raise TrainingError(
                    f"The teacher {self.generator.name} has {what} {getattr(mine, what)} and the new generator "
                    f"{getattr(theirs, what)}. Ask for the same, or for another teacher."
                )
        try:
            pupil.mapping.load_state_dict(self.generator.mapping.state_dict())
        except RuntimeError as error:
            raise TrainingError(f"The mapping of the teacher {self.generator.name} is of another shape.") from error

    def loss(self, pupil: Generator, z: torch.Tensor, beside: float = 0.0) -> torch.Tensor:
        """How far a generator's pictures are from this one's, of the same w: LPIPS and the mean difference of pixels.

        Args:
            pupil: In training; its mapping gets no gradient.
            z: `[B, z_dim]`.
            beside: How far to the right of the picture to look, in pictures; rounded to pixels.

        Returns:
            A scalar, differentiable.
        """
        side = pupil.config.img_resolution
        shift = round(beside * side)
        with torch.no_grad():
            w = self.generator.mapping(z)[:, None]
            aim = self._pictures(w, shift, side)
        picture = generate(pupil, w.expand(-1, pupil.layers.num_ws, -1), _NO_NOISE, beside=shift / side)
        likeness = PerceptualTarget(self.network, aim).distance(picture)
        return likeness.mean() + _PIXELS * (picture - aim).abs().mean()

    def _pictures(self, w: torch.Tensor, shift: int, side: int) -> torch.Tensor:
        """Its pictures of w `[B, 1, w_dim]`, so many pixels further right."""
        generator = self.generator
        styles = generator.styles(w.expand(-1, generator.layers.num_ws, -1))
        features = begin(generator, tuple(styles), _NO_NOISE)
        pad = -(-abs(shift) // side)
        if pad:
            ends = (layer for layer in generator.layers.block_ends if layer.sampling_rate >= min(_REFLECTED, side))
            features = pad_expand(synthesize(features, until=next(ends)), pad, pad, mode="reflect")
        left = pad * side + shift
        return synthesize(features).picture[:, :, :, left : left + side].clamp(-1.0, 1.0)
