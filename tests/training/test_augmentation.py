"""Adaptive augmentation: each transformation against a slow plain formulation, what is drawn, and how p is adjusted."""

import argparse
import math
from dataclasses import fields, replace

import pytest
import torch
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training import train_command
from soat.soat_backend.training.augmentation import geometry
from soat.soat_backend.training.augmentation.adaptive import Augmentation
from soat.soat_backend.training.augmentation.colour import Colour
from soat.soat_backend.training.augmentation.draws import Draws
from soat.soat_backend.training.augmentation.geometry import Blit, Geometry
from soat.soat_backend.training.augmentation.resampling import SYM6, move
from soat.soat_backend.training.options import TrainingOptions
from soat.soat_backend.training.state import load_state, save_state
from soat.soat_backend.training.trainer import Trainer

SIDE = 12


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures_of(batch=1, side=SIDE, dtype=torch.float64):
    return torch.rand(batch, 3, side, side, generator=seeded(), dtype=torch.float64).to(dtype) * 2 - 1


def still(kind, batch=1):
    """Nothing done to any picture."""
    return kind(*(torch.zeros(batch, 2) if each.name == "shift" else torch.zeros(batch) for each in fields(kind)))


def moved(images, **changes):
    return move(images, replace(still(Geometry, len(images)), **changes).backwards(images.shape[2]))


