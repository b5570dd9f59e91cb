"""All that follows from what the nodes say of themselves, after a node was added or changed.

    python docs/derived.py

The English texts, what is new in the contract, the list of ids for managers, and a picture for each help page that has
none. Look at the pictures before they are committed.
"""

from __future__ import annotations

import contract
import help_pictures
from soat.nodes import NODE_DISPLAY_NAME_MAPPINGS

import locales


def main() -> None:
    locales.main()
    contract.main()
    for class_id in NODE_DISPLAY_NAME_MAPPINGS:
        if not (help_pictures.IMAGES / f"{class_id}.jpg").exists():
            help_pictures.write(class_id)


if __name__ == "__main__":
    main()
