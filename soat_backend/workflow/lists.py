"""Lists on wires, as ComfyUI has them: a node that is given a list runs once for each of its items."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from ..support.errors import WorkflowError
from .graph import Node

# Nodes that turn each item of a list into a list multiply; the longest animation has 4096 values.
MAX_ITEMS = 100_000


class Listed(tuple[Any, ...]):
    """The items of an output that is a list, as opposed to one value that happens to be a sequence."""

    __slots__ = ()


def runs_of(arguments: dict[str, Any], takes_lists: bool) -> list[dict[str, Any]]:
    """What a node is called with, once or for each item.

    Args:
        arguments: By input name; values that are `Listed` have several items.
        takes_lists: Whether the node is given all items at once (INPUT_IS_LIST): then every value is a list.

    Returns:
        Arguments of each call. Lists of different lengths run side by side, the shorter ones with their last item
        repeated; if one is empty there is nothing to run.
    """
    if takes_lists:
        return [{name: list(value) if isinstance(value, Listed) else [value] for name, value in arguments.items()}]
    lengths = [len(value) for value in arguments.values() if isinstance(value, Listed)]
    if not lengths:
        return [arguments]
    count = max(lengths) if min(lengths) else 0
    return [{name: _item(value, index) for name, value in arguments.items()} for index in range(count)]


def _item(value: Any, index: int) -> Any:
    return value[min(index, len(value) - 1)] if isinstance(value, Listed) else value


class Gathering:
    """The outputs of a node's calls, put together into one result call by call.

    Args:
        node: The node, for messages.
        outputs: How many outputs a call gives.
        gives_lists: Which outputs are lists (OUTPUT_IS_LIST); their items are strung together.
        mapped: Whether the node runs for each item of a list.
    """

    def __init__(self, node: Node, outputs: int, gives_lists: Sequence[bool], mapped: bool) -> None:
        self._node = node
        self._gives_list = [slot < len(gives_lists) and bool(gives_lists[slot]) for slot in range(outputs)]
        self._mapped = mapped
        self._gathered: list[list[Any]] = [[] for _ in range(outputs)]

    def add(self, result: tuple[Any, ...]) -> None:
        """Take the outputs of one call.

        Raises:
            WorkflowError: A list has become longer than MAX_ITEMS.
        """
        for gives_list, items, value in zip(self._gives_list, self._gathered, result, strict=False):
            items.extend(islice(value, MAX_ITEMS + 1 - len(items)) if gives_list else [value])
            if len(items) > MAX_ITEMS:
                raise WorkflowError(
                    f"{self._node.describe()} gives more than {MAX_ITEMS} values, the most a list may have: a node "
                    "that is given a list runs for each of its items, and one that makes lists then makes one each "
                    "time. Link a single value to it, or ask for fewer.",
                    node_id=self._node.id,
                )

    def result(self) -> tuple[Any, ...]:
        """The outputs of all calls as one."""
        return tuple(
            Listed(items) if gives_list or self._mapped else items[0]
            for gives_list, items in zip(self._gives_list, self._gathered, strict=True)
        )


def merged(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """What all calls told the user interface, list by list."""
    if len(reports) == 1:
        return reports[0]
    names = dict.fromkeys(name for report in reports for name in report)
    return {name: [item for report in reports for item in report.get(name, ())] for name in names}
