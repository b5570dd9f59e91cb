"""Makes what nodes are run with: small models, codes, features, pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from alias_free_models import SETTINGS, random_alias_free
from PIL import Image
from soat.soat_backend.feature_ops import get_features, interpolate, panorama
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import (
    Latent,
    NamedDirections,
    find_direction,
    one_direction,
    sample,
    save_latent,
    to_style_space,
)
from soat.soat_backend.synthesis.feature_files import save_features
from soat.soat_backend.synthesis.feature_map import FeatureMap

PHOTO = Path(__file__).parents[1] / "faces" / "astronaut.jpg"


@dataclass
class Maker:
    """Makes a case's inputs, all on the CPU.

    Attributes:
        make_generator: Of random weights; see tests/conftest.py.
        folder: Where nodes read and write.
    """

    make_generator: Callable[..., Generator]
    folder: Path
    _generators: dict[Any, Generator] = field(default_factory=dict)

    def generator(self, seed: int = 0, dtype: torch.dtype = torch.float32, **more: Any) -> Generator:
        """Of 32 px; the same each time."""
        key = (seed, dtype, *more.items())
        if key not in self._generators:
            # As LoadStyleGAN makes them.
            with torch.inference_mode(False):
                self._generators[key] = self.make_generator(seed=seed, **more)
            self._generators[key].dtype = dtype
        return self._generators[key]

    def alias_free(self, kind: str = "short", seed: int = 0, dtype: torch.dtype = torch.float32) -> Generator:
        """A StyleGAN3 of the settings that `alias_free_models` has by that name; the same each time."""
        key = ("alias-free", kind, seed, dtype)
        if key not in self._generators:
            with torch.inference_mode(False):
                self._generators[key] = random_alias_free(SETTINGS[kind], seed)
            self._generators[key].dtype = dtype
        return self._generators[key]

    def latent(self, seed: int = 3, count: int = 2, generator: Generator | None = None, **more: Any) -> Latent:
        """In w_plus."""
        return sample(generator or self.generator(), seed, count, **more)

    def styles(self, seed: int = 5, count: int = 2, generator: Generator | None = None) -> Latent:
        """In style space."""
        generator = generator or self.generator()
        return to_style_space(generator, self.latent(seed, count, generator))

    def features(
        self, seed: int = 3, layer: str = "b8.conv1", count: int = 1, generator: Generator | None = None, **more: Any
    ) -> FeatureMap:
        """Of one picture or more."""
        generator = generator or self.generator()
        return get_features(generator, self.latent(seed, count, generator), layer, **more)

    def canvas(
        self,
        count: int = 3,
        wrap: bool = True,
        generator: Generator | None = None,
        layer: str = "b4.conv1",
        **more: Any,
    ) -> FeatureMap:
        """A panorama."""
        generator = generator or self.generator()
        return panorama(generator, self.latent(4, count, generator), layer, wrap=wrap, **more)

    def blend(self, dtype: torch.dtype = torch.float32, **more: Any) -> FeatureMap:
        """Of two generators that share style space."""
        a, b = (self.features(seed, generator=self.generator(seed, dtype)) for seed in (0, 1))
        return interpolate(a, b, **{"alpha": 1.0, "shape": "left_to_right", **more})

    def image(self, height: int = 32, width: int = 32, count: int = 1) -> torch.Tensor:
        """Smooth, `[count, height, width, 3]` in 0..1."""
        small = torch.rand(count, 3, 5, 5, generator=torch.Generator().manual_seed(7))
        return torch.nn.functional.interpolate(small, (height, width), mode="bilinear").permute(0, 2, 3, 1)

    def film(self) -> list[FeatureMap]:
        """Of three pictures; skips where no film can be written."""
        pytest.importorskip("av", reason="films take PyAV: pip install av")
        return [self.features(count=2), self.features(2)]

    def sound(self) -> dict[str, Any]:
        """A second of two tones, with a beat of noise in it."""
        t = torch.arange(8000) / 8000
        wave = torch.sin(2764.6 * t) * t + 0.3 * torch.sin(1000.0 * t)
        wave[4000:4400] += torch.randn(400, generator=torch.Generator().manual_seed(11))
        return {"waveform": 0.3 * wave[None, None], "sample_rate": 8000}

    def mask(self, count: int = 1, side: int = 16) -> torch.Tensor:
        """Soft, `[count, side, side]`."""
        return torch.rand(count, side, side, generator=torch.Generator().manual_seed(9))

    def photo(self, side: int = 256) -> torch.Tensor:
        """With a face."""
        with Image.open(PHOTO) as picture:
            pixels = np.asarray(picture.convert("RGB").resize((side, side)))
        return torch.from_numpy(pixels.copy())[None].float() / 255.0

    def latent_file(self) -> str:
        """In the input folder."""
        save_latent(self.styles(), self.folder / "comfy_input" / "codes.safetensors")
        return "codes.safetensors"

    def features_file(self) -> str:
        """In the input folder."""
        save_features(self.canvas(2), self.folder / "comfy_input" / "map.safetensors")
        return "map.safetensors"

    def direction(self) -> NamedDirections:
        """In style space."""
        return one_direction(self.generator(), find_direction(self.generator(), "pca_style_space", 0))

    def direction_file(self) -> str:
        """In the folder of directions."""
        rows = torch.randn(3, 24, generator=torch.Generator().manual_seed(2))
        np.save(self.folder / "models" / "stylegan_directions" / "rows.npy", rows.numpy())
        return "rows.npy"
