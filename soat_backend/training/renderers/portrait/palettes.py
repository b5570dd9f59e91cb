"""Colours to choose from (sRGB 0..255), and the kinds of light."""

from __future__ import annotations

from dataclasses import dataclass

from .attributes import Colour

# Light to dark; anything between neighbours is a skin too.
SKINS: list[Colour] = [
    (250, 217, 196),
    (245, 207, 181),
    (238, 194, 160),
    (226, 176, 138),
    (208, 160, 128),
    (186, 138, 109),
    (160, 116, 92),
    (136, 98, 78),
    (114, 82, 67),
]
FANTASY_SKINS: list[Colour] = [(150, 196, 124), (128, 172, 226), (196, 156, 228), (150, 210, 204)]
NATURAL_HAIR: list[Colour] = [
    (34, 27, 28),
    (46, 34, 31),
    (64, 46, 38),
    (88, 62, 46),
    (116, 82, 58),
    (146, 108, 74),
    (196, 152, 92),
    (224, 188, 126),
    (236, 212, 164),
    (140, 72, 44),
    (174, 98, 60),
    (112, 44, 34),
    (150, 148, 150),
    (206, 206, 212),
]
DYED_HAIR: list[Colour] = [
    (232, 110, 160),
    (246, 160, 186),
    (112, 80, 186),
    (70, 120, 206),
    (60, 180, 190),
    (84, 166, 104),
    (220, 80, 66),
    (240, 146, 62),
    (190, 164, 228),
]
IRISES: list[Colour] = [
    (92, 56, 30),
    (70, 44, 28),
    (116, 80, 46),
    (140, 112, 66),
    (104, 132, 72),
    (84, 136, 112),
    (84, 132, 180),
    (120, 168, 206),
    (130, 142, 152),
    (66, 100, 150),
]
CLOTHS: list[Colour] = [
    (196, 66, 60),
    (226, 128, 66),
    (236, 192, 88),
    (96, 152, 96),
    (56, 118, 116),
    (72, 126, 186),
    (52, 68, 112),
    (112, 84, 160),
    (216, 130, 162),
    (236, 232, 222),
    (56, 56, 64),
    (128, 128, 134),
    (150, 104, 74),
    (234, 220, 190),
    (128, 48, 64),
    (152, 196, 204),
]
LIPSTICKS: list[Colour] = [(198, 66, 78), (176, 46, 66), (214, 96, 112), (150, 56, 82), (206, 92, 74)]
EYESHADOWS: list[Colour] = [(124, 84, 76), (98, 70, 78), (110, 92, 140), (90, 116, 140), (176, 116, 104)]
FRAMES: list[Colour] = [(34, 30, 32), (98, 60, 36), (176, 146, 90), (150, 44, 50), (50, 68, 112), (190, 190, 196)]
DARK_LENSES: list[Colour] = [(26, 26, 32), (66, 42, 26), (36, 44, 70)]
# Dark and bright ends of plain backdrops.
BACKDROPS: list[tuple[Colour, Colour]] = [
    ((82, 104, 138), (178, 196, 212)),
    ((126, 90, 122), (236, 184, 166)),
    ((56, 96, 100), (150, 200, 182)),
    ((160, 92, 74), (244, 200, 150)),
    ((76, 70, 100), (166, 142, 188)),
    ((112, 116, 120), (218, 214, 206)),
    ((72, 88, 76), (176, 192, 142)),
    ((134, 160, 202), (246, 222, 214)),
    ((58, 66, 96), (116, 142, 196)),
    ((176, 124, 80), (246, 222, 172)),
    ((190, 132, 150), (248, 214, 214)),
    ((54, 56, 66), (126, 122, 130)),
]
SKIES: list[tuple[Colour, Colour]] = [((104, 150, 206), (214, 226, 234)), ((120, 138, 190), (246, 206, 180))]
FOLIAGE: tuple[Colour, Colour] = ((58, 84, 58), (160, 188, 116))


@dataclass(frozen=True)
class LightKind:
    """A kind of light, the backgrounds it goes with, and how often it is chosen."""

    key: Colour
    sky: Colour
    ground: Colour
    rim: Colour
    gain: float
    backgrounds: tuple[str, ...]
    share: float


LIGHTS: list[LightKind] = [
    # A studio.
    LightKind(
        key=(255, 246, 234),
        sky=(164, 172, 190),
        ground=(136, 114, 106),
        rim=(220, 230, 255),
        gain=1.05,
        backgrounds=("studio", "gradient"),
        share=0.30,
    ),
    # Late sun.
    LightKind(
        key=(255, 228, 190),
        sky=(166, 162, 190),
        ground=(158, 118, 98),
        rim=(255, 206, 140),
        gain=1.10,
        backgrounds=("sky", "foliage", "gradient"),
        share=0.18,
    ),
    # A window.
    LightKind(
        key=(234, 242, 255),
        sky=(152, 160, 176),
        ground=(128, 114, 104),
        rim=(255, 232, 204),
        gain=1.08,
        backgrounds=("window", "gradient"),
        share=0.18,
    ),
    # An overcast day.
    LightKind(
        key=(242, 246, 250),
        sky=(186, 194, 204),
        ground=(142, 136, 130),
        rim=(230, 240, 250),
        gain=0.85,
        backgrounds=("foliage", "sky", "gradient"),
        share=0.16,
    ),
    # Soft and pale.
    LightKind(
        key=(255, 240, 234),
        sky=(192, 184, 204),
        ground=(188, 162, 160),
        rim=(255, 226, 236),
        gain=0.90,
        backgrounds=("gradient", "studio"),
        share=0.18,
    ),
]
