"""The layer table: names and indices as NVIDIA and rosinality have them."""

from __future__ import annotations

import pytest
from soat.soat_backend.generators.layers import Layer
from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
from soat.soat_backend.geometry.canvas import Canvas
from soat.soat_backend.support.errors import SoatError


# What the library doesn't do yet; strict, so that a fix asks for the mark to be taken away.
@pytest.mark.parametrize(
    ("img_resolution", "styles", "convs", "rows"),
    [(4, 2, 1, 2), (8, 5, 3, 4), (32, 11, 7, 8), (256, 20, 13, 14), (1024, 26, 17, 18)],
)
def test_counts(img_resolution, styles, convs, rows):
    assert len(stylegan2_layers(img_resolution)) == styles
    assert len(stylegan2_layers(img_resolution).with_features) == convs
    assert stylegan2_layers(img_resolution).num_ws == rows


@pytest.mark.parametrize("img_resolution", [256, 1024])
@pytest.mark.parametrize(
    ("name", "w_index", "style_index"),
    [
        ("b4.conv1", 0, 0),
        ("b4.torgb", 1, 1),
        ("b8.conv0", 1, 2),
        ("b8.conv1", 2, 3),
        ("b8.torgb", 3, 4),
        ("b16.conv0", 3, 5),
        ("b64.conv1", 8, 12),
        ("b256.conv0", 11, 17),
        ("b256.conv1", 12, 18),
        ("b256.torgb", 13, 19),
    ],
)
def test_table(img_resolution, name, w_index, style_index):
    layer = stylegan2_layers(img_resolution).find(name)
    assert (layer.name, layer.w_index, layer.style_index) == (name, w_index, style_index)
    assert stylegan2_layers(img_resolution)[style_index] == layer


@pytest.mark.parametrize("power", range(3, 11))
def test_formulas(power):
    """With L = log2(r): conv0 at w row 2L - 5 and style 3L - 7, conv1 and torgb right after it."""
    rows = [stylegan2_layers(1024).find(f"b{2**power}.{kind}") for kind in ("conv0", "conv1", "torgb")]
    assert [layer.w_index for layer in rows] == [2 * power - 5, 2 * power - 4, 2 * power - 3]
    assert [layer.style_index for layer in rows] == [3 * power - 7, 3 * power - 6, 3 * power - 5]
    assert {layer.sampling_rate for layer in rows} == {2**power}
    assert [layer.has_features for layer in rows] == [True, True, False]


def test_names_in_order():
    names = ["b4.conv1", "b4.torgb", "b8.conv0", "b8.conv1", "b8.torgb", "b16.conv0", "b16.conv1", "b16.torgb"]
    assert [layer.name for layer in stylegan2_layers(16)] == names
    assert [layer.name for layer in stylegan2_layers(16).with_features] == [name for name in names if "conv" in name]


@pytest.mark.parametrize("name", ["b64.conv0", "b64.conv1", "b64.torgb", "b1024.torgb", "b2048.conv1"])
def test_beyond_the_last_means_the_last(name):
    assert stylegan2_layers(32).find(name).name == "b32.torgb"
    if "torgb" not in name:
        assert stylegan2_layers(32).find(name, with_features=True).name == "b32.conv1"


@pytest.mark.parametrize(
    "name",
    [
        *("b4.conv0", "b5.conv1", "b16.conv2", "b16", "conv1", "b.conv1", "b-8.conv1", "", "w"),
        "b²8.conv1",
    ],
)
@pytest.mark.parametrize("conv_only", [True, False])
def test_unknown_name(name, conv_only):
    with pytest.raises(SoatError) as raised:
        stylegan2_layers(32).find(name, with_features=conv_only)
    what, last = ("convolution", "b32.conv1") if conv_only else ("layer", "b32.torgb")
    assert str(raised.value) == f"There is no {what} named {name!r}. Choose one of b4.conv1 ... {last}."
    assert raised.value.values == {"name": name}


def test_torgb_is_no_place_for_features():
    for name in ("b8.torgb", "b1024.torgb"):
        with pytest.raises(SoatError, match=f"no convolution named '{name}'"):
            stylegan2_layers(32).find(name, with_features=True)


def test_layer_range():
    assert stylegan2_layers(32).range("b4.torgb", "b16.conv0") == (1, 5)
    assert stylegan2_layers(32).range("b8.conv1", "b8.conv1") == (3, 3)
    assert stylegan2_layers(32).range("b16.conv1", "b1024.torgb") == (6, 10)
    with pytest.raises(SoatError, match=r"^first_layer b16.conv0 comes after last_layer b8.torgb"):
        stylegan2_layers(32).range("b16.conv0", "b8.torgb")


@pytest.mark.parametrize("img_resolution", [0, 2, 3, 48, -8])
def test_no_such_resolution(img_resolution):
    with pytest.raises(SoatError, match=f"power of two from 4 to 16384 as its resolution, got {img_resolution}"):
        stylegan2_layers(img_resolution)


def test_canvases_grow_with_the_sampling_rate():
    layers = stylegan2_layers(32)
    before, after = layers.find("b8.conv1"), layers.find("b16.conv0")
    assert after.canvas_after(Canvas(3, 5, wrap_x=True), before) == Canvas(6, 10, wrap_x=True)


def test_a_margin_lies_beyond_the_ends_that_dont_wrap():
    before = Layer("L0", 0, 1, sampling_rate=16, margin=10)
    after = Layer("L1", 1, 2, sampling_rate=32, margin=10)
    assert before.samples(1.0) == 36 and after.samples(1.0) == 52
    assert after.canvas_after(Canvas(36, 24, wrap_x=True), before) == Canvas(52, 48, wrap_x=True)
    assert after.length(52 + 16) == 1.5 and after.length(48, wraps=True) == 1.5


def test_blocks_end_where_the_sampling_rate_grows():
    assert [layer.name for layer in stylegan2_layers(16).block_ends] == ["b4.conv1", "b8.conv1", "b16.conv1"]


def test_what_lies_between_two_layers():
    layers = stylegan2_layers(16)
    names = [layer.name for layer in layers.between(layers.start, layers.find("b8.conv0"))]
    assert names == ["b4.conv1", "b8.conv0"]
    assert [layer.name for layer in layers.between(layers.find("b16.conv0"))] == ["b16.conv1"]
    assert layers.between(layers.find("b16.conv1"), layers.find("b8.conv1")) == []
