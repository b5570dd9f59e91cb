"""A generator made of two: the weights of layers swapped, averaged, or mixed more and more from layer to layer.

Source: Pinkney and Adler 2020, "Resolution dependent GAN interpolation for controllable image synthesis between
domains": layers of one generator in another of the same shape. Their smooth form takes a sigmoid of the layer's place;
here it is a cubic (smoothstep), which reaches both ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..support.errors import require_between, require_choice
from .alike import check_same_layers, check_same_mapping, clamps_differ
from .generator import Generator
from .layers import LayerTable
from .provenance import descent

METHODS = ("swap", "average", "curve")
# Whose mapping network the result has.
MAPPINGS = ("a", "b", "blend")
_MAPPING = "mapping."
_SYNTHESIS = "synthesis."


@dataclass(frozen=True, eq=False)
class Merged:
    """What two generators gave.

    Attributes:
        generator: With weights of its own, on the CPU.
        shares: B's share of each style layer's weights, 0 to 1, in the order of style space.
        remarks: What its user should know, a sentence each.
    """

    generator: Generator
    shares: tuple[float, ...]
    remarks: tuple[str, ...]

    def describe(self) -> str:
        """How it was made: a line for each remark, then one for each layer with B's share."""
        lines = [
            f"{layer.name}: {share:.3f} of B" for layer, share in zip(self.generator.layers, self.shares, strict=True)
        ]
        return "\n".join([self.generator.name, *self.remarks, *lines])


def merge(
    a: Generator,
    b: Generator,
    method: str = "swap",
    first_layer: str = "b16.conv0",
    last_layer: str = "b1024.torgb",
    strength: float = 1.0,
    mapping: str = "a",
) -> Merged:
    """Make a generator of two; neither of them is changed.

    A weight is `A + share * (B - A)`, calculated in float32; where the share is 0 or 1 it is A's or B's bit for bit.
    All of a layer goes together: convolution, bias, affine, noise. What lies beside a block's layers (the constant
    that a synthesis begins with, a shortcut) goes with the block's first.

    Args:
        a: What is taken where B has no share; says how activations are calculated.
        b: Of the same layers; its mapping network must have the same shape only if it is used.
        method: `swap`: the layers of the range are B's. `average`: all layers are mixed alike, whatever the range is.
            `curve`: B's share rises smoothly from 0 at first_layer to 1 at last_layer, and is 1 after it.
        first_layer: First style layer of the range, inclusive.
        last_layer: Last one, inclusive.
        strength: What all shares are multiplied with, 0 to 1.
        mapping: Whose mapping network, with its mean of w: `a`, `b`, or `blend`, mixed by strength.

    Returns:
        The new generator and what there is to say of it. Weights of one of them keep their type, mixed ones have the
        wider of the two.

    Raises:
        SoatError: The generators differ in their layers, or an argument is none.
    """
    require_choice("method", method, METHODS)
    require_choice("mapping", mapping, MAPPINGS)
    require_between("strength", strength, 0, 1)
    check_same_layers(a, b)
    if mapping != "a":
        check_same_mapping(a, b)
    shares = layer_shares(a.layers, method, first_layer, last_layer, strength)
    of_mapping = {"a": 0.0, "b": 1.0, "blend": strength}[mapping]
    # ComfyUI runs nodes in inference mode, and weights made there could never be optimised.
    with torch.inference_mode(False), torch.no_grad():
        generator = _merged(a, b, shares, of_mapping)
    how = {"method": method, "strength": strength, "mapping": mapping}
    if method != "average":
        first, last = a.layers.range(first_layer, last_layer)
        how |= {"first_layer": a.layers[first].name, "last_layer": a.layers[last].name}
    generator.provenance = descent("merging two generators", [a, b], **how)
    return Merged(generator, shares, _remarks(a, b))


def layer_shares(
    layers: LayerTable, method: str, first_layer: str, last_layer: str, strength: float
) -> tuple[float, ...]:
    """B's share of each style layer, in their order; as of `merge`."""
    if method == "average":
        return (strength,) * len(layers)
    first, last = layers.range(first_layer, last_layer)
    places = range(len(layers))
    if method == "swap":
        return tuple(strength if first <= place <= last else 0.0 for place in places)
    return tuple(strength * _rise(place - first, last - first) for place in places)


def _rise(done: int, length: int) -> float:
    """From 0 to 1 along a way, slowly at both ends; of a way without length a step."""
    if done >= length:
        return 1.0
    part = max(done, 0) / length if length else 0.0
    return part * part * (3.0 - 2.0 * part)


def _merged(a: Generator, b: Generator, shares: tuple[float, ...], of_mapping: float) -> Generator:
    """The new generator. Its weights are made one after the other: there is no other copy besides A and B."""
    with torch.device("meta"):
        generator = type(a)(a.config, name=f"{a.name} + {b.name}", dtype=a.dtype)
    generator.allow_tf32 = a.allow_tf32
    of_b = b.state_dict()
    state = {}
    for name, own in a.state_dict().items():
        share = of_mapping if name.startswith(_MAPPING) else shares[_place_of(name, a.layers)]
        # Of mapping networks that aren't mixed, B's may be of another shape.
        state[name] = _copied(own) if share == 0.0 else _mixed(own, of_b[name], share)
    generator.load_state_dict(state, strict=True, assign=True)
    return generator.eval().requires_grad_(False)


def _mixed(a: torch.Tensor, b: torch.Tensor, share: float) -> torch.Tensor:
    if share == 1.0:
        return _copied(b)
    mixed = a.detach().to("cpu", torch.float32).lerp(b.detach().to("cpu", torch.float32), share)
    return mixed.to(torch.promote_types(a.dtype, b.dtype))


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to("cpu", copy=True)


def _place_of(name: str, layers: LayerTable) -> int:
    """The place in style space of the layer that a weight belongs to."""
    path = name.removeprefix(_SYNTHESIS)
    own = next((layer for layer in layers if path.startswith(f"{layer.name}.")), None)
    block = path.partition(".")[0]
    beside = next((layer for layer in layers if layer.name.startswith(f"{block}.")), layers[0])
    return (own or beside).style_index


def _remarks(a: Generator, b: Generator) -> tuple[str, ...]:
    found = []
    if a.fingerprint != b.fingerprint:
        found.append(
            "The two have different style spaces: a code means something else in each, so the result may be far from "
            "both. Fine-tunes of one generator merge best."
        )
    if clamps_differ(a, b):
        found.append("The two clamp their layers' outputs differently: the result clamps them as A does.")
    return tuple(found)
