"""What the weights of a mapping network say about its shape: z, classes, and the widths between its layers."""

from __future__ import annotations

from typing import TypedDict

from ...support.errors import CheckpointError
from .claims import Claims


class MappingShape(TypedDict):
    """The arguments of a `GeneratorConfig` that are about the mapping network."""

    z_dim: int
    w_dim: int
    c_dim: int
    mapping_layers: int
    mapping_widths: tuple[int, ...]
    embed_dim: int


def read_mapping(
    claims: Claims, layer: str, w_dim: int, *, first: int = 0, embed: str | None = None, inputs_first: bool = False
) -> MappingShape:
    """The shape of a mapping network.

    Args:
        claims: The file's tensors.
        layer: Names of its layers' weights, with `{}` for their number.
        w_dim: Length of w.
        first: The number of the first layer.
        embed: Name of the class embedding's weight, if that may be there.
        inputs_first: Whether weights are `[in, out]`, as in TensorFlow; else `[out, in]`.

    Raises:
        CheckpointError: There is no first layer, or no z goes in.
    """

    def sizes(name: str) -> tuple[int, int]:
        rows, columns = claims.shape(name, 2)
        return (rows, columns) if inputs_first else (columns, rows)

    layers = [sizes(layer.format(first))]
    while (name := layer.format(first + len(layers))) in claims.tensors:
        layers.append(sizes(name))
    c_dim, embed_dim = sizes(embed) if embed in claims.tensors and embed is not None else (0, 0)
    z_dim = layers[0][0] - embed_dim
    if z_dim < 1:
        raise CheckpointError("This conditional generator's mapping network takes no z, which is not supported.")
    return MappingShape(
        z_dim=z_dim,
        w_dim=w_dim,
        c_dim=c_dim,
        mapping_layers=len(layers),
        mapping_widths=tuple(width for _, width in layers[:-1]),
        embed_dim=embed_dim,
    )
