"""Resuming is the same as never having stopped."""

from dataclasses import replace

import pytest
import torch
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.state import load_state, save_state
from soat.soat_backend.training.trainer import Trainer


def steps(trainer, count):
    for _ in range(count):
        trainer.grow_if_due()
        trainer.step()


def all_tensors(trainer):
    networks = {
        f"{name}.{key}": value
        for name, network in trainer.networks.named().items()
        for key, value in network.state_dict().items()
    }
    moments = {
        f"{name}.{key}.{kind}": value
        for name, states in trainer.optimiser_states().items()
        for key, state in states.items()
        for kind, value in state.items()
    }
    return {**networks, **moments}


# 3 steps: in the first stage. 9: just grown, amid the fade.
@pytest.mark.parametrize("saved_after", [3, 9])
def test_resumed_equals_uninterrupted_bit_for_bit(options, pictures, tmp_path, saved_after):
    uninterrupted = Trainer(options, pictures)
    steps(uninterrupted, 14)

    stopped = Trainer(options, pictures)
    steps(stopped, saved_after)
    save_state(stopped, tmp_path / "state.pt")
    resumed = load_state(tmp_path / "state.pt", options, pictures)
    steps(resumed, 14 - saved_after)

    assert (resumed.images, resumed.steps, resumed.stage_start) == (56, 14, 32)
    expected = all_tensors(uninterrupted)
    actual = all_tensors(resumed)
    assert actual.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(actual[name], expected[name])] == []
    assert torch.equal(resumed.random.get_state(), uninterrupted.random.get_state())


def test_resuming_without_optimisers_keeps_the_networks_only(options, pictures, tmp_path):
    trainer = Trainer(options, pictures)
    steps(trainer, 2)
    save_state(trainer, tmp_path / "state.pt")
    resumed = load_state(tmp_path / "state.pt", options, pictures, optimisers=False)
    assert resumed.optimiser_states() == {"generator": {}, "discriminator": {}}
    weight = resumed.networks.generator.synthesis.b4.const
    assert torch.equal(weight, trainer.networks.generator.synthesis.b4.const)
    steps(resumed, 1)
    assert resumed.images == 12


def test_another_judge_begins_anew_and_the_generator_goes_on(options, pictures, tmp_path):
    trainer = Trainer(options, pictures)
    steps(trainer, 3)
    save_state(trainer, tmp_path / "state.pt")
    resumed = load_state(tmp_path / "state.pt", replace(options, judge="features"), pictures)
    expected = trainer.networks.generator.state_dict()
    for name, tensor in resumed.networks.generator.state_dict().items():
        assert torch.equal(tensor, expected[name])
    assert resumed.optimiser_states()["generator"] and not resumed.optimiser_states()["discriminator"]
    steps(resumed, 2)
    save_state(resumed, tmp_path / "state.pt")
    again = load_state(tmp_path / "state.pt", replace(options, judge="features"), pictures)
    assert all(map(torch.equal, all_tensors(again).values(), all_tensors(resumed).values()))


def test_state_is_replaced_whole(options, pictures, tmp_path):
    trainer = Trainer(options, pictures)
    for images in (4, 8):
        steps(trainer, 1)
        save_state(trainer, tmp_path / "state.pt")
        assert [file.name for file in tmp_path.iterdir()] == ["state.pt"]
        assert load_state(tmp_path / "state.pt", options, pictures).images == images


def test_other_networks_are_refused(options, pictures, tmp_path):
    save_state(Trainer(options, pictures), tmp_path / "state.pt")
    with pytest.raises(TrainingError, match="w_dim 8, but 16 was asked for"):
        load_state(tmp_path / "state.pt", replace(options, w_dim=16), pictures)
    with pytest.raises(TrainingError, match="8 channels at 4 px, but 12"):
        load_state(tmp_path / "state.pt", replace(options, channels={4: 12, 8: 8, 16: 4}), pictures)


def test_a_training_cannot_shrink(options, pictures, tmp_path):
    save_state(Trainer(options, pictures, resolution=16), tmp_path / "state.pt")
    smaller = replace(options, resolution=8, channels={4: 8, 8: 8})
    with pytest.raises(TrainingError, match="16 px already"):
        load_state(tmp_path / "state.pt", smaller, pictures)


def test_files_that_are_no_state_are_refused(options, pictures, tmp_path):
    (tmp_path / "state.pt").write_bytes(b"nothing of the kind")
    with pytest.raises(TrainingError, match="can't be read"):
        load_state(tmp_path / "state.pt", options, pictures)
    torch.save({"format": "another"}, tmp_path / "state.pt")
    with pytest.raises(TrainingError, match="not the state of a training"):
        load_state(tmp_path / "state.pt", options, pictures)
