import json
import logging
import re
import subprocess
import sys

import pytest
import torch
from PIL import Image
from soat.nodes import host
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.cli import NodePack, main
from soat.soat_backend.support.errors import SoatError


class Paint:
    """A picture whose red channel tells the seed, in steps of 1/255."""

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "paint"
    DESCRIPTION = "Paints."

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "seed": ("INT", {"default": 0, "min": 0, "max": 200, "tooltip": "Its shade."}),
                "size": ([2, 4], {"default": 2}),
            },
            "optional": {"mask": ("MASK",)},
        }

    def paint(self, seed, size, mask=None):
        if seed == 13:
            raise SoatError("13 brings bad luck")
        if seed == 15:
            raise KeyboardInterrupt
        return (torch.full((1, size, size, 3), (seed + 0.5) / 255),)


@pytest.fixture
def soat(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    monkeypatch.setattr(host.progress, "_shown", False)
    monkeypatch.chdir(tmp_path)
    pack = NodePack({"Paint": Paint, **HEADLESS_NODE_CLASSES}, host, {"Paint": "Paint It"})

    def run(*argv):
        code = main([str(part) for part in argv], pack)
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err

    yield run
    logging.getLogger().setLevel(logging.WARNING)


@pytest.fixture
def ui_file(tmp_path):
    workflow = {
        "nodes": [
            {"id": 1, "type": "Paint", "mode": 0, "widgets_values": [3, "randomize", 2],
             "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1, 2]}]},
            {"id": 2, "type": "Paint", "mode": 0, "title": "Second", "widgets_values": [7, "fixed", 4],
             "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [2]}]},
            {"id": 8, "type": "SaveImage", "mode": 0, "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
             "widgets_values": ["a"]},
            {"id": 9, "type": "SaveImage", "mode": 0, "inputs": [{"name": "images", "type": "IMAGE", "link": 2}],
             "widgets_values": ["b%Second.seed%"]},
        ],
        "links": [[1, 1, 0, 8, 0, "IMAGE"], [2, 2, 0, 9, 0, "IMAGE"]],
        "extra": {},
        "version": 0.4,
    }  # fmt: skip
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(workflow))
    return path


def red(path):
    with Image.open(path) as image:
        return image.getpixel((0, 0))[0], image.size


def test_run_saves_and_prints_paths(soat, ui_file, tmp_path):
    code, out, err = soat("run", ui_file, "--output", "pics")
    assert code == 0
    assert out == [str(tmp_path / "pics/a_00001_.png"), str(tmp_path / "pics/b7_00001_.png")]
    assert [red(path) for path in out] == [(3, (2, 2)), (7, (4, 4))]
    assert "2 files" in err


def test_a_subgraphs_widget_is_set_by_its_title(soat, ui_file, tmp_path):
    workflow = json.loads(ui_file.read_text())
    inner = {"id": 11, "type": "Paint", "widgets_values": [3, "fixed", 2]}
    inner["inputs"] = [{"name": "seed", "type": "INT", "widget": {"name": "seed"}, "link": 1}]
    definition = {"id": "sub", "name": "Painter", "inputs": [{"name": "seed", "type": "INT", "linkIds": [1]}]}
    definition |= {"nodes": [inner], "links": [[1, -10, 0, 11, 0, "INT"], [2, 11, 0, -20, 0, "IMAGE"]]}
    workflow["definitions"] = {"subgraphs": [definition | {"outputs": [{"name": "IMAGE", "linkIds": [2]}]}]}
    workflow["nodes"][0] |= {"type": "sub", "widgets_values": [5], "title": "Left"}
    workflow["nodes"][1] |= {"type": "sub", "widgets_values": [6], "title": "Right"}
    # The frontend gives the nodes inside the numbers that are free.
    workflow["last_node_id"] = 9
    ui_file.write_text(json.dumps(workflow))
    code, out, _ = soat("run", ui_file, "--set", "Left.seed=40", "--set", "9.filename_prefix=%Right.seed%", "--quiet")
    assert code == 0
    assert [path.rsplit("/", 1)[1] for path in out] == ["a_00001_.png", "6_00001_.png"]
    assert [red(path)[0] for path in out] == [40, 6]
    code, out, _ = soat("run", out[0], "--quiet")
    assert [red(path)[0] for path in out] == [40, 6]


@pytest.mark.parametrize("more", [(), ("--seeds", "1:2")])
def test_a_date_with_dots_in_a_file_name(soat, ui_file, more):
    prefix = "%date:yyyy-MM-dd - hh.mm.ss%"
    code, out, _ = soat("run", ui_file, "--set", f"8.filename_prefix={prefix}", "--quiet", *more)
    assert code == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d - \d\d_00001_\.png", out[0].rsplit("/", 1)[1])


def test_seeds_keep_their_distance_and_the_file_shows_them(soat, ui_file, tmp_path):
    code, out, _ = soat("run", ui_file, "--seeds", "20:22", "--quiet")
    assert code == 0
    assert [path.rsplit("/", 1)[1] for path in out] == [
        "a_00001_.png",
        "b24_00001_.png",
        "a_00002_.png",
        "b25_00001_.png",
    ]
    assert [red(path)[0] for path in out] == [20, 24, 21, 25]
    with Image.open(out[3]) as image:
        nodes = json.loads(image.info["workflow"])["nodes"]
    assert [node["widgets_values"][0] for node in nodes[:2]] == [21, 25]


def test_of_several_runs_the_others_are_done_where_one_fails(soat, ui_file, tmp_path):
    code, out, err = soat("run", ui_file, "--seeds", "12:15", "--set", "Second.seed=22", "--quiet")
    assert code == 1 and [red(path)[0] for path in out] == [12, 31, 14, 33]
    assert '1 of 3 failed; the others are done:\n  seed13: Node 1 "Paint It" (Paint) failed: 13 brings bad luck' in err


def test_what_is_shown_as_text_is_printed_after_the_runs_name(soat, tmp_path):
    prompt = {
        "1": {"class_type": "PrimitiveInt", "inputs": {"value": 5}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
        "3": {"class_type": "Paint", "inputs": {"seed": 4, "size": 2}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "a"}},
    }
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(prompt))
    assert "5" in soat("run", path, "--quiet")[1]
    assert next(line for line in soat("run", path, "--seeds", "4:6", "--quiet")[1] if ":" in line) == "seed4: 5"


def test_what_no_seed_changes_is_saved_once(soat, ui_file):
    workflow = json.loads(ui_file.read_text())
    workflow["nodes"].append({"id": 3, "type": "LoadImage", "mode": 0, "widgets_values": ["p.png", "image"]})
    workflow["nodes"][2]["inputs"][0]["link"] = 5
    workflow["links"].append([5, 3, 0, 8, 0, "IMAGE"])
    ui_file.write_text(json.dumps(workflow))
    (ui_file.parent / "in").mkdir()
    Image.new("RGB", (3, 3), (99, 0, 0)).save(ui_file.parent / "in/p.png")
    code, out, _ = soat("run", ui_file, "--seeds", "20:22", "--input", "in", "--quiet")
    assert code == 0
    assert [path.rsplit("/", 1)[1] for path in out] == ["a_00001_.png", "b20_00001_.png", "b21_00001_.png"]
    assert red(out[0]) == (99, (3, 3))


def test_a_seed_from_comfyuis_int_node_is_varied_there(soat, ui_file):
    workflow = json.loads(ui_file.read_text())
    workflow["nodes"].append({"id": 3, "type": "PrimitiveInt", "mode": 0, "widgets_values": [5, "fixed"]})
    workflow["nodes"][0]["inputs"] = [{"name": "seed", "type": "INT", "widget": {"name": "seed"}, "link": 5}]
    workflow["links"].append([5, 3, 0, 1, 0, "INT"])
    ui_file.write_text(json.dumps(workflow))
    code, out, _ = soat("run", ui_file, "--seeds", "50", "--quiet")
    assert code == 0
    assert [red(path)[0] for path in out] == [50, 52]
    with Image.open(out[0]) as image:
        nodes = json.loads(image.info["workflow"])["nodes"]
    assert [nodes[index]["widgets_values"][0] for index in (0, 1, 4)] == [3, 52, 50]


def test_set_and_metadata(soat, ui_file, tmp_path):
    code, out, err = soat("run", ui_file, "--set", "Second.seed=21", "--set", "1.size=4", "--quiet")
    assert (code, err) == (0, "")
    assert [red(path) for path in out] == [(3, (4, 4)), (21, (4, 4))]
    with Image.open(out[1]) as image:
        prompt, workflow = json.loads(image.info["prompt"]), json.loads(image.info["workflow"])
    assert prompt["2"]["inputs"]["seed"] == 21
    assert prompt["9"]["inputs"]["filename_prefix"] == "b21"
    assert prompt["1"]["_meta"]["title"] == "Paint It"
    assert [node["widgets_values"] for node in workflow["nodes"]] == [
        [3, "randomize", 4],
        [21, "fixed", 4],
        ["a"],
        ["b%Second.seed%"],
    ]


def test_a_saved_picture_runs_again(soat, ui_file):
    _, first, _ = soat("run", ui_file, "--set", "1.seed=33", "--quiet")
    code, second, _ = soat("run", first[0], "--output", "again", "--quiet")
    assert code == 0
    assert [red(path) for path in second] == [red(path) for path in first] == [(33, (2, 2)), (7, (4, 4))]


def test_exit_codes_and_messages(soat, ui_file):
    code, out, err = soat("run", ui_file, "--set", "Second.seed=13")
    assert (code, out) == (1, [])
    assert 'soat: Node 2 "Second" (Paint) failed: 13 brings bad luck' in err
    assert "Traceback" not in err
    assert "Traceback" in soat("run", ui_file, "--set", "2.seed=13", "--debug")[2]
    assert soat("run", ui_file, "--set", "2.seed=15")[0] == 130
    assert soat("run", "none.json")[0] == 1
    assert soat("run", ui_file, "--models", "nowhere")[2].startswith("soat: --models nowhere: there is no such folder")
    for wrong in (("run",), (), ("dance",), ("run", ui_file, "--seeds", "x"), ("run", ui_file, "--bogus")):
        assert soat(*wrong)[0] == 2
    assert soat("--help")[0] == 0


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (3, "expected a name in quotes, got 3"),
        (None, "nothing is chosen"),
        ({"__value__": ["p.png"]}, "expected a name in quotes, got ['p.png']"),
    ],
)
def test_a_picture_whose_name_is_none(soat, ui_file, value, problem):
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": value}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    ui_file.write_text(json.dumps(prompt))
    (ui_file.parent / "input").mkdir()
    (ui_file.parent / "input/p.png").touch()
    code, _, err = soat("run", ui_file)
    assert (code, err) == (
        1,
        f"soat: The workflow can't run: node 1 (LoadImage), input image: {problem}. Available: p.png.\n",
    )


