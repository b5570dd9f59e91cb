"""Each manipulation, through the node classes, against the plain formulation: within 1e-4 of the image range."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from plain import (
    PlainModel,
    Voice,
    const_noise,
    loop,
    mix,
    noise_at,
    padded,
    ramp,
    resized,
)

MODES = ["reflect", "replicate", "circular", "zeros", "stretch"]


@pytest.fixture
def take(node, make_generator):
    """Cuts a generator open at a layer for seeds; gives the features, and the same as a plain voice."""

    def take(generator, seed=3, layer="b4.conv1", noise="const", batch=1):
        latent = node("SampleLatent", generator=generator, seed=seed, batch_size=batch)
        features = node("GetFeatures", generator=generator, latent=latent, layer=layer, noise_mode=noise)
        return features, plain_voice(generator, range(seed, seed + batch), noise)

    return take


def plain_voice(generator, seeds, noise="const") -> Voice:
    model = PlainModel(generator)
    return Voice(model, model.styles(model.w_of_seeds(seeds)), const_noise(model) if noise == "const" else None)


def placed(voice: Voice, top: float = 0.0, left: float = 0.0, wrap_x: bool = False) -> Voice:
    """The same voice after its picture moved on the canvas, in pictures."""
    noise = const_noise(voice.model, top=top, left=left, wrap_x=wrap_x) if voice.noise else None
    return replace(voice, noise=noise, wrap_x=wrap_x)


def after(voice: Voice, layer: str) -> list[str]:
    """The layers after one."""
    return voice.model.names[voice.model.names.index(layer) + 1 :]


def after_block(layer: str) -> str:
    """Where a block is finished: a conv1's torgb, and a conv0 itself."""
    return layer.replace("conv1", "torgb")


def assert_agrees(image: torch.Tensor, rgb: torch.Tensor) -> None:
    expected = ((rgb.clamp(-1, 1) + 1) / 2).permute(0, 2, 3, 1)
    assert image.shape == expected.shape
    seen = ((expected > 0) & (expected < 1)).double().mean().item()
    assert seen > 0.7, f"only {seen:.0%} of the values are neither black nor white: the comparison says too little"
    error = (image - expected).abs().max().item()
    assert error <= 1e-4, f"max error {error:.2e}"


# --- plain synthesis -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("conv_clamp", [None, 0.9])
@pytest.mark.parametrize(("img_resolution", "batch", "noise"), [(16, 3, "const"), (32, 1, "none"), (64, 1, "const")])
def test_plain(node, take, make_generator, img_resolution, batch, noise, conv_clamp):
    generator = make_generator(img_resolution, conv_clamp=conv_clamp)
    features, voice = take(generator, noise=noise, batch=batch)
    rgb = loop(voice, voice.model.names, *voice.start())[1]
    assert_agrees(node("Render", features=features), rgb)


def test_clamp_is_felt(make_generator):
    """The clamp of the tests here is one that changes the picture."""
    free, clamped = (plain_voice(make_generator(conv_clamp=clamp), [3]) for clamp in (None, 0.9))
    pictures = [loop(voice, voice.model.names, *voice.start())[1] for voice in (free, clamped)]
    assert (pictures[0] - pictures[1]).abs().mean() > 0.02


def test_random_noise(node, make_generator):
    """Item k of a batch has the field of seed + k, everywhere."""
    generator = make_generator(16)
    latent = node("SampleLatent", generator=generator, seed=5, batch_size=3)
    features = node("GetFeatures", generator=generator, latent=latent, noise_mode="random", noise_seed=40)
    model = PlainModel(generator)

    def noise(name, height, width):
        index = model.names.index(name)
        places = [[[[noise_at(40 + k, index, y, x) for x in range(width)] for y in range(height)]] for k in range(3)]
        return torch.tensor(places, dtype=torch.float64)

    voice = Voice(model, model.styles(model.w_of_seeds(range(5, 8))), noise)
    assert_agrees(node("Render", features=features), loop(voice, model.names, *voice.start())[1])


# --- feature interpolation -------------------------------------------------------------------------------------------


def ramp_share(shape: str, amount: float = 1.0):
    if shape == "left_to_right":
        return lambda name, height, width: amount * ramp(width)
    return lambda name, height, width: amount * ramp(height)[:, None]


