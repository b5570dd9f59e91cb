"""The three networks of a training at one resolution: building, growing, running them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

import torch

from ..generators import Generator, StyleGAN2, StyleGAN3
from ..generators.layers import Layer
from ..geometry.canvas import Canvas, Window
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField
from .discriminator import Discriminator
from .feature_discriminator import FeatureDiscriminator
from .options import TrainingError, TrainingOptions

W_AVG_SAMPLES = 10_000


@dataclass
class Networks:
    """Generator, discriminator, and the generator's running average, all of one resolution."""

    generator: Generator
    discriminator: Discriminator | FeatureDiscriminator
    average: Generator

    @property
    def resolution(self) -> int:
        """Side of the pictures that all three work on, in pixels."""
        return self.generator.config.img_resolution

    def named(self) -> dict[str, torch.nn.Module]:
        """The three networks by the names that a saved state uses."""
        return {"generator": self.generator, "discriminator": self.discriminator, "average": self.average}


@dataclass(frozen=True)
class FreshNoise(NoiseField):
    """New noise at every call, from a training's own random generator."""

    mode: str = "random"
    random: torch.Generator = field(default_factory=torch.Generator)

    def sample(
        self, layer: Layer, noise_const: torch.Tensor, canvas: Canvas, window: Window, batch: int
    ) -> torch.Tensor:
        """Standard normal `[batch, 1, window.height, window.width]`."""
        shape = (batch, 1, window.height, window.width)
        return torch.randn(shape, generator=self.random, device=noise_const.device)


def build(options: TrainingOptions, resolution: int, device: torch.device, dtype: torch.dtype) -> Networks:
    """New networks of a resolution, initialised from the options' seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed * 10_000 + resolution)
        generator = _new_generator(options, resolution, dtype)
        discriminator: Discriminator | FeatureDiscriminator
        if options.judge == "features":
            discriminator = FeatureDiscriminator(resolution)
        else:
            discriminator = Discriminator(options.channels_at(resolution), dtype=dtype)
    average = copy.deepcopy(generator).eval().requires_grad_(False)
    # oneDNN's convolutions are fastest when the channels lie innermost.
    for network in (generator, discriminator, average):
        network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Networks(generator, discriminator, average)


def _new_generator(options: TrainingOptions, resolution: int, dtype: torch.dtype) -> Generator:
    if not options.is_stylegan3:
        return StyleGAN2(options.generator_config(resolution), dtype=dtype)
    settings = options.stylegan3
    sizes = {"z_dim": options.z_dim, "w_dim": options.w_dim, "mapping_layers": options.mapping_layers}
    generator = StyleGAN3(settings.config(**sizes), dtype=dtype)
    # Nothing is turned or moved at first (Source: StyleGAN3, appendix F).
    still = torch.zeros_like(generator.synthesis.get_parameter("input.affine.weight"))
    generator.load_state_dict({**generator.state_dict(), **settings.filters(), "synthesis.input.affine.weight": still})
    return generator


def require_trainable(generator: Generator) -> None:
    """Refuse a generator whose pictures are no squares of RGB made block by block: training knows no others.

    Raises:
        TrainingError: It is one.
    """
    unusual = isinstance(generator, StyleGAN2) and generator.config.block_architecture != "skip"
    if unusual or generator.img_channels != 3 or generator.picture != (1.0, 1.0):
        height, width = generator.img_size
        raise TrainingError(
            f"{generator.name} makes pictures of {width} x {height} with {generator.img_channels} channels "
            f"({generator.architecture}), and training here is for square RGB pictures of StyleGAN2's usual blocks. "
            "Choose a generator of those."
        )


def require_stylegan2(generator: Generator) -> None:
    """Refuse a generator without blocks, where training begins with a finished one.

    Raises:
        TrainingError: It is one.
    """
    if not isinstance(generator, StyleGAN2):
        raise TrainingError(
            f"{generator.name} is a {generator.architecture}, and training here begins with StyleGAN2's only. "
            "Choose one of those; a new StyleGAN3 is made by `soat train --architecture stylegan3-t`."
        )


def grow(networks: Networks, options: TrainingOptions) -> Networks:
    """Networks of twice the resolution that begin with the weights of these (Source: ProGAN, section 2).

    Parameters keep their names, so the new ones are those of the added blocks only. The new torgb's bias is zero: with
    a fade of 0 the grown generator's picture is the old one's, upsampled.
    """
    grown = build(options, 2 * networks.resolution, networks.generator.device, networks.generator.dtype)
    for name, network in grown.named().items():
        network.load_state_dict({**network.state_dict(), **networks.named()[name].state_dict()})
    return grown


def generate(
    generator: Generator, w_plus: torch.Tensor, noise: NoiseField, fade: float = 1.0, beside: float = 0.0
) -> torch.Tensor:
    """Run a generator from w_plus to the picture, differentiably.

    Args:
        generator: What to run.
        w_plus: `[B, num_ws, w_dim]`.
        noise: What to add after each convolution.
        fade: How far the last block is faded in, 0..1. It scales the last torgb's style, hence its output but the bias.
        beside: How far to the right of the picture to look, in pictures; only a StyleGAN3 has anything there.

    Returns:
        `[B, 3, R, R]` float32, about -1..1.
    """
    styles = generator.styles(w_plus)
    if fade < 1.0:
        styles[-1] = styles[-1] * fade
    features = begin(generator, tuple(styles), noise)
    if beside:
        (branch,) = features.branches
        features = replace(features, branches=(replace(branch, frame=branch.frame.moved(0.0, -beside)),))
    return synthesize(features).picture


def estimate_w_avg(generator: Generator) -> None:
    """Set `w_avg` to the mean of w over 10,000 seeded z: right for these very weights, unlike a running mean."""
    random = torch.Generator().manual_seed(0)
    z = torch.randn(W_AVG_SAMPLES, generator.config.z_dim, generator=random).to(generator.device)
    with torch.no_grad():
        generator.mapping.w_avg.copy_(generator.mapping(z).mean(dim=0))
