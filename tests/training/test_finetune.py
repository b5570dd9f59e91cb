"""Fine-tuning: what is frozen stays bit for bit, what isn't learns, and a resumed one goes on."""

import argparse
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator, save_generator
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.training import finetune_command
from soat.soat_backend.training.finetune import finetuning_options, start_finetuning
from soat.soat_backend.training.freeze import Freeze
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.state import load_state, save_state
from soat.soat_backend.training.trainer import Trainer

LICENCE = "CC BY-NC 4.0, its photographers"
STEPS = {"batch": 4, "r1_interval": 2}


def random_generator(**changes):
    shape = {"z_dim": 4, "w_dim": 8, "mapping_layers": 2, **changes}
    with torch.random.fork_rng():
        torch.manual_seed(7)
        generator = StyleGAN2(GeneratorConfig(16, {4: 8, 8: 8, 16: 4}, **shape), name="base")
        generator.mapping.w_avg.normal_()
    return generator.eval().requires_grad_(False)


@pytest.fixture
def base():
    return random_generator()


def changed_after_training(base, pictures, freeze):
    trainer = start_finetuning(base, finetuning_options(base, freeze, **STEPS), pictures)
    for _ in range(3):
        trainer.step()
    expected = base.state_dict()
    networks = (trainer.networks.generator, trainer.finished())
    return [
        {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, expected[name])}
        for network in networks
    ]


def parameters(generator):
    return {name for name, _ in generator.named_parameters()}


FROZEN = {
    "style_space": lambda name: name.startswith("mapping.") or ".affine." in name,
    "w": lambda name: name.startswith("mapping."),
    "blocks:8": lambda name: name.startswith(("mapping.", "synthesis.b4.", "synthesis.b8.")),
    "none": lambda name: False,
}


@pytest.mark.parametrize("freeze", FROZEN)
def test_all_but_the_frozen_weights_change_in_generator_and_average(base, pictures, freeze):
    expected = {name for name in parameters(base) if not FROZEN[freeze](name)}
    for changed in changed_after_training(base, pictures, freeze):
        assert changed - {"mapping.w_avg"} == expected


@pytest.mark.parametrize(
    ("freeze", "moves"), [("style_space", False), ("w", False), ("blocks:4", False), ("none", True)]
)
def test_w_avg_moves_only_with_the_mapping(base, pictures, freeze, moves):
    _, changed_in_average = changed_after_training(base, pictures, freeze)
    assert ("mapping.w_avg" in changed_in_average) == moves


def test_begins_as_the_base(base, pictures):
    trainer = start_finetuning(base, finetuning_options(base, "style_space", **STEPS), pictures)
    for generator in (trainer.networks.generator, trainer.networks.average):
        for name, tensor in base.state_dict().items():
            assert torch.equal(generator.state_dict()[name], tensor), name


def test_discriminator_of_the_bases_training_is_taken_over(base, pictures, tmp_path):
    first = Trainer(finetuning_options(base, "none", **STEPS), pictures)
    first.step()
    save_state(first, tmp_path / "state.pt")
    options = finetuning_options(base, "style_space", **STEPS)
    second = start_finetuning(base, options, pictures, discriminator=tmp_path / "state.pt")
    expected = first.networks.discriminator.state_dict()
    for name, tensor in second.networks.discriminator.state_dict().items():
        assert torch.equal(tensor, expected[name]), name


def test_discriminator_of_another_shape_is_refused(base, options, pictures, tmp_path):
    save_state(Trainer(options, pictures, resolution=8), tmp_path / "state.pt")
    with pytest.raises(TrainingError, match="another shape than base needs"):
        start_finetuning(base, finetuning_options(base, "w", **STEPS), pictures, discriminator=tmp_path / "state.pt")


@pytest.mark.parametrize("text", ["", "styles", "blocks:", "blocks:x", "blocks:-8", "blocks:٨", "blocks:0"])
def test_other_freezes_are_refused(text):
    with pytest.raises(TrainingError, match="choose style_space"):
        Freeze.parse(text)


@pytest.mark.parametrize("blocks", [7, 16, 1024])
def test_blocks_that_arent_there_or_leave_nothing_are_refused(base, blocks):
    with pytest.raises(TrainingError, match=f"blocks:{blocks} doesn't fit base of 16 px: choose one of blocks:4, bl"):
        finetuning_options(base, f"blocks:{blocks}")


