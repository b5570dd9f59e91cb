"""The node contract: ids, inputs, defaults and outputs that saved workflows rely on."""

from __future__ import annotations

import inspect

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.nodes.inputs import PACK_WORDS

LAYERS = {"first_layer": "b4.conv1", "last_layer": "b1024.torgb"}
NOISE = {"noise_mode": "const", "noise_seed": 0}
# Of inputs that grow: what there is where they can't.
FEATURES = {f"features.features{number}": ... for number in range(5)}
LATENTS = {f"latents.latent{number}": ... for number in range(5)}
# id: (inputs in order with their defaults; ... for a wire or a file, outputs)
CONTRACT = {
    "LoadStyleGAN": ({"checkpoint": ..., "precision": "float32"}, {"generator": "SOAT_GENERATOR", "info": "STRING"}),
    "SampleLatent": (
        {
            "generator": ...,
            "seed": 0,
            "batch_size": 1,
            "truncation_psi": 0.7,
            "truncation_cutoff": -1,
            "class_idx": -1,
            "rng": "numpy",
        },
        {"latent": "SOAT_LATENT"},
    ),
    "SampleLatentSequence": (
        {
            "generator": ...,
            "seed": 0,
            "count": 5,
            "smoothness": 0.7,
            "loop": True,
            "truncation_psi": 0.7,
            "class_idx": -1,
        },
        {"latent": "SOAT_LATENT"},
    ),
    "GetFeatures": (
        {"generator": ..., "latent": ..., "layer": "b4.conv1", **NOISE},
        {"features": "SOAT_FEATURES"},
    ),
    "InterpolateFeatures": (
        {"features_a": ..., "features_b": ..., "alpha": 1.0, "shape": "constant", **LAYERS, "mask": ...},
        {"features": "SOAT_FEATURES"},
    ),
    "ShiftBlend": (
        {
            "features": ...,
            "x": 0.25,
            "y": 0.25,
            "width": 0.5,
            "height": 0.5,
            "shift_x": 0.25,
            "shift_y": 0.0,
            "feather": 0.1,
            "wrap": False,
            "edit_rgb_skip": True,
            "mask": ...,
        },
        {"features": "SOAT_FEATURES"},
    ),
    "PadExpand": (
        {"features": ..., "left": 0.5, "right": 0.5, "top": 0.0, "bottom": 0.0, "mode": "reflect"},
        {"features": "SOAT_FEATURES"},
    ),
    "StitchFeatures": (
        {"features_a": ..., "features_b": ..., "direction": "horizontal", "blend_width": 1.0},
        {"features": "SOAT_FEATURES"},
    ),
    "PanoramaFeatures": (
        {"generator": ..., "latent": ..., "layer": "b4.conv1", "wrap": False, "blend_width": 1.0, **NOISE},
        {"features": "SOAT_FEATURES"},
    ),
    "MixStyles": ({"latent_a": ..., "latent_b": ..., **LAYERS, "strength": 1.0}, {"latent": "SOAT_LATENT"}),
    "InterpolateLatents": (
        {"latent_a": ..., "latent_b": ..., "steps": 1, "t": 0.5, "method": "lerp"},
        {"latent": "SOAT_LATENT"},
    ),
    "InvertImage": (
        {
            "generator": ...,
            "image": ...,
            "steps": 500,
            "learning_rate": 0.2,
            "space": "style_space",
            "perceptual_weight": 1.0,
            "mse_weight": 10.0,
            "prior_weight": 0.02,
            "seed": 0,
            "mask": ...,
            "init": ...,
            "candidates": 100,
            "covariance": "diagonal",
            "patience": 150,
            "noise_maps": False,
            "tune_steps": 0,
            "network": "alexnet (bundled)",
            "at_once": 1,
        },
        {"latent": "SOAT_LATENT", "reconstruction": "IMAGE", "report": "STRING", "generator": "SOAT_GENERATOR"},
    ),
    "EditLatent": (
        {
            "generator": ...,
            "latent": ...,
            "method": "pca_w",
            "component": 0,
            "strength": 1.0,
            **LAYERS,
            "unit": "standard deviations",
            "file": "none",
        },
        {"latent": "SOAT_LATENT"},
    ),
    "TruncateLatent": (
        {"generator": ..., "latent": ..., "truncation_psi": 0.7, **LAYERS},
        {"latent": "SOAT_LATENT"},
    ),
    "LatentRealism": (
        {"generator": ..., "latent": ..., "max_sigmas": 1.2, "covariance": "diagonal"},
        {"latent": "SOAT_LATENT", "report": "STRING", "sigmas": "FLOAT"},
    ),
    "AlignFace": (
        {"image": ..., "size": 1024, "face": 0, "margin": 1.0, "landmarks": "bundled"},
        {"image": "IMAGE", "crop": "SOAT_CROP", "report": "STRING"},
    ),
    "SquareCrop": (
        {"image": ..., "x": 0.5, "y": 0.5, "square": 1.0, "size": 1024},
        {"image": "IMAGE", "crop": "SOAT_CROP"},
    ),
    "PasteBack": (
        {"image": ..., "edited": ..., "crop": ..., "feather": 0.1, "mask": ...},
        {"image": "IMAGE"},
    ),
    "ProceduralImage": (
        {"scene": "landscape", "seed": 0, "size": "128", "batch_size": 1},
        {"image": "IMAGE"},
    ),
    "ConvertLatent": (
        {"generator": ..., "latent": ..., "space": "style_space"},
        {"latent": "SOAT_LATENT"},
    ),
    "PreviewFeatures": (
        {"features": ..., "view": "principal_colours", "channel_count": 16},
        {"image": "IMAGE", "report": "STRING"},
    ),
    "SaveLatent": ({"latent": ..., "filename_prefix": "latents/SOAT"}, {"path": "STRING"}),
    "LoadLatent": ({"latent": ...}, {"latent": "SOAT_LATENT"}),
    "Render": ({"features": ..., "tile_size": 0}, {"image": "IMAGE", "mask": "MASK"}),
    "SampleLatentGrid": (
        {
            "generator": ...,
            "seed": 0,
            "columns": 4,
            "rows": 3,
            "smoothness": 0.7,
            "loop_x": True,
            "loop_y": False,
            "truncation_psi": 0.7,
            "class_idx": -1,
        },
        {"latent": "SOAT_LATENT"},
    ),
    "GridFeatures": (
        {
            "generator": ...,
            "latent": ...,
            "columns": 4,
            "layer": "b4.conv1",
            "wrap_x": False,
            "wrap_y": False,
            "blend_width": 1.0,
            **NOISE,
        },
        {"features": "SOAT_FEATURES"},
    ),
    "TransformFeatures": (
        {
            "features": ...,
            "rotate": 0.0,
            "scale": 1.0,
            "translate_x": 0.0,
            "translate_y": 0.0,
            "flip_horizontal": False,
            "flip_vertical": False,
            "border": "reflect",
            "bend": "none",
            "bend_amount": 1.0,
            "channels": "all",
            "mask": ...,
        },
        {"features": "SOAT_FEATURES"},
    ),
    "RegionMask": (
        {
            "shape": "box",
            "x": 0.25,
            "y": 0.25,
            "width": 0.5,
            "height": 0.5,
            "feather": 0.25,
            "falloff": "linear",
            "invert": False,
            "combine": "add",
            "resolution": 256,
            "mask": ...,
        },
        {"mask": "MASK"},
    ),
    "JoinLatents": (
        {"latent_a": ..., "latent_b": ..., "latent_c": ..., "latent_d": ..., "latent_e": ...},
        {"latent": "SOAT_LATENT"},
    ),
    "SelectLatents": ({"latent": ..., "items": "0"}, {"latent": "SOAT_LATENT"}),
    "LatentWalk": (
        {"latent": ..., "frames": 12, "loop": True, "method": "spline"},
        {"latent": "SOAT_LATENT"},
    ),
    "AnimateValue": (
        {"start": 0.0, "end": 1.0, "frames": 24, "motion": "back_and_forth", "easing": "smooth"},
        {"value": "FLOAT", "rounded": "INT"},
    ),
    "PanImage": (
        {
            "image": ...,
            "frames": 48,
            "direction": "horizontal",
            "motion": "around",
            "easing": "linear",
            "length": 0,
        },
        {"frames": "IMAGE"},
    ),
    "SaveCanvas": (
        {"features": ..., "filename_prefix": "canvas/SOAT", "format": "png", "tile_size": 0},
        {"report": "STRING"},
    ),
    "SaveAnimation": (
        {
            "images": ...,
            "filename_prefix": "animations/SOAT",
            "fps": 12.0,
            "format": "webp",
            "quality": 90,
            "loop": True,
        },
        {"frames": "IMAGE"},
    ),
    "StitchMany": (
        {"direction": "horizontal", "blend_width": 1.0, "wrap": False, **FEATURES},
        {"features": "SOAT_FEATURES"},
    ),
    "JoinMany": (LATENTS, {"latent": "SOAT_LATENT"}),
}
OPTIONAL = {"mask", "latent_c", "latent_d", "latent_e", "init", *FEATURES, *LATENTS}
# By the class: its name for the whole, and the first and the last socket that files may name.
GROWING = {
    "StitchMany": ("features", "features.features0", "features.features49"),
    "JoinMany": ("latents", "latents.latent0", "latents.latent49"),
}
# Inputs that came after the contract's, so that workflows that don't know them still run.
ADDED = {
    "AlignFace": {"landmarks"},
    "InvertImage": {"candidates", "covariance", "patience", "noise_maps", "tune_steps", "network", "at_once"},
    "EditLatent": {"unit", "file"},
}
CHOICES = {
    ("LoadStyleGAN", "precision"): ["float32", "bfloat16", "float16", "tf32"],
    ("SampleLatent", "rng"): ["numpy", "torch"],
    ("GetFeatures", "noise_mode"): ["const", "random", "none"],
    ("InterpolateFeatures", "shape"): ["constant", "left_to_right", "top_to_bottom"],
    ("PadExpand", "mode"): ["reflect", "replicate", "circular", "zeros", "stretch"],
    ("StitchFeatures", "direction"): ["horizontal", "vertical"],
    ("StitchMany", "direction"): ["horizontal", "vertical"],
    ("InterpolateLatents", "method"): ["lerp", "slerp"],
    ("TransformFeatures", "border"): ["reflect", "replicate", "circular"],
    ("TransformFeatures", "bend"): ["none", "gain", "invert", "dilate", "erode", "threshold"],
    ("RegionMask", "shape"): ["box", "ellipse"],
    ("RegionMask", "falloff"): ["linear", "gaussian"],
    ("RegionMask", "combine"): ["add", "subtract", "intersect"],
    ("LatentWalk", "method"): ["spline", "lerp", "slerp"],
    ("AnimateValue", "motion"): ["once", "back_and_forth", "around"],
    ("AnimateValue", "easing"): ["linear", "smooth"],
    ("PanImage", "direction"): ["horizontal", "vertical"],
    ("PanImage", "motion"): ["once", "back_and_forth", "around"],
    ("InvertImage", "space"): ["style_space", "w_plus", "w"],
    ("InvertImage", "covariance"): ["diagonal", "full"],
    ("EditLatent", "method"): ["sefa", "pca_w", "pca_style_space", "file"],
    ("EditLatent", "unit"): ["standard deviations", "as found"],
    ("LatentRealism", "covariance"): ["diagonal", "full"],
    ("ProceduralImage", "scene"): [
        "landscape",
        "portrait",
        "landscape-woodcut",
        "landscape-neon",
        "portrait-comic",
        "landscape-ink",
        "portrait-watercolour",
    ],
    ("ConvertLatent", "space"): ["style_space", "w_plus"],
    ("PreviewFeatures", "view"): ["principal_colours", "energy", "channels", "shares", "rgb_so_far"],
    ("ProceduralImage", "size"): ["64", "128", "256", "512"],
    ("SaveAnimation", "format"): ["webp", "png", "gif"],
    ("SaveCanvas", "format"): ["png", "tiff"],
}
CATEGORIES = {
    "load": {"LoadStyleGAN", "LoadLatent"},
    "latents": {
        "SampleLatent",
        "SampleLatentSequence",
        "SampleLatentGrid",
        "JoinLatents",
        "JoinMany",
        "SelectLatents",
        "InterpolateLatents",
        "LatentWalk",
        "ConvertLatent",
    },
    "features": {"GetFeatures", "PanoramaFeatures", "GridFeatures", "StitchFeatures", "StitchMany", "PreviewFeatures"},
    "edit": {
        "InterpolateFeatures",
        "ShiftBlend",
        "PadExpand",
        "TransformFeatures",
        "RegionMask",
        "MixStyles",
        "EditLatent",
        "TruncateLatent",
        "LatentRealism",
        "AnimateValue",
    },
    "pictures": {"InvertImage", "AlignFace", "SquareCrop", "PasteBack", "ProceduralImage"},
    "output": {"Render", "PanImage", "SaveAnimation", "SaveCanvas", "SaveLatent"},
}
ALIASES = {"SaveStyleGANLatent": "SaveLatent", "LoadStyleGANLatent": "LoadLatent"}


