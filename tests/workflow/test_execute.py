import math

import pytest
import torch
from soat.soat_backend.support.errors import SoatError, WorkflowError
from soat.soat_backend.workflow import Cache, NodeCatalog, apply_overrides, execute, parse_seeds, with_seed
from soat.soat_backend.workflow.api_format import read_api_format
from soat.soat_backend.workflow.ui.format import read_ui_format

L = "SOAT_LATENT"


def graph_of(*, seed_b=7, prefix="pic", **sample):
    first = {"seed": 3, "scale": 1.0, "mode": "plain"} | sample
    return read_api_format(
        {
            "9": {"class_type": "Save", "inputs": {"latent": ["4", 0], "filename_prefix": prefix}},
            "4": {"class_type": "Mix", "inputs": {"latent_a": ["1", 0], "latent_b": ["2", 0], "strength": 0.5}},
            "1": {"class_type": "Sample", "inputs": first, "_meta": {"title": "First"}},
            "2": {"class_type": "Sample", "inputs": {"seed": seed_b, "scale": 1.0, "mode": "plain"}},
            "5": {"class_type": "Sample", "inputs": {"seed": 1, "scale": 1.0, "mode": "plain"}},
        }
    )


def test_runs_in_order_only_what_outputs_need(fake):
    report = execute(graph_of(), fake.classes)
    assert report.executed == ["1", "2", "4", "9"]
    assert report.cached == []
    assert fake.saved[0].latent == "(S3x1.0plain+S7x1.0plain*0.5)"
    assert report.files == [{"filename": "pic.png", "subfolder": "", "type": "output"}]


def test_a_node_used_twice_runs_once(fake):
    graph = read_api_format(
        {
            "1": {"class_type": "Sample", "inputs": {"seed": 3, "scale": 1, "mode": "plain"}},
            "4": {"class_type": "Mix", "inputs": {"latent_a": ["1", 0], "latent_b": ["1", 0]}},
            "9": {"class_type": "Save", "inputs": {"latent": ["4", 0], "filename_prefix": "x"}},
        }
    )
    assert execute(graph, fake.classes).executed == ["1", "4", "9"]
    assert fake.calls[1] == ("Mix", "S3x1.0plain", "S3x1.0plain", None)


def test_unchanged_nodes_come_from_the_cache(fake):
    cache = Cache()
    execute(graph_of(), fake.classes, cache)
    report = execute(graph_of(seed_b=8), fake.classes, cache)
    assert (report.executed, report.cached) == (["2", "4", "9"], ["1"])
    assert fake.saved[1].latent == "(S3x1.0plain+S8x1.0plain*0.5)"
    report = execute(graph_of(seed_b=8), fake.classes, cache)
    assert (report.executed, report.cached, report.files) == ([], ["1", "2", "4", "9"], [])


def test_equal_nodes_share_a_result_and_equal_looking_values_of_other_types_do_not(fake):
    cache = Cache()
    report = execute(graph_of(seed_b=3), fake.classes, cache)
    assert (report.executed, report.cached) == (["1", "4", "9"], ["2"])
    execute(graph_of(seed_b=3, prefix="1"), fake.classes, cache)
    assert execute(graph_of(seed_b=3, prefix=1), fake.classes, cache).executed == []


def test_the_cache_drops_what_the_last_run_did_not_use(fake):
    cache = Cache()
    execute(graph_of(), fake.classes, cache)
    assert len(cache) == 4
    execute(graph_of(seed_b=8), fake.classes, cache)
    assert len(cache) == 4
    assert execute(graph_of(), fake.classes, cache).executed == ["2", "4", "9"]


def test_without_a_cache_results_are_released_when_last_used(fake):
    alive = []

    class Token:
        def __init__(self):
            alive.append(self)

    import gc
    import weakref

    refs = []

    def go(self, **_):
        token = Token()
        alive.clear()
        refs.append(weakref.ref(token))
        return (token, 0)

    def mix(self, latent_a, latent_b, strength=None):
        return ("mixed",)

    def save(self, latent, **_):
        gc.collect()
        assert [ref() for ref in refs] == [None, None]
        return {}

    fake.classes["Sample"].go, fake.classes["Mix"].go, fake.classes["Save"].go = go, mix, save
    assert execute(graph_of(), fake.classes).executed == ["1", "2", "4", "9"]
    assert len(refs) == 2


@pytest.mark.parametrize(("value", "runs"), [(math.nan, 2), ("same", 1)])
def test_is_changed(fake, value, runs):
    fake.classes["Sample"].IS_CHANGED = classmethod(lambda cls, **_: value)
    cache = Cache()
    execute(graph_of(), fake.classes, cache)
    execute(graph_of(), fake.classes, cache)
    assert fake.calls.count(("Sample", 3, 1.0, "plain")) == runs
    assert len(fake.saved) == runs


def test_is_changed_that_fails_costs_only_the_cache(fake):
    def fail(cls, **_):
        raise OSError("gone")

    fake.classes["Sample"].IS_CHANGED = classmethod(fail)
    cache = Cache()
    execute(graph_of(), fake.classes, cache)
    assert execute(graph_of(), fake.classes, cache).executed == ["1", "2", "4", "9"]


def test_nodes_run_in_inference_mode(fake):
    seen = []
    fake.classes["Mix"].go = lambda self, **_: seen.append(torch.is_inference_mode_enabled()) or ("m",)
    execute(graph_of(), fake.classes)
    assert seen == [True]


