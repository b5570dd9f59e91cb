import copy

import pytest
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow.api_format import read_api_format
from soat.soat_backend.workflow.node_types import NodeCatalog
from soat.soat_backend.workflow.ui.format import read_ui_format
from soat.soat_backend.workflow.validate import validate

L = "SOAT_LATENT"


def prompt_of(workflow, fake):
    return {
        key: (node["class_type"], node["inputs"])
        for key, node in read_ui_format(workflow, NodeCatalog(fake.classes)).to_prompt().items()
    }


def plain(ui, **sample):
    return ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, [1])], **({"values": [5, "randomize", 2.0, "fancy"]} | sample)),
            ui.node(2, "Save", [("latent", L, 1)], values=["out/x"], title="Keep it"),
        ],
        [(1, 1, 0, 2, 0, L)],
    )


SAMPLE = ("Sample", {"seed": 5, "scale": 2.0, "mode": "fancy"})
SAVE = ("Save", {"latent": ["1", 0], "filename_prefix": "out/x"})


def test_control_after_generate_takes_a_slot(fake, ui):
    assert prompt_of(plain(ui), fake) == {"1": SAMPLE, "2": SAVE}


def test_ui_and_api_formats_are_the_same_graph(fake, ui):
    graph = read_ui_format(plain(ui), NodeCatalog(fake.classes))
    again = read_api_format(graph.to_prompt())
    assert again.to_prompt() == graph.to_prompt()
    assert graph.to_prompt()["2"]["_meta"] == {"title": "Keep it"}


def test_hand_written_values_without_the_control_value(fake, ui):
    assert prompt_of(plain(ui, values=[5, 2.0, "fancy"]), fake)["1"] == SAMPLE


def test_a_controlled_combo_takes_two_slots_more(fake, ui):
    declared = {"mode": (["plain", "fancy"], {"control_after_generate": True}), "seed": ("INT", {})}
    fake.classes["Sample"].INPUT_TYPES = classmethod(lambda cls: {"required": declared, "optional": {"x": ("FLOAT",)}})
    prompt = prompt_of(plain(ui, values=["fancy", "increment", "", 5, "fixed", 2.5]), fake)
    assert prompt["1"][1] == {"mode": "fancy", "seed": 5, "x": 2.5}


@pytest.mark.parametrize("values", [[7, "fixed", 2.5], [7, "randomize", 2.5], [7, 2.5]])
def test_a_control_that_begins_as_fixed_takes_a_slot_like_any(fake, ui, values):
    declared = {"noise_seed": ("INT", {"control_after_generate": "fixed"}), "scale": ("FLOAT", {})}
    fake.classes["Sample"].INPUT_TYPES = classmethod(lambda cls: {"required": declared})
    assert prompt_of(plain(ui, values=values), fake)["1"][1] == {"noise_seed": 7, "scale": 2.5}


def test_a_declared_false_control_takes_no_slot(fake, ui):
    declared = {"seed": ("INT", {"control_after_generate": False}), "mode": (["fixed", "random"], {})}
    fake.classes["Sample"].INPUT_TYPES = classmethod(lambda cls: {"required": declared})
    assert prompt_of(plain(ui, values=[5, "fixed"]), fake)["1"][1] == {"seed": 5, "mode": "fixed"}


def test_values_as_dict(fake, ui):
    assert prompt_of(plain(ui, values={"seed": 5, "scale": 2.0, "mode": "fancy"}), fake)["1"] == SAMPLE


def test_missing_and_null_values_take_defaults(fake, ui):
    assert prompt_of(plain(ui, values=[5, "fixed", None]), fake)["1"] == (
        "Sample",
        {"seed": 5, "scale": 1.0, "mode": "plain"},
    )


def test_every_widget_listed_in_inputs_as_new_frontends_do(fake, ui):
    workflow = plain(ui)
    workflow["nodes"][0]["inputs"] = [
        {"name": name, "type": kind, "widget": {"name": name}, "link": None}
        for name, kind in (("seed", "INT"), ("scale", "FLOAT"), ("mode", "COMBO"))
    ]
    assert prompt_of(workflow, fake)["1"] == SAMPLE


