"""A picture for each node's help page: what the node really makes, on the bundled generators.

A node of which nothing is said here shows what it makes of some pictures by its defaults.

    python docs/help_pictures.py [ID ...]      # writes web/docs/images/ID.jpg; all of them without an id

Look at them before they are committed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.soat_backend.synthesis.feature_files import load_features, save_features

IMAGES = Path(__file__).resolve().parents[1] / "web" / "docs" / "images"
WIDTH, GAP, BACKGROUND = 640, 6, (24, 24, 24)
STITCHED = (36, 61, 9, 26, 18, 44)  # Seeds of pictures in a row.
LAYERS = [f"b{2**k}.conv1" for k in range(2, 7)]

Row = list[torch.Tensor]  # Images [H, W, 3] in [0, 1], of one height.
Points = list[tuple[list[float], list[float]]]  # Where each point is, and where it is to go.
PICTURES: dict[str, Callable[[], list[Row]]] = {}


def call(kind: str, **inputs: Any) -> Any:
    """What a node gives with its usual inputs and these; the first of its outputs."""
    with torch.inference_mode():
        node = NODE_CLASS_MAPPINGS[kind]()
        return getattr(node, node.FUNCTION)(**inputs)[0]


def generator(name: str = "landscape_256") -> Any:
    return call("LoadStyleGAN", checkpoint=f"demo/{name}.safetensors")


def codes(seed: int = 0, count: int = 1, own: Any = None, **more: Any) -> Any:
    return call("SampleLatent", generator=own or generator(), seed=seed, batch_size=count, **more)


def cut(seed: int = 0, layer: str = "b8.conv1", count: int = 1, own: Any = None) -> Any:
    own = own or generator()
    return call("GetFeatures", generator=own, latent=codes(seed, count, own), layer=layer)


def rendered(features: Any) -> Row:
    return list(call("Render", features=features))


def drawn(latent: Any, own: Any = None) -> Row:
    return rendered(call("GetFeatures", generator=own or generator(), latent=latent, layer="b4.conv1"))


def seen(features: Any, view: str = "principal_colours", **more: Any) -> torch.Tensor:
    return call("PreviewFeatures", features=features, view=view, **more)[0]


def grey(mask: torch.Tensor) -> torch.Tensor:
    return mask[..., None].expand(*mask.shape, 3)


def picture_of(kind: str) -> Callable[[Callable[[], list[Row]]], Callable[[], list[Row]]]:
    def register(make: Callable[[], list[Row]]) -> Callable[[], list[Row]]:
        PICTURES[kind] = make
        return make

    return register


@picture_of("LoadStyleGAN")
def _() -> list[Row]:
    names = ("landscape_256", "landscape_neon_256", "landscape_ink_256", "portrait_256", "portrait_comic_256")
    return [drawn(codes(20, 9, own), own) for own in map(generator, names)]


@picture_of("SampleLatent")
def _() -> list[Row]:
    own = generator("portrait_256")
    return [drawn(codes(20, 6, own, truncation_psi=psi), own) for psi in (0.4, 0.7, 1.0)]


@picture_of("SampleLatentSequence")
def _() -> list[Row]:
    own = generator()
    rows = (call("SampleLatentSequence", generator=own, seed=3, count=6, smoothness=each) for each in (0.3, 0.7, 1.5))
    return [drawn(latent) for latent in rows]


@picture_of("SampleLatentGrid")
def _() -> list[Row]:
    pictures = drawn(call("SampleLatentGrid", generator=generator(), seed=2, columns=6, rows=3))
    return [pictures[row * 6 : row * 6 + 6] for row in range(3)]


@picture_of("MergeGenerators")
def _() -> list[Row]:
    a, b = generator("portrait_256"), generator("portrait_comic_256")
    swaps = [merged(a, b, first_layer=f"b{side}.conv0") for side in (8, 16, 32)]
    day, neon = generator(), generator("landscape_neon_256")
    half, curve = (merged(day, neon, **how) for how in ({"method": "average", "strength": 0.5}, {"method": "curve"}))
    coarse = merged(day, neon, first_layer="b4.conv1", last_layer="b16.torgb")
    face, place = codes(20, 1, a), codes(23, 1, day)
    return [
        [drawn(face, own)[0] for own in (a, *reversed(swaps), b)],
        [drawn(place, own)[0] for own in (day, coarse, half, curve, neon)],
    ]


def merged(a: Any, b: Any, **how: Any) -> Any:
    return call("MergeGenerators", generator_a=a, generator_b=b, **how)


@picture_of("StylizeGenerator")
def _() -> list[Row]:
    own = generator("portrait_256")
    given = call("ProceduralImage", scene="portrait-watercolour", seed=1, size="256")
    with torch.inference_mode():
        made = NODE_CLASS_MAPPINGS["StylizeGenerator"]().stylize(own, given, 1.0, False, 150, 0)
    new, triptych = made[:2]
    _, plain, painted = triptych[0].split(256, dim=1)
    latent = codes(20, 4, own)
    return [[given[0], plain, *drawn(latent, own)[:4]], [given[0], painted, *drawn(latent, new)[:4]]]


@picture_of("SaveStyleGAN")
def _() -> list[Row]:
    names = ("portrait_256", "portrait_comic_256")
    own = merged(*map(generator, names), first_layer="b32.conv0")
    return [drawn(codes(20, 6, each), each) for each in (*map(generator, names), own)]


@picture_of("GetFeatures")
def _() -> list[Row]:
    own = generator("portrait_256")
    maps = [cut(23, layer, own=own) for layer in LAYERS]
    return [[*map(seen, maps), rendered(maps[0])[0]]]


@picture_of("PreviewFeatures")
def _() -> list[Row]:
    own = generator("portrait_256")
    features = cut(23, "b32.conv1", own=own)
    mixed = call(
        "InterpolateFeatures",
        features_a=cut(36, "b32.conv1"),
        features_b=cut(61, "b32.conv1"),
        shape="left_to_right",
    )
    views = [seen(features, view) for view in ("principal_colours", "energy", "channels", "rgb_so_far")]
    return [[*views, seen(mixed, "shares")]]


@picture_of("InterpolateFeatures")
def _() -> list[Row]:
    a, b = cut(36, "b4.conv1"), cut(61, "b4.conv1")
    steps = [call("InterpolateFeatures", features_a=a, features_b=b, alpha=k / 5) for k in range(6)]
    ramps = [
        call("InterpolateFeatures", features_a=a, features_b=b, shape=s) for s in ("left_to_right", "top_to_bottom")
    ]
    return [[rendered(each)[0] for each in steps], [rendered(each)[0] for each in (a, *ramps, b)]]


@picture_of("ShiftBlend")
def _() -> list[Row]:
    features = cut(26, "b8.conv1")
    region = {"x": 0.66, "y": 0.4, "width": 0.32, "height": 0.6, "shift_y": 0.0}
    shifts = [call("ShiftBlend", features=features, shift_x=x, **region) for x in (-0.25, -0.5)]
    return [[rendered(each)[0] for each in (features, *shifts)]]


@picture_of("PadExpand")
def _() -> list[Row]:
    features = cut(44, "b8.conv1")
    modes = [call("PadExpand", features=features, mode=mode) for mode in ("reflect", "replicate", "circular")]
    more = [call("PadExpand", features=features, mode=mode) for mode in ("zeros", "stretch")]
    return [[rendered(each)[0] for each in modes], [rendered(each)[0] for each in (*more, features)]]


@picture_of("StitchFeatures")
def _() -> list[Row]:
    a, b = cut(36, "b4.conv1"), cut(61, "b4.conv1")
    joined = [call("StitchFeatures", features_a=a, features_b=b, blend_width=each) for each in (0.0, 1.0)]
    return [[rendered(a)[0], rendered(b)[0]], [rendered(each)[0] for each in joined]]


@picture_of("StitchMany")
def _() -> list[Row]:
    maps = [cut(seed) for seed in STITCHED]
    row = call("StitchMany", **{f"features.features{number}": each for number, each in enumerate(maps)})
    return [[rendered(each)[0] for each in maps], rendered(row)]


@picture_of("PanoramaFeatures")
def _() -> list[Row]:
    own = generator()
    latent = call("SampleLatentSequence", generator=own, seed=32, count=6)
    return [drawn(latent), rendered(call("PanoramaFeatures", generator=own, latent=latent))]


@picture_of("GridFeatures")
def _() -> list[Row]:
    own = generator()
    latent = call("SampleLatentGrid", generator=own, seed=2, columns=6, rows=3)
    return [rendered(call("GridFeatures", generator=own, latent=latent, columns=6))]


@picture_of("TransformFeatures")
def _() -> list[Row]:
    features = cut(20, "b16.conv1", own=generator("portrait_256"))
    edits: list[dict[str, Any]] = [{"rotate": 20.0}, {"scale": 1.4}, {"flip_horizontal": True}, {"translate_x": 0.25}]
    bends: list[tuple[str, float]] = [
        ("gain", 1.6),
        ("invert", 0.6),
        ("dilate", 1.0),
        ("erode", 1.0),
        ("threshold", 0.5),
    ]
    placed = [call("TransformFeatures", features=features, **each) for each in edits]
    bent = [call("TransformFeatures", features=features, bend=bend, bend_amount=amount) for bend, amount in bends]
    return [[rendered(each)[0] for each in (features, *placed)], [rendered(each)[0] for each in bent]]


@picture_of("WarpFeatures")
def _() -> list[Row]:
    def pulled(seed: int, points: Points, **values: float) -> torch.Tensor:
        features = cut(seed, "b64.conv0")
        drags = [{"from": start, "to": end} for start, end in points]
        return rendered(call("WarpFeatures", features=features, points=json.dumps(drags), **values))[0]

    shore = [([x, 0.57], [x, 0.57]) for x in (0.05, 0.33, 0.65)]
    peak = [([0.33, 0.4], [0.36, 0.16]), *shore]
    both = [([0.26, 0.39], [0.3, 0.14]), ([0.26, 0.7], [0.3, 0.9]), ([0.26, 0.55], [0.26, 0.55])]
    return [
        [pulled(308, peak, amount=0.0), *(pulled(308, peak, radius=each) for each in (0.1, 0.25))],
        [pulled(343, both, amount=0.0), pulled(343, both, amount=0.5), pulled(343, both)],
    ]


@picture_of("RegionMask")
def _() -> list[Row]:
    box = call("RegionMask", shape="box", x=0.15, y=0.3, width=0.7, height=0.5, feather=0.0)
    soft = call("RegionMask", shape="ellipse", x=0.15, y=0.1, width=0.7, height=0.8, feather=0.25)
    hole = {"shape": "ellipse", "x": 0.3, "y": 0.35, "width": 0.4, "height": 0.4, "feather": 0.3}
    ring = call("RegionMask", **hole, combine="subtract", mask=soft)
    both = call("RegionMask", shape="ellipse", x=0.5, y=0.05, width=0.4, height=0.4, combine="add", mask=box)
    return [[grey(each[0]) for each in (box, soft, ring, both)]]


@picture_of("MixStyles")
def _() -> list[Row]:
    own = generator("portrait_256")
    a, b = codes(20, own=own), codes(21, own=own)
    ranges = [("b4.conv1", "b8.torgb"), ("b16.conv0", "b16.torgb"), ("b32.conv0", "b256.torgb")]
    mixed = [call("MixStyles", latent_a=a, latent_b=b, first_layer=one, last_layer=two) for one, two in ranges]
    return [[drawn(each, own)[0] for each in (a, *mixed, b)]]


@picture_of("InterpolateLatents")
def _() -> list[Row]:
    own = generator("portrait_256")
    return [drawn(call("InterpolateLatents", latent_a=codes(20, own=own), latent_b=codes(21, own=own), steps=7), own)]


@picture_of("LatentWalk")
def _() -> list[Row]:
    own = generator()
    return [drawn(codes(20, 3)), drawn(call("LatentWalk", latent=codes(20, 3, own), frames=4))]


@picture_of("JoinLatents")
def _() -> list[Row]:
    a, b = codes(20, 2), codes(40, 3)
    return [drawn(a), drawn(b), drawn(call("JoinLatents", latent_a=a, latent_b=b))]


@picture_of("JoinMany")
def _() -> list[Row]:
    latents = [codes(seed) for seed in STITCHED]
    joined = call("JoinMany", **{f"latents.latent{number}": each for number, each in enumerate(latents)})
    features = call("PanoramaFeatures", generator=generator(), latent=joined, wrap=True)
    return [drawn(joined), rendered(features)]


@picture_of("SelectLatents")
def _() -> list[Row]:
    batch = codes(20, 8)
    return [drawn(batch), drawn(call("SelectLatents", latent=batch, items="6, 0, 3, 1"))]


@picture_of("ConvertLatent")
def _() -> list[Row]:
    own = generator("portrait_256")
    latent = codes(20, 4, own)
    style = call("ConvertLatent", generator=own, latent=latent)
    return [[as_bars(latent.codes), *drawn(latent, own)], [as_bars(style.codes), *drawn(style, own)]]


def as_bars(values: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """The first code of a batch: a line of grey for each layer, as wide as the layer's numbers are many."""
    rows = [row.float() for tensor in values for row in (tensor[0] if tensor.dim() == 3 else tensor[:1])]
    widest = max(map(len, rows))
    sheet = torch.zeros(len(rows), widest)
    for index, row in enumerate(rows):
        sheet[index, : len(row)] = ((row - row.mean()) / row.std().clamp_min(1e-6) / 4 + 0.5).clamp(0, 1)
    square = torch.nn.functional.interpolate(sheet[None, None], size=(64, 64), mode="nearest")[0, 0]
    return grey(square)