def test_nodes_lists_inputs(soat):
    code, out, _ = soat("nodes", "Paint")
    assert code == 0
    assert out == [
        "Paint  (Paint It)",
        "  Paints.",
        "  in   seed: INT, default 0, 0 to 200",
        "         Its shade.",
        "  in   size: one of 2, 4, default 2",
        "  in   mask: MASK, optional",
        "  out  IMAGE: IMAGE",
    ]
    assert "SaveImage  (SaveImage)" in soat("nodes")[1]


def test_nodes_as_json(soat):
    listed = json.loads("\n".join(soat("nodes", "--json")[1]))
    assert set(listed) == {"Paint", *HEADLESS_NODE_CLASSES}
    assert listed["Paint"]["inputs"]["seed"] == {
        "type": "INT",
        "required": True,
        "default": 0,
        "min": 0,
        "max": 200,
        "tooltip": "Its shade.",
    }
    assert listed["SaveImage"]["saves_or_shows"] is True


def test_unknown_node(soat):
    code, _, err = soat("nodes", "Pain")
    assert code == 1
    assert "Did you mean 'Paint'" in err


@pytest.mark.parametrize(
    ("out", "better"),
    [
        ("x.pt", "x.safetensors"),
        ("x", "x.safetensors"),
        ("models/a.b.pkl", "a.b.safetensors"),
        (".", "model.safetensors"),
    ],
)
def test_convert_writes_only_what_the_name_says(soat, tmp_path, out, better):
    code, _, err = soat("convert", "demo/landscape_256.safetensors", out)
    assert code == 1
    assert err == (
        f"soat: {out}: expected a name that ends in .safetensors, since that is what soat convert writes. "
        f"Name it {better}.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_convert_prints_the_file_it_has_written(soat, tmp_path):
    code, out, err = soat("convert", "demo/landscape_256.safetensors", "x.SafeTensors")
    assert (code, out, err) == (0, ["x.SafeTensors"], "")
    assert "256 x 256" in "\n".join(soat("inspect", "x.SafeTensors")[1])


def test_the_module_starts_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "soat", "nodes", "--json"], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    assert {"LoadStyleGAN", "Render", "LoadImage", "LoadImageMask", "SaveImage", "PreviewImage"} <= set(listed)
    assert listed["LoadImage"]["display_name"] == "Load Image"
    assert "GetFeatures" in listed
