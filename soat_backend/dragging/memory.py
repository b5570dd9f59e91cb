"""What a drag takes besides the weights of its generator."""

from __future__ import annotations

from ..generators import Generator
from ..optimise.reconstruction import gradient_bytes
from ..synthesis.cost import kernel_bytes


def drag_bytes(generator: Generator) -> int:
    """About what `drag` holds at once, to ask for room: one picture's run with its gradient, however many there are."""
    return gradient_bytes(generator, 1) + kernel_bytes(generator, generator.device.type)
