"""Directions learnt from examples: planted ones are found again, and what they were learnt from is moved."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.latents import Latent, concatenate, edit, learn_direction, sample, select, to_style_space
from soat.soat_backend.latents.latent import codes_of
from soat.soat_backend.latents.sampling import random_w
from soat.soat_backend.latents.statistics import SHRINKAGE, statistics
from soat.soat_backend.support.errors import LatentError, SoatError

MODELS = Path(__file__).parents[2] / "models"


def codes(generator, w: torch.Tensor) -> Latent:
    """w `[B, w_dim]` as codes."""
    return codes_of(generator, "w_plus", (w[:, None].repeat(1, generator.layers.num_ws, 1),))


def found(learnt) -> torch.Tensor:
    """The direction as it was found, all rows one after the other."""
    return torch.cat(learnt.direction.as_found().rows)


def cosine(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(a.double(), b.double(), dim=0))


@pytest.fixture
def planted(generator):
    """300 codes, and a score of each that is a linear function of it, with noise."""
    random = torch.Generator().manual_seed(5)
    w = random_w(generator, 300, 11)
    direction = torch.randn(w.shape[1], generator=random)
    scores = w @ direction
    return w, direction, scores + 0.2 * scores.std() * torch.randn(len(w), generator=random)


def test_a_planted_direction_is_found(generator, planted):
    w, direction, scores = planted
    mean, ridge, confident = (
        cosine(found(learn_direction(generator, codes(generator, w), None, scores.tolist(), *how)), direction)
        for how in (("mean_difference",), ("ridge",), ("ridge", 0.01))
    )
    # w varies much more along some axes than others, and the difference of means goes where it does.
    assert confident > 0.95
    assert confident > ridge > mean + 0.1


def test_of_a_handful_more_is_found_than_by_the_difference_of_means(generator):
    """Where scores depend on what varies much, as it is expected."""
    gains = []
    for seed in range(20):
        w = random_w(generator, 10, seed)
        weights = torch.linalg.cholesky(torch.cov(random_w(generator, 5000, 1).t()) + 1e-6 * torch.eye(24))
        direction = weights @ torch.randn(24, generator=torch.Generator().manual_seed(seed))
        scores = (w @ direction).tolist()
        fresh = random_w(generator, 500, 100 + seed)
        told = [
            torch.corrcoef(
                torch.stack(
                    (
                        fresh @ found(learn_direction(generator, codes(generator, w), None, scores, method)),
                        fresh @ direction,
                    )
                )
            )[0, 1]
            for method in ("ridge", "mean_difference")
        ]
        gains.append(told[0] - told[1])
    assert float(torch.stack(gains).mean()) > 0.02


def test_ridge_is_its_plain_formula(generator, planted):
    w, _, scores = (part[:40] for part in planted)
    w, scores = w.double(), scores.double()
    gaussian = statistics(generator).w
    correlations = gaussian.directions.t() @ torch.diag(gaussian.strengths) @ gaussian.directions
    shrunk = (1.0 - SHRINKAGE) * correlations + SHRINKAGE * torch.eye(24)
    sigma = (gaussian.deviation[:, None] * shrunk * gaussian.deviation).double()
    x, y = w - w.mean(0), scores - scores.mean()
    most = 0.7 * (x @ sigma @ x.t()).diagonal().mean()
    plain = torch.linalg.solve(x.t() @ x + most * torch.linalg.inv(sigma), x.t() @ y)
    learnt = learn_direction(generator, codes(generator, w.float()), None, scores.tolist(), "ridge", 0.7)
    assert cosine(found(learnt), plain) == pytest.approx(1.0, abs=1e-6)


def test_the_difference_of_means_is_that(generator):
    with_it, without = (random_w(generator, count, seed) for count, seed in ((5, 1), (9, 2)))
    learnt = learn_direction(generator, codes(generator, with_it), codes(generator, without), method="mean_difference")
    difference = with_it.mean(0) - without.mean(0)
    torch.testing.assert_close(found(learnt), difference, rtol=1e-4, atol=1e-5)
    step = learnt.direction.rows[0]
    spread = (random_w(generator, 20_000, 3) @ (step / step.norm())).std()
    assert float(step.norm()) == pytest.approx(float(spread), rel=0.03)
    assert learnt.apart == pytest.approx(float(difference.norm() / spread), rel=0.03)


@pytest.mark.parametrize("method", ["ridge", "mean_difference"])
def test_two_sets_are_scores_of_one_and_zero(generator, method):
    with_it, without = (codes(generator, random_w(generator, 8, seed)) for seed in (1, 2))
    sets = learn_direction(generator, with_it, without, method=method)
    scored = learn_direction(generator, concatenate([without, with_it]), None, [0.0] * 8 + [1.0] * 8, method)
    torch.testing.assert_close(found(sets), found(scored))
    back = learn_direction(generator, without, with_it, method=method)
    torch.testing.assert_close(found(back), -found(sets))


@pytest.mark.parametrize("method", ["ridge", "mean_difference"])
def test_a_step_as_found_is_the_way_between_the_means(generator, method):
    with_it, without = (random_w(generator, 6, seed) for seed in (1, 2))
    way = found(learn_direction(generator, codes(generator, with_it), codes(generator, without), method=method))
    along = (with_it.mean(0) - without.mean(0)) @ way / way.norm()
    assert float(way.norm()) == pytest.approx(float(along), rel=1e-4)


def test_codes_left_out_are_told_as_by_hand(generator):
    with_it, without = random_w(generator, 7, 1) + 0.15, random_w(generator, 5, 2)
    learnt = learn_direction(generator, codes(generator, with_it), codes(generator, without), method="mean_difference")
    shares = []
    for own, other, sign in ((with_it, without, 1.0), (without, with_it, -1.0)):
        right = 0
        for index, code in enumerate(own):
            mean = torch.cat((own[:index], own[index + 1 :])).mean(0)
            right += int((code - (mean + other.mean(0)) / 2) @ ((mean - other.mean(0)) * sign) * sign > 0)
        shares.append(right / len(own))
    assert learnt.told == pytest.approx(sum(shares) / 2)
    assert 0.2 < learnt.told < 1.0


def test_what_is_there_is_told_of_those_left_out_and_what_is_not_is_not(generator, planted):
    w, _, scores = planted
    high, low = (codes(generator, w[rows]) for rows in (scores.argsort()[-30:], scores.argsort()[:30]))
    assert learn_direction(generator, high, low).told > 0.95
    halves = codes(generator, w[:150]), codes(generator, w[150:])
    assert 0.35 < learn_direction(generator, *halves).told < 0.65
    assert learn_direction(generator, codes(generator, w), None, scores.tolist()).told > 0.9
    shuffled = scores[torch.randperm(300, generator=torch.Generator().manual_seed(0))].tolist()
    assert abs(learn_direction(generator, codes(generator, w), None, shuffled).told) < 0.25
    assert learn_direction(generator, select(high, [0]), select(low, [0])).told is None


def test_alone_codes_are_compared_with_random_ones(generator, planted):
    w, direction, scores = planted
    high = codes(generator, w[scores.argsort()[-40:]])
    others = codes(generator, random_w(generator, 500, 0))
    for method in ("ridge", "mean_difference"):
        alone = learn_direction(generator, high, method=method)
        torch.testing.assert_close(found(alone), found(learn_direction(generator, high, others, method=method)))
        assert cosine(found(alone), direction) > 0.3


def test_style_codes_give_a_direction_in_style_space(generator, planted):
    w, direction, scores = planted
    high, low = (codes(generator, w[rows]) for rows in (scores.argsort()[-30:], scores.argsort()[:30]))
    styles = to_style_space(generator, high)
    plain = learn_direction(generator, styles, low, method="mean_difference")
    assert plain.direction.space == "style_space"
    means = [torch.cat(to_style_space(generator, each).codes, dim=1).mean(0) for each in (high, low)]
    torch.testing.assert_close(found(plain), means[0] - means[1], rtol=1e-3, atol=1e-4)
    learnt = learn_direction(generator, styles, low)
    gaussian = statistics(generator).style_space
    step = torch.cat(learnt.direction.rows) / gaussian.deviation
    random = gaussian.standardise(torch.cat(to_style_space(generator, codes(generator, w)).codes, dim=1))
    # Codes that aren't random vary a little in all directions, so that none has no length.
    assert float((random @ (step / step.norm())).std()) == pytest.approx(float(step.norm()), rel=0.15)
    moved = edit(generator, low, learnt.direction, 2.0)
    in_w = torch.cat(to_style_space(generator, codes(generator, direction[None])).codes, dim=1)
    in_w = in_w - torch.cat(to_style_space(generator, codes(generator, torch.zeros(1, 24))).codes, dim=1)
    change = (torch.cat(moved.codes, dim=1) - torch.cat(to_style_space(generator, low).codes, dim=1)).mean(0)
    assert cosine(change / gaussian.deviation, in_w[0] / gaussian.deviation) > 0.3


def test_rows_of_w_plus_count_as_their_mean(generator):
    rows = random_w(generator, 4 * generator.layers.num_ws, 1).reshape(4, generator.layers.num_ws, -1)
    uneven, even = codes_of(generator, "w_plus", (rows,)), codes(generator, rows.mean(1))
    others = codes(generator, random_w(generator, 4, 2))
    torch.testing.assert_close(
        found(learn_direction(generator, uneven, others)), found(learn_direction(generator, even, others))
    )


def test_refusals(generator, make_generator):
    latents, others = sample(generator, 0, 3), sample(generator, 10, 3)

    def refused(match, *args, **more):
        with pytest.raises(SoatError, match=match):
            learn_direction(generator, *args, **more)

    refused("others: expected at least one code, got none", latents, select(others, []))
    refused("scores: expected a number for each of the 3 latents, got 2", latents, None, [0.0, 1.0])
    refused("scores: all are 0.5, so", latents, None, [0.5] * 3)
    refused("scores: they have values that are no numbers", latents, None, [0.0, 1.0, float("nan")])
    refused("Both scores and others are given", latents, others, [0.0, 1.0, 2.0])
    refused("have the same mean", latents, latents)
    broken = replace(latents, codes=(latents.codes[0].clone(),))
    broken.codes[0][1, 0, 0] = float("nan")
    refused("latents: item 1 has values that are no numbers", broken, others)
    refused("made for another model", sample(make_generator(64), 0, 3), others)
    refused("others: the codes come from another generator", latents, sample(make_generator(mapping_seed=7), 0, 3))
    refused("method: expected one of", latents, others, method="svm")
    refused("regularisation: expected a number from 0", latents, others, regularisation=-1.0)


def run(kind: str, **given):
    with torch.inference_mode():
        node = NODE_CLASS_MAPPINGS[kind]()
        result = getattr(node, node.FUNCTION)(**given)
    return result["result"] if isinstance(result, dict) else result


def test_scores_are_a_text_on_the_node(generator):
    latents = sample(generator, 0, 5)
    direction, report = run("LearnDirection", generator=generator, latents=latents, scores="0, 1\n2.5; -1e1  3")
    expected = learn_direction(generator, latents, None, [0.0, 1.0, 2.5, -10.0, 3.0])
    assert torch.equal(direction.directions[0].rows[0], expected.direction.rows[0])
    assert report.startswith("5 latents with scores from -10 to 3.\n")
    for text in ("0, 1, much, 2, 3", "0, 1, nan, 2, 3"):
        with pytest.raises(SoatError, match=r"LearnDirection: scores: '(much|nan)' is no number"):
            run("LearnDirection", generator=generator, latents=latents, scores=text)


def test_the_report_says_how_far_a_direction_is_to_be_trusted(generator, planted):
    w, _, scores = planted
    order = scores.argsort()
    high, low = codes(generator, w[order[-20:]]), codes(generator, w[order[:20]])
    _, report = run("LearnDirection", generator=generator, latents=high, others=low)
    first, second, third = report.splitlines()
    assert first == "20 latents that have it, 20 others."
    assert second == "Of those left out 100 % are told right (50 % is chance)."
    apart = learn_direction(generator, high, low).apart
    assert third == f"From one mean to the other is a strength of {apart:.2g} standard deviations, or of 1 as found."
    _, report = run("LearnDirection", generator=generator, latents=codes(generator, w[:100]))
    assert "100 latents that have it, against random ones." in report and "Hardly better than chance" in report
    _, report = run("LearnDirection", generator=generator, latents=select(high, [0]), others=low)
    assert "Too few to leave some out" in report


def test_a_direction_on_a_wire_is_used_as_its_file_is(generator, make_generator, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("SOAT_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("SOAT_MODELS", str(tmp_path / "models"))
    latents, others = sample(generator, 0, 4), sample(generator, 10, 4)
    direction, _ = run("LearnDirection", generator=generator, latents=latents, others=others)
    path, _ = run("SaveDirection", direction=direction, name="mine")
    (tmp_path / "models" / "stylegan_directions").mkdir(parents=True)
    Path(path).rename(tmp_path / "models" / "stylegan_directions" / "mine.safetensors")
    move = {"generator": generator, "latent": others, "strength": 1.5}
    for unit in ("standard deviations", "as found"):
        on_a_wire, again = run("EditLatent", method="direction", direction=direction, unit=unit, **move)
        of_a_file, _ = run("EditLatent", method="file", file="mine.safetensors", unit=unit, **move)
        assert torch.equal(on_a_wire.codes[0], of_a_file.codes[0])
        assert torch.equal(again.directions[0].rows[0], direction.directions[0].rows[0])
    with pytest.raises(SoatError, match="EditLatent: method is direction, and none is connected"):
        run("EditLatent", method="direction", **move)
    with pytest.raises(SoatError, match="contains 1 directions, so component is a number from 0 to 0, got 1"):
        run("EditLatent", method="direction", direction=direction, component=1, **move)
    wide = make_generator(width=20, mapping_seed=7)
    styles, _ = run("LearnDirection", generator=wide, latents=to_style_space(wide, sample(wide, 0, 4)))
    with pytest.raises(LatentError, match="made for another model"):
        run("EditLatent", method="direction", direction=styles, **move)
    cousin = make_generator(mapping_seed=7)
    with caplog.at_level(logging.WARNING):
        run(
            "EditLatent",
            **{**move, "generator": cousin, "latent": sample(cousin)},
            method="direction",
            direction=direction,
        )
    assert "share no style space" in caplog.text


def test_skies_of_other_seeds_get_bluer():
    """Twelve pictures of 36, as somebody would pick them who looks for blue skies."""
    generator = load_generator(MODELS / "landscape_256.safetensors").float()

    def blueness(latent: Latent) -> torch.Tensor:
        (cut,) = run("GetFeatures", generator=generator, latent=latent)
        sky = run("Render", features=cut)[0][:, :28]
        return (sky[..., 2] - sky[..., 0]).mean((1, 2))

    (batch,) = run("SampleLatent", generator=generator, seed=0, batch_size=36)
    order = blueness(batch).argsort().tolist()
    picked = [
        run("SelectLatents", latent=batch, items=", ".join(map(str, some)))[0] for some in (order[-6:], order[:6])
    ]
    direction, _ = run("LearnDirection", generator=generator, latents=picked[0], others=picked[1])
    (fresh,) = run("SampleLatent", generator=generator, seed=1000, batch_size=8)
    seen = [
        blueness(
            run("EditLatent", generator=generator, latent=fresh, method="direction", direction=direction, strength=s)[0]
        )
        for s in (-2.0, -1.0, 0.0, 1.0, 2.0)
    ]
    for less, more in pairwise(seen):
        assert bool((more > less).all())
    assert float((seen[3] - seen[2]).mean()) > 0.5 * float(seen[2].std())
