"""What several comparisons share: voices for seeds, shares, masks, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import torch
from plain import PlainModel, ShareFunction, Voice, const_noise, ramp
from soat.soat_backend.latents import Latent, draw_z

# Of the image range. The contract is 1e-4; float32 leaves some 3e-7 here, and a smaller limit sees smaller mistakes.
LIMIT = 1e-5


def plain_voice(generator, seeds: Iterable[int], noise: str = "const") -> Voice:
    """What SampleLatent and GetFeatures of these seeds make, plain."""
    model = PlainModel(generator)
    return Voice(model, model.styles(model.w_of_seeds(seeds)), const_noise(model) if noise == "const" else None)


def placed(voice: Voice, *places: tuple[float, float], wrap_x: bool = False) -> Voice:
    """The same voice on a canvas whose pictures lie at these places (top and left, in pictures)."""
    noise = const_noise(voice.model, places, wrap_x=wrap_x) if voice.noise else None
    return replace(voice, noise=noise, wrap_x=wrap_x)


def after(voice: Voice, layer: str) -> list[str]:
    """The layers after one."""
    return voice.model.names[voice.model.names.index(layer) + 1 :]


def after_block(layer: str) -> str:
    """Where a block is finished: a conv1's torgb, and a conv0 itself."""
    return layer.replace("conv1", "torgb")


def assert_agrees(image: torch.Tensor, rgb: torch.Tensor) -> None:
    """An IMAGE shows a plain picture, of which enough is neither black nor white."""
    # Grey is shown in all three; alpha is another output's.
    rgb = rgb.expand(-1, 3, -1, -1) if rgb.shape[1] == 1 else rgb[:, :3]
    expected = ((rgb.clamp(-1, 1) + 1) / 2).permute(0, 2, 3, 1)
    assert image.shape == expected.shape
    seen = ((expected > 0) & (expected < 1)).double().mean().item()
    assert seen > 0.6, f"only {seen:.0%} of the values are neither black nor white: the comparison says too little"
    error = (image - expected).abs().max().item()
    assert error <= LIMIT, f"max error {error:.2e}"


def ramp_share(shape: str, amount: float = 1.0) -> ShareFunction:
    """SOAT's ramp, computed anew at each layer."""
    if shape == "left_to_right":
        return lambda name, height, width: amount * ramp(width)
    return lambda name, height, width: amount * ramp(height)[:, None]


def side_by_side(states: list[tuple[torch.Tensor, torch.Tensor]], axis: int = 3) -> Iterator[torch.Tensor]:
    """Activations joined, and skips joined."""
    return (torch.cat(parts, axis) for parts in zip(*states, strict=True))


def soft_box(batch: int = 1, height: int = 40, width: int = 56) -> torch.Tensor:
    """A box with soft edges, `[B, H, W]`, of a size that no layer has."""
    rows, columns = torch.meshgrid(torch.arange(height) / height, torch.arange(width) / width, indexing="ij")
    boxes = [torch.sigmoid(20 * (0.3 - (rows - 0.4 - 0.1 * k).abs())) for k in range(batch)]
    return torch.stack([box * torch.sigmoid(20 * (0.25 - (columns - 0.6).abs())) for box in boxes])


def assert_near(actual: torch.Tensor, expected: torch.Tensor, limit: float = 2e-6) -> None:
    """Apart by no more than a limit, whatever the types."""
    torch.testing.assert_close(actual.double(), expected.double(), rtol=0, atol=limit)


def z_latent(generator, *seeds: int) -> Latent:
    """Codes in z, which no node makes but a file may hold."""
    z = torch.cat([draw_z(seed, generator.config.z_dim) for seed in seeds])
    return Latent("z", (z,), generator.fingerprint, generator.config.img_resolution)
