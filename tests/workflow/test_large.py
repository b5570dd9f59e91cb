"""Files whose parts multiply: what can be read once is, what can't be bounded is refused."""

import pytest
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import NodeCatalog
from soat.soat_backend.workflow.ui import scopes as ui_scopes
from soat.soat_backend.workflow.ui import sources as ui_sources
from soat.soat_backend.workflow.ui.format import read_ui_format
from soat.soat_backend.workflow.ui.sources import SourceFinder

L = "SOAT_LATENT"


def read(workflow, fake):
    return read_ui_format(workflow, NodeCatalog(fake.classes)).nodes


@pytest.fixture
def steps(monkeypatch):
    """The outputs that were followed, one entry a time."""
    followed = []
    follow = SourceFinder._follow

    def counted(self, scope, origin_id, slot, wanted):
        followed.append((scope.prefix + origin_id, slot, wanted))
        return follow(self, scope, origin_id, slot, wanted)

    monkeypatch.setattr(SourceFinder, "_follow", counted)
    return followed


def test_a_definition_is_read_once_however_often_it_is_used(fake, ui, monkeypatch):
    read_levels = []
    read_level = ui_scopes.read_level
    monkeypatch.setattr(
        ui_scopes, "read_level", lambda data, path, *more: read_levels.append(path) or read_level(data, path, *more)
    )
    count = 400
    definition = {
        "id": "sub",
        "inputs": [{"name": "seed", "type": "INT"}],
        "nodes": [ui.node(1, "Sample", [("seed", "INT", 1, "seed")], (), [70, "fixed", 3.0, "plain"])],
        "links": [[1, -10, 0, 1, 0, "INT"], *([link, 7, 0, 8, 0, L] for link in range(2, 50_000))],
    }
    hosts = [ui.node(100 + index, "sub", (), (), [index]) for index in range(count)]
    workflow = ui.workflow(hosts, definitions={"subgraphs": [definition, {"id": "unused", "nodes": "broken"}]})
    nodes = read(workflow, fake)
    assert {node.id: node.inputs["seed"] for node in nodes.values()} == {
        f"{100 + index}:1": index for index in range(count)
    }
    assert read_levels == [(), ("definitions", "subgraphs", 0)]


def test_a_chain_of_reroutes_is_walked_once(fake, ui, steps):
    length, inputs = 3000, 1500
    chain = [ui.node(f"r{index}", "Reroute", [("", "*", index)]) for index in range(1, length)]
    links = [(1, "s", 0, "r1", 0, "*"), *((k, f"r{k - 1}", 0, f"r{k}", 0, "*") for k in range(2, length))]
    ends = [ui.node(index, "Mix", [("latent_a", L, f"a{index}"), ("latent_b", L, 1)]) for index in range(inputs)]
    links += [(f"a{index}", f"r{length - 1}", 0, index, 0, L) for index in range(inputs)]
    nodes = read(ui.workflow([ui.node("s", "Sample"), *chain, *ends], links), fake)
    assert {node.inputs["latent_a"].node_id for node in nodes.values() if node.class_type == "Mix"} == {"s"}
    assert len(steps) == length == len(set(steps))


def test_promoted_inputs_are_looked_up_not_searched(fake, ui):
    """Searching all inputs and links for each of them took the third power of their number."""
    count = 3000
    definition = {
        "id": "sub",
        "inputs": [{"name": f"seed{index}", "type": "INT"} for index in range(count)],
        "outputs": [{"name": str(index), "type": L} for index in range(count)],
        "nodes": [ui.node(k, "Sample", [("seed", "INT", k, "seed")], values=[1]) for k in range(count)],
        "links": [
            *([index, -10, index, index, 0, "INT"] for index in range(count)),
            *([count + index, index, 0, -20, index, L] for index in range(count)),
        ],
    }
    host = ui.node("h", "sub", [(f"seed{k}", "INT", None) for k in range(count)], values=list(range(count)))
    ends = [ui.node(f"e{index}", "Save", [("latent", L, index)]) for index in range(count)]
    links = [(index, "h", index, f"e{index}", 0, L) for index in range(count)]
    nodes = read(ui.workflow([host, *ends], links, definitions={"subgraphs": [definition]}), fake)
    assert [nodes[f"h:{index}"].inputs["seed"] for index in range(count)] == list(range(count))
    assert [nodes[f"e{index}"].inputs["latent"].node_id for index in range(count)] == [f"h:{k}" for k in range(count)]


