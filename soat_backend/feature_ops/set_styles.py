"""A feature map goes on with the styles of other codes."""

from __future__ import annotations

from dataclasses import replace

import torch

from ..latents import Latent, to_styles
from ..support.errors import FeatureError
from ..synthesis.feature_map import Branch, FeatureMap


def set_styles(features: FeatureMap, latent: Latent) -> FeatureMap:
    """The same map with the styles of another latent for all layers to come.

    Args:
        features: Any; its generators are on the device to compute on.
        latent: Of the space that the map's generators have, so many codes: one, for the whole; or one for each picture
            of the batch, or with a batch of one any number, which makes it a batch; or where a map has several
            branches, such as the pictures of a panorama, one for each branch, those of a picture one after the other.

    Raises:
        FeatureError: So many codes don't fit.
        LatentError: The latent is of another model.
    """
    branches, batch = len(features.branches), features.batch
    for_each_branch = branches > 1 and latent.batch == batch * branches
    if not for_each_branch and batch != 1 and latent.batch not in (1, batch):
        wanted = f"1, {batch} or {batch * branches}" if branches > 1 else f"1 or {batch}"
        raise FeatureError(
            f"The features are a batch of {batch}, the latent of {latent.batch}. Give {wanted} codes: one for all, "
            "one for each picture, or one for each part of a stitched canvas."
        )

    def styled(branch: Branch, number: int) -> Branch:
        styles = to_styles(branch.generator, latent)
        own = tuple(style[number::branches] for style in styles) if for_each_branch else styles
        return replace(branch, styles=tuple(style.to(features.activation.device) for style in own))

    changed = replace(
        features,
        branches=tuple(styled(branch, number) for number, branch in enumerate(features.branches)),
        untouched=False,
    )
    if batch > 1 or for_each_branch or latent.batch == 1:
        return changed

    def repeated(x: torch.Tensor) -> torch.Tensor:
        return x.expand(latent.batch, -1, -1, -1)

    return changed.with_tensors(repeated)
