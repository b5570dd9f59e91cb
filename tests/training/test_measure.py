"""The distance of a generator's pictures to real ones."""

import argparse
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from soat.soat_backend.checkpoints import save_generator
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.training import measure_command
from soat.soat_backend.training.measure import alexnet_distance
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.sheet import sample_images

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def generator():
    with torch.random.fork_rng():
        torch.manual_seed(7)
        made = StyleGAN2(GeneratorConfig(16, {4: 8, 8: 8, 16: 4}, z_dim=4, w_dim=8, mapping_layers=2), name="g")
        made.mapping.w_avg.normal_()
    return made.eval().requires_grad_(False)


def own_pictures(generator, count, psi):
    z = np.stack([np.random.RandomState(seed).randn(4) for seed in range(count)])
    w = generator.mapping.w_avg.lerp(generator.mapping(torch.from_numpy(z).float()), psi)
    images = sample_images(generator, w) * 127.5 + 127.5
    return list(images.round().byte().permute(0, 2, 3, 1).numpy())


def test_a_generator_is_at_no_distance_from_its_own_pictures(generator):
    own = own_pictures(generator, 60, 0.5)
    assert alexnet_distance(own, generator, 60, 0.5) == pytest.approx(0.0, abs=1e-3)


def test_truncation_and_other_pictures_are_farther(generator):
    own = own_pictures(generator, 60, 1.0)
    truncated = alexnet_distance(own, generator, 60, 0.5)
    noise = list(np.random.default_rng(0).integers(0, 256, (60, 16, 16, 3), dtype=np.uint8))
    assert 1e-3 < truncated < alexnet_distance(noise, generator, 60, 1.0)


def measure(folder, arguments):
    parser = argparse.ArgumentParser()
    measure_command.add_arguments(parser)
    measure_command.run(parser.parse_args(f"{folder / 'g.safetensors'} --data {folder / 'in'} {arguments}".split()))


def test_command_says_the_figure_and_what_it_is_of(generator, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    own = own_pictures(generator, 20, 0.5)
    for index, pixels in enumerate(own):
        Image.fromarray(pixels).save(tmp_path / "in" / f"{index:02}.png")
    save_generator(generator, tmp_path / "g.safetensors", provenance={})
    measure(tmp_path, "--count 20 --psi 0.5")
    said = capsys.readouterr().out
    assert said.startswith("AlexNet-Frechet distance 0.000 (20 samples at psi 0.5, ")
    with pytest.raises(TrainingError, match="has 20 images, fewer than the 5000"):
        measure(tmp_path, "")
    with pytest.raises(TrainingError, match="--count must be 2 or more"):
        measure(tmp_path, "--count 1")


def test_a_stylegan3_is_measured_too(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    shutil.copy(MODELS / "landscape_3t_64.safetensors", tmp_path / "g.safetensors")
    noise = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    for index, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / "in" / f"{index}.png")
    measure(tmp_path, "--count 4")
    assert float(capsys.readouterr().out.split()[2]) > 10
