"""A training that begins with a smaller finished generator: what is taken over, and how it grows."""

import argparse
import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator, save_generator
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.ops import upsample_rgb
from soat.soat_backend.synthesis.noise import NoiseField
from soat.soat_backend.training import train_command
from soat.soat_backend.training.finetune import growing_options, start_finetuning
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.trained_networks import generate

LICENCE = "CC BY-NC 4.0, its photographers"
STEPS = {"batch": 4, "r1_interval": 2}


def random_generator(**changes):
    shape = {"z_dim": 4, "w_dim": 8, "mapping_layers": 2, **changes}
    with torch.random.fork_rng():
        torch.manual_seed(7)
        generator = StyleGAN2(GeneratorConfig(8, {4: 8, 8: 6}, **shape), name="base")
        generator.mapping.w_avg.normal_()
        for name, parameter in generator.named_parameters():
            if name.endswith(("bias", "noise_strength")):
                parameter.data.normal_()
    return generator.eval().requires_grad_(False)


@pytest.fixture
def base():
    return random_generator()


@pytest.fixture
def folder(tmp_path, base):
    (tmp_path / "in").mkdir()
    for index in range(6):
        pixels = np.random.default_rng(index).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / f"{index}.png")
    save_generator(base, tmp_path / "base.safetensors", provenance={"licence": LICENCE})
    return tmp_path


def train(folder, arguments):
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    always = (
        f"--data {folder / 'in'} --out {folder / 'out.safetensors'} --work {folder / 'work'} "
        f"--from {folder / 'base.safetensors'} --batch 4 --device cpu --dtype float32 --metric-images 0"
    )
    train_command.run(parser.parse_args([*arguments.split(), *always.split()]))


def test_before_any_step_the_picture_is_the_bases_enlarged(base, pictures):
    trainer = start_finetuning(base, growing_options(base, 16, {16: 4}, {}, **STEPS), pictures)
    assert trainer.grow_if_due() and trainer.resolution == 16
    assert not trainer.grow_if_due()
    z = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    noise = NoiseField("const")
    with torch.no_grad():
        w = base.mapping(z)[:, None]
        expected = upsample_rgb(torch.nn.functional.pad(generate(base, w.expand(-1, 4, -1), noise), (1, 1, 1, 1)))
        for grown in (trainer.networks.generator, trainer.networks.average):
            assert torch.equal(grown.mapping(z)[:, None], w)
            assert torch.equal(grown.mapping.w_avg, base.mapping.w_avg)
            picture = generate(grown, w.expand(-1, 6, -1), noise, fade=0.0)
            torch.testing.assert_close(picture, expected, rtol=1e-5, atol=1e-5)


def test_all_that_the_base_has_is_taken_over_and_only_new_blocks_are_new(base, pictures):
    trainer = start_finetuning(base, growing_options(base, 16, {16: 4}, {}, **STEPS), pictures)
    trainer.grow_if_due()
    for grown in (trainer.networks.generator, trainer.networks.average):
        state, old = grown.state_dict(), base.state_dict()
        for name, tensor in old.items():
            assert torch.equal(state[name], tensor), name
        assert all(name.startswith("synthesis.b16.") for name in state.keys() - old.keys())
        assert grown.config.channels == {4: 8, 8: 6, 16: 4}


def test_a_resolution_may_be_trained_on_before_it_grows(base, pictures):
    trainer = start_finetuning(base, growing_options(base, 16, {16: 4}, {8: 8}, **STEPS), pictures)
    seen = []
    for _ in range(4):
        trainer.grow_if_due()
        trainer.step()
        seen.append((trainer.resolution, trainer.fades))
    assert seen == [(8, False), (8, False), (16, True), (16, True)]


def test_the_command_grows_step_by_step_goes_on_and_names_where_it_comes_from(folder, base):
    train(folder, "--resolution 32 --channels 8,6,4,4 --grow 16:8 --images 8")
    train(folder, "--resolution 32 --channels 8,6,4,4 --grow 16:8 --images 12")
    grown = load_generator(folder / "out.safetensors")
    assert grown.config.channels == {4: 8, 8: 6, 16: 4, 32: 4}
    assert (grown.config.z_dim, grown.config.w_dim, grown.config.mapping_layers) == (4, 8, 2)
    with safe_open(folder / "out.safetensors", "pt") as stored:
        provenance = json.loads(stored.metadata()["provenance"])
    assert provenance["made_by"] == "soat train"
    assert provenance["images_by_resolution"] == {"8": 0, "16": 8, "32": 4}
    assert provenance["parents"][0]["fingerprint"] == base.fingerprint
    assert f"licence: {LICENCE}" in "".join(inspect_checkpoint(folder / "out.safetensors").describe())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--resolution 4", "makes pictures of 8 px already and can't shrink to 4 px"),
        ("--resolution 16 --channels 8,8,4", "has 6 channels at 8 px, and --channels asks for 8"),
        ("--resolution 16 --w-dim 16", "--w-dim 16 isn't what base.safetensors has, which is 8"),
        ("--resolution 16 --start-resolution 16", "--start-resolution 16 isn't what base.safetensors has"),
        ("--resolution 16 --architecture stylegan3-t", "Only a StyleGAN2 grows from another"),
    ],
)
def test_what_can_not_grow_is_said(folder, arguments, message):
    with pytest.raises(TrainingError, match=message):
        train(folder, arguments)


@pytest.mark.parametrize(
    ("changes", "message"), [({"c_dim": 3}, "conditional, with 3 classes"), ({"mapping_widths": (5,)}, "other widths")]
)
def test_generators_that_the_trainer_does_not_make_are_refused(changes, message):
    with pytest.raises(TrainingError, match=message):
        growing_options(random_generator(**changes), 16, {}, {})


def test_a_discriminator_without_its_generator_is_refused(folder):
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    asked = f"--resolution 16 --data {folder / 'in'} --out {folder / 'out.safetensors'} --discriminator state.pt"
    with pytest.raises(TrainingError, match="--discriminator goes with --from"):
        train_command.run(parser.parse_args(asked.split()))
