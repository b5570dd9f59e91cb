"""Lists on wires, as ComfyUI has them: a node that is given a list runs once for each of its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


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


def gathered(
    results: list[tuple[Any, ...]], outputs: int, gives_lists: Sequence[bool], mapped: bool
) -> tuple[Any, ...]:
    """The outputs of all calls as one result.

    Args:
        results: A tuple of outputs from each call.
        outputs: How many outputs a call gives.
        gives_lists: Which outputs are lists (OUTPUT_IS_LIST); their items are strung together.
        mapped: Whether the node ran for each item of a list.
    """
    gathered_outputs: list[Any] = []
    for slot in range(outputs):
        values = [result[slot] for result in results]
        if slot < len(gives_lists) and gives_lists[slot]:
            gathered_outputs.append(Listed(item for value in values for item in value))
        else:
            gathered_outputs.append(Listed(values) if mapped else values[0])
    return tuple(gathered_outputs)


def merged(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """What all calls told the user interface, list by list."""
    if len(reports) == 1:
        return reports[0]
    names = dict.fromkeys(name for report in reports for name in report)
    return {name: [item for report in reports for item in report.get(name, ())] for name in names}
