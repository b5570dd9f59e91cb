"""Whether two feature maps can become one."""

from __future__ import annotations

from ..support.errors import FeatureError
from ..synthesis.feature_map import FeatureMap


def check_combinable(
    a: FeatureMap, b: FeatureMap, what: str, name_a: str = "features_a", name_b: str = "features_b"
) -> None:
    """Two feature maps that are to become one must be at the same layer of generators that agree from there on.

    Raises:
        FeatureError: They aren't; the message names both and says what to do.
    """
    if a.layer != b.layer:
        raise FeatureError(
            f"{what}: the two inputs come from different layers: {name_a} is at {a}, {name_b} at {b}. "
            "Choose the same layer in both GetFeatures nodes.",
            a=str(a),
            b=str(b),
        )
    config_a, config_b = a.generator.config, b.generator.config
    if config_a.img_resolution != config_b.img_resolution:
        raise FeatureError(
            f"{what}: the generators have different resolutions: {name_a} comes from {a.generator.name} "
            f"({config_a.img_resolution} px), {name_b} from {b.generator.name} ({config_b.img_resolution} px). "
            "Mix generators of one resolution."
        )
    later = [resolution for resolution in config_a.resolutions if resolution >= a.resolution]
    differing = [r for r in later if config_a.channels[r] != config_b.channels[r]]
    if differing:
        r = differing[0]
        raise FeatureError(
            f"{what}: the generators have different channels at {r} px: {name_a} comes from {a.generator.name} with "
            f"{config_a.channels[r]}, {name_b} from {b.generator.name} with {config_b.channels[r]}. "
            "Mix generators of the same architecture, for instance one and its fine-tune."
        )
    if a.batch != b.batch and 1 not in (a.batch, b.batch):
        raise FeatureError(
            f"{what}: {name_a} has a batch of {a.batch}, {name_b} of {b.batch}. "
            "Give both the same batch size, or one of them 1."
        )
    if a.torgb_pending != b.torgb_pending:
        kept, other = (name_b, name_a) if a.torgb_pending else (name_a, name_b)
        raise FeatureError(
            f"{what}: {kept} has been edited with its colours kept (edit_rgb_skip off, or zero padding), {other} not. "
            "Edit after combining them, or both alike."
        )
