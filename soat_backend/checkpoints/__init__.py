"""Checkpoints of StyleGAN generators: read, inspect, convert. No file is ever trusted, executed or imported from.

A chain of small steps: `contents` reads a file's structure, `unwrap` finds the state dict, `formats` recognises it,
one module per format puts the tensors under the names of NVIDIA, `load` checks them and builds the generator.
"""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .info import CheckpointInfo, describe_loaded, inspect_checkpoint
    from .load import load_generator, read_generator
    from .save import convert_checkpoint, provenance_to_save, save_generator
    from .tensors import read_tensors

__all__ = [
    "CheckpointInfo",
    "convert_checkpoint",
    "describe_loaded",
    "inspect_checkpoint",
    "load_generator",
    "provenance_to_save",
    "read_generator",
    "read_tensors",
    "save_generator",
]

__getattr__ = import_when_needed(
    __name__,
    {
        **dict.fromkeys(("CheckpointInfo", "describe_loaded", "inspect_checkpoint"), "info"),
        **dict.fromkeys(("load_generator", "read_generator"), "load"),
        **dict.fromkeys(("convert_checkpoint", "provenance_to_save", "save_generator"), "save"),
        "read_tensors": "tensors",
    },
)
