"""Mistakes on the wires: an error that names nodes and sizes and says the fix, or a well-defined result."""

from __future__ import annotations

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.support.errors import FeatureError, LatentError, SoatError


def node(class_id: str, **inputs):
    node_class = NODE_CLASS_MAPPINGS[class_id]
    with torch.inference_mode():
        return getattr(node_class(), node_class.FUNCTION)(**inputs)[0]


def features(generator, seed=0, layer="b8.conv1", batch_size=1):
    latent = node("SampleLatent", generator=generator, seed=seed, batch_size=batch_size)
    return node("GetFeatures", generator=generator, latent=latent, layer=layer)


def fails(kind: type[SoatError], *fragments: str):
    """An error of a kind whose text has all the fragments."""
    pattern = "".join(f"(?=.*{fragment})" for fragment in fragments)
    return pytest.raises(kind, match=f"(?s){pattern}")


@pytest.mark.parametrize("class_id", ["InterpolateFeatures", "StitchFeatures"])
def test_different_layers(generator, class_id):
    a, b = features(generator, layer="b8.conv1"), features(generator, layer="b16.conv0")
    sizes = r"features_a is at b8.conv1 \[1, 10, 8, 8\], features_b at b16.conv0"
    with fails(FeatureError, class_id, sizes, "same layer"):
        node(class_id, features_a=a, features_b=b)


@pytest.mark.parametrize("class_id", ["InterpolateFeatures", "StitchFeatures"])
def test_different_resolutions(generator, make_generator, class_id):
    other = make_generator(img_resolution=64, width=12, name="larger.pkl")
    with fails(FeatureError, class_id, "32 px", "larger.pkl", "64 px", "one resolution"):
        node(class_id, features_a=features(generator), features_b=features(other))


@pytest.mark.parametrize("class_id", ["InterpolateFeatures", "StitchFeatures"])
def test_different_channels(generator, make_generator, class_id):
    other = make_generator(width=20, name="wide.pkl")
    with fails(FeatureError, class_id, "channels at 8 px", "10", "wide.pkl", "18"):
        node(class_id, features_a=features(generator), features_b=features(other))


def test_different_canvases(generator):
    wide = node("PadExpand", features=features(generator))
    with fails(FeatureError, "InterpolateFeatures", "8 x 8", "8 x 16"):
        node("InterpolateFeatures", features_a=features(generator), features_b=wide)
    with fails(FeatureError, "StitchFeatures", "same width", r"\[1, 10, 8, 16\]"):
        node("StitchFeatures", features_a=features(generator), features_b=wide, direction="vertical")
    beside = node("StitchFeatures", features_a=features(generator), features_b=wide)
    assert beside.activation.shape == (1, 10, 8, 24)


def test_different_batches(generator):
    two, three, one = (features(generator, batch_size=size) for size in (2, 3, 1))
    for class_id in ("InterpolateFeatures", "StitchFeatures"):
        with fails(FeatureError, class_id, "batch of 2", "of 3"):
            node(class_id, features_a=two, features_b=three)
        assert node("Render", features=node(class_id, features_a=one, features_b=three)).shape[0] == 3
    with fails(FeatureError, "mask is a batch of 2", "features of 3"):
        node("InterpolateFeatures", features_a=one, features_b=three, mask=torch.ones(2, 8, 8))
    masks = torch.stack((torch.zeros(8, 8), torch.ones(8, 8)))
    other = features(generator, 1)
    mixed = node("Render", features=node("InterpolateFeatures", features_a=one, features_b=other, mask=masks))
    for index, seed in enumerate((0, 1)):
        torch.testing.assert_close(mixed[index : index + 1], node("Render", features=features(generator, seed)))


def test_a_latent_of_another_shape(generator, make_generator):
    larger = make_generator(img_resolution=64, name="larger.pkl")
    latent = node("SampleLatent", generator=generator)
    with fails(LatentError, "larger.pkl", "64 px", r"w_plus \[8, 24\]", "32 px"):
        node("GetFeatures", generator=larger, latent=latent)


def test_generators_that_share_no_style_space(generator, make_generator, caplog):
    """Codes of two mappings can't be mixed; a code in a foreign generator is taken with a warning; features mix."""
    foreign = make_generator(seed=5, mapping_seed=5, name="foreign.pkl")
    sibling = make_generator(seed=6, name="sibling.pkl")
    a, b = node("SampleLatent", generator=generator), node("SampleLatent", generator=foreign)
    for class_id in ("MixStyles", "InterpolateLatents"):
        with fails(LatentError, class_id, "share no style space", "one generator"):
            node(class_id, latent_a=a, latent_b=b)
    node("GetFeatures", generator=sibling, latent=a)
    assert not caplog.records
    taken = node("GetFeatures", generator=foreign, latent=a)
    assert "foreign.pkl" in caplog.text and taken.activation.isfinite().all()
    mixed = node("InterpolateFeatures", features_a=features(generator), features_b=features(foreign), alpha=1.0)
    torch.testing.assert_close(node("Render", features=mixed), node("Render", features=features(foreign)))


