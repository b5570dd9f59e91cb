"""Lists on wires run a node once for each item, as in ComfyUI."""

from typing import ClassVar

import pytest
from soat.soat_backend.support.errors import WorkflowError
from soat.soat_backend.workflow import Cache, execute, lists
from soat.soat_backend.workflow.api_format import read_api_format


class Numbers:
    RETURN_TYPES = ("INT", "INT")
    OUTPUT_IS_LIST = (True, False)
    FUNCTION = "run"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"count": ("INT", {"default": 3})}}

    def run(self, count):
        return [10 * number for number in range(count)], count


class Add:
    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("INT", {"default": 0}), "b": ("INT", {"default": 0})}}

    def run(self, a, b):
        return (a + b,)


class Show:
    RETURN_TYPES = ()
    FUNCTION = "run"
    OUTPUT_NODE = True
    shown: ClassVar[list] = []

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"default": 0})}, "hidden": {"node": "UNIQUE_ID"}}

    def run(self, value, node):
        self.shown.append((value, node))
        return {"ui": {"seen": [value]}, "result": ()}


class Collect(Show):
    INPUT_IS_LIST = True


CLASSES = {"Numbers": Numbers, "Add": Add, "Show": Show, "Collect": Collect}


@pytest.fixture(autouse=True)
def nothing_shown():
    Show.shown.clear()


def run(count, b, last, cache=None):
    return execute(
        read_api_format(
            {
                "1": {"class_type": "Numbers", "inputs": {"count": count}},
                "2": {"class_type": "Numbers", "inputs": {"count": 2}},
                "3": {"class_type": "Add", "inputs": {"a": ["1", 0], "b": b}},
                "4": {"class_type": last, "inputs": {"value": ["3", 0]}},
            }
        ),
        CLASSES,
        cache,
    )


def test_a_node_runs_once_for_each_item_and_reports_are_strung_together():
    report = run(3, 1, "Show")
    assert Show.shown == [(1, "4"), (11, "4"), (21, "4")]
    assert report.ui == {"4": {"seen": [1, 11, 21]}}
    assert report.executed == ["1", "3", "4"]


def test_a_shorter_list_goes_on_with_its_last_item():
    run(4, ["2", 0], "Show")
    assert [value for value, _ in Show.shown] == [0 + 0, 10 + 10, 20 + 10, 30 + 10]


def test_an_output_that_is_no_list_is_one_value():
    run(3, ["2", 1], "Show")
    assert [value for value, _ in Show.shown] == [2, 12, 22]


def test_a_node_that_takes_lists_runs_once_with_everything_in_lists():
    report = run(3, 1, "Collect")
    assert Show.shown == [([1, 11, 21], ["4"])]
    assert report.ui == {"4": {"seen": [[1, 11, 21]]}}


def test_an_empty_list_runs_nothing_after_it():
    assert run(0, 1, "Show").ui == {}
    assert Show.shown == []
    run(0, 1, "Collect")
    assert Show.shown == [([], ["4"])]


def test_lists_come_from_the_cache_as_lists():
    cache = Cache()
    run(3, 1, "Show", cache)
    report = run(3, 1, "Collect", cache)
    assert (report.executed, report.cached) == (["4"], ["1", "3"])
    assert Show.shown[-1] == ([1, 11, 21], ["4"])


class Twice(Numbers):
    asked: ClassVar[list] = []

    def run(self, count):
        self.asked.append(count)
        return [count, count + 1], count


@pytest.mark.parametrize(("most", "calls"), [(8, 4), (7, 4), (5, 3)])
def test_lists_that_multiply_are_refused_as_soon_as_they_are_too_long(monkeypatch, most, calls):
    monkeypatch.setattr(lists, "MAX_ITEMS", most)
    Twice.asked.clear()
    graph = read_api_format(
        {
            "1": {"class_type": "Numbers", "inputs": {"count": 4}},
            "2": {"class_type": "Twice", "inputs": {"count": ["1", 0]}, "_meta": {"title": "again"}},
            "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
        }
    )
    if most == 8:
        execute(graph, CLASSES | {"Twice": Twice})
        assert [value for value, _ in Show.shown] == [0, 1, 10, 11, 20, 21, 30, 31]
    else:
        with pytest.raises(WorkflowError, match=rf'^node 2 "again" \(Twice\) gives more than {most} values') as error:
            execute(graph, CLASSES | {"Twice": Twice})
        assert error.value.values == {"node_id": "2"}
        assert Show.shown == []
    assert Twice.asked == [0, 10, 20, 30][:calls]


def test_one_list_that_is_too_long_is_refused_without_being_read_to_its_end(monkeypatch):
    class Endless(Numbers):
        def run(self, count):
            return iter(int, 1), count

    monkeypatch.setattr(lists, "MAX_ITEMS", 5)
    graph = read_api_format(
        {
            "1": {"class_type": "Endless", "inputs": {"count": 1}},
            "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
        }
    )
    with pytest.raises(WorkflowError, match=r"^node 1 \(Endless\) gives more than 5 values"):
        execute(graph, CLASSES | {"Endless": Endless})
