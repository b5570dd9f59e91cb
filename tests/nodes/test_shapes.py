"""What other nodes make of models whose pictures are no squares of RGB."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend import model_cards
from soat.soat_backend.checkpoints import save_generator
from soat.soat_backend.support.errors import FeatureError, LatentError, SoatError
from soat.soat_backend.synthesis.views import VIEWS
from soat.soat_backend.training.finetune import finetuning_options
from soat.soat_backend.training.options import TrainingError

KINDS = {
    "people": {"constant": (4, 2)},
    "grey": {"img_channels": 1, "constant": (3, 5)},
    "RGBA": {"img_channels": 4, "block_architecture": "resnet", "constant": (4, 7)},
    "orig": {"block_architecture": "orig"},
}
QUICK = {"steps": 4, "candidates": 3}


@pytest.fixture(params=KINDS)
def kind(request, make_generator):
    return make_generator(16, name=f"{request.param}.pkl", **KINDS[request.param])


@pytest.fixture
def folders(tmp_path, monkeypatch):
    chosen = {name: tmp_path / name for name in ("models", "input", "output")}
    monkeypatch.setattr(host.folders, "_chosen_folders", chosen)
    return tmp_path


def run(class_id: str, **inputs):
    """Run a node as ComfyUI does; its outputs."""
    node_class = NODE_CLASS_MAPPINGS[class_id]
    with torch.inference_mode():
        result = getattr(node_class(), node_class.FUNCTION)(**inputs)
    return result["result"] if isinstance(result, dict) else result


def features_of(generator, seed=4, layer="b8.conv1", batch=1):
    (latent,) = run("SampleLatent", generator=generator, seed=seed, batch_size=batch)
    return run("GetFeatures", generator=generator, latent=latent, layer=layer)[0]


# Inversion


def test_a_picture_of_the_models_shape_is_inverted(kind):
    image, _ = run("Render", features=features_of(kind, batch=2))
    latent, reconstruction, report, same, _ = run("InvertImage", generator=kind, image=image, **QUICK)
    assert same is kind and reconstruction.shape == image.shape
    again, _ = run("Render", features=run("GetFeatures", generator=kind, latent=latent)[0])
    assert (again - reconstruction).abs().max() <= 1e-4
    mse = (reconstruction - image).square().mean((1, 2, 3))
    figures = [float(line.split("MSE ")[1].split(",")[0]) for line in report.splitlines()]
    assert figures == pytest.approx(mse.tolist(), abs=1e-5)


def test_the_search_finds_what_the_model_made(kind):
    """Begun with the code itself it stays there: likeness is measured of the very picture."""
    (latent,) = run("SampleLatent", generator=kind, seed=4)
    image, _ = run("Render", features=run("GetFeatures", generator=kind, latent=latent)[0])
    found = run("InvertImage", generator=kind, image=image, init=latent, steps=0)
    assert (found[1] - image).abs().max() <= 1e-4
    assert float(found[2].split("MSE ")[1].split(",")[0]) <= 1e-4


def test_a_grey_model_is_fitted_to_luminance(make_generator):
    generator = make_generator(16, **KINDS["grey"])
    colours = torch.rand(1, 12, 20, 3, generator=torch.Generator().manual_seed(0))
    luminance = (colours * torch.tensor([0.299, 0.587, 0.114])).sum(-1, keepdim=True).expand(-1, -1, -1, 3)
    found = [run("InvertImage", generator=generator, image=image, **QUICK)[1] for image in (colours, luminance)]
    assert (found[0] - found[1]).abs().max() <= 1e-4
    assert torch.equal(found[0][..., 0], found[0][..., 2])


@pytest.mark.parametrize("fitting", [{"noise_maps": True}, {"tune_steps": 2}])
def test_noise_and_weights_are_fitted(kind, fitting):
    image, _ = run("Render", features=features_of(kind))
    latent, reconstruction, _, fitted, _ = run("InvertImage", generator=kind, image=image, **QUICK, **fitting)
    assert fitted is not kind and fitted.picture == kind.picture
    again, _ = run("Render", features=run("GetFeatures", generator=fitted, latent=latent)[0])
    assert (again - reconstruction).abs().max() <= 1e-4


def test_sizes_are_brought_to_the_models(make_generator):
    """A photo of the shape, or as near to it as whole pixels come."""
    people = make_generator(16, **KINDS["people"])
    for height, width in ((64, 32), (101, 50), (33, 17), (8, 4)):
        reconstruction = run("InvertImage", generator=people, image=torch.rand(1, height, width, 3), **QUICK)[1]
        assert reconstruction.shape == (1, 16, 8, 3)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (32, 64), (64, 35)])
def test_a_picture_of_another_shape_is_refused(make_generator, height, width):
    people = make_generator(16, name="people.pkl", **KINDS["people"])
    with pytest.raises(SoatError, match=rf"{width} x {height}, and people.pkl makes pictures of 8 x 16"):
        run("InvertImage", generator=people, image=torch.rand(1, height, width, 3), **QUICK)


def test_large_pictures_are_compared_in_small(make_generator):
    people = make_generator(512, width=4, **KINDS["people"])
    image, _ = run("Render", features=features_of(people))
    report = run("InvertImage", generator=people, image=image, steps=1, candidates=0)[2]
    assert "1 steps" in report


# What is shown and written


@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("tile_size", [0, 16])
def test_the_file_has_the_models_colours(kind, format, tile_size, folders):
    (latent,) = run("SampleLatent", generator=kind, seed=4, batch_size=3)
    (canvas,) = run("PanoramaFeatures", generator=kind, latent=latent)
    image, mask = run("Render", features=canvas)
    report = run("SaveCanvas", features=canvas, format=format, tile_size=tile_size)[0]
    (path,) = (folders / "output" / "canvas").iterdir()
    with Image.open(path) as file:
        assert file.mode == {1: "L", 3: "RGB", 4: "RGBA"}[kind.img_channels]
        pixels = np.asarray(file).reshape(*image.shape[1:3], -1)
    shown = torch.cat((image[0], 1 - mask[0, ..., None]), -1) if kind.img_channels == 4 else image[0]
    expected = (255.0 * shown.numpy()[..., : kind.img_channels]).clip(0, 255).astype(np.uint8)
    # Rounding may fall on either side of a whole number.
    assert np.abs(pixels.astype(int) - expected).max() <= 1
    assert f"{image.shape[2]} x {image.shape[1]} pixels" in report


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0", "b8.conv1", "b16.conv1"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view(kind, view, layer):
    features = features_of(kind, layer=layer, batch=2)
    image, report = run("PreviewFeatures", features=features, view=view, channel_count=4)
    height, width = features.activation.shape[2:]
    times = 256 // min(height, width)
    if view != "channels":
        assert image.shape == (2, height * times, width * times, 3)
    is_last, has_colours = layer == "b16.conv1", kind.config.block_architecture == "skip"
    assert ("colours: none yet" in report) == (not is_last and not has_colours)
    if view == "rgb_so_far" and is_last:
        assert (image[:, ::times, ::times] - run("Render", features=features)[0]).abs().max() <= 1e-5
    elif view == "rgb_so_far" and not has_colours:
        assert (image == 0.5).all()


def test_a_preview_has_the_alpha(make_generator, comfyui, folders):
    rgba = make_generator(16, **KINDS["RGBA"])
    features = features_of(rgba)
    with torch.inference_mode():
        told = NODE_CLASS_MAPPINGS["Render"]().render(features=features)
    image = told["result"][0]
    (entry,) = told["ui"]["images"]
    with Image.open(folders / "comfy_temp" / entry["subfolder"] / entry["filename"]) as file:
        assert file.mode == "RGBA" and file.width * image.shape[1] == file.height * image.shape[2]


def test_a_card_of_a_large_model_without_early_colours(make_generator, tmp_path, monkeypatch):
    """Its pictures are made to the end and averaged; of other models the layers before are enough."""
    monkeypatch.setattr(model_cards, "SAMPLE_SIDE", 16)
    monkeypatch.setattr(model_cards, "WHOLE_SIDE", 16)
    sizes = {"people": (16, 8), "orig": (16, 16), "RGBA": (9, 16), "grey": (12, 20)}
    for name in ("people", "orig", "RGBA"):
        generator = make_generator(32, **KINDS[name])
        save_generator(generator, tmp_path / f"{name}.safetensors", provenance={})
        pictures = model_cards.ModelCards().samples(tmp_path / f"{name}.safetensors", 3, 2)
        assert pictures.shape == (2, 3, *sizes[name])
        if name == "orig":
            image, _ = run("Render", features=features_of(generator, seed=3, batch=2))
            averaged = torch.nn.functional.avg_pool2d(image.permute(0, 3, 1, 2), 2)
            assert (pictures - averaged).abs().max() <= 1e-5


def test_a_card_names_the_layers_that_are_there(make_generator, tmp_path):
    save_generator(make_generator(8, **KINDS["orig"]), tmp_path / "orig.safetensors", provenance={})
    card = model_cards.ModelCards().describe(tmp_path / "orig.safetensors")
    assert card.layers == ("b4.conv1", "b8.conv0", "b8.conv1", "b8.torgb")


# Codes


@pytest.mark.parametrize("architecture", ["orig", "resnet"])
def test_styles_are_mixed_by_the_layers_that_are_there(make_generator, architecture):
    """A torgb that isn't there lies between the layers around it."""
    generator = make_generator(32, block_architecture=architecture)
    a, b = (run("SampleLatent", generator=generator, seed=seed)[0] for seed in (3, 8))
    style_a, style_b = (run("ConvertLatent", generator=generator, latent=each)[0] for each in (a, b))
    names = [layer.name for layer in generator.layers]
    for first, last, of_b in (
        ("b8.torgb", "b16.torgb", ["b16.conv0", "b16.conv1"]),
        ("b8.conv1", "b8.torgb", ["b8.conv1"]),
        ("b32.conv1", "b1024.torgb", ["b32.conv1", "b32.torgb"]),
    ):
        (mixed,) = run("MixStyles", latent_a=a, latent_b=b, first_layer=first, last_layer=last)
        (styles,) = run("ConvertLatent", generator=generator, latent=mixed)
        for name, style, own, other in zip(names, styles.codes, style_a.codes, style_b.codes, strict=True):
            torch.testing.assert_close(style, other if name in of_b else own)


