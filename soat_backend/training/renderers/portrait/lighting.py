"""Key light, fill, rim and the ambience from sky and ground."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .attributes import Light
from .brushes import filled, linear
from .tracing import Triple

# How far light reaches round into the shade, by channel: in skin red travels farthest.
SKIN_WRAP = (0.44, 0.32, 0.27)
CLOTH_WRAP = (0.35, 0.33, 0.32)
_SUBSURFACE_COLOUR = (1.0, 0.22, 0.10)

Amount = np.ndarray | float


class Lamps:
    """The lights of a picture, ready to shade with; directions in the camera's coordinates."""

    def __init__(self, light: Light) -> None:
        azimuth, elevation = np.radians(light.azimuth), np.radians(light.elevation)
        self.key_direction = np.array(
            [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], F
        )
        opposite = -1 if light.azimuth > 0 else 1
        self.rim_direction = np.array([opposite * 0.80, 0.35, -0.48], F)
        self.fill_direction = np.array([opposite * 0.70, 0.05, 0.70], F)
        halfway = self.key_direction + np.array([0, 0, 1], F)
        self.halfway = (halfway / np.linalg.norm(halfway)).astype(F)
        self.key = linear(light.key) * F(light.key_gain)
        self.sky, self.ground = linear(light.sky), linear(light.ground)
        self.rim = linear(light.rim) * F(light.rim_gain)
        self.fill = self.sky * F(0.36)

    def shade(
        self,
        albedo: np.ndarray,
        normal: Triple,
        *,
        occlusion: Amount = 1.0,
        shadow: Amount = 1.0,
        wrap: tuple[float, float, float] = CLOTH_WRAP,
        gloss: Amount = 0.0,
        sharpness: float = 16.0,
        glow: float = 0.0,
        rim: float = 1.0,
    ) -> np.ndarray:
        """Linear colour of a lit surface, `[rows, columns, 3]`.

        Args:
            albedo: `[3]` or `[rows, columns, 3]`, linear.
            normal: Unit normals.
            occlusion: What share of the ambience reaches the surface.
            shadow: What share of the key light does.
            wrap: See SKIN_WRAP.
            gloss: Strength of the highlight.
            sharpness: Its exponent.
            glow: Light that comes out of the skin at the border of the shade.
            rim: Strength of the light from behind.
        """
        facing = _dot(normal, self.key_direction)
        upwards = 0.5 + 0.5 * normal[1]
        outline = np.clip(1 - normal[2], 0, 1)
        rim_amount = outline * outline * np.clip(_dot(normal, self.rim_direction) + 0.15, 0, 1) * (occlusion * F(rim))
        fill_amount = np.clip(_dot(normal, self.fill_direction), 0, 1)
        highlight = None
        if np.any(gloss):
            highlight = np.clip(_dot(normal, self.halfway), 0, 1) ** F(sharpness) * (gloss * shadow)
        halo = np.exp(-(((facing - 0.05) * 4) ** 2)) * (glow * shadow) if glow else None
        albedo = np.broadcast_to(albedo.astype(F), (*normal[0].shape, 3))
        shaded = filled(normal[0].shape)
        for c in range(3):
            key = np.clip((facing + wrap[c]) * (1 / (1 + wrap[c])), 0, 1) * shadow
            ambience = self.ground[c] + (self.sky[c] - self.ground[c]) * upwards + self.fill[c] * fill_amount
            light = self.key[c] * key + ambience * occlusion
            if halo is not None:
                light = light + halo * (self.key[c] * F(_SUBSURFACE_COLOUR[c]))
            shaded[..., c] = albedo[..., c] * light + rim_amount * self.rim[c] * (0.25 + 0.65 * albedo[..., c])
            if highlight is not None:
                shaded[..., c] += highlight * self.key[c]
        return shaded


def _dot(normal: Triple, direction: np.ndarray) -> np.ndarray:
    return normal[0] * direction[0] + normal[1] * direction[1] + normal[2] * direction[2]
