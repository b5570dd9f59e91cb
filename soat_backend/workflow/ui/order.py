"""The order in which the frontend loads the definitions of subgraphs, which decides what the nodes for them may hold.

It means to load those inside others first. Its count of what a definition waits for is one for each node, and goes down
once for each definition: with two nodes for the same subgraph in one, it gives up and takes the order of the file.
A node that is loaded before its subgraph shows no widgets yet, and loses the values that the file has for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any


def load_order(definitions: Sequence[dict[str, Any]]) -> list[str]:
    """Ids of definitions in the order they are loaded.

    Args:
        definitions: In the order of the file.
    """
    ids = [str(definition.get("id")) for definition in definitions]
    waiting = dict.fromkeys(ids, 0)
    users: dict[str, dict[str, None]] = {definition_id: {} for definition_id in waiting}
    for definition_id, definition in zip(ids, definitions, strict=True):
        nodes = definition.get("nodes")
        for node in nodes if isinstance(nodes, list) else ():
            kind = node.get("type") if isinstance(node, dict) else None
            if isinstance(kind, str) and kind in users:
                users[kind][definition_id] = None
                waiting[definition_id] += 1
    ready = deque(definition_id for definition_id, count in waiting.items() if not count)
    order = []
    while ready:
        done = ready.popleft()
        order.append(done)
        for user in users[done]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return order if len(order) == len(ids) else ids
