"""Keeping names that come from a workflow inside the folder they belong to."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from ..errors import SoatError

MAX_NAME = 1024
# Halves of a surrogate pair too: JSON may hold one alone, which no file name can.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_FORBIDDEN_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_DEVICES_ON_WINDOWS = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    port + digit for port in ("COM", "LPT") for digit in "123456789\u00b9\u00b2\u00b3"
}


def require_text(name: Any, what: str = "file name") -> None:
    """Refuse a name that is none: workflows from elsewhere may have a number or nothing in its place.

    Raises:
        SoatError: It isn't text.
    """
    if not isinstance(name, str):
        got = "nothing" if name is None else repr(name)[:40]
        raise SoatError(f"The {what} must be text, got {got}. Choose it again in the node.")


def confined_path(folder: Path, name: str, what: str = "file name") -> Path:
    """The path of `name` below a folder, and not outside it through a link either.

    Args:
        folder: The folder it must stay in; it need not exist.
        name: A relative path with `/` (or, on Windows, backslashes).
        what: How messages call the name.

    Raises:
        SoatError: The name is no text, empty, absolute, has `..` or control characters, or leads out through a link.
    """
    path = path_below(folder, name, what)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SoatError(
            f"The {what} {name!r} leads out of its folder {folder} through a symbolic link, which isn't allowed. "
            "Copy the file or folder into it instead."
        )
    return path


def path_below(folder: Path, name: str, what: str = "file name") -> Path:
    """`confined_path` for folders whose links may lead anywhere.

    Raises:
        SoatError: The name is no text, empty, absolute, has `..` or control characters.
    """
    require_text(name, what)
    if len(name) > MAX_NAME:
        raise SoatError(f"The {what} {name[:40]!r}... has {len(name)} characters. Give one of at most {MAX_NAME}.")
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or _CONTROL.search(name):
        raise SoatError(f"The {what} {name!r} is empty or has control characters. Give a name like portraits/anna.")
    if ".." in parts or parts[0] == "/" or parts[0].startswith("~") or PureWindowsPath(name).drive:
        raise SoatError(
            f"The {what} {name!r} points outside its folder {folder}, which isn't allowed. "
            "Give a name relative to that folder, without '..'."
        )
    return folder.joinpath(*parts)


def require_portable(part: str, name: str, what: str = "file name") -> None:
    """Refuse to write what Windows would store elsewhere or not at all, everywhere: workflows are shared.

    Args:
        part: One folder or file of `name`.
        name: The whole, for the message.
        what: How messages call the name.

    Raises:
        SoatError: The part names a device, ends in a dot or space, or has one of `< > : " | ? *`.
    """
    forbidden = _FORBIDDEN_ON_WINDOWS.search(part)
    if part.split(".")[0].rstrip(" ").upper() in _DEVICES_ON_WINDOWS:
        trouble = "is the name of a device"
    elif part.endswith((".", " ")):
        trouble = "ends in a dot or a space, which is dropped"
    elif forbidden:
        trouble = f"has the character {forbidden[0]}, which isn't allowed"
    else:
        return
    raise SoatError(f"The {what} {name!r} won't work on Windows, where {part!r} {trouble}; choose another name.")