def chain_of(ui, length, types, kind, passed, mode):
    """Nodes that pass a link on, and ends with an input, unknown to their class, of each of the types."""
    chain = [ui.node(f"b{k}", kind, [("x", passed, k)], [(passed, [])], mode=mode) for k in range(length)]
    links = [(0, "s", 0, "b0", 0, "*"), *((k, f"b{k - 1}", 0, f"b{k}", 0, "*") for k in range(1, length))]
    ends = [ui.node(k, "Save", [("x", kind, f"e{k}")]) for k, kind in enumerate(types)]
    links += [(f"e{k}", f"b{length - 1}", 0, k, 0, "*") for k in range(len(types))]
    return ui.workflow([ui.node("s", "Sample"), *chain, *ends], links)


@pytest.mark.parametrize(
    ("kind", "passed", "mode", "expected"),
    [
        ("Reroute", "*", 0, 2 * 41),
        # One that is bypassed asks for the type of its own input.
        ("Absent", f"{L},IMAGE", 4, 2 + 40),
        ("Absent", "*", 4, 2 + 40),
    ],
)
def test_what_passes_a_link_on_is_passed_once_for_each_type(fake, ui, steps, kind, passed, mode, expected):
    nodes = read(chain_of(ui, 40, [L, "IMAGE", L, L], kind, passed, mode), fake)
    assert [nodes[str(index)].inputs["x"].node_id for index in range(4)] == ["s"] * 4
    assert len(steps) == expected


def test_ways_that_multiply_with_types_are_refused(fake, ui, monkeypatch):
    monkeypatch.setattr(ui_sources, "MAX_LOOKS", 5000)
    assert len(read(chain_of(ui, 40, [L] * 500, "Reroute", "*", 0), fake)) == 501
    with pytest.raises(WorkflowError, match="so many reroutes and bypassed nodes"):
        read(chain_of(ui, 40, [f"T{index}" for index in range(500)], "Reroute", "*", 0), fake)


def test_inputs_that_multiply_are_refused(fake, ui, monkeypatch):
    monkeypatch.setattr(ui_scopes, "MAX_INPUTS", 1000)
    definition = {"id": "sub", "nodes": [ui.node(1, "Sample", [("x", L, None)] * 100)], "links": []}
    few, many = ([ui.node(index, "sub") for index in range(count)] for count in (10, 11))
    assert len(read(ui.workflow(few, definitions={"subgraphs": [definition]}), fake)) == 10
    with pytest.raises(WorkflowError, match="more than 1000 inputs with its subgraphs expanded"):
        read(ui.workflow(many, definitions={"subgraphs": [definition]}), fake)


def test_long_ids_are_refused(fake, ui):
    with pytest.raises(WorkflowError, match="Entry 0 of the workflow's nodes isn't a node"):
        read(ui.workflow([ui.node("9" * 41, "Sample")]), fake)


@pytest.mark.parametrize("length", [2, 5000])
def test_a_circle_is_named(fake, ui, length):
    ring = [ui.node(k, "Reroute", [("", "*", k)]) for k in range(length)]
    links = [(k, (k - 1) % length, 0, k, 0, "*") for k in range(length)]
    links.append(("in", 0, 0, "end", 0, L))
    expected = {
        2: "node 0 -> 1, back to 0",
        5000: "node 0 -> 4999 -> 4998 -> 4997 -> 4996 -> 4995 -> ..., back to 0",
    }[length]
    with pytest.raises(WorkflowError) as error:
        read(ui.workflow([*ring, ui.node("end", "Save", [("latent", L, "in")])], links), fake)
    assert str(error.value) == (
        "node end (Save), input latent: its link runs in a circle through reroutes or bypassed nodes "
        f"({expected}). Remove one of the links between them."
    )


LONG = "x" * 500_000


def test_a_long_slot_type_is_a_combo(fake, ui, steps):
    """Frontends of 2023 wrote every choice there; it is neither kept for each reroute nor refused."""
    for kind in (LONG, ",".join(f"{k}.safetensors" for k in range(40)), ["a", LONG]):
        chain = [ui.node(f"r{index}", "Reroute", [("", "*", index)]) for index in range(1, 401)]
        links = [(1, "s", 0, "r1", 0, "*"), *((k, f"r{k - 1}", 0, f"r{k}", 0, "*") for k in range(2, 402))]
        end = ui.node("e", "Save", [("x", kind, 401)])
        links[-1] = (401, "r400", 0, "e", 0, "*")
        steps.clear()
        nodes = read(ui.workflow([ui.node("s", "Sample"), *chain, end], links), fake)
        assert nodes["e"].inputs["x"].node_id == "s"
        assert len(steps) == 401
        assert {wanted for _, _, wanted in steps} == {"COMBO"}