@picture_of("SaveStyleGANLatent")
def _() -> list[Row]:
    own = generator("portrait_256")
    latent = codes(23, 1, own)
    return [[as_bars(latent.codes), *drawn(latent, own)]]


@picture_of("LoadStyleGANLatent")
def _() -> list[Row]:
    names = ("portrait_256", "portrait_comic_256")
    latent = codes(23, 1, generator(names[0]))
    return [[as_bars(latent.codes), *(drawn(latent, generator(name))[0] for name in names)]]


@picture_of("Render")
def _() -> list[Row]:
    own = generator("portrait_256")
    maps = [cut(23, layer, own=own) for layer in LAYERS]
    return [[*(seen(each, "rgb_so_far") for each in maps), rendered(maps[0])[0]]]


@picture_of("EditLatent")
def _() -> list[Row]:
    own = generator("portrait_256")
    rows = []
    for method, component in (("pca_w", 0), ("sefa", 0)):
        edit = {"generator": own, "latent": codes(23, 1, own), "method": method, "component": component}
        rows.append([drawn(call("EditLatent", strength=each, **edit), own)[0] for each in (-3.0, -1.5, 0.0, 1.5, 3.0)])
    return [*rows, of_a_part(own, "mouth"), of_a_part(own, "hair")]


# Where they are in the bundled portraits, as Region Mask is told.
PARTS = {
    "mouth": {"x": 0.35, "y": 0.64, "width": 0.3, "height": 0.14},
    "hair": {"x": 0.28, "y": 0.05, "width": 0.44, "height": 0.22},
    "eyes": {"x": 0.29, "y": 0.45, "width": 0.42, "height": 0.15},
}


