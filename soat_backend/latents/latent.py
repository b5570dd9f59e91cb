"""A batch of latent codes, with their space in the type. What travels on SOAT_LATENT wires."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from ..generators import Generator
from ..generators.known_layers import usual_layers
from ..generators.layers import LayerTable
from ..support.errors import LatentError

logger = logging.getLogger(__name__)

SPACES = ("z", "w_plus", "style_space")
# Of codes from files that don't say what generator they were found with: it is the one they are first used with.
UNKNOWN = ""
UNKNOWN_RESOLUTION = 0


@dataclass(frozen=True, eq=False)
class Latent:
    """A batch of codes in one space.

    Attributes:
        space: `z`: one tensor `[B, z_dim]`. `w_plus`: one tensor `[B, num_ws, w_dim]`, truncation applied; or with
            a row for each style layer in S order, once styles were mixed between two layers that share a row; or of an
            unknown resolution with one row for all layers, `[B, 1, w_dim]`.
            `style_space`: the affine layers' outputs, one `[B, C_in]` per layer in S order, torgbs included.
        codes: The tensors, float32 on the CPU.
        fingerprint: Of the mapping and affines the codes belong to, or UNKNOWN.
        img_resolution: Of the generator they were made for; with it layer names find their place. UNKNOWN_RESOLUTION if
            neither that nor the number of rows is known.
        table: That generator's layers; None: the usual ones of this resolution.
    """

    space: str
    codes: tuple[torch.Tensor, ...]
    fingerprint: str
    img_resolution: int
    table: LayerTable | None = None

    @property
    def layers(self) -> LayerTable:
        """The layers of the generator that the codes were made for, if it is known."""
        return usual_layers(self.img_resolution) if self.table is None else self.table

    @property
    def batch(self) -> int:
        """The number of codes."""
        return self.codes[0].shape[0]

    def with_rows_per_layer(self) -> Latent:
        """Codes in w_plus with a row for each style layer; others as they are."""
        if self.space != "w_plus" or self.img_resolution == UNKNOWN_RESOLUTION:
            return self
        codes = (rows_per_layer(self.codes[0], self.layers),)
        return replace(self, codes=codes)

    def is_like(self, other: Latent) -> bool:
        """Whether both are codes of one space and shape, so that they may be items of one batch."""
        shapes, others = ([code.shape[1:] for code in latent.codes] for latent in (self, other))
        return (self.space, self.img_resolution, shapes) == (other.space, other.img_resolution, others)

    def __str__(self) -> str:
        if self.space == "w_plus" and self.img_resolution == UNKNOWN_RESOLUTION:
            return f"{self.batch} x w {list(self.codes[0].shape[2:])}"
        shape = f"{len(self.codes)} layers" if self.space == "style_space" else list(self.codes[0].shape[1:])
        return f"{self.batch} x {self.space} {shape}"


def codes_of(generator: Generator, space: str, codes: tuple[torch.Tensor, ...]) -> Latent:
    """A latent of a generator's own codes."""
    resolution, table = generator.config.img_resolution, generator.layers
    return Latent(space, codes, generator.fingerprint, resolution, table if table.description() else None)


def concatenate(latents: list[Latent], names: Sequence[str] = ()) -> Latent:
    """Several latents as one batch, their codes one after the other.

    Args:
        latents: At least one.
        names: How messages call the latents; numbers if left out.

    Raises:
        LatentError: The latents are of different spaces, models, or mappings.
    """
    one_resolution = len({latent.img_resolution for latent in latents}) == 1
    if one_resolution and len({latent.codes[0].shape[1:] for latent in latents}) > 1:
        # Mixing styles may have given some a row for each style layer.
        latents = [latent.with_rows_per_layer() for latent in latents]
    require_all_known(latents)
    names = names or [f"latent {number}" for number in range(1, len(latents) + 1)]
    first = latents[0]
    for name, other in zip(names[1:], latents[1:], strict=True):
        if not first.is_like(other):
            same_model = first.img_resolution == other.img_resolution and first.space != other.space
            fix = "Convert all of them into one space." if same_model else "Take both from the same generator."
            raise LatentError(
                f"{names[0]} is {first}, {name} is {other}: codes of one batch are of one space and one model. {fix}"
            )
        if first.fingerprint != other.fingerprint:
            raise LatentError(
                f"{names[0]} and {name} come from generators that share no style space (mapping and affine layers "
                "differ). Sample both from one generator."
            )
    codes = tuple(torch.cat(parts) for parts in zip(*(latent.codes for latent in latents), strict=True))
    return replace(first, codes=codes)


def require_all_known(latents: list[Latent]) -> None:
    """Refuse to combine codes of a known generator with codes of an unknown one.

    Raises:
        LatentError: Some codes are of a known, some of an unknown one.
    """
    if len({latent.fingerprint == UNKNOWN for latent in latents}) > 1:
        raise LatentError(
            "One of the latents comes from a file that doesn't say what generator its codes are for. Convert it with "
            "that generator first, right after it is loaded."
        )


def select(latent: Latent, indices: list[int]) -> Latent:
    """Some items of a batch, in the order asked for, repeated if asked for more than once."""
    codes = tuple(code[indices] for code in latent.codes)
    return replace(latent, codes=codes)


