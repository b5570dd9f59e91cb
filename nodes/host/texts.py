"""A sentence on the node that runs, for what its result doesn't show."""

from __future__ import annotations

from .comfyui import in_comfyui, node_texts

_said: set[str] = set()  # Ids of nodes that show one.


def say(text: str | None) -> None:
    """Show a text on the node that runs, in ComfyUI; None: nothing more of what was said there before."""
    found = node_texts() if in_comfyui() else None
    if found is None:
        return
    send, node_id = found
    if text:
        send(text, node_id)
        _said.add(node_id)
    elif node_id in _said:
        send(" ", node_id)  # The frontend takes no notice of an empty one.
        _said.discard(node_id)
