"""One training: steps on the networks at the present resolution, and growing from one resolution to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F

from ..generators import Generator
from .augmentation.adaptive import Augmentation
from .feature_discriminator import random_corner
from .freeze import Freeze, apply_freeze
from .losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    hinge_discriminator_loss,
    hinge_generator_loss,
    mean_logit,
)
from .magnitudes import Magnitudes
from .options import TrainingOptions
from .teacher import Teacher
from .trained_networks import FreshNoise, Networks, build, estimate_w_avg, generate, grow


class Pictures(Protocol):
    """Where a trainer gets its pictures from, such as an `ImageSet`."""

    def at(self, resolution: int) -> np.ndarray:
        """All pictures, `[N, resolution, resolution, 3]` uint8."""


class Trainer:
    """Trains a StyleGAN2 (Source: Karras et al. 2020, grown as in Karras et al. 2018) or a StyleGAN3 (2021).

    Attributes:
        images: Seen so far.
        steps: Taken so far.
        seconds: Of training behind it, interruptions not counted.
        stage_start: Images seen when the present resolution began.
        finished_stages: Images each earlier resolution was trained on.
        fades: Whether the present resolution is faded in: all but the first are.
        augmentation: What pictures go through before the discriminator sees them.
        random: Source of all randomness of the steps.
    """

    def __init__(
        self,
        options: TrainingOptions,
        pictures: Pictures,
        *,
        resolution: int | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.options = options
        self.freeze = Freeze.parse(options.freeze)
        self.pictures = pictures
        self.device = torch.device(device)
        self.random = torch.Generator(self.device).manual_seed(options.seed)
        self.augmentation = Augmentation(options.augment == "ada", options.augment_target, options.augment_images)
        self.images = self.steps = self.stage_start = 0
        self.fades = False
        self.seconds = 0.0
        self.finished_stages: dict[int, int] = {}
        self._use(build(options, resolution or options.start_resolution, self.device, dtype))
        self.teacher = Teacher(Path(options.teacher), self.device) if options.teacher else None
        if self.teacher:
            for pupil in (self.networks.generator, self.networks.average):
                self.teacher.hand_over(pupil)

    def _use(self, networks: Networks) -> None:
        options = self.options
        # Lazy regularisation: R1's extra step counts as one more (Source: StyleGAN2, appendix B).
        lazy = options.r1_interval / (options.r1_interval + 1) if self.penalises else 1.0
        self.networks = networks
        apply_freeze(networks.generator, self.freeze)
        self.generator_optimiser = make_adam(networks.generator, options.learning_rate, 0.99)
        self.discriminator_optimiser = make_adam(
            networks.discriminator, options.discriminator_learning_rate * lazy, 0.99**lazy
        )
        self.data = self.pictures.at(networks.resolution)
        self.magnitudes = Magnitudes(networks.generator, networks.average)

    def finished(self) -> Generator:
        """The averaged generator, its w_avg brought up to date: what a training is for."""
        average = self.networks.average
        if not self.freeze.mapping:
            estimate_w_avg(average)
        return average

    @property
    def penalises(self) -> bool:
        """Whether it is StyleGAN2's discriminator, with logistic loss and R1, and not one that wants the hinge loss."""
        return self.options.judge == "pixels"

    @property
    def resolution(self) -> int:
        """Side of the pictures it trains on at present."""
        return self.networks.resolution

    @property
    def fade(self) -> float:
        """How far the present resolution is faded in."""
        if not self.fades or not self.options.fade_images:
            return 1.0
        return min(1.0, (self.images - self.stage_start + 1) / self.options.fade_images)

    def grow_if_due(self) -> bool:
        """Go on to the next resolution if this one has had its images; the optimisers' state goes along."""
        options = self.options
        due = options.stage_images.get(self.resolution, 0)
        if self.resolution >= options.resolution or self.images - self.stage_start < due:
            return False
        self.finished_stages[self.resolution] = self.images - self.stage_start
        states = self.optimiser_states()
        self._use(grow(self.networks, options))
        self.load_optimiser_states(states)
        self.stage_start = self.images
        self.fades = True
        return True

    def step(self) -> dict[str, torch.Tensor]:
        """One step of the networks, and of the generator's average.

        Returns:
            Losses and mean logits as scalars, by name; `r1` only when it was due.
        """
        options, networks = self.options, self.networks
        rate = options.generator_learning_rate(self.images - self.stage_start)
        learns = self.teacher and self.images < options.teacher_images
        for group in self.generator_optimiser.param_groups:
            # Against a discriminator, which changes its mind, momentum does harm; towards a fixed aim it helps.
            group["lr"], group["betas"] = rate, (0.9 if learns else 0.0, 0.99)
        report = self._learn() if learns else self._compete()
        self.magnitudes.update(self.images, options.batch)
        update_average(networks.average, networks.generator, options.batch / options.ema_half_life(self.images))
        self.images += options.batch
        self.steps += 1
        return {name: value.detach() for name, value in report.items()}

    def _learn(self) -> dict[str, torch.Tensor]:
        """One step of the generator towards the teacher's pictures."""
        assert self.teacher is not None
        loss = self.teacher.loss(self.networks.generator, self._z(), self._beside())
        loss.backward()
        _take_step(self.generator_optimiser)
        return {"teacher": loss}

    def _compete(self) -> dict[str, torch.Tensor]:
        """One step of the discriminator and one of the generator on the same fakes, and R1 when it is due."""
        options, networks, fade = self.options, self.networks, self.fade
        discriminator = networks.discriminator
        real = self.augmentation(self._real_images(fade), self.random)
        noise = FreshNoise(random=self.random)
        made = generate(networks.generator, self._w_plus(), noise, fade, self._beside())
        fake = self.augmentation(made, self.random)

        corner = (0, 0) if self.penalises else random_corner(self.resolution, self.random)
        seen_real, seen_fake = discriminator.look(real, corner), discriminator.look(fake, corner)
        both = [torch.cat((each, made.detach())) for each, made in zip(seen_real, seen_fake, strict=True)]
        logits = discriminator.judge(both, fade)
        real_logits, fake_logits = zip(*(each.split(options.batch) for each in logits), strict=True)
        loss = (discriminator_loss if self.penalises else hinge_discriminator_loss)(real_logits, fake_logits)
        loss.backward()
        _take_step(self.discriminator_optimiser)
        self.augmentation.observe(real_logits, options.batch)

        discriminator.requires_grad_(False)
        loss_generator = (generator_loss if self.penalises else hinge_generator_loss)(
            discriminator.judge(seen_fake, fade)
        )
        loss_generator.backward()
        discriminator.requires_grad_(True)
        _take_step(self.generator_optimiser)

        report = {"generator": loss_generator, "discriminator": loss, "real": mean_logit(real_logits)}
        report["fake"] = mean_logit(fake_logits)
        if self.augmentation.on:
            report["augment"] = torch.tensor(self.augmentation.p)
        if self.penalises and self.steps % options.r1_interval == 0:
            report["r1"] = self._regularise(real, fade)
        return report

    def _regularise(self, real: torch.Tensor, fade: float) -> torch.Tensor:
        real = real.detach().requires_grad_()
        penalty = gradient_penalty(self.networks.discriminator(real, fade), real)
        weight = self.options.r1_gamma(self.resolution) / 2 * self.options.r1_interval
        (penalty * weight).backward()
        _take_step(self.discriminator_optimiser)
        return penalty

    def _real_images(self, fade: float) -> torch.Tensor:
        """A random batch in -1..1, mirrored half the time, faded like the generator's."""
        batch = self.options.batch
        indices = torch.randint(len(self.data), (batch,), generator=self.random, device=self.device)
        pixels = torch.from_numpy(self.data[indices.cpu().numpy()]).to(self.device)
        images = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1.0
        if self.options.flips:
            mirrored = torch.rand(batch, 1, 1, 1, generator=self.random, device=self.device) < 0.5
            images = torch.where(mirrored, images.flip(3), images)
        if fade < 1.0:
            blurred = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2, mode="bilinear")
            images = images * fade + blurred * (1.0 - fade)
        return images

    def _w_plus(self) -> torch.Tensor:
        """Random w_plus, with style mixing: after a random layer another w (Source: StyleGAN, section 3.1)."""
        generator = self.networks.generator
        rows = generator.layers.num_ws
        w = generator.mapping(self._z())
        w_plus = w[:, None].expand(-1, rows, -1)
        if float(torch.rand((), generator=self.random, device=self.device)) < self.options.mixing:
            cut = int(torch.randint(1, rows, (), generator=self.random, device=self.device))
            other = generator.mapping(self._z())
            w_plus = torch.cat((w_plus[:, :cut], other[:, None].expand(-1, rows - cut, -1)), dim=1)
        return w_plus

    def _beside(self) -> float:
        """How far to the right of the picture this step looks, in pictures: half the time nowhere but at it."""
        if not self.options.pan:
            return 0.0
        half, whole = torch.rand(2, generator=self.random, device=self.device).tolist()
        return self.options.pan * (2.0 * whole - 1.0) if half < 0.5 else 0.0

    def _z(self) -> torch.Tensor:
        shape = (self.options.batch, self.options.z_dim)
        return torch.randn(shape, generator=self.random, device=self.device)

    def optimiser_states(self) -> dict[str, dict[str, dict[str, torch.Tensor]]]:
        """Adam's moments by network and parameter name, so that they survive growing."""
        return {
            name: {
                parameter_name: optimiser.state[parameter]
                for parameter_name, parameter in self.networks.named()[name].named_parameters()
                if parameter in optimiser.state
            }
            for name, optimiser in self._optimisers().items()
        }

    def load_optimiser_states(self, states: dict[str, dict[str, dict[str, torch.Tensor]]]) -> None:
        """Take moments over; parameters without any begin anew."""
        for name, optimiser in self._optimisers().items():
            for parameter_name, parameter in self.networks.named()[name].named_parameters():
                saved = states[name].get(parameter_name)
                if saved is None:
                    continue
                # The fused Adam counts its steps on the parameter's device, and relies on moments that lie in memory
                # like the parameter.
                step_device = parameter.device if optimiser.defaults.get("fused") else torch.device("cpu")
                optimiser.state[parameter] = {
                    key: torch.empty_like(parameter).copy_(value) if value.dim() else value.to(step_device, copy=True)
                    for key, value in saved.items()
                }

    def _optimisers(self) -> dict[str, torch.optim.Adam]:
        return {"generator": self.generator_optimiser, "discriminator": self.discriminator_optimiser}


def make_adam(network: torch.nn.Module, learning_rate: float, beta2: float) -> torch.optim.Adam:
    """Adam without momentum for all that isn't frozen, fused where this version of torch can."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    try:
        return torch.optim.Adam(parameters, lr=learning_rate, betas=(0.0, beta2), fused=True)
    except RuntimeError:
        return torch.optim.Adam(parameters, lr=learning_rate, betas=(0.0, beta2))


def _take_step(optimiser: torch.optim.Optimizer) -> None:
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


@torch.no_grad()
def update_average(average: torch.nn.Module, network: torch.nn.Module, half_lives: float) -> None:
    """Move averaged weights towards a network's: `average <- network + (average - network) * 0.5 ^ half_lives`."""
    weight = 1.0 - 0.5**half_lives
    for averaged, parameter in zip(average.parameters(), network.parameters(), strict=True):
        averaged.lerp_(parameter, weight)
