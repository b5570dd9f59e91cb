"""Recall: who is drawn towards what, and that what is rare is painted in the end."""

import math
from dataclasses import replace

import pytest
import torch
from soat.soat_backend.perceptual import PerceptualTarget, load_alexnet
from soat.soat_backend.training import recall
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.recall import Recall, nearest_free
from soat.soat_backend.training.trained_networks import FreshNoise, generate
from soat.soat_backend.training.trainer import Trainer

CPU = torch.device("cpu")


def plain(shades):
    """Pictures `[B, 3, 64, 64]` of one grey each."""
    return shades.reshape(-1, 1, 1, 1).expand(-1, 3, 64, 64)


def test_each_picture_gets_the_nearest_sample_that_has_none():
    looks = torch.tensor([[0.0], [1.0], [5.0]])
    free = torch.ones(3, dtype=torch.bool)
    assert [nearest_free(torch.tensor([each]), looks, free) for each in (0.2, 0.1, 0.0)] == [0, 1, 2]
    assert not free.any()


def test_the_loss_is_lpips_and_squared_pixels_of_the_nearest(monkeypatch):
    monkeypatch.setattr(recall, "CANDIDATES", 8)
    monkeypatch.setattr(recall, "GIVEN", 4)
    random = torch.Generator().manual_seed(0)
    codes = torch.rand(8, 1, generator=random) * 2.0 - 1.0
    real = torch.randn(2, 3, 64, 64, generator=random).mul(0.1).add(torch.tensor([-0.8, 0.7]).reshape(2, 1, 1, 1))

    loss = Recall(CPU).loss(lambda z: plain(z[:, 0]), lambda count: codes[:count], real.clamp(-1.0, 1.0))

    network, pictures = load_alexnet(), plain(codes[:, 0])
    free, expected = list(range(8)), []
    for picture in real.clamp(-1.0, 1.0):
        target = PerceptualTarget(network, picture[None])
        distances = target.distance(pictures) + (pictures - picture).square().mean(dim=(1, 2, 3))
        best = min(free, key=lambda index: float(distances[index]))
        free.remove(best)
        expected.append(float(distances[best]))
    assert float(loss) == pytest.approx(sum(expected) / 2, rel=1e-4)


def test_there_are_new_candidates_before_the_last_are_taken(monkeypatch):
    monkeypatch.setattr(recall, "CANDIDATES", 8)
    monkeypatch.setattr(recall, "GIVEN", 4)
    drawn, pull = [], Recall(CPU)

    def codes(count):
        drawn.append(count)
        return torch.zeros(count, 1)

    for _ in range(5):
        pull.loss(lambda z: plain(z[:, 0]), codes, plain(torch.zeros(2)))
    assert drawn == [8, 8, 8]


class MostlyDark:
    """Plain pictures of 16 px: one of sixteen is light."""

    def at(self, resolution):
        shades = torch.full((16, resolution, resolution, 3), 30, dtype=torch.uint8)
        shades[5] = 230
        return shades.numpy()


def test_a_training_with_it_paints_what_is_rare(options, monkeypatch):
    """Drawn far more than judged, some samples turn light and most turn dark."""
    monkeypatch.setattr(recall, "CANDIDATES", 64)
    monkeypatch.setattr(recall, "GIVEN", 32)
    steps = {"resolution": 16, "start_resolution": 16, "learning_rate": 0.01, "warmup_images": 0}
    trainer = Trainer(replace(options, recall=1000.0, **steps), MostlyDark())
    for _ in range(150):
        trainer.step()
    generator = trainer.networks.generator
    w = generator.mapping(torch.randn(256, options.z_dim, generator=torch.Generator().manual_seed(1)))
    shades = generate(generator, w[:, None].expand(-1, generator.layers.num_ws, -1), FreshNoise()).mean(dim=(1, 2, 3))
    light, dark = (shades > 0.3).float().mean(), (shades < -0.4).float().mean()
    assert light > 0.02
    assert dark > 0.5


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_a_weight_below_nothing_is_refused(options, weight):
    with pytest.raises(TrainingError, match="--recall must be 0 or above"):
        replace(options, recall=weight)