def plainly_moved(image, back):
    """By loops: the mirrored picture's fine samples by the wavelet's sums, interpolated, and the wavelet's sums again.

    `back` takes a place (x, y) of the result, in pixels from the middle, to where it comes from.
    """
    side = image.shape[1]

    def pixel(channel, y, x):
        inside = [distance if (distance := k % (2 * side)) < side else 2 * side - 1 - distance for k in (y, x)]
        return float(image[channel, inside[0], inside[1]])

    def folded(place):
        """From beyond the first pixels of the border to what a mirror shows there."""
        if -4.5 <= place <= side + 3.5:
            return place
        while not -0.5 <= place <= side - 0.5:
            place = -1 - place if place < -0.5 else 2 * side - 1 - place
        return place

    cache = {}

    def fine(channel, y, x):
        if (channel, y, x) not in cache:
            total = 0.0
            for j in range((y - 6) // 2, (y + 5) // 2 + 1):
                for i in range((x - 6) // 2, (x + 5) // 2 + 1):
                    taps = (y - 2 * j + 5, x - 2 * i + 5)
                    if all(0 <= tap < 12 for tap in taps):
                        total += pixel(channel, j, i) * SYM6[taps[0]] * SYM6[taps[1]] * 2.0
            cache[channel, y, x] = total
        return cache[channel, y, x]

    def between(channel, y, x):
        top, left = math.floor(y), math.floor(x)
        rows, columns = ((top, 1 - y + top), (top + 1, y - top)), ((left, 1 - x + left), (left + 1, x - left))
        return sum(fine(channel, j, i) * a * b for j, a in rows for i, b in columns)

    result = torch.zeros_like(image)
    for channel in range(len(image)):
        for y in range(side):
            for x in range(side):
                total = 0.0
                for n, down in enumerate(SYM6):
                    for m, right in enumerate(SYM6):
                        place = [(2 * k + tap - 5 + 0.5) / 2 - side / 2 for k, tap in ((x, m), (y, n))]
                        at = [2 * folded(value + side / 2 - 0.5) + 0.5 for value in back(*place)]
                        total += between(channel, at[1], at[0]) * down * right / 2.0
                result[channel, y, x] = total
    return result


def test_the_wavelet_is_the_orthonormal_one_of_six_vanishing_moments():
    assert sum(SYM6) == pytest.approx(math.sqrt(2), abs=1e-9)
    for shift in range(6):
        product = sum(SYM6[k] * SYM6[k + 2 * shift] for k in range(12 - 2 * shift))
        assert product == pytest.approx(1.0 if shift == 0 else 0.0, abs=1e-9)
    for moment in range(6):
        assert sum((-1) ** k * k**moment * tap for k, tap in enumerate(SYM6)) == pytest.approx(0.0, abs=1e-5)


def test_what_is_not_moved_stays():
    images = pictures_of(2)
    torch.testing.assert_close(moved(images), images, rtol=0, atol=1e-9)


def blitted(images, **changes):
    return replace(still(Blit, len(images)), **changes).apply(images)


def test_blitting_copies_pixels():
    images = pictures_of(2)
    last = SIDE - 1
    only_second = torch.tensor([0.0, 1.0])
    for changes, source in (
        ({"mirrored": only_second}, lambda y, x: (y, last - x)),
        ({"quarters": only_second}, lambda y, x: (last - x, y)),
        ({"quarters": 2 * only_second}, lambda y, x: (last - y, last - x)),
        ({"quarters": 3 * only_second}, lambda y, x: (x, last - y)),
        # One pixel to the right, three up: what comes in below is mirrored.
        (
            {"shift": torch.tensor([[0.0, 0.0], [0.11, -0.25]])},
            lambda y, x: (y + 3 if y < 9 else 2 * SIDE - 1 - y - 3, max(x - 1, 0)),
        ),
        # Mirrored first, then turned.
        ({"mirrored": only_second, "quarters": only_second}, lambda y, x: (last - x, last - y)),
    ):
        actual = blitted(images, **changes)
        assert torch.equal(actual[0], images[0])
        for y in range(SIDE):
            for x in range(SIDE):
                assert torch.equal(actual[1, :, y, x], images[1][(slice(None), *source(y, x))]), (changes, y, x)


def turned(angle):
    return lambda x, y: (x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle))


TRANSFORMATIONS = {
    "scale": (0.3, lambda x, y: (x / 2**0.3, y / 2**0.3)),
    "first_turn": (0.7, turned(0.7)),
    "stretch": (-0.4, lambda x, y: (x * 2**0.4, y / 2**0.4)),
    "second_turn": (-2.0, turned(-2.0)),
    "shift": ((0.07, 0.9), lambda x, y: (x - 0.07 * SIDE, y - 0.9 * SIDE)),
}


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_each_movement_is_what_loops_make(name):
    amount, back = TRANSFORMATIONS[name]
    images = pictures_of()[:, :1]
    actual = moved(images, **{name: torch.tensor([amount], dtype=torch.float64)})
    torch.testing.assert_close(actual[0], plainly_moved(images[0], back), rtol=0, atol=1e-6)


def test_movements_come_one_after_the_other():
    changes = {name: torch.tensor([amount], dtype=torch.float64) for name, (amount, _) in TRANSFORMATIONS.items()}
    back = replace(still(Geometry), **changes).backwards(SIDE)[0]
    for x, y in ((0.0, 0.0), (3.0, -2.0), (-5.5, 1.25)):
        place = (x, y)
        for _, each in reversed(TRANSFORMATIONS.values()):
            place = each(*place)
        torch.testing.assert_close(back @ torch.tensor([x, y, 1.0], dtype=torch.float64), torch.tensor(place).double())


def rotated_hue(colour, angle):
    """Rodrigues' formula about the axis of greys."""
    axis = torch.full((3,), math.sqrt(1 / 3), dtype=torch.float64)
    along = axis * (axis @ colour)
    return along + (colour - along) * math.cos(angle) + torch.linalg.cross(axis, colour) * math.sin(angle)


COLOURS = {
    "brightness": (0.3, lambda c: c + 0.3),
    "contrast": (0.5, lambda c: c * 2**0.5),
    "inverted": (1.0, lambda c: c - 2 * c.mean()),
    "hue": (1.1, lambda c: rotated_hue(c, 1.1)),
    "saturation": (-0.8, lambda c: c.mean() + (c - c.mean()) * 2**-0.8),
}


@pytest.mark.parametrize("names", [*((name,) for name in COLOURS), tuple(COLOURS)])
def test_each_change_of_colour_is_what_its_formula_makes_of_a_pixel(names):
    images = pictures_of()
    changes = {name: torch.tensor([COLOURS[name][0]], dtype=torch.float64) for name in names}
    actual = replace(still(Colour), **changes).apply(images)
    for y, x in ((0, 0), (3, 7), (11, 5)):
        expected = images[0, :, y, x]
        for name in names:
            expected = COLOURS[name][1](expected)
        torch.testing.assert_close(actual[0, :, y, x], expected, rtol=0, atol=1e-6)


def test_each_is_drawn_with_its_probability_and_spread():
    count = 40_000
    for p in (0.3, 1.0):
        blit = Blit.draw(Draws(count, p, seeded(2), torch.device("cpu")))
        drawn = Geometry.draw(Draws(count, p, seeded(), torch.device("cpu")))
        colour = Colour.draw(Draws(count, p, seeded(1), torch.device("cpu")))
        for values, part, deviation in (
            (blit.mirrored, p / 2, 1.0),
            (blit.quarters, p * 3 / 4, None),
            (drawn.scale, p, geometry.SCALE_DEVIATION),
            (drawn.stretch, p, geometry.SCALE_DEVIATION),
            (drawn.first_turn, 1 - math.sqrt(1 - p), math.pi / math.sqrt(3)),
            (drawn.second_turn, 1 - math.sqrt(1 - p), math.pi / math.sqrt(3)),
            (drawn.shift[:, 0], p, geometry.SHIFT_DEVIATION),
            (blit.shift[:, 1], p, geometry.WHOLE_SHIFT / math.sqrt(3)),
            (colour.brightness, p, 0.2),
            (colour.contrast, p, 0.5),
            (colour.inverted, p / 2, None),
            (colour.hue, p, math.pi / math.sqrt(3)),
            (colour.saturation, p, 1.0),
        ):
            there = values[values != 0]
            assert len(there) / count == pytest.approx(part, abs=0.01)
            if deviation is not None:
                assert float(there.square().mean().sqrt()) == pytest.approx(deviation, rel=0.03)
        assert float(blit.quarters.max()) == 3
        assert float(blit.shift.abs().max()) <= geometry.WHOLE_SHIFT


def test_pictures_stay_bit_for_bit_while_p_is_0():
    images = pictures_of(dtype=torch.float32)
    random = seeded()
    before = random.get_state()
    assert Augmentation(True, 0.6, 1_000)(images, random) is images
    assert torch.equal(random.get_state(), before)


def test_gradients_come_back_through_all_of_it():
    augmentation = Augmentation(True, 0.6, 1_000)
    augmentation.p = 1.0
    images = pictures_of(2, 8).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda each: augmentation(each.float().double(), seeded()), images, eps=1e-3, atol=1e-3
    )


