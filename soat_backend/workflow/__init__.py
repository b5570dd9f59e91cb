"""Running ComfyUI workflows without ComfyUI.

`read_workflow` reads a file into a `Graph`, `apply_overrides` and `with_seed` change values, `execute` runs it.
"""

from .cache import Cache
from .execute import RunReport, execute
from .graph import Graph, Link, Node
from .node_types import NodeCatalog
from .overrides import apply_overrides
from .reader import read_workflow
from .seeds import parse_seeds, with_seed

__all__ = [
    "Cache",
    "Graph",
    "Link",
    "Node",
    "NodeCatalog",
    "RunReport",
    "apply_overrides",
    "execute",
    "parse_seeds",
    "read_workflow",
    "with_seed",
]
