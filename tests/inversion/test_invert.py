"""Inversion: what it finds, that nothing outside a picture changes it, and what it leaves as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.generators.fingerprint import weights_digest
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.inversion.likeness import Likeness
from soat.soat_backend.inversion.noise_maps import noise_maps, self_correlation
from soat.soat_backend.latents import concatenate, sample, select, to_styles
from soat.soat_backend.latents.spaces import open_space
from soat.soat_backend.optimise import StopSearch
from soat.soat_backend.optimise.descent import Course
from soat.soat_backend.optimise.reconstruction import reconstruct
from soat.soat_backend.support.errors import LatentError, SoatError
from soat.soat_backend.synthesis.render import render

QUICK = InversionSettings(steps=12, candidates=5, patience=0)


@pytest.mark.parametrize("space", ["style_space", "w_plus", "w"])
def test_finds_a_picture_of_its_own(make_generator, alexnet, picture_of, space):
    generator = make_generator()
    target = picture_of(generator, seed=7)
    found = invert(generator, target, alexnet, InversionSettings(space=space, steps=200, prior_weight=0.001))
    report = found.reports[0]
    assert report.psnr > {"style_space": 30, "w_plus": 28, "w": 28}[space]
    mse = float((found.pictures - target).square().mean()) / 4
    assert report.mse == pytest.approx(mse, rel=1e-3)
    shown = reconstruct(generator, to_styles(generator, found.latent)).picture
    torch.testing.assert_close(shown, found.pictures, rtol=0, atol=1e-4)
    assert found.latent.space == {"w": "w_plus"}.get(space, space)
    assert found.generator is generator


def test_a_prior_keeps_codes_usual(make_generator, alexnet):
    generator = make_generator()
    noise = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    settings = InversionSettings(steps=60, patience=0)
    free, held = (invert(generator, noise, alexnet, replace(settings, prior_weight=w)).reports[0] for w in (0.0, 0.3))
    assert held.sigmas < 1.5 < free.sigmas


def test_a_batch_is_each_of_it_alone(make_generator, alexnet, picture_of):
    generator = make_generator()
    targets = picture_of(generator, 20, 4)
    together = invert(generator, targets, alexnet, QUICK)
    for index in range(4):
        alone = invert(generator, targets[index][None], alexnet, QUICK)
        assert torch.equal(alone.pictures[0], together.pictures[index])
        for one, all_ in zip(alone.latent.codes, together.latent.codes, strict=True):
            assert torch.equal(one[0], all_[index])


def test_pictures_searched_at_once_are_found_as_alone(make_generator, alexnet, picture_of):
    """But for rounding; with masks, beginnings and ends of their own, and a last group that is smaller."""
    generator = make_generator()
    targets, masks = picture_of(generator, 20, 5), torch.ones(5, 1, 32, 32)
    masks[1, :, :, :16] = 0.0
    # The first begins at its end.
    init = concatenate([sample(generator, 20, 1, 1.0), sample(generator, 40, 4, 1.0)])
    settings = InversionSettings(steps=24, patience=3, prior_weight=0.0)
    seen = []
    together = invert(
        generator, targets, alexnet, replace(settings, at_once=3), masks, init, lambda done, *_: seen.append(done)
    )
    alone = [
        invert(generator, targets[k][None], alexnet, settings, masks[k][None], select(init, [k])) for k in range(5)
    ]
    assert [report.steps for report in together.reports] == [one.reports[0].steps for one in alone]
    assert len({report.steps for report in together.reports[:3]}) > 1, "some of a group end before others"
    assert seen == sorted(seen)
    for k, one in enumerate(alone):
        torch.testing.assert_close(together.pictures[k], one.pictures[0], rtol=0, atol=1e-3)
        assert together.reports[k].lpips == pytest.approx(one.reports[0].lpips, abs=1e-4)
        assert together.reports[k].ending == one.reports[0].ending


def test_the_same_seed_gives_the_same_and_another_another_beginning(make_generator, alexnet, picture_of):
    generator = make_generator()
    target = picture_of(generator, 5)
    first, second, other = (invert(generator, target, alexnet, replace(QUICK, seed=seed)) for seed in (3, 3, 4))
    assert torch.equal(first.pictures, second.pictures)
    assert not torch.equal(first.pictures, other.pictures)


def test_it_works_in_inference_mode_even_on_weights_made_in_it(make_generator, alexnet, picture_of):
    generator = make_generator()
    target = picture_of(generator, 5)
    expected = invert(generator, target, alexnet, QUICK).pictures
    with torch.inference_mode():
        assert torch.equal(invert(generator, target.clone(), alexnet, QUICK).pictures, expected)
        # As when ComfyUI moves a model to a device.
        moved = make_generator()
        moved.load_state_dict({name: tensor.clone() for name, tensor in generator.state_dict().items()}, assign=True)
        assert all(parameter.is_inference() for parameter in moved.parameters())
        assert torch.equal(invert(moved, target, alexnet, QUICK).pictures, expected)


def test_nothing_of_the_generator_changes(make_generator, alexnet, picture_of):
    generator = make_generator()
    before, names = weights_digest(generator), dict(generator.named_parameters())
    for more in ({}, {"noise_maps": True}, {"tune_steps": 3}):
        invert(generator, picture_of(generator, 1), alexnet, replace(QUICK, steps=3, **more))
    assert weights_digest(generator) == before
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in names.values())


def test_gradients_are_those_of_finite_differences(make_generator, alexnet, picture_of):
    generator = make_generator()
    likeness = Likeness(alexnet, picture_of(generator, 2))
    opened = open_space("style_space", generator)
    code = opened.read(sample(generator, 3, 1, 1.0)).requires_grad_()

    def loss(at):
        lpips, mse = likeness.measure(reconstruct(generator, opened.styles(at)).picture)
        return (lpips + 10 * mse + 0.01 * opened.squared_sigmas(at, "full"))[0]

    (gradient,) = torch.autograd.grad(loss(code), code)
    for seed in range(5):
        direction = torch.randn(code.shape, generator=torch.Generator().manual_seed(seed)) * gradient.abs()
        direction = direction / direction.norm()
        step = 0.02
        with torch.no_grad():
            difference = (loss(code + step * direction) - loss(code - step * direction)) / (2 * step)
        assert float(difference) == pytest.approx(float((gradient * direction).sum()), rel=0.03, abs=2e-3)


@pytest.mark.parametrize("limit", [0, 1 << 60])
def test_blocks_computed_again_give_the_same_gradients(make_generator, monkeypatch, limit):
    generator = make_generator()
    styles = [s.requires_grad_() for s in to_styles(generator, sample(generator, 0, 2, 1.0))]
    reconstruct(generator, styles).picture.square().sum().backward()
    expected = [style.grad.clone() for style in styles]
    monkeypatch.setattr("soat.soat_backend.optimise.reconstruction._MOST_BYTES", limit)
    again = [style.detach().clone().requires_grad_() for style in styles]
    reconstruct(generator, again).picture.square().sum().backward()
    for one, other in zip(again, expected, strict=True):
        torch.testing.assert_close(one.grad, other, rtol=1e-5, atol=1e-6)


def test_what_is_masked_is_not_seen(make_generator, alexnet, picture_of):
    generator = make_generator()
    target, other = picture_of(generator, 2), picture_of(generator, 9)
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., 4:20, 8:28] = 1
    first = invert(generator, target, alexnet, QUICK, mask)
    second = invert(generator, torch.where(mask > 0, target, other), alexnet, QUICK, mask)
    whole = invert(generator, target, alexnet, QUICK)
    assert torch.equal(first.pictures, second.pictures)
    inside = mask.bool().expand(-1, 3, -1, -1)
    error = [float((each.pictures - target)[inside].square().mean()) for each in (first, whole)]
    assert error[0] < error[1]


def test_an_interrupt_keeps_the_best_so_far(make_generator, alexnet, picture_of):
    generator = make_generator()
    targets = picture_of(generator, 2, 3)
    seen = []

    def watch(done, total, picture, lpips):
        assert picture.shape == (1, 3, 32, 32) and total == 3 * QUICK.steps
        if not seen or done > seen[-1]:
            seen.append(done)
        if done == QUICK.steps + 4:
            raise StopSearch

    found = invert(generator, targets, alexnet, QUICK, watch=watch)
    assert seen == list(range(QUICK.steps + 5))
    assert [report.steps for report in found.reports] == [QUICK.steps, 4, 0]
    assert [report.ending for report in found.reports] == ["all steps taken", "stopped, the best so far", "not begun"]
    assert found.latent.batch == 3
    shorter = invert(generator, targets[:1], alexnet, QUICK)
    assert torch.equal(shorter.pictures[0], found.pictures[0])


def test_an_interrupt_among_the_first_codes_keeps_the_best_of_them(make_generator, alexnet, picture_of):
    generator = make_generator()
    target = picture_of(generator, 2)
    calls = []

    def watch(done, total, picture, lpips):
        calls.append((done, float((picture - target).square().mean())))
        if len(calls) == 3:
            raise StopSearch

    found = invert(generator, target, alexnet, replace(QUICK, candidates=100), watch=watch)
    assert [done for done, _ in calls] == [0, 0, 0]
    assert found.reports[0].steps == 0 and found.reports[0].mse * 4 == pytest.approx(calls[-1][1], rel=1e-3)


def test_other_errors_of_a_watcher_are_not_swallowed(make_generator, alexnet, picture_of):
    generator = make_generator()
    with pytest.raises(KeyError):
        invert(generator, picture_of(generator), alexnet, QUICK, watch=lambda *_: {}["no"])


@pytest.mark.parametrize("space", ["style_space", "w_plus", "w"])
def test_it_begins_where_it_is_told(make_generator, alexnet, picture_of, space):
    generator = make_generator()
    latent = sample(generator, 11, 1, 1.0)
    found = invert(generator, picture_of(generator, 11), alexnet, InversionSettings(steps=0, space=space), init=latent)
    assert found.reports[0].psnr > 60


def test_the_loss_that_stops_falling_ends_it(make_generator, alexnet, picture_of):
    generator = make_generator()
    latent = sample(generator, 11, 1, 1.0)
    settings = InversionSettings(steps=400, patience=10, prior_weight=0, learning_rate=1e-6)
    report = invert(generator, picture_of(generator, 11), alexnet, settings, init=latent).reports[0]
    # Of its own picture the first loss can be the lowest there is.
    assert 10 + 100 <= report.steps < 150 and report.ending == "the loss stopped falling"


def test_the_learning_rate_rises_and_falls():
    course = Course(100)
    factors = [factor for _, factor in course]
    assert len(factors) == 100 and factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[5:76] == [1.0] * 71
    assert factors[-1] < 0.01 and factors[75:] == sorted(factors[75:], reverse=True)


def test_tuning_fits_the_generator_and_keeps_style_space(make_generator, alexnet, picture_of):
    generator = make_generator()
    target = picture_of(make_generator(seed=1), 3)
    plain, tuned = (invert(generator, target, alexnet, replace(QUICK, tune_steps=n)) for n in (0, 30))
    assert tuned.reports[0].mse < 0.7 * plain.reports[0].mse
    assert tuned.generator.fingerprint == generator.fingerprint
    assert torch.equal(tuned.latent.codes[3], plain.latent.codes[3])
    shown = reconstruct(tuned.generator, to_styles(tuned.generator, tuned.latent)).picture
    torch.testing.assert_close(shown, tuned.pictures, rtol=0, atol=1e-5)
    assert not any(parameter.requires_grad for parameter in tuned.generator.parameters())


def test_noise_is_fitted_and_stays_noise(make_generator, alexnet, picture_of):
    generator, other = make_generator(), make_generator()
    for noise in noise_maps(other):
        noise.copy_(torch.randn(noise.shape, generator=torch.Generator().manual_seed(99)))
    target = picture_of(other, 3)
    settings = replace(QUICK, steps=60)
    plain, fitted = (invert(generator, target, alexnet, replace(settings, noise_maps=n)) for n in (False, True))
    assert fitted.reports[0].mse < 0.8 * plain.reports[0].mse
    maps = noise_maps(fitted.generator)
    for noise in maps:
        assert abs(float(noise.mean())) < 1e-5 and float(noise.std(correction=0)) == pytest.approx(1.0, abs=1e-4)
    assert not torch.equal(maps[0], noise_maps(generator)[0])
    # A smooth field is no noise, white noise is.
    smooth = torch.linspace(-1, 1, 32).expand(32, 32) * 1.7
    assert float(self_correlation(maps)) < 1 < 100 < float(self_correlation([smooth]))


def test_larger_pictures_are_brought_to_the_generators_size(make_generator, alexnet, picture_of):
    generator = make_generator()
    target = picture_of(generator, 4)
    large = target.repeat_interleave(4, 2).repeat_interleave(4, 3)
    small = invert(generator, target, alexnet, QUICK).pictures
    assert (invert(generator, large, alexnet, QUICK).pictures - small).abs().mean() < 0.2


def test_refusals(make_generator, alexnet, picture_of):
    generator = make_generator()
    target = picture_of(generator, 0, 2)
    with pytest.raises(SoatError, match=r"24 x 32, and random makes squares\. Cut a square out of it"):
        invert(generator, target[..., :24], alexnet, QUICK)
    with pytest.raises(SoatError, match=r"^The mask is empty"):
        invert(generator, target, alexnet, QUICK, torch.zeros(1, 1, 8, 8))
    with pytest.raises(SoatError, match="fit a generator to one picture, got 2"):
        invert(generator, target, alexnet, replace(QUICK, tune_steps=1))
    with pytest.raises(LatentError, match="init has 3 codes for 2 pictures"):
        invert(generator, target, alexnet, QUICK, init=sample(generator, 0, 3))
    in_style_space = open_space("style_space", generator).latent(open_space("style_space", generator).start(1))
    with pytest.raises(LatentError, match="not every style has a w"):
        invert(generator, target, alexnet, replace(QUICK, space="w_plus"), init=in_style_space)
    with pytest.raises(LatentError, match="made for another model"):
        invert(generator, target, alexnet, QUICK, init=sample(make_generator(64), 0, 1))
    with pytest.raises(SoatError, match="steps must be a number from 0"):
        InversionSettings(steps=-1)


def test_a_generator_that_was_rendered_in_inference_mode_can_be_inverted(alexnet, make_generator):
    """Layers keep forms of their weights, which may not be tensors that no gradient can pass."""
    generator = make_generator()
    with torch.inference_mode():
        picture = render(get_features(generator, sample(generator, 3)))
        report = invert(generator, picture, alexnet, InversionSettings(steps=3, candidates=2)).reports[0]
    assert report.steps == 3
