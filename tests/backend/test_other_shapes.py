"""Models of other shapes than squares of RGB, through the node classes against the plain formulation.

Constants of any size, grey and RGBA pictures, and blocks that make no colours or have a shortcut.
"""

from __future__ import annotations

import pytest
import torch
from against import LIMIT, after, assert_agrees, assert_near, placed, ramp_share, side_by_side, soft_box
from plain import Voice, loop, mix, padded, ramp
from soat.nodes import NODE_CLASS_MAPPINGS

KINDS = {
    "people": {"constant": (4, 2)},
    "wide": {"constant": (4, 6), "block_architecture": "orig"},
    "odd, grey": {"constant": (3, 5), "img_channels": 1},
    "odd, with shortcuts": {"constant": (4, 7), "block_architecture": "resnet", "img_channels": 4},
    "large square": {"constant": (6, 6), "img_channels": 4, "conv_clamp": 0.4},
    "tiny": {"constant": (1, 2), "block_architecture": "resnet", "conv_clamp": 0.4},
    "RGBA": {"img_channels": 4},
    "shortcuts": {"block_architecture": "resnet"},
    "colours at the end": {"block_architecture": "orig", "img_channels": 1},
}
LAYERS = ["b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0", "b32.conv1"]


@pytest.fixture(params=KINDS)
def kind(request, make_generator):
    """A generator of each kind."""
    return make_generator(**KINDS[request.param])


def rest_of_block(voice: Voice, layer: str) -> str:
    """The last layer that the plain loop does before an edit that keeps colours: a conv1's torgb if it has one."""
    torgb = layer.replace("conv1", "torgb")
    return torgb if torgb in voice.model.names else layer


def finished(layer, voice: Voice, start: str, x: torch.Tensor, skip: torch.Tensor, **options) -> torch.Tensor:
    return loop(layer, after(voice, start), x, skip, **options)[1]


def rendered(features, tile_size: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """IMAGE and MASK."""
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["Render"]().render(features, tile_size)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("tile_size", [0, 16])
def test_plain(take, kind, layer, tile_size):
    features, voice = take(kind, 3, layer, batch=2)
    picture = loop(voice, voice.model.names, *voice.start())[1]
    image, mask = rendered(features, tile_size)
    assert_agrees(image, picture)
    height, width = (8 * side for side in kind.config.constant)
    assert image.shape == (2, height, width, 3) and mask.shape == (2, height, width)
    if kind.img_channels == 4:
        assert_near(mask, 1 - (picture[:, 3].clamp(-1, 1) + 1) / 2, LIMIT)
        assert 0.02 < mask.mean() < 0.98
    else:
        assert not mask.any()


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("shape", ["left_to_right", "top_to_bottom"])
def test_blend(node, take, kind, shape, layer):
    (a, voice_a), (b, voice_b) = take(kind, 3, layer), take(kind, 8, layer)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, shape=shape)
    share = ramp_share(shape)
    (x_a, skip_a), (x_b, skip_b) = voice_a.until(layer), voice_b.until(layer)
    here = share(layer, *x_a.shape[2:])
    x, skip = (1 - here) * x_a + here * x_b, (1 - here) * skip_a + here * skip_b
    expected = finished(mix(voice_a, voice_b, share), voice_a, layer, x, skip)
    for tile_size in (0, 16):
        assert_agrees(node("Render", features=mixed, tile_size=tile_size), expected)


def test_blend_under_a_mask_in_a_range(node, take, kind):
    """A shortcut counts as its block's first layer."""
    mask = soft_box()
    (a, voice_a), (b, voice_b) = take(kind, 3), take(kind, 8)
    mixed = node(
        "InterpolateFeatures", features_a=a, features_b=b, first_layer="b8.conv1", last_layer="b16.conv0", mask=mask
    )

    def share(name, height, width):
        if name not in ("b8.conv1", "b8.torgb", "b16.conv0", "b16.skip"):
            return 0.0
        return torch.nn.functional.interpolate(mask.double()[:, None], (height, width), mode="bilinear")

    x, skip = voice_a.until("b4.conv1")
    assert_agrees(node("Render", features=mixed), finished(mix(voice_a, voice_b, share), voice_a, "b4.conv1", x, skip))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("mode", ["reflect", "circular", "zeros", "stretch"])
