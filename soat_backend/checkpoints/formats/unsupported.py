"""StyleGAN2s that are told apart but can't be run yet, each in words that say what it is."""

from __future__ import annotations

from typing import Any

from ...support.errors import CheckpointError

_SQUARE = (4, 4)


def require_square(height: int, width: int, doublings: int) -> None:
    """Check the size of the learned constant.

    Args:
        height: Of it.
        width: Of it.
        doublings: How often the resolution doubles from there.

    Raises:
        CheckpointError: It isn't 4 x 4.
    """
    if (height, width) == _SQUARE:
        return
    picture = f"{width << doublings} x {height << doublings} px"
    what = "a square model of unusual size" if height == width else "a non-square model"
    raise CheckpointError(
        f"This StyleGAN2 is {what}: it begins with a constant {height} high and {width} wide, and its pictures are "
        f"{picture} (width x height). Only square models that begin with 4 x 4 can be run yet.",
        size=(height, width),
    )


def require_rgb(channels: int) -> None:
    """Check how many channels the pictures have.

    Raises:
        CheckpointError: Not three.
    """
    if channels == 3:
        return
    what = {1: "grey pictures", 4: "pictures with transparency (RGBA)"}.get(channels, "pictures that are no RGB")
    plural = "channel" if channels == 1 else "channels"
    raise CheckpointError(
        f"This StyleGAN2 makes {what}, of {channels} {plural} (img_channels); only models of RGB pictures, of 3 "
        "channels, can be run yet.",
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