@pytest.mark.parametrize("conv_clamp", [None, 0.9])
@pytest.mark.parametrize("shape", ["left_to_right", "top_to_bottom"])
@pytest.mark.parametrize(("batch_a", "batch_b", "amount"), [(1, 1, 1.0), (3, 3, 0.6), (3, 1, 1.0), (1, 3, 1.0)])
def test_blend(node, take, make_generator, shape, batch_a, batch_b, amount, conv_clamp):
    generator = make_generator(conv_clamp=conv_clamp)
    (a, voice_a), (b, voice_b) = take(generator, 3, batch=batch_a), take(generator, 8, batch=batch_b)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, alpha=amount, shape=shape)
    layer = mix(voice_a, voice_b, ramp_share(shape, amount))
    assert_agrees(node("Render", features=mixed), loop(layer, voice_a.model.names, *voice_a.start())[1])


@pytest.mark.parametrize("layer", ["b8.conv0", "b8.conv1", "b32.conv1"])
def test_blend_from_a_later_layer(node, take, make_generator, layer):
    """Each runs alone up to the layer; activation and skip are mixed there, and every layer after it."""
    generator = make_generator()
    (a, voice_a), (b, voice_b) = take(generator, 3, layer), take(generator, 8, layer)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, shape="left_to_right")
    share = ramp_share("left_to_right")
    (x_a, skip_a), (x_b, skip_b) = voice_a.until(layer), voice_b.until(layer)
    here = share(layer, *x_a.shape[2:])
    x, skip = (1 - here) * x_a + here * x_b, (1 - here) * skip_a + here * skip_b
    rgb = loop(mix(voice_a, voice_b, share), after(voice_a, layer), x, skip)[1]
    assert_agrees(node("Render", features=mixed), rgb)


def test_blend_of_a_blend(node, take, make_generator):
    """Three pictures: the third mixed into the blend of the first two."""
    generator = make_generator()
    (a, voice_a), (b, voice_b), (c, voice_c) = (take(generator, seed) for seed in (3, 8, 11))
    two = node("InterpolateFeatures", features_a=a, features_b=b, shape="left_to_right")
    three = node("InterpolateFeatures", features_a=two, features_b=c, alpha=0.5, shape="top_to_bottom")
    first = mix(voice_a, voice_b, ramp_share("left_to_right"))
    layer = mix(first, voice_c, ramp_share("top_to_bottom", 0.5))
    assert_agrees(node("Render", features=three), loop(layer, voice_a.model.names, *voice_a.start())[1])


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

    moved = placed(voice, sides["top"], sides["left"])
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
    generator = make_generator(16, conv_clamp=0.9)
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

    layer = mix(placed(voice_a, 0, 0.5), placed(voice_b, 0, 0.5), share)
    assert_agrees(node("Render", features=wide), loop(layer, after(voice_a, "b8.torgb"), x, skip)[1])


# --- several pictures on one canvas ----------------------------------------------------------------------------------


def side_by_side(states, axis=3):
    return (torch.cat(parts, axis) for parts in zip(*states, strict=True))


@pytest.mark.parametrize("noise", ["const", "none"])
@pytest.mark.parametrize("conv_clamp", [None, 0.9])
@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0"])
def test_panorama_pair(node, take, make_generator, layer, conv_clamp, noise):
    """As `merge_extension`, each with its own noise where its own picture lies."""
    generator = make_generator(conv_clamp=conv_clamp)
    (_, voice_a), (_, voice_b) = take(generator, 3, noise=noise), take(generator, 4, noise=noise)
    latent = node("SampleLatent", generator=generator, seed=3, batch_size=2)
    pair = node("PanoramaFeatures", generator=generator, latent=latent, layer=layer, noise_mode=noise)
    x, skip = side_by_side([voice_a.until(layer), voice_b.until(layer)])
    both = mix(voice_a, placed(voice_b, left=1.0), ramp_share("left_to_right"))
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
@pytest.mark.parametrize("tile_size", [0, 16])
def test_panorama_of_four(node, take, make_generator, tile_size, wrap):
    """All on one canvas; with wrap every convolution and upsampling sees the other end."""
    generator, count = make_generator(), 4
    latent = node("SampleLatent", generator=generator, seed=3, batch_size=count)
    features = node("PanoramaFeatures", generator=generator, latent=latent, wrap=wrap)
    voices = [take(generator, 3 + index)[1] for index in range(count)]
    x, skip = side_by_side([voice.until("b4.conv1") for voice in voices])
    voices = [placed(voice, left=index, wrap_x=wrap) for index, voice in enumerate(voices)]

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

    second = placed(voice_b, left=1.0) if horizontal else placed(voice_b, top=1.0)
    rgb = loop(mix(voice_a, second, share), after(voice_a, "b4.conv1"), x, skip)[1]
    assert_agrees(node("Render", features=joined), rgb)


