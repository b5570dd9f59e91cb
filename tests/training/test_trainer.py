"""Growing, averaging and schedules."""

import math
from dataclasses import replace

import pytest
import torch
from soat.soat_backend.ops import upsample_rgb
from soat.soat_backend.synthesis.noise import NoiseField
from soat.soat_backend.training.feature_discriminator import EDGE, REACH, FeatureDiscriminator, random_corner
from soat.soat_backend.training.losses import (
    discriminator_loss,
    generator_loss,
    hinge_discriminator_loss,
    hinge_generator_loss,
)
from soat.soat_backend.training.options import TrainingError, TrainingOptions
from soat.soat_backend.training.trained_networks import FreshNoise, build, estimate_w_avg, generate, grow
from soat.soat_backend.training.trainer import Trainer, update_average

CPU = torch.device("cpu")
LOSSES = {
    "pixels": (generator_loss, discriminator_loss),
    "features": (hinge_generator_loss, hinge_discriminator_loss),
}


def test_grown_generator_begins_with_the_old_picture_upsampled(options):
    small = build(options, 8, CPU, torch.float32)
    grown = grow(small, options)
    w = small.generator.mapping(torch.randn(2, options.z_dim, generator=torch.Generator().manual_seed(0)))
    noise = NoiseField("const")
    with torch.no_grad():
        before = generate(small.generator, w[:, None].expand(-1, 4, -1), noise)
        after = generate(grown.generator, w[:, None].expand(-1, 6, -1), noise, fade=0.0)
    torch.testing.assert_close(after, upsample_rgb(torch.nn.functional.pad(before, (1, 1, 1, 1))), rtol=1e-5, atol=1e-5)


def test_average_moves_by_half_in_one_half_life():
    average, network = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    old = average.weight.detach().clone()
    update_average(average, network, half_lives=1.0)
    torch.testing.assert_close(average.weight, (old + network.weight) / 2)
    old = average.weight.detach().clone()
    update_average(average, network, half_lives=0.25)
    torch.testing.assert_close(average.weight, network.weight + (old - network.weight) * 0.5**0.25)


def test_ema_half_life_is_bounded_by_the_images_seen():
    options = TrainingOptions(32)
    assert options.ema_half_life(0) == 100
    assert options.ema_half_life(20_000) == pytest.approx(1_100)
    assert options.ema_half_life(10**6) == 10_000


def test_r1_gamma_of_the_recipe():
    assert TrainingOptions(64).r1_gamma(64) == pytest.approx(3 * 0.0002 * 64**2 / 16)


def test_trainer_grows_after_its_images_and_keeps_weights_and_moments(options, pictures):
    trainer = Trainer(options, pictures)
    for _ in range(8):
        assert not trainer.grow_if_due()
        trainer.step()
    weight = trainer.networks.generator.synthesis.b4.conv1.weight.detach().clone()
    moment = trainer.optimiser_states()["generator"]["synthesis.b4.conv1.weight"]["exp_avg_sq"].clone()
    assert trainer.grow_if_due()
    assert trainer.resolution == 16
    assert trainer.finished_stages == {8: 32}
    assert trainer.fade == pytest.approx(1 / 16)
    assert torch.equal(trainer.networks.generator.synthesis.b4.conv1.weight, weight)
    states = trainer.optimiser_states()["generator"]
    assert torch.equal(states["synthesis.b4.conv1.weight"]["exp_avg_sq"], moment)
    assert not any(name.startswith("synthesis.b16") for name in states)
    for _ in range(4):
        trainer.step()
    assert trainer.fade == 1.0
    assert not trainer.grow_if_due()


def test_every_trained_parameter_moves(options, pictures):
    trainer = Trainer(options, pictures, resolution=16)
    before = {name: value.clone() for name, value in trainer.networks.generator.named_parameters()}
    trainer.step()
    trainer.step()
    still = [name for name, value in trainer.networks.generator.named_parameters() if torch.equal(value, before[name])]
    assert still == []


