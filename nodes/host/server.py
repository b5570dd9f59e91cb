"""ComfyUI's web server, when there is one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from ...soat_backend.support.errors import SoatError
from .comfyui import aiohttp_web, in_comfyui, routes

# Gives the content for a query, and its type.
Answer = Callable[[Mapping[str, str]], tuple[bytes, str]]


def serve(address: str, answer: Answer) -> None:
    """Answer GET requests of an address; what `answer` refuses with a SoatError is told as JSON, `{"error": text}`."""
    table = routes() if in_comfyui() else None
    if table is None:
        return
    web = aiohttp_web()

    async def handle(request: Any) -> Any:
        try:
            # In a thread of its own: an answer may take seconds, and the server has others to serve.
            content, kind = await asyncio.to_thread(answer, request.query)
        except SoatError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.Response(body=content, content_type=kind)

    table.get(address)(handle)