def test_widget_converted_to_a_linked_input_keeps_its_slot(fake, ui):
    workflow = ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, []), ("INT", [1])], [5, "fixed", 2.0, "plain"]),
            ui.node(3, "Sample", [("seed", "INT", 1, "seed")], [(L, [2])], [77, "fixed", 4.0, "fancy"]),
            ui.node(2, "Save", [("latent", L, 2)], values=["x"]),
        ],
        [(1, 1, 1, 3, 0, "INT"), (2, 3, 0, 2, 0, L)],
    )
    assert prompt_of(workflow, fake)["3"][1] == {"seed": ["1", 1], "scale": 4.0, "mode": "fancy"}


def test_links_as_objects(fake, ui):
    workflow = plain(ui)
    workflow["links"] = [{"id": 1, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 0, "type": L}]
    assert prompt_of(workflow, fake) == {"1": SAMPLE, "2": SAVE}


def test_chain_of_reroutes_and_notes_vanish(fake, ui):
    workflow = ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, [1])], [5, "randomize", 2.0, "fancy"]),
            ui.node(7, "Reroute", [("", "*", 1)], [("*", [2])]),
            ui.node(8, "Reroute", [("", "*", 2)], [("*", [3])]),
            ui.node(9, "Note", values=["by me"]),
            ui.node(10, "MarkdownNote", values=["# hi"]),
            ui.node(2, "Save", [("latent", L, 3)], values=["out/x"]),
        ],
        [(1, 1, 0, 7, 0, "*"), (2, 7, 0, 8, 0, "*"), (3, 8, 0, 2, 0, L)],
        extra={"reroutes": [{"id": 1, "pos": [0, 0], "linkIds": [3]}], "linkExtensions": [{"id": 3, "parentId": 1}]},
    )
    assert prompt_of(workflow, fake) == {"1": SAMPLE, "2": SAVE}


def with_primitive(ui):
    return ui.workflow(
        [
            ui.node(4, "PrimitiveNode", (), [("INT", [1, 2])], [5, "increment"], title="the seed"),
            ui.node(1, "Sample", [("seed", "INT", 1, "seed")], [(L, [3])], [0, "fixed", 2.0, "fancy"]),
            ui.node(3, "Sample", [("seed", "INT", 2, "seed")], [(L, [4])], [0, "fixed", 1.0, "plain"]),
            ui.node(5, "Mix", [("latent_a", L, 3), ("latent_b", L, 4)], [(L, [5])], [0.25]),
            ui.node(2, "Save", [("latent", L, 5)], values=["x"]),
        ],
        [
            (1, 4, 0, 1, 0, "INT"),
            (2, 4, 0, 3, 0, "INT"),
            (3, 1, 0, 5, 0, L),
            (4, 3, 0, 5, 1, L),
            (5, 5, 0, 2, 0, L),
        ],
    )


def test_primitive_gives_its_value_to_all_it_feeds(fake, ui):
    prompt = prompt_of(with_primitive(ui), fake)
    assert "4" not in prompt
    assert (prompt["1"][1]["seed"], prompt["3"][1]["seed"]) == (5, 5)
    assert prompt["5"][1] == {"latent_a": ["1", 0], "latent_b": ["3", 0], "strength": 0.25}


def test_changing_one_target_of_a_primitive_changes_it_and_the_file(fake, ui):
    graph = read_ui_format(with_primitive(ui), NodeCatalog(fake.classes)).with_values({("1", "seed"): 9})
    assert graph.to_prompt()["3"]["inputs"]["seed"] == 9
    assert graph.workflow["nodes"][0]["widgets_values"] == [9, "increment"]
    assert graph.workflow["nodes"][1]["widgets_values"] == [0, "fixed", 2.0, "fancy"]


def bypassed_mix(ui, mode):
    return ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, [1])], [5, "randomize", 2.0, "fancy"]),
            ui.node(3, "Sample", (), [(L, [2])], [6, "randomize", 2.0, "fancy"]),
            ui.node(5, "Mix", [("latent_a", L, 1), ("latent_b", L, 2)], [(L, [5])], [0.25], mode=mode, title="Mixer"),
            ui.node(2, "Save", [("latent", L, 5)], values=["out/x"]),
        ],
        [(1, 1, 0, 5, 0, L), (2, 3, 0, 5, 1, L), (5, 5, 0, 2, 0, L)],
    )


