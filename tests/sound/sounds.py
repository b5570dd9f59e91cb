"""Sounds of which it is known what is in them."""

from __future__ import annotations

import math

import torch
from soat.soat_backend.sound import Sound

RATE = 16_000


def tone(hertz: float, seconds: float = 2.0, amplitude: float = 0.5, rate: int = RATE) -> torch.Tensor:
    """A sine `[1, T]`."""
    t = torch.arange(round(seconds * rate), dtype=torch.float64) / rate
    return (amplitude * torch.sin(2.0 * math.pi * hertz * t)).float()[None]


def clicks(*at: float, seconds: float = 3.0, rate: int = RATE, height: float = 0.8) -> torch.Tensor:
    """Single samples at some seconds `[1, T]`."""
    samples = torch.zeros(1, round(seconds * rate))
    for second in at:
        samples[0, round(second * rate)] = height
    return samples


def audio(samples: torch.Tensor, rate: int = RATE) -> dict:
    """ComfyUI's AUDIO."""
    return {"waveform": samples[None] if samples.dim() == 2 else samples, "sample_rate": rate}


def sound(samples: torch.Tensor, rate: int = RATE) -> Sound:
    return Sound(samples, rate)
