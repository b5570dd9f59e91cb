"""The command: stops, saves, resumes, writes a checkpoint and sheets."""

import argparse
import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from soat.soat_backend.generators import GeneratorConfig
from soat.soat_backend.training import train_command
from soat.soat_backend.training.export import Export
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.session import Schedule, Session
from soat.soat_backend.training.state import load_state
from soat.soat_backend.training.trained_networks import estimate_w_avg
from soat.soat_backend.training.trainer import Trainer

TINY = "--z-dim 4 --w-dim 8 --mapping-layers 2 --channels 8,8,4 --batch 4 --device cpu --dtype float32"


def train(arguments):
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    train_command.run(parser.parse_args([*arguments.split(), *TINY.split()]))


def export(folder):
    return Export(folder / "out.safetensors", {"made_by": "a test"})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(6):
        pixels = np.random.default_rng(index).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / f"{index}.png")
    return tmp_path


def test_a_training_that_has_seen_all_takes_no_step_more(folder):
    out, work = folder / "out.safetensors", folder / "work"
    for _ in range(2):
        train(f"--data {folder / 'in'} --resolution 16 --out {out} --work {work} --images 8")
        with safe_open(out, "pt") as stored:
            assert json.loads(stored.metadata()["provenance"])["images_seen"] == 8


def test_minutes_stop_and_save(folder):
    out, work = folder / "out.safetensors", folder / "work"
    train(f"--data {folder / 'in'} --resolution 16 --out {out} --work {work} --minutes 0.0001")
    assert (work / "state.pt").is_file()
    assert sorted(path.name for path in (work / "sheets").iterdir()) == [
        "00000k_16px_psi0.7.png",
        "00000k_16px_psi1.0.png",
    ]
    with safe_open(out, "pt") as stored:
        config = GeneratorConfig.from_json(stored.metadata()["config"])
        assert config.channels == {4: 8, 8: 8, 16: 4}
        assert json.loads(stored.metadata()["provenance"])["images_seen"] == 4
        assert stored.get_tensor("mapping.w_avg").dtype == torch.float32
        assert stored.get_tensor("synthesis.b16.conv1.weight").dtype == torch.float16


def test_same_command_goes_on(folder):
    arguments = f"--data {folder / 'in'} --resolution 16 --out {folder / 'out.safetensors'} --work {folder / 'work'}"
    train(f"{arguments} --images 8")
    train(f"{arguments} --images 20")
    with safe_open(folder / "out.safetensors", "pt") as stored:
        provenance = json.loads(stored.metadata()["provenance"])
    assert provenance["images_seen"] == 20
    assert provenance["images_by_resolution"] == {"16": 20}


def test_exported_w_avg_is_of_the_averaged_mapping(folder, options, pictures):
    work = folder / "work"
    session = Session(Trainer(options, pictures), work, export(folder), Schedule(images=8))
    session.run()
    average = load_state(work / "state.pt", options, pictures).networks.average
    estimate_w_avg(average)
    with safe_open(folder / "out.safetensors", "pt") as stored:
        assert torch.equal(stored.get_tensor("mapping.w_avg"), average.mapping.w_avg)
        const = stored.get_tensor("synthesis.b4.const")
    assert torch.equal(const, average.synthesis.b4.const.half())


def test_request_to_stop_saves(folder, options, pictures):
    trainer = Trainer(options, pictures)
    Session(trainer, folder / "work", export(folder), Schedule()).run(lambda: trainer.steps == 3)
    assert load_state(folder / "work" / "state.pt", options, pictures).images == 12


def test_log_has_means_and_figures(folder, options, pictures):
    schedule = Schedule(images=16, log_images=8, metric_images=16, metric_samples=16)
    session = Session(Trainer(options, pictures), folder / "work", export(folder), schedule)
    session.run()
    entries = [json.loads(line) for line in (folder / "work" / "log.jsonl").read_text().splitlines()]
    assert [entry["images"] for entry in entries] == [8, 16, 16]
    assert {"generator", "discriminator", "real", "fake", "r1", "images_per_second"} <= entries[0].keys()
    assert {"swd_16", "frechet"} <= entries[2].keys() or {"swd_8", "frechet"} <= entries[2].keys()


def test_divergence_stops_with_the_last_state_untouched(folder, options, pictures):
    trainer = Trainer(options, pictures)
    session = Session(trainer, folder / "work", export(folder), Schedule(log_images=4))
    session.save()
    with torch.no_grad():
        trainer.networks.generator.synthesis.b4.const.fill_(float("nan"))
    with pytest.raises(TrainingError, match="diverged"):
        session.run()
    assert load_state(folder / "work" / "state.pt", options, pictures).images == 0


def test_other_suffixes_and_short_channel_lists_are_refused(folder):
    with pytest.raises(TrainingError, match=r"\.safetensors file"):
        train(f"--data {folder / 'in'} --resolution 16 --out {folder / 'out.pt'}")
    with pytest.raises(TrainingError, match="one number for each"):
        train(f"--data {folder / 'in'} --resolution 64 --out {folder / 'out.safetensors'}")