def test_bypassed_node_passes_on_its_first_input_of_that_type(fake, ui):
    prompt = prompt_of(bypassed_mix(ui, 4), fake)
    assert prompt["2"] == SAVE
    assert "5" not in prompt


def test_bypass_prefers_the_type_over_the_place(fake, ui):
    workflow = bypassed_mix(ui, 4)
    workflow["nodes"][2]["inputs"].insert(0, {"name": "mask", "type": "MASK", "link": None})
    assert prompt_of(workflow, fake)["2"] == SAVE


def test_bypassed_node_without_such_an_input_is_an_error_naming_it(fake, ui):
    workflow = plain(ui, mode=4)
    catalog = NodeCatalog(fake.classes)
    with pytest.raises(WorkflowError, match=r'node 2 "Keep it" \(Save\), input latent: .*node 1 \(Sample\).*bypassed'):
        validate(read_ui_format(workflow, catalog), catalog)


def test_muted_node_that_is_needed_is_an_error_naming_both(fake, ui):
    catalog = NodeCatalog(fake.classes)
    graph = read_ui_format(bypassed_mix(ui, 2), catalog)
    expected = r'node 2 \(Save\), input latent: it needs node 5 "Mixer" \(Mix\), which is muted'
    with pytest.raises(WorkflowError, match=expected):
        validate(graph, catalog)


def test_muted_output_is_left_out_and_the_rest_runs(fake, ui):
    workflow = plain(ui)
    workflow["nodes"].append(ui.node(6, "Save", [("latent", L, 9)], values=["y"], mode=2))
    workflow["links"].append([9, 1, 0, 6, 0, L])
    catalog = NodeCatalog(fake.classes)
    assert validate(read_ui_format(workflow, catalog), catalog)[1] == ["1", "2"]


def test_all_outputs_muted_is_an_error(fake, ui):
    workflow = plain(ui)
    workflow["nodes"][1]["mode"] = 2
    catalog = NodeCatalog(fake.classes)
    with pytest.raises(WorkflowError, match=r"no node that saves or shows.*Save"):
        validate(read_ui_format(workflow, catalog), catalog)


def test_a_widget_fed_by_a_muted_node_keeps_its_own_value(fake, ui):
    workflow = ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, []), ("INT", [1])], [5, "fixed", 2.0, "plain"], mode=2),
            ui.node(3, "Sample", [("seed", "INT", 1, "seed")], [(L, [2])], [77, "fixed", 4.0, "fancy"]),
        ],
        [(1, 1, 1, 3, 0, "INT")],
    )
    assert prompt_of(workflow, fake)["3"][1]["seed"] == 77


def test_unknown_types_are_all_named_with_their_pack(fake, ui):
    workflow = plain(ui)
    workflow["nodes"] += [
        ui.node(11, "KSampler", properties={"cnr_id": "comfy-core"}),
        ui.node(12, "FancyThing", title="My thing", properties={"cnr_id": "comfyui-fancy"}),
    ]
    with pytest.raises(WorkflowError) as error:
        read_ui_format(workflow, NodeCatalog(fake.classes))
    first, second = error.value.values["problems"]
    assert "node 11 (KSampler)" in first and "one of ComfyUI's own" in first
    assert 'node 12 "My thing" (FancyThing)' in second and "'comfyui-fancy'" in second


def test_old_group_nodes_are_named_for_what_they_are(fake, ui):
    workflow = plain(ui)
    workflow["nodes"].append(ui.node(11, "workflow>My group"))
    with pytest.raises(WorkflowError, match=r"node 11 \(workflow>My group\) is a group node"):
        read_ui_format(workflow, NodeCatalog(fake.classes))


