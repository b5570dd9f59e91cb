"""The networks in one of NVIDIA's TensorFlow pickles: what variables and settings each has."""

from __future__ import annotations

from typing import Any

from ..containers.inert import Inert
from ..containers.stored import Number, StoredTensor

_NETWORK = "dnnlib.tflib.network.Network"
_OLDER_NETWORK = "tfutil.Network"
_MAX_NETWORKS = 16
_MAX_NAME = 256


def find_network(tree: Any) -> Inert | None:
    """Gs: the last of `(G, D, Gs)` that is a generator, or the network that is all of the file."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    items = list(tree[-_MAX_NETWORKS:]) if isinstance(tree, tuple | list) else [tree]
    networks = [item for item in items if _is_network(item)]
    generators = [network for network in networks if "synthesis" in (network.state.get("components") or ())]
    return (generators or networks or [None])[-1]


def _is_network(item: Any) -> bool:
    return isinstance(item, Inert) and item.name in (_NETWORK, _OLDER_NETWORK) and isinstance(item.state, dict)


def network_tensors(tree: Any) -> dict[str, StoredTensor]:
    """Variables of Gs and its components, by their full names; empty if there is none."""
    return collect(find_network(tree))[0]


def collect(network: Inert | None) -> tuple[dict[str, StoredTensor], dict[str, list[Any]]]:
    """Variables of a network and its components, and all values that they have for each static argument."""
    tensors: dict[str, StoredTensor] = {}
    settings: dict[str, list[Any]] = {}
    pending: list[tuple[str, Any]] = [("", network)]
    seen: set[int] = set()
    while pending and len(seen) < _MAX_NETWORKS:
        prefix, item = pending.pop()
        if not isinstance(item, Inert) or not isinstance(item.state, dict) or id(item) in seen:
            continue
        seen.add(id(item))
        static = item.state.get("static_kwargs")
        for name, value in static.items() if isinstance(static, dict) else ():
            if isinstance(name, str):
                settings.setdefault(name, []).append(value)
        variables = item.state.get("variables")
        for pair in variables if isinstance(variables, list | tuple) else ():
            name, value = pair if isinstance(pair, tuple) and len(pair) == 2 else (None, None)
            # numpy's numbers come as plain ones; whatever is a number in a variable's place is a variable.
            tensor = value if isinstance(value, StoredTensor) else Number.of(value)
            if isinstance(name, str) and tensor is not None and len(prefix + name) <= _MAX_NAME:
                tensors[prefix + name] = tensor
        components = item.state.get("components")
        if isinstance(components, dict):
            pending += [
                (f"{prefix}{name}/", part)
                for name, part in components.items()
                if isinstance(name, str) and len(name) < _MAX_NAME
            ]
    return tensors, settings
