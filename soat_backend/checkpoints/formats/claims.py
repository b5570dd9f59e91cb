"""Takes the tensors of a state dict one by one, so that what is missing and what is left over can be named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from ...generators import GeneratorConfig
from ...support.errors import CheckpointError
from ..containers.blob import damaged
from ..containers.stored import Number, StoredTensor, StoredWeight

if TYPE_CHECKING:
    from ...generators import StyleGAN3Config

_WHOLE_NUMBERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)


@dataclass(frozen=True)
class Converted:
    """A checkpoint under our names, its values still in the file.

    Attributes:
        config: Shape of the generator.
        weights: By the names of `Generator.state_dict()`. `noise_const` and `w_avg` may be missing.
        leftover: What the file has besides, and nobody knows.
        notes: What else there is to say about the file.
        fixed: Values for what the file lacks, by the same names.
    """

    config: GeneratorConfig | StyleGAN3Config
    weights: dict[str, StoredWeight]
    leftover: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, torch.Tensor] = field(default_factory=dict)


class Claims:
    """The tensors of a file, and which of them have been taken.

    Args:
        tensors: By the file's own names.
        format_name: For messages.
        original_names: Of those tensors that the file calls otherwise, how, for messages.
    """

    def __init__(
        self, tensors: Mapping[str, StoredTensor], format_name: str, original_names: Mapping[str, str] | None = None
    ) -> None:
        self.tensors = tensors
        self.weights: dict[str, StoredWeight] = {}
        self._format_name = format_name
        self._original_names = original_names or {}
        self._taken: set[str] = set()

    def original(self, source: str) -> str:
        """The name that the file has for a tensor."""
        return self._original_names.get(source, source)

    def find(self, source: str) -> StoredTensor:
        """Look up a tensor that has to be there.

        Raises:
            CheckpointError: It isn't.
        """
        if source not in self.tensors:
            raise CheckpointError(
                f"This looks like a {self._format_name} checkpoint, but {self.original(source)!r} is missing from it: "
                "the file is incomplete or of an unknown variant. Export the whole averaged generator again.",
                missing=self.original(source),
            )
        return self.tensors[source]

    def shape(self, source: str, dimensions: int) -> tuple[int, ...]:
        """The shape of a tensor that has to be there, with so many dimensions."""
        shape = self.find(source).shape
        if len(shape) != dimensions or 0 in shape:
            raise CheckpointError(
                f"{self.original(source)!r} should have {dimensions} dimensions and has the shape {list(shape)}, so "
                "this is no StyleGAN2 that is known here.",
                shape=shape,
            )
        return shape

    def take(self, name: str, source: str, transform: Callable[[torch.Tensor], torch.Tensor] | None = None) -> None:
        """Claim a tensor that has to be there, as `name`."""
        self.weights[name] = StoredWeight(self.find(source), self.original(source), transform)
        self._taken.add(source)

    def take_if_present(
        self, name: str, source: str, transform: Callable[[torch.Tensor], torch.Tensor] | None = None
    ) -> None:
        """Claim a tensor as `name`, unless the file lacks it, as older ones do."""
        if source in self.tensors:
            self.take(name, source, transform)

    def ignore(self, source: str) -> None:
        """Count a tensor as known, though none of our weights is made of it."""
        self._taken.add(source)

    def require_filters(self, pattern: str, gain: float, most: int) -> None:
        """Check all resampling filters, which sum to `gain`: tensors with names like `pattern`, at `most` so many.

        Raises:
            CheckpointError: One is another than there is code for, or there are more.
        """
        known = re.compile(pattern)
        filters = {name: tensor for name, tensor in self.tensors.items() if known.fullmatch(name)}
        if len(filters) > most:
            raise damaged("it has more resampling filters than layers")
        for source, tensor in filters.items():
            _require_filter(tensor, self.original(source), gain)

    def leftover(self, ignorable: str = "$^") -> tuple[str, ...]:
        """Names nobody took, but for those that match `ignorable` as a whole, and for counters."""
        known = re.compile(ignorable)
        return tuple(
            self.original(name)
            for name, tensor in self.tensors.items()
            if name not in self._taken and not known.fullmatch(name) and not _is_setting(tensor)
        )


def _is_setting(tensor: StoredTensor) -> bool:
    """Whether this is a whole number, such as `num_batches_tracked`, or a setting, and no weight of any layer."""
    return (isinstance(tensor, Number) and tensor.loose) or is_whole_number(tensor)


def is_whole_number(tensor: StoredTensor) -> bool:
    """Whether this is a single number of a type without fractions."""
    return tensor.shape in ((), (1,)) and tensor.dtype in _WHOLE_NUMBERS


def first_row(tensor: torch.Tensor) -> torch.Tensor:
    """Reshape `[1, ...]` to `[...]`; anything else stays and is refused by its shape."""
    return tensor[0] if tensor.ndim and tensor.shape[0] == 1 else tensor


def last_two(tensor: torch.Tensor) -> torch.Tensor:
    """Reshape `[1, 1, H, W]` to `[H, W]`; others stay as they are."""
    return tensor.reshape(tensor.shape[-2:]) if tensor.shape[:-2].numel() == 1 else tensor


def vector(tensor: torch.Tensor) -> torch.Tensor:
    """Reshape `[1, C, 1, 1]` to `[C]`; others stay as they are."""
    return tensor.flatten() if tensor.numel() == max(tensor.shape, default=1) else tensor


def scalar(tensor: torch.Tensor) -> torch.Tensor:
    """Reshape `[1]` to `[]`; others stay as they are."""
    return tensor.reshape([]) if tensor.numel() == 1 else tensor


def _require_filter(tensor: StoredTensor, source: str, gain: float) -> None:
    """Check that a resampling filter is outer([1, 3, 3, 1]), the only one there is code for.

    Args:
        tensor: The filter, `[4, 4]` or `[1, 1, 4, 4]`.
        source: Its name in the file.
        gain: What its elements sum to.

    Raises:
        CheckpointError: It is another.
    """
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=torch.float64) / 8.0
    expected = torch.outer(taps, taps) * gain
    is_size = tensor.shape in ((4, 4), (1, 1, 4, 4))
    if is_size and torch.allclose(tensor.read().double().reshape(4, 4), expected, atol=1e-3 * gain):
        return
    raise CheckpointError(
        f"This StyleGAN2 resamples with another filter than [1, 3, 3, 1] ({source!r}, shape {list(tensor.shape)}), "
        "which is not supported. Use a generator with the usual filter."
    )
