"""DragPoints as ComfyUI runs it."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import SoatError

POINTS = '[{"from": [0.5, 0.5], "to": [0.7, 0.4]}]'


def run(**inputs):
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["DragPoints"]().drag(**{"points": POINTS, "steps": 3, "frames": 4, **inputs})


def test_its_outputs_belong_together(node, make_generator):
    generator = make_generator()
    latent, image, path, report, points = run(generator=generator, latent=sample(generator, 3, 2))
    features = node("GetFeatures", generator=generator, latent=latent)
    torch.testing.assert_close(node("Render", features=features), image, rtol=0, atol=1e-4)
    assert image.shape == (2, 32, 32, 3) and path.batch == 8
    assert report.splitlines()[1].startswith("1: ") and "px from the target" in report
    assert [each[0]["from"] for each in json.loads(points)] == [[0.5, 0.5]] * 2


def test_an_interrupt_keeps_what_was_reached_and_is_no_answer_to_keep(make_generator, monkeypatch):
    node, generator = NODE_CLASS_MAPPINGS["DragPoints"], make_generator()
    before = node.IS_CHANGED(unique_id="7")

    @contextmanager
    def progress(*_):
        answers = iter([True, True, False])
        yield lambda *_: next(answers)

    monkeypatch.setattr(host, "stoppable_progress", progress)
    latent, _, _, report, _ = run(generator=generator, latent=sample(generator, 3, 2), unique_id="7")
    assert latent.batch == 2 and node.IS_CHANGED(unique_id="7") == before + 1
    assert [line.split(": ")[-1] for line in report.splitlines()] == ["stopped, the best so far", "not begun"]


def test_without_points_it_shows_what_there_is_to_drag(node, make_generator):
    generator = make_generator()
    latent = sample(generator, 3)
    _, image, _, report, points = run(generator=generator, latent=latent, points="[]")
    expected = node("Render", features=node("GetFeatures", generator=generator, latent=latent))
    torch.testing.assert_close(image, expected, rtol=0, atol=1e-4)
    assert (report, points) == ("0: no points, so nothing moves", "[]")


def test_refusals(make_generator):
    generator = make_generator()
    latent = sample(generator, 3)
    with pytest.raises(SoatError, match="DragPoints: points: this is no JSON"):
        run(generator=generator, latent=latent, points="nose")