def of_a_part(own: Any, part: str) -> Row:
    """A portrait, moved along the first direction of a part."""
    mask = call("RegionMask", shape="ellipse", feather=0.0, **PARTS[part])
    edit = {"generator": own, "latent": codes(23, 1, own), "method": "region", "mask": mask, "component": 0}
    return [drawn(call("EditLatent", strength=each, **edit), own)[0] for each in (-3.0, -1.5, 0.0, 1.5, 3.0)]


@picture_of("SaveDirection")
def _() -> list[Row]:
    own = generator("portrait_256")
    return [of_a_part(own, part) for part in PARTS]


# Of the first 36 seeds of landscape_256, as one picks them: with water, and without.
WATER, MEADOW = "1, 2, 3, 5, 8, 9, 13, 15, 17, 25, 33", "0, 4, 7, 10, 11, 14, 24, 26, 27, 34"


@picture_of("LearnDirection")
def _() -> list[Row]:
    """Some that were picked, and others; below, two pictures moved."""
    own = generator()
    batch = codes(0, 36, own)
    water, meadow = (call("SelectLatents", latent=batch, items=items) for items in (WATER, MEADOW))
    learnt = call("LearnDirection", generator=own, latents=water, others=meadow)
    rows = [drawn(water, own)[:8], drawn(meadow, own)[:8]]
    for seed in (1000, 1003):
        edit = {"generator": own, "latent": codes(seed, 1, own), "method": "direction", "direction": learnt}
        strengths = (-2.0, -1.5, -1.0, 0.0, 1.0, 1.5, 2.0)
        rows.append([drawn(call("EditLatent", strength=each, **edit), own)[0] for each in strengths])
    return rows