def test_a_bypassed_node_passes_on_its_combo(fake, ui):
    bypassed = ui.node(2, "Absent", [("a", "INT", 1), ("b", ["x", LONG], 2)], [(LONG, [3])], mode=4)
    nodes = [ui.node(0, "Sample"), ui.node(1, "Sample"), bypassed, ui.node(3, "Save", [("x", "COMBO", 3)])]
    links = [(1, 0, 0, 2, 0, "INT"), (2, 1, 0, 2, 1, "COMBO"), (3, 2, 0, 3, 0, "COMBO")]
    assert read(ui.workflow(nodes, links), fake)["3"].inputs["x"].node_id == "1"


def test_what_messages_quote_for_every_use_of_a_subgraph_is_cut(fake, ui):
    inner = ui.node(1000, "Absent", title=LONG, properties={"cnr_id": LONG})
    hosts = [ui.node(index, "sub") for index in range(500)]
    with pytest.raises(WorkflowError) as error:
        read(ui.workflow(hosts, definitions={"subgraphs": [{"id": "sub", "nodes": [inner]}]}), fake)
    problems = error.value.values["problems"]
    cut = "x" * 197 + "..."
    assert len(problems) == 500
    assert problems[7] == (
        f"node 7:1000 \"{cut}\" (Absent) is of a type that isn't here: 'Absent'; it comes from the pack '{cut}'. The "
        "headless runner has Mix, Sample, Save. Mute or bypass the node, or run the workflow in ComfyUI with that pack "
        "installed."
    )


def test_the_title_of_a_muted_node_is_cut_for_every_link(fake, ui):
    nodes = [ui.node("m", "Sample", title=LONG, mode=2)]
    nodes += [ui.node(index, "Save", [("latent", L, index)]) for index in range(600)]
    links = [(index, "m", index, index, 0, L) for index in range(600)]
    read_nodes = read(ui.workflow(nodes, links), fake)
    assert {node.lost["latent"] for node in read_nodes.values()} == {
        f'it needs node m "{"x" * 197}..." (Sample), which is muted; unmute that one, or mute this one as well'
    }


@pytest.mark.parametrize("title", ["x" * 200, "x" * 201, ["x"]])
def test_titles_that_nodes_keep(fake, ui, title):
    expected = {200: title, 201: "x" * 197 + "...", 1: "Sample"}[len(title)]
    assert read(ui.workflow([ui.node(1, "Sample", title=title)]), fake)["1"].title == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"type": LONG}, "the type of node 1, 'xxx"),
        ({"type": "x" * 201, "mode": 2}, "the type of node 1, 'xxx"),
        ({"inputs": [{"name": LONG, "type": L}]}, "an input's name, 'xxx"),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_long_types_and_names_are_refused(fake, ui, change, expected, inside):
    nodes = [ui.node(1, "Sample") | change]
    definitions = {"subgraphs": [{"id": "sub", "nodes": nodes}]}
    with pytest.raises(WorkflowError, match=f"^The workflow is refused: {expected}.*expected at most 200") as error:
        read(ui.workflow([ui.node(5, "sub")] if inside else nodes, definitions=definitions), fake)
    assert len(str(error.value)) < 300


def test_long_names_of_a_subgraphs_inputs_are_refused(fake, ui):
    definition = {"id": "sub", "nodes": [], "inputs": [{"name": LONG}]}
    with pytest.raises(WorkflowError, match=r"an input's name, 'xxx.* has 500000 characters"):
        read(ui.workflow([ui.node(5, "sub")], definitions={"subgraphs": [definition]}), fake)


def test_links_from_long_ids_are_refused(fake, ui):
    with pytest.raises(WorkflowError, match="malformed link") as error:
        read(ui.workflow([ui.node(1, "Save", [("latent", L, 1)])], [(1, LONG, 0, 1, 0, L)]), fake)
    assert len(str(error.value)) < 300
