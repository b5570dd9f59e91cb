"""The losses of StyleGAN2's training, and of Projected GANs'.

A discriminator's logits come as a list: of each of its heads `[B, places]`. Each head counts the same, whatever its
number of places.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

Logits = Sequence[torch.Tensor]


def generator_loss(fake: Logits) -> torch.Tensor:
    """Non-saturating loss: mean of softplus(-D(G(z))) (Source: Goodfellow et al. 2014, section 3)."""
    return torch.stack([F.softplus(-logits).mean() for logits in fake]).sum()


def discriminator_loss(real: Logits, fake: Logits) -> torch.Tensor:
    """Logistic loss: mean of softplus(-D(x)) plus mean of softplus(D(G(z)))."""
    losses = [F.softplus(-r).mean() + F.softplus(f).mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(losses).sum()


def hinge_generator_loss(fake: Logits) -> torch.Tensor:
    """Mean of -D(G(z)) (Source: Lim and Ye 2017; Sauer et al. 2021, Projected GANs)."""
    return -mean_logit(fake) * len(fake)


def hinge_discriminator_loss(real: Logits, fake: Logits) -> torch.Tensor:
    """Mean of max(0, 1 - D(x)) plus mean of max(0, 1 + D(G(z)))."""
    losses = [F.relu(1.0 - r).mean() + F.relu(1.0 + f).mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(losses).sum()


def mean_logit(logits: Logits) -> torch.Tensor:
    """The mean of all heads' logits, a scalar."""
    return torch.stack([each.mean() for each in logits]).mean()


def gradient_penalty(real: Logits, real_images: torch.Tensor) -> torch.Tensor:
    """R1 without its weight: mean over the batch of |dD/dx|^2 at real pictures (Source: Mescheder et al. 2018, eq. 9).

    Args:
        real: The discriminator's output for `real_images`.
        real_images: `[B, 3, H, W]`, requiring a gradient.

    Returns:
        A scalar that can be differentiated again; the loss adds gamma / 2 times it.
    """
    (gradient,) = torch.autograd.grad([logits.sum() for logits in real], real_images, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()
