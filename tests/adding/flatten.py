"""Evens out a feature map: the example of CONTRIBUTING for adding a manipulation."""

from __future__ import annotations

from ..support.errors import require_between
from ..synthesis.feature_map import FeatureMap


def flatten(features: FeatureMap, amount: float) -> FeatureMap:
    """Move every value towards its channel's mean over the canvas.

    Args:
        features: Any.
        amount: How far: 0 leaves them, 1 makes each channel one value.

    Returns:
        Features of the same canvas.

    Raises:
        SoatError: An amount that isn't in [0, 1].
    """
    require_between("amount", amount, 0, 1)
    return features.with_tensors(lambda x: x.lerp(x.mean(dim=(2, 3), keepdim=True), amount))
