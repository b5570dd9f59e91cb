"""StyleGAN3, T and R: NVIDIA's `.pkl`, our safetensors, and bare state dicts under the same names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch

from ...generators.stylegan3 import StyleGAN3Config
from ...generators.stylegan3.design import Settings, with_channels
from ...generators.stylegan3.numbered_layers import stylegan3_layers
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from ..containers.modules import flatten_module
from ..containers.stored import StoredTensor
from .claims import Claims, Converted
from .mapping_shapes import read_mapping
from .nvidia import check_mapping, find_generator
from .stylegan3_settings import read_settings
from .unsupported import require_embedding

_FREQUENCIES = "synthesis.input.freqs"
_LAYER = re.compile(r"synthesis\.(L(\d{1,3})_(\d{1,5})_(\d{1,5}))\.weight")
# StyleGAN-XL's, whose mapping is another.
_OF_OTHERS = "mapping.embed_proj"


def is_stylegan3(tensors: Mapping[str, StoredTensor]) -> bool:
    """Whether these are the tensors of a StyleGAN3 generator under NVIDIA's names."""
    return _FREQUENCIES in tensors and not any(name.startswith(_OF_OTHERS) for name in tensors)


class NvidiaStyleGAN3:
    """Reads the averaged generator of NVIDIA's pickle."""

    name = "NVIDIA pickle (StyleGAN3)"
    reads_state_dict = False

    def detect(self, contents: Contents) -> bool:
        """Whether there is a pickled module with a StyleGAN3's names."""
        root = find_generator(contents.tree)
        return root is not None and is_stylegan3(flatten_module(root).tensors)

    def convert(self, contents: Contents) -> Converted:
        """The generator's weights; its shape as its layers' own settings say."""
        tree = flatten_module(find_generator(contents.tree))
        check_mapping(tree)
        config = read_settings(tree, _read_mapping(tree.tensors, self.name))
        converted = _convert(config, tree.tensors, self.name)
        converted.notes["class"] = tree.classes[""]
        return converted


class StyleGAN3File:
    """Reads a file that this package wrote."""

    name = "SOAT safetensors (StyleGAN3)"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the header has a StyleGAN3's configuration."""
        return contents.container == "safetensors" and '"stylegan3"' in contents.metadata.get("config", "")

    def convert(self, contents: Contents) -> Converted:
        """The generator, if the configuration says what the tensors say."""
        config = StyleGAN3Config.from_json(contents.metadata["config"])
        mapping = _read_mapping(contents.tensors, self.name)
        if any(getattr(config, name) != value for name, value in mapping.items()):
            raise CheckpointError(
                "The configuration in the file's header disagrees with its tensors (z, w, classes or mapping layers), "
                "so the header was edited or the file damaged. Convert the original again."
            )
        notes = {name: text for name, text in contents.metadata.items() if name != "config"}
        return replace(_convert(config, contents.tensors, self.name), notes=notes)


class StyleGAN3StateDict:
    """A bare state dict, as tools save that go on from NVIDIA's code; what tensors don't say is as usual."""

    name = "StyleGAN3 state dict"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the names are NVIDIA's."""
        return is_stylegan3(contents.tensors)

    def convert(self, contents: Contents) -> Converted:
        """The generator, as far as a bare state dict tells."""
        tensors = contents.tensors
        mapping = _read_mapping(tensors, self.name)
        if not mapping["c_dim"]:
            require_embedding(mapping["z_dim"], mapping["w_dim"])
        usual = _usual(tensors, self.name)
        converted = _convert(replace(usual.config(), **mapping), tensors, self.name, usual)
        notes = {"settings": "not stored in such a file: bands, clamp and scale are taken to be NVIDIA's own"}
        return replace(converted, notes=notes)


def _read_mapping(tensors: Mapping[str, StoredTensor], format_name: str) -> dict[str, Any]:
    """The part of a configuration that is about the mapping network."""
    claims = Claims(tensors, format_name)
    w_dim = claims.shape("synthesis.input.affine.weight", 2)[1]
    shape = read_mapping(claims, "mapping.fc{}.weight", w_dim, embed="mapping.embed.weight")
    if any(width != w_dim for width in shape["mapping_widths"]) or (shape["c_dim"] and shape["embed_dim"] != w_dim):
        raise CheckpointError(
            "This StyleGAN3's mapping network isn't as wide as its w all the way, as NVIDIA's are: the file is damaged "
            "or of an unknown variant."
        )
    names = ("z_dim", "w_dim", "c_dim", "mapping_layers")
    return {name: value for name, value in shape.items() if name in names}


