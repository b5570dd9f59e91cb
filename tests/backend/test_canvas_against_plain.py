"""Larger canvases and moved content, through the node classes against the plain formulation."""

from __future__ import annotations

import pytest
import torch
from against import after, after_block, assert_agrees, placed, ramp_share, side_by_side, soft_box
from plain import Voice, loop, mix, padded, ramp, resized

MODES = ["reflect", "replicate", "circular", "zeros", "stretch"]


# --- a single image on a larger canvas -------------------------------------------------------------------------------

SIDES = {
    "horizontal": {"left": 0.5, "right": 0.5, "top": 0.0, "bottom": 0.0},
    "vertical": {"left": 0.0, "right": 0.0, "top": 0.25, "bottom": 0.5},
    "both": {"left": 0.75, "right": 0.0, "top": 0.5, "bottom": 0.25},
    "wider than the canvas": {"left": 2.25, "right": 1.5, "top": 0.0, "bottom": 0.0},
}


def in_pixels(sides: dict[str, float], size: int) -> tuple[int, int, int, int]:
    return tuple(round(sides[side] * size) for side in ("left", "right", "top", "bottom"))


def run_padded(voice: Voice, layer: str, mode: str, sides: dict[str, float]) -> torch.Tensor:
    """As `singan`: both activation and skip are padded after the layer, after a block's torgb if it ends the block."""

    def edit(name, x, skip):
        if name != after_block(layer):
            return x, skip
        pads = in_pixels(sides, x.shape[2])
        return padded(x, mode, *pads), padded(skip, mode, *pads)

    moved = placed(voice, (sides["top"], sides["left"]))
    start = (voice.model.names.index(after_block(layer))) + 1
    x, skip = loop(voice, voice.model.names[:start], *voice.start(), edit)
    return loop(moved, voice.model.names[start:], x, skip)[1]


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0", "b8.conv1", "b16.conv1", "b32.conv0", "b32.conv1"])
@pytest.mark.parametrize("mode", MODES)
def test_pad_at_any_layer(node, take, make_generator, mode, layer):
    generator = make_generator()
    features, voice = take(generator, 3, layer)
    wide = node("PadExpand", features=features, mode=mode, **SIDES["horizontal"])
    assert_agrees(node("Render", features=wide), run_padded(voice, layer, mode, SIDES["horizontal"]))


@pytest.mark.parametrize("sides", ["vertical", "both", "wider than the canvas"])
@pytest.mark.parametrize("mode", MODES)
def test_pad_any_side(node, take, make_generator, mode, sides):
    generator = make_generator(16, conv_clamp=0.4)
    features, voice = take(generator, 3, "b8.conv1", noise="none" if sides == "both" else "const", batch=3)
    large = node("PadExpand", features=features, mode=mode, **SIDES[sides])
    assert_agrees(node("Render", features=large), run_padded(voice, "b8.conv1", mode, SIDES[sides]))


