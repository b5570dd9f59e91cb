import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from soat.soat_backend.pictures.animation import save_animation
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import NodeCatalog, read_workflow

PROMPT = {
    "1": {"class_type": "Sample", "inputs": {"seed": 3, "scale": 1.0, "mode": "plain"}, "_meta": {"title": "A"}},
    "9": {"class_type": "Save", "inputs": {"latent": ["1", 0], "filename_prefix": "p"}, "_meta": {"title": "Save"}},
}


def write(tmp_path, text, name="flow.json"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def workflow_of(ui):
    return ui.workflow(
        [
            ui.node(1, "Sample", (), [("SOAT_LATENT", [1])], [3, "fixed", 1.0, "plain"], title="A"),
            ui.node(9, "Save", [("latent", "SOAT_LATENT", 1)], values=["p"]),
        ],
        [(1, 1, 0, 9, 0, "SOAT_LATENT")],
    )


def test_the_same_graph_from_every_kind_of_file(fake, ui, tmp_path):
    catalog = NodeCatalog(fake.classes)
    info = PngInfo()
    info.add_text("prompt", json.dumps(PROMPT))
    Image.new("RGB", (2, 2)).save(tmp_path / "api.png", pnginfo=info)
    info.add_text("workflow", json.dumps(workflow_of(ui)))
    Image.new("RGB", (2, 2)).save(tmp_path / "both.png", pnginfo=info)
    texts = {"prompt": json.dumps(PROMPT), "workflow": json.dumps(workflow_of(ui))}
    save_animation(np.zeros((2, 4, 4, 3), np.uint8), tmp_path / "film.webp", "webp", 8.0, texts=texts)
    paths = [
        write(tmp_path, json.dumps(PROMPT), "api.json"),
        write(tmp_path, "\ufeff" + json.dumps(workflow_of(ui)), "ui.json"),
        write(tmp_path, json.dumps({"prompt": PROMPT, "client_id": "x"}), "request.json"),
        tmp_path / "api.png",
        tmp_path / "both.png",
        tmp_path / "film.webp",
    ]
    graphs = [read_workflow(path, catalog) for path in paths]
    expected = PROMPT | {"9": PROMPT["9"] | {"_meta": {"title": "Save"}}}
    assert [graph.to_prompt() for graph in graphs] == [expected] * 6
    assert [graph.workflow is not None for graph in graphs] == [False, True, False, False, True, True]


def test_numbers_python_writes_but_json_does_not_know(fake, tmp_path):
    text = json.dumps(PROMPT).replace('"class_type": "Sample"', '"is_changed": [NaN], "class_type": "Sample"')
    graph = read_workflow(write(tmp_path, text), NodeCatalog(fake.classes))
    assert graph.nodes["1"].inputs["seed"] == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "flow.json isn't valid JSON: .*line 1, column 1"),
        ('{"nodes": [', "isn't valid JSON"),
        ("[1, 2]", "is JSON but no workflow"),
        ('"x"', "is JSON but no workflow"),
        ("{}", "is JSON but no workflow"),
        ("[" * 200_000, "nested too deep"),
        ("[" * 200 + "]" * 200, "nested too deep"),
        ('{"a": ' * 100_000, "nested too deep"),
        (b"\xff\xfe\x00\x80", "neither text, PNG nor WebP"),
        (b"\x89PNG\r\n\x1a\nrubbish", "can't be read as a picture"),
        ('{"1": {"class_type": "Sample"}, "2": 5}', "Node 2 has no class_type.*got 5"),
        ('{"1": {"class_type": "Sample", "inputs": 3}}', r"Node 1 \(Sample\): inputs must be an object, got 3"),
        ('{"1": {"class_type": "Sample", "inputs": {"seed": ' + "9" * 5000 + "}}}", "isn't a workflow"),
    ],
)
def test_hostile_or_broken_files_give_one_clear_error(fake, tmp_path, content, expected):
    with pytest.raises(WorkflowError, match=expected):
        read_workflow(write(tmp_path, content), NodeCatalog(fake.classes))