def test_pads_are_parts_of_the_own_picture(node, take, kind, mode, layer):
    """Whole samples, nearest to the fraction of the picture's own width and height."""
    features, voice = take(kind, 3, layer)
    wide = node("PadExpand", features=features, left=0.5, right=1.25, top=0.25, bottom=1.0, mode=mode)
    tall, across = features.activation.shape[2:]
    pads = round(0.5 * across), round(1.25 * across), round(0.25 * tall), round(tall)
    assert wide.activation.shape[2:] == (tall + pads[2] + pads[3], across + pads[0] + pads[1])
    start = rest_of_block(voice, layer)
    x, skip = (padded(y, mode, *pads) for y in voice.until(start))
    moved = placed(voice, (pads[2] / tall, pads[0] / across))
    expected = finished(moved, voice, start, x, skip)
    for tile_size in (0, 16):
        assert_agrees(node("Render", features=wide, tile_size=tile_size), expected)


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0"])
@pytest.mark.parametrize("wrap", [False, True])
def test_panorama(node, take, kind, wrap, layer):
    """Three side by side, each as wide as a picture is."""
    latent = node("SampleLatent", generator=kind, seed=3, batch_size=3)
    features = node("PanoramaFeatures", generator=kind, latent=latent, layer=layer, wrap=wrap, blend_width=0.0)
    voices = [take(kind, 3 + index)[1] for index in range(3)]
    x, skip = side_by_side([voice.until(layer) for voice in voices])
    places = [(0, index) for index in range(3)]
    voices = [placed(voice, *places, wrap_x=wrap) for voice in voices]

    def each(name, x):
        results = [voice(name, x) for voice in voices]
        size = results[0].shape[3] // 3
        return torch.cat([y[..., index * size : (index + 1) * size] for index, y in enumerate(results)], 3)

    each.has_shortcuts = voices[0].has_shortcuts
    expected = finished(each, voices[0], layer, x, skip, wrap_x=wrap)
    for tile_size in (0, 16):
        assert_agrees(node("Render", features=features, tile_size=tile_size), expected)


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_stitch(node, take, kind, direction):
    """The blend goes from the middle of one to the middle of the other, whose sizes are those of the pictures."""
    (a, voice_a), (b, voice_b) = take(kind, 3, "b8.conv1"), take(kind, 8, "b8.conv1")
    joined = node("StitchFeatures", features_a=a, features_b=b, direction=direction)
    horizontal = direction == "horizontal"
    x, skip = side_by_side([voice.until("b8.conv1") for voice in (voice_a, voice_b)], axis=3 if horizontal else 2)

    def share(name, height, width):
        return ramp(width) if horizontal else ramp(height)[:, None]

    places = [(0, 0), (0, 1) if horizontal else (1, 0)]
    both = mix(*(placed(voice, *places) for voice in (voice_a, voice_b)), share)
    assert_agrees(node("Render", features=joined), finished(both, voice_a, "b8.conv1", x, skip))


@pytest.mark.parametrize("keep_skip", [True, False])
@pytest.mark.parametrize("layer", ["b8.conv0", "b16.conv1", "b32.conv1"])
def test_shift(node, take, kind, layer, keep_skip):
    """By fractions of the picture's own width and height; with shortcuts what they carry moves along."""
    features, voice = take(kind, 3, layer)
    box = {"x": 0.0, "y": 0.0, "width": 0.5, "height": 1.0}
    edited = node(
        "ShiftBlend", features=features, **box, shift_x=0.5, shift_y=0.0, feather=0.0, edit_rgb_skip=not keep_skip
    )

    def change(x):
        right, copy = round(0.5 * x.shape[3]), x.clone()
        inside = (torch.arange(x.shape[3]) + 0.5 < 0.5 * x.shape[3]).nonzero().flatten()
        for column in inside.tolist():
            if column + right < x.shape[3]:
                copy[..., column + right] = x[..., column]
        return copy

    start = rest_of_block(voice, layer) if keep_skip else layer
    x, skip = voice.until(start)
    expected = finished(voice, voice, start, change(x), skip if keep_skip else change(skip))
    assert_agrees(node("Render", features=edited), expected)
