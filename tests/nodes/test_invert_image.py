"""InvertImage as ComfyUI runs it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend import inversion
from soat.soat_backend.inversion import invert
from soat.soat_backend.support.errors import SoatError

QUICK = {"steps": 6, "candidates": 3}


def run(**inputs):
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["InvertImage"]().invert(**{**QUICK, **inputs})


@pytest.fixture
def image(node, make_generator):
    generator = make_generator()
    latent = node("SampleLatent", generator=generator, seed=4, batch_size=2)
    return node("Render", features=node("GetFeatures", generator=generator, latent=latent))


def test_its_outputs_belong_together(node, make_generator, image):
    generator = make_generator()
    latent, reconstruction, report, same, _ = run(generator=generator, image=image)
    assert reconstruction.shape == (2, 32, 32, 3) and reconstruction.dtype == torch.float32
    features = node("GetFeatures", generator=generator, latent=latent)
    torch.testing.assert_close(node("Render", features=features), reconstruction, rtol=0, atol=1e-4)
    assert same is generator
    lines = report.splitlines()
    assert len(lines) == 2 and lines[1].startswith("1: LPIPS ")
    mse = float((reconstruction[1] - image[1]).square().mean())
    assert float(lines[1].split("MSE ")[1].split(",")[0]) == pytest.approx(mse, abs=6e-6)


def test_an_interrupt_keeps_the_best_so_far(make_generator, image, monkeypatch):
    @contextmanager
    def progress(*_):
        answers = iter([True, True, True, False])  # the first among the codes it begins with
        yield lambda *_: next(answers)

    monkeypatch.setattr(host, "stoppable_progress", progress)
    latent, _, report, *_ = run(generator=make_generator(), image=image)
    assert latent.batch == 2
    assert [line.split(": ")[-1] for line in report.splitlines()] == ["stopped, the best so far", "not begun"]
    assert "3 steps" in report.splitlines()[0]


def test_a_search_that_was_stopped_is_run_again_and_one_that_ended_is_not(make_generator, image, monkeypatch):
    node = NODE_CLASS_MAPPINGS["InvertImage"]
    before = node.IS_CHANGED(unique_id="7", seed=0)
    run(generator=make_generator(), image=image, unique_id="7")
    assert node.IS_CHANGED(unique_id="7", seed=0) == before

    @contextmanager
    def stopped(*_):
        yield lambda *_: False

    monkeypatch.setattr(host, "stoppable_progress", stopped)
    run(generator=make_generator(), image=image, unique_id="7")
    again = node.IS_CHANGED(unique_id="7", seed=0)
    assert again != before and node.IS_CHANGED(unique_id="8", seed=0) == before
    monkeypatch.undo()
    run(generator=make_generator(), image=image, unique_id="7")
    assert node.IS_CHANGED(unique_id="7", seed=0) == again


def test_it_says_how_far_it_is(make_generator, image, monkeypatch):
    """In words while it searches; what came of it is told with the result, and stays on the node."""
    said, told = [], {}

    class Words:
        def __init__(self, node_id):
            assert node_id == "7"

        def __call__(self, text, at_once=False):
            said.append(text)

    monkeypatch.setattr(host, "Words", Words)
    monkeypatch.setattr(host, "shown", lambda result, **more: told.update(more) or result)
    report = run(generator=make_generator(), image=image[:1], unique_id="7")[2]
    steps = [text.split(", ")[1] for text in said]
    assert steps[:3] == ["step 0 of 6", "step 1 of 6", "step 2 of 6"]
    assert all(text.startswith("LPIPS 0.") or text.startswith("LPIPS 1.") for text in said)
    (text,) = told["soat_text"]
    assert text.removeprefix("LPIPS ")[:4] == report.split("LPIPS ")[1][:4]
    assert text.endswith("6 steps: all steps taken")


def test_grey_and_transparent_pictures(make_generator, image, monkeypatch):
    """What is searched for is the colours alone, and grey is a colour."""
    sought = []

    def searched(generator, pictures, *rest):
        sought.append(pictures)
        return invert(generator, pictures, *rest)

    monkeypatch.setattr(inversion, "invert", searched)
    generator, grey = make_generator(), image.mean(dim=3, keepdim=True)
    for given in (image, torch.cat((image, torch.rand(2, 32, 32, 1)), dim=3), grey, grey.expand(-1, -1, -1, 3)):
        assert run(generator=generator, image=given, steps=1, candidates=0)[1].shape == (2, 32, 32, 3)
    assert torch.equal(sought[0], sought[1]) and torch.equal(sought[2], sought[3])


def test_refusals(make_generator, image, tmp_path):
    generator = make_generator()
    with pytest.raises(SoatError, match="InvertImage: A picture is \\[batch, height, width, 3\\], got \\[2, 32, 32\\]"):
        run(generator=generator, image=image[..., 0])
    with pytest.raises(SoatError, match="no numbers"):
        run(generator=generator, image=image * float("nan"))
    with pytest.raises(SoatError, match="space: expected one of style_space, w_plus, w, got 'z'"):
        run(generator=generator, image=image, space="z")
    said = NODE_CLASS_MAPPINGS["InvertImage"].VALIDATE_INPUTS(network="vgg.safetensors")
    assert "There is no model 'vgg.safetensors'" in said
