import json
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile
from soat.nodes import host
from soat.nodes.core import images as core_images
from soat.nodes.core.images import LoadImage, LoadImageMask, PreviewImage, SaveImage
from soat.nodes.load_latent import LoadLatent
from soat.nodes.load_stylegan import LoadStyleGAN
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.support.files import pictures


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    for name in ("input", "output"):
        (tmp_path / name).mkdir()
    host.set_folders(input=str(tmp_path / "input"), output=str(tmp_path / "output"))
    return tmp_path


def put(folders, array, name="a.png", **options):
    Image.fromarray(np.asarray(array, dtype=options.pop("dtype", np.uint8))).save(folders / "input" / name, **options)


def test_load_rgb(folders):
    put(folders, [[[255, 0, 51], [0, 102, 255]]])
    image, mask = LoadImage().load_image("a.png")
    assert image.dtype == torch.float32
    torch.testing.assert_close(image, torch.tensor([[[[1.0, 0.0, 0.2], [0.0, 0.4, 1.0]]]]))
    assert torch.equal(mask, torch.zeros(1, 64, 64))


def test_load_alpha_as_inverted_mask(folders):
    put(folders, [[[255, 0, 0, 255], [10, 20, 30, 0], [0, 0, 0, 51]]])
    image, mask = LoadImage().load_image("a.png")
    torch.testing.assert_close(mask, torch.tensor([[[0.0, 1.0, 0.8]]]))
    torch.testing.assert_close(image[0, 0, 1], torch.tensor([10, 20, 30]) / 255)


def test_channels_as_masks(folders):
    put(folders, [[[255, 51, 102, 51]]])
    values = {c: LoadImageMask().load_image_mask("a.png", c)[0] for c in ("alpha", "red", "green", "blue")}
    for channel, expected in {"alpha": 0.8, "red": 1.0, "green": 0.2, "blue": 0.4}.items():
        torch.testing.assert_close(values[channel], torch.tensor([[[expected]]]))


def test_exif_orientation_is_applied(folders):
    exif = Image.Exif()
    exif[0x0112] = 6
    put(folders, np.zeros((2, 3, 3)), "turned.jpg", exif=exif)
    assert LoadImage().load_image("turned.jpg")[0].shape == (1, 3, 2, 3)


def test_16_bit_grey_keeps_its_range(folders):
    put(folders, [[0, 32768, 65535]], dtype=np.uint16)
    image, _ = LoadImage().load_image("a.png")
    torch.testing.assert_close(image[0, 0, :, 1], torch.tensor([0.0, 32768 / 65535, 1.0]))


def test_16_bit_grey_may_be_transparent_where_it_has_one_value(folders):
    put(folders, [[0, 32768, 65535, 32769]], dtype=np.uint16)
    content = (folders / "input" / "a.png").read_bytes()
    chunk = b"tRNS" + (32768).to_bytes(2, "big")
    chunk = (2).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    (folders / "input" / "a.png").write_bytes(content[:33] + chunk + content[33:])
    image, mask = LoadImage().load_image("a.png")
    assert image.dtype == mask.dtype == torch.float32
    torch.testing.assert_close(image[0, 0, :, 1], torch.tensor([0.0, 32768 / 65535, 1.0, 32769 / 65535]))
    assert torch.equal(mask, torch.tensor([[[0.0, 1.0, 0.0, 0.0]]]))


def test_frames_of_an_animation_are_a_batch(folders):
    frames = [Image.fromarray(np.full((4, 5, 3), value, np.uint8)) for value in (0, 255)]
    frames[0].save(folders / "input/a.gif", save_all=True, append_images=frames[1:])
    image, mask = LoadImage().load_image("a.gif")
    assert image.shape == (2, 4, 5, 3)
    assert len(mask) == 2
    torch.testing.assert_close(image.mean(dim=(1, 2, 3)), torch.tensor([0.0, 1.0]))


