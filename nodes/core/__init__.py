"""ComfyUI's own nodes of pictures, sounds, films and values, for headless runs only: ComfyUI has them itself."""

from .audio import LoadAudio
from .images import LoadImage, LoadImageMask, PreviewImage, SaveImage
from .outpainting import ImagePadForOutpaint, InvertMask
from .scaling import ImageScaleBy
from .values import VALUE_DISPLAY_NAMES, VALUE_NODE_CLASSES
from .video import CreateVideo, SaveVideo

HEADLESS_NODE_CLASSES: dict[str, type] = {
    "LoadImage": LoadImage,
    "LoadImageMask": LoadImageMask,
    "SaveImage": SaveImage,
    "PreviewImage": PreviewImage,
    "ImageScaleBy": ImageScaleBy,
    "ImagePadForOutpaint": ImagePadForOutpaint,
    "InvertMask": InvertMask,
    "LoadAudio": LoadAudio,
    "CreateVideo": CreateVideo,
    "SaveVideo": SaveVideo,
    **VALUE_NODE_CLASSES,
}
HEADLESS_DISPLAY_NAMES = {
    "LoadImage": "Load Image",
    "LoadImageMask": "Load Image (as Mask)",
    "SaveImage": "Save Image",
    "PreviewImage": "Preview Image",
    "ImageScaleBy": "Upscale Image By",
    "ImagePadForOutpaint": "Pad Image for Outpainting",
    "InvertMask": "Invert Mask",
    "LoadAudio": "Load Audio",
    "CreateVideo": "Create Video",
    "SaveVideo": "Save Video",
    **VALUE_DISPLAY_NAMES,
}
