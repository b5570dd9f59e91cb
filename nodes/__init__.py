"""The nodes, thin: they declare inputs, call the library and convert axes."""

from . import host, routes
from .align_face import AlignFace
from .animate_value import AnimateValue
from .convert_latent import ConvertLatent
from .edit_latent import EditLatent
from .get_features import GetFeatures
from .grid_features import GridFeatures
from .interpolate_features import InterpolateFeatures
from .interpolate_latents import InterpolateLatents
from .invert_image import InvertImage
from .join_latents import JoinLatents
from .join_many import JoinMany
from .latent_realism import LatentRealism
from .latent_walk import LatentWalk
from .load_latent import LoadLatent
from .load_stylegan import LoadStyleGAN
from .mix_styles import MixStyles
from .pad_expand import PadExpand
from .pan_image import PanImage
from .panorama_features import PanoramaFeatures
from .paste_back import PasteBack
from .preview_features import PreviewFeatures
from .procedural_image import ProceduralImage
from .region_mask import RegionMask
from .render import Render
from .sample_latent import SampleLatent
from .sample_latent_grid import SampleLatentGrid
from .sample_latent_sequence import SampleLatentSequence
from .save_animation import SaveAnimation
from .save_canvas import SaveCanvas
from .save_latent import SaveLatent
from .select_latents import SelectLatents
from .shift_blend import ShiftBlend
from .square_crop import SquareCrop
from .stitch_features import StitchFeatures
from .stitch_many import StitchMany
from .transform_features import TransformFeatures
from .truncate_latent import TruncateLatent

# The ids are what saved workflows rely on: never rename one.
NODE_CLASS_MAPPINGS: dict[str, type] = {
    "LoadStyleGAN": LoadStyleGAN,
    "SampleLatent": SampleLatent,
    "SampleLatentSequence": SampleLatentSequence,
    "GetFeatures": GetFeatures,
    "InterpolateFeatures": InterpolateFeatures,
    "ShiftBlend": ShiftBlend,
    "PadExpand": PadExpand,
    "StitchFeatures": StitchFeatures,
    "PanoramaFeatures": PanoramaFeatures,
    "MixStyles": MixStyles,
    "InterpolateLatents": InterpolateLatents,
    "SaveStyleGANLatent": SaveLatent,
    "LoadStyleGANLatent": LoadLatent,
    "Render": Render,
    "SampleLatentGrid": SampleLatentGrid,
    "GridFeatures": GridFeatures,
    "TransformFeatures": TransformFeatures,
    "RegionMask": RegionMask,
    "JoinLatents": JoinLatents,
    "SelectLatents": SelectLatents,
    "LatentWalk": LatentWalk,
    "AnimateValue": AnimateValue,
    "PanImage": PanImage,
    "SaveAnimation": SaveAnimation,
    "SaveCanvas": SaveCanvas,
    "InvertImage": InvertImage,
    "EditLatent": EditLatent,
    "TruncateLatent": TruncateLatent,
    "LatentRealism": LatentRealism,
    "AlignFace": AlignFace,
    "SquareCrop": SquareCrop,
    "PasteBack": PasteBack,
    "ProceduralImage": ProceduralImage,
    "ConvertLatent": ConvertLatent,
    "PreviewFeatures": PreviewFeatures,
    "StitchMany": StitchMany,
    "JoinMany": JoinMany,
    # ComfyUI has nodes of these ids for its own latents and keeps its own, so there only the two above exist. Headless
    # the short ids work too.
    "SaveLatent": SaveLatent,
    "LoadLatent": LoadLatent,
}

for _node_class in set(NODE_CLASS_MAPPINGS.values()):
    host.shield(_node_class)
host.name_errors()

NODE_DISPLAY_NAME_MAPPINGS = {
    "LoadStyleGAN": "Load StyleGAN",
    "SampleLatent": "Sample Latent",
    "SampleLatentSequence": "Sample Latent Sequence",
    "GetFeatures": "Get Features",
    "InterpolateFeatures": "Interpolate Features",
    "ShiftBlend": "Shift and Blend",
    "PadExpand": "Pad and Expand",
    "StitchFeatures": "Stitch Features",
    "PanoramaFeatures": "Panorama Features",
    "MixStyles": "Mix Styles",
    "InterpolateLatents": "Interpolate Latents",
    "SaveStyleGANLatent": "Save StyleGAN Latent",
    "LoadStyleGANLatent": "Load StyleGAN Latent",
    "Render": "Render Features",
    "SampleLatentGrid": "Sample Latent Grid",
    "GridFeatures": "Grid Features",
    "TransformFeatures": "Transform Features",
    "RegionMask": "Region Mask",
    "JoinLatents": "Join Latents",
    "SelectLatents": "Select Latents",
    "LatentWalk": "Latent Walk",
    "AnimateValue": "Animate Value",
    "PanImage": "Pan Image",
    "SaveAnimation": "Save Animation",
    "SaveCanvas": "Save Canvas",
    "InvertImage": "Invert Image",
    "EditLatent": "Edit Latent",
    "TruncateLatent": "Truncate Latent",
    "LatentRealism": "Latent Realism",
    "AlignFace": "Align Face",
    "SquareCrop": "Square Crop",
    "PasteBack": "Paste Back",
    "ProceduralImage": "Procedural Image",
    "ConvertLatent": "Convert Latent",
    "PreviewFeatures": "Preview Features",
    "StitchMany": "Stitch Many",
    "JoinMany": "Join Many",
}

for _class_id, _node_class in NODE_CLASS_MAPPINGS.items():
    if hasattr(_node_class, "GROWS"):
        NODE_CLASS_MAPPINGS[_class_id] = host.as_v3(_class_id, _node_class, NODE_DISPLAY_NAME_MAPPINGS[_class_id])

routes.register()