def test_the_node_offers_pictures_and_checks_any_name(folders):
    put(folders, [[[0, 0, 0]]], "b.png")
    (folders / "input/notes.txt").touch()
    assert LoadImage.INPUT_TYPES()["required"]["image"][0] == ["b.png"]
    assert LoadImageMask.INPUT_TYPES()["required"]["channel"][0] == ["alpha", "red", "green", "blue"]
    assert LoadImage.VALIDATE_INPUTS("b.png") is True
    assert "Did you mean 'b.png'" in LoadImage.VALIDATE_INPUTS("bb.png")
    assert "outside its folder" in LoadImage.VALIDATE_INPUTS("../input/b.png")


@pytest.mark.parametrize(("value", "got"), [(3, "3"), (None, "nothing"), (["a.png"], "['a.png']")])
def test_names_that_are_no_text(folders, value, got):
    """What ComfyUI doesn't check before it asks the class."""
    expected = f"must be text, got {got}. Choose it again."
    assert LoadImage.VALIDATE_INPUTS(value) == f"The file name {expected}"
    assert LoadStyleGAN.VALIDATE_INPUTS(3) == "checkpoint: The model name must be text, got 3. Choose it again."
    for run, what in (
        (LoadImage().load_image, "file name"),
        (LoadStyleGAN().load, "model name"),
        (LoadLatent().load, "file name"),
    ):
        with pytest.raises(SoatError) as error:
            run(value)
        assert error.value.message == f"The {what} {expected}"


def test_is_changed_follows_the_content(folders):
    put(folders, [[[0, 0, 0]]])
    before = LoadImage.IS_CHANGED("a.png")
    assert LoadImage.IS_CHANGED("a.png") == before
    put(folders, [[[0, 0, 1]]])
    assert LoadImage.IS_CHANGED("a.png") != before


def test_something_that_is_no_picture(folders):
    (folders / "input/a.png").write_bytes(b"\x89PNG nothing")
    with pytest.raises(SoatError, match=r"a\.png can't be read as a picture"):
        LoadImage().load_image("a.png")


def test_save_writes_numbered_pngs_with_the_workflow(folders):
    images = torch.tensor([0.0, 0.5, 1.0, 1.5, -1.0]).reshape(1, 1, 5, 1).expand(2, 1, 5, 3)
    prompt, workflow = {"1": {"class_type": "é"}}, {"nodes": []}
    result = SaveImage().save_images(images, "sub/%width%x%height%", prompt, {"workflow": workflow})
    assert result["result"][0] is images
    assert result["ui"]["images"] == [
        {"filename": "5x1_00001_.png", "subfolder": "sub", "type": "output"},
        {"filename": "5x1_00002_.png", "subfolder": "sub", "type": "output"},
    ]
    with Image.open(folders / "output/sub/5x1_00002_.png") as saved:
        assert np.asarray(saved)[0, :, 0].tolist() == [0, 127, 255, 255, 0]
        assert json.loads(saved.info["prompt"]) == prompt
        assert json.loads(saved.info["workflow"]) == workflow
    again = SaveImage().save_images(images[:1], "sub/%width%x%height%")
    assert again["ui"]["images"][0]["filename"] == "5x1_00003_.png"


def test_what_is_saved_loads_again(folders):
    images = torch.rand(1, 4, 6, 3, generator=torch.Generator().manual_seed(0))
    SaveImage().save_images(images, "x")
    loaded, _ = LoadImage().load_image("x_00001_.png [output]")
    assert (loaded - images).abs().max() <= 1 / 255 + 1e-6


