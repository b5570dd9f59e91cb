"""PyAV, which reads and writes films and most sounds: part of ComfyUI, elsewhere an extra."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ..support.errors import SoatError


def needs_pyav(what: str) -> Any:
    """The module PyAV, which is there in ComfyUI and with the extra `video`.

    Args:
        what: Can't be done without it, for the message.

    Raises:
        SoatError: It isn't there.
    """
    try:
        import av
    except ImportError as error:
        raise SoatError(
            f"Can't {what}: that takes the Python package av (PyAV), and it isn't installed. ComfyUI has it; elsewhere "
            'install it with pip install "soat-stylegan[video]", or pip install av.'
        ) from error
    return av


def has_pyav() -> bool:
    """Whether films can be written."""
    return find_spec("av") is not None
