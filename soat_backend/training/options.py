"""What can be chosen about a training, and the schedules that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..generators import GeneratorConfig
from ..generators.stylegan3.design import Settings
from ..support.errors import SoatError, require_choice

# Small enough for two cores and for a few megabytes on disk, wide enough for landscapes.
DEFAULT_CHANNELS = {4: 160, 8: 160, 16: 128, 32: 96, 64: 64, 128: 32, 256: 16, 512: 16, 1024: 16}
DEFAULT_STAGE_IMAGES = {8: 4_000, 16: 8_000, 32: 40_000, 64: 300_000}
SMALLEST_RESOLUTION = 8
ARCHITECTURES = ("stylegan2", "stylegan3-t")
JUDGES = ("pixels", "features")
AUGMENTS = ("none", "ada")


class TrainingError(SoatError):
    """A training that can't be started, resumed or gone on with."""


@dataclass(frozen=True)
class TrainingOptions:
    """Hyper-parameters (Source: StyleGAN2 and stylegan2-ada, for pictures of 128 px and less).

    Attributes:
        resolution: Of the finished generator, a power of two.
        start_resolution: Where growing begins.
        architecture: `stylegan2`, or `stylegan3-t`, which isn't grown.
        channels: Feature channels at each resolution up to `resolution`, of a StyleGAN2 and of a discriminator.
        num_layers: Of a StyleGAN3 generator, as are the next three; the one that makes the picture isn't counted.
        channel_base: Its channels at a cutoff of 2 cycles per picture, before the limit.
        channel_max: That limit.
        margin_size: Samples of its maps beyond each edge of the picture.
        z_dim: Length of z.
        w_dim: Length of w.
        mapping_layers: Layers of the mapping network.
        conv_clamp: Of the generator: every layer's output is clamped at +- this value, or None.
        freeze: What of the generator stays as it is, as `Freeze.parse` reads it.
        base: Digest of the generator that the training began with; empty for a training from nothing.
        batch: Images a step, a multiple of the minibatch deviation's group of 4.
        learning_rate: Of Adam with betas (0, 0.99).
        warmup_images: Over which the generator's learning rate rises at the beginning of a stage.
        r1_interval: Steps between lazy R1 penalties.
        r1_factor: R1's gamma is `r1_factor * 0.0002 * resolution^2 / batch`.
        judge: What the discriminator looks at: `pixels` (StyleGAN2's), or `features` of AlexNet (Projected GANs'), with
            which details are learnt from far fewer images.
        judge_speed: Learning rate of a judge of features as a multiple of the generator's. Where it is far ahead of the
            generator a small one is enough; where there is more to see than it has learnt to (256 px), more.
        mixing: Probability of style mixing.
        flips: Whether pictures are mirrored half the time.
        augment: `none`, or `ada`: what the discriminator sees is moved and coloured as often as `augment_target` asks
            for, so that it can't learn a few pictures by heart.
        augment_target: The mean sign of its logits of real pictures (r_t) that is aimed at.
        augment_images: Images in which the probability of each transformation rises from 0 to 1.
        fade_images: Over which a new resolution is faded in.
        stage_images: Images each resolution but the last is trained on.
        teacher: File of a generator whose mapping a training from nothing begins with, and whose pictures of the same w
            it learns first; empty for none.
        teacher_images: For how many images.
        pan: How far to either side of the picture discriminator and teacher look too, in pictures: scenes then go on
            beyond it. Of a StyleGAN3 only.
        ema_images: Half-life of the averaged weights, in images.
        ema_ramp: That half-life is at most this part of the images seen.
        seed: Of all randomness.
    """

    resolution: int
    start_resolution: int = 32
    architecture: str = "stylegan2"
    num_layers: int = 9
    channel_base: int = 2048
    channel_max: int = 128
    margin_size: int = 10
    channels: dict[int, int] = field(default_factory=dict, hash=False)
    z_dim: int = 128
    w_dim: int = 256
    mapping_layers: int = 4
    conv_clamp: float | None = None
    freeze: str = "none"
    base: str = ""
    batch: int = 16
    learning_rate: float = 0.0025
    warmup_images: int = 4_000
    r1_interval: int = 16
    r1_factor: float = 3.0
    judge: str = "pixels"
    judge_speed: float = 0.25
    mixing: float = 0.5
    flips: bool = True
    augment: str = "none"
    augment_target: float = 0.6
    augment_images: float = 500_000.0
    fade_images: int = 6_000
    stage_images: dict[int, int] = field(default_factory=lambda: dict(DEFAULT_STAGE_IMAGES), hash=False)
    teacher: str = ""
    teacher_images: int = 0
    pan: float = 0.0
    ema_images: float = 10_000.0
    ema_ramp: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        require_choice("--judge", self.judge, JUDGES)
        require_choice("--augment", self.augment, AUGMENTS)
        if not 0.0 < self.judge_speed < math.inf:
            raise TrainingError(f"--judge-speed must be above 0, got {self.judge_speed:g}. Usual are 0.25 to 1.")
        if self.augment_images <= 0:
            raise TrainingError(f"--augment-images must be above 0, got {self.augment_images:g}.")
        require_choice("--architecture", self.architecture, ARCHITECTURES)
        for name, value in (("resolution", self.resolution), ("start resolution", self.start_resolution)):
            if value < SMALLEST_RESOLUTION or value & (value - 1) or value > max(DEFAULT_CHANNELS):
                raise TrainingError(
                    f"Training needs a power of two from {SMALLEST_RESOLUTION} to {max(DEFAULT_CHANNELS)} as its "
                    f"{name}, got {value}.",
                    value=value,
                )
        if self.is_stylegan3 and self.start_resolution != self.resolution:
            raise TrainingError(
                f"A StyleGAN3 isn't grown: its layers are made for one resolution. Leave out --start-resolution "
                f"{self.start_resolution}, or choose --architecture stylegan2."
            )
        if self.pan and not self.is_stylegan3:
            raise TrainingError("--pan looks beyond the picture, where only a StyleGAN3 has anything. Leave it out.")
        if self.start_resolution > self.resolution:
            raise TrainingError(
                f"Growing can't start at {self.start_resolution} px, above the resolution of {self.resolution} px. "
                "Choose a smaller start resolution."
            )
        if self.batch < 4 or self.batch % 4:
            raise TrainingError(
                f"The batch must be a multiple of 4, the group that the discriminator compares, got {self.batch}.",
                batch=self.batch,
            )
        if not self.channels:
            chosen = {side: count for side, count in DEFAULT_CHANNELS.items() if side <= self.resolution}
            object.__setattr__(self, "channels", chosen)

    @property
    def is_stylegan3(self) -> bool:
        """Whether the generator is one."""
        return self.architecture != "stylegan2"

    @property
    def stylegan3(self) -> Settings:
        """What its layers and filters are made from, if it is one."""
        return Settings(
            self.resolution,
            channel_base=self.channel_base,
            channel_max=self.channel_max,
            num_layers=self.num_layers,
            margin_size=self.margin_size,
            conv_clamp=self.conv_clamp,
        )

    def channels_at(self, resolution: int) -> dict[int, int]:
        """Feature channels at each resolution up to one."""
        return {side: count for side, count in self.channels.items() if side <= resolution}

    def generator_config(self, resolution: int) -> GeneratorConfig:
        """Shape of a StyleGAN2 generator while it is grown to a resolution."""
        return GeneratorConfig(
            resolution,
            self.channels_at(resolution),
            self.z_dim,
            self.w_dim,
            mapping_layers=self.mapping_layers,
            conv_clamp=self.conv_clamp,
        )

    def r1_gamma(self, resolution: int) -> float:
        """Weight of the R1 penalty (Source: the `auto` configuration of stylegan2-ada, times `r1_factor`)."""
        return self.r1_factor * 0.0002 * resolution**2 / self.batch

    @property
    def discriminator_learning_rate(self) -> float:
        """Adam's learning rate for the discriminator, lazy regularisation not counted."""
        return self.learning_rate * (self.judge_speed if self.judge == "features" else 1.0)

    def ema_half_life(self, images: int) -> float:
        """Half-life of the averaged weights after that many images, in images."""
        return min(self.ema_images, self.ema_ramp * images + 100.0)

    def generator_learning_rate(self, images_since_warmup: int) -> float:
        """The generator's learning rate: an eighth at the beginning of a stage, rising linearly to the full one."""
        if not self.warmup_images:
            return self.learning_rate
        return self.learning_rate * min(1.0, images_since_warmup / self.warmup_images + 0.125)