@picture_of("TruncateLatent")
def _() -> list[Row]:
    own = generator("portrait_256")
    latent = codes(42, 1, own, truncation_psi=1.0)
    psis = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
    return [[drawn(call("TruncateLatent", generator=own, latent=latent, truncation_psi=psi), own)[0] for psi in psis]]


@picture_of("LatentRealism")
def _() -> list[Row]:
    own = generator("portrait_256")
    far = call("ConvertLatent", generator=own, latent=codes(20, 6, own, truncation_psi=1.8))
    back = call("LatentRealism", generator=own, latent=far, max_sigmas=0.8)
    return [drawn(far, own), drawn(back, own)]


@picture_of("InvertImage")
def _() -> list[Row]:
    own = generator("portrait_256")
    target, moved = portrait(), portrait(0.3)
    found = [inverted(own, target, steps=steps)[1][0] for steps in (0, 20, 100, 500)]
    layers = ("none", "b8.conv1", "b16.conv0", "b16.conv1")
    there = [inverted(own, moved, steps=500, base_layer=layer)[1][0] for layer in layers]
    return [[target[0], *found], [moved[0], *there]]


@picture_of("GuessLatent")
def _() -> list[Row]:
    """Pictures, and what is guessed of them."""
    own = generator("portrait_256")
    given = call("ProceduralImage", scene="portrait", seed=20, size="256", batch_size=6)
    return [list(given), drawn(call("GuessLatent", generator=own, image=given), own)]


