"""Cut the synthesis open: feature maps of a latent, and of a row of latents as one canvas."""

from __future__ import annotations

from ..generators import Generator
from ..latents import Latent, to_styles
from ..support.errors import FeatureError, require_between
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import Progress, Watch, begin, synthesize
from ..synthesis.noise import NoiseField
from .stitch import stitch


def get_features(
    generator: Generator,
    latent: Latent,
    layer: str = "b4.conv1",
    noise_mode: str = "const",
    noise_seed: int = 0,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> FeatureMap:
    """Run the synthesis to after a layer.

    Args:
        generator: On the device to compute on.
        latent: Any space, a batch.
        layer: Name of a convolution; one beyond the model's last means its last.
        noise_mode: One of noise.NOISE_MODES, for this part and all that follows.
        noise_seed: Of the noise field.
        progress: As of `synthesize`.
        watch: As of `synthesize`.

    Raises:
        LatentError: The latent isn't the generator's.
        SoatError: There is no such layer.
    """
    until = generator.layers.find(layer, with_features=True)
    noise = NoiseField(noise_mode, noise_seed)
    return synthesize(begin(generator, to_styles(generator, latent), noise), until, progress, watch)


def panorama(
    generator: Generator,
    latent: Latent,
    layer: str = "b4.conv1",
    *,
    wrap: bool = False,
    blend_width: float = 1.0,
    noise_mode: str = "const",
    noise_seed: int = 0,
    progress: Progress | None = None,
) -> FeatureMap:
    """All latents of a batch side by side on one canvas (Source: SOAT, section 3.6).

    Args:
        generator: As of `get_features`.
        latent: N codes, left to right.
        layer: Up to here each picture is made alone.
        wrap: Join the right end to the left one: 360 degrees.
        blend_width: As of `stitch`.
        noise_mode: As of `get_features`.
        noise_seed: As of `get_features`.
        progress: As of `synthesize`.

    Returns:
        Features of a batch of one.
    """
    features = get_features(generator, latent, layer, noise_mode, noise_seed, progress)
    maps = [features.item(index) for index in range(features.batch)]
    return stitch(maps, "horizontal", blend_width, wrap=wrap, what="PanoramaFeatures")


def grid(
    generator: Generator,
    latent: Latent,
    columns: int,
    layer: str = "b4.conv1",
    *,
    wrap_x: bool = False,
    wrap_y: bool = False,
    blend_width: float = 1.0,
    noise_mode: str = "const",
    noise_seed: int = 0,
    progress: Progress | None = None,
) -> FeatureMap:
    """All latents of a batch on one canvas, row by row; with one column, a vertical panorama.

    Args:
        generator: As of `get_features`.
        latent: Codes in reading order, a multiple of `columns`.
        columns: Pictures side by side.
        layer: Up to here each picture is made alone.
        wrap_x: Join the right end to the left one.
        wrap_y: Join the bottom to the top.
        blend_width: As of `stitch`, in both directions.
        noise_mode: As of `get_features`.
        noise_seed: As of `get_features`.
        progress: As of `synthesize`.

    Returns:
        Features of a batch of one.

    Raises:
        FeatureError: The last row isn't full.
    """
    node = "GridFeatures"
    require_between(f"{node}, columns", columns, 1, latent.batch)
    if latent.batch % columns:
        raise FeatureError(
            f"{node}: {latent.batch} latents don't fill rows of {columns}: the last row would have "
            f"{latent.batch % columns}. Give a multiple of {columns} latents, or choose other columns.",
            batch=latent.batch,
            columns=columns,
        )
    features = get_features(generator, latent, layer, noise_mode, noise_seed, progress)
    maps = [features.item(index) for index in range(features.batch)]
    rows = [
        stitch(maps[start : start + columns], "horizontal", blend_width, wrap=wrap_x, what=node)
        for start in range(0, len(maps), columns)
    ]
    return stitch(rows, "vertical", blend_width, wrap=wrap_y, what=node)
