"""ComfyUI's web server, when there is one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ...soat_backend.support.errors import SoatError
from .comfyui import aiohttp_web, in_comfyui, routes


class Answer(NamedTuple):
    """What there is to say: content, its type, and headers of our own."""

    content: bytes
    kind: str
    headers: Mapping[str, str] = MappingProxyType({})


def serve(address: str, answer: Callable[[Mapping[str, str]], Answer]) -> None:
    """Answer GET requests of an address; what `answer` refuses with a SoatError is told as JSON, `{"error": text}`."""
    table = routes() if in_comfyui() else None
    if table is None:
        return
    web = aiohttp_web()

    async def handle(request: Any) -> Any:
        try:
            # In a thread of its own: an answer may take seconds, and the server has others to serve.
            content, kind, headers = await asyncio.to_thread(answer, request.query)
        except SoatError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.Response(body=content, content_type=kind, headers=headers)

    table.get(address)(handle)
