"""First guesses of codes: what regression without shortcuts finds, better than any random code, kept and told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.inversion import first_guess, guess_codes
from soat.soat_backend.latents import to_styles
from soat.soat_backend.latents.sampling import random_w
from soat.soat_backend.optimise import reconstruct
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.renderers import stream

MODELS = Path(__file__).parents[2] / "models"
SAMPLES = 300


def pictures_of_w(generator, w):
    styles = generator.styles(w[:, None].expand(-1, generator.layers.num_ws, -1))
    return reconstruct(generator, styles).picture.detach()


def test_it_is_ridge_regression(make_generator, picture_of):
    """As gradient descent on the penalised squares finds it, from one picture's pixels after the other."""
    generator = make_generator()
    w = random_w(generator, SAMPLES, 3).double()
    with torch.no_grad():
        seen = torch.cat([first_guess._look(pictures_of_w(generator, each[None].float())) for each in w]).double()
        looked = first_guess._look(picture_of(generator, 7)).double()
    x, y = (seen - seen.mean(0)) / seen.std(0).clamp_min(1e-3), (w - w.mean(0)) / w.std(0).clamp_min(1e-3)
    weights = torch.zeros(x.shape[1], y.shape[1], dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        total = (x @ weights - y).square().sum() + 0.4 * SAMPLES * weights.square().sum()
        total.backward()
        return total

    optimiser.step(loss)
    expected = w.mean(0) + (looked - seen.mean(0)) / seen.std(0).clamp_min(1e-3) @ weights.detach() * w.std(0)
    found = guess_codes(generator, picture_of(generator, 7), SAMPLES, seed=3)
    assert found.space == "w_plus" and found.fingerprint == generator.fingerprint
    torch.testing.assert_close(found.codes[0], expected.float()[None].expand_as(found.codes[0]), rtol=0, atol=1e-3)


def test_fresh_codes_are_guessed_better_than_by_the_mean(make_generator):
    generator = make_generator()
    w = random_w(generator, 64, 99)
    found = guess_codes(generator, pictures_of_w(generator, w), 600).codes[0][:, 0]
    error = (found - w).square().mean() / (w - w.mean(0)).square().mean()
    assert float(error) < 0.9


def test_a_fresh_portrait_is_guessed_nearer_than_the_mean_and_most_random_codes():
    """What a user gives it: pictures the bundled generator hasn't seen."""
    generator = load_generator(MODELS / "portrait_256.safetensors")
    renders = np.stack(list(stream("portrait", 6, 256, 9)))
    targets = torch.from_numpy(renders).permute(0, 3, 1, 2) / 127.5 - 1.0
    with torch.no_grad():
        w = torch.cat((generator.mapping.w_avg[None].float(), random_w(generator, 20, 7)))
        others = pictures_of_w(generator, w)
        guessed = pictures_of_w(generator, guess_codes(generator, targets, 300).codes[0][:, 0])
    errors = (guessed - targets).square().mean(dim=(1, 2, 3))
    theirs = (others[:, None] - targets).square().mean(dim=(2, 3, 4))
    assert float((errors / theirs[0]).mean()) < 0.8
    assert bool((errors < theirs[1:].sort(dim=0).values[1]).all())


def test_what_was_learnt_is_kept_for_the_same_samples_and_generator(make_generator, picture_of):
    generator, made = make_generator(), []

    def guess(samples=60, seed=0):
        return guess_codes(generator, picture_of(generator, 1), samples, seed, lambda done, of: made.append((done, of)))

    first = guess()
    assert made[0] == (8, 60) and made[-1] == (60, 60)
    made.clear()
    assert torch.equal(guess().codes[0], first.codes[0]) and made == []
    assert not torch.equal(guess(seed=1).codes[0], first.codes[0]) and made
    made.clear()
    generator = make_generator(seed=5)
    guess()
    assert made


def test_a_batch_is_each_of_it_alone(make_generator, picture_of):
    generator = make_generator()
    pictures = picture_of(generator, 20, 3)
    together = guess_codes(generator, pictures, 60).codes[0]
    alone = torch.cat([guess_codes(generator, each[None], 60).codes[0] for each in pictures])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)


def test_other_sizes_are_the_same_picture(make_generator, picture_of):
    generator = make_generator()
    picture = picture_of(generator, 4)
    larger = picture.repeat_interleave(2, 2).repeat_interleave(2, 3)
    found, same = (guess_codes(generator, each, 60).codes[0] for each in (picture, larger))
    # Of a picture twice as large each pixel is there four times; only what is averaged over is finer.
    torch.testing.assert_close(found, same, rtol=0, atol=1e-4)


def test_a_picture_of_another_shape_and_too_few_samples_are_refused(make_generator):
    generator = make_generator()
    with pytest.raises(SoatError, match="makes squares"):
        guess_codes(generator, torch.zeros(1, 3, 32, 64), 60)
    with pytest.raises(SoatError, match="samples"):
        guess_codes(generator, torch.zeros(1, 3, 32, 32), 10)


def test_the_node_gives_what_invert_image_begins_with(make_generator, picture_of):
    generator = make_generator()
    image = picture_of(generator, 7).permute(0, 2, 3, 1) / 2 + 0.5
    (latent,) = NODE_CLASS_MAPPINGS["GuessLatent"]().guess(generator=generator, image=image, samples=60, seed=0)
    usual = {
        name: entry[1]["default"] if not isinstance(entry[0], list) else entry[1].get("default", entry[0][0])
        for part in ("required", "optional")
        for name, entry in NODE_CLASS_MAPPINGS["InvertImage"].INPUT_TYPES()[part].items()
        if len(entry) > 1 and "default" in entry[1]
    }
    begun = NODE_CLASS_MAPPINGS["InvertImage"]().invert(
        **{**usual, "generator": generator, "image": image, "init": latent, "steps": 0}
    )
    begun = begun["result"] if isinstance(begun, dict) else begun
    expected = reconstruct(generator, to_styles(generator, latent)).picture
    torch.testing.assert_close(begun[1].permute(0, 3, 1, 2) * 2 - 1, expected.detach().clamp(-1, 1), rtol=0, atol=1e-3)
