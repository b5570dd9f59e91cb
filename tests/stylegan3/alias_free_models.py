"""Small random StyleGAN3s of unusual settings."""

from __future__ import annotations

import torch
from soat.soat_backend.generators import StyleGAN3
from soat.soat_backend.generators.stylegan3.design import Settings

# Two of each kind, with other numbers of layers, bands, margins, filters and kernels than NVIDIA's.
SETTINGS = {
    "short": Settings(32, 96, 12, num_layers=5, margin_size=4, filter_size=4),
    "r": Settings(32, 96, 12, num_layers=6, margin_size=7, conv_kernel=1, use_radial_filters=True, conv_clamp=None),
    "steep": Settings(64, 64, 8, num_layers=4, num_critical=1, first_cutoff=3.0, last_stopband_rel=1.1, conv_clamp=0.7),
    "plain_relu": Settings(16, 64, 8, num_layers=5, margin_size=0, lrelu_upsampling=1, filter_size=3),
}


def random_alias_free(settings: Settings, seed: int = 0, mapping_seed: int = 0, **more) -> StyleGAN3:
    """A small generator with random weights; those of one `mapping_seed` share style space."""
    more = {"z_dim": 16, "w_dim": 12, **more}
    generator = StyleGAN3(settings.config(**more), name="random")
    filters = settings.filters()
    rngs = {shared: torch.Generator().manual_seed(s) for shared, s in ((True, 77 + mapping_seed), (False, seed))}
    with torch.no_grad():
        for name, tensor in generator.state_dict().items():
            shared = ".affine." in name or name.startswith("mapping.")
            value = torch.randn(tensor.shape, generator=rngs[shared])
            if name.startswith("mapping.fc"):
                value = value * (100.0 if name.endswith("weight") else 10.0)
            elif name.endswith(".affine.bias"):
                base = torch.tensor([1.0, 0, 0, 0]) if "input" in name else torch.ones(len(value))
                value = base + 0.1 * value
            elif name.endswith("input.affine.weight"):
                value = 0.2 * value
            elif name.endswith((".bias", "w_avg")):
                value = 0.1 * value
            elif name.endswith("magnitude_ema"):
                value = 0.5 + 0.1 * value.abs()
            elif name.endswith("freqs"):
                value = value * settings.cutoff(0) / 2
            elif name.endswith("transform"):
                value = torch.eye(3)
            tensor.copy_(filters.get(name, value))
    return generator.eval().requires_grad_(False)
