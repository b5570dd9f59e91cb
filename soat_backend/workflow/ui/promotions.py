"""Loading the nodes that stand for subgraphs, in the frontend's order (see ui_order).

As it loads a host that lists proxies, the frontend gives the subgraph an input for each that none of its inputs shows
yet, and links it to the widget, whatever was linked there before. All hosts of that subgraph have the input from then
on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...support.errors import WorkflowError
from ..graph import Home
from .hosts import Held, HostValues, Subgraph
from .levels import Level, Target, id_text, name_of, slots_of
from .proxies import Proxy, read_proxies, refused_values
from .scopes import title_of
from .virtual import PRIMITIVE

# Values held by hosts and inputs looked at for them, in the whole workflow.
MAX_HELD = 2_000_000


def load_hosts(hosts: HostValues, renames: Mapping[str, Mapping[str, str]]) -> None:
    """Give every host its values, those inside subgraphs first.

    Args:
        hosts: To be filled.
        renames: New ids of nodes inside subgraphs, by definition.

    Raises:
        WorkflowError: The hosts hold more values than can be looked at in bearable time.
    """
    loader = _Loader(hosts, renames)
    for subgraph in hosts.subgraphs.values():
        loader.load_level(subgraph.level)
    loader.load_level(hosts.graph)


class _Loader:
    def __init__(self, hosts: HostValues, renames: Mapping[str, Mapping[str, str]]) -> None:
        self._hosts = hosts
        self._renames = renames
        self._replaced: dict[tuple[str | None, str], int] = {}
        self._left = MAX_HELD

    def load_level(self, level: Level) -> None:
        """Load all hosts of a level; those of subgraphs that aren't loaded yet come to hold nothing."""
        found = [entry for entry in self._hosts_of(level) if self._hosts.is_loaded(entry[2])]
        for node_id, node, subgraph in found:
            self._load_saved(level, node_id, node, subgraph)
        for node_id, node, subgraph in found:
            proxies = read_proxies(node, level.node_paths[node_id], self._renames.get(str(node["type"]), {}))
            self._look_at(len(proxies))
            if proxies:
                self._promote(level, node_id, subgraph, proxies)
        self._look_at(self._hosts.mark_loaded(level))

    def _hosts_of(self, level: Level) -> Iterator[tuple[str, dict[str, Any], Subgraph]]:
        for node_id, node in level.nodes.items():
            subgraph = self._hosts.subgraph_of(node)
            if subgraph:
                yield node_id, node, subgraph

    def _look_at(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise WorkflowError(
                f"The nodes that stand for the workflow's subgraphs show more than {MAX_HELD} values; it is refused."
            )

    def _load_saved(self, level: Level, node_id: str, node: dict[str, Any], subgraph: Subgraph) -> None:
        """The host's values in the order of the subgraph's inputs."""
        inner = self._hosts.inner_values(subgraph)
        self._look_at(len(inner) + 1)
        saved, refused = node.get("widgets_values"), refused_values(node)
        fill = [held.value for held in inner.values()]
        values = {}
        for place, (index, held) in enumerate(inner.items()):
            name = subgraph.names[index]
            key = name if isinstance(saved, dict) else place
            value = refused.get(name, _saved_at(saved, key))
            # A null is what the frontend saves when it has no value.
            fill[place] = held.value if value is None else value
            values[index] = Held(fill[place], Home(level.node_paths[node_id], key, name, fill))
        self._hosts.load(level, node_id, values)

    def _promote(self, level: Level, node_id: str, subgraph: Subgraph, proxies: list[Proxy]) -> None:
        shown = self._sources(subgraph)
        plain: list[tuple[Proxy, int | None, Target | None]] = []
        primitives: dict[str, list[Proxy]] = {}
        # All are looked up before any changes the subgraph.
        for proxy in proxies:
            index = self._shown_by(subgraph, shown, proxy)
            if index is not None:
                plain.append((proxy, index, None))
            elif self._is_primitive(subgraph, proxy.node_id):
                primitives.setdefault(proxy.node_id, []).append(proxy)
            else:
                plain.append((proxy, None, self._source_of(subgraph, proxy)))
        for proxy, index, source in plain:
            if source:
                index = self._add_input(subgraph, proxy.widget, [source])
            elif proxy.node_id == "-1":
                # The subgraph's own inputs once were listed so.
                index = self._hosts.shown_index(subgraph, proxy.widget)
            self._hold(level, node_id, subgraph, index, proxy.held)
        for primitive_id, group in primitives.items():
            index = self._replace_primitive(subgraph, primitive_id, group)
            self._hold(level, node_id, subgraph, index, next((proxy.held for proxy in group if proxy.held), None))

    def _hold(self, level: Level, node_id: str, subgraph: Subgraph, index: int | None, held: Held | None) -> None:
        if held and index is not None and index in self._hosts.shown(subgraph):
            self._hosts.load(level, node_id, {index: held})

    def _shown_by(self, subgraph: Subgraph, shown: Mapping[Target, int], proxy: Proxy) -> int | None:
        for widget in (proxy.widget, proxy.unprefixed()[0]):
            if (proxy.node_id, widget) in shown:
                return shown[proxy.node_id, widget]
        return self._replaced.get((subgraph.level.definition_id, proxy.node_id))

    def _sources(self, subgraph: Subgraph) -> dict[Target, int]:
        """The widget each input stands for, as the frontend looks for it: a further subgraph's counts anyhow."""
        found: dict[Target, int] = {}
        for index, targets in enumerate(subgraph.targets):
            for target in targets:
                self._look_at(1)
                if self._hosts.subgraph_of(subgraph.level.nodes[target[0]]) or self._hosts.is_widget(subgraph, target):
                    found.setdefault(target, index)
                    break
        return found

    def _is_primitive(self, subgraph: Subgraph, node_id: str) -> bool:
        return node_id in subgraph.level.nodes and subgraph.level.nodes[node_id]["type"] == PRIMITIVE

    def _source_of(self, subgraph: Subgraph, proxy: Proxy) -> Target | None:
        """The input inside that a proxy means."""
        if proxy.node_id not in subgraph.level.nodes:
            return None
        inner = self._hosts.subgraph_of(subgraph.level.nodes[proxy.node_id])
        for widget, through in ((proxy.widget, proxy.through), proxy.unprefixed()):
            if inner is None:
                if self._hosts.is_widget(subgraph, (proxy.node_id, widget)):
                    return proxy.node_id, widget
                continue
            shown = self._hosts.shown(inner)
            self._look_at(len(shown))
            for index, source in shown.items():
                if source == (through, widget) if through else widget in (inner.names[index], source[1]):
                    return proxy.node_id, inner.names[index]
            if self._hosts.shown_index(inner, widget) is not None:
                return proxy.node_id, widget
        return None

    def _add_input(self, subgraph: Subgraph, name: str, targets: list[Target]) -> int:
        taken = set(subgraph.names)
        unique, number = name, 1
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        self._look_at(len(taken) + sum(map(len, subgraph.targets)) + number)
        index = subgraph.add_input(unique, targets)
        self._hosts.relink(subgraph)
        return index

    def _replace_primitive(self, subgraph: Subgraph, node_id: str, group: list[Proxy]) -> int | None:
        """Link all that a primitive inside feeds to a new input instead."""
        node, links = subgraph.level.nodes[node_id], subgraph.level.links
        targets = []
        for link_id in fed_links(node):
            target_id = links[link_id].target_id if link_id in links else ""
            slots = slots_of(subgraph.level.nodes.get(target_id, {}), "inputs")
            self._look_at(len(slots) + 1)
            targets += [(target_id, name_of(slot)) for slot in slots if id_text(slot.get("link")) == link_id]
        if not targets or len({proxy.widget for proxy in group}) > 1:
            return None
        title = title_of(node)
        index = self._add_input(subgraph, group[0].widget if title == PRIMITIVE else title, targets)
        self._replaced[subgraph.level.definition_id, node_id] = index
        return index


def fed_links(node: Mapping[str, Any]) -> list[str]:
    """Ids of the links a node's first output lists."""
    outputs = slots_of(node, "outputs")
    links = outputs[0].get("links") if outputs else None
    return [id_text(link) for link in links] if isinstance(links, list) else []


def _saved_at(saved: Any, key: int | str) -> Any:
    if isinstance(saved, dict):
        return saved.get(key)
    return saved[key] if isinstance(saved, list) and isinstance(key, int) and key < len(saved) else None
