"""The pictures of the README and of ComfyUI's template cards: real outputs of the example workflows, enlarged.

    python docs/gallery.py [NAME ...]      # runs the examples into a temporary folder, writes example_workflows/*.jpg

Look at them before they are committed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageSequence

EXAMPLES = Path(__file__).resolve().parents[1] / "example_workflows"
WIDTH, GAP, BACKGROUND = 512, 8, (24, 24, 24)
LARGEST_BYTES = 40_000

# Rows of pictures by the prefix they are saved under ("prefix*4": the first four, or as many frames of a film), with
# the share of the width each row takes. A crop is (left, top, right, bottom) in fractions: alone a panorama would be
# lost on a square card, so its middle is shown too.
ROWS: dict[str, list[tuple[list[str], float, tuple[float, float, float, float] | None]]] = {
    "00_start_here": [(["00_original", "00_features"], 0.66, None), (["00_start_here"], 1.0, None)],
    "02_panorama": [
        (["02_panorama"], 1.0, (0.3, 0.0, 0.7, 1.0)),
        (["02_panorama"], 1.0, None),
        (["02_panorama_ring"], 1.0, None),
    ],
    "03_pad": [(["03_pad_original"], 0.5, None), (["03_pad"], 1.0, None)],
    "04_stretch": [(["04_stretch_original"], 0.5, None), (["04_stretch"], 1.0, None)],
    "05_left_right_blend": [(["05_left_right_blend"], 0.66, None), (["05_blend_a", "05_blend_b"], 0.66, None)],
    "06_shift_blend": [(["06_shift_original", "06_shift_blend"], 1.0, None)],
    "07_one_picture_wide": [(["07_wide_original"], 0.5, None), (["07_one_picture_wide"], 1.0, None)],
    "08_hand_picked_panorama": [(["08_sheet*8"], 1.0, None), (["08_hand_picked_panorama"], 1.0, None)],
    "09_grid_and_tower": [(["09_grid"], 1.0, None)],
    "10_transform_and_bend": [
        (["10_plain*4"], 1.0, None),
        (["10_turned*4"], 1.0, None),
        (["10_mirrored*4"], 1.0, None),
        (["10_dilated*4"], 1.0, None),
    ],
    "11_latent_walk": [(["11_latent_walk*4"], 1.0, None)],
    "12_pan_around_360": [(["12_ring"], 1.0, None), (["12_pan_around_360*4"], 1.0, None)],
    "13_moving_values": [(["13_moving_alpha*4"], 1.0, None), (["13_moving_shift*4"], 1.0, None)],
    "14_translation": [(["14_translation*5"], 1.0, None), (["14_translation_look"], 0.5, None)],
    "15_translate_the_sky": [(["15_original", "15_translate_the_sky"], 1.0, None)],
    "16_reference_style": [
        (["16_source"], 0.25, None),
        (["16_references*4"], 1.0, None),
        (["16_reference_style*4"], 1.0, None),
    ],
    "17_invert_and_panorama": [
        (["17_original", "17_reconstruction"], 0.66, None),
        (["17_invert_and_panorama"], 1.0, None),
    ],
    "18_invert_and_translate": [(["18_original", "18_invert_and_translate*5"], 1.0, None)],
    "19_direction_sweep": [(["19_original", "19_direction_sweep*5"], 1.0, None)],
    "21_attribute_transfer": [
        (["21_source", "21_reference", "21_turned"], 0.75, None),
        (["21_eyes_as_it_is", "21_eyes_turned", "21_hair_as_it_is", "21_hair_turned"], 1.0, None),
    ],
    "22_face_in_a_photo": [(["22_photo", "22_found"], 0.8, None), (["22_edited", "22_comic"], 0.8, None)],
    "23_day_and_night": [(["23_day", "23_night"], 0.66, None), (["23_day_and_night"], 1.0, None)],
    "20_inversion_spaces": [
        (["20_original", "20_style_space_prior", "20_w_plus_prior", "20_w_prior"], 1.0, None),
        (["20_original", "20_style_space_prior_moved", "20_w_plus_prior_moved", "20_w_prior_moved"], 1.0, None),
        (["20_original", "20_style_space_free_moved", "20_w_plus_free_moved", "20_w_free_moved"], 1.0, None),
    ],
}


def pictures(output: Path, prefix: str) -> list[Image.Image]:
    """What was saved under a prefix, in order: pictures, or all frames of a film."""
    found = sorted((output / "soat").glob(f"{prefix}_0????_.*"))
    opened = [Image.open(path) for path in found]
    return [frame.convert("RGB") for picture in opened for frame in ImageSequence.Iterator(picture)]


def chosen(output: Path, wanted: str) -> list[Image.Image]:
    """The first picture of a prefix, or with "*N" the first N; of a film N frames from its beginning to its middle."""
    prefix, _, count = wanted.partition("*")
    images = pictures(output, prefix)
    if not count:
        return images[:1]
    is_film = any((output / "soat").glob(f"{prefix}_0????_.webp"))
    # Half of a loop: the other half leads back.
    step = max(len(images) // (2 * int(count)), 1) if is_film else 1
    return images[::step][: int(count)]


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


def card(output: Path, name: str) -> Image.Image:
    """A workflow's picture: its rows, or all it saved as a sheet."""
    if name in ROWS:
        rows = []
        for prefixes, share, crop in ROWS[name]:
            images = [cropped(image, crop) for prefix in prefixes for image in chosen(output, prefix)]
            rows.append(beside(images, round(WIDTH * share)))
        return below(rows)
    images = pictures(output, name)
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


def main() -> None:
    workflows = [path for path in sorted(EXAMPLES.glob("*.json")) if not sys.argv[1:] or path.stem in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        for workflow in workflows:
            subprocess.run([sys.executable, "-m", "soat", "run", str(workflow), "--output", folder], check=True)
            save(card(Path(folder), workflow.stem), workflow.with_suffix(".jpg"))


if __name__ == "__main__":
    main()
