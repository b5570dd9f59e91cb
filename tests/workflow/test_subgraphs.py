"""What can be set on the nodes that stand for subgraphs, and what such files may cost."""

import copy

import pytest
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import NodeCatalog, apply_overrides, with_seed
from soat.soat_backend.workflow.ui import promotions as ui_promotions
from soat.soat_backend.workflow.ui.format import read_ui_format

L = "SOAT_LATENT"


def sampler(ui, targets=(11,), **more):
    """A subgraph whose inputs "seed" and "how" feed the seed and the mode of each Sample inside."""
    links = [[10 * k + 1, -10, 0, node_id, 0, "INT"] for k, node_id in enumerate(targets)]
    links += [[10 * k + 2, -10, 1, node_id, 2, "COMBO"] for k, node_id in enumerate(targets)]
    nodes = [
        ui.node(
            node_id,
            "Sample",
            [("seed", "INT", 10 * k + 1, "seed"), ("mode", "COMBO", 10 * k + 2, "mode")],
            (),
            [node_id, "fixed", 1.0, "plain"],
        )
        for k, node_id in enumerate(targets)
    ]
    inputs = [{"name": "seed", "type": "INT"}, {"name": "how", "type": "COMBO", "label": "The look"}]
    return {"id": "sub", "name": "Sampler", "inputs": inputs, "nodes": nodes, "links": links} | more


def graph_of(ui, fake, hosts, definitions):
    workflow = ui.workflow(hosts, definitions={"subgraphs": definitions})
    return read_ui_format(workflow, NodeCatalog(fake.classes))


def set_values(graph, fake, *assignments):
    return apply_overrides(graph, assignments, NodeCatalog(fake.classes))


def seeds(graph):
    return {node.id: node.inputs["seed"] for node in graph.nodes.values()}


@pytest.mark.parametrize("name", ["Hills.seed", "1.seed", "1:11.seed", "1:12.seed"])
def test_a_shown_widget_is_set_by_title_and_id_for_all_it_feeds(ui, fake, name):
    hosts = [ui.node(1, "sub", (), (), [5], title="Hills"), ui.node(2, "sub", (), (), [6], title="Shore")]
    changed = set_values(graph_of(ui, fake, hosts, [sampler(ui, (11, 12))]), fake, f"{name}=9")
    assert seeds(changed) == {"1:11": 9, "1:12": 9, "2:11": 6, "2:12": 6}
    assert changed.workflow["nodes"][0]["widgets_values"] == [9]
    assert changed.workflow["nodes"][1]["widgets_values"] == [6]


@pytest.mark.parametrize("name", ["how", "The look"])
def test_by_the_name_or_by_what_the_node_calls_it(ui, fake, name):
    graph = graph_of(ui, fake, [ui.node(1, "sub")], [sampler(ui)])
    changed = set_values(graph, fake, f"Sampler.{name}=fancy")
    assert changed.nodes["1:11"].inputs["mode"] == "fancy"
    # The seed before it is written too, as the frontend reads them in order.
    assert changed.workflow["nodes"][0]["widgets_values"] == [11, "fancy"]
    again = read_ui_format(changed.workflow, NodeCatalog(fake.classes))
    assert again.to_prompt() == changed.to_prompt()


def test_one_of_two_hosts_without_values(ui, fake):
    graph = graph_of(ui, fake, [ui.node(1, "sub"), ui.node(2, "sub")], [sampler(ui)])
    changed = set_values(graph, fake, "2.seed=9")
    assert seeds(changed) == {"1:11": 11, "2:11": 9}
    assert read_ui_format(changed.workflow, NodeCatalog(fake.classes)).to_prompt() == changed.to_prompt()