def test_a_file_that_is_not_there(fake, tmp_path):
    with pytest.raises(WorkflowError, match="There is no workflow file"):
        read_workflow(tmp_path / "none.json", NodeCatalog(fake.classes))


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices as POSIX has them")
def test_what_is_no_file_is_named_and_never_opened(fake, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened it"))
    for path, kind in ((tmp_path, "folder"), (tmp_path / "pipe", "pipe"), (Path(os.devnull), "device")):
        with pytest.raises(WorkflowError) as error:
            read_workflow(path, NodeCatalog(fake.classes))
        assert str(error.value) == (
            f"{path} is a {kind}, not a file: expected a workflow .json, or a picture saved by ComfyUI. "
            "Give the path of one."
        )


def save_with_exif(path, tags, comment):
    """A small picture with EXIF tags and a user comment."""
    picture, exif = Image.new("RGB", (8, 8)), Image.Exif()
    for tag, value in {0x0131: "a program: 1.0", **(tags or {})}.items():
        exif[tag] = value
    if comment is not None:
        exif.get_ifd(0x8769)[0x9286] = comment
    picture.save(path, exif=exif)


@pytest.mark.parametrize("name", ["a.webp", "a.jpg", "a.png"])
@pytest.mark.parametrize("title", ["A", "Hügel 山"])
def test_every_way_to_carry_one_in_exif(fake, ui, tmp_path, name, title):
    workflow = workflow_of(ui)
    workflow["nodes"][0]["title"] = title
    text = json.dumps(workflow, ensure_ascii=False)
    prompt = json.dumps(PROMPT)
    ways = [
        ({0x010F: f"Workflow:{text}".encode(), 0x0110: f"Prompt:{prompt}"}, None),
        ({0x010F: f"Prompt:{prompt}", 0x0110: f"WORKFLOW: {text}".encode()}, None),
        ({0x010E: f"workflow:{text}".encode()}, None),
        ({0x010E: json.dumps({"prompt": PROMPT, "workflow": workflow})}, None),
        (None, b"ASCII\0\0\0" + f"Workflow:{text}".encode()),
        (None, b"UNICODE\0" + text.encode("utf-16-le")),
        (None, b"UNICODE\0" + text.encode("utf-16-be")),
        (None, b"UNICODE\0" + text.encode("utf-16")),
        (None, bytes(8) + json.dumps({"workflow": workflow}, ensure_ascii=False).encode()),
    ]
    for tags, comment in ways:
        save_with_exif(tmp_path / name, tags, comment)
        graph = read_workflow(tmp_path / name, NodeCatalog(fake.classes))
        assert graph.nodes["1"].title == title
        assert graph.workflow == workflow


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", ["workflow", "Workflow"])
def test_every_kind_of_text_of_a_png(fake, ui, tmp_path, name, compressed):
    info = PngInfo()
    info.add_itxt(name, json.dumps(workflow_of(ui)), zip=compressed)
    Image.new("RGB", (2, 2)).save(tmp_path / "international.png", pnginfo=info)
    info = PngInfo()
    info.add_text(name, json.dumps(workflow_of(ui)), zip=compressed)
    Image.new("RGB", (2, 2)).save(tmp_path / "plain.png", pnginfo=info)
    content = (tmp_path / "plain.png").read_bytes()
    # The text behind the pixels: the header is the first 33 bytes, the end the last 12.
    length = 12 + int.from_bytes(content[33:37], "big")
    (tmp_path / "behind.png").write_bytes(
        content[:33] + content[33 + length : -12] + content[33 : 33 + length] + content[-12:]
    )
    for each in ("international", "plain", "behind"):
        assert read_workflow(tmp_path / f"{each}.png", NodeCatalog(fake.classes)).workflow == workflow_of(ui)


@pytest.mark.parametrize("empty", ["", "  ", "null", "{}", "[]", '""', '{"nodes": [], "links": []}'])
def test_beside_an_empty_workflow_the_prompt_counts(fake, tmp_path, empty):
    info = PngInfo()
    info.add_text("workflow", empty)
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png", pnginfo=info)
    if not empty.startswith('{"nodes"'):
        with pytest.raises(WorkflowError, match=r"a\.png carries no workflow"):
            read_workflow(tmp_path / "a.png", NodeCatalog(fake.classes))
    info.add_text("prompt", json.dumps(PROMPT))
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png", pnginfo=info)
    graph = read_workflow(tmp_path / "a.png", NodeCatalog(fake.classes))
    assert graph.to_prompt() == PROMPT


@pytest.mark.parametrize("text", ["undefined", "a sketch: ink on paper", '{"nodes": [{"id": 1, "ty'])
def test_beside_a_text_that_is_no_json_the_prompt_counts(fake, tmp_path, text):
    info = PngInfo()
    info.add_text("workflow", text)
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png", pnginfo=info)
    reason = "isn't valid JSON" if text.startswith("{") else r"a\.png carries no workflow"
    with pytest.raises(WorkflowError, match=reason):
        read_workflow(tmp_path / "a.png", NodeCatalog(fake.classes))
    info.add_text("prompt", json.dumps(PROMPT))
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png", pnginfo=info)
    assert read_workflow(tmp_path / "a.png", NodeCatalog(fake.classes)).to_prompt() == PROMPT


def test_an_object_of_all_names_may_hold_them_as_texts(fake, ui, tmp_path):
    workflow, prompt = json.dumps(workflow_of(ui)), json.dumps(PROMPT)
    for empty in ({}, {"workflow": ""}, {"workflow": None}, {"workflow": {"nodes": []}}):
        save_with_exif(tmp_path / "a.webp", {0x010E: json.dumps({"prompt": prompt, **empty})}, None)
        assert read_workflow(tmp_path / "a.webp", NodeCatalog(fake.classes)).to_prompt() == PROMPT
    save_with_exif(tmp_path / "a.webp", {0x010E: json.dumps({"prompt": prompt, "workflow": workflow})}, None)
    assert read_workflow(tmp_path / "a.webp", NodeCatalog(fake.classes)).workflow == workflow_of(ui)


def test_a_picture_without_a_workflow(fake, tmp_path):
    for name in ("plain.png", "plain.webp", "plain.jpg"):
        Image.new("RGB", (2, 2)).save(tmp_path / name)
        with pytest.raises(WorkflowError, match=rf"{name} carries no workflow"):
            read_workflow(tmp_path / name, NodeCatalog(fake.classes))
