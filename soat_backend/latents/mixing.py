"""Codes made of two: styles mixed by layer, and the way from one code to another."""

from __future__ import annotations

from dataclasses import replace

import torch

from ..generators.layers import LayerTable
from ..support.errors import LatentError, require_between, require_choice
from .latent import UNKNOWN_RESOLUTION, Latent, require_all_known

METHODS = ("lerp", "slerp")


def _check_pair(a: Latent, b: Latent) -> None:
    """Two latents that are to be combined must be codes of one mapping, in one space, of one batch size or one."""
    require_all_known([a, b])
    if a.space != b.space or a.img_resolution != b.img_resolution or _widths(a) != _widths(b):
        raise LatentError(
            f"The two latents are of different kinds: latent_a is {a}, latent_b is {b}. "
            "Take both from the same generator, in the same space."
        )
    if a.fingerprint != b.fingerprint:
        raise LatentError(
            "latent_a and latent_b come from generators that share no style space (mapping and affine layers differ), "
            "so their codes can't be mixed. Sample both from one generator, or interpolate feature maps, each of which "
            "keeps its own generator."
        )
    if a.batch != b.batch and 1 not in (a.batch, b.batch):
        raise LatentError(
            f"latent_a has {a.batch} items, latent_b has {b.batch}. Give both the same batch size, or one of them 1."
        )


def _widths(latent: Latent) -> list[int]:
    return [code.shape[-1] for code in latent.codes]


def mix_styles(a: Latent, b: Latent, first_layer: str, last_layer: str, strength: float = 1.0) -> Latent:
    """Put B's styles in place of A's inside a range of layers (Source: StyleGAN, section 3.1, per style layer).

    Args:
        a: Codes in w_plus or style space.
        b: The same.
        first_layer: First style layer of the range.
        last_layer: Last, inclusive.
        strength: Share of B in the range, 0 to 1.

    Raises:
        LatentError: The codes can't be mixed.
    """
    require_between("strength", strength, 0, 1)
    _check_pair(a, b)
    if a.space == "z":
        raise LatentError("The latents are z, which has no layers. Convert both to w_plus.")
    if a.img_resolution == UNKNOWN_RESOLUTION:
        raise LatentError(
            "The latents are w of an unknown generator, whose layers aren't known either. Convert them with their "
            "generator first, right after they are loaded."
        )
    first, last = a.layers.range(first_layer, last_layer)
    codes_a, codes_b = a.codes, b.codes
    if a.space == "w_plus":
        codes_a, codes_b = (latent.with_rows_per_layer().codes[0].unbind(1) for latent in (a, b))
    mixed = tuple(
        lerp(x, y, strength if first <= index <= last else 0.0)
        for index, (x, y) in enumerate(zip(codes_a, codes_b, strict=True))
    )
    if a.space == "w_plus":
        mixed = (shared_rows(torch.stack(mixed, dim=1), a.layers),)
    return replace(a, codes=mixed)


def shared_rows(per_layer: torch.Tensor, layers: LayerTable) -> torch.Tensor:
    """Back to `[B, num_ws, w_dim]` where all layers that share a row agree; else left with a row per layer."""
    indices = [layer.w_index for layer in layers]
    firsts = [indices.index(row) for row in range(max(indices) + 1)]
    w_plus = per_layer[:, firsts]
    return w_plus if torch.equal(w_plus[:, indices], per_layer) else per_layer


def interpolate(a: Latent, b: Latent, ts: list[float], method: str = "lerp") -> Latent:
    """Codes between two latents, a batch for each t.

    Args:
        a: A batch of codes.
        b: The same.
        ts: At least one: 0 gives a, 1 gives b. The result has the whole batch for the first t, then for the next.
        method: `lerp`, or `slerp`: along the sphere, for z; in w_plus and style space each row's direction is turned
            and its length interpolated.

    Raises:
        LatentError: The codes can't be mixed.
    """
    for t in ts:
        require_between("t", t, 0, 1)
    _check_pair(a, b)
    require_choice("method", method, METHODS)
    between = lerp if method == "lerp" else slerp
    codes_a, codes_b = a.codes, b.codes
    if codes_a[0].shape[1:] != codes_b[0].shape[1:]:  # w_plus with a row per layer, and without
        codes_a, codes_b = (latent.with_rows_per_layer().codes for latent in (a, b))
    steps = [tuple(between(x, y, t) for x, y in zip(codes_a, codes_b, strict=True)) for t in ts]
    codes = tuple(torch.cat(parts) for parts in zip(*steps, strict=True))
    return replace(a, codes=codes)


def lerp(a: torch.Tensor, b: torch.Tensor, t: float) -> torch.Tensor:
    """Linear interpolation, `(1 - t) a + t b`, of tensors whose shapes broadcast."""
    a, b = torch.broadcast_tensors(a, b)
    return torch.lerp(a, b, t)


def slerp(a: torch.Tensor, b: torch.Tensor, t: float) -> torch.Tensor:
    """Turn a's rows towards b's at constant speed (Source: Shoemake 1985), lengths interpolated linearly."""
    a, b = torch.broadcast_tensors(a, b)
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    unit_a, unit_b = a / length_a.clamp_min(1e-12), b / length_b.clamp_min(1e-12)
    angle = torch.acos((unit_a * unit_b).sum(-1, keepdim=True).clamp(-1.0, 1.0))
    sine = torch.sin(angle)
    turned = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / sine.clamp_min(1e-12)
    direction = torch.where(sine < 1e-4, torch.lerp(unit_a, unit_b, t), turned)
    return direction * torch.lerp(length_a, length_b, t)
