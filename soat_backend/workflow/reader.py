"""Reading a workflow from a file: JSON in either of ComfyUI's formats, or a picture that carries one."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from ..support.errors import WorkflowError
from .api_format import is_api_format, read_api_format
from .carried import NAMES, carried_texts, is_picture
from .graph import Graph
from .node_types import NodeCatalog
from .ui.format import is_ui_format, read_ui_format

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 100
_SIGNATURE_LENGTH = 12
_JSON_BEGINS = ("{", "[")


def read_workflow(path: Path | str, catalog: NodeCatalog) -> Graph:
    """Read a workflow file.

    Args:
        path: A .json saved by ComfyUI (UI or API format), or a .png, .webp or .jpg that carries one, as those
            saved by ComfyUI or by this runner do.
        catalog: Known node types.

    Raises:
        WorkflowError: The file can't be read, is no workflow, or has nodes of unknown type.
    """
    path = Path(path)
    try:
        status = path.stat()
        _require_file(path, status.st_mode)
        with path.open("rb") as file:
            begins_as_picture = is_picture(file.read(_SIGNATURE_LENGTH))
        if begins_as_picture:
            return _graph_of(_carried_workflow(path), catalog, path.name)
        if status.st_size > MAX_BYTES:
            raise WorkflowError(
                f"{path.name} has {status.st_size // 2**20} MB; a workflow has at most {MAX_BYTES // 2**20} MB."
            )
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise WorkflowError(f"There is no workflow file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise WorkflowError(
            f"{path.name} is neither text, PNG nor WebP, nor JPEG. Give a workflow .json, or a picture saved by "
            "ComfyUI."
        ) from None
    except OSError as error:
        raise WorkflowError(f"{path} can't be read: {error.strerror or error}.") from error
    return _graph_of(parse_json(text, path.name), catalog, path.name)


def _require_file(path: Path, mode: int) -> None:
    """Refuse what is there but no file: opening a pipe would wait for ever, and a device may never end."""
    if stat.S_ISREG(mode):
        return
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))
    kind = next((name for is_kind, name in kinds if is_kind(mode)), "device")
    raise WorkflowError(
        f"{path} is a {kind}, not a file: expected a workflow .json, or a picture saved by ComfyUI. Give the path of "
        "one."
    )


def parse_json(text: str, name: str) -> Any:
    """Decode JSON; NaN and Infinity, which ComfyUI writes into pictures now and then, become null.

    Raises:
        WorkflowError: It isn't JSON, or is nested too deep.
    """
    too_deep = f"{name} is nested too deep to be a workflow; it is refused."
    try:
        data = json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise WorkflowError(too_deep) from None
    except json.JSONDecodeError as error:
        raise WorkflowError(
            f"{name} isn't valid JSON: {error.msg} at line {error.lineno}, column {error.colno}. "
            "It may be cut off; save it again in ComfyUI."
        ) from None
    except ValueError as error:
        raise WorkflowError(f"{name} isn't a workflow: {error}.") from None
    if _is_deep(data):
        raise WorkflowError(too_deep)
    return data


def _is_deep(data: Any) -> bool:
    """Whether copying or writing the data again might exhaust Python's stack."""
    level = [data]
    for _ in range(MAX_DEPTH):
        containers = [value for value in level if isinstance(value, (dict, list))]
        if not containers:
            return False
        level = [child for value in containers for child in (value.values() if isinstance(value, dict) else value)]
    return True


def _graph_of(data: Any, catalog: NodeCatalog, name: str) -> Graph:
    if is_ui_format(data):
        return read_ui_format(data, catalog)
    # The body of a request to ComfyUI's /prompt wraps the API format.
    if isinstance(data, dict) and is_api_format(data.get("prompt")):
        data = data["prompt"]
    if is_api_format(data):
        return read_api_format(data)
    raise WorkflowError(
        f"{name} is JSON but no workflow: expected ComfyUI's UI format (with a list of nodes) or its API format "
        "(with a class_type per node). Save it with ComfyUI's Save or Export (API)."
    )


def _carried_workflow(path: Path) -> Any:
    """The first text of a picture that is a workflow and isn't empty; if none is, what the first of them is."""
    found: list[Any] = []
    trouble: WorkflowError | None = None
    for _, text in carried_texts(path):
        # Other programs keep words of their own under these names, such as what a picture was painted from.
        if not text.lstrip().startswith(_JSON_BEGINS):
            continue
        try:
            data = _inner_workflow(parse_json(text, f"the workflow inside {path.name}"), path.name)
        except WorkflowError as error:
            trouble = trouble or error
            continue
        if _has_nodes(data):
            return data
        found.append(data)
    filled = [data for data in found if data]
    if trouble:
        raise trouble
    if filled:
        return filled[0]
    raise WorkflowError(
        f"{path.name} carries no workflow; other programs remove it when they save a picture. "
        "Use the picture as ComfyUI wrote it, or the workflow's .json."
    )


def _inner_workflow(data: Any, name: str) -> Any:
    """The workflow in an object that some programs write of all names, its values as they are or as texts."""
    if not isinstance(data, dict) or _has_nodes(data):
        return data
    for key in NAMES:
        inner = data.get(key)
        if isinstance(inner, str) and inner.lstrip().startswith(_JSON_BEGINS):
            inner = parse_json(inner, f"the workflow inside {name}")
        if _has_nodes(inner):
            return inner
    return data


def _has_nodes(data: Any) -> bool:
    return is_api_format(data) or (is_ui_format(data) and bool(data["nodes"]))
