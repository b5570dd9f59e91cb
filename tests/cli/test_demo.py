"""`soat demo` on templates that want a picture of the user's own."""

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