def subgraph(ui, host_values=None, host_inputs=(), mode=0):
    """Node 20 is a subgraph of a Sample (whose seed and scale are promoted) and of a Mix with the outside latent."""
    definition = {
        "id": "aaaa-bbbb",
        "name": "Twice",
        "inputs": [
            {"id": "i0", "name": "latent", "type": L, "linkIds": [1]},
            {"id": "i1", "name": "seed", "type": "INT", "linkIds": [2]},
        ],
        "outputs": [{"id": "o0", "name": "mixed", "type": L, "linkIds": [4]}],
        "inputNode": {"id": -10, "bounding": [0, 0, 1, 1]},
        "outputNode": {"id": -20, "bounding": [0, 0, 1, 1]},
        "nodes": [
            ui.node(11, "Sample", [("seed", "INT", 2, "seed")], [(L, [3])], [70, "fixed", 3.0, "plain"]),
            ui.node(12, "Mix", [("latent_a", L, 1), ("latent_b", L, 3)], [(L, [4])], [0.75]),
        ],
        "links": [
            {"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 12, "target_slot": 0, "type": L},
            {"id": 2, "origin_id": -10, "origin_slot": 1, "target_id": 11, "target_slot": 0, "type": "INT"},
            {"id": 3, "origin_id": 11, "origin_slot": 0, "target_id": 12, "target_slot": 1, "type": L},
            {"id": 4, "origin_id": 12, "origin_slot": 0, "target_id": -20, "target_slot": 0, "type": L},
        ],
    }
    host = ui.node(20, "aaaa-bbbb", [("latent", L, 1), *host_inputs], [(L, [2])], host_values, mode=mode, title="Twice")
    return ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, [1])], [5, "randomize", 2.0, "fancy"]),
            host,
            ui.node(2, "Save", [("latent", L, 2)], values=["out/x"]),
        ],
        [(1, 1, 0, 20, 0, L), (2, 20, 0, 2, 0, L)],
        definitions={"subgraphs": [definition]},
    )


def test_subgraph_is_expanded_with_comfyuis_ids(fake, ui):
    prompt = prompt_of(subgraph(ui), fake)
    assert prompt == {
        "1": SAMPLE,
        "2": ("Save", {"latent": ["20:12", 0], "filename_prefix": "out/x"}),
        "20:11": ("Sample", {"seed": 70, "scale": 3.0, "mode": "plain"}),
        "20:12": ("Mix", {"latent_a": ["1", 0], "latent_b": ["20:11", 0], "strength": 0.75}),
    }


def test_promoted_widget_of_a_subgraph_wins_and_is_written_back(fake, ui):
    graph = read_ui_format(subgraph(ui, [8]), NodeCatalog(fake.classes))
    assert graph.to_prompt()["20:11"]["inputs"]["seed"] == 8
    changed = graph.with_values({("20:11", "seed"): 9, ("20:12", "strength"): 0.5}).workflow
    assert changed["nodes"][1]["widgets_values"] == [9]
    assert changed["definitions"]["subgraphs"][0]["nodes"][1]["widgets_values"] == [0.5]


def test_promoted_widget_listed_as_proxy(fake, ui):
    workflow = subgraph(ui, [8])
    workflow["nodes"][1]["properties"]["proxyWidgets"] = [["-1", "seed"]]
    assert prompt_of(workflow, fake)["20:11"][1]["seed"] == 8


def test_bypassed_and_muted_subgraphs(fake, ui):
    assert prompt_of(subgraph(ui, mode=4), fake) == {"1": SAMPLE, "2": SAVE}
    assert set(prompt_of(subgraph(ui, mode=2), fake)) == {"1", "2"}


def test_subgraph_inside_itself_is_refused(fake, ui):
    workflow = subgraph(ui)
    workflow["definitions"]["subgraphs"][0]["nodes"].append(ui.node(9, "aaaa-bbbb"))
    with pytest.raises(WorkflowError, match=r"^Node 20:9 .*contains itself"):
        read_ui_format(workflow, NodeCatalog(fake.classes))


