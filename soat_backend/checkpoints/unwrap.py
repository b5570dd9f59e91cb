"""Finds the generator's state dict in what training scripts wrap around it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from .stored import StoredTensor

# The averaged generator first: it gives the better pictures.
_WRAPPERS = ("g_ema", "G_ema", "params_ema", "generator_ema", "ema", "params", "state_dict", "generator", "g", "G")
_PREFIXES = ("module.", "g_ema.", "G_ema.", "generator.")
_MAX_WRAPPERS = 4
_MAX_NAMES = 20_000


def unwrap(tree: Any) -> dict[str, StoredTensor]:
    """The tensors of the generator's state dict by name, or of whatever flat dict there is.

    Args:
        tree: What a reader made of a file.

    Returns:
        Names and tensors; prefixes that all names share are gone. Empty if the tree holds no flat dict of tensors.
    """
    extras = {}
    for _ in range(_MAX_WRAPPERS):
        if not isinstance(tree, dict):
            return {}
        if isinstance(tree.get("latent_avg"), StoredTensor):
            extras["latent_avg"] = tree["latent_avg"]
        inner = next((tree[name] for name in _WRAPPERS if isinstance(tree.get(name), dict)), None)
        if inner is None:
            break
        tree = inner
    tensors = {name: value for name, value in tree.items() if isinstance(name, str) and isinstance(value, StoredTensor)}
    for prefix in _PREFIXES:
        names = [name for name in tensors if name != "latent_avg"]
        if names and all(name.startswith(prefix) for name in names):
            tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return {**extras, **tensors}


def all_names(tree: Any) -> set[str]:
    """Names of everything down to two dicts deep, joined by dots; what refusals go by."""
    if not isinstance(tree, dict):
        return set()
    names = {name for name in islice(tree, _MAX_NAMES) if isinstance(name, str)}
    inner = ((name, below) for name in tree for below in (tree[name] if isinstance(tree[name], dict) else ()))
    # One dict may be there many times over, so pairs are counted rather than dicts.
    names.update(f"{name}.{below}" for name, below in islice(inner, _MAX_NAMES) if isinstance(name, str))
    return names
