"""Identities that must hold whatever the weights are: the same place is the same picture, however it is come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from against import soft_box
from soat.soat_backend.feature_ops import get_features, grid, interpolate, pad_expand, panorama, shift_blend, stitch
from soat.soat_backend.feature_ops.regions import Region
from soat.soat_backend.geometry.canvas import Window
from soat.soat_backend.latents import Latent, sample, sample_sequence
from soat.soat_backend.synthesis import plan as planning
from soat.soat_backend.synthesis.crop import crop
from soat.soat_backend.synthesis.render import plan, render, tiles

# Float32 rounding through the whole synthesis; the picture's range is 2.
CLOSE = 2e-5


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


def error(a: torch.Tensor, b: torch.Tensor) -> float:
    assert a.shape == b.shape
    return (a - b).abs().max().item()


def features(generator, seed=0, layer="b4.conv1", noise_mode="const", batch=1):
    return get_features(generator, sample(generator, seed, batch), layer, noise_mode, noise_seed=7)


@pytest.mark.parametrize("noise_mode", ["const", "random", "none"])
def test_batch_item_is_the_single_one(generator, noise_mode):
    together = render(features(generator, 5, "b8.conv1", noise_mode, batch=3))
    for k in range(3):
        alone = get_features(generator, sample(generator, 5 + k), "b8.conv1", noise_mode, noise_seed=7 + k)
        assert error(together[k : k + 1], render(alone)) < CLOSE


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0", "b32.conv1"])
def test_stopping_anywhere_changes_nothing(generator, layer):
    assert error(render(features(generator, layer=layer)), render(features(generator, layer="b32.conv1"))) < CLOSE


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular", "zeros", "stretch"])
def test_padding_by_nothing_is_the_plain_picture(generator, mode):
    plain = features(generator, layer="b8.conv1")
    assert error(render(pad_expand(plain, 0, 0, 0, 0, mode)), render(plain)) == 0.0


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular", "zeros"])
def test_padding_then_cropping_is_the_plain_picture(generator, mode):
    plain = features(generator, layer="b8.conv1")
    padded = pad_expand(plain, 0.5, 0.25, 0.125, 1.0, mode)
    back = crop(padded, Window(1, 4, 8, 8))
    assert error(render(back), render(plain)) < CLOSE


def test_a_panorama_of_three_agrees_with_its_pairs_away_from_the_other_seam(rosinality_a):
    maps = [features(rosinality_a, seed) for seed in range(3)]
    three, left, right = (render(stitch(part)) for part in (maps, maps[:2], maps[1:]))
    # A style reaches to the middle of the next tile; beyond it the b4 map is seen through what lies around it.
    assert error(three[..., : 256 + 32], left[..., : 256 + 32]) < CLOSE
    assert error(three[..., -256 - 32 :], right[..., -256 - 32 :]) < CLOSE
    assert error(three[..., :512], left) > 100 * CLOSE


@pytest.mark.parametrize("noise_mode", ["none", "const"])
@pytest.mark.parametrize("blend_width", [0.0, 0.5, 1.0, 2.0])
def test_a_wrapped_panorama_rolled_is_the_panorama_of_rolled_latents(generator, noise_mode, blend_width):
    latent = sample_sequence(generator, 3, count=4)
    rolled = Latent(latent.space, (latent.codes[0].roll(1, 0),), latent.fingerprint, latent.img_resolution)
    first, second = (
        render(panorama(generator, codes, wrap=True, blend_width=blend_width, noise_mode=noise_mode))
        for codes in (latent, rolled)
    )
    assert error(first.roll(32, 3), second) < CLOSE
    assert error(first, second) > 100 * CLOSE


def test_a_wrapped_panorama_of_one_repeats_seamlessly(generator):
    picture = features(generator, noise_mode="none")
    once, twice = (render(stitch([picture] * count, wrap=True)) for count in (1, 2))
    assert error(torch.cat((once, once), 3), twice) < CLOSE


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_stitching_in_steps_is_stitching_at_once(generator, direction):
    a, b, c = (features(generator, seed) for seed in range(3))
    at_once = render(stitch([a, b, c], direction))
    assert error(render(stitch([stitch([a, b], direction), c], direction)), at_once) < CLOSE
    assert error(render(stitch([a, stitch([b, c], direction)], direction)), at_once) < CLOSE


def test_vertical_is_horizontal_turned():
    """With kernels symmetric about the diagonal, a vertical stitch is the transposed horizontal one."""
    generator = _make(symmetric=True)
    a, b = (features(generator, seed) for seed in range(2))
    horizontal, vertical = (render(stitch([a, b], direction)) for direction in ("horizontal", "vertical"))
    assert error(vertical.transpose(2, 3), horizontal) < CLOSE


def _make(symmetric: bool):
    from soat.soat_backend.generators import GeneratorConfig, StyleGAN2

    torch.manual_seed(3)
    generator = StyleGAN2(GeneratorConfig(16, {4: 8, 8: 6, 16: 4}, 8, 8, 0, 2)).requires_grad_(False)
    for name, tensor in generator.state_dict().items():
        spatial = name.endswith((".const", "noise_const")) or tensor.dim() == 4
        if symmetric and spatial:
            tensor.copy_((tensor + tensor.transpose(-1, -2)) / 2)
    return generator


@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("shape", ["constant", "mask"])
def test_interpolating_all_the_way_is_one_of_the_two(generator, alpha, shape):
    a, b = features(generator, 1, "b8.conv1"), features(generator, 2, "b8.conv1")
    mask = torch.ones(1, 1, 20, 30) if shape == "mask" else None
    mixed = render(interpolate(a, b, alpha, mask=mask))
    assert error(mixed, render(b if alpha else a)) < CLOSE


def test_interpolation_is_symmetric(generator):
    a, b = features(generator, 1, "b8.conv1"), features(generator, 2, "b8.conv1")
    assert error(render(interpolate(a, b, 0.3)), render(interpolate(b, a, 0.7))) < CLOSE


def test_interpolating_a_map_with_itself_changes_nothing(generator):
    a = pad_expand(features(generator, 1), 0.5, 0.5, 0.25, 0)
    mixed = interpolate(interpolate(a, a, 0.4), a, 1.0, "left_to_right", "b8.conv1", "b16.torgb")
    assert error(render(mixed), render(a)) < CLOSE


def test_layers_outside_the_range_are_as_a(generator):
    """With B only in torgbs after the map was cut, the activation is A's at every layer."""
    a, b = features(generator, 1), features(generator, 2)
    late = interpolate(a, b, 1.0, first_layer="b32.torgb", last_layer="b32.torgb")
    assert torch.equal(late.activation, a.activation)
    early = interpolate(a, b, 1.0, first_layer="b4.conv1", last_layer="b4.conv1")
    assert torch.equal(early.activation, b.activation)
    by_hand = type(b)(b.layer, b.activation, b.rgb_skip, a.branches)
    assert error(render(early), render(by_hand)) < CLOSE


