"""Whatever is wrong with a file, the answer is one WorkflowError, never another exception."""

import copy
import random

import pytest
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import NodeCatalog, apply_overrides, with_seed
from soat.soat_backend.workflow.reader import _graph_of
from soat.soat_backend.workflow.validate import validate

L = "SOAT_LATENT"
JUNK = [
    None,
    True,
    -1,
    3,
    1e308,
    "",
    "x",
    "1",
    [],
    {},
    [1],
    ["1", 0],
    {"a": 1},
    2,
    4,
    10**30,
    [[1, 2]],
    "-10",
    -10,
    -20,
]


@pytest.fixture
def documents(ui):
    inner = {
        "id": "sub",
        "inputs": [{"name": "seed", "type": "INT"}],
        "outputs": [{"name": "out", "type": L}],
        "nodes": [ui.node(8, "Sample", [("seed", "INT", 1, "seed")], [(L, [2])], [70, "fixed", 3.0, "plain"])],
        "links": [
            {"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 8, "target_slot": 0, "type": "INT"},
            {"id": 2, "origin_id": 8, "origin_slot": 0, "target_id": -20, "target_slot": 0, "type": L},
        ],
    }
    workflow = ui.workflow(
        [
            ui.node(4, "PrimitiveNode", (), [("INT", [9])], [1, "fixed"]),
            ui.node(1, "Sample", [("seed", "INT", 9, "seed")], [(L, [1])], [3, "fixed", 1.0, "plain"]),
            ui.node(3, "sub", (), [(L, [2])], [2, 5], properties={"proxyWidgets": [["8", "scale"], ["-1", "seed"]]}),
            ui.node(21, "SetNode", [("x", "*", 1)], (), ["a"]),
            ui.node(22, "GetNode", (), [("*", [10])], ["a"]),
            ui.node(7, "Reroute", [("", "*", 2)], [("*", [6])]),
            ui.node(5, "Mix", [("latent_a", L, 10), ("latent_b", L, 6)], [(L, [5])], [0.25]),
            ui.node(6, "Mix", [("latent_a", L, 5), ("latent_b", L, 6)], [(L, [8])], [0.25], mode=4),
            ui.node(2, "Save", [("latent", L, 8)], values=["a"]),
        ],
        [(1, 1, 0, 21, 0, L), (10, 22, 0, 5, 0, L), (2, 3, 0, 7, 0, L), (6, 7, 0, 5, 1, L),
         (5, 5, 0, 6, 0, L), (8, 6, 0, 2, 0, L), (9, 4, 0, 1, 0, "INT")],
        definitions={"subgraphs": [inner]},
    )  # fmt: skip
    prompt = {
        "1": {"class_type": "Sample", "inputs": {"seed": 3, "scale": 1.0, "mode": "plain"}, "_meta": {"title": "A"}},
        "4": {"class_type": "Mix", "inputs": {"latent_a": ["1", 0], "latent_b": ["1", 0], "strength": 0.5}},
        "9": {"class_type": "Save", "inputs": {"latent": ["4", 0], "filename_prefix": "%Sample.seed%"}},
    }
    return [workflow, prompt]


def places(value, found):
    """Every container of a document with every key of it."""
    for key, child in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(child, (dict, list)):
            places(child, found)
    return found


def test_the_documents_are_sound(documents, fake):
    catalog = NodeCatalog(fake.classes)
    orders = [validate(_graph_of(document, catalog, "f"), catalog)[1] for document in documents]
    assert orders == [["1", "3:8", "5", "2"], ["1", "4", "9"]]


@pytest.mark.parametrize("which", [0, 1])
def test_damaged_documents(documents, fake, which):
    chance = random.Random(which)
    catalog = NodeCatalog(fake.classes)
    refused = 0
    for _ in range(500):
        document = copy.deepcopy(documents[which])
        for _ in range(chance.choice([1, 1, 2, 4])):
            container, key = chance.choice(places(document, []))
            if chance.random() < 0.2:
                del container[key]
            else:
                container[key] = copy.deepcopy(chance.choice(JUNK))
        try:
            graph = apply_overrides(_graph_of(document, catalog, "f"), ["Mix.strength=0.1"], catalog)
            validate(with_seed(graph, 5, catalog), catalog)
        except WorkflowError as error:
            refused += 1
            assert len(str(error)) < 4000
    assert 50 < refused < 500