def test_mapping_networks_of_other_widths_are_refused():
    with pytest.raises(TrainingError, match=r"layers of other widths than w \(8\)"):
        finetuning_options(random_generator(mapping_widths=(5,)), "w")


def test_conditional_generators_are_refused():
    with pytest.raises(TrainingError, match="conditional, with 3 classes"):
        finetuning_options(random_generator(c_dim=3), "w")


def test_the_bases_clamp_stays():
    options = finetuning_options(random_generator(conv_clamp=256.0), "w")
    assert options.generator_config(16).conv_clamp == 256.0


@pytest.fixture
def folder(tmp_path, base):
    (tmp_path / "in").mkdir()
    for index in range(6):
        pixels = np.random.default_rng(index).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / f"{index}.png")
    save_generator(base, tmp_path / "base.safetensors", provenance={"licence": LICENCE}, dtype=torch.float16)
    return tmp_path


def finetune(folder, arguments, base="base.safetensors"):
    parser = argparse.ArgumentParser()
    finetune_command.add_arguments(parser)
    paths = f"--from {folder / base} --data {folder / 'in'} --out {folder / 'out.safetensors'} --work {folder / 'work'}"
    finetune_command.run(parser.parse_args(f"{paths} --batch 4 --device cpu --dtype float32 {arguments}".split()))


def test_command_keeps_style_space_in_the_file_bit_for_bit_and_goes_on(folder):
    finetune(folder, "--images 8")
    finetune(folder, "--images 16")
    base, tuned = (load_generator(folder / name) for name in ("base.safetensors", "out.safetensors"))
    assert tuned.fingerprint == base.fingerprint
    for name, tensor in base.state_dict().items():
        kept = name.startswith("mapping.") or ".affine." in name or name.endswith("noise_const")
        assert torch.equal(tuned.state_dict()[name], tensor) == kept, name
        assert tuned.state_dict()[name].dtype == tensor.dtype
    with safe_open(folder / "out.safetensors", "pt") as stored:
        provenance = json.loads(stored.metadata()["provenance"])
    assert provenance["images_seen"] == 16
    assert (provenance["made_by"], provenance["freeze"]) == ("soat finetune", "style_space")
    (parent,) = provenance["parents"]
    assert (parent["name"], parent["fingerprint"]) == ("base.safetensors", base.fingerprint)
    assert parent["provenance"]["licence"] == LICENCE
    said = inspect_checkpoint(folder / "out.safetensors").describe()
    assert f"parent       base.safetensors, licence: {LICENCE}" in said


def test_a_full_precision_base_gives_a_full_precision_file(folder, base):
    save_generator(base, folder / "full.safetensors", provenance={})
    finetune(folder, "--images 4", base="full.safetensors")
    tuned = load_generator(folder / "out.safetensors")
    assert torch.equal(tuned.state_dict()["synthesis.b16.conv1.affine.weight"], base.synthesis.b16.conv1.affine.weight)


def test_resuming_with_another_base_is_refused(folder):
    finetune(folder, "--images 4")
    other = random_generator()
    other.mapping.fc0.weight.mul_(2)
    save_generator(other, folder / "other.safetensors", provenance={})
    with pytest.raises(TrainingError, match=r"was begun with another base: '[0-9a-f]{32}' instead of '[0-9a-f]{32}'"):
        finetune(folder, "--images 8", base="other.safetensors")


def test_resuming_with_another_freeze_is_refused(folder):
    finetune(folder, "--images 4")
    with pytest.raises(TrainingError, match="was begun with another freeze: 'style_space' instead of 'w'"):
        finetune(folder, "--images 8 --freeze w")


def test_a_training_from_nothing_is_no_fine_tuning(base, options, pictures, tmp_path):
    tuning = finetuning_options(base, "none", **STEPS)
    save_state(start_finetuning(base, tuning, pictures), tmp_path / "state.pt")
    with pytest.raises(TrainingError, match=r"another base: '[0-9a-f]{32}' instead of 'none'"):
        load_state(tmp_path / "state.pt", replace(tuning, base=""), pictures)