def test_previews_stay_until_the_next_run_with_previews(folders, monkeypatch):
    def preview():
        (entry,) = PreviewImage().save_images(torch.zeros(1, 2, 2, 3))["ui"]["images"]
        return entry

    def listing():
        return sorted(path.name for path in (folders / "output/temp").iterdir())

    def another_process():
        monkeypatch.setattr(host.folders, "_temp_folders_in_use", set())

    assert preview() == {"filename": "ComfyUI_temp_00001_.png", "subfolder": "", "type": "temp"}
    assert (host.folder("temp") / "ComfyUI_temp_00001_.png").is_file()
    assert LoadImage().load_image("ComfyUI_temp_00001_.png [temp]")[0].shape == (1, 2, 2, 3)
    preview()
    another_process()
    assert listing() == ["ComfyUI_temp_00001_.png", "ComfyUI_temp_00002_.png"]
    (folders / "output/temp/anna_temp.png").touch()
    SaveImage().save_images(torch.zeros(1, 2, 2, 3), "temp/mine")
    assert preview()["filename"] == "ComfyUI_temp_00001_.png"
    assert listing() == ["ComfyUI_temp_00001_.png", "anna_temp.png", "mine_00001_.png"]
    assert set(PreviewImage.INPUT_TYPES()["required"]) == {"images"}


def test_previews_leave_nothing_in_the_systems_temporary_folder(folders, monkeypatch):
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *_, **__: pytest.fail("made a folder"))
    (entry,) = PreviewImage().save_images(torch.zeros(1, 2, 2, 3))["ui"]["images"]
    assert (folders / "output/temp" / entry["filename"]).is_file()


def test_the_name_is_checked_before_the_work(folders):
    assert SaveImage.VALIDATE_INPUTS("%date:yyyy%") == (
        "The filename_prefix '%date:yyyy%' won't work on Windows, where '%date:yyyy%_' has the character :, which "
        "isn't allowed; choose another name."
    )
    assert SaveImage.VALIDATE_INPUTS("%year%/%width%x%height%") is True


@pytest.mark.parametrize("prefix", ["../x", "/tmp/x", "a/../../x", "", "con/x"])
def test_save_stays_in_the_output_folder(folders, prefix):
    with pytest.raises(SoatError, match="filename_prefix"):
        SaveImage().save_images(torch.zeros(1, 2, 2, 3), prefix)
    assert list((folders / "output").iterdir()) == []


PICTURES = Path(__file__).parent / "pictures"


def load(folders, name):
    """A picture that came from somewhere, through the node."""
    (folders / "input" / name).write_bytes((PICTURES / name).read_bytes())
    return LoadImage().load_image(name)


def pixels(picture):
    return torch.from_numpy(np.asarray(picture.convert("RGB"), dtype=np.float32) / 255.0)[None]


@pytest.mark.parametrize("name", ["samsung_dual.jpg", "iphone_hdr_cut.jpg"])
def test_a_photo_with_a_depth_map_is_one_picture(folders, name):
    """MPO: what comes second is for the phone; of one of them the end is missing."""
    image, mask = load(folders, name)
    with Image.open(PICTURES / name) as first:
        assert first.format == "MPO" and first.n_frames == 2
        assert image.shape == (1, 48, 64, 3) and torch.equal(image, pixels(first))
    assert torch.equal(mask, torch.zeros(1, 64, 64))


def test_a_turned_photo_of_several_sizes(folders):
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [Image.new("RGB", size, colour) for size, colour in (((9, 5), "red"), ((4, 2), "blue"), ((9, 5), "lime"))]
    frames[0].save(folders / "input/a.jpg", "MPO", save_all=True, append_images=frames[1:], exif=exif, quality=100)
    image, _ = LoadImage().load_image("a.jpg")
    assert image.shape == (1, 9, 5, 3) and (image - torch.tensor([1.0, 0.0, 0.0])).abs().max() < 0.02


@pytest.mark.parametrize("name", ["trunc.png", "trunc.jpg"])
def test_a_download_that_stopped(folders, caplog, name):
    image, mask = load(folders, name)
    assert image.shape == (1, 48, 64, 3) and mask.shape == (1, 64, 64)
    assert caplog.messages == [f"{name} is cut short or damaged. What is missing of it is grey or black."]
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.jpg", "a.tif"])
def test_what_there_is_of_a_picture_is_as_it_was(folders, name):
    whole = Image.fromarray(np.random.RandomState(0).randint(0, 255, (64, 48, 3), np.uint8))
    path = folders / "input" / name
    whole.save(path)
    expected = LoadImage().load_image(name)[0]
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    found = LoadImage().load_image(name)[0]
    # BMP begins at the bottom.
    there = slice(40, None) if name == "a.bmp" else slice(None, 24)
    assert found.shape == expected.shape and torch.equal(found[:, there], expected[:, there])
    assert not torch.equal(found, expected)