def declared(class_id: str) -> dict:
    types = NODE_CLASS_MAPPINGS[class_id].INPUT_TYPES()
    return {**types.get("required", {}), **types.get("optional", {})}


def test_the_ids():
    assert set(NODE_CLASS_MAPPINGS) == set(CONTRACT) | set(ALIASES)
    # The display name of an id that ComfyUI's own node keeps would rename that node.
    assert set(NODE_DISPLAY_NAME_MAPPINGS) == (set(CONTRACT) | set(ALIASES)) - set(ALIASES.values())
    for alias, class_id in ALIASES.items():
        assert NODE_CLASS_MAPPINGS[alias] is NODE_CLASS_MAPPINGS[class_id]


@pytest.mark.parametrize("class_id", CONTRACT)
def test_inputs_and_outputs(class_id):
    expected, outputs = CONTRACT[class_id]
    found = declared(class_id)
    assert list(found) == list(expected)
    for name, default in expected.items():
        if default is not ...:
            assert found[name][1]["default"] == default and type(found[name][1]["default"]) is type(default)
    node = NODE_CLASS_MAPPINGS[class_id]
    assert dict(zip(node.RETURN_NAMES, node.RETURN_TYPES, strict=True)) == outputs
    assert list(node.INPUT_TYPES().get("optional", {})) == [
        name for name in expected if name in OPTIONAL | ADDED.get(class_id, set())
    ]


