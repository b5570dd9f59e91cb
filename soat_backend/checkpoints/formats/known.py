"""The formats there are, in the order in which they are tried."""

from __future__ import annotations

from typing import Protocol

from ..containers.contents import Contents
from .claims import Converted
from .genforce import GenForce
from .mmgeneration import MMGeneration
from .nvidia import Nvidia
from .refusals import refuse
from .rosinality import BASICSR, ROSINALITY, StyleGAN2Pytorch
from .soat_file import NvidiaStateDict, SoatFile
from .stylegan3 import NvidiaStyleGAN3, StyleGAN3File, StyleGAN3StateDict
from .tensorflow import TensorFlow


class Format(Protocol):
    """One way in which a generator is stored.

    Attributes:
        name: For messages.
        reads_state_dict: Whether its weights are those of `Contents.state_dict`.
    """

    name: str
    reads_state_dict: bool

    def detect(self, contents: Contents) -> bool:
        """Whether a file is of this format, by what is in it."""

    def convert(self, contents: Contents) -> Converted:
        """The generator's weights under our names."""


FORMATS: tuple[Format, ...] = (
    SoatFile(),
    NvidiaStateDict(),
    Nvidia(),
    TensorFlow(),
    StyleGAN2Pytorch(ROSINALITY),
    StyleGAN2Pytorch(BASICSR),
    MMGeneration(),
    GenForce(),
    StyleGAN3File(),
    NvidiaStyleGAN3(),
    StyleGAN3StateDict(),
)


def recognise(contents: Contents) -> Format:
    """Find the format of a file by the names of its tensors.

    Raises:
        CheckpointError: It is none; the message says what the file is instead, or what was tried.
    """
    for candidate in FORMATS:
        if candidate.detect(contents):
            return candidate
    raise refuse(contents, [candidate.name for candidate in FORMATS])
