"""The one file that imports ComfyUI, and only when it is what runs us."""

from __future__ import annotations

import sys
from typing import Any


def in_comfyui() -> bool:
    """Whether ComfyUI is running us."""
    # It has loaded this already then. A package that happens to be called `comfy` says nothing.
    return hasattr(sys.modules.get("folder_paths"), "folder_names_and_paths")


def folder_paths() -> Any:
    """ComfyUI's module that knows its folders."""
    import folder_paths as module

    return module


def model_management() -> Any:
    """ComfyUI's devices and memory, and whether the user has stopped it."""
    from comfy import model_management as module

    return module


def model_patcher() -> Any:
    """The class that ComfyUI keeps models in, which moves them between devices."""
    from comfy.model_patcher import ModelPatcher

    return ModelPatcher


def routes() -> Any:
    """Where its web server's routes are added (aiohttp's RouteTableDef); None if it has no server."""
    from server import PromptServer

    return getattr(getattr(PromptServer, "instance", None), "routes", None)


def aiohttp_web() -> Any:
    """The module that ComfyUI's web server is made with."""
    from aiohttp import web as module

    return module


def say_on_node(node_id: str, text: str) -> None:
    """Show a line of text on a node."""
    from server import PromptServer

    say = getattr(getattr(PromptServer, "instance", None), "send_progress_text", None)
    if say:
        say(text, node_id)


def tell_page(event: str, values: dict[str, Any]) -> None:
    """Tell the page whose run this is of an event of ours, by which our part of the frontend knows it."""
    from server import PromptServer

    server = getattr(PromptServer, "instance", None)
    if server:
        server.send_sync(event, values, server.client_id)


def progress_bar() -> Any:
    """The class of ComfyUI's bar on a node."""
    from comfy.utils import ProgressBar

    return ProgressBar


def v3() -> Any:
    """What nodes of its V3 are made of, if inputs may grow there; None if not, or if it is older than V3."""
    try:
        from comfy_api.latest import io
    except ImportError:
        return None
    return io if hasattr(getattr(io, "Autogrow", None), "TemplatePrefix") else None


def video_from_file(path: str) -> Any:
    """A film in a file, as VIDEO wires carry it; None if it is older than they are."""
    try:
        from comfy_api.latest import InputImpl
    except ImportError:
        return None
    return InputImpl.VideoFromFile(path)