# --- transfer of a part ----------------------------------------------------------------------------------------------


def soft_box(batch: int = 1, height: int = 40, width: int = 56) -> torch.Tensor:
    """A box with soft edges, `[B, H, W]`, of a size that no layer has."""
    rows, columns = torch.meshgrid(torch.arange(height) / height, torch.arange(width) / width, indexing="ij")
    boxes = [torch.sigmoid(20 * (0.3 - (rows - 0.4 - 0.1 * k).abs())) for k in range(batch)]
    return torch.stack([box * torch.sigmoid(20 * (0.25 - (columns - 0.6).abs())) for box in boxes])


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("conv_clamp", [None, 0.9])
@pytest.mark.parametrize(("first", "last"), [(0, 99), (4, 99), (0, 6), (4, 9), (7, 7), (5, 6)])
def test_box_transfer(node, take, make_generator, first, last, conv_clamp, batch):
    """As `blend_bbox`: the mask at every layer of a range of style indices; outside it only A's."""
    generator = make_generator(conv_clamp=conv_clamp)
    (a, voice_a), (b, voice_b) = take(generator, 3, batch=batch), take(generator, 8)
    names, mask = voice_a.model.names, soft_box(batch)
    mixed = node(
        "InterpolateFeatures",
        features_a=a,
        features_b=b,
        first_layer=names[first],
        last_layer=names[last] if last < len(names) else "b1024.torgb",
        mask=mask,
    )

    def share(name, height, width):
        return resized(mask.double()[:, None], height, width) if first <= names.index(name) <= last else 0.0

    assert_agrees(node("Render", features=mixed), loop(mix(voice_a, voice_b, share), names, *voice_a.start())[1])


@pytest.mark.parametrize("pose_layers", [4, 3, 2])
def test_box_transfer_with_aligned_pose(node, make_generator, pose_layers):
    """`blend_bbox` for faces: before the style index `pose_layers` both have A's styles, so that there is nothing to
    mix, while the mask is on from the first layer. 3 and 2 cut between two layers that share a row of w_plus.
    """
    generator = make_generator()
    latent_a, latent_b = (node("SampleLatent", generator=generator, seed=seed) for seed in (3, 8))
    voice_a, voice_b = (plain_voice(generator, [seed]) for seed in (3, 8))
    names, mask = voice_a.model.names, soft_box()
    aligned = node(
        "MixStyles",
        latent_a=latent_b,
        latent_b=latent_a,
        first_layer="b4.conv1",
        last_layer=names[pose_layers - 1],
    )
    a, b = (node("GetFeatures", generator=generator, latent=latent) for latent in (latent_a, aligned))
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, mask=mask)

    def share(name, height, width):
        return resized(mask.double()[:, None], height, width) if names.index(name) >= pose_layers else 0.0

    assert_agrees(node("Render", features=mixed), loop(mix(voice_a, voice_b, share), names, *voice_a.start())[1])


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
    generator = make_generator(conv_clamp=0.9 if keep_skip else None)
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


# --- two generators --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_swap", [2, 6, 9])
@pytest.mark.parametrize(("reference_seed", "masked"), [(3, False), (8, False), (3, True), (8, True)])
@pytest.mark.parametrize("conv_clamp", [None, 0.9])
def test_toonification(node, take, make_generator, num_swap, reference_seed, masked, conv_clamp):
    """The notebook's loop: share 0 for style indices below num_swap and 0.7 from there on, each its own noise."""
    first = make_generator(seed=1, mapping_seed=5, conv_clamp=conv_clamp)
    second = make_generator(seed=2, mapping_seed=5, conv_clamp=conv_clamp)
    assert first.fingerprint == second.fingerprint
    (a, voice_a), (b, voice_b) = take(first, 3), take(second, reference_seed)
    names, mask = voice_a.model.names, soft_box() if masked else None
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, alpha=0.7, first_layer=names[num_swap], mask=mask)

    def share(name, height, width):
        if names.index(name) < num_swap:
            return 0.0
        return 0.7 * (resized(mask.double()[:, None], height, width) if masked else 1.0)

    assert_agrees(node("Render", features=mixed), loop(mix(voice_a, voice_b, share), names, *voice_a.start())[1])
