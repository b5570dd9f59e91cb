"""`soat stylize`: folders of manners, gone on with where they stopped."""

from __future__ import annotations

import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend import stylizing
from soat.soat_backend.checkpoints import load_generator, save_generator
from soat.soat_backend.cli import NodePack, main

QUICK = ("--steps", "2", "--inversion-steps", "1", "--quiet")


@pytest.fixture
def base(make_generator, tmp_path):
    path = tmp_path / "base.safetensors"
    save_generator(make_generator(32), path, provenance={"licence": "CC0-1.0"}, dtype=torch.float16)
    return path


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "manners"
    folder.mkdir()
    draw = torch.Generator().manual_seed(1)
    for name, size in (("red.png", (40, 32)), ("wild one.jpg", (32, 48))):
        pixels = torch.randint(0, 256, (*size, 3), generator=draw, dtype=torch.uint8).numpy()
        Image.fromarray(pixels).save(folder / name)
    return folder


@pytest.fixture
def soat(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    monkeypatch.chdir(tmp_path)
    pack = NodePack(NODE_CLASS_MAPPINGS, host)

    def run(*argv):
        code = main(["stylize", *(str(part) for part in argv)], pack)
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err

    return run


def test_each_picture_of_a_folder_gives_a_generator(soat, base, pictures, tmp_path):
    code, lines, _ = soat(pictures, "--from", base, "--out", "out", *QUICK)
    first, made = load_generator(base), load_generator(tmp_path / "out" / "wild one.safetensors")
    assert code == 0 and [line for line in lines if "safetensors" in line] == [
        "out/red.safetensors",
        "out/wild one.safetensors",
    ]
    assert made.fingerprint == first.fingerprint and made.provenance["parents"][0]["provenance"]["licence"] == "CC0-1.0"
    assert all(torch.equal(a, b) for a, b in zip(made.mapping.parameters(), first.mapping.parameters(), strict=True))
    changed = [name for name, own in first.named_parameters() if not torch.equal(own, made.get_parameter(name))]
    assert changed and {made.get_parameter(name).dtype for name in changed} == {torch.float16}
    # The picture, what the first makes of it, what the new one does.
    assert Image.open(tmp_path / "out" / "red.jpg").size == (96, 32)


def test_what_is_there_is_not_made_again(soat, base, pictures, tmp_path):
    soat(pictures, "--from", base, "--out", "out", *QUICK)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert soat(pictures, "--from", base, "--out", "out", *QUICK)[:2] == (0, [])
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before
    # Another picture of that name, or other settings, is something else.
    Image.open(pictures / "red.png").rotate(90).save(pictures / "red.png")
    _, lines, _ = soat(pictures, "--from", base, "--out", "out", *QUICK)
    assert lines[0] == "out/red.safetensors" and len(lines) == 2
    _, lines, _ = soat(pictures, "--from", base, "--out", "out", *QUICK, "--strength", "0.5")
    assert len(lines) == 4
    (tmp_path / "out" / "red.safetensors").write_bytes(b"cut short")
    code, lines, error = soat(pictures, "--from", base, "--out", "out", *QUICK, "--strength", "0.5")
    assert code == 0 and lines[0] == "out/red.safetensors" and "is made anew" in error


def test_a_stopped_folder_goes_on(soat, base, pictures, tmp_path, monkeypatch):
    stylize, calls = stylizing.stylize, []

    def stopped_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return stylize(*args)

    monkeypatch.setattr(stylizing, "stylize", stopped_at_the_second)
    assert soat(pictures, "--from", base, "--out", "out", *QUICK)[0] == 130
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["red.jpg", "red.safetensors"]
    _, lines, _ = soat(pictures, "--from", base, "--out", "out", *QUICK)
    assert lines[0] == "out/wild one.safetensors" and len(calls) == 3


def test_a_few_pictures_give_one_generator(soat, base, pictures, tmp_path):
    code, lines, _ = soat(pictures, "--from", base, "--out", "both.safetensors", *QUICK)
    assert code == 0 and lines[0] == "both.safetensors"
    assert load_generator(tmp_path / "both.safetensors").provenance["made_by"] == "the manner of 2 pictures"
    assert Image.open(tmp_path / "both.jpg").size == (96, 64)


def test_a_picture_that_teaches_nothing_leaves_the_others(soat, base, pictures, tmp_path):
    Image.new("RGB", (32, 32), (9, 9, 9)).save(pictures / "grey.png")
    (pictures / "no picture.png").write_text("hello")
    code, lines, error = soat(pictures, "--from", base, "--out", "out", *QUICK)
    assert code == 1 and len([line for line in lines if "safetensors" in line]) == 2
    assert "2 of 4 failed" in error and "of one colour" in error and "no picture.png can't be read" in error
    assert not (tmp_path / "out" / "grey.safetensors").exists()


@pytest.mark.parametrize(
    ("given", "out", "message"),
    [
        ("nothing.png", "out", "there is no such picture or folder"),
        ("empty", "out", "there are no pictures in this folder"),
        ("twice", "out", "would both give"),
        ("many", "one.safetensors", "1 to 8 pictures, got 9"),
    ],
)
def test_what_cannot_be_is_said(soat, base, tmp_path, given, out, message):
    (tmp_path / "empty").mkdir()
    for folder, names in (("twice", ["a.png", "A.jpg"]), ("many", [f"{number}.png" for number in range(9)])):
        (tmp_path / folder).mkdir()
        for name in names:
            Image.effect_noise((32, 32), 60).convert("RGB").save(tmp_path / folder / name)
    code, lines, error = soat(given, "--from", base, "--out", out, *QUICK)
    assert code == 1 and not lines and message in error