@pytest.mark.parametrize("class_id", CONTRACT)
def test_the_function_has_the_declared_defaults(class_id):
    node = NODE_CLASS_MAPPINGS[class_id]
    parameters = inspect.signature(getattr(node, node.FUNCTION)).parameters
    takes_lists = getattr(node, "INPUT_IS_LIST", False)
    for name, default in CONTRACT[class_id][0].items():
        if default is not ...:
            assert parameters[name].default == ((default,) if takes_lists else default)


@pytest.mark.parametrize("class_id", GROWING)
def test_inputs_that_grow(class_id):
    grows = NODE_CLASS_MAPPINGS[class_id].GROWS
    assert (grows.name, grows.names()[0], grows.names()[-1]) == GROWING[class_id]
    assert {name for name, node in NODE_CLASS_MAPPINGS.items() if hasattr(node, "GROWS")} == set(GROWING)


@pytest.mark.parametrize("class_id", CONTRACT)
def test_everything_is_explained(class_id):
    node = NODE_CLASS_MAPPINGS[class_id]
    assert len(node.DESCRIPTION) > 20
    assert len(node.OUTPUT_TOOLTIPS) == len(node.RETURN_TYPES)
    for name, (_, options) in declared(class_id).items():
        assert len(options["tooltip"]) > 5, name