def test_an_empty_mask(generator):
    nothing = torch.zeros(1, 64, 64)
    a, b = features(generator), features(generator, 1)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, mask=nothing)
    torch.testing.assert_close(node("Render", features=mixed), node("Render", features=a))
    shifted = node("ShiftBlend", features=a, mask=nothing)
    torch.testing.assert_close(node("Render", features=shifted), node("Render", features=a))


def test_a_shift_by_more_than_the_canvas(generator):
    a = features(generator)
    gone = node("ShiftBlend", features=a, shift_x=1.25, x=0.0, width=1.0)
    torch.testing.assert_close(gone.activation, a.activation)
    around = node("ShiftBlend", features=a, shift_x=1.25, wrap=True)
    torch.testing.assert_close(around.activation, node("ShiftBlend", features=a, shift_x=0.25, wrap=True).activation)


def test_a_reflection_wider_than_the_picture(generator):
    a = features(generator)
    wide = node("PadExpand", features=a, left=3.0, right=0.0)
    x = torch.arange(24 + 8) - 24
    period = x % 14
    expected = a.activation[..., torch.minimum(period, 14 - period)]
    assert torch.equal(wide.activation, expected)


def test_a_negative_pad(generator):
    for wrong in (-0.5, float("nan"), 1e9):
        with fails(SoatError, "PadExpand, left", "0 to 16", str(wrong)):
            node("PadExpand", features=features(generator), left=wrong)


def test_features_from_the_middle_of_a_block(generator):
    """b16.conv0 is before its block's conv1 and torgb: every edit works there, and goes on right."""
    a, b = (features(generator, seed, "b16.conv0") for seed in (0, 1))
    plain = node("Render", features=a)
    torch.testing.assert_close(plain, node("Render", features=features(generator, 0, "b4.conv1")))
    for edited in (
        node("InterpolateFeatures", features_a=a, features_b=b, alpha=0.0),
        node("ShiftBlend", features=a, width=0.0, edit_rgb_skip=False),
        node("PadExpand", features=a, left=0.0, right=0.0, mode="zeros"),
    ):
        torch.testing.assert_close(node("Render", features=edited), plain)
    assert node("Render", features=node("StitchFeatures", features_a=a, features_b=b)).shape == (1, 32, 64, 3)


def test_colours_kept_in_one_input_only(generator):
    kept = node("ShiftBlend", features=features(generator), edit_rgb_skip=False)
    with fails(FeatureError, "InterpolateFeatures", "colours", "alike"):
        node("InterpolateFeatures", features_a=features(generator), features_b=kept)


def test_a_stitch_to_a_closed_canvas(generator):
    latent = node("SampleLatent", generator=generator, batch_size=2)
    closed = node("PanoramaFeatures", generator=generator, latent=latent, wrap=True)
    with fails(FeatureError, "StitchFeatures", "wraps", "wrap off"):
        node("StitchFeatures", features_a=closed, features_b=features(generator, layer="b4.conv1"))


def test_a_range_that_is_empty(generator):
    a, b = features(generator), features(generator, 1)
    with fails(SoatError, "InterpolateFeatures", "b16.conv0", "b8.conv1", "Swap"):
        node("InterpolateFeatures", features_a=a, features_b=b, first_layer="b16.conv0", last_layer="b8.conv1")
    for class_id in ("InterpolateFeatures", "MixStyles"):
        said = NODE_CLASS_MAPPINGS[class_id].VALIDATE_INPUTS(first_layer="b16.conv0", last_layer="b8.conv1")
        assert "Swap" in said
        assert NODE_CLASS_MAPPINGS[class_id].VALIDATE_INPUTS(first_layer="b8.conv1", last_layer=None) is True


def test_a_class_of_a_model_without_classes_and_of_one_with(generator, make_generator, caplog):
    plain = node("SampleLatent", generator=generator)
    ignored = node("SampleLatent", generator=generator, class_idx=3)
    assert torch.equal(plain.codes[0], ignored.codes[0]) and "unconditional" in caplog.text
    conditional = make_generator(c_dim=3, name="classes.pkl")
    for wrong in (-1, 3):
        with fails(LatentError, "classes.pkl", "3 classes", f"class_idx {wrong}", "0 to 2"):
            node("SampleLatent", generator=conditional, class_idx=wrong)
    codes = [node("SampleLatent", generator=conditional, class_idx=k).codes[0] for k in range(3)]
    assert (codes[0] - codes[1]).abs().max() > 0.1


def test_a_layer_beyond_the_models_last(generator):
    last = features(generator, layer="b32.conv1")
    beyond = features(generator, layer="b1024.conv0")
    assert torch.equal(last.activation, beyond.activation) and beyond.layer.name == "b32.conv1"


