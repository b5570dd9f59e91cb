"""The icon and the banner of ComfyUI's registry, made by the bundled generators.

python docs/brand.py      # writes docs/brand/icon.png (400 x 400) and banner.jpg (21:9)
"""

from __future__ import annotations

from pathlib import Path

import torch
from help_pictures import call, cut, generator, rendered
from PIL import Image, ImageDraw

BRAND = Path(__file__).resolve().parent / "brand"
ICON, BANNER = 400, (1344, 576)


def picture(image: torch.Tensor, size: tuple[int, int]) -> Image.Image:
    return Image.fromarray((image.numpy() * 255 + 0.5).astype("uint8")).resize(size, Image.Resampling.LANCZOS)


def icon() -> Image.Image:
    """A landscape that becomes a neon night: two generators on one canvas."""
    day, night = (cut(9, "b4.conv1", own=generator(name)) for name in ("landscape_256", "landscape_neon_256"))
    mixed = call("InterpolateFeatures", features_a=day, features_b=night, shape="left_to_right")
    face = picture(rendered(mixed)[0], (ICON, ICON)).convert("RGBA")
    mask = Image.new("L", (4 * ICON, 4 * ICON))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * ICON - 1, 4 * ICON - 1), radius=280, fill=255)
    face.putalpha(mask.resize((ICON, ICON), Image.Resampling.LANCZOS))
    return face


def banner() -> Image.Image:
    """A panorama by day, the same one by night below, as a reflection of the other generator."""
    width, height = BANNER
    latent = call("SampleLatentSequence", generator=generator(), seed=32, count=5)
    rows = []
    for name in ("landscape_256", "landscape_neon_256"):
        wide = call("PanoramaFeatures", generator=generator(name), latent=latent)
        rows.append(picture(rendered(wide)[0], (width, height // 2)))
    both = Image.new("RGB", BANNER)
    for index, row in enumerate(rows):
        both.paste(row, (0, index * height // 2))
    return both


def main() -> None:
    BRAND.mkdir(exist_ok=True)
    icon().save(BRAND / "icon.png", optimize=True)
    banner().save(BRAND / "banner.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    main()
