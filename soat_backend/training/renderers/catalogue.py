"""All renderers. Imported when one is wanted: they are many modules, and ComfyUI starts without them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from . import landscape, portrait
from .styles import styled

# (source of randomness, side in pixels) -> `[side, side, 3]` uint8.
Renderer = Callable[[np.random.Generator, int], np.ndarray]

RENDERERS: dict[str, Renderer] = {"landscape": landscape.render, "portrait": portrait.render}
VERSIONS: dict[str, int] = {"landscape": landscape.VERSION, "portrait": portrait.VERSION}

RENDERERS |= {name: partial(styled.render, name=name) for name in styled.STYLES}
VERSIONS |= {name: style.version for name, style in styled.STYLES.items()}