def test_the_tree_of_categories():
    found = {class_id: NODE_CLASS_MAPPINGS[class_id].CATEGORY for class_id in CONTRACT}
    assert found == {
        class_id: f"StyleGAN (SOAT)/{part}" for part, class_ids in CATEGORIES.items() for class_id in class_ids
    }


@pytest.mark.parametrize("class_id", NODE_DISPLAY_NAME_MAPPINGS)
def test_every_node_is_found_by_words_people_use(class_id):
    words = NODE_CLASS_MAPPINGS[class_id].SEARCH_ALIASES
    own = [word for word in words if word not in PACK_WORDS]
    assert 3 <= len(own) <= 8 and len(words) == len(own) + len(PACK_WORDS)
    assert len({word.lower() for word in words}) == len(words)
    names = f"{class_id} {NODE_DISPLAY_NAME_MAPPINGS[class_id]}".lower()
    assert not [word for word in words if word.lower() in names]


@pytest.mark.parametrize(("place", "options"), CHOICES.items(), ids=lambda x: str(x)[:40])
def test_choices(place, options):
    class_id, name = place
    assert declared(class_id)[name][0] == options


SEEDS = [
    (class_id, options)
    for class_id in CONTRACT
    for name, (_, options) in declared(class_id).items()
    if name.endswith("seed")
]