@pytest.mark.parametrize("name", ["a.gif", "a.png"])
def test_an_animation_that_stops_early_has_the_frames_before(folders, name):
    rng = np.random.RandomState(0)
    frames = [Image.fromarray(rng.randint(0, 255, (24, 24), np.uint8)) for _ in range(5)]
    path = folders / "input" / name
    frames[0].save(path, save_all=True, append_images=frames[1:])
    expected = LoadImage().load_image(name)[0]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = LoadImage().load_image(name)[0]
    assert 2 <= len(found) < 5 and torch.equal(found[:2], expected[:2])


def test_what_nothing_can_be_read_of_is_refused_for_its_first_reason(folders):
    put(folders, np.zeros((48, 64, 3)), "a.jpg")
    (folders / "input/a.jpg").write_bytes((folders / "input/a.jpg").read_bytes()[:30])
    with pytest.raises(SoatError, match=r"a\.jpg can't be read as a picture"):
        LoadImage().load_image("a.jpg")
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.skipif(not pictures.HAS_AVIF, reason="this Pillow has no AVIF")
def test_avif(folders):
    image, mask = load(folders, "x.avif")
    with Image.open(PICTURES / "x.avif") as file:
        assert torch.equal(image, pixels(file)) and torch.equal(mask, torch.zeros(1, 64, 64))
    assert LoadImage.INPUT_TYPES()["required"]["image"][0] == ["x.avif"]
    # ComfyUI sees neither its transparency nor that it moves.
    frames = [Image.fromarray(np.full((8, 8, 4), value, np.uint8)) for value in (250, 10)]
    frames[0].save(folders / "input/b.avif", save_all=True, append_images=frames[1:], quality=100)
    image, mask = LoadImage().load_image("b.avif")
    assert image.shape == (1, 8, 8, 3) and (image - 250 / 255).abs().max() < 0.02 and not mask.any()


def test_photos_that_pillow_can_not_read_say_what_they_are(folders, monkeypatch):
    monkeypatch.setattr(pictures, "HAS_AVIF", False)
    with pytest.raises(SoatError, match=r"x\.avif can't be read as a picture: it is an AVIF picture.*pip install"):
        load(folders, "x.avif")
    (folders / "input/a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    with pytest.raises(SoatError, match=r"it is a HEIC picture, as iPhones take them.*Save it again as PNG or JPEG"):
        LoadImage().load_image("a.heic")


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.bmp"])
def test_palettes_have_a_mask_of_their_size(folders, name):
    picture = Image.fromarray(np.random.RandomState(0).randint(0, 255, (5, 7, 3), np.uint8)).quantize(8)
    picture.save(folders / "input" / name)
    image, mask = LoadImage().load_image(name)
    assert torch.equal(image, pixels(picture)) and torch.equal(mask, torch.zeros(1, 5, 7))


def test_frames_larger_than_the_first_are_passed_over_before_they_cost_memory(folders, monkeypatch):
    """A picture is let in by its first frame's size."""
    frames = [Image.new("L", size, 9) for size in ((4, 4), (64, 64), (4, 4))]
    frames[0].save(folders / "input" / "frames.tif", save_all=True, append_images=frames[1:])
    converted = []
    whole = core_images._to_array
    monkeypatch.setattr(core_images, "_to_array", lambda frame: converted.append(frame.size) or whole(frame))
    images, _ = LoadImage().load_image("frames.tif")
    assert images.shape == (2, 4, 4, 3) and converted == [(4, 4), (4, 4)]
