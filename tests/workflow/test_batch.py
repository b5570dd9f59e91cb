"""Jobs of a batch, what their files are called, and which are done."""

from __future__ import annotations

import pytest
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.support.errors import SoatError, WorkflowError
from soat.soat_backend.workflow import Graph, NodeCatalog
from soat.soat_backend.workflow.batch import Job, Ledger, named_after, picture_jobs, seed_jobs
from soat.soat_backend.workflow.graph import Link, Node

CATALOG = NodeCatalog(NODE_CLASS_MAPPINGS)


def graph(**nodes):
    return Graph({key: Node(key, kind, kind, inputs) for key, (kind, inputs) in nodes.items()})


def test_files_are_named_after_the_job():
    assert named_after("soat/picture_00001_.png", "seed07") == "soat/picture_seed07_00001_.png"
    assert named_after("a_00003_.safetensors", "x") == "a_x_00003_.safetensors"
    assert named_after("deep/er/plain.txt", "x") == "deep/er/plain_x.txt"


def test_seeds_sort_as_their_names():
    saved = ("SaveStyleGANLatent", {"latent": Link("a", 0)})
    jobs = seed_jobs(graph(a=("SampleLatent", {"seed": 3}), save=saved), range(8, 12), CATALOG)
    assert [job.name for job in jobs] == ["seed08", "seed09", "seed10", "seed11"]
    assert [job.graph.nodes["a"].inputs["seed"] for job in jobs] == [8, 9, 10, 11]
    assert len({job.digest for job in jobs}) == 4
    endless = seed_jobs(graph(a=("SampleLatent", {"seed": 3}), save=saved), range(2**32), CATALOG)
    assert len(endless) == 2**32 and endless[-1].name == "seed4294967295"


def test_pictures_are_what_the_loader_loads(tmp_path):
    for name in ("b.png", "a c.jpg", "a-c.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    jobs = picture_jobs(graph(load=("LoadImage", {"image": "x.png"})), tmp_path)
    assert [job.graph.nodes["load"].inputs["image"] for job in jobs] == ["a c.jpg", "a-c.jpg", "b.png"]
    names = [job.name for job in jobs]
    assert names[1:] == ["a-c.jpg", "b.png"] and names[0].startswith("a-c.jpg-") and len(set(names)) == 3
    digests = [job.digest for job in jobs]
    Image.new("RGB", (8, 8), "red").save(tmp_path / "b.png")
    again = picture_jobs(graph(load=("LoadImage", {"image": "x.png"})), tmp_path)
    assert [job.digest for job in again[:2]] == digests[:2] and again[2].digest != digests[2]


def test_pictures_that_cannot_be_given(tmp_path):
    with pytest.raises(WorkflowError, match="it has 0 of them"):
        picture_jobs(graph(a=("Render", {})), tmp_path)
    with pytest.raises(WorkflowError, match="there are no pictures"):
        picture_jobs(graph(load=("LoadImage", {"image": "x.png"})), tmp_path)


def test_a_job_is_done_when_all_its_files_are_there(tmp_path):
    job, ledger = Job("seed1", graph(a=("SampleLatent", {"seed": 1}))), Ledger(tmp_path)
    assert not ledger.is_done(job)
    paths = ledger.keep(job, {"soat/x_00001_.png": b"1", "soat/x_00002_.png": b"2"})
    assert [path.read_bytes() for path in paths] == [b"1", b"2"]
    assert paths[0] == tmp_path / "soat/x_seed1_00001_.png" and ledger.is_done(job)
    other = Job("seed1", graph(a=("SampleLatent", {"seed": 1, "truncation_psi": 0.5})))
    assert not ledger.is_done(other)
    paths[1].unlink()
    assert not ledger.is_done(job)
    ledger.keep(job, {"soat/x_00001_.png": b"3", "soat/x_00002_.png": b"4"})
    assert sorted(path.read_bytes() for path in (tmp_path / "soat").iterdir()) == [b"3", b"4"]


def test_names_stay_in_the_folder(tmp_path):
    job = Job("seed1", graph(a=("SampleLatent", {"seed": 1})))
    with pytest.raises(SoatError, match="outside"):
        Ledger(tmp_path / "out").keep(job, {"../x_00001_.png": b""})
    assert not list(tmp_path.rglob("x*"))
