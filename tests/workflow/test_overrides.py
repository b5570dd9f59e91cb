from datetime import datetime

import pytest
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import NodeCatalog, apply_overrides
from soat.soat_backend.workflow.api_format import read_api_format
from soat.soat_backend.workflow.text_replacements import fill_in
from soat.soat_backend.workflow.ui.format import read_ui_format

L = "SOAT_LATENT"


@pytest.fixture
def graph(ui, fake):
    workflow = ui.workflow(
        [
            ui.node(4, "PrimitiveNode", (), [("FLOAT", [9])], [1.5, "fixed"], title="zoom"),
            ui.node(1, "Sample", (), [(L, [1])], [3, "fixed", 1.0, "plain"], title="Hills v1.0", widgets_values_named={
                "seed": 3, "control_after_generate": "fixed", "scale": 1.0, "mode": "plain"}),
            ui.node(3, "Sample", [("scale", "FLOAT", 9, "scale")], [(L, [2])], [7, "fixed", 1.0, "plain"]),
            ui.node(5, "Mix", [("latent_a", L, 1), ("latent_b", L, 2)], [(L, [5])], [0.25]),
            ui.node(2, "Save", [("latent", L, 5)], values=["a/%Hills v1.seed%_%date:yyyyMMdd%"]),
        ],
        [(1, 1, 0, 5, 0, L), (2, 3, 0, 5, 1, L), (5, 5, 0, 2, 0, L), (9, 4, 0, 3, 0, "FLOAT")],
    )  # fmt: skip
    return read_ui_format(workflow, NodeCatalog(fake.classes))


def set_values(graph, fake, *assignments):
    return apply_overrides(graph, assignments, NodeCatalog(fake.classes))


def test_by_id_title_and_class(graph, fake):
    changed = set_values(graph, fake, "3.seed=8", "Hills v1.0.mode=fancy", "Mix.strength=1", "Save.filename_prefix=a=b")
    assert changed.nodes["3"].inputs["seed"] == 8
    assert changed.nodes["1"].inputs["mode"] == "fancy"
    assert changed.nodes["5"].inputs["strength"] == 1.0
    assert type(changed.nodes["5"].inputs["strength"]) is float
    assert changed.nodes["2"].inputs["filename_prefix"] == "a=b"
    assert graph.nodes["3"].inputs["seed"] == 7


def test_the_workflow_shows_what_was_used(graph, fake):
    node = set_values(graph, fake, "1.seed=8", "1.mode=fancy").workflow["nodes"][1]
    assert node["widgets_values"] == [8, "fixed", 1.0, "fancy"]
    assert node["widgets_values_named"] == {
        "seed": 8,
        "control_after_generate": "fixed",
        "scale": 1.0,
        "mode": "fancy",
    }


def test_through_a_primitive(graph, fake):
    for assignment in ("4.value=2.5", "zoom.value=2.5", "3.scale=2.5"):
        changed = set_values(graph, fake, assignment)
        assert changed.nodes["3"].inputs["scale"] == 2.5
        assert changed.workflow["nodes"][0]["widgets_values"] == [2.5, "fixed"]
        assert changed.workflow["nodes"][2]["widgets_values"] == [7, "fixed", 1.0, "plain"]


class Holder:
    RETURN_TYPES = ("FLOAT",)
    FUNCTION = "go"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"default": 0.0})}}


def with_primitives(ui, fake, titles, more=()):
    """A primitive of each title, 10 on, that feeds the scale of the Sample 20 on."""
    nodes = [
        ui.node(10 + index, "PrimitiveNode", (), [("FLOAT", [index])], [1.0, "fixed"], **({"title": t} if t else {}))
        for index, t in enumerate(titles)
    ]
    nodes += [
        ui.node(20 + index, "Sample", [("scale", "FLOAT", index, "scale")], (), [7, "fixed", 1.0, "plain"])
        for index in range(len(titles))
    ]
    links = [(index, 10 + index, 0, 20 + index, 0, "FLOAT") for index in range(len(titles))]
    catalog = NodeCatalog({**fake.classes, "Holder": Holder})
    return read_ui_format(ui.workflow([*nodes, *more], links), catalog), catalog