def test_towers_of_subgraphs_are_refused(fake, ui):
    definitions = [{"id": f"s{level}", "nodes": [ui.node(1, f"s{level + 1}")], "links": []} for level in range(60)]
    catalog = NodeCatalog(fake.classes)
    workflow = ui.workflow([ui.node(1, "s0")], definitions={"subgraphs": definitions})
    with pytest.raises(WorkflowError, match="more than 50 subgraphs deep"):
        read_ui_format(workflow, catalog)
    for definition in definitions:
        definition["nodes"] = [ui.node(index, definition["nodes"][0]["type"]) for index in range(10)]
    workflow = ui.workflow([ui.node(1, "s20")], definitions={"subgraphs": definitions[:26]})
    with pytest.raises(WorkflowError, match="more than 100000 nodes"):
        read_ui_format(workflow, catalog)


def test_loop_of_reroutes_is_refused(fake, ui):
    workflow = ui.workflow(
        [
            ui.node(7, "Reroute", [("", "*", 2)], [("*", [1])]),
            ui.node(8, "Reroute", [("", "*", 1)], [("*", [2, 3])]),
            ui.node(2, "Save", [("latent", L, 3)], values=["x"]),
        ],
        [(1, 7, 0, 8, 0, "*"), (2, 8, 0, 7, 0, "*"), (3, 8, 0, 2, 0, L)],
    )
    with pytest.raises(WorkflowError, match=r"node 2 \(Save\), input latent: its link runs in a circle"):
        read_ui_format(workflow, NodeCatalog(fake.classes))


def test_links_to_nowhere_are_reported_at_the_input(fake, ui):
    workflow = plain(ui)
    workflow["nodes"] = workflow["nodes"][1:]
    catalog = NodeCatalog(fake.classes)
    with pytest.raises(WorkflowError, match=r'node 2 "Keep it" \(Save\), input latent: it is linked to node 1, which'):
        validate(read_ui_format(workflow, catalog), catalog)
    workflow["links"] = []
    with pytest.raises(WorkflowError, match="input latent: its link 1 isn't in the file"):
        validate(read_ui_format(workflow, catalog), catalog)


@pytest.mark.parametrize(
    "damage",
    [
        {"nodes": [3]},
        {"nodes": [{"id": 1}]},
        {"nodes": [{"id": 1, "type": ["Sample"]}]},
        {"links": [[1, 2]]},
        {"links": [["a", {}, None, 3, "x", "y"]]},
        {"links": 5, "nodes": [{"id": 1, "type": "Sample"}, {"id": 1, "type": "Save"}]},
    ],
)
def test_malformed_parts_give_one_clear_error(fake, ui, damage):
    with pytest.raises(WorkflowError):
        read_ui_format(copy.deepcopy(plain(ui)) | damage, NodeCatalog(fake.classes))


def test_reading_leaves_the_workflow_as_it_was(fake, ui):
    workflow = with_primitive(ui)
    before = copy.deepcopy(workflow)
    read_ui_format(workflow, NodeCatalog(fake.classes)).with_values({("1", "seed"): 9})
    assert workflow == before


@pytest.mark.parametrize("kind", ["Sample", "PrimitiveNode"])
@pytest.mark.parametrize("subgraph_first", [True, False])
def test_an_id_like_one_inside_a_subgraph_is_refused(fake, ui, kind, subgraph_first):
    definition = {"id": "sub", "nodes": [ui.node(8, "Sample", (), (), [70, "fixed", 3.0, "plain"])], "links": []}
    twin = ui.node("1:8", kind, (), [("INT", [1])], [5, "fixed"])
    fed = ui.node(9, "Sample", [("seed", "INT", 1, "seed")], (), [0, "fixed", 1.0, "plain"])
    nodes = [ui.node(1, "sub"), twin] if subgraph_first else [twin, ui.node(1, "sub")]

    def read(definitions):
        workflow = ui.workflow([*nodes, fed], [(1, "1:8", 0, 9, 0, "INT")], definitions={"subgraphs": definitions})
        return prompt_of(workflow, fake)

    with pytest.raises(WorkflowError) as error:
        read([definition])
    assert str(error.value) == (
        "Two nodes of the workflow have the id 1:8 with its subgraphs expanded. Replace the one whose own id has a ':' "
        "by a copy in ComfyUI, and save again."
    )
    definition["nodes"][0]["id"] = 2
    assert read([definition])["9"][1]["seed"] == (5 if kind == "PrimitiveNode" else ["1:8", 0])