def test_a_layer_that_does_not_exist(generator):
    with fails(SoatError, "b12.conv1", "b4.conv1"):
        features(generator, layer="b12.conv1")


def test_a_checkpoint_that_is_not_there():
    said = NODE_CLASS_MAPPINGS["LoadStyleGAN"].VALIDATE_INPUTS(checkpoint="nowhere.pkl")
    assert "nowhere.pkl" in said
    for outside in ("../secret.pkl", "/etc/passwd", "demo/../../x.safetensors"):
        assert NODE_CLASS_MAPPINGS["LoadStyleGAN"].VALIDATE_INPUTS(checkpoint=outside) is not True
        with pytest.raises(SoatError):
            node("LoadStyleGAN", checkpoint=outside)


def test_an_output_name_that_leaves_the_folder(generator, tmp_path, monkeypatch):
    monkeypatch.setenv("SOAT_OUTPUT", str(tmp_path / "output"))
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "link").symlink_to(tmp_path)
    latent = node("SampleLatent", generator=generator)
    for prefix in ("../outside", str(tmp_path / "absolute"), "a/../../b", "link/x"):
        with pytest.raises(SoatError):
            node("SaveLatent", latent=latent, filename_prefix=prefix)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["output"]


def test_masks_that_are_none(generator):
    two = features(generator, batch_size=2)
    for class_id, wires in (
        ("ShiftBlend", {"features": two}),
        ("InterpolateFeatures", {"features_a": two, "features_b": two}),
    ):
        with fails(FeatureError, class_id, "mask is a batch of 3", "features of 2"):
            node(class_id, **wires, mask=torch.ones(3, 8, 8))
        for wrong, said in ((float("nan"), "not numbers"), (2.0, "outside 0 to 1"), (-1.0, "outside 0 to 1")):
            with fails(FeatureError, class_id, said):
                node(class_id, **wires, mask=torch.full((1, 8, 8), wrong))
    moved = node("ShiftBlend", features=features(generator), mask=torch.stack((torch.zeros(8, 8), torch.ones(8, 8))))
    assert moved.batch == 2 and torch.equal(moved.activation[:1], features(generator).activation)


@pytest.mark.parametrize(
    ("class_id", "name", "value"),
    [
        ("PadExpand", "mode", "mirror"),
        ("InterpolateFeatures", "shape", "diagonal"),
        ("InterpolateFeatures", "alpha", 2.0),
        ("StitchFeatures", "direction", "up"),
        ("StitchFeatures", "blend_width", -1.0),
        ("GetFeatures", "noise_mode", "loud"),
        ("SampleLatent", "rng", "dice"),
        ("SampleLatent", "batch_size", 0),
        ("SampleLatentSequence", "smoothness", -1.0),
        ("InterpolateLatents", "method", "cubic"),
        ("InterpolateLatents", "steps", 0),
        ("InterpolateLatents", "t", float("nan")),
        ("MixStyles", "strength", 7.0),
        ("SampleLatent", "truncation_psi", float("nan")),
        ("SampleLatent", "truncation_cutoff", -5),
        ("SampleLatent", "seed", 2**64),
        ("SampleLatentSequence", "seed", -1),
        ("ShiftBlend", "shift_x", float("nan")),
        ("ShiftBlend", "feather", 5.0),
        ("ShiftBlend", "width", -1.0),
        ("Render", "tile_size", -5),
    ],
)
def test_values_that_came_over_a_wire_unchecked(generator, class_id, name, value):
    latent, map_ = node("SampleLatent", generator=generator), features(generator)
    given = {
        "generator": generator,
        "latent": latent,
        "latent_a": latent,
        "latent_b": latent,
        "features": map_,
        "features_a": map_,
        "features_b": map_,
    }
    wires = {key: given[key] for key in NODE_CLASS_MAPPINGS[class_id].INPUT_TYPES()["required"] if key in given}
    with fails(SoatError, name, str(value)):
        node(class_id, **wires, **{name: value})


def test_a_canvas_too_large_to_be_made(generator):
    sides = dict.fromkeys(("left", "right", "top", "bottom"), 16.0)
    large = node("PadExpand", features=features(generator), **sides)
    with fails(FeatureError, "PadExpand", "pixels", "Pad less"):
        node("PadExpand", features=large, **sides)


def test_masks_of_no_shape(generator):
    for shape in ((1, 0, 0), (0, 8, 8), (1, 8, 8, 3)):
        with fails(FeatureError, r"\[batch, height, width\]"):
            node("ShiftBlend", features=features(generator), mask=torch.ones(shape))


def test_a_file_name_that_leaves_the_folder_is_said_before_the_run():
    for class_id in ("SaveLatent",):
        said = NODE_CLASS_MAPPINGS[class_id].VALIDATE_INPUTS(filename_prefix="../pic")
        assert "outside its folder" in said
        assert NODE_CLASS_MAPPINGS[class_id].VALIDATE_INPUTS(filename_prefix="a/b") is True