def test_latents_know_what_they_are_for(make_generator, folders):
    resnet, usual = make_generator(16, block_architecture="resnet"), make_generator(16)
    (latent,) = run("SampleLatent", generator=resnet, seed=3)
    for space in ("style_space", "w_plus"):
        (code,) = run("ConvertLatent", generator=resnet, latent=latent, space=space)
        run("SaveStyleGANLatent", latent=code, filename_prefix=f"input/{space}")
        (path,) = (folders / "output" / "input").glob(f"{space}*")
        (folders / "input").mkdir(exist_ok=True)
        path.rename(folders / "input" / path.name)
        (loaded,) = run("LoadStyleGANLatent", latent=path.name)
        assert [layer.name for layer in loaded.layers] == [layer.name for layer in resnet.layers]
        assert all(torch.equal(x, y) for x, y in zip(loaded.codes, code.codes, strict=True))
        (mixed,) = run("MixStyles", latent_a=loaded, latent_b=code, first_layer="b8.torgb", last_layer="b16.conv0")
        assert run("GetFeatures", generator=resnet, latent=mixed)
        if space == "style_space":
            with pytest.raises(LatentError, match="made for another model"):
                run("GetFeatures", generator=usual, latent=loaded)


@pytest.mark.parametrize("architecture", [3, "unet", ["orig"], None])
def test_a_file_of_an_architecture_that_there_is_not(folders, make_generator, architecture):
    (latent,) = run("SampleLatent", generator=make_generator(16), seed=3)
    (folders / "input").mkdir()
    about = {"space": "w_plus", "fingerprint": "x", "img_resolution": 16, "block_architecture": architecture}
    metadata = {"format": "soat-latent", "latent": json.dumps(about)}
    save_file({"code_00": latent.codes[0]}, folders / "input" / "x.safetensors", metadata)
    with pytest.raises(LatentError, match=r"x\.safetensors"):
        run("LoadStyleGANLatent", latent="x.safetensors")


