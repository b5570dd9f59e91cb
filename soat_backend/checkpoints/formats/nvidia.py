"""NVIDIA's `.pkl` (stylegan2-ada-pytorch, and the StyleGAN2 of stylegan3): modules pickled with their source.

Each module is a call `torch_utils.persistence._reconstruct_persistent_obj(meta)`; NVIDIA's own loader executes the
source code in `meta`. Here the call is a record, of which only the parameters and settings are read.
"""

from __future__ import annotations

from typing import Any

from ...generators import GeneratorConfig
from ...generators.stylegan2.config import parse_conv_clamp
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from ..containers.inert import Inert
from ..containers.modules import ModuleTree, find_module, flatten_module, module_children
from ..containers.unwrap import averaged_parts
from .claims import Converted
from .nvidia_names import convert_nvidia_names
from .unsupported import require_colours, require_embedding


class Nvidia:
    """Reads the averaged generator of such a pickle."""

    name = "NVIDIA pickle"
    reads_state_dict = False

    def detect(self, contents: Contents) -> bool:
        """Whether there is a pickled module with a StyleGAN2's names."""
        root = find_generator(contents.tree)
        if root is None:
            return False
        tree = flatten_module(root)
        return "synthesis.b4" in tree.classes and not any(name.startswith("synthesis.L") for name in tree.classes)

    def convert(self, contents: Contents) -> Converted:
        """The generator's weights under our names."""
        root = find_generator(contents.tree)
        tree = flatten_module(root)
        _check_settings(tree)
        converted = convert_nvidia_names(tree.tensors, self.name, _conv_clamp(tree))
        assert isinstance(converted.config, GeneratorConfig), "of StyleGAN2's names"
        _check_blocks(tree, converted.config)
        mapping = tree.settings.get("mapping", {})
        if not converted.config.c_dim:
            stated = mapping.get("z_dim"), mapping.get("c_dim")
            require_embedding(converted.config.z_dim, converted.config.w_dim, stated)
        converted.notes["class"] = tree.classes[""]
        return converted


def find_generator(tree: Any) -> Inert | None:
    """The pickled generator module of a file: an averaged one (`G_ema`) first, else `G`, else all of the file."""
    items = tree.items() if isinstance(tree, dict) else [("", tree)]
    modules = [(str(name), module) for name, item in items if (module := find_module(item)) is not None]
    generators = [(name, module) for name, module in modules if "synthesis" in module_children(module)]
    return min(generators, key=lambda pair: -averaged_parts(pair[0]), default=("", None))[1]


def _conv_clamp(tree: ModuleTree) -> float | None:
    """The clamp of the layers' outputs, which all layers share; None if there is none."""
    layers = [state for path, state in tree.settings.items() if path.rpartition(".")[2] in ("conv0", "conv1", "torgb")]
    clamps = {parse_conv_clamp(state.get("conv_clamp")) for state in layers}
    if len(clamps) > 1:
        raise CheckpointError("This generator clamps its layers at different values, which is not supported.")
    return clamps.pop() if clamps else None


def _check_settings(tree: ModuleTree) -> None:
    """Refuse what has the same tensors but computes something else.

    Raises:
        CheckpointError: A setting for which there is no code.
    """
    check_mapping(tree)
    for path, state in tree.settings.items():
        kind = path.rpartition(".")[2]
        if _is_block(path):
            channels = state.get("img_channels", 3)
            require_colours(channels if isinstance(channels, int) else 0)
        elif kind in ("conv0", "conv1"):
            _require(path, state, "activation", "lrelu")
            _require(path, state, "use_noise", True)


def check_mapping(tree: ModuleTree) -> None:
    """Refuse a mapping network or affines that compute something else than ours.

    Raises:
        CheckpointError: A setting for which there is no code.
    """
    for path, state in tree.settings.items():
        if path.startswith("mapping.fc"):
            _require(path, state, "activation", "lrelu")
            _require(path, state, "bias_gain", 0.01)
        elif path.rpartition(".")[2] in ("affine", "embed"):
            _require(path, state, "activation", "linear")
            _require(path, state, "bias_gain", 1.0)
        elif path.startswith("synthesis.b") and path.endswith(".skip"):
            _require(path, state, "activation", "linear")


def _check_blocks(tree: ModuleTree, config: GeneratorConfig) -> None:
    """Check that the blocks' settings say what their tensors say.

    Raises:
        CheckpointError: They don't.
    """
    for path, state in tree.settings.items():
        if not _is_block(path):
            continue
        for setting, found in (("architecture", config.block_architecture), ("img_channels", config.img_channels)):
            stated = state.get(setting, found)
            if not isinstance(stated, str | int) or stated != found:
                raise CheckpointError(
                    f"This StyleGAN2 says that {setting} of {path[:80]!r} is {_shown(stated)}, and its tensors are "
                    f"those of {found!r}: the file was edited or is of an unknown variant. Use the original file.",
                    setting=setting,
                )


def _is_block(path: str) -> bool:
    return path.startswith("synthesis.b") and path.count(".") == 1


def _require(path: str, state: dict[str, Any], setting: str, expected: Any) -> None:
    """A setting, if the file has it, must be the one there is code for."""
    value = state.get(setting, expected)
    if type(expected) is float and type(value) in (int, float):
        agrees = abs(value - expected) <= 1e-6 * expected
    else:
        agrees = isinstance(value, str | bool | int) and value == expected
    if not agrees:
        raise CheckpointError(
            f"This generator was trained with {setting} {_shown(value)} in {path[:80]!r}, which changes what its "
            f"weights mean; only models with {expected!r} can be run yet.",
            setting=setting,
        )


def _shown(value: Any) -> str:
    return repr(str(value)[:40]) if isinstance(value, str | int | float) else "something else"
