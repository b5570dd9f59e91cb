"""Names of layers: NVIDIA's, numbers, and what one architecture's mean in the other."""

from __future__ import annotations

import pytest
from alias_free_models import SETTINGS, random_alias_free
from soat.nodes import inputs
from soat.soat_backend.generators.numbered import usual_rate
from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
from soat.soat_backend.generators.stylegan3.design import Settings
from soat.soat_backend.generators.stylegan3.numbered_layers import stylegan3_layers
from soat.soat_backend.support.errors import SoatError

LARGE = Settings(1024)


def test_nvidias_own_names():
    names = (
        "input L0_36_512 L1_36_512 L2_52_512 L3_52_512 L4_84_512 L5_148_512 L6_148_512 L7_276_323 L8_276_203 "
        "L9_532_128 L10_1044_81 L11_1044_51 L12_1044_32 L13_1024_32 L14_1024_3"
    )
    table = stylegan3_layers(LARGE.config())
    assert [layer.name for layer in table] == names.split()
    assert (table.num_ws, len(table)) == (16, 16)
    turning = Settings(1024, 65536, 1024, conv_kernel=1, use_radial_filters=True).config()
    assert [layer.out_channels for layer in turning.layers[6:]] == [1024, 645, 406, 256, 161, 102, 64, 64, 3]
    assert turning.architecture == "StyleGAN3-R"


@pytest.mark.parametrize(
    ("name", "feature_map", "style"),
    [
        ("L0", "L0_36_512", "L0_36_512"),
        ("L13", "L13_1024_32", "L13_1024_32"),
        ("L14", "L14_1024_3", "L14_1024_3"),
        ("L20", "L13_1024_32", "L14_1024_3"),
        ("L7_148_362", "L7_276_323", "L7_276_323"),
        ("b4.conv1", "input", "input"),
        ("b8.conv0", "input", "input"),
        ("b16.conv1", "L1_36_512", "L1_36_512"),
        ("b64.conv1", "L4_84_512", "L4_84_512"),
        ("b128.conv0", "L5_148_512", "L5_148_512"),
        ("b1024.conv1", "L13_1024_32", "L13_1024_32"),
        ("b2048.conv1", "L13_1024_32", "L13_1024_32"),
        ("b512.torgb", None, "L9_532_128"),
        ("b1024.torgb", None, "L14_1024_3"),
    ],
)
def test_what_names_mean_in_a_stylegan3(name, feature_map, style):
    table = stylegan3_layers(LARGE.config())
    assert table.find(name).name == style
    if feature_map:
        assert table.find(name, with_features=True).name == feature_map


@pytest.mark.parametrize("name", ["L", "Lx", "L-1", "bad", "b16", "L1_2", ""])
def test_what_no_name_is(name):
    for table in (stylegan3_layers(LARGE.config()), stylegan2_layers(64)):
        with pytest.raises(SoatError, match="no layer named"):
            table.find(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("input", "b4.conv1"), ("L0", "b16.conv1"), ("L7", "b256.conv1"), ("L13", "b1024.conv1"), ("L14", "b1024.torgb")],
)
def test_what_names_mean_in_a_stylegan2(name, expected):
    assert stylegan2_layers(1024).find(name).name == expected
    assert stylegan2_layers(8).find(name).name in ("b4.conv1", "b8.conv1", "b8.torgb")


def test_usual_rates_are_those_of_nvidias_models():
    for resolution in (256, 512, 1024):
        settings = Settings(resolution)
        assert [usual_rate(number, resolution) for number in range(15)] == [settings.rate(i) for i in range(15)]


def test_names_in_inputs_are_checked_before_a_model_is_known():
    assert inputs.CONV_LAYERS[-15:] == ["input", *(f"L{number}" for number in range(14))]
    assert inputs.STYLE_LAYERS[-1] == "L14"
    for layer in ("L3", "L17", "L3_52_512", "b64.conv0", "input", None):
        assert inputs.check_layer(layer) is True
    assert "no layer" in inputs.check_layer("b64.torgb")
    for first, last in (("L0", "L14"), ("input", "L0"), ("b4.conv1", "L3"), ("L9", "b8.torgb"), ("L2_52_512", "L20")):
        assert inputs.check_layer_range(first, last) is True
    assert "empty" in inputs.check_layer_range("L3", "input")
    assert "empty" in inputs.check_layer_range("b8.torgb", "b8.conv1")


def test_ranges_of_either_kind_select_the_same(node):
    generator = random_alias_free(SETTINGS["short"])
    a, b = (
        node(
            "SampleLatent",
            generator=generator,
            seed=seed,
            batch_size=1,
            truncation_psi=1.0,
            truncation_cutoff=-1,
            class_idx=-1,
            rng="numpy",
        )
        for seed in (1, 2)
    )
    for first, last, rows in (
        ("b4.conv1", "b1024.torgb", range(7)),
        ("L0", "L14", range(1, 7)),
        ("input", "input", range(1)),
        ("L1", "b16.conv1", range(2, generator.layers.find("b16.conv1").style_index + 1)),
    ):
        mixed = node("MixStyles", latent_a=a, latent_b=b, first_layer=first, last_layer=last, strength=1.0)
        for row in range(7):
            origin = b if row in rows else a
            assert mixed.codes[0][:, row].equal(origin.codes[0][:, row]), (first, last, row)