def portrait(moved: float = 0.0) -> torch.Tensor:
    """A portrait that the model hasn't seen, or a part of it that isn't where a face should be."""
    picture = call("ProceduralImage", scene="portrait", seed=7, size="256").permute(0, 3, 1, 2)
    away = round(moved * 256)
    return torch.nn.functional.pad(picture, (away, 0, 0, 0), mode="reflect")[..., :256].permute(0, 2, 3, 1)


def inverted(own: Any, target: torch.Tensor, **more: Any) -> tuple[Any, ...]:
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["InvertImage"]().invert(own, target, **more)


@picture_of("SetStyles")
def _() -> list[Row]:
    own = generator("portrait_256")
    latent, _, _, _, features = inverted(own, portrait(0.3), steps=500, base_layer="b16.conv0")
    rows = []
    for component in (1, 3):
        edit = {"generator": own, "latent": latent, "method": "pca_w", "component": component}
        moved = [call("EditLatent", strength=each, **edit) for each in (-2.0, -1.0, 0.0, 1.0, 2.0)]
        rows.append([rendered(call("SetStyles", features=features, latent=each))[0] for each in moved])
    return rows


@picture_of("SaveFeatures")
def _() -> list[Row]:
    features = inverted(generator("portrait_256"), portrait(0.3), steps=500, base_layer="b16.conv1")[4]
    return [[portrait(0.3)[0], seen(features), *rendered(features)]]


