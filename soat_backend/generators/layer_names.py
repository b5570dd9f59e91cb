"""Names of layers as they are chosen before a model is known, and what one architecture's mean in another."""

from __future__ import annotations

from .numbered import INPUT, USUAL_LAYERS, number_of
from .stylegan2.layer_table import MAX_NAMED_RESOLUTION, stylegan2_layers


def layer_names(*, with_features: bool = False) -> list[str]:
    """The names that are offered: a StyleGAN2's of the largest size, then a StyleGAN3's by number.

    Args:
        with_features: Only of layers after which a feature map can be taken.
    """
    table = stylegan2_layers(MAX_NAMED_RESOLUTION)
    numbers = range(USUAL_LAYERS if with_features else USUAL_LAYERS + 1)
    names = [layer.name for layer in (table.with_features if with_features else table)]
    return [*names, INPUT, *(f"L{number}" for number in numbers)]


def is_layer_name(name: str, *, with_features: bool = False) -> bool:
    """Whether some model may have a layer of that name; of a StyleGAN3, full names and numbers beyond those offered."""
    return name in layer_names(with_features=with_features) or number_of(name) is not None


def first_comes_later(first: str, last: str) -> bool:
    """Whether a range is empty whatever the model is; of names of two architectures only the model can tell."""
    places = [_place(name) for name in (first, last)]
    return places[0][0] == places[1][0] and places[0][1] > places[1][1]


def _place(name: str) -> tuple[bool, int]:
    """Whether a name is a StyleGAN3's, and its place among those of its kind."""
    number = number_of(name)
    if name == INPUT or number is not None:
        return True, -1 if number is None else number
    return False, layer_names().index(name)