@pytest.mark.parametrize("saved", [[None, "fancy"], {"how": "fancy"}])
def test_a_value_the_host_lacks_is_the_one_inside(ui, fake, saved):
    graph = graph_of(ui, fake, [ui.node(1, "sub", (), (), saved)], [sampler(ui)])
    assert graph.nodes["1:11"].inputs == {"seed": 11, "scale": 1.0, "mode": "fancy"}
    changed = set_values(graph, fake, "1.how=plain")
    assert read_ui_format(changed.workflow, NodeCatalog(fake.classes)).to_prompt() == changed.to_prompt()


def test_a_promoted_widget_that_no_input_feeds_is_written_to_its_place(ui, fake):
    definition = sampler(ui, inputs=[], links=[])
    definition["nodes"][0]["inputs"] = []
    proxies = [["99", "gone"], ["11", "scale"], ["11", "seed"]]
    host = ui.node(1, "sub", (), (), [0, 2.5], properties={"proxyWidgets": proxies})
    graph = graph_of(ui, fake, [host], [definition])
    assert graph.nodes["1:11"].inputs == {"seed": 11, "scale": 2.5, "mode": "plain"}
    changed = set_values(graph, fake, "Sampler.scale=3")
    assert changed.workflow["nodes"][0]["widgets_values"] == [0, 3.0]
    assert changed.nodes["1:11"].inputs["scale"] == 3.0


def test_seeds_through_a_shown_widget(ui, fake):
    fake.classes["Sample"].OUTPUT_NODE = True
    graph = graph_of(ui, fake, [ui.node(1, "sub", (), (), [5]), ui.node(2, "sub", (), (), [7])], [sampler(ui)])
    assert seeds(with_seed(graph, 100, NodeCatalog(fake.classes))) == {"1:11": 100, "2:11": 102}


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("Sampler.seed=1", "'Sampler' means several nodes: node 1 (Sampler), node 2 (Sampler). Use the id."),
        ("1.sed=1", "node 1 (Sampler) has no input 'sed': did you mean 'seed'? there is seed, how."),
    ],
)
def test_mistakes(ui, fake, assignment, expected):
    graph = graph_of(ui, fake, [ui.node(1, "sub"), ui.node(2, "sub")], [sampler(ui)])
    with pytest.raises(WorkflowError) as error:
        set_values(graph, fake, assignment)
    assert str(error.value) == f"--set {assignment}: {expected}"


def test_an_id_of_the_file_still_names_a_node_that_has_got_another(ui, fake):
    graph = graph_of(ui, fake, [ui.node(1, "sub"), ui.node(11, "Sample")], [sampler(ui)])
    assert set(graph.nodes) == {"1:100", "11"}
    assert graph.nodes["1:100"].file_id == "1:11"
    assert seeds(set_values(graph, fake, "1:11.seed=9")) == {"1:100": 9, "11": 0}


def test_a_list_the_frontend_would_not_take_is_no_list(ui, fake):
    for proxies in ([[11, "scale"], ["11", "seed"]], "nonsense", "[" * 5000, {"11": "scale"}, [["11"]]):
        host = ui.node(1, "sub", (), (), [4, 2.5], properties={"proxyWidgets": proxies})
        inputs = graph_of(ui, fake, [host], [sampler(ui)]).nodes["1:11"].inputs
        assert inputs == {"seed": 4, "scale": 1.0, "mode": 2.5}


def test_reading_leaves_the_file_as_it_was(ui, fake):
    host = ui.node(1, "sub", (), (), [3], properties={"proxyWidgets": [["11", "scale"]]})
    workflow = ui.workflow([host, ui.node(11, "Sample")], definitions={"subgraphs": [sampler(ui)]})
    before = copy.deepcopy(workflow)
    set_values(read_ui_format(workflow, NodeCatalog(fake.classes)), fake, "1.scale=2")
    assert workflow == before