def rows_per_layer(w_plus: torch.Tensor, layers: LayerTable) -> torch.Tensor:
    """w_plus `[B, num_ws, w_dim]` with its rows repeated for each style layer: `[B, layers, w_dim]`, in S order."""
    if w_plus.shape[1] == len(layers):
        return w_plus
    return w_plus[:, [layer.w_index for layer in layers]]


def to_styles(generator: Generator, latent: Latent) -> tuple[torch.Tensor, ...]:
    """The style space of a latent for a generator: `[B, C_in]` float32 per layer, on the generator's device.

    Codes of another mapping are taken if their shape fits, with a warning: fine-tunes are often used so.

    Raises:
        LatentError: The code's shape isn't the generator's.
    """
    latent = adopted(generator, latent)
    check_fit(generator, latent)
    if latent.fingerprint != generator.fingerprint:
        logger.warning(
            "The latent comes from another generator than %s, and they share no style space: "
            "the picture may be far from what the latent shows in its own.",
            generator.name,
        )
    if latent.space == "style_space":
        return tuple(code.to(generator.device) for code in latent.codes)
    return tuple(generator.styles(rows_per_layer(as_w_plus(generator, latent), generator.layers)))


def adopted(generator: Generator, latent: Latent) -> Latent:
    """Codes of an unknown generator as codes of this one, with a warning; others as they are.

    Raises:
        LatentError: The code's shape isn't the generator's.
    """
    if latent.fingerprint != UNKNOWN:
        return latent
    check_fit(generator, latent)
    logger.warning(
        "The latent's file doesn't say what generator its codes are for. They are taken as codes of %s: of another "
        "generator's the picture may be far from what they show in that.",
        generator.name,
    )
    codes = latent.codes
    if latent.space == "w_plus" and latent.img_resolution == UNKNOWN_RESOLUTION:
        codes = (codes[0].repeat(1, generator.layers.num_ws, 1),)
    return codes_of(generator, latent.space, codes)


def as_w_plus(generator: Generator, latent: Latent) -> torch.Tensor:
    """The w_plus of a latent in z or w_plus, on the generator's device, with the rows it has.

    Raises:
        LatentError: A z without a class, for a conditional generator.
    """
    code = latent.codes[0].to(generator.device)
    if latent.space == "w_plus":
        return code
    config = generator.config
    if config.c_dim:
        raise LatentError(
            f"{generator.name} is conditional with {config.c_dim} classes, and a z alone has no class. "
            "Sample with a class_idx, which gives w_plus."
        )
    return generator.mapping(code)[:, None].repeat(1, generator.layers.num_ws, 1)


def to_style_space(generator: Generator, latent: Latent) -> Latent:
    """Convert codes to style space."""
    styles = tuple(style.cpu() for style in to_styles(generator, latent))
    return codes_of(generator, "style_space", styles)


def to_w_plus(generator: Generator, latent: Latent) -> Latent:
    """Convert codes to w_plus.

    Raises:
        LatentError: They are style codes, which needn't have a w; or of another shape than the generator's.
    """
    if latent.space == "style_space":
        raise LatentError(
            "The latent is in style space, and not every style has a w, so it can't be converted to w_plus. Convert "
            "the other one to style space instead."
        )
    latent = adopted(generator, latent)
    check_fit(generator, latent)
    if latent.space == "w_plus":
        return latent
    w_plus = as_w_plus(generator, latent).cpu()
    return replace(codes_of(generator, "w_plus", (w_plus,)), fingerprint=latent.fingerprint)


def check_fit(generator: Generator, latent: Latent) -> None:
    """Refuse a latent whose codes are not of the generator's shape.

    Raises:
        LatentError: They aren't.
    """
    config = generator.config
    shapes = [tuple(code.shape[1:]) for code in latent.codes]
    expected: list[list[tuple[int, ...]]]
    if latent.space == "z":
        expected = [[(config.z_dim,)]]
    elif latent.space == "w_plus":
        expected = [[(generator.layers.num_ws, config.w_dim)], [(len(generator.layers), config.w_dim)]]
    else:
        expected = [[(width,) for width in generator.style_widths]]
    same_size = latent.space == "z" or latent.img_resolution == config.img_resolution
    if latent.fingerprint == UNKNOWN and latent.space == "w_plus":
        # Only what the file has is known: its rows, or one w for however many there are.
        if shapes == [(generator.layers.num_ws, config.w_dim)]:
            return
        if latent.img_resolution == UNKNOWN_RESOLUTION and shapes == [(1, config.w_dim)]:
            return
    if shapes not in expected or not same_size:
        if latent.fingerprint == UNKNOWN:
            w, z = f"w [{config.w_dim}] or w_plus [{generator.layers.num_ws}, {config.w_dim}]", f"z [{config.z_dim}]"
            raise LatentError(
                f"The latent's file is of another model: {generator.name} takes {z if latent.space == 'z' else w}, the "
                f"latent is {latent}. Take the generator that the codes were found with. If they are a batch of w, "
                "save them as [batch, 1, w_dim]."
            )
        takes = f"{len(generator.layers)} layers" if latent.space == "style_space" else list(expected[0][0])
        raise LatentError(
            f"The latent was made for another model: {generator.name} makes {config.img_resolution} px pictures from "
            f"{latent.space} {takes}, the latent is {latent}, made for {latent.img_resolution} px. "
            "Use the generator that the latent was sampled with."
        )
