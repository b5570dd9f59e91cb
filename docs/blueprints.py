"""Writes subgraphs/*.json: parts of graphs that ComfyUI's node library offers like nodes.

    python docs/blueprints.py

Try each in ComfyUI before it is committed: node library, Subgraph Blueprints.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from graph_writing import instance, node, place_in_columns, subgraph
from layout import HEIGHTS, PICTURES

FOLDER = Path(__file__).resolve().parents[1] / "subgraphs"
LANDSCAPE, NEON, PORTRAIT = (
    f"demo/{name}.safetensors" for name in ("landscape_256", "landscape_neon_256", "portrait_256")
)


def sample_panorama() -> tuple[dict[str, Any], list[str]]:
    nodes = [
        node("LoadStyleGAN", 1, checkpoint=LANDSCAPE),
        node("SampleLatentSequence", 2, seed=32, count=5),
        node("PanoramaFeatures", 3),
        node("Render", 4),
    ]
    made = subgraph(
        "Sample panorama",
        nodes,
        [
            ((1, "generator"), (2, "generator")),
            ((1, "generator"), (3, "generator")),
            ((2, "latent"), (3, "latent")),
            ((3, "features"), (4, "features")),
        ],
        [
            ("checkpoint", [(1, "checkpoint")]),
            ("seed", [(2, "seed")]),
            ("count", [(2, "count")]),
            ("smoothness", [(2, "smoothness")]),
            ("wrap", [(3, "wrap")]),
            ("blend_width", [(3, "blend_width")]),
        ],
        [("image", (4, "image"))],
        "A row of related pictures of a generator as one wide picture without seams.",
    )
    place_in_columns(made, [[1], [2], [3], [4]], {**HEIGHTS, **PICTURES})
    return made, ["stylegan", "wide", "360", "seamless"]


def photo_to_latent() -> tuple[dict[str, Any], list[str]]:
    made = subgraph(
        "Photo to latent",
        [node("AlignFace", 1, size=256, margin=1.0), node("InvertImage", 2)],
        [((1, "image"), (2, "image"))],
        [
            ("generator", [(2, "generator")]),
            ("photo", [(1, "image")]),
            ("face", [(1, "face")]),
            ("steps", [(2, "steps")]),
            ("tune_steps", [(2, "tune_steps")]),
        ],
        [
            ("latent", (2, "latent")),
            ("found", (2, "reconstruction")),
            ("crop", (1, "crop")),
            ("tuned", (2, "generator")),
        ],
        "Finds a face in a photo and the code of it in a generator of faces.",
    )
    place_in_columns(made, [[1], [2]], HEIGHTS)
    return made, ["inversion", "projector", "encode", "face"]


def photo_edit() -> tuple[dict[str, Any], list[str]]:
    nodes = [
        node("AlignFace", 1, size=256, margin=1.0),
        node("InvertImage", 2),
        node("EditLatent", 3, component=0, strength=2.0),
        node("GetFeatures", 4, layer="b4.conv1"),
        node("Render", 5),
        node("PasteBack", 6),
    ]
    made = subgraph(
        "Photo edit",
        nodes,
        [
            ((1, "image"), (2, "image")),
            ((2, "latent"), (3, "latent")),
            ((2, "generator"), (4, "generator")),
            ((3, "latent"), (4, "latent")),
            ((4, "features"), (5, "features")),
            ((5, "image"), (6, "edited")),
            ((1, "crop"), (6, "crop")),
        ],
        [
            ("generator", [(2, "generator"), (3, "generator")]),
            ("photo", [(1, "image"), (6, "image")]),
            ("steps", [(2, "steps")]),
            ("method", [(3, "method")]),
            ("component", [(3, "component")]),
            ("strength", [(3, "strength")]),
            ("feather", [(6, "feather")]),
        ],
        [("photo", (6, "image")), ("face", (5, "image"))],
        "Finds a face in a photo, moves its code along a direction, and puts it back.",
    )
    place_in_columns(made, [[1], [2], [3], [4], [5], [6]], {**HEIGHTS, **PICTURES})
    return made, ["face", "attribute", "age", "smile"]


def redraw_photo() -> tuple[dict[str, Any], list[str]]:
    nodes = [
        node("AlignFace", 1, size=256, margin=1.0),
        node("InvertImage", 2, "As it is", base_layer="b16.conv0"),
        node("GetFeatures", 3, "By the second", layer="b16.conv0"),
        node("InterpolateFeatures", 4, "The photo's map, drawn by it", first_layer="b16.conv1"),
        node("Render", 5),
        node("PasteBack", 6),
    ]
    made = subgraph(
        "Redraw photo",
        nodes,
        [
            ((1, "image"), (2, "image")),
            ((2, "latent"), (3, "latent")),
            ((2, "features"), (4, "features_a")),
            ((3, "features"), (4, "features_b")),
            ((4, "features"), (5, "features")),
            ((5, "image"), (6, "edited")),
            ((1, "crop"), (6, "crop")),
        ],
        [
            ("generator", [(2, "generator")]),
            ("second", [(3, "generator")]),
            ("photo", [(1, "image"), (6, "image")]),
            ("margin", [(1, "margin")]),
            ("steps", [(2, "steps")]),
            ("alpha", [(4, "alpha")]),
            ("feather", [(6, "feather")]),
        ],
        [("photo", (6, "image")), ("face", (5, "image")), ("found", (2, "reconstruction"))],
        "Finds a face in a photo as it is, draws it by a second generator of the same style space, and puts it back.",
    )
    place_in_columns(made, [[1], [2], [3], [4], [5], [6]], {**HEIGHTS, **PICTURES})
    return made, ["face", "toonify", "cartoon", "stylize", "JoJoGAN"]


def translate() -> tuple[dict[str, Any], list[str]]:
    nodes = [
        node("GetFeatures", 1, "In the first", layer="b4.conv1"),
        node("GetFeatures", 2, "In the second", layer="b4.conv1"),
        node("InterpolateFeatures", 3),
        node("Render", 4),
    ]
    made = subgraph(
        "Translate",
        nodes,
        [
            ((1, "features"), (3, "features_a")),
            ((2, "features"), (3, "features_b")),
            ((3, "features"), (4, "features")),
        ],
        [
            ("generator", [(1, "generator")]),
            ("its sibling", [(2, "generator")]),
            ("latent", [(1, "latent"), (2, "latent")]),
            ("mask", [(3, "mask")]),
            ("alpha", [(3, "alpha")]),
            ("first_layer", [(3, "first_layer")]),
            ("last_layer", [(3, "last_layer")]),
        ],
        [("image", (4, "image"))],
        "The same code drawn by two generators that share style space, mixed by amount, mask and layers.",
    )
    place_in_columns(made, [[1, 2], [3], [4]], {**HEIGHTS, **PICTURES})
    return made, ["toonify", "domain", "style transfer", "morph"]


def walk_to_video() -> tuple[dict[str, Any], list[str]]:
    nodes = [
        node("SampleLatentSequence", 1, seed=4, count=6),
        node("LatentWalk", 2),
        node("GetFeatures", 3, layer="b4.conv1"),
        node("Render", 4),
        node("CreateVideo", 5, fps=12.0),
    ]
    made = subgraph(
        "Walk to video",
        nodes,
        [
            ((1, "latent"), (2, "latent")),
            ((2, "latent"), (3, "latent")),
            ((3, "features"), (4, "features")),
            ((4, "image"), (5, "images")),
        ],
        [
            ("generator", [(1, "generator"), (3, "generator")]),
            ("audio", [(5, "audio")]),
            ("seed", [(1, "seed")]),
            ("count", [(1, "count")]),
            ("frames", [(2, "frames")]),
            ("fps", [(5, "fps")]),
        ],
        [("video", (5, "VIDEO")), ("frames", (4, "image"))],
        "A walk from picture to picture of a generator as a film; Save Video saves it as mp4.",
    )
    place_in_columns(made, [[1], [2], [3], [4], [5]], {**HEIGHTS, **PICTURES})
    return made, ["interpolation", "animation", "mp4", "film"]


def wide_photo() -> tuple[dict[str, Any], list[str]]:
    nodes = [
        node("SquareCrop", 1, size=256),
        node("InvertImage", 2),
        node("GetFeatures", 3, layer="b8.conv1"),
        node("PadExpand", 4, left=0.5, right=0.5),
        node("Render", 5),
    ]
    made = subgraph(
        "Wide photo",
        nodes,
        [
            ((1, "image"), (2, "image")),
            ((2, "generator"), (3, "generator")),
            ((2, "latent"), (3, "latent")),
            ((3, "features"), (4, "features")),
            ((4, "features"), (5, "features")),
        ],
        [
            ("generator", [(2, "generator")]),
            ("photo", [(1, "image")]),
            ("steps", [(2, "steps")]),
            ("layer", [(3, "layer")]),
            ("left", [(4, "left")]),
            ("right", [(4, "right")]),
            ("mode", [(4, "mode")]),
        ],
        [("image", (5, "image")), ("found", (2, "reconstruction"))],
        "A photo found in a generator, and made wider there.",
    )
    place_in_columns(made, [[1], [2], [3], [4], [5]], {**HEIGHTS, **PICTURES})
    return made, ["outpaint", "expand", "inversion"]


def blueprint(definition: dict[str, Any], aliases: list[str]) -> dict[str, Any]:
    """A file of the node library: one node that stands for the subgraph."""
    outer = instance(definition, 1)
    outer["size"] = [270, 20 * max(len(outer["inputs"]), len(outer["outputs"])) + 60]
    definition["category"] = "StyleGAN (SOAT)"
    return {
        "id": definition["id"],
        "revision": 0,
        "last_node_id": 1,
        "last_link_id": 0,
        "nodes": [outer],
        "links": [],
        "groups": [],
        "definitions": {"subgraphs": [definition]},
        "config": {},
        "extra": {"BlueprintDescription": definition["description"], "BlueprintSearchAliases": aliases},
        "version": 0.4,
    }


BLUEPRINTS = (sample_panorama, photo_to_latent, photo_edit, redraw_photo, translate, walk_to_video, wide_photo)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for make in BLUEPRINTS:
        definition, aliases = make()
        text = json.dumps(blueprint(definition, aliases), indent=2, ensure_ascii=False) + "\n"
        (FOLDER / f"{definition['name']}.json").write_text(text, encoding="utf-8")
        print(definition["name"])


if __name__ == "__main__":
    main()