def test_promotions_that_multiply_are_refused(ui, fake, monkeypatch):
    monkeypatch.setattr(ui_promotions, "MAX_HELD", 3000)
    proxies = [["11", "scale"]] * 70
    host = ui.node(1, "sub", properties={"proxyWidgets": proxies[:20]})
    assert len(graph_of(ui, fake, [host], [sampler(ui)]).nodes) == 1
    for hosts in (
        [ui.node(1, "sub", properties={"proxyWidgets": proxies})],
        [ui.node(index, "sub") for index in range(1100)],
    ):
        with pytest.raises(WorkflowError, match="subgraphs show more than 3000 values; it is refused"):
            graph_of(ui, fake, hosts, [sampler(ui)])


def test_a_tower_of_subgraphs_that_show_one_widget(ui, fake):
    """Looking for the widget anew at each storey would take the depth's power."""
    definitions = [sampler(ui) | {"id": "s0"}]
    for storey in range(1, 45):
        hosts = [
            ui.node(100 * storey + k, f"s{storey - 1}", [("seed", "INT", k, "seed")]) for k in range(1 + (storey < 10))
        ]
        links = [[k, -10, 0, host["id"], 0, "INT"] for k, host in enumerate(hosts)]
        inputs = [{"name": "seed", "type": "INT"}]
        definitions.append({"id": f"s{storey}", "inputs": inputs, "nodes": hosts, "links": links})
    graph = graph_of(ui, fake, [ui.node(1, "s44", (), (), [77])], definitions)
    assert set(seeds(graph).values()) == {77}
    assert len(graph.nodes) == 2**9


def broadcast(ui, fake, **sample):
    nodes = [
        ui.node(1, "Sample", (), [(L, [1, 2])]),
        ui.node(5, "Anything Everywhere", [("anything", "*", 1)], title="To all"),
        ui.node(2, "Save", [("latent", L, sample.get("link"))]),
    ]
    links = [(1, 1, 0, 5, 0, L), (2, 1, 0, 2, 0, L)]
    return read_ui_format(ui.workflow(nodes, links), NodeCatalog(fake.classes))


def test_what_broadcasts_is_named_where_it_matters(ui, fake):
    assert set(broadcast(ui, fake, link=2).nodes) == {"1", "2"}
    with pytest.raises(WorkflowError) as error:
        broadcast(ui, fake)
    assert str(error.value) == (
        'The workflow can\'t run: node 5 "To all" (Anything Everywhere) feeds inputs that have no link, and only its '
        "pack's code in the browser knows which; it may feed input latent of node 2 (Save). Turn what it does into "
        "links in ComfyUI (Convert all UEs to real links), and save again."
    )


def test_a_get_node_whose_set_node_is_missing(ui, fake):
    nodes = [ui.node(7, "GetNode", (), [(L, [2])], ["hills"]), ui.node(2, "Save", [("latent", L, 2)])]
    graph = read_ui_format(ui.workflow(nodes, [(2, 7, 0, 2, 0, L)]), NodeCatalog(fake.classes))
    assert graph.nodes["2"].lost == {
        "latent": "node 7 (GetNode) takes what is called 'hills', but no SetNode here has that name"
    }


def test_easy_use_names_its_nodes_otherwise(ui, fake):
    nodes = [
        ui.node(1, "Sample", (), [(L, [1])]),
        ui.node(6, "easy setNode", [("x", "*", 1)], (), ["hills"]),
        ui.node(7, "easy getNode", (), [(L, [2])], ["hills"]),
        ui.node(2, "Save", [("latent", L, 2)]),
    ]
    links = [(1, 1, 0, 6, 0, L), (2, 7, 0, 2, 0, L)]
    graph = read_ui_format(ui.workflow(nodes, links), NodeCatalog(fake.classes))
    assert graph.to_prompt()["2"]["inputs"]["latent"] == ["1", 0]


def test_an_unknown_type_is_answered_with_the_nearest(ui, fake):
    classes = {**fake.classes, **{f"Other{index}": fake.classes["Mix"] for index in range(40)}}
    with pytest.raises(WorkflowError, match=r"has Other[0-9]+, Sample, Save and 40 more \(`soat nodes` lists them\)\."):
        read_ui_format(ui.workflow([ui.node(1, "Sampel")]), NodeCatalog(classes))