@pytest.mark.parametrize(
    ("titles", "name", "listed"),
    [
        (["zoom", "zoom"], "zoom", 'node 10 "zoom" (PrimitiveNode), node 11 "zoom" (PrimitiveNode)'),
        (["", ""], "PrimitiveNode", "node 10 (PrimitiveNode), node 11 (PrimitiveNode)"),
        (["zoom", "x"], "zoom", 'node 30 "zoom" (Holder), node 10 "zoom" (PrimitiveNode)'),
    ],
)
def test_a_name_of_several_primitives_is_refused(ui, fake, titles, name, listed):
    more = [ui.node(30, "Holder", (), (), [0.5], title="zoom")] if titles == ["zoom", "x"] else []
    graph, catalog = with_primitives(ui, fake, titles, more)
    with pytest.raises(WorkflowError) as error:
        apply_overrides(graph, [f"{name}.value=2"], catalog)
    assert str(error.value) == f"--set {name}.value=2: {name!r} means several nodes: {listed}. Use the id."
    changed = apply_overrides(graph, ["11.value=2"], catalog)
    assert [changed.nodes[node_id].inputs["scale"] for node_id in ("20", "21")] == [1.0, 2.0]


def test_a_primitive_beside_others_of_its_name_that_have_no_value(ui, fake):
    more = [ui.node(30, "Sample", (), (), [7, "fixed", 1.0, "plain"], title="zoom")]
    graph, catalog = with_primitives(ui, fake, ["zoom", "30"], more)
    changed = apply_overrides(graph, ["zoom.value=2", "zoom.scale=3", "11.value=4"], catalog)
    assert [changed.nodes[node_id].inputs["scale"] for node_id in ("20", "21", "30")] == [2.0, 4.0, 3.0]


def test_an_id_goes_before_the_title_of_a_primitive(ui, fake):
    graph, catalog = with_primitives(ui, fake, ["30"], [ui.node(30, "Holder", (), (), [0.5])])
    changed = apply_overrides(graph, ["30.value=2"], catalog)
    assert (changed.nodes["30"].inputs["value"], changed.nodes["20"].inputs["scale"]) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("nonsense", "expected NODE.INPUT=VALUE"),
        ("1.=3", "expected NODE.INPUT=VALUE"),
        ("Sample.seed=3", r"'Sample' means several nodes: node 1 .*, node 3 \(Sample\)\. Use the id"),
        ("1.sed=3", r'node 1 "Hills v1.0" \(Sample\) has no input \'sed\': did you mean \'seed\'.*seed, scale, mode'),
        ("1.strength=3", r"no input 'strength': there is seed, scale, mode. strength is an input of node 5 \(Mix\)."),
        ("1.seed=x", "input seed: expected a number, got 'x'"),
        ("1.seed=1.5", "input seed: expected a whole number"),
        ("5.latent_a=3", "takes a link of type SOAT_LATENT, not a value; of values there is strength"),
    ],
)
def test_mistakes(graph, fake, assignment, expected):
    with pytest.raises(WorkflowError, match=expected):
        set_values(graph, fake, assignment)


def test_an_unknown_node_is_answered_with_what_there_is(graph, fake):
    def answer(assignment):
        with pytest.raises(WorkflowError) as error:
            set_values(graph, fake, assignment)
        return str(error.value)

    assert answer("zooom.value=3") == (
        "--set zooom.value=3: the workflow has no active node 'zooom'; did you mean node 4 \"zoom\" (PrimitiveNode)? "
        "Values can be set in\n"
        '  - node 4 "zoom" (PrimitiveNode): value\n'
        "  - node 5 (Mix): strength\n"
        '  - node 1 "Hills v1.0" (Sample): seed, scale, mode\n'
        "  - node 3 (Sample): seed, scale, mode\n"
        "  - node 2 (Save): filename_prefix"
    )
    assert answer("hills v1.seed=3").splitlines()[1] == '  - node 1 "Hills v1.0" (Sample): seed, scale, mode'
    assert answer("Render.seed=3").startswith(
        "--set Render.seed=3: the workflow has no active node 'Render'. Values can be set in\n"
    )