@picture_of("LoadFeatures")
def _() -> list[Row]:
    own = generator("portrait_256")
    features = inverted(own, portrait(0.3), steps=500, base_layer="b16.conv1")[4]
    with TemporaryDirectory() as folder:
        save_features(features, Path(folder) / "features.safetensors")
        loaded = load_features(Path(folder) / "features.safetensors", own)
    padded = call("PadExpand", features=loaded, left=0.5, right=0.5, mode="reflect")
    return [[seen(features), *rendered(loaded), *rendered(padded)]]


@picture_of("DragPoints")
def _() -> list[Row]:
    own = generator("portrait_256")
    latent = codes(3, 1, own)
    points = '[{"from": [0.5, 0.6], "to": [0.55, 0.6]}]'
    with torch.inference_mode():
        path = NODE_CLASS_MAPPINGS["DragPoints"]().drag(own, latent, points, frames=5)[2]
    return [drawn(path, own)]


@picture_of("AlignFace")
def _() -> list[Row]:
    photo = call("ProceduralImage", scene="portrait", seed=0, size="256")
    return [[photo[0], call("AlignFace", image=photo, size=256, margin=1.2)[0]]]


@picture_of("SquareCrop")
def _() -> list[Row]:
    wide = panorama_picture()
    return [[wide], [call("SquareCrop", image=wide[None], x=x, size=256)[0] for x in (0.0, 0.5, 1.0)]]


def panorama_picture() -> torch.Tensor:
    own = generator()
    latent = call("SampleLatentSequence", generator=own, seed=32, count=5)
    return rendered(call("PanoramaFeatures", generator=own, latent=latent, wrap=True))[0]


@picture_of("PasteBack")
def _() -> list[Row]:
    photo = call("ProceduralImage", scene="portrait", seed=0, size="256")
    own, ink = generator("portrait_256"), generator("portrait_comic_256")
    with torch.inference_mode():
        face, crop, _ = NODE_CLASS_MAPPINGS["AlignFace"]().align(photo, size=256, margin=1.2)
        code = NODE_CLASS_MAPPINGS["InvertImage"]().invert(own, face, steps=300)[0]
    edited = drawn(code, ink)[0]
    back = call("PasteBack", image=photo, edited=edited[None], crop=crop)[0]
    return [[photo[0], face[0], edited, back]]


@picture_of("ProceduralImage")
def _() -> list[Row]:
    landscapes = ("landscape", "landscape-neon", "landscape-ink", "landscape-woodcut")
    scenes = (*landscapes, "portrait", "portrait-comic", "portrait-watercolour")
    return [[call("ProceduralImage", scene=scene, seed=seed, size="128")[0] for scene in scenes] for seed in (0, 1)]


@picture_of("AnimateValue")
def _() -> list[Row]:
    row = []
    for motion in ("once", "back_and_forth", "around"):
        for easing in ("linear", "smooth"):
            values = call("AnimateValue", start=0.0, end=1.0, frames=40, motion=motion, easing=easing)
            row.append(plot(values))
    return [row]


@picture_of("AudioValue")
def _() -> list[Row]:
    audio = call("ProceduralSound", seconds=4.0, tempo=120.0, seed=1)
    more = (
        {"what": "loudness"},
        {"what": "band", "high_hz": 150.0},
        {"what": "onsets"},
        {"what": "chroma", "pitch": "E"},
    )
    return [[plot(call("AudioValue", audio=audio, **each), 240) for each in more]]