def test_r1_is_reported_only_when_it_is_due(options, pictures):
    trainer = Trainer(options, pictures)
    assert ["r1" in trainer.step() for _ in range(4)] == [True, False, True, False]


def test_discriminator_learns_to_tell_noise_from_the_pictures(options, pictures):
    trainer = Trainer(options, pictures)
    first = [float(trainer.step()["discriminator"]) for _ in range(4)]
    for _ in range(30):
        last = trainer.step()
    assert math.isfinite(float(last["discriminator"]))
    assert float(last["real"]) > float(last["fake"])
    assert float(last["discriminator"]) < max(first)


def test_a_judge_of_features_learns_without_a_penalty(options, pictures):
    trainer = Trainer(replace(options, judge="features"), pictures)
    first = [trainer.step() for _ in range(4)]
    assert not any("r1" in report for report in first)
    for _ in range(30):
        last = trainer.step()
    assert float(last["real"]) > float(last["fake"])
    assert float(last["discriminator"]) < float(first[0]["discriminator"])


@pytest.mark.parametrize(
    ("judge", "speed", "part"), [("features", 0.25, 0.25), ("features", 1.0, 1.0), ("pixels", 0.25, 1.0)]
)
def test_the_speed_of_a_judge_of_features_is_a_part_of_the_generators(options, pictures, judge, speed, part):
    trainer = Trainer(replace(options, judge=judge, judge_speed=speed, r1_interval=10**9), pictures)
    assert trainer.discriminator_optimiser.param_groups[0]["lr"] == pytest.approx(options.learning_rate * part)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_a_judge_without_speed_is_refused(options, speed):
    with pytest.raises(TrainingError, match="--judge-speed must be above 0"):
        replace(options, judge_speed=speed)


def test_a_judge_of_features_looks_at_every_scale_and_never_changes_the_network():
    torch.manual_seed(0)
    judge = FeatureDiscriminator(64)
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    logits = judge(images)
    # AlexNet's features of 128 px have 31, 15 and 7 places a side; heads halve the first two.
    assert [tuple(each.shape) for each in logits] == [(2, 49), (2, 49), (2, 49), (2, 49), (2, 49), (2, 256), (2, 256)]
    sum(each.sum() for each in logits).backward()
    assert not any("network" in name or "convolution" in name for name in judge.state_dict())
    assert all(weight.grad is None for weight in judge._network[0].parameters())
    # Spectral norm: no convolution stretches anything, so logits can't run away.
    assert all(float(each.detach().abs().max()) < 10 for each in logits)


def test_of_a_larger_picture_a_judge_of_features_sees_the_whole_and_a_window():
    torch.manual_seed(0)
    judge = FeatureDiscriminator(256)
    images = torch.rand(2, 3, 256, 256, generator=torch.Generator().manual_seed(0)) * 2 - 1
    seen = judge.look(images, (100, 7))
    window = images[:, :, 100:228, 7:135]
    # A smaller judge has the same projections, and of 128 px it resizes nothing.
    smaller = FeatureDiscriminator(128)
    halved = torch.nn.functional.avg_pool2d(images, 2)
    for expected, actual in zip([*smaller.look(halved)[:5], *smaller.look(window)[:6]], seen[:-1], strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4)
    assert [tuple(each.shape) for each in judge.judge(seen)] == [(2, 49)] * 10 + [(2, 1024)] * 2
    grown = judge.state_dict()
    grown.update(smaller.state_dict())
    judge.load_state_dict(grown)


def test_a_window_goes_on_mirrored_over_an_edge():
    """A row seen but once beside what the picture mirrors is a line that every layer sees."""
    judge = FeatureDiscriminator(256)
    images = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0)) * 2 - 1
    pixels = judge.look(images, (-REACH, 128 + REACH))[-2]
    assert torch.equal(pixels[:, :, REACH:, : 128 - REACH], images[:, :, : 128 - REACH, 128 + REACH :])
    assert torch.equal(pixels[:, :, REACH - 1], pixels[:, :, REACH + 1])
    assert torch.equal(pixels[..., 128 - REACH], pixels[..., 126 - REACH])


