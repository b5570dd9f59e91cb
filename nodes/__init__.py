"""The nodes, thin: they declare inputs, call the library and convert axes."""

from .get_features import GetFeatures
from .interpolate_features import InterpolateFeatures
from .interpolate_latents import InterpolateLatents
from .load_latent import LoadLatent
from .load_stylegan import LoadStyleGAN
from .mix_styles import MixStyles
from .pad_expand import PadExpand
from .panorama_features import PanoramaFeatures
from .render import Render
from .sample_latent import SampleLatent
from .sample_latent_sequence import SampleLatentSequence
from .save_latent import SaveLatent
from .shift_blend import ShiftBlend
from .stitch_features import StitchFeatures

# The ids are what saved workflows rely on: never rename one.
NODE_CLASS_MAPPINGS = {
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
    # ComfyUI has nodes of these ids for its own latents and keeps its own, so there only the two above exist. Headless
    # the short ids work too.
    "SaveLatent": SaveLatent,
    "LoadLatent": LoadLatent,
}

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
}
