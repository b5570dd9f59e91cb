"""The losses of StyleGAN2's training."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """Non-saturating loss: mean of softplus(-D(G(z))) (Source: Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fake_logits).mean()


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """Logistic loss: mean of softplus(-D(x)) plus mean of softplus(D(G(z)))."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def gradient_penalty(real_logits: torch.Tensor, real_images: torch.Tensor) -> torch.Tensor:
    """R1 without its weight: mean over the batch of |dD/dx|^2 at real pictures (Source: Mescheder et al. 2018, eq. 9).

    Args:
        real_logits: `[B]`, the discriminator's output for `real_images`.
        real_images: `[B, 3, H, W]`, requiring a gradient.

    Returns:
        A scalar that can be differentiated again; the loss adds gamma / 2 times it.
    """
    (gradient,) = torch.autograd.grad(real_logits.sum(), real_images, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()