def test_codes_are_edited_and_truncated(kind):
    (latent,) = run("SampleLatent", generator=kind, seed=3, truncation_psi=1.0)
    edited, _ = run("EditLatent", generator=kind, latent=latent, first_layer="b8.torgb")
    (average,) = run("TruncateLatent", generator=kind, latent=edited, truncation_psi=0.0)
    assert torch.allclose(average.codes[0], kind.mapping.w_avg.expand_as(average.codes[0]))


# What doesn't go together


@pytest.mark.parametrize(
    ("other", "what"),
    [({"block_architecture": "orig"}, "architecture"), ({"img_channels": 4}, "number of colour channels")],
)
@pytest.mark.parametrize("layer", ["b4.conv1", "b16.conv1"])
def test_other_kinds_are_not_mixed(make_generator, other, what, layer):
    a, b = (features_of(make_generator(16, **more), layer=layer) for more in ({}, other))
    for class_id in ("InterpolateFeatures", "StitchFeatures"):
        with pytest.raises(FeatureError, match=f"The generators differ in {what}"):
            run(class_id, features_a=a, features_b=b)


def test_people_beside_a_square(make_generator):
    """Canvases of one height may be stitched, whatever models they are of; each keeps its own noise where it lies."""
    people, square = make_generator(16, **KINDS["people"]), make_generator(16)
    joined = run("StitchFeatures", features_a=features_of(people), features_b=features_of(square), blend_width=0.0)[0]
    image, _ = run("Render", features=joined)
    alone, _ = run("Render", features=features_of(square))
    assert image.shape == (1, 16, 24, 3)
    # Beyond what the seam's neighbours see of each other.
    assert (image[:, :, -4:] - alone[:, :, -4:]).abs().max() <= 1e-5


def test_training_is_for_squares_of_rgb(kind):
    with pytest.raises(TrainingError, match=r"pictures of \d+ x \d+ with \d channels"):
        finetuning_options(kind, "style_space")
