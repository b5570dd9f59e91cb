"""NVIDIA's `.pkl` (stylegan2-ada-pytorch, and the StyleGAN2 of stylegan3): modules pickled with their source.

Each module is a call `torch_utils.persistence._reconstruct_persistent_obj(meta)`; NVIDIA's own loader executes the
source code in `meta`. Here the call is a record, of which only the parameters and settings are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import CheckpointError
from ..generator.config import parse_conv_clamp
from .claims import Converted
from .contents import Contents
from .inert import Inert
from .nvidia_names import convert_nvidia_names
from .stored import StoredTensor
from .unwrap import averaged_parts

_RECONSTRUCT = "torch_utils.persistence._reconstruct_persistent_obj"
_MAX_MODULES = 10_000
_MAX_ITEMS = 100_000
_MAX_DEPTH = 20


@dataclass
class ModuleTree:
    """A pickled module, flattened.

    Attributes:
        tensors: Parameters and buffers by their state dict names.
        settings: Plain attributes of each module, by its path.
        classes: Class name of each module, by its path.
    """

    tensors: dict[str, StoredTensor] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)


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
        """The same generator under our names."""
        root = find_generator(contents.tree)
        tree = flatten_module(root)
        _check_settings(tree)
        converted = convert_nvidia_names(tree.tensors, self.name, _conv_clamp(tree))
        converted.notes["class"] = tree.classes[""]
        return converted


def find_generator(tree: Any) -> Inert | None:
    """The pickled generator module of a file: an averaged one (`G_ema`) first, else `G`, else all of the file."""
    items = tree.items() if isinstance(tree, dict) else [("", tree)]
    modules = [(str(name), module) for name, item in items if (module := find_module(item)) is not None]
    generators = [(name, module) for name, module in modules if "synthesis" in _children(module)]
    return min(generators, key=lambda pair: -averaged_parts(pair[0]), default=("", None))[1]


def find_module(item: Any) -> Inert | None:
    """A pickled module, out of what DataParallel, AveragedModel and torch.compile put around it."""
    for _ in range(_MAX_DEPTH):
        if _state(item) is None:
            return None
        children = _children(item)
        inner = children.get("module", children.get("_orig_mod"))
        if len(children) != 1 or _state(inner) is None:
            return item
        item = inner
    return None


def flatten_module(root: Inert | None) -> ModuleTree:
    """Collect tensors, settings and class names of a pickled module and those inside it.

    Raises:
        CheckpointError: Modules contain themselves, or there are absurdly many.
    """
    result = ModuleTree()
    pending: list[tuple[str, Any]] = [("", root)]
    seen: set[int] = set()
    items = 0
    while pending:
        path, module = pending.pop()
        state = _state(module)
        if state is None:
            continue
        items += len(state) + sum(len(group) for group in state.values() if isinstance(group, dict))
        absurd = len(seen) >= _MAX_MODULES or items > _MAX_ITEMS or path.count(".") > _MAX_DEPTH
        if id(module) in seen or absurd:
            raise CheckpointError("This pickle has modules that contain each other, which no generator does.")
        seen.add(id(module))
        prefix = f"{path}." if path else ""
        result.classes[path] = _class_name(module)
        result.settings[path] = {name: value for name, value in state.items() if isinstance(name, str)}
        for group in ("_parameters", "_buffers"):
            for name, tensor in _named(state.get(group)):
                if isinstance(tensor, StoredTensor):
                    result.tensors[prefix + name] = tensor
        pending += [(prefix + name, child) for name, child in _named(state.get("_modules"))]
    return result


def _named(group: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in group.items() if isinstance(name, str)] if isinstance(group, dict) else []


def _meta(module: Inert) -> dict[Any, Any]:
    if module.name == _RECONSTRUCT and len(module.args) == 1 and isinstance(module.args[0], dict):
        return module.args[0]
    return {}


def _state(module: Any) -> dict[Any, Any] | None:
    """Attributes of a pickled module, whether pickled NVIDIA's way or as torch pickles whole modules."""
    if not isinstance(module, Inert):
        return None
    state = _meta(module).get("state", module.state)
    return state if isinstance(state, dict) and isinstance(state.get("_modules"), dict) else None


def _children(module: Inert) -> dict[Any, Any]:
    """The modules inside a pickled module."""
    return (_state(module) or {})["_modules"]


def _class_name(module: Inert) -> str:
    name = _meta(module).get("class_name")
    return name if isinstance(name, str) else module.name.rpartition(".")[2]


def _conv_clamp(tree: ModuleTree) -> float | None:
    """The clamp that all layers share."""
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
    for path, state in tree.settings.items():
        kind = path.rpartition(".")[2]
        if path.startswith("synthesis.b") and path.count(".") == 1:
            _require(path, state, "architecture", "skip")
            _require(path, state, "img_channels", 3)
        elif kind in ("conv0", "conv1"):
            _require(path, state, "activation", "lrelu")
            _require(path, state, "use_noise", True)
        elif path.startswith("mapping.fc"):
            _require(path, state, "activation", "lrelu")
            _require(path, state, "bias_gain", 0.01)
        elif kind in ("affine", "embed"):
            _require(path, state, "activation", "linear")
            _require(path, state, "bias_gain", 1.0)


def _require(path: str, state: dict[str, Any], setting: str, expected: Any) -> None:
    """A setting, if the file has it, must be the one there is code for."""
    value = state.get(setting, expected)
    if type(expected) is float and type(value) in (int, float):
        agrees = abs(value - expected) <= 1e-6 * expected
    else:
        agrees = isinstance(value, str | bool | int) and value == expected
    if not agrees:
        shown = value if isinstance(value, str | int | float) else "something else"
        raise CheckpointError(
            f"This StyleGAN2 has {setting} {str(shown)[:40]!r} in {path[:80]!r}, and only {expected!r} is supported. "
            "Use a generator trained with the default settings.",
            setting=setting,
        )
