"""Files appear whole or not at all, whoever writes them."""

import errno
import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from soat.nodes import host
from soat.nodes.core.images import SaveImage
from soat.nodes.save_latent import SaveLatent
from soat.nodes.save_stylegan import SaveStyleGAN
from soat.soat_backend.checkpoints import save_generator
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.latents import Latent
from soat.soat_backend.support.errors import CheckpointError, LatentError, SoatError
from soat.soat_backend.support.files import replacing, reserved_file
from soat.soat_backend.training.data import ImageSet
from soat.soat_backend.training.options import TrainingError, TrainingOptions
from soat.soat_backend.training.state import save_state
from soat.soat_backend.training.trainer import Trainer

LATENT = Latent("w_plus", (torch.zeros(1, 8, 24),), "0" * 32, 32)


def listing(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def full_disk(monkeypatch):
    """The disk is full the moment a file should be brought to it."""

    def fail(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)


def test_what_was_written_takes_the_place(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"old")
    with replacing(path) as partial:
        partial.write_bytes(b"new")
        assert path.read_bytes() == b"old"
        assert partial.parent == tmp_path
    assert path.read_bytes() == b"new"
    assert listing(tmp_path) == ["x.bin"]


def test_two_writers_of_one_file_dont_share_a_partial_one(tmp_path):
    with replacing(tmp_path / "x") as first, replacing(tmp_path / "x") as second:
        assert first != second


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "x") as partial:
        partial.write_bytes(b"new")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ValueError])
def test_a_failure_leaves_what_was_there(tmp_path, trouble):
    path = tmp_path / "x.bin"
    path.write_bytes(b"old")
    with pytest.raises(trouble), replacing(path) as partial:
        partial.write_bytes(b"half")
        raise trouble
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["x.bin"]


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("written", [False, True])
def test_a_failure_gives_a_reserved_name_back(tmp_path, trouble, written):
    """Whether it comes while the file is written or before."""
    with pytest.raises(trouble), reserved_file(tmp_path, "x", ".bin") as path:
        assert listing(tmp_path) == ["x_00001_.bin"]
        with replacing(path) if written else nullcontext():
            raise trouble
    assert listing(tmp_path) == []


def test_a_failure_after_the_file_was_written_leaves_it(tmp_path):
    with pytest.raises(ValueError), reserved_file(tmp_path, "x", ".bin") as path:
        with replacing(path) as partial:
            partial.write_bytes(b"whole")
        raise ValueError
    assert path.read_bytes() == b"whole"


def test_trouble_with_the_disk_is_said_in_a_sentence(tmp_path, full_disk):
    full = r"^x\.bin can't be written: No space left on device\. Check the folder"
    with pytest.raises(LatentError, match=full), replacing(tmp_path / "x.bin", LatentError) as partial:
        partial.write_bytes(b"half")
    absent = "can't be written: No such file or directory"
    with pytest.raises(SoatError, match=absent), replacing(tmp_path / "nowhere" / "x.bin"):
        pass
    assert listing(tmp_path) == []


def save_latent_node(folder: Path) -> None:
    SaveLatent().save(LATENT, "x")


def save_latent_of_shared_memory(folder: Path) -> None:
    """Which safetensors refuses to write."""
    code = torch.zeros(1, 8)
    SaveLatent().save(Latent("style_space", (code, code), "0" * 32, 4), "x")


def save_image_node(folder: Path) -> None:
    SaveImage().save_images(torch.zeros(1, 8, 8, 3), "x")


def save_checkpoint(folder: Path) -> None:
    config = GeneratorConfig(8, {4: 4, 8: 4}, z_dim=4, w_dim=4, mapping_layers=1)
    save_generator(StyleGAN2(config), folder / "x.safetensors", provenance={})


def prepare_pictures(folder: Path) -> None:
    ImageSet("procedural:landscape", 8, folder, count=1).at(8)


def save_training(folder: Path) -> None:
    options = TrainingOptions(8, 8, channels={4: 4, 8: 4}, z_dim=4, w_dim=4, mapping_layers=1)
    pictures = SimpleNamespace(at=lambda resolution: np.zeros((4, resolution, resolution, 3), np.uint8))
    save_state(Trainer(options, pictures), folder / "state.pt")


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (save_latent_node, LatentError),
        (save_image_node, SoatError),
        (save_checkpoint, CheckpointError),
        (prepare_pictures, TrainingError),
        (save_training, TrainingError),
    ],
)
def test_every_writer_leaves_nothing_on_a_full_disk(tmp_path, monkeypatch, full_disk, write, error):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    with pytest.raises(error, match="No space left on device"):
        write(tmp_path)
    assert listing(tmp_path) == []


def test_a_latent_that_cant_be_written_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    with pytest.raises(RuntimeError, match="share memory"):
        save_latent_of_shared_memory(tmp_path)
    assert listing(tmp_path) == []


def test_a_generator_that_doesnt_fit_the_type_leaves_nothing(tmp_path, monkeypatch, generator):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    with torch.no_grad():
        next(iter(generator.parameters())).fill_(1e6)
    with pytest.raises(CheckpointError, match=r"too large for torch\.float16"):
        SaveStyleGAN().save(generator=generator, filename_prefix="x", weights="float16")
    assert listing(tmp_path) == []


def test_pictures_that_cant_all_be_made_leave_nothing(tmp_path):
    folder, cache = tmp_path / "pictures", tmp_path / "cache"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    with pytest.raises(TrainingError, match="can't be read as an image"):
        ImageSet(str(folder), 8, cache).at(8)
    assert listing(cache) == []


def test_prepared_pictures_are_those_that_were_made(tmp_path):
    pictures = ImageSet("procedural:landscape", 8, tmp_path, count=2).at(8)
    assert pictures.shape == (2, 8, 8, 3) and pictures.dtype == np.uint8
    assert pictures[0].std() > 0
    assert [name.rsplit(".", 1)[1] for name in listing(tmp_path)] == ["npy"]


def test_names_as_long_as_names_can_be_are_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".png")
    with replacing(path) as partial:
        partial.write_bytes(b"all of it")
    assert listing(tmp_path) == [path.name] and path.read_bytes() == b"all of it"


def test_what_cannot_be_cleaned_up_does_not_hide_why_it_failed(tmp_path):
    """Below a file there is no folder: neither to write into nor to remove from."""
    (tmp_path / "file").write_bytes(b"x")
    with (
        pytest.raises(SoatError, match=r"out\.png can't be written: Not a directory"),
        replacing(tmp_path / "file" / "out.png"),
    ):
        pass
