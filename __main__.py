"""`python -m soat` and the console script `soat`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS, host
from .nodes.core import HEADLESS_DISPLAY_NAMES, HEADLESS_NODE_CLASSES
from .soat_backend.cli import NodePack, main
from .soat_backend.support.memory import keep_freed_memory


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    keep_freed_memory()
    pack = NodePack(
        classes={**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES},
        host=host,
        display_names={**NODE_DISPLAY_NAME_MAPPINGS, **HEADLESS_DISPLAY_NAMES},
    )
    sys.exit(main(argv, pack))


if __name__ == "__main__":
    run()
