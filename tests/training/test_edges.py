"""Lines taken off the edges of a generator's pictures."""

import argparse
import math
from pathlib import Path

import pytest
import torch
from soat.__main__ import run
from soat.soat_backend.checkpoints import load_generator, save_generator
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.synthesis.noise import NoiseField
from soat.soat_backend.training import edges, edges_command
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.trained_networks import generate

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def generator():
    with torch.random.fork_rng():
        torch.manual_seed(7)
        channels = {4: 8, 8: 8, 16: 8, 32: 8, 64: 8}
        made = StyleGAN2(GeneratorConfig(64, channels, z_dim=4, w_dim=8, mapping_layers=2), name="g")
    return made.eval().requires_grad_(False)


def pictures(generator):
    z = torch.randn(4, 4, generator=torch.Generator().manual_seed(3))
    w_plus = generator.mapping(z)[:, None].expand(-1, generator.layers.num_ws, -1)
    return w_plus, generate(generator, w_plus, NoiseField("none"))


def test_the_middle_of_the_larger_picture_is_the_picture_but_for_its_edges(generator):
    w_plus, own = pictures(generator)
    larger = edges._without_edges(generator, w_plus, 16)
    torch.testing.assert_close(larger[..., 16:-16, 16:-16], own[..., 16:-16, 16:-16], rtol=1e-4, atol=1e-4)
    assert float((larger - own)[..., 0, :].abs().mean()) > 0.05


def test_the_outermost_pixels_become_what_they_are_in_a_larger_picture(generator):
    w_plus, own = pictures(generator)
    aim = edges._without_edges(generator, w_plus, 16)
    told = []
    settled = edges.settle_edges(generator, 400, 0.02, watch=lambda *said: told.append(said))
    assert [images for images, _ in told] == list(range(4, 404, 4))
    after = pictures(settled)[1]
    ring = ~edges._inside(own)
    assert float((after - aim)[..., ring].abs().mean()) < 0.9 * float((own - aim)[..., ring].abs().mean())
    assert float((after - own)[..., ~ring].abs().mean()) < 0.2 * float(own.std())
    before, now = generator.state_dict(), settled.state_dict()
    changed = {name for name in now if not torch.equal(before[name], now[name])}
    assert changed == {name for name in changed if ".b32." in name or ".b64." in name}
    assert not any(".affine." in name for name in changed)
    assert {f"synthesis.b64.{name}.weight" for name in ("conv0", "conv1", "torgb")} <= changed


def test_the_command_writes_it_in_the_precision_it_was_in(generator, tmp_path, caplog):
    save_generator(generator, tmp_path / "in.safetensors", provenance={}, dtype=torch.float16)
    parser = argparse.ArgumentParser()
    edges_command.add_arguments(parser)
    words = [str(tmp_path / "in.safetensors"), "--out", str(tmp_path / "out.safetensors"), "--images"]
    edges_command.run(parser.parse_args([*words, "8"]))
    assert "images 8 outermost pixels off by" in caplog.text
    first, settled = (load_generator(tmp_path / f"{name}.safetensors") for name in ("in", "out"))
    assert {each.dtype for each in settled.parameters()} == {torch.float16}
    assert settled.fingerprint == first.fingerprint
    for name, tensor in first.state_dict().items():
        if name.startswith("mapping.") or ".affine." in name:
            assert torch.equal(tensor, settled.state_dict()[name])
    with pytest.raises(TrainingError, match="--images must be 1 or more, got 0"):
        edges_command.run(parser.parse_args([*words, "0"]))


@pytest.mark.parametrize(
    "command",
    ["edges FILE", "finetune --from FILE --data procedural:landscape", "train --from FILE --resolution 128 --data x"],
)
def test_no_training_begins_with_a_stylegan3(command, tmp_path, capsys):
    words = command.replace("FILE", str(MODELS / "landscape_3t_64.safetensors"))
    with pytest.raises(SystemExit, match=r"^1$"):
        run([*words.split(), "--out", str(tmp_path / "out.safetensors")])
    said = capsys.readouterr().err
    assert "landscape_3t_64.safetensors is a StyleGAN3, and training here begins with StyleGAN2's only" in said


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf])
def test_a_learning_rate_that_is_none_is_refused(generator, rate):
    with pytest.raises(TrainingError, match="--learning-rate must be above 0"):
        edges.settle_edges(generator, 4, rate)
