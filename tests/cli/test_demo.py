"""`soat demo` on templates that want a picture of the user's own, and on those that learn a generator."""

import json

from soat import nodes
from soat.nodes import host
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.cli import NodePack, demo_command, main


def test_what_needs_a_picture_of_ones_own_is_left_out(tmp_path, monkeypatch, capsys):
    examples = tmp_path / "examples"
    examples.mkdir()
    for name in ("25_painted_mask.json", "26_your_own_photo.json"):
        (examples / name).write_bytes((demo_command.EXAMPLES / name).read_bytes())
    monkeypatch.setattr(demo_command, "EXAMPLES", examples)
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path / "nothing"})
    pack = NodePack({**nodes.NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}, host)
    assert main(["demo", "--output", str(tmp_path / "out")], pack) == 0
    assert capsys.readouterr().out.splitlines() == [
        "25_painted_mask: left out, it is for a picture of your own (example.png)",
        "26_your_own_photo: left out, it is for a picture of your own (example.png)",
    ]


def test_what_learns_a_generator_is_left_out_unless_all_is_asked_for(tmp_path, monkeypatch, capsys):
    examples = tmp_path / "examples"
    examples.mkdir()
    name = "32_one_picture_one_style"
    quick = json.loads((demo_command.EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    for node in quick["nodes"]:
        for value in ("steps", "inversion_steps"):
            if value in node.get("widgets_values_named", {}):
                names = list(node["widgets_values_named"])
                node["widgets_values_named"][value] = node["widgets_values"][names.index(value)] = 1
    (examples / f"{name}.json").write_text(json.dumps(quick), encoding="utf-8")
    monkeypatch.setattr(demo_command, "EXAMPLES", examples)
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path / "nothing"})
    pack = NodePack({**nodes.NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}, host)
    assert main(["demo", "--output", str(tmp_path / "out")], pack) == 0
    said = f"{name}: left out, it learns a generator for a minute or two; --all makes it too"
    assert capsys.readouterr().out.splitlines() == [said]
    assert main(["demo", "--all", "--output", str(tmp_path / "out")], pack) == 0
    assert [path.name for path in (tmp_path / "out").rglob("*.png")] == ["32_learnt_00001_.png"]
