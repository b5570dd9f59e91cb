"""The pictures of the README and of ComfyUI's template cards: real outputs of the example workflows, enlarged.

    python docs/gallery.py [NAME ...]      # runs the examples into a temporary folder, writes example_workflows/*.jpg

Look at them before they are committed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFilter
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS, host
from soat.nodes.core import HEADLESS_DISPLAY_NAMES, HEADLESS_NODE_CLASSES
from soat.nodes.procedural_image import ProceduralImage
from soat.soat_backend.pictures.film import read_film
from soat.soat_backend.workflow import NodeCatalog, execute, read_workflow
from soat.soat_backend.workflow.api_format import read_api_format

EXAMPLES = Path(__file__).resolve().parents[1] / "example_workflows"
WIDTH, GAP, BACKGROUND = 512, 8, (24, 24, 24)
LARGEST_BYTES = 40_000
SPACES = ("style_space", "w_plus", "w")

# Rows of pictures by the title of the node that makes or saves them ("title*4": the first four; "title~4": so many from
# the first half of a film that leads back), with the share of the width each row takes. A crop is (left, top, right,
# bottom) in fractions: alone a panorama would be lost on a square card, so its middle is shown too.
ROWS: dict[str, list[tuple[list[str], float, tuple[float, float, float, float] | None]]] = {
    "00_start_here": [(["Render the original", "What is inside"], 0.66, None), (["Render the wide one"], 1.0, None)],
    "02_panorama": [
        (["Two ends"], 1.0, (0.3, 0.0, 0.7, 1.0)),
        (["Two ends"], 1.0, None),
        (["A ring"], 1.0, None),
    ],
    "03_pad": [(["Render the original"], 0.5, None), (["Render the wide one"], 1.0, None)],
    "04_stretch": [(["Render the original"], 0.5, None), (["Render the stretched one"], 1.0, None)],
    "05_left_right_blend": [(["Render the blend"], 0.66, None), (["Render A", "Render B"], 0.66, None)],
    "06_shift_blend": [(["Render the original", "Render the edited one"], 1.0, None)],
    "07_one_picture_wide": [(["Render the original"], 0.5, None), (["Render the wide one"], 1.0, None)],
    "08_hand_picked_panorama": [(["Render the sheet*8"], 1.0, None), (["Render the panorama"], 1.0, None)],
    "09_grid_and_tower": [(["Render the grid"], 1.0, None)],
    "10_transform_and_bend": [
        (["Render as they are*4"], 1.0, None),
        (["Turned*4"], 1.0, None),
        (["Mirrored*4"], 1.0, None),
        (["Dilated*4"], 1.0, None),
    ],
    "11_latent_walk": [(["Render Features~4"], 1.0, None)],
    "12_pan_around_360": [(["Render Features"], 1.0, None), (["Pan Image~4"], 1.0, None)],
    "13_moving_values": [(["Render Features~4"], 1.0, None)],
    "14_translation": [(["Render*5"], 1.0, None), (["The look alone"], 0.5, None)],
    "15_translate_the_sky": [(["Render the original", "Render the result"], 1.0, None)],
    "16_reference_style": [
        (["Render the source"], 0.25, None),
        (["Render the references*4"], 1.0, None),
        (["Render the results*4"], 1.0, None),
    ],
    "17_invert_and_panorama": [
        (["An unseen picture", "What was found"], 0.66, None),
        (["The picture"], 1.0, None),
    ],
    "18_invert_and_translate": [(["What was to be found", "The pictures*5"], 1.0, None)],
    "19_direction_sweep": [(["A picture no model has seen", "The pictures*5"], 1.0, None)],
    "20_inversion_spaces": [
        (["A picture no model has seen", *(f"Found in {space}" for space in SPACES)], 1.0, None),
        (["A picture no model has seen", *(f"Moved in {space}" for space in SPACES)], 1.0, None),
        (["A picture no model has seen", *(f"Moved in {space}#1" for space in SPACES)], 1.0, None),
    ],
    "21_attribute_transfer": [
        (["Who they are*3"], 0.75, None),
        (["Eyes of each#1", "Eyes of each#2", "Hair of each#1", "Hair of each#2"], 1.0, None),
    ],
    "22_face_in_a_photo": [
        (["A photo", "Found, and edited#0"], 0.8, None),
        (["Found, and edited#1", "In ink"], 0.8, None),
    ],
    "23_day_and_night": [(["Render the day", "Render the night"], 0.66, None), (["Render both"], 1.0, None)],
    "24_film": [(["Render Features~4"], 1.0, None), (["Render Features~2"], 1.0, None)],
    "25_painted_mask": [(["Paint on this one", "Render the result"], 1.0, None)],
    "26_your_own_photo": [(["Your photo", "Its code"], 0.66, None), (["Render Features"], 1.0, None)],
    "27_wandering_firs": [(["Render Features~4"], 1.0, None)],
    "28_pan_and_turn": [(["A pan~4"], 1.0, None), (["A turn~4"], 1.0, None)],
    "29_drag_points": [([f"The way there#{index}" for index in (0, 8, 15)], 1.0, None)],
    # Four people as they are reached, and the way from one to the next.
    "30_film_to_a_beat": [
        ([f"The film#{frame}" for frame in (0, 11, 17, 23)], 1.0, None),
        ([f"The film#{frame}" for frame in (11, 12, 13, 14)], 1.0, None),
    ],
    "31_sliders_for_a_part": [(["Given to The mouth", "The picture"], 1.0, None)],
    "32_one_picture_one_style": [(["The manner you want", "As it was", "In the manner"], 1.0, None)],
    # Each of three pictures at five strengths.
    "33_picked_direction": [
        ([f"The pictures#{3 * strength + picture}" for strength in range(5)], 1.0, None) for picture in range(3)
    ],
    "34_a_wide_photo": [
        (["Three times as wide"], 1.0, None),
        (["All of it"], 1.0, None),
        (["Neon to the right"], 1.0, None),
    ],
    "35_a_photo_dragged": [(["A photo", "Its code", "Dragged, and put back"], 1.0, None)],
    "36_a_photo_in_a_manner": [(["A photo", "The manner", "Redrawn, and put back"], 1.0, None)],
    "37_all_around": [
        (["A picture, for yours"], 0.4, None),
        (["With what is beside it"], 0.6, None),
        (["All around"], 1.0, None),
    ],
    "38_pull_a_mountain": [(["Render the original", "Render the pulled one"], 1.0, None)],
}
# What is shown besides what is saved: outputs of these nodes, by the output's number. "Given to TITLE" is the picture
# of the code that a slider for a part begins with.
SEEN = {
    "Render": 0,
    "PreviewFeatures": 0,
    "PanImage": 0,
    "InvertImage": 1,
    "LoadImage": 0,
    "ProceduralImage": 0,
    "SquareCrop": 0,
}


def run(workflow: Path, folder: Path) -> dict[str, list[Image.Image]]:
    """Run a template; the pictures by the title of the node that shows or saves them."""
    host.folders.set_folders(output=str(folder / "output"), input=str(folder / "input"))
    catalog = NodeCatalog(
        {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}, {**NODE_DISPLAY_NAME_MAPPINGS, **HEADLESS_DISPLAY_NAMES}
    )
    prompt = read_workflow(str(workflow), catalog).to_prompt()
    titles = {node_id: node["_meta"]["title"] for node_id, node in prompt.items()}
    for node_id, node in list(prompt.items()):
        if node["inputs"].get("method") == "region":
            given = {name: node["inputs"][name] for name in ("generator", "latent")}
            cut = {**given, "layer": "b4.conv1", "noise_mode": "const", "noise_seed": 0}
            prompt[f"{node_id}c"] = {"class_type": "GetFeatures", "inputs": cut}
            made = {"features": [f"{node_id}c", 0], "tile_size": 0}
            prompt[f"{node_id}g"] = {"class_type": "Render", "inputs": made}
            titles[f"{node_id}g"] = f"Given to {titles[node_id]}"
    for node_id, node in list(prompt.items()):
        if node["class_type"] in SEEN:
            seen = {
                "images": [node_id, SEEN[node["class_type"]]],
                "filename_prefix": f"seen/{workflow.stem}_{node_id.replace(':', '-')}",
            }
            prompt[f"{node_id}s"] = {"class_type": "SaveImage", "inputs": seen}
            titles[f"{node_id}s"] = titles[node_id]
    found: dict[str, list[Image.Image]] = {}
    for node_id, ui in execute(read_api_format(prompt), catalog).ui.items():
        entries = ui.get("files") or ui.get("images", [])
        paths = [folder / "output" / entry["subfolder"] / entry["filename"] for entry in entries]
        pictures = [Image.open(path).convert("RGB") for path in paths if path.suffix == ".png"]
        pictures += [Image.fromarray(frame) for path in paths if path.suffix == ".mp4" for frame in read_film(path)[0]]
        found.setdefault(titles[node_id], pictures)
    return found


def chosen(found: dict[str, list[Image.Image]], wanted: str) -> list[Image.Image]:
    """What an entry of ROWS means."""
    if "#" in wanted:
        title, _, index = wanted.partition("#")
        return [found[title][int(index)]]
    if "~" in wanted:
        title, _, count = wanted.partition("~")
        return found[title][:: max(len(found[title]) // (2 * int(count)), 1)][: int(count)]
    title, _, count = wanted.partition("*")
    return found[title][: int(count or 1)]


def enlarged(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def beside(images: list[Image.Image], width: int) -> Image.Image:
    """Pictures of one size in a row of a given width."""
    each = (width - GAP * (len(images) - 1)) // len(images)
    parts = [enlarged(image, each) for image in images]
    row = Image.new("RGB", (width, parts[0].height), BACKGROUND)
    for index, part in enumerate(parts):
        row.paste(part, (index * (each + GAP), 0))
    return row


def below(rows: list[Image.Image], gap: int = GAP) -> Image.Image:
    """Rows under each other, centred."""
    width, height = max(row.width for row in rows), sum(row.height for row in rows) + gap * (len(rows) - 1)
    card = Image.new("RGB", (width, height), BACKGROUND)
    top = 0
    for row in rows:
        card.paste(row, ((width - row.width) // 2, top))
        top += row.height + gap
    return card


def cropped(image: Image.Image, box: tuple[float, float, float, float] | None) -> Image.Image:
    if box is None:
        return image
    left, top, right, bottom = box
    return image.crop((left * image.width, top * image.height, right * image.width, bottom * image.height))


def card(found: dict[str, list[Image.Image]], name: str) -> Image.Image:
    """A workflow's picture: its rows, or all it saved as a sheet."""
    if name in ROWS:
        rows = []
        for prefixes, share, crop in ROWS[name]:
            images = [cropped(image, crop) for prefix in prefixes for image in chosen(found, prefix)]
            rows.append(beside(images, round(WIDTH * share)))
        return below(rows)
    images = max(found.values(), key=len)
    side = round(len(images) ** 0.5)
    sheet = [[enlarged(image, WIDTH // side) for image in images[k : k + side]] for k in range(0, len(images), side)]
    lines = []
    for row in sheet:
        line = Image.new("RGB", (WIDTH, row[0].height), BACKGROUND)
        for index, image in enumerate(row):
            line.paste(image, (index * image.width, 0))
        lines.append(line)
    return below(lines, gap=0)


def save(image: Image.Image, path: Path) -> None:
    """Save as JPEG, as good as fits."""
    for quality in range(92, 40, -4):
        image.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST_BYTES:
            break
    print(path.name, image.size, path.stat().st_size)


def paint_inputs(folder: Path) -> None:
    """What the templates with a picture of one's own load: a painted landscape, with a mask painted over it."""
    folder.mkdir()
    picture = ProceduralImage().paint(scene="landscape", seed=6, size="256")[0][0]
    pixels = (picture * 255).round().to(torch.uint8).numpy()
    painted = Image.new("L", (pixels.shape[1], pixels.shape[0]), 255)
    pen = ImageDraw.Draw(painted)
    pen.ellipse((20, 40, 150, 150), fill=0)
    pen.ellipse((90, 60, 220, 200), fill=0)
    image = Image.fromarray(pixels)
    image.putalpha(painted.filter(ImageFilter.GaussianBlur(8)))
    image.save(folder / "example.png")


def main() -> None:
    workflows = [path for path in sorted(EXAMPLES.glob("*.json")) if not sys.argv[1:] or path.stem in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paint_inputs(folder / "input")
        for workflow in workflows:
            save(card(run(workflow, folder), workflow.stem), workflow.with_suffix(".jpg"))


if __name__ == "__main__":
    main()