def test_p_follows_the_mean_sign_of_real_logits():
    """Source: four steps of 8 pictures of 320 change p by 0.1."""
    augmentation = Augmentation(True, 0.6, 320)
    high = [torch.tensor([[1.0, 2.0], [0.5, 0.1]]), torch.full((2, 3), 4.0)]
    low = [high[0], torch.tensor([[1.0, -1.0, -1.0, 1.0]])]  # Heads count alike: 1 and 0.
    seen = []
    for logits in [high] * 8 + [low] * 4 + [high, low, high, low]:
        augmentation.observe(logits, 8)
        seen.append(round(augmentation.p, 6))
    assert seen == [0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.2]
    for logits, limit in ((low, 0.0), (high, 1.0)):
        for _ in range(60):
            augmentation.observe(logits, 8)
        assert augmentation.p == limit
    off = Augmentation(False, 0.6, 320)
    for _ in range(8):
        off.observe(high, 8)
    assert off.p == 0.0


@pytest.mark.parametrize("judge", ["pixels", "features"])
def test_a_training_augments_and_goes_on_as_if_it_had_not_stopped(options, pictures, tmp_path, judge):
    options = replace(options, augment="ada", augment_target=-2.0, augment_images=64, judge=judge)
    one, other = Trainer(options, pictures), Trainer(options, pictures)
    for _ in range(6):
        report = one.step()
    assert float(report["augment"]) == pytest.approx(16 / 64)
    for _ in range(3):
        other.step()
    save_state(other, tmp_path / "state.pt")
    other = load_state(tmp_path / "state.pt", options, pictures)
    for _ in range(3):
        other.step()
    for (name, expected), actual in zip(
        one.networks.generator.state_dict().items(), other.networks.generator.state_dict().values(), strict=True
    ):
        assert torch.equal(actual, expected), name


def test_augmentation_may_be_left_off_from_a_state_on(options, pictures, tmp_path):
    trainer = Trainer(replace(options, augment="ada"), pictures)
    trainer.augmentation.p = 0.5
    save_state(trainer, tmp_path / "state.pt")
    assert load_state(tmp_path / "state.pt", trainer.options, pictures).augmentation.p == 0.5
    assert load_state(tmp_path / "state.pt", options, pictures).augmentation.p == 0.0


def test_without_it_nothing_is_said_of_it(options, pictures):
    assert "augment" not in Trainer(options, pictures).step()


def test_the_commands_take_it():
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    asked = "--resolution 16 --data in --out out.safetensors --augment ada --augment-target 0.5 --augment-images 50000"
    options = train_command.options_from(parser.parse_args(asked.split()))
    assert (options.augment, options.augment_target, options.augment_images) == ("ada", 0.5, 50_000)
    asked = "--resolution 16 --data in --out out.safetensors"
    assert train_command.options_from(parser.parse_args(asked.split())).augment == "none"
    for wrong, message in (({"augment": "all"}, "--augment"), ({"augment_images": 0}, "must be above 0, got 0")):
        with pytest.raises(SoatError, match=message):
            TrainingOptions(16, start_resolution=16, **wrong)