@picture_of("ProceduralSound")
def _() -> list[Row]:
    rows = []
    for seed in (0, 1):
        (wave,) = call("ProceduralSound", seconds=4.0, tempo=120.0, seed=seed)["waveform"][0]
        # The highest and the lowest of a column's samples, beside each other.
        ends = wave[: len(wave) // 320 * 320].reshape(320, -1)
        course = torch.stack((ends.amax(1), ends.amin(1)), 1).flatten()
        rows.append([plot(((course + 1.0) / 2.0).tolist(), 640, 1)])
    return rows


def plot(values: list[float], length: int = 120, thickness: int = 3) -> torch.Tensor:
    side, margin = 120, 12
    picture = Image.new("RGB", (length, side), (44, 44, 44))
    room, wide = side - 2 * margin, length - 2 * margin
    dots = [(margin + wide * k / (len(values) - 1), side - margin - room * value) for k, value in enumerate(values)]
    ImageDraw.Draw(picture).line(dots, fill=(120, 170, 250), width=thickness)
    return torch.from_numpy(np.asarray(picture, np.float32) / 255)


@picture_of("PanImage")
def _() -> list[Row]:
    wide = panorama_picture()
    return [[wide], list(call("PanImage", image=wide[None], frames=6, motion="around"))]


@picture_of("SaveAnimation")
def _() -> list[Row]:
    own = generator("portrait_256")
    return [drawn(call("LatentWalk", latent=codes(20, 2, own), frames=4), own)]


@picture_of("RenderWalk")
def _() -> list[Row]:
    own = generator("portrait_256")
    return [drawn(call("LatentWalk", latent=codes(24, 2, own), frames=4), own)]


@picture_of("SaveCanvas")
def _() -> list[Row]:
    own = generator()
    latent = call("SampleLatentSequence", generator=own, seed=5, count=16)
    return [rendered(call("PanoramaFeatures", generator=own, latent=latent))]


def sheet(rows: list[Row]) -> Image.Image:
    """Rows of pictures, each stretched over the width, but no higher than a fourth of it; one alone half of it."""
    lines = []
    for row in rows:
        shares = [image.shape[1] / image.shape[0] for image in row]
        most = WIDTH / 2 if len(rows) == len(row) == 1 else WIDTH / 4
        height = min((WIDTH - GAP * (len(row) - 1)) / sum(shares), most)
        images = [Image.fromarray((image.numpy() * 255 + 0.5).astype(np.uint8)) for image in row]
        # Small feature maps are of few pixels on purpose: PreviewFeatures has enlarged them already.
        scaled = [
            image.resize((round(height * share), round(height)), Image.Resampling.LANCZOS)
            for image, share in zip(images, shares, strict=True)
        ]
        lines.append(scaled)
    total = sum(line[0].height for line in lines) + GAP * (len(lines) - 1)
    picture, top = Image.new("RGB", (WIDTH, total), BACKGROUND), 0
    for line in lines:
        left = (WIDTH - sum(image.width for image in line) - GAP * (len(line) - 1)) // 2
        for image in line:
            picture.paste(image, (left, top))
            left += image.width + GAP
        top += line[0].height + GAP
    return picture


# What a node is given where nothing else is said of its picture.
USUAL: dict[str, Callable[[], Any]] = {
    "SOAT_GENERATOR": generator,
    "SOAT_LATENT": lambda: codes(20, 4),
    "SOAT_FEATURES": lambda: cut(20, count=4),
    "IMAGE": lambda: torch.stack(drawn(codes(20, 4))),
}
# A row of pictures of what a wire carries.
SHOWN: dict[str, Callable[[Any], Row]] = {
    "SOAT_LATENT": lambda latent: drawn(latent),
    "SOAT_FEATURES": rendered,
    "IMAGE": list,
    "MASK": lambda mask: list(grey(mask)),
}


def usual_picture(kind: str) -> list[Row]:
    """What a node's first wire carries, and below it what the node makes of it by its defaults."""
    node = NODE_CLASS_MAPPINGS[kind]
    wires = {name: declared for name, (declared, _) in node.INPUT_TYPES()["required"].items() if declared in USUAL}
    given = {name: USUAL[declared]() for name, declared in wires.items()}
    rows = [SHOWN[declared](given[name]) for name, declared in wires.items() if declared in SHOWN]
    return [*rows[:1], SHOWN[node.RETURN_TYPES[0]](call(kind, **given))]


def write(kind: str) -> None:
    """The picture of a node's help page, into web/docs/images."""
    picture = sheet(PICTURES[kind]() if kind in PICTURES else usual_picture(kind))
    picture.save(IMAGES / f"{kind}.jpg", quality=84, optimize=True)
    print(kind, picture.size, (IMAGES / f"{kind}.jpg").stat().st_size, flush=True)


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    for kind in sys.argv[1:] or NODE_DISPLAY_NAME_MAPPINGS:
        write(kind)


if __name__ == "__main__":
    main()