def test_at_every_step_the_outermost_pixels_are_looked_at_once_more():
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    mirrored, edges = FeatureDiscriminator(64).look(images)[-1].chunk(2, dim=2)
    assert torch.equal(mirrored, edges.flip(2)) and edges.shape == (1, 3, EDGE, 4 * 64)
    top, right, bottom, left = edges.split(64, dim=3)
    assert torch.equal(top, images[:, :, :EDGE])
    assert torch.equal(right, images[..., -EDGE:].flip(3).transpose(2, 3))
    assert torch.equal(bottom, images[:, :, -EDGE:].flip(2, 3))
    assert torch.equal(left, images[..., :EDGE].transpose(2, 3).flip(3))


def test_every_pixel_of_a_larger_picture_is_in_many_windows():
    """Lines stayed in the outermost rows while they were in one window of a hundred."""
    random = torch.Generator().manual_seed(0)
    corners = [random_corner(256, random) for _ in range(1000)]
    for axis in zip(*corners, strict=True):
        seen = torch.zeros(256 + 2 * REACH)
        for first in axis:
            assert -REACH <= first <= 128 + REACH
            seen[REACH + first : REACH + first + 128] += 1
        inside = seen[REACH : 256 + REACH]
        assert float(inside.min()) > 200 and float(inside.max()) < 800
    assert random_corner(128, random) == random_corner(64, random) == (0, 0)


@pytest.mark.parametrize("judge", ["pixels", "features"])
def test_losses_are_those_of_two_plain_looks(options, pictures, judge):
    options = replace(options, judge=judge, r1_interval=1_000)
    trainer, plain = Trainer(options, pictures), Trainer(options, pictures)
    trainer.steps = 1  # R1 comes at the first.
    for _ in range(2):
        real = plain._real_images(1.0)
        noise = FreshNoise(random=plain.random)
        fake = generate(plain.networks.generator, plain._w_plus(), noise)
        discriminator = plain.networks.discriminator
        losses = LOSSES[judge]
        logits = discriminator(torch.cat((real, fake.detach())))
        loss = losses[1]([each[:4] for each in logits], [each[4:] for each in logits])
        loss.backward()
        plain.discriminator_optimiser.step()
        against = losses[0](discriminator(fake))
        against.backward()
        plain.generator_optimiser.param_groups[0]["lr"] = options.generator_learning_rate(plain.images)
        plain.generator_optimiser.step()
        for optimiser in (plain.generator_optimiser, plain.discriminator_optimiser):
            optimiser.zero_grad()
        discriminator.zero_grad()
        plain.images += 4
        report = trainer.step()
        torch.testing.assert_close(report["discriminator"], loss, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(report["generator"], against, rtol=1e-5, atol=1e-6)


def test_w_avg_is_the_mean_of_mapped_z(options):
    generator = build(options, 8, CPU, torch.float32).generator
    estimate_w_avg(generator)
    with torch.no_grad():
        w = generator.mapping(torch.randn(20_000, options.z_dim, generator=torch.Generator().manual_seed(9)))
    torch.testing.assert_close(generator.mapping.w_avg, w.mean(dim=0), rtol=0.0, atol=0.05)
    assert generator.mapping.w_avg.abs().max() > 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resolution": 48}, "power of two"),
        ({"resolution": 16, "start_resolution": 32}, "above the resolution"),
        ({"resolution": 32, "batch": 6}, "multiple of 4"),
    ],
)
def test_impossible_options_are_refused(arguments, message):
    with pytest.raises(TrainingError, match=message):
        TrainingOptions(**arguments)
