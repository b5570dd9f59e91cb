"""What nodes tell their drawings is told again when a run finds them done."""

from __future__ import annotations

import inspect

from soat.nodes import NODE_CLASS_MAPPINGS


def test_every_node_that_tells_something_tells_it_of_a_cached_run_too():
    """ComfyUI does so for outputs of the graph, and for nodes that ask for it."""
    telling = [node for node in NODE_CLASS_MAPPINGS.values() if "host.shown(" in inspect.getsource(node)]
    assert len(telling) >= 6
    for node in telling:
        asks = getattr(node, "HAS_INTERMEDIATE_OUTPUT", False)
        assert getattr(node, "OUTPUT_NODE", False) or asks, node.__name__
