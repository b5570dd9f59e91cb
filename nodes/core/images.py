"""ComfyUI's own image nodes for headless runs: same inputs, same results. Inside ComfyUI its own are used."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from ...soat_backend.support.errors import SoatError
from ...soat_backend.support.files import PICTURE_EXTENSIONS, PICTURE_TROUBLE, frame_count, read_frames, replacing
from .. import host

_NO_ALPHA_MASK = (64, 64)  # What ComfyUI gives for a picture without alpha, whatever its size.


class LoadImage:
    """A picture of the input folder, and its transparency as a mask."""

    CATEGORY = "image"
    DESCRIPTION = "Loads a picture from the input folder; the mask is 1 where it is transparent."
    RETURN_TYPES: tuple[str, ...] = ("IMAGE", "MASK")
    FUNCTION = "load_image"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The pictures of the input folder."""
        files = host.input_files(PICTURE_EXTENSIONS)
        return {"required": {"image": (files, {"image_upload": True, "tooltip": "A file of the input folder."})}}

    def load_image(self, image: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Read all frames of a picture.

        Returns:
            Image `[B, H, W, 3]` in [0, 1], and mask `[B, H, W]`, 1 - alpha; 64 x 64 zeros without alpha.
        """
        frames = _read_frames(host.input_path(image), image)
        images = [torch.from_numpy(frame[..., :3].copy()) for frame in frames]
        has_alpha = any(frame.shape[-1] == 4 for frame in frames)
        blank = torch.zeros(frames[0].shape[:2] if has_alpha else _NO_ALPHA_MASK)
        masks = [1.0 - torch.from_numpy(frame[..., 3]) if frame.shape[-1] == 4 else blank for frame in frames]
        return torch.stack(images), torch.stack(masks)

    @classmethod
    def IS_CHANGED(cls, image: str, **_: Any) -> str:
        """The file's content, so that a picture edited in place is loaded again."""
        return hashlib.sha256(host.input_path(image).read_bytes()).hexdigest()

    @classmethod
    def VALIDATE_INPUTS(cls, image: str) -> bool | str:
        """Accept anything that exists, also in subfolders and as `name [output]`."""
        try:
            host.input_path(image)
        except SoatError as error:
            return str(error)
        return True


class LoadImageMask(LoadImage):
    """One channel of a picture of the input folder as a mask."""

    RETURN_TYPES = ("MASK",)
    FUNCTION = "load_image_mask"
    DESCRIPTION = "Loads one channel of a picture as a mask; alpha is inverted: 1 where it is transparent."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The pictures of the input folder, and the channel to take."""
        required = super().INPUT_TYPES()["required"]
        return {"required": {**required, "channel": (["alpha", "red", "green", "blue"],)}}

    def load_image_mask(self, image: str, channel: str) -> tuple[torch.Tensor]:
        """Read one channel of a picture as a mask `[B, H, W]` in [0, 1]."""
        pictures, alpha_mask = self.load_image(image)
        if channel == "alpha":
            return (alpha_mask,)
        return (pictures[..., ("red", "green", "blue").index(channel)].clone(),)


class SaveImage:
    """PNGs in the output folder, with the workflow inside."""

    CATEGORY = "image"
    DESCRIPTION = "Saves pictures as PNG in the output folder; the workflow is kept inside them."
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("images",)
    FUNCTION = "save_images"
    OUTPUT_NODE = True
    kind = "output"
    prefix_end = ""
    compress_level = 4

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Pictures and the beginning of the file name."""
        prefix_tip = "Beginning of the file name; may have %date:yyyy-MM-dd%, %width% or %SampleLatent.seed%."
        return {
            "required": {
                "images": ("IMAGE", {"tooltip": "The images to save."}),
                "filename_prefix": ("STRING", {"default": "ComfyUI", "tooltip": prefix_tip}),
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in its folder."""
        return host.check_prefix(filename_prefix, cls.kind)

    def save_images(
        self,
        images: torch.Tensor,
        filename_prefix: str = "ComfyUI",
        prompt: dict[str, Any] | None = None,
        extra_pnginfo: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Write images `[B, H, W, 3]`; values beyond [0, 1] are cut off as in ComfyUI."""
        metadata = _metadata(prompt, extra_pnginfo)
        height, width = images.shape[1:3]
        entries = []
        for number, image in enumerate(images):
            pixels = np.clip(255.0 * image.cpu().float().numpy(), 0, 255).astype(np.uint8)
            prefix = filename_prefix + self.prefix_end
            size = {"width": width, "height": height}
            new_file = host.output_path(prefix, ".png", kind=self.kind, batch_number=number, **size)
            with new_file as path, replacing(path) as partial:
                picture = Image.fromarray(pixels)
                picture.save(partial, "PNG", pnginfo=metadata, compress_level=self.compress_level)
            entries.append(host.output_entry(path, self.kind))
        return {"ui": {"images": entries}, "result": (images,)}


class PreviewImage(SaveImage):
    """Saves pictures as PNG in the temporary folder."""

    DESCRIPTION = "Saves pictures in the folder temp of the output folder; the next run with previews replaces them."
    kind = "temp"
    prefix_end = host.PREVIEW_END
    compress_level = 1

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The pictures to show, nothing else."""
        declared = super().INPUT_TYPES()
        return {"required": {"images": declared["required"]["images"]}, "hidden": declared["hidden"]}


def _metadata(prompt: dict[str, Any] | None, extra_pnginfo: dict[str, Any] | None) -> PngInfo:
    metadata = PngInfo()
    for name, text in host.workflow_texts(prompt, extra_pnginfo).items():
        metadata.add_text(name, text)
    return metadata


def _read_frames(path: Path, name: str) -> list[np.ndarray]:
    """Frames `[H, W, 3 or 4]` float32 in [0, 1]; those of another size than the first are left out, as in ComfyUI."""
    try:
        frames = read_frames(path, _to_array)
    except PICTURE_TROUBLE as error:
        raise SoatError(f"{name} can't be read as a picture: {error}. Save it again as PNG or JPEG.") from error
    return [frame for frame in frames if frame.shape[:2] == frames[0].shape[:2]]


def _to_array(frame: Image.Image) -> np.ndarray:
    upright = ImageOps.exif_transpose(frame)
    if upright.mode.startswith("I"):
        # 16-bit greyscale; Pillow's conversion to RGB would cut it off at 255.
        values = np.asarray(upright, dtype=np.float32)
        rgb = np.repeat(np.clip(values / 65535.0, 0.0, 1.0)[..., None], 3, axis=-1)
        see_through = upright.info.get("transparency")  # The one value that PNG may name so.
        if not isinstance(see_through, int):
            return rgb
        return np.concatenate([rgb, (values != see_through)[..., None]], axis=-1, dtype=np.float32)
    # ComfyUI gives a mask of palettes in any case, though all of it is opaque.
    has_palette = frame.format == "GIF" or (frame.mode == "P" and frame_count(frame) == 1)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info or has_palette
    if frame.format == "AVIF":
        has_alpha = False  # ComfyUI doesn't see it.
    return np.asarray(upright.convert("RGBA" if has_alpha else "RGB"), dtype=np.float32) / 255.0
