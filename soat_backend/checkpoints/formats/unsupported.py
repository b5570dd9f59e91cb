"""StyleGAN2s that are told apart but can't be run yet, each in words that say what it is."""

from __future__ import annotations

from typing import Any

from ...support.errors import CheckpointError

# Grey, RGB, RGBA.
_COLOURS = (1, 3, 4)


def require_colours(channels: int) -> int:
    """The number of channels that the pictures have, if it is known what those are.

    Raises:
        CheckpointError: It isn't.
    """
    if channels in _COLOURS:
        return channels
    raise CheckpointError(
        f"This StyleGAN2 makes pictures of {channels} channels (img_channels), and it isn't said what they are: only "
        "models of grey (1), RGB (3) and RGBA pictures (4) can be run.",
        channels=channels,
    )


def require_embedding(z_dim: int, w_dim: int, stated: tuple[Any, Any] = (None, None)) -> None:
    """Check that a mapping network without an embedding of classes needs none.

    In a file without settings, one that is twice as wide at its beginning was made for z and the embedding of a class.

    Args:
        z_dim: What goes into it.
        w_dim: What comes out.
        stated: What the file's settings say of the length of z, and the number of classes.

    Raises:
        CheckpointError: It needs one.
    """
    stated_z, stated_classes = stated
    is_conditional = isinstance(stated_classes, int | float) and stated_classes > 0
    if not is_conditional and (z_dim == stated_z or z_dim < 2 * w_dim):
        return
    raise CheckpointError(
        f"This is a conditional StyleGAN2 without its class embedding: its mapping network takes {z_dim} numbers, for "
        f"z and the embedding of a class, and makes {w_dim} of them. Whatever exported it left the embedding out, so "
        "that it can't make the pictures it was trained for. Use the original file.",
        z_dim=z_dim,
    )


def refuse_concatenated_labels(are_there: bool) -> None:
    """Refuse a conditional mapping network that has a vector for each class beside z, and scales both together.

    Raises:
        CheckpointError: It is one.
    """
    if are_there:
        raise CheckpointError(
            "This conditional StyleGAN2 concatenates its labels as only NVIDIA's first TensorFlow version did, which "
            "can't be run yet."
        )
