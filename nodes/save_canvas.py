"""The node SaveCanvas: renders a feature map straight into a file, however large."""

from __future__ import annotations

from typing import Any

from PIL import Image

from ..soat_backend.support.errors import require_between, require_choice
from ..soat_backend.support.files import replacing, write_rows
from ..soat_backend.support.files.picture_writers import FORMATS, SmallCopy
from ..soat_backend.synthesis.feature_map import FeatureMap
from ..soat_backend.synthesis.render import bands, plan
from . import host, inputs
from .render import MAX_TILE

_PREVIEW_SIDE = 2048


class SaveCanvas:
    """A feature map rendered straight into a file, however large."""

    DISPLAY_NAME = "Save Canvas"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "tiff", "gigapixel", "huge picture", "export large", "poster print")
    DESCRIPTION = (
        "Renders a canvas straight into a file, band by band: a panorama may be longer than memory. The picture on the "
        "node is a small copy."
    )
    FUNCTION = "save"
    OUTPUT_NODE = True
    RETURN_TYPES = ("STRING",)
    RETURN_NAMES = ("report",)
    OUTPUT_TOOLTIPS = ("The files that were written, and their sizes.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "filename_prefix": inputs.filename_prefix("canvas/SOAT"),
                "format": inputs.choice(
                    FORMATS, "png", "png: opens everywhere. tiff: in tiles, for viewers of huge pictures (tifffile)."
                ),
                "tile_size": inputs.integer(
                    0,
                    0,
                    MAX_TILE,
                    "Side of the tiles, in pixels; 0: automatic. The picture is the same.",
                    advanced=True,
                ),
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in the output folder."""
        return host.check_prefix(filename_prefix)

    def save(
        self,
        features: FeatureMap,
        filename_prefix: str,
        format: str,
        tile_size: int,
        prompt: Any = None,
        extra_pnginfo: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Write a file for each image of the batch."""
        require_choice("format", format, FORMATS)
        require_between("tile_size", tile_size, 0, MAX_TILE)
        features = features.to(host.load_generators(features))
        height, width = plan(features).size
        channels = features.generator.img_channels
        texts = host.workflow_to_keep(prompt, extra_pnginfo)
        previews, files, lines = [], [], []
        for index in range(features.batch):
            preview = SmallCopy(height, width, _PREVIEW_SIDE)
            new_file = host.output_path(filename_prefix, f".{format}", width=width, height=height, batch_number=index)
            with host.Progress("rendering") as progress, new_file as path, replacing(path) as partial:
                # Bands come in order: what there is of the picture is its upper part.
                def watch(done: int, total: int, preview: SmallCopy = preview) -> None:
                    progress(done, total, lambda: _live(preview) if preview.has_begun else None)

                rows = bands(features.item(index), tile_size, watch)
                write_rows(partial, preview.watching(rows), height, width, format, texts, channels)
            lines.append(f"{path.name}: {width} x {height} pixels, {path.stat().st_size:,} bytes")
            files.append(host.output_entry(path))
            previews.append(host.save_preview(Image.fromarray(preview.pixels()), filename_prefix))
        report = "\n".join(lines)
        # Not among the images: a browser would try to show it.
        return {"ui": {"images": previews, "files": files, "text": [report]}, "result": (report,)}


def _live(preview: SmallCopy) -> Image.Image:
    """What there is of the picture, without alpha: ComfyUI sends it as JPEG."""
    return Image.fromarray(preview.pixels()).convert("RGB")
