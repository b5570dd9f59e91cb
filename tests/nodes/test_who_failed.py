"""The library knows no nodes: the host puts the one that failed in front of its errors, and a run says it once."""

from __future__ import annotations

import pickle

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS, host
from soat.soat_backend.support.errors import FeatureError, SoatError, WorkflowError
from soat.soat_backend.workflow import execute
from soat.soat_backend.workflow.api_format import read_api_format

# What AnimateValue wants beside its start.
REST = {"end": 1.0, "frames": 2, "motion": "once", "easing": "linear"}


class Inner:
    """A node whose work fails."""

    FUNCTION = "work"

    def work(self, of=4):
        try:
            raise ValueError("the cause")
        except ValueError as error:
            raise FeatureError(f"The map is too large: {of}.", size=of) from error


class Outer:
    """A node that uses the other."""

    FUNCTION = "work"

    def work(self):
        Inner().work(of=5)


host.shield(Inner, "InnerNode")
host.shield(Outer, "OuterNode")


def test_the_error_is_what_it_was_but_for_the_node_in_front():
    with pytest.raises(FeatureError, match=r"^InnerNode: The map is too large: 4\.$") as raised:
        Inner().work()
    error = raised.value
    assert (error.message, error.where, error.values) == ("The map is too large: 4.", "InnerNode", {"size": 4})
    assert str(error.__cause__) == "the cause"


def test_of_nodes_within_each_other_the_outermost_is_named_alone():
    with pytest.raises(FeatureError, match=r"^OuterNode: The map is too large: 5\.$"):
        Outer().work()


def test_the_name_travels_between_processes():
    error = SoatError("Too large.", size=3)
    error.where = "SomeNode"
    there = pickle.loads(pickle.dumps(error))
    assert (str(there), there.values) == ("SomeNode: Too large.", {"size": 3})


@pytest.mark.parametrize(
    ("class_id", "inputs", "said"),
    [
        ("ProceduralImage", {"seed": -1}, "seed must be a number from 0 to 18446744073709551615, got -1."),
        ("AnimateValue", {"frames": 0}, "frames must be a number from 1 to 4096, got 0."),
        ("SquareCrop", {"image": torch.zeros(1, 8, 8)}, "A picture is [batch, height, width, 3], got [1, 8, 8]."),
    ],
)
def test_inputs_are_named_after_their_node(node, class_id, inputs, said):
    with pytest.raises(SoatError) as raised:
        node(class_id, **inputs)
    assert str(raised.value).startswith(f"{class_id}: {said}")


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("", "Node 5 (AnimateValue)"),
        (NODE_DISPLAY_NAME_MAPPINGS["AnimateValue"], "Node 5 (Animate Value)"),
        ("Zoom", 'Node 5 "Zoom" (AnimateValue)'),
    ],
)
def test_a_run_says_the_node_once(title, named):
    prompt = {
        "5": {"class_type": "AnimateValue", "inputs": {"start": ["7", 0], **REST}, "_meta": {"title": title}},
        "6": {"class_type": "PreviewAny", "inputs": {"source": ["5", 0]}},
        "7": {"class_type": "Far", "inputs": {}},
    }

    class Far:
        INPUT_TYPES = classmethod(lambda cls: {"required": {}})
        RETURN_TYPES, FUNCTION = ("FLOAT",), "far"

        def far(self):
            return (1e12,)

    class PreviewAny:
        INPUT_TYPES = classmethod(lambda cls: {"required": {"source": ("FLOAT", {"forceInput": True})}})
        RETURN_TYPES, FUNCTION, OUTPUT_NODE = (), "show", True

        def show(self, source):
            return ()

    classes = {**NODE_CLASS_MAPPINGS, "PreviewAny": PreviewAny, "Far": Far}
    with pytest.raises(WorkflowError) as raised:
        execute(read_api_format(prompt), classes)
    assert str(raised.value) == (
        f"{named} failed: start must be a number from -1000000 to 1000000, got 1000000000000.0."
    )
    assert raised.value.__cause__.where == "AnimateValue"
