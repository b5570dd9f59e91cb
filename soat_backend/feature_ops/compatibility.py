"""Whether two feature maps can become one."""

from __future__ import annotations

from ..support.errors import FeatureError
from ..synthesis.feature_map import FeatureMap


def check_combinable(a: FeatureMap, b: FeatureMap, name_a: str = "features_a", name_b: str = "features_b") -> None:
    """Refuse two feature maps unless they are at one layer of generators that agree from there on.

    Raises:
        FeatureError: They aren't; the message names both and says what to do.
    """
    for what, kind_a, kind_b in (
        ("architecture", a.generator.architecture, b.generator.architecture),
        ("number of colour channels", a.generator.img_channels, b.generator.img_channels),
    ):
        if kind_a != kind_b:
            raise FeatureError(
                f"The generators differ in {what}: {name_a} comes from {a.generator.name} ({kind_a}), {name_b} from "
                f"{b.generator.name} ({kind_b}). Mix generators of the same kind, for instance one and its fine-tune."
            )
    if a.layer != b.layer:
        raise FeatureError(
            f"The two inputs come from different layers: {name_a} is at {a}, {name_b} at {b}. "
            "Cut both syntheses at the same layer.",
            a=str(a),
            b=str(b),
        )
    layers_a, layers_b = a.generator.layers, b.generator.layers
    side_a, side_b = layers_a.last.sampling_rate, layers_b.last.sampling_rate
    if side_a != side_b:
        raise FeatureError(
            f"The generators have different resolutions: {name_a} comes from {a.generator.name} "
            f"({side_a} px), {name_b} from {b.generator.name} ({side_b} px). "
            "Mix generators of one resolution."
        )
    for layer in (layer for layer in layers_a.with_features if layer.sampling_rate >= a.sampling_rate):
        channels_a, channels_b = (each.generator.module(layer).out_channels for each in (a, b))
        if channels_a == channels_b:
            continue
        raise FeatureError(
            f"The generators have different channels at {layer.sampling_rate} px: {name_a} comes from "
            f"{a.generator.name} with {channels_a}, {name_b} from {b.generator.name} with {channels_b}. "
            "Mix generators of the same architecture, for instance one and its fine-tune."
        )
    if a.batch != b.batch and 1 not in (a.batch, b.batch):
        raise FeatureError(
            f"{name_a} has a batch of {a.batch}, {name_b} of {b.batch}. "
            "Give both the same batch size, or one of them 1."
        )
    if a.torgb_pending != b.torgb_pending:
        kept, other = (name_b, name_a) if a.torgb_pending else (name_a, name_b)
        raise FeatureError(
            f"{kept} has been edited with its colours kept (edit_rgb_skip off, or zero padding), {other} not. "
            "Edit after combining them, or both alike."
        )
