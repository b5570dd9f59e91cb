"""Running a graph: every needed node once, in order, unchanged ones from the cache."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from ..support.errors import SoatError, WorkflowError
from .cache import Cache, content_key
from .graph import Graph, Link, Node
from .lists import Gathering, Listed, merged, runs_of
from .node_types import NodeCatalog, NodeType, shorten
from .text_replacements import fill_in
from .validate import validate

OnNode = Callable[[int, int, Node], None]


@dataclass
class RunReport:
    """What a run did.

    Attributes:
        executed: Ids of the nodes that ran, in order.
        cached: Ids of those whose earlier result was used.
        ui: What output nodes reported to the user interface, by node id; cached nodes report nothing anew.
        seconds: How long the run took.
    """

    executed: list[str] = field(default_factory=list)
    cached: list[str] = field(default_factory=list)
    ui: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def files(self) -> list[dict[str, str]]:
        """Files written, as ComfyUI reports them: `{"filename", "subfolder", "type"}`."""
        entries = [entry for ui in self.ui.values() for listed in ui.values() for entry in _as_list(listed)]
        return [entry for entry in entries if isinstance(entry, dict) and "filename" in entry]


def execute(
    graph: Graph,
    node_classes: Mapping[str, type],
    cache: Cache | None = None,
    on_node: OnNode | None = None,
    *,
    rerun_outputs: bool = False,
) -> RunReport:
    """Check a workflow, then run what its output nodes need.

    Args:
        graph: The workflow.
        node_classes: Node classes by class type, of ComfyUI's class API.
        cache: Results of earlier runs; what this run doesn't need any more is dropped from it first. Without one,
            each result is released as soon as the last node that needs it has run.
        on_node: Called with (index, count, node) before each node.
        rerun_outputs: Whether output nodes run although nothing changed for them, so that each run has all its files.

    Raises:
        WorkflowError: The workflow isn't valid, or a node failed; it names the node and, chained, the cause.
    """
    started = time.monotonic()
    catalog = node_classes if isinstance(node_classes, NodeCatalog) else NodeCatalog(node_classes)
    given = graph
    graph, order = validate(fill_in(given), catalog)
    keys: dict[str, str] = {}
    for node_id in order:
        node = graph.nodes[node_id]
        keys[node_id] = content_key(node, catalog[node.class_type], keys)
    if cache is not None:
        cache.keep_only(keys.values())
    # As in ComfyUI pictures carry the filled-in prompt beside the workflow; alone, it must keep the patterns.
    run = _Run(graph, catalog, order, (given if given.workflow is None else graph).to_prompt())
    for index, node_id in enumerate(order):
        node = graph.nodes[node_id]
        if on_node:
            on_node(index, len(order), node)
        again = rerun_outputs and getattr(catalog[node.class_type].cls, "OUTPUT_NODE", False)
        if cache is not None and keys[node_id] in cache and not again:
            run.reuse(node, cache.get(keys[node_id]))
            continue
        result = run.execute(node)
        if cache is not None:
            cache.put(keys[node_id], result)
    run.report.seconds = time.monotonic() - started
    return run.report


class _Run:
    """Results so far, each dropped when no later node needs it."""

    def __init__(self, graph: Graph, catalog: NodeCatalog, order: list[str], prompt: dict[str, Any]) -> None:
        self.graph = graph
        self.catalog = catalog
        self.prompt = prompt
        self.results: dict[str, tuple[Any, ...]] = {}
        self.report = RunReport()
        self.waiting = Counter(link.node_id for node_id in order for link in graph.nodes[node_id].links().values())

    def reuse(self, node: Node, result: tuple[Any, ...]) -> None:
        self.report.cached.append(node.id)
        self._finish(node, result)

    def execute(self, node: Node) -> tuple[Any, ...]:
        node_type = self.catalog[node.class_type]
        arguments = self._arguments(node, node_type)
        takes_lists = getattr(node_type.cls, "INPUT_IS_LIST", False) is True
        mapped = not takes_lists and any(isinstance(value, Listed) for value in arguments.values())
        gives_lists = getattr(node_type.cls, "OUTPUT_IS_LIST", ())
        gathering = Gathering(node, len(node_type.return_types), gives_lists, mapped)
        reports = []
        for each in runs_of(arguments, takes_lists):
            outputs, report = self._unpack(node, node_type, self._call(node, node_type, each))
            gathering.add(outputs)
            reports.append(report)
        if any(report is not None for report in reports):
            self.report.ui[node.id] = merged([report for report in reports if report is not None])
        result = gathering.result()
        self.report.executed.append(node.id)
        self._finish(node, result)
        return result

    def _call(self, node: Node, node_type: NodeType, arguments: dict[str, Any]) -> Any:
        try:
            with torch.inference_mode():
                return getattr(node_type.cls(), node_type.cls.FUNCTION)(**arguments)  # type: ignore[attr-defined]
        except MemoryError as error:
            raise self._out_of_memory(node) from error
        except OSError as error:
            raise WorkflowError(
                f"{node.describe()} could not read or write a file: {error}. Check the folder's rights and the disk.",
                node_id=node.id,
            ) from error
        except SoatError as error:
            raise WorkflowError(f"{node.describe()} failed: {error}", node_id=node.id) from error
        except Exception as error:
            if _is_out_of_memory(error):
                raise self._out_of_memory(node) from error
            raise WorkflowError(
                f"{node.describe()} failed unexpectedly: {type(error).__name__}: {error}. This looks like a fault in "
                "the node; run again with --debug for the traceback.",
                node_id=node.id,
            ) from error

    @staticmethod
    def _out_of_memory(node: Node) -> WorkflowError:
        return WorkflowError(
            f"{node.describe()} ran out of memory. Use a smaller batch, canvas or tile_size.", node_id=node.id
        )

    def _arguments(self, node: Node, node_type: NodeType) -> dict[str, Any]:
        arguments = {
            name: self.results[value.node_id][value.slot] if isinstance(value, Link) else value
            for name, value in node.inputs.items()
        }
        pnginfo = None if self.graph.workflow is None else {"workflow": self.graph.workflow}
        hidden = {"PROMPT": self.prompt, "EXTRA_PNGINFO": pnginfo, "UNIQUE_ID": node.id}
        return arguments | {name: hidden.get(kind) for name, kind in node_type.hidden.items()}

    def _unpack(self, node: Node, node_type: NodeType, returned: Any) -> tuple[tuple[Any, ...], dict[str, Any] | None]:
        """The outputs of a call, and what it tells the user interface."""
        report = None
        if isinstance(returned, dict):
            if isinstance(returned.get("ui"), dict):
                report = returned["ui"]
            returned = returned.get("result", ())
        result = () if returned is None else returned
        if not isinstance(result, (tuple, list)) or len(result) < len(node_type.return_types):
            raise WorkflowError(
                f"{node.describe()} returned {shorten(type(result).__name__)} where a tuple of "
                f"{len(node_type.return_types)} outputs was expected. This is a fault in the node.",
                node_id=node.id,
            )
        return tuple(result), report

    def _finish(self, node: Node, result: tuple[Any, ...]) -> None:
        if self.waiting[node.id]:
            self.results[node.id] = result
        for link in node.links().values():
            self.waiting[link.node_id] -= 1
            if not self.waiting[link.node_id]:
                self.results.pop(link.node_id, None)


def _is_out_of_memory(error: Exception) -> bool:
    """Whether torch could not allocate: CUDA has a class for it, the CPU and MPS only a message."""
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