def test_seeds_are_as_large_as_those_of_comfyuis_samplers():
    """So that one primitive may feed both."""
    assert len(SEEDS) == 8 and {options["max"] for _, options in SEEDS} == {0xFFFFFFFFFFFFFFFF}


@pytest.mark.parametrize(("class_id", "options"), SEEDS, ids=[class_id for class_id, _ in SEEDS])
def test_a_seed_stays_until_the_user_wants_otherwise(class_id, options):
    """ComfyUI's frontend changes any input of these names after each run if nothing is declared."""
    assert options["control_after_generate"] == "fixed"


def test_what_few_need_is_advanced():
    found = {
        class_id: [name for name, (_, options) in declared(class_id).items() if options.get("advanced")]
        for class_id in CONTRACT
    }
    assert {class_id: names for class_id, names in found.items() if names} == {
        "InvertImage": [
            "learning_rate",
            "perceptual_weight",
            "mse_weight",
            "candidates",
            "covariance",
            "patience",
            "noise_maps",
            "network",
            "at_once",
        ],
        "RegionMask": ["falloff", "resolution"],
        "AnimateValue": ["easing"],
        "SaveCanvas": ["tile_size"],
    }


def test_layers():
    layers = declared("GetFeatures")["layer"][0]
    assert layers[:3] == ["b4.conv1", "b8.conv0", "b8.conv1"] and "b1024.conv1" in layers
    styles = declared("MixStyles")["first_layer"][0]
    assert styles[:5] == ["b4.conv1", "b4.torgb", "b8.conv0", "b8.conv1", "b8.torgb"] and "b1024.torgb" in styles


def test_random_noise_is_a_value_of_its_seed_and_runs_nothing_anew():
    for class_id in ("GetFeatures", "PanoramaFeatures", "GridFeatures"):
        assert not hasattr(NODE_CLASS_MAPPINGS[class_id], "IS_CHANGED")
