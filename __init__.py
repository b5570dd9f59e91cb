"""SOAT nodes: "StyleGAN of All Trades" as ComfyUI nodes. This is what ComfyUI imports."""

import gc as _gc
import sys as _sys
from importlib.util import find_spec as _find_spec

# Never a requirement of the pack: installing it must not replace the torch that ComfyUI has.
if _find_spec("torch") is None:
    _MISSING = (
        f"SOAT needs PyTorch, which this Python ({_sys.executable}) doesn't have. Inside ComfyUI it is there, and "
        'nothing is to be done. Alone, install it with `python -m pip install "torch>=2.1"`, or as https://pytorch.org '
        "says for your graphics card."
    )
    # A command's user reads a sentence; `-m` is what Python calls the program while it looks for this package.
    if _sys.argv[0] == "-m" or _sys.argv[0].endswith(("soat", "soat.exe")):
        raise SystemExit(_MISSING)
    raise ModuleNotFoundError(_MISSING, name="torch")

# While modules are made, Python would look a dozen times through all that torch and ComfyUI have made before, for
# garbage that isn't there: a third of the time that importing takes.
_collects = _gc.isenabled()
_gc.disable()
try:
    from .nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
finally:
    if _collects:
        _gc.enable()

WEB_DIRECTORY = "./web"

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "WEB_DIRECTORY"]