def test_hidden_inputs_are_the_prompt_and_the_workflow(fake, ui):
    workflow = ui.workflow(
        [
            ui.node(1, "Sample", (), [(L, [1])], [5, "randomize", 2.0, "fancy"]),
            ui.node(2, "Save", [("latent", L, 1)], values=["x"]),
        ],
        [(1, 1, 0, 2, 0, L)],
    )
    catalog = NodeCatalog(fake.classes)
    graph = apply_overrides(read_ui_format(workflow, catalog), ["1.seed=11"], catalog)
    execute(graph, fake.classes)
    assert fake.saved[0].prompt["1"]["inputs"] == {"seed": 11, "scale": 2.0, "mode": "fancy"}
    assert fake.saved[0].prompt["2"]["inputs"]["latent"] == ["1", 0]
    assert fake.saved[0].info["workflow"]["nodes"][0]["widgets_values"] == [11, "randomize", 2.0, "fancy"]
    execute(graph_of(), fake.classes)
    assert fake.saved[1].info is None


@pytest.mark.parametrize("error", [SoatError("the layer is wrong"), RuntimeError("bug")])
def test_a_failing_node_is_named_and_its_error_chained(fake, error):
    def fail(self, **_):
        raise error

    fake.classes["Sample"].go = fail
    with pytest.raises(WorkflowError, match=r'^node 1 "First" \(Sample\) failed.*' + str(error)) as raised:
        execute(graph_of(), fake.classes)
    assert raised.value.__cause__ is error
    assert raised.value.values["node_id"] == "1"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
    ],
)
def test_lack_of_memory_is_not_the_nodes_fault(fake, error):
    def fail(self, **_):
        raise error

    fake.classes["Sample"].go = fail
    with pytest.raises(WorkflowError, match=r'^node 1 "First" \(Sample\) ran out of memory\. Use a smaller'):
        execute(graph_of(), fake.classes)


def test_wrong_number_of_outputs_is_the_nodes_fault(fake):
    fake.classes["Sample"].go = lambda self, **_: ("only one",)
    with pytest.raises(WorkflowError, match=r'node 1 "First" \(Sample\) returned .* tuple of 2 outputs'):
        execute(graph_of(), fake.classes)


def test_progress_is_told_before_each_node(fake):
    told = []
    execute(graph_of(), fake.classes, on_node=lambda index, count, node: told.append((index, count, node.id)))
    assert told == [(0, 4, "1"), (1, 4, "2"), (2, 4, "4"), (3, 4, "9")]


def test_a_chain_longer_than_pythons_recursion(fake):
    prompt = {"0": {"class_type": "Sample", "inputs": {"seed": 1, "scale": 1, "mode": "plain"}}}
    for index in range(1, 3000):
        up = [str(index - 1), 0]
        prompt[str(index)] = {"class_type": "Mix", "inputs": {"latent_a": up, "latent_b": up, "strength": 1}}
    prompt["s"] = {"class_type": "Save", "inputs": {"latent": ["2999", 0], "filename_prefix": "x"}}
    fake.classes["Mix"].go = lambda self, **_: ("m",)
    assert len(execute(read_api_format(prompt), fake.classes).executed) == 3001


@pytest.mark.parametrize(
    ("text", "expected"), [("0:3", [0, 1, 2]), ("7", [7]), (":2", [0, 1]), ("10:12", [10, 11]), (" 4 ", [4])]
)
def test_seed_ranges(text, expected):
    assert list(parse_seeds(text)) == expected


@pytest.mark.parametrize("text", ["", "a", "3:", "3:3", "5:2", "-1", "1:2:3", "1.5"])
def test_seed_ranges_that_are_none(text):
    with pytest.raises(WorkflowError, match="--seeds"):
        parse_seeds(text)


def test_seeds_keep_their_distances_and_unneeded_nodes_do_not_count(fake):
    catalog = NodeCatalog(fake.classes)
    moved = with_seed(graph_of(), 10, catalog)
    assert [moved.nodes[key].inputs["seed"] for key in ("1", "2", "5")] == [10, 14, 1]


def test_seeds_share_what_does_not_change(fake):
    fake.classes["Mix"].go = lambda self, **kw: (f"{kw['latent_a']}|{kw['latent_b']}",)
    graph = read_api_format(
        {
            "1": {"class_type": "Sample", "inputs": {"seed": ["8", 1], "scale": 1, "mode": "plain"}},
            "8": {"class_type": "Fixed", "inputs": {}},
            "2": {"class_type": "Sample", "inputs": {"seed": 3, "scale": 1, "mode": "plain"}},
            "4": {"class_type": "Mix", "inputs": {"latent_a": ["1", 0], "latent_b": ["2", 0]}},
            "9": {"class_type": "Save", "inputs": {"latent": ["4", 0], "filename_prefix": "a%Sample.scale%"}},
        }
    )

    class Fixed:
        RETURN_TYPES = (L, "INT")
        FUNCTION = "go"

        @classmethod
        def INPUT_TYPES(cls):
            return {"required": {}}

        def go(self):
            return ("f", 42)

    classes = fake.classes | {"Fixed": Fixed}
    cache = Cache()
    reports = [execute(with_seed(graph, k, NodeCatalog(classes)), classes, cache) for k in range(5, 7)]
    assert [saved.latent for saved in fake.saved] == [
        "S42x1.0plain|S5x1.0plain",
        "S42x1.0plain|S6x1.0plain",
    ]
    assert (reports[1].executed, reports[1].cached) == (["2", "4", "9"], ["8", "1"])
    assert reports[1].files[0]["filename"] == "a1.png"


def test_no_seed_to_vary(fake):
    fake.classes["Sample"].INPUT_TYPES = classmethod(lambda cls: {"required": {}})
    with pytest.raises(WorkflowError, match="no node of the workflow has a seed"):
        with_seed(graph_of(), 1, NodeCatalog(fake.classes))