@pytest.mark.parametrize("mode", MODES)
def test_pad_after_a_blend(node, take, make_generator, mode):
    """The ramp is that of the canvas before the pad, padded in turn at every layer; beside zeros its edge goes on."""
    generator, sides = make_generator(), SIDES["horizontal"]
    (a, voice_a), (b, voice_b) = take(generator, 3, "b8.conv1"), take(generator, 8, "b8.conv1")
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, shape="left_to_right")
    wide = node("PadExpand", features=mixed, mode=mode, **sides)

    (x_a, skip_a), (x_b, skip_b) = voice_a.until("b8.conv1"), voice_b.until("b8.conv1")
    here = ramp(8)
    x, skip = (1 - here) * x_a + here * x_b, (1 - here) * skip_a + here * skip_b
    before = mix(voice_a, voice_b, ramp_share("left_to_right"))
    x, skip = loop(before, ["b8.torgb"], x, skip)
    x, skip = (padded(y, mode, *in_pixels(sides, 8)) for y in (x, skip))

    def share(name, height, width):
        row = ramp(width // 2).reshape(1, 1, 1, -1)
        pads = in_pixels({**sides, "top": 0, "bottom": 0}, width // 2)
        return padded(row, "replicate" if mode == "zeros" else mode, *pads)

    layer = mix(placed(voice_a, (0, 0.5)), placed(voice_b, (0, 0.5)), share)
    assert_agrees(node("Render", features=wide), loop(layer, after(voice_a, "b8.torgb"), x, skip)[1])


# --- several pictures on one canvas ----------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["const", "none"])
@pytest.mark.parametrize("conv_clamp", [None, 0.4])
@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0"])
def test_panorama_pair(node, take, make_generator, layer, conv_clamp, noise):
    """As `merge_extension`, both with the noise of the picture that a place belongs to."""
    generator = make_generator(conv_clamp=conv_clamp)
    (_, voice_a), (_, voice_b) = take(generator, 3, noise=noise), take(generator, 4, noise=noise)
    latent = node("SampleLatent", generator=generator, seed=3, batch_size=2)
    pair = node("PanoramaFeatures", generator=generator, latent=latent, layer=layer, noise_mode=noise)
    x, skip = side_by_side([voice_a.until(layer), voice_b.until(layer)])
    both = mix(*(placed(voice, (0, 0), (0, 1)) for voice in (voice_a, voice_b)), ramp_share("left_to_right"))
    assert_agrees(node("Render", features=pair), loop(both, after(voice_a, layer), x, skip)[1])


def panorama_share(index: int, count: int, size: int, wrap: bool) -> torch.Tensor:
    """One picture's weight along `count` pictures of `size` pixels: ramps between neighbours' centres."""
    weights = torch.zeros(count * size, dtype=torch.float64)
    rise = torch.linspace(0, 1, size, dtype=torch.float64)
    centre = index * size + size // 2
    for column in range(size):
        before, behind = centre - size + column, centre + column
        if wrap or index > 0:
            weights[before % (count * size)] += rise[column]
        elif before >= 0:
            weights[before] = 1
        if wrap or index < count - 1:
            weights[behind % (count * size)] += 1 - rise[column]
        elif behind < count * size:
            weights[behind] = 1
    return weights


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("count", "tile_size"), [(1, 0), (2, 0), (4, 0), (4, 16)])
def test_panorama(node, take, make_generator, count, tile_size, wrap):
    """All on one canvas; with wrap every convolution and upsampling sees the other end."""
    generator = make_generator()
    latent = node("SampleLatent", generator=generator, seed=3, batch_size=count)
    features = node("PanoramaFeatures", generator=generator, latent=latent, wrap=wrap)
    voices = [take(generator, 3 + index)[1] for index in range(count)]
    x, skip = side_by_side([voice.until("b4.conv1") for voice in voices])
    places = [(0, index) for index in range(count)]
    voices = [placed(voice, *places, wrap_x=wrap) for voice in voices]

    def layer(name, x):
        results = [voice(name, x) for voice in voices]
        size = results[0].shape[3] // count
        return sum(panorama_share(index, count, size, wrap) * y for index, y in enumerate(results))

    rgb = loop(layer, after(voices[0], "b4.conv1"), x, skip, wrap_x=wrap)[1]
    assert_agrees(node("Render", features=features, tile_size=tile_size), rgb)


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
@pytest.mark.parametrize("blend_width", [0.0, 1.0, 2.0])
def test_stitch(node, take, make_generator, blend_width, direction):
    """blend_width 1 is `merge_extension`, 2 is `merge` (a ramp all over both), 0 a hard edge."""
    generator = make_generator()
    (a, voice_a), (b, voice_b) = take(generator, 3, batch=3), take(generator, 8, batch=3)
    joined = node("StitchFeatures", features_a=a, features_b=b, direction=direction, blend_width=blend_width)
    horizontal = direction == "horizontal"
    x, skip = side_by_side([voice_a.until("b4.conv1"), voice_b.until("b4.conv1")], axis=3 if horizontal else 2)

    def share(name, height, width):
        size = width if horizontal else height
        along = {
            0.0: (torch.arange(size) >= size // 2).double(),
            1.0: ramp(size),
            2.0: torch.linspace(0, 1, size, dtype=torch.float64),
        }[blend_width]
        return along if horizontal else along[:, None]

    places = [(0, 0), (0, 1) if horizontal else (1, 0)]
    both = mix(placed(voice_a, *places), placed(voice_b, *places), share)
    rgb = loop(both, after(voice_a, "b4.conv1"), x, skip)[1]
    assert_agrees(node("Render", features=joined), rgb)


@pytest.mark.parametrize("blend_width", [0.5, 1.0])
def test_stitch_of_different_widths(node, take, make_generator, blend_width):
    """The blend is as long as that fraction of the narrower one, around the seam; each picture keeps its noise."""
    generator = make_generator()
    (a, voice_a), (b, voice_b) = take(generator, 3, "b8.conv1"), take(generator, 8, "b8.conv1")
    wide = node("PadExpand", features=a, left=0.25, right=0.5, mode="circular")
    joined = node("StitchFeatures", features_a=wide, features_b=b, blend_width=blend_width)
    padded_a = (padded(y, "circular", 2, 4, 0, 0) for y in voice_a.until("b8.conv1"))
    x, skip = side_by_side([tuple(padded_a), voice_b.until("b8.conv1")])

    def share(name, height, width):
        size = width * 8 // 22  # of one picture; the seam lies at 14 of 22 eighths
        zone, seam = round(blend_width * size), width * 14 // 22
        along = (torch.arange(width) >= seam).double()
        along[seam - zone // 2 : seam + zone // 2] = torch.linspace(0, 1, zone, dtype=torch.float64)
        return along

    layer = mix(*(placed(voice, (0, 0.25), (0, 1.75)) for voice in (voice_a, voice_b)), share)
    rgb = loop(layer, after(voice_a, "b8.conv1"), x, skip)[1]
    assert_agrees(node("Render", features=joined), rgb)


def test_stitch_of_a_blend(node, take, make_generator):
    """Beyond its own canvas a blend goes on with its edge's shares, times its weight over the seam."""
    generator = make_generator()
    (a, voice_a), (b, voice_b), (c, voice_c) = (take(generator, seed) for seed in (3, 8, 11))
    blended = node("InterpolateFeatures", features_a=a, features_b=b, shape="left_to_right")
    joined = node("StitchFeatures", features_a=blended, features_b=c)

    def own_share(name, height, width):
        return torch.cat([ramp(width // 2), torch.ones(width // 2, dtype=torch.float64)])

    (x_a, _), (x_b, _) = voice_a.until("b4.conv1"), voice_b.until("b4.conv1")
    x_c, nothing = voice_c.until("b4.conv1")
    x = torch.cat([(1 - ramp(4)) * x_a + ramp(4) * x_b, x_c], 3)
    on_a, on_b, on_c = (placed(voice, (0, 0), (0, 1)) for voice in (voice_a, voice_b, voice_c))
    layer = mix(mix(on_a, on_b, own_share), on_c, ramp_share("left_to_right"))
    rgb = loop(layer, after(voice_a, "b4.conv1"), x, torch.cat([nothing, nothing], 3))[1]
    assert_agrees(node("Render", features=joined), rgb)


@pytest.mark.parametrize("wrap", [False, True])
def test_grid_of_six(node, take, make_generator, wrap):
    """Two panoramas of three, one above the other: a picture's weight is the product of its weights on both axes."""
    generator, count = make_generator(16), 3
    rows = []
    for seed in (3, 8):
        latent = node("SampleLatent", generator=generator, seed=seed, batch_size=count)
        rows.append(node("PanoramaFeatures", generator=generator, latent=latent, wrap=wrap))
    grid = node("StitchFeatures", features_a=rows[0], features_b=rows[1], direction="vertical")
    voices = [[take(generator, seed + index)[1] for index in range(count)] for seed in (3, 8)]
    states = [tuple(side_by_side([voice.until("b4.conv1") for voice in row])) for row in voices]
    x, skip = side_by_side(states, axis=2)
    places = [(top, left) for top in range(2) for left in range(count)]
    voices = [[placed(voice, *places, wrap_x=wrap) for voice in row] for row in voices]

    def layer(name, x):
        total = 0.0
        for top, row in enumerate(voices):
            for left, voice in enumerate(row):
                y = voice(name, x)
                size = y.shape[2] // 2
                down = ramp(2 * size) if top else 1 - ramp(2 * size)
                total = total + down[:, None] * panorama_share(left, count, size, wrap) * y
        return total

    rgb = loop(layer, after(voices[0][0], "b4.conv1"), x, skip, wrap_x=wrap)[1]
    for tile_size in (0, 16):
        assert_agrees(node("Render", features=grid, tile_size=tile_size), rgb)


# --- shift and blend -------------------------------------------------------------------------------------------------


def run_shifted(voice: Voice, layer: str, change, *, keep_skip: bool) -> torch.Tensor:
    """`change` is done to the activation after the layer, and to the skip with it unless that is kept."""
    when = after_block(layer) if keep_skip else layer

    def edit(name, x, skip):
        return (change(x), skip if keep_skip else change(skip)) if name == when else (x, skip)

    return loop(voice, voice.model.names, *voice.start(), edit)[1]


def copied_box(x: torch.Tensor, box: tuple[int, int, int, int], right: int, down: int) -> torch.Tensor:
    """As `patch_swap`: the content of a box (left, top, width, height) put elsewhere with hard edges."""
    left, top, width, height = box
    copy = x.clone()
    for y in range(top, top + height):
        for column in range(left, left + width):
            if 0 <= y + down < x.shape[2] and 0 <= column + right < x.shape[3]:
                copy[:, :, y + down, column + right] = x[:, :, y, column]
    return copy


@pytest.mark.parametrize("keep_skip", [True, False])
@pytest.mark.parametrize("layer", ["b8.conv0", "b16.conv1", "b32.conv1"])
@pytest.mark.parametrize(("right", "down"), [(0.25, 0.0), (-0.125, 0.375), (0.5, -0.5)])
def test_patch_copy(node, take, make_generator, right, down, layer, keep_skip):
    generator = make_generator(conv_clamp=0.4 if keep_skip else None)
    features, voice = take(generator, 3, layer, batch=3)
    box = {"x": 0.25, "y": 0.125, "width": 0.375, "height": 0.5}
    edited = node(
        "ShiftBlend",
        features=features,
        **box,
        shift_x=right,
        shift_y=down,
        feather=0.0,
        edit_rgb_skip=not keep_skip,
    )
    size = features.activation.shape[2]
    pixels = tuple(round(box[side] * size) for side in ("x", "y", "width", "height"))

    def change(x):
        return copied_box(x, pixels, round(right * size), round(down * size))

    assert_agrees(node("Render", features=edited), run_shifted(voice, layer, change, keep_skip=keep_skip))


def rolled(x: torch.Tensor, right: int, down: int, wrap: bool) -> torch.Tensor:
    """Shifted pixel by pixel; zeros come in, or what left at the other side."""
    shifted, (height, width) = torch.zeros_like(x), x.shape[2:]
    for y in range(height):
        for column in range(width):
            if wrap or (0 <= y + down < height and 0 <= column + right < width):
                shifted[:, :, (y + down) % height, (column + right) % width] = x[:, :, y, column]
    return shifted


@pytest.mark.parametrize("wrap", [False, True])
def test_shift_of_a_masked_blend(node, take, make_generator, wrap):
    """`(1 - Shift(m)) f + Shift(m f)` of the activation, the skip and, at every layer to come, the two shares."""
    generator, mask = make_generator(), soft_box()
    (a, voice_a), (b, voice_b) = take(generator, 3, "b8.conv1"), take(generator, 8, "b8.conv1")
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, shape="top_to_bottom")
    edited = node("ShiftBlend", features=mixed, shift_x=0.375, shift_y=-0.25, wrap=wrap, mask=mask)

    def shift(x):
        height, width = x.shape[2:]
        here = resized(mask.double()[:, None], height, width)
        places = round(0.375 * width), round(-0.25 * height), wrap
        return (1 - rolled(here, *places)) * x + rolled(here * x, *places)

    (x_a, skip_a), (x_b, skip_b) = voice_a.until("b8.conv1"), voice_b.until("b8.conv1")
    here = ramp(8)[:, None]
    x, skip = shift((1 - here) * x_a + here * x_b), shift((1 - here) * skip_a + here * skip_b)

    def share(name, height, width):
        return shift(ramp(height)[None, None, :, None].expand(1, 1, height, width))

    rgb = loop(mix(voice_a, voice_b, share), after(voice_a, "b8.conv1"), x, skip)[1]
    assert_agrees(node("Render", features=edited), rgb)


def test_shift_over_the_seam(node, take, make_generator):
    """On a canvas that wraps a copy goes over the seam, and so do the shares of the two pictures at its place."""
    generator = make_generator()
    latent = node("SampleLatent", generator=generator, seed=3, batch_size=2)
    pair = node("PanoramaFeatures", generator=generator, latent=latent, layer="b8.conv1", wrap=True)
    box = {"x": 0.5, "y": 0.25, "width": 0.375, "height": 0.5}
    edited = node("ShiftBlend", features=pair, **box, shift_x=0.25, shift_y=0.125, feather=0.0)
    voices = [take(generator, seed)[1] for seed in (3, 4)]

    def change(x):
        height, width = x.shape[2:]
        copy = x.clone()
        for y in range(height // 4, height * 3 // 4):
            for column in range(width // 2, width * 7 // 8):
                copy[:, :, y + height // 8, (column + width // 4) % width] = x[:, :, y, column]
        return copy

    def share(name, height, width):
        return change(panorama_share(1, 2, width // 2, wrap=True).reshape(1, 1, 1, -1).expand(1, 1, height, width))

    x, skip = side_by_side([voice.until("b8.conv1") for voice in voices])
    layer = mix(*(placed(voice, (0, 0), (0, 1), wrap_x=True) for voice in voices), share)
    rgb = loop(layer, after(voices[0], "b8.conv1"), change(x), change(skip), wrap_x=True)[1]
    assert_agrees(node("Render", features=edited), rgb)
