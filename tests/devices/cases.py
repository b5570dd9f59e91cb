"""What each node is run with: small inputs that reach all that it can do. The other files say where they lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from making import Maker
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import Latent
from soat.soat_backend.optimise import searchable
from soat.soat_backend.pictures.photos import square_crop

EXACT, HALF, BFLOAT16 = 1e-5, 5e-3, 4e-2
ONE_STEP = 1.01 / 255  # Of pixels, which are rounded either way.
# Searches amplify what rounding leaves; what they find is as good.
SEARCHED = 1e-2


@dataclass(frozen=True)
class Case:
    """One run of a node.

    Attributes:
        node: Its id.
        name: What is peculiar to this one.
        inputs: Makes them.
        tolerance: How far a value may be off, as a part of the range.
    """

    node: str
    name: str
    inputs: Callable[[Maker], dict[str, Any]]
    tolerance: float = EXACT

    def __str__(self) -> str:
        return f"{self.node}-{self.name}"


def _with(make: Callable[[Maker], dict[str, Any]], **more: Any) -> Callable[[Maker], dict[str, Any]]:
    return lambda m: {**make(m), **more}


def _generator(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator()}


def _codes(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator(), "latent": m.latent()}


def _examples(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator(), "latents": m.latent(3, 4), "others": m.latent(20, 5)}


def _style_codes(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator(), "latent": m.styles()}


def _walked(m: Maker) -> dict[str, Any]:
    return {"latent": m.latent()}


def _classes(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator(c_dim=3, name="classes")}


def _of_a_part(m: Maker) -> dict[str, Any]:
    return {**_codes(m), "method": "region", "mask": m.mask()[:1]}


def _features(m: Maker, **more: Any) -> dict[str, Any]:
    return {"features": m.features(**more)}


def _transparent(m: Maker) -> Generator:
    """Of wide pictures with alpha, with shortcuts."""
    return m.generator(constant=(3, 5), img_channels=4, block_architecture="resnet")


def _people(m: Maker) -> Generator:
    """Of tall grey pictures, whose last layer makes the colours."""
    return m.generator(constant=(4, 2), img_channels=1, block_architecture="orig")


def _plain(m: Maker) -> Generator:
    """Of square pictures in colours that the last layer makes, without shortcuts."""
    return m.generator(block_architecture="orig")


def _translated(m: Maker, kind: str = "short", layer: str = "input", **more: Any) -> dict[str, Any]:
    """Features of a StyleGAN3: as a rule of places, which are made anew."""
    return {"features": m.features(layer=layer, generator=m.alias_free(kind), **more)}


def _translated_codes(m: Maker, kind: str = "short", count: int = 2, **more: Any) -> dict[str, Any]:
    generator = m.alias_free(kind, **more)
    return {"generator": generator, "latent": m.latent(count=count, generator=generator), "layer": "input"}


def _two_translated(m: Maker, kind: str = "short", layer: str = "input") -> dict[str, Any]:
    generator = m.alias_free(kind)
    a, b = (m.features(seed, layer, generator=generator) for seed in (1, 2))
    return {"features_a": a, "features_b": b}


def _codes_of(m: Maker, generator: Generator) -> dict[str, Any]:
    return {"generator": generator, "latent": m.latent(generator=generator)}


def _styled(m: Maker) -> dict[str, Any]:
    generator = m.alias_free()
    return {"generator": generator, "latent": m.styles(generator=generator), "layer": "L1"}


def _of_two_translated(m: Maker) -> dict[str, Any]:
    a, b = (m.features(seed, "L2", generator=m.alias_free(seed=seed)) for seed in (0, 1))
    return {"features_a": a, "features_b": b, "shape": "left_to_right"}


def _turning_inversion(m: Maker, kind: str = "short") -> dict[str, Any]:
    return {"generator": m.alias_free(kind), "image": m.image(), "steps": 2, "candidates": 2}


def _two_features(m: Maker) -> dict[str, Any]:
    return {"features_a": m.features(1, count=2), "features_b": m.features(2, count=2)}


def _two_generators(m: Maker) -> dict[str, Any]:
    a, b = (m.features(seed, generator=m.generator(seed)) for seed in (0, 1))
    return {"features_a": a, "features_b": b}


def _merged(m: Maker, **more: Any) -> dict[str, Any]:
    a, b = (m.generator(seed, **more) for seed in (0, 1))
    return {"generator_a": a, "generator_b": b, "first_layer": "b8.conv0", "last_layer": "b16.conv1"}


def _fitted(m: Maker) -> dict[str, Any]:
    """A generator as a search changes it."""
    with torch.inference_mode(False):
        fitted = searchable(m.generator(), copy_weights=True)
    return {"generator": fitted, "licence": "CC BY 4.0", "notes": "fitted"}


_POINTS = '[{"from": [0.5, 0.5], "to": [0.6, 0.4]}, {"from": [0.2, 0.3], "to": [0.2, 0.3]}]'


def _dragged(m: Maker) -> dict[str, Any]:
    return {**_codes(m), "points": _POINTS, "steps": 2, "frames": 3}


def _two_latents(m: Maker) -> dict[str, Any]:
    return {"latent_a": m.latent(1), "latent_b": m.latent(2)}


def _two_style_codes(m: Maker) -> dict[str, Any]:
    return {"latent_a": m.styles(1), "latent_b": m.styles(2)}


def _row_of_features(m: Maker) -> dict[str, Any]:
    a, b = (m.features(seed, generator=m.generator(seed)) for seed in (0, 1))
    return {"features.features0": a, "features.features2": b, "features.features10": a}


def _three_latents(m: Maker) -> dict[str, Any]:
    return {f"latents.latent{number}": m.latent(number) for number in range(3)}


def _picture(m: Maker) -> dict[str, Any]:
    return {"image": m.image(40, 60)}


def _pasted(m: Maker) -> dict[str, Any]:
    image = m.image(40, 60)
    return {"image": image, "edited": 1.0 - m.image(), "crop": [square_crop(60, 40, size=0.7)]}


def _inversion(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator(), "image": m.image(), "steps": 3, "candidates": 2}


def _stylizing(m: Maker) -> dict[str, Any]:
    return {"generator": m.generator(), "image": m.image(), "steps": 2, "inversion_steps": 1}


def _of(node: str, *named: tuple[str, Callable[[Maker], dict[str, Any]]], tolerance: float = EXACT) -> list[Case]:
    return [Case(node, name, make, tolerance) for name, make in named]


def _each(
    node: str,
    make: Callable[[Maker], dict[str, Any]],
    choice: str,
    options: tuple[str, ...],
    tolerance: float = EXACT,
    **more: Any,
) -> list[Case]:
    """One for each option of a choice."""
    return [Case(node, option, _with(make, **{choice: option}, **more), tolerance) for option in options]


def _by_dtype(node: str, name: str, make: Callable[..., dict[str, Any]]) -> list[Case]:
    return [
        Case(node, f"{name}-float16", partial(make, dtype=torch.float16), HALF),
        Case(node, f"{name}-bfloat16", partial(make, dtype=torch.bfloat16), BFLOAT16),
    ]


_DEMO = "demo/landscape_256.safetensors"

CASES = [
    *_each("LoadStyleGAN", lambda m: {"checkpoint": _DEMO}, "precision", ("float32", "bfloat16", "float16", "tf32")),
    *_of(
        "SampleLatent",
        ("plain", _with(_generator, batch_size=3)),
        ("cutoff", _with(_generator, truncation_cutoff=2, rng="torch")),
        ("class", _with(_classes, class_idx=1)),
    ),
    *_of("SampleLatentSequence", ("plain", _generator), ("class", _with(_classes, class_idx=2, loop=False))),
    *_of("SampleLatentGrid", ("plain", _generator), ("class", _with(_classes, class_idx=0, loop_y=True))),
    *_each("GetFeatures", _codes, "noise_mode", ("const", "random", "none"), layer="b16.conv1"),
    *_of(
        "GetFeatures",
        ("first-layer", _codes),
        ("last-layer", _with(_codes, layer="b1024.conv1")),
        ("doubling", _with(_codes, layer="b16.conv0")),
        ("styles", _with(_style_codes, layer="b8.conv1")),
        ("z", lambda m: {"generator": m.generator(), "latent": Latent("z", (torch.ones(2, 16),), "0" * 32, 32)}),
        ("class", lambda m: {**_classes(m), "latent": m.latent(generator=_classes(m)["generator"], class_idx=1)}),
    ),
    *_by_dtype(
        "GetFeatures",
        "b16",
        lambda m, dtype: {"generator": m.generator(dtype=dtype), "latent": m.latent(), "layer": "b16.conv1"},
    ),
    *_each("InterpolateFeatures", _two_features, "shape", ("constant", "left_to_right", "top_to_bottom"), alpha=0.6),
    *_of(
        "InterpolateFeatures",
        ("two-generators", _with(_two_generators, shape="left_to_right", first_layer="b8.conv0")),
        ("mask", lambda m: {**_two_features(m), "mask": m.mask()}),
        ("masks", lambda m: {**_two_features(m), "mask": m.mask(2)}),
    ),
    *_each("MergeGenerators", _merged, "method", ("swap", "average", "curve"), strength=0.7, mapping="blend"),
    *_of(
        "MergeGenerators",
        ("whole", _with(_merged, mapping="b")),
        ("bfloat16", partial(_merged, dtype=torch.bfloat16)),
        ("shortcuts", partial(_merged, block_architecture="resnet")),
        (
            "alias-free",
            lambda m: {"generator_a": m.alias_free(), "generator_b": m.alias_free(seed=1), "method": "curve"},
        ),
    ),
    *_each("SaveStyleGAN", _generator, "weights", ("as they are", "float16", "bfloat16")),
    *_of(
        "SaveStyleGAN",
        ("fitted", _fitted),
        ("alias-free", lambda m: {"generator": m.alias_free()}),
    ),
    *_of(
        "ShiftBlend",
        ("box", _features),
        ("wrap", lambda m: {"features": m.canvas(), "wrap": True, "shift_y": 0.2}),
        ("shapes-only", _with(_features, edit_rgb_skip=False)),
        ("mask", lambda m: {**_features(m), "mask": m.mask()}),
        ("mask-shapes-only", lambda m: {**_features(m), "mask": m.mask(), "edit_rgb_skip": False}),
        ("two-generators", lambda m: {"features": m.blend(), "edit_rgb_skip": False}),
    ),
    *_each("PadExpand", _features, "mode", ("reflect", "replicate", "circular", "zeros", "stretch"), top=0.25),
    *_of(
        "PadExpand",
        ("two-generators", lambda m: {"features": m.blend(), "mode": "zeros"}),
        ("random-noise", _with(partial(_features, noise_mode="random"), mode="circular")),
    ),
    *_each("StitchFeatures", _two_features, "direction", ("horizontal", "vertical")),
    *_of(
        "StitchFeatures",
        ("two-generators", _with(_two_generators, blend_width=0.5)),
        ("hard", _with(_two_features, blend_width=0.0)),
    ),
    *_each("StitchMany", _row_of_features, "direction", ("horizontal", "vertical"), blend_width=0.5),
    *_of(
        "StitchMany",
        ("wrap", _with(_row_of_features, wrap=True)),
        ("one", lambda m: {"features.features1": m.features()}),
    ),
    *_of(
        "PanoramaFeatures",
        ("plain", _codes),
        ("wrap", _with(_codes, wrap=True, layer="b8.conv1", blend_width=2.0)),
        ("random-noise", _with(_codes, wrap=True, noise_mode="random")),
    ),
    *_of(
        "GridFeatures",
        ("plain", lambda m: {"generator": m.generator(), "latent": m.latent(1, 4), "columns": 2}),
        (
            "wrap",
            lambda m: {
                "generator": m.generator(),
                "latent": m.latent(1, 4),
                "columns": 2,
                "wrap_x": True,
                "wrap_y": True,
            },
        ),
    ),
    *_of(
        "MixStyles",
        ("rows", _with(_two_latents, first_layer="b8.conv0")),
        ("styles", _with(_two_style_codes, strength=0.5)),
    ),
    *_each("InterpolateLatents", _two_latents, "method", ("lerp", "slerp"), steps=3),
    *_of("InterpolateLatents", ("styles", _two_style_codes)),
    *_each("LatentWalk", _walked, "method", ("spline", "lerp", "slerp"), frames=5),
    *_of("SelectLatents", ("some", _with(_walked, items="1, 0, 1"))),
    *_of("JoinLatents", ("two", _two_latents), ("styles", _two_style_codes)),
    *_of("JoinMany", ("three", _three_latents), ("one", lambda m: {"latents.latent4": m.styles()})),
    *_each("ConvertLatent", _codes, "space", ("style_space", "w_plus")),
    *_of("TruncateLatent", ("rows", _with(_codes, last_layer="b8.torgb")), ("styles", _style_codes)),
    *_each("EditLatent", _codes, "method", ("sefa", "pca_w", "pca_style_space"), component=1),
    *_of(
        "EditLatent",
        ("as-found", _with(_codes, unit="as found")),
        ("styles", _with(_style_codes, method="sefa", first_layer="b8.conv0")),
        ("styles-pca", _with(_style_codes, method="pca_style_space")),
        ("file", lambda m: {**_codes(m), "method": "file", "file": m.direction_file(), "component": 2}),
        ("class", lambda m: {**_classes(m), "latent": m.latent(generator=_classes(m)["generator"], class_idx=1)}),
    ),
    *_of("EditLatent", ("region", _of_a_part), tolerance=SEARCHED),
    *_of("EditLatent", ("direction", lambda m: {**_codes(m), "method": "direction", "direction": m.direction()})),
    *_each("LearnDirection", _examples, "method", ("ridge", "mean_difference")),
    *_of(
        "LearnDirection",
        ("scores", lambda m: {**_generator(m), "latents": m.latent(count=6), "scores": "1, 2, 0, 0.5, -1, 3"}),
        ("alone", _with(_examples, others=None)),
        ("mixed", lambda m: {**_examples(m), "others": m.styles(9, 3)}),
        ("alias-free", lambda m: {"generator": m.alias_free(), "latents": m.latent(generator=m.alias_free())}),
    ),
    *_of("SaveDirection", ("pca", lambda m: {"direction": m.direction()})),
    *_each("DragPoints", _dragged, "method", ("track", "line"), tolerance=SEARCHED),
    *_of(
        "DragPoints",
        ("styles", lambda m: {**_dragged(m), "latent": m.styles()}),
        ("mask", lambda m: {**_dragged(m), "mask": m.mask()}),
        tolerance=SEARCHED,
    ),
    *_of(
        "GuessLatent",
        ("few", lambda m: {**_generator(m), "image": m.image(), "samples": 50}),
        ("alias-free", lambda m: {"generator": m.alias_free(), "image": m.image(), "samples": 50}),
        tolerance=SEARCHED,
    ),
    *_each("LatentRealism", _codes, "covariance", ("diagonal", "full"), max_sigmas=0.2),
    *_of("LatentRealism", ("styles", _with(_style_codes, max_sigmas=0.3)), ("measured", _with(_codes, max_sigmas=0.0))),
    *_each("PreviewFeatures", _features, "view", ("principal_colours", "energy", "channels", "shares", "rgb_so_far")),
    *_of(
        "PreviewFeatures",
        ("two-generators", lambda m: {"features": m.blend(), "view": "shares"}),
        ("canvas", lambda m: {"features": m.canvas(), "view": "shares"}),
        ("blended-colours", lambda m: {"features": m.blend(), "view": "rgb_so_far"}),
        ("no-colours", lambda m: {**_features(m, generator=_people(m)), "view": "rgb_so_far"}),
    ),
    *_of(
        "TransformFeatures",
        ("turned", _with(_features, rotate=20.0, scale=1.2, translate_x=0.1)),
        ("mirrored", _with(_features, flip_horizontal=True, channels="0:4")),
        ("mask", lambda m: {**_features(m), "scale": 0.7, "border": "circular", "mask": m.mask()}),
        ("replicated", _with(_features, rotate=45.0, border="replicate")),
        ("canvas", lambda m: {"features": m.canvas(), "rotate": 10.0}),
    ),
    *_each("TransformFeatures", _features, "bend", ("gain", "invert", "dilate", "erode", "threshold"), channels="1, 3"),
    *_of(
        "WarpFeatures",
        ("pulled", _with(_features, points=_POINTS)),
        ("mask", lambda m: {**_features(m), "points": _POINTS, "mask": m.mask()}),
        ("canvas", lambda m: {"features": m.canvas(), "points": _POINTS, "amount": -0.5}),
        ("two-generators", lambda m: {"features": m.blend(), "points": _POINTS}),
        ("alias-free", lambda m: {**_translated(m), "points": _POINTS}),
    ),
    *_of(
        "TransformFeatures",
        ("bend-mask", lambda m: {**_features(m), "bend": "dilate", "bend_amount": 2.0, "mask": m.mask()}),
    ),
    *_of(
        "Render",
        ("plain", partial(_features, count=2)),
        ("const", lambda m: _features(m, layer="b4.conv1", noise_mode="const")),
        ("random-noise", partial(_features, count=2, noise_mode="random")),
        ("tiled", lambda m: {"features": m.canvas(), "tile_size": 32}),
        ("canvas", lambda m: {"features": m.canvas(wrap=False)}),
        ("two-generators", lambda m: {"features": m.blend()}),
        ("blend-tiled", lambda m: {"features": m.blend(mask=m.mask()[:, None]), "tile_size": 32}),
        ("transparent", lambda m: _features(m, layer="b8.conv0", generator=_transparent(m))),
        ("transparent-tiled", lambda m: {**_features(m, generator=_transparent(m)), "tile_size": 16}),
        ("grey", lambda m: _features(m, count=2, generator=_people(m))),
    ),
    *_by_dtype("Render", "plain", lambda m, dtype: _features(m, generator=m.generator(dtype=dtype))),
    *_by_dtype("Render", "two-generators", lambda m, dtype: {"features": m.blend(dtype)}),
    *_each("SaveCanvas", lambda m: {"features": m.canvas()}, "format", ("png", "tiff"), ONE_STEP, tile_size=32),
    *_of(
        "SaveCanvas",
        ("two-generators", lambda m: {"features": m.blend()}),
        ("transparent", lambda m: _features(m, generator=_transparent(m))),
        tolerance=ONE_STEP,
    ),
    *_each("RegionMask", lambda m: {}, "shape", ("box", "ellipse"), resolution=16),
    *_of(
        "RegionMask",
        ("combined", lambda m: {"mask": m.mask(), "combine": "intersect", "resolution": 24, "falloff": "gaussian"}),
    ),
    *_of("AnimateValue", ("plain", lambda m: {"frames": 4})),
    *_of(
        "AudioValue",
        *((what, lambda m, what=what: {"audio": m.sound(), "what": what}) for what in ("loudness", "onsets")),
        ("band", lambda m: {"audio": m.sound(), "what": "band", "high_hz": 600.0, "smoothing": 0.1, "attack": 0.1}),
        ("chroma", lambda m: {"audio": m.sound(), "what": "chroma", "level": "absolute", "frames": 5}),
    ),
    *_of(
        "RenderWalk",
        ("mp4", lambda m: {"features": m.film(), "audio": [m.sound()]}),
        tolerance=ONE_STEP,
    ),
    *_of("ProceduralSound", ("plain", lambda m: {"seconds": 0.5})),
    *_of("LatentWalk", ("position", lambda m: {**_walked(m), "position": 0.4})),
    *_of("PanImage", ("plain", _with(_picture, frames=3)), ("fraction", _with(_picture, frames=5, length=17))),
    *_of("SaveAnimation", ("png", lambda m: {"images": [m.image(8, 8, 3)], "format": ["png"]})),
    *_of(
        "SaveStyleGANLatent", ("rows", lambda m: {"latent": m.latent()}), ("styles", lambda m: {"latent": m.styles()})
    ),
    *_of("LoadStyleGANLatent", ("styles", lambda m: {"latent": m.latent_file()})),
    *_of("AlignFace", ("plain", lambda m: {"image": m.photo(), "size": 64})),
    *_of(
        "SquareCrop",
        ("plain", _with(_picture, size=32, square=0.8)),
        ("enlarged", _with(_picture, size=64)),
        ("tall", _with(_picture, size=32, aspect=0.5)),
    ),
    *_of(
        "PasteBack",
        ("plain", _pasted),
        ("mask", lambda m: {**_pasted(m), "mask": m.mask()}),
        ("tall", lambda m: {**_pasted(m), "edited": m.image(32, 16), "crop": [square_crop(60, 40, aspect=0.5)]}),
    ),
    *_of("ProceduralImage", ("plain", lambda m: {"size": "64"})),
    *_of("StylizeGenerator", ("quick", _stylizing), tolerance=SEARCHED),
    *_each("InvertImage", _inversion, "space", ("style_space", "w_plus", "w"), tolerance=SEARCHED, covariance="full"),
    *_of(
        "InvertImage",
        ("noise-maps", _with(_inversion, noise_maps=True)),
        ("tuned", _with(_inversion, tune_steps=2)),
        ("mask", lambda m: {**_inversion(m), "mask": m.mask()}),
        ("init", lambda m: {**_inversion(m), "init": m.latent(count=1)}),
        ("init-w_plus", lambda m: {**_inversion(m), "init": m.latent(count=1), "space": "w_plus"}),
        ("at-once", lambda m: {**_inversion(m), "image": m.image(48, 48, 2), "at_once": 2}),
        ("class", lambda m: {**_inversion(m), **_classes(m)}),
        ("bfloat16", lambda m: {**_inversion(m), "generator": m.generator(dtype=torch.bfloat16)}),
        ("transparent", lambda m: {**_inversion(m), "generator": _transparent(m), "image": m.image(48, 80)}),
        ("grey", lambda m: {**_inversion(m), "generator": _people(m), "image": m.image(40, 20), "tune_steps": 2}),
        ("base", _with(_inversion, steps=8, base_layer="b8.conv1")),
        ("base-wide", lambda m: {**_inversion(m), "image": m.image(48, 96), "steps": 8, "base_layer": "b8.conv1"}),
        ("base-tuned", _with(_inversion, steps=8, base_layer="b16.conv0", noise_maps=True, tune_steps=2)),
        (
            "base-bfloat16",
            lambda m: {**_inversion(m), "generator": m.generator(dtype=torch.bfloat16), "base_layer": "b8.conv1"},
        ),
        ("base-alias-free", lambda m: {**_inversion(m), "generator": m.alias_free(), "base_layer": "L1"}),
        tolerance=SEARCHED,
    ),
    *_of(
        "SetStyles",
        ("one", lambda m: {"features": m.features(count=2), "latent": m.latent(9, 1)}),
        ("each", lambda m: {"features": m.features(count=2), "latent": m.styles()}),
        ("canvas", lambda m: {"features": m.canvas(2), "latent": m.latent()}),
    ),
    *_of("SaveFeatures", ("plain", _features), ("canvas", lambda m: {"features": m.canvas()})),
    *_of("LoadFeatures", ("plain", lambda m: {"generator": m.generator(), "features": m.features_file()})),
]
# Of a StyleGAN3: T, and R, whose filters are radial and whose places turn.
CASES += [
    *_of(
        "SampleLatent",
        ("alias-free", lambda m: {"generator": m.alias_free()}),
    ),
    *_of(
        "GetFeatures",
        ("alias-free", _translated_codes),
        ("alias-free-r", _with(partial(_translated_codes, kind="r"), layer="L3")),
        ("alias-free-last", _with(partial(_translated_codes, kind="steep"), layer="b1024.conv1")),
        ("alias-free-styles", _styled),
    ),
    *_by_dtype("GetFeatures", "alias-free", lambda m, dtype: {**_translated_codes(m, dtype=dtype), "layer": "L3"}),
    *_of(
        "InterpolateFeatures",
        ("alias-free", _with(_two_translated, shape="left_to_right", alpha=0.6)),
        ("alias-free-r", _with(partial(_two_translated, kind="r", layer="L2"), alpha=0.6)),
        ("alias-free-mask", lambda m: {**_two_translated(m), "mask": m.mask()}),
        ("alias-free-two-generators", _of_two_translated),
    ),
    *_of(
        "ShiftBlend",
        ("alias-free", partial(_translated, layer="L2")),
        ("alias-free-input", partial(_translated, kind="r")),
    ),
    *_of(
        "PadExpand",
        ("alias-free-continue", _with(_translated, mode="continue", top=0.25)),
        ("alias-free-continue-r", _with(partial(_translated, kind="r", layer="L3"), mode="continue", bottom=0.5)),
        (
            "alias-free-continue-canvas",
            lambda m: {
                "features": m.canvas(2, True, m.alias_free(), "input"),
                "mode": "continue",
                "left": 0.0,
                "right": 0.0,
                "top": 0.5,
            },
        ),
        ("alias-free-reflect", partial(_translated, layer="L2")),
        ("alias-free-zeros", _with(partial(_translated, kind="r", layer="L2"), mode="zeros")),
    ),
    *_of(
        "TransformFeatures",
        ("alias-free-turn", _with(partial(_translated, kind="r"), rotate=30.0)),
        ("alias-free-move", _with(_translated, translate_x=0.3, translate_y=-0.1)),
        ("alias-free-scale", _with(_translated, scale=1.4)),
        ("alias-free-map", _with(partial(_translated, layer="L2"), rotate=30.0)),
        ("alias-free-mask", lambda m: {**_translated(m), "rotate": 30.0, "mask": m.mask()}),
    ),
    *_of(
        "PanoramaFeatures",
        ("alias-free", partial(_translated_codes, kind="r")),
        ("alias-free-wrap", _with(_translated_codes, wrap=True)),
        ("alias-free-wrap-later", _with(_translated_codes, wrap=True, layer="L2")),
    ),
    *_of("GridFeatures", ("alias-free", _with(partial(_translated_codes, count=4), columns=2, wrap_y=True))),
    *_of("StitchFeatures", ("alias-free", _with(_two_translated, direction="vertical"))),
    *_of(
        "MergeGenerators",
        (
            "alias-free-r",
            lambda m: {
                "generator_a": m.alias_free("r"),
                "generator_b": m.alias_free("r", 1),
                "first_layer": "L1",
                "last_layer": "L3",
            },
        ),
    ),
    *_of(
        "SaveStyleGAN",
        (
            "alias-free-float16",
            lambda m: {"generator": m.alias_free("r"), "weights": "float16", "licence": "CC BY 4.0"},
        ),
        ("resnet", lambda m: {"generator": _transparent(m)}),
        ("orig", lambda m: {"generator": _people(m)}),
    ),
    *_of(
        "Render",
        ("alias-free", partial(_translated, count=2)),
        ("alias-free-r", partial(_translated, kind="r", layer="L3")),
        ("alias-free-tiled", lambda m: {"features": m.canvas(4, False, m.alias_free(), "input"), "tile_size": 32}),
        ("alias-free-wrap-tiled", lambda m: {"features": m.canvas(4, True, m.alias_free(), "L2"), "tile_size": 32}),
        ("orig", lambda m: _features(m, generator=_plain(m))),
        ("canvas-people", lambda m: {"features": m.canvas(3, True, _people(m))}),
    ),
    *_by_dtype("Render", "alias-free", lambda m, dtype: _features(m, layer="L2", generator=m.alias_free(dtype=dtype))),
    *_of(
        "SaveCanvas",
        ("alias-free", lambda m: {"features": m.canvas(4, True, m.alias_free(), "input"), "tile_size": 32}),
        tolerance=ONE_STEP,
    ),
    *_of(
        "PreviewFeatures",
        ("alias-free", partial(_translated, layer="L3")),
        ("alias-free-energy", _with(_translated, view="energy")),
    ),
    *_of(
        "EditLatent",
        ("alias-free", lambda m: {**_codes_of(m, m.alias_free()), "method": "pca_style_space", "component": 1}),
    ),
    *_of(
        "InvertImage",
        ("alias-free", _turning_inversion),
        ("alias-free-r", _with(partial(_turning_inversion, kind="r"), tune_steps=2)),
        tolerance=SEARCHED,
    ),
]

# What a node is run with where nothing is said of it here: its defaults, and these on its wires.
_USUAL: dict[str, Callable[[Maker], Any]] = {
    "SOAT_GENERATOR": Maker.generator,
    "SOAT_LATENT": Maker.latent,
    "SOAT_FEATURES": Maker.features,
    "IMAGE": Maker.image,
    "MASK": Maker.mask,
}


def _usual(node: str, m: Maker) -> dict[str, Any]:
    required = NODE_CLASS_MAPPINGS[node].INPUT_TYPES()["required"]
    return {
        name: _USUAL[kind](m) for name, (kind, _) in required.items() if not isinstance(kind, list) and kind in _USUAL
    }


CASES += [
    Case(node, "usual", partial(_usual, node))
    for node in sorted(NODE_DISPLAY_NAME_MAPPINGS.keys() - {case.node for case in CASES})
]