def test_only_the_nearest_nodes_are_listed(fake):
    nodes = {str(key): {"class_type": "Sample", "_meta": {"title": f"hill {key:03}"}} for key in range(300)}
    with pytest.raises(WorkflowError) as error:
        set_values(read_api_format(nodes), fake, "hill 299 .seed=3")
    _, first, *_, last = lines = str(error.value).splitlines()
    assert len(lines) == 10
    assert first == '  - node 299 "hill 299" (Sample): seed, scale, mode'
    assert last == "  - and 292 more"


def test_a_linked_number_is_set_where_it_comes_from(fake):
    graph = read_api_format(
        {
            "1": {"class_type": "Sample", "inputs": {"seed": 1}},
            "2": {"class_type": "Sample", "inputs": {"seed": ["1", 1]}},
        }
    )
    with pytest.raises(WorkflowError, match=r"input seed of node 2 \(Sample\) is linked to node 1 \(Sample\)"):
        set_values(graph, fake, "2.seed=3")


def test_file_name_patterns(graph):
    now = datetime(2024, 3, 5, 7, 8, 9)

    def filled(prefix):
        changed = graph.with_values({("2", "filename_prefix"): prefix, ("1", "mode"): "a/b:c"})
        return fill_in(changed, now).nodes["2"].inputs["filename_prefix"]

    assert filled("%date:yyyy-MM-dd%/%date:yy_d_hhmmss%") == "2024-03-05/24_5_070809"
    assert filled("%Sample.seed%_%Mix.strength%") == "3_0.25"
    assert filled("%Sample.mode%") == "a_b_c"
    assert filled("%date:yyyy-MM-dd - hh.mm.ss%") == "2024-03-05 - 07"
    assert filled("%date:yyyy.MM.dd%_%date:%_%date:yyy y%") == "2024__yyy y"
    # Two parts are a node and its input, whatever they are.
    assert filled("%date:yyyy.MM%") == "%date:yyyy.MM%"
    assert filled("%Sample.scale%_%zoom.value%") == "1_1.5"
    assert filled("%width%x%height% %Nobody.seed% 100%") == "%width%x%height% %Nobody.seed% 100%"


def test_file_name_patterns_find_what_the_frontend_shows(ui, fake):
    definition = {
        "id": "sub",
        "name": "Inside",
        "inputs": [{"name": "seed", "type": "INT"}],
        "nodes": [ui.node(11, "Sample", [("seed", "INT", 1, "seed")], (), [70, "fixed", 0.1 + 0.2, "plain"])],
        "links": [[1, -10, 0, 11, 0, "INT"]],
    }
    prefix = "%Inside.seed% %Sample.seed% %Sample.scale% %Off.mode% %Linked.seed% %Primitive.value%"
    workflow = ui.workflow(
        [
            ui.node(1, "sub", (), (), [8]),
            ui.node(3, "Sample", (), (), [5, "fixed", 2.0, "a/b"], title="Off", mode=2),
            ui.node(4, "Sample", [("seed", "INT", 2, "seed"), ("scale", "FLOAT", 3, "scale")], title="Linked"),
            ui.node(6, "Sample", (), [("SOAT_LATENT", [4]), ("INT", [2])]),
            ui.node(7, "PrimitiveNode", (), [("FLOAT", [3])], [1e-7, "fixed"]),
            ui.node(2, "Save", [("latent", L, 4)], values=[prefix]),
        ],
        [(2, 6, 1, 4, 0, "INT"), (3, 7, 0, 4, 1, "FLOAT"), (4, 6, 0, 2, 0, L)],
        definitions={"subgraphs": [definition]},
    )

    def filled(*assignments):
        graph = read_ui_format(workflow, NodeCatalog(fake.classes))
        return fill_in(set_values(graph, fake, *assignments)).nodes["2"].inputs["filename_prefix"]

    # A subgraph's node shows its value, the one inside its own; of a linked input it is the one beneath the link.
    assert filled() == "8 70 0.30000000000000004 a_b 0 1e-7"
    assert filled("1.seed=9", "7.value=3") == "9 70 0.30000000000000004 a_b 0 3"


def test_api_format_values_without_a_home(fake):
    graph = read_api_format({"1": {"class_type": "Sample", "inputs": {"seed": 1}}})
    changed = set_values(graph, fake, "1.seed=2", "1.scale=3")
    assert changed.nodes["1"].inputs == {"seed": 2, "scale": 3.0}
