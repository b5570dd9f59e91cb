"""Checkpoints of StyleGAN2 generators: read, inspect, convert. No file is ever trusted, executed or imported from.

A chain of small steps: `contents` reads a file's structure, `unwrap` finds the state dict, `formats` recognises it,
one module per format puts the tensors under the names of NVIDIA, `load` checks them and builds the generator.
"""

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