class _Usual:
    """A generator of which only tensors are known: sizes are in its layers' names, the rest is as NVIDIA's settings."""

    def __init__(self, settings: Settings, counts: list[int], kernels: list[int]) -> None:
        self.settings, self.counts, self.kernels = settings, counts, kernels

    def config(self) -> StyleGAN3Config:
        return with_channels(self.settings.config(), self.counts, self.kernels)

    def filters(self) -> dict[str, torch.Tensor]:
        """Filters under the names that layers of these channels have."""
        old, new = (stylegan3_layers(config).layers for config in (self.settings.config(), self.config()))
        renamed = {before.name: after.name for before, after in zip(old, new, strict=True)}
        return {
            f"synthesis.{renamed[name.split('.')[1]]}.{name.split('.')[2]}": value
            for name, value in self.settings.filters().items()
        }


def _usual(tensors: Mapping[str, StoredTensor], format_name: str) -> _Usual:
    claims = Claims(tensors, format_name)
    found = sorted((int(match[2]), int(match[3]), match[0]) for name in tensors if (match := _LAYER.fullmatch(name)))
    if len(found) < 2 or [index for index, _, _ in found] != list(range(len(found))):
        raise CheckpointError("This StyleGAN3's layers have numbers that don't follow each other: some are missing.")
    shapes = [claims.shape(name, 4) for _, _, name in found]
    side = found[-1][1]
    if side < 4 or side & (side - 1) or side > 1 << 12:
        raise CheckpointError(f"This StyleGAN3 makes pictures of {side} px, and its resolution is no power of two.")
    first = next((name for name in tensors if re.fullmatch(r"synthesis\.L0_\d+_\d+\.up_filter", name)), None)
    taps = claims.find(first).shape[0] if first and claims.find(first).shape else 12
    down_filters = [len(tensor.shape) for name, tensor in tensors.items() if name.endswith(".down_filter")]
    radial = 2 in down_filters if down_filters else shapes[0][2] == 1
    settings = Settings(
        side,
        num_layers=len(found) - 1,
        conv_kernel=shapes[0][2],
        filter_size=max(taps // 2, 1),
        use_radial_filters=radial,
    )
    settings = replace(settings, margin_size=max((found[0][1] - settings.rate(0)) // 2, 0))
    sizes = [settings.size(index) for index in range(len(found))]
    if sizes != [size for _, size, _ in found]:
        raise CheckpointError(
            f"This StyleGAN3's layers have the sizes {[size for _, size, _ in found]}, and with NVIDIA's settings they "
            f"would have {sizes}: it was trained with other bands, and a bare state dict doesn't say which. Use the "
            "original .pkl."
        )
    counts = [shapes[0][1], *(shape[0] for shape in shapes)]
    return _Usual(settings, counts, [shape[2] for shape in shapes])


def _convert(
    config: StyleGAN3Config, tensors: Mapping[str, StoredTensor], format_name: str, usual: _Usual | None = None
) -> Converted:
    """Every tensor in its place, under its own name; those that may be missing with their usual values."""
    claims = Claims(tensors, format_name)
    parts = [f"mapping.fc{index}" for index in range(config.mapping_layers)]
    parts += ["mapping.embed"] if config.c_dim else []
    layers = [f"synthesis.{layer.name}" for layer in stylegan3_layers(config)]
    for part in [*parts, *layers[1:], *(f"{layer}.affine" for layer in layers)]:
        claims.take(f"{part}.weight", f"{part}.weight")
        claims.take(f"{part}.bias", f"{part}.bias")
    for name in ("weight", "freqs", "phases"):
        claims.take(f"synthesis.input.{name}", f"synthesis.input.{name}")
    fixed = {} if usual is None else usual.filters()
    fixed["synthesis.input.transform"] = torch.eye(3, dtype=torch.float32, device="cpu")
    for layer, shape in zip(layers[1:], config.layers, strict=True):
        fixed[f"{layer}.magnitude_ema"] = torch.ones([], dtype=torch.float32, device="cpu")
        for name, taps in (("up_filter", shape.up_taps), ("down_filter", shape.down_taps)):
            if taps > 1 and f"{layer}.{name}" not in fixed:
                claims.take(f"{layer}.{name}", f"{layer}.{name}")
    for name in ("mapping.w_avg", *fixed):
        claims.take_if_present(name, name, _positive(name) if name.endswith(".magnitude_ema") else None)
    return Converted(config, claims.weights, claims.leftover(), fixed=fixed)


def _positive(name: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """What refuses a mean of squares that is none: layers divide by its root."""

    def check(tensor: torch.Tensor) -> torch.Tensor:
        if bool((tensor <= 0).any()):
            raise CheckpointError(
                f"{name!r} is {float(tensor.min())}, and a mean of squares is above zero: the file is damaged."
            )
        return tensor

    return check
