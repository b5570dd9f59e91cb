"""SOAT nodes: "StyleGAN of All Trades" as ComfyUI nodes. This is what ComfyUI imports."""

import gc

# While modules are made, Python would look a dozen times through all that torch and ComfyUI have made before, for
# garbage that isn't there: a third of the time that importing takes.
_collects = gc.isenabled()
gc.disable()
try:
    from .nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
finally:
    if _collects:
        gc.enable()

WEB_DIRECTORY = "./web"

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "WEB_DIRECTORY"]
