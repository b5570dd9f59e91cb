"""Training a StyleGAN3: its magnitudes, a teacher, looks beside the picture."""

from dataclasses import replace

import pytest
import torch
from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator, save_generator
from soat.soat_backend.synthesis.noise import NoiseField
from soat.soat_backend.training.export import Export
from soat.soat_backend.training.options import TrainingError, TrainingOptions
from soat.soat_backend.training.state import load_state, save_state
from soat.soat_backend.training.teacher import Teacher
from soat.soat_backend.training.trained_networks import build, generate
from soat.soat_backend.training.trainer import Trainer

CPU = torch.device("cpu")
NO_NOISE = NoiseField("none")


@pytest.fixture
def options(options):
    return replace(
        options,
        start_resolution=16,
        architecture="stylegan3-t",
        num_layers=4,
        channel_base=64,
        channel_max=8,
        margin_size=4,
    )


def rows(generator, count=2, seed=0):
    z = torch.randn(count, generator.config.z_dim, generator=torch.Generator().manual_seed(seed))
    return generator.mapping(z)[:, None].expand(-1, generator.layers.num_ws, -1)


def rows_of(generator, w):
    return w.expand(-1, generator.layers.num_ws, -1)


def test_every_parameter_moves_and_nothing_is_turned_at_first(options, pictures):
    trainer = Trainer(options, pictures)
    generator = trainer.networks.generator
    assert torch.equal(generator.styles(rows(generator))[0], torch.tensor([[1.0, 0.0, 0.0, 0.0]] * 2))
    before = {name: value.clone() for name, value in generator.named_parameters()}
    trainer.step()
    trainer.step()
    assert [name for name, value in generator.named_parameters() if torch.equal(value, before[name])] == []


def test_magnitudes_follow_the_mean_square_of_what_goes_in(options, pictures):
    trainer = Trainer(replace(options, learning_rate=0.0), pictures)
    generator, seen = trainer.networks.generator, {}
    layers = [layer.name for layer in generator.layers.with_features if "input" not in layer.name]
    for name in layers:
        module = generator.synthesis.get_submodule(name)
        kept = seen.setdefault(name, [])
        module.register_forward_hook(lambda _module, given, _out, kept=kept: kept.append(given[0].detach()))
    trainer.step()
    trainer.step()
    expected = dict.fromkeys(layers, 1.0)
    for step, half_life in enumerate((1.0, 0.25 * 4 + 1.0)):
        left = 0.5 ** (4 / half_life)
        for name in layers:
            expected[name] = expected[name] * left + float(seen[name][step].double().square().mean()) * (1.0 - left)
    for name in layers:
        kept = generator.synthesis.get_submodule(name).magnitude_ema
        assert float(kept) == pytest.approx(expected[name], rel=1e-5)
        assert torch.equal(kept, trainer.networks.average.synthesis.get_submodule(name).magnitude_ema)


def test_a_training_goes_on_as_if_it_had_not_stopped(options, pictures, tmp_path):
    whole = Trainer(options, pictures)
    for _ in range(4):
        whole.step()
    stopped = Trainer(options, pictures)
    stopped.step()
    stopped.step()
    save_state(stopped, tmp_path / "state.pt")
    resumed = load_state(tmp_path / "state.pt", options, pictures)
    resumed.step()
    resumed.step()
    for name, network in whole.networks.named().items():
        for key, value in network.state_dict().items():
            assert torch.equal(value, resumed.networks.named()[name].state_dict()[key]), (name, key)


def test_states_of_another_shape_are_refused(options, pictures, tmp_path):
    save_state(Trainer(options, pictures), tmp_path / "state.pt")
    with pytest.raises(TrainingError, match="num_layers 4, but 5 was asked for"):
        load_state(tmp_path / "state.pt", replace(options, num_layers=5), pictures)
    with pytest.raises(TrainingError, match="architecture stylegan3-t, but stylegan2"):
        load_state(tmp_path / "state.pt", replace(options, architecture="stylegan2"), pictures)


def test_what_is_exported_is_a_stylegan3(options, pictures, tmp_path):
    trainer = Trainer(options, pictures)
    trainer.step()
    path = tmp_path / "t.safetensors"
    Export(path, {"made_by": "soat train"}, torch.float32).write(trainer)
    assert "StyleGAN3" in inspect_checkpoint(path).describe()
    loaded, average = load_generator(path), trainer.finished()
    torch.testing.assert_close(
        generate(loaded, rows(loaded), NO_NOISE), generate(average, rows(average), NO_NOISE), rtol=1e-5, atol=1e-5
    )


def test_a_look_beside_the_picture_is_the_input_moved(options):
    generator = build(options, 16, CPU, torch.float32).generator
    w_plus = rows(generator)
    beside = generate(generator, w_plus, NO_NOISE, beside=0.375)
    generator.synthesis.input.transform[0, 2] = 0.375
    torch.testing.assert_close(beside, generate(generator, w_plus, NO_NOISE), rtol=1e-5, atol=1e-5)


def test_a_pupil_has_the_teachers_mapping_and_comes_nearer(options, pictures, tmp_path):
    teacher = build(replace(options, architecture="stylegan2"), 16, CPU, torch.float32).generator
    path = tmp_path / "teacher.safetensors"
    save_generator(teacher, path, provenance={})
    trainer = Trainer(replace(options, teacher=str(path), teacher_images=160, learning_rate=0.01), pictures)
    losses = [float(trainer.step()["teacher"]) for _ in range(40)]
    assert sum(losses[-8:]) < 0.8 * sum(losses[:8])
    for name, value in teacher.mapping.state_dict().items():
        assert torch.equal(trainer.networks.generator.mapping.state_dict()[name], value), name
    assert "discriminator" in trainer.step()


def test_beside_its_picture_a_teacher_has_that_reflected(options, tmp_path):
    teacher = build(replace(options, architecture="stylegan2"), 16, CPU, torch.float32).generator
    save_generator(teacher, tmp_path / "teacher.safetensors", provenance={})
    known = Teacher(tmp_path / "teacher.safetensors", CPU)
    w = known.generator.mapping(torch.randn(2, 4, generator=torch.Generator().manual_seed(1)))[:, None]
    with torch.no_grad():
        middle = known._pictures(w, 0, 16)
        torch.testing.assert_close(middle, generate(teacher, rows_of(teacher, w), NO_NOISE).clamp(-1, 1))
        right, further = known._pictures(w, 8, 16), known._pictures(w, 16, 16)
        # One canvas: the halves that both looks have are the same.
        torch.testing.assert_close(right[..., 8:], further[..., :8])


def test_another_shape_can_not_be_taught(options, pictures, tmp_path):
    teacher = build(replace(options, architecture="stylegan2", w_dim=16), 16, CPU, torch.float32).generator
    save_generator(teacher, tmp_path / "teacher.safetensors", provenance={})
    with pytest.raises(TrainingError, match="has w_dim 16 and the new generator 8"):
        Trainer(replace(options, teacher=str(tmp_path / "teacher.safetensors")), pictures)


def test_what_only_one_architecture_has_is_said():
    with pytest.raises(TrainingError, match="isn't grown"):
        TrainingOptions(64, architecture="stylegan3-t")
    with pytest.raises(TrainingError, match="only a StyleGAN3"):
        TrainingOptions(64, pan=1.0)