def test_shifting_by_nothing_or_nothing_shifted_is_the_plain_picture(generator):
    plain = features(generator, layer="b16.conv1")
    assert error(shift_blend(plain, 0, 0).activation, plain.activation) < 1e-6
    for region in (Region(width=0.0), torch.zeros(1, 1, 8, 8)):
        assert torch.equal(shift_blend(plain, 0.5, 0.5, region).activation, plain.activation)
    assert error(shift_blend(plain, 1.5, 0).activation, plain.activation) == 0.0


def test_shifting_everything_around_is_a_roll(generator):
    plain = features(generator, layer="b16.conv1")
    everything = Region(0, 0, 1, 1, feather=0)
    moved = shift_blend(plain, 0.25, -0.5, everything, wrap=True)
    assert torch.equal(moved.activation, plain.activation.roll((-8, 4), (2, 3)))


def test_a_shift_of_a_mixed_map_moves_the_mix_too(generator):
    """Shifting everything right by half: what was mixed left to right is mixed so from the middle on."""
    a, b = features(generator, 1), features(generator, 2)
    hard = torch.zeros(1, 1, 4, 4)
    hard[..., 2:] = 1
    mixed = interpolate(a, b, 1.0, mask=hard)
    moved = shift_blend(mixed, 0.5, 0, Region(0, 0, 1, 1, feather=0), wrap=True)
    from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
    from soat.soat_backend.synthesis.weights import Grid

    for layer in stylegan2_layers(32).layers[2:]:
        grid = Grid(layer, layer.sampling_rate, layer.sampling_rate)
        for before, after in zip(mixed.branches, moved.branches, strict=True):
            expected = before.weight.at(grid).expand(-1, -1, grid.height, grid.width).roll(layer.sampling_rate // 2, 3)
            torch.testing.assert_close(after.weight.at(grid), expected)


@pytest.mark.parametrize("tile_size", [24, 64])
def test_tiles_equal_the_whole(generator, tile_size):
    pano = panorama(generator, sample_sequence(generator, 1, 4), noise_mode="const")
    wrapped = panorama(generator, sample_sequence(generator, 1, 2), wrap=True, noise_mode="random", noise_seed=4)
    mask = torch.rand(2, 1, 9, 31, generator=torch.Generator().manual_seed(0))
    two = features(generator, 1, "b8.conv0", batch=2)
    one = features(generator, 9, "b8.conv0")
    mixed = interpolate(pad_expand(two, 0.3, 0.3, 0.5, 0), pad_expand(one, 0.3, 0.3, 0.5, 0), mask=mask)
    shifted = shift_blend(mixed, 0.4, 0.2, wrap=True)
    for canvas in (pano, wrapped, shifted, pad_expand(wrapped, 0.25, 0, 0.5, 0, "zeros")):
        whole = render(canvas, tile_size=4096)
        assert error(render(canvas, tile_size), whole) < CLOSE


def test_weights_sum_to_one_after_everything(generator):
    from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
    from soat.soat_backend.synthesis.weights import Grid

    a = panorama(generator, sample(generator, 0, 2), blend_width=1.4)
    b = panorama(generator, sample(generator, 10, 2), blend_width=0.3)
    mixed = interpolate(a, b, 0.6, "left_to_right", "b8.conv0", "b16.conv1")
    for mode in ("reflect", "zeros", "stretch"):
        edited = shift_blend(pad_expand(mixed, 0.25, 0.5, 0.5, 0.25, mode), 0.2, 0.3)
        edited = stitch([edited, edited], "vertical", wrap=True)
        for layer in stylegan2_layers(32):
            factor = layer.sampling_rate / 4
            height, width = int(edited.canvas.height * factor), int(edited.canvas.width * factor)
            grid = Grid(layer, height, width)
            total = sum(branch.weight.at(grid) for branch in edited.branches)
            torch.testing.assert_close(total.expand(-1, -1, height, width), torch.ones(1, 1, height, width))


class _Counter:
    """Counts the pixels each convolution of a generator computes."""

    def __init__(self, generator):
        self.pixels = 0
        modules = [generator.module(layer) for layer in generator.layers if layer.has_features]
        self.handles = [module.register_forward_hook(self._count) for module in modules]

    def _count(self, module, inputs, output):
        self.pixels += output.shape[0] * output.shape[2] * output.shape[3]


def test_a_branch_without_weight_costs_nothing(generator, request):
    a, b = features(generator, 1), features(generator, 2)
    counter = _Counter(generator)
    for one_sided in (interpolate(a, b, 0.0), interpolate(a, b, 1.0)):
        counter.pixels = 0
        render(one_sided)
        assert counter.pixels == 2 * (8**2 + 16**2 + 32**2)
    counter.pixels = 0
    render(interpolate(a, b, 0.5, last_layer="b8.torgb"))
    assert counter.pixels == 2 * 2 * 8**2 + 2 * (16**2 + 32**2)


def test_a_branch_with_local_support_costs_its_support(generator):
    corner = torch.zeros(1, 1, 32, 32)
    corner[..., :8, :8] = 1
    mixed = interpolate(features(generator, 1), features(generator, 2), mask=corner)
    counter = _Counter(generator)
    render(mixed)
    whole = 2 * (8**2 + 16**2 + 32**2)
    assert whole < counter.pixels <= whole * 1.15
    counter.pixels = 0
    render(panorama(generator, sample(generator, 0, 8)))
    # Two styles count at each place of a panorama, but at its outer halves.
    assert counter.pixels < 2 * 8 * whole + 32**2


def test_rendering_holds_no_activation_that_no_later_layer_needs(generator):
    import gc
    import weakref

    alive, seen = [], []

    def watch(module, inputs, output):
        gc.collect()
        alive.append(sum(ref() is not None for ref in seen))
        seen.append(weakref.ref(output))

    start = features(generator)
    for layer in generator.layers:
        if layer.has_features:
            generator.module(layer).register_forward_hook(watch)
    render(start)
    assert len(alive) == 6 and max(alive) <= 1, alive


def test_automatic_tiles_never_cut_a_plain_picture(make_generator):
    from soat.soat_backend.synthesis.cost import PIECE_FLOPS, largest_tile

    for resolution in (16, 64):
        model = make_generator(img_resolution=resolution)
        side = largest_tile(model)
        assert side >= resolution
        costs = [2 * model.module(x).weight.numel() * (side / resolution * x.sampling_rate) ** 2 for x in model.layers]
        halves = [cost / x.growth**2 for x, cost in zip(model.layers, costs, strict=True)]
        assert PIECE_FLOPS * 0.99 <= max(halves) <= PIECE_FLOPS


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0", "b16.conv0"])
def test_tiles_equal_the_whole_where_tiling_begins_at_the_cut(make_generator, layer):
    """A canvas larger than a tile at the very layer it was cut at, with several doublings to come."""
    large = make_generator(img_resolution=128)
    canvas = pad_expand(features(large, layer=layer, noise_mode="none"), 1, 1, 1, 1)
    assert error(render(canvas, 16), render(canvas, 4096)) < CLOSE


def _long_canvases(generator):
    """Open, wrapping, of two rows, mixed with a ramp."""
    yield panorama(generator, sample(generator, 0, 6))
    yield panorama(generator, sample(generator, 0, 6), wrap=True)
    yield panorama(generator, sample(generator, 0, 3), blend_width=2.0, wrap=True)
    yield grid(generator, sample(generator, 0, 6), 3, wrap_x=True, wrap_y=True)
    yield interpolate(
        panorama(generator, sample(generator, 0, 4)), panorama(generator, sample(generator, 9, 4)), 0.7, "left_to_right"
    )
    yield pad_expand(panorama(generator, sample(generator, 0, 4)), 0.5, 0.5, 0.25, 0.25)


@pytest.mark.parametrize("index", range(6))
def test_windows_in_blocks_equal_the_whole(index, generator, monkeypatch):
    canvas = list(_long_canvases(generator))[index]
    whole = render(canvas, 4096)
    per_pixel = max(generator.module(layer).flops(1.0) for layer in generator.layers)
    monkeypatch.setattr(planning, "PIECE_FLOPS", 40 * per_pixel)
    reports = []
    assert error(render(canvas, 4096, lambda done, total: reports.append(done / total)), whole) < CLOSE
    assert len(reports) > len(set(reports)), "no window was cut into blocks"
    assert reports == sorted(reports) and reports[-1] == 1.0


@pytest.mark.parametrize("whole_bytes", [0, 20_000, 100_000, 1 << 30])
@pytest.mark.parametrize("rows", [0, 32])
@pytest.mark.parametrize("index", range(6))
def test_tiles_equal_the_whole_wherever_tiling_begins(index, rows, whole_bytes, generator):
    canvas = list(_long_canvases(generator))[index]
    whole = render(canvas, 4096)[0]
    seen = torch.zeros(whole.shape[1:])
    for place, rgb in tiles(canvas, replace(plan(canvas), tile_pixels=32 * 48, whole_bytes=whole_bytes), rows=rows):
        rows, columns = slice(place.top, place.top + place.height), slice(place.left, place.left + place.width)
        assert error(rgb, whole[:, rows, columns]) < CLOSE
        seen[rows, columns] += 1
    assert torch.equal(seen, torch.ones_like(seen))


def test_a_tile_of_a_long_panorama_asks_few_branches(generator):
    """Only those whose pictures or blends lie in it; also over the seam of one that closes."""
    for wrap in (False, True):
        canvas = panorama(generator, sample(generator, 0, 20), wrap=wrap)
        for left in (0, 22, 36, 72):
            part = crop(canvas, Window(0, left, 4, 8))
            assert 2 <= len(part.branches) <= 5
            whole = render(canvas, 4096).roll(-8 * left, 3)
            # What the part's edges can't spoil.
            assert error(render(part)[..., 28:36], whole[..., 28:36]) < CLOSE


def test_no_layer_of_a_tiled_render_costs_more_than_a_tile_and_all_is_reported(make_generator):
    large = make_generator(img_resolution=64)
    canvas = pad_expand(features(large), 4, 4, 4, 4)
    costs, reports = [], []

    def watch(module, inputs, output):
        area = output.shape[2] * output.shape[3] / (4 if module.doubles else 1)
        costs.append(2 * module.weight.numel() * area)

    for layer in large.layers:
        if layer.has_features:
            large.module(layer).register_forward_hook(watch)
    render(features(large))
    costliest_of_a_picture = max(costs)
    costs.clear()
    render(canvas, 64, lambda done, total: reports.append(done / total))
    halo = ((64 + 2 * 4 * 16) / 64) ** 2
    assert max(costs) <= costliest_of_a_picture * halo
    assert len(reports) == len(costs) and reports == sorted(reports) and reports[-1] == 1.0


def test_a_canvas_that_wraps_in_y_is_the_transposed_one_that_wraps_in_x():
    generator = _make(symmetric=True)
    maps = [features(generator, seed, noise_mode="none") for seed in range(3)]
    around_x, around_y = (render(stitch(maps, direction, wrap=True)) for direction in ("horizontal", "vertical"))
    assert error(around_y.transpose(2, 3), around_x) < CLOSE
    rolled = render(stitch([maps[2], *maps[:2]], "vertical", wrap=True))
    assert error(around_y.roll(16, 2), rolled) < CLOSE
    torus = stitch([stitch(maps, wrap=True)] * 2, "vertical", wrap=True)
    whole = render(torus, 4096)
    assert error(render(torus, 16), whole) < CLOSE
    assert error(whole.roll((16, 16), (2, 3))[..., :16, 16:32], whole[..., :16, :16]) < CLOSE


def test_a_stretched_canvas_still_wraps(generator):
    wide = pad_expand(panorama(generator, sample(generator, 0, 2), wrap=True), 0.5, 0.5, mode="stretch")
    assert wide.wrap_x and wide.canvas.width == 16
    assert not pad_expand(wide, 0.25, 0).wrap_x


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("masked", [False, True])
def test_a_blend_of_a_picture_with_itself_is_that_picture_in_every_type(node, make_generator, dtype, masked):
    """Bit for bit, since branches are averaged; a sum by rounded weights was off by up to 7 grey levels in bfloat16."""
    generator = make_generator()
    generator.dtype = dtype
    latent = node("SampleLatent", generator=generator, seed=5)
    features = node("GetFeatures", generator=generator, latent=latent)
    expected = node("Render", features=features)
    # Nowhere 0, where a branch would be run on a part of the canvas only, which rounds otherwise.
    mask = 0.2 + 0.6 * soft_box() if masked else None
    blended = features
    for alpha in (1 / 3, 0.3, 0.9):
        blended = node("InterpolateFeatures", features_a=blended, features_b=features, alpha=alpha, mask=mask)
    assert torch.equal(node("Render", features=blended), expected)
